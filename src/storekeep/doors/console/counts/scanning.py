"""What a scan at a bin that is counted says: which item, and which of its lots where it is told apart by lot.

A GS1 code says both at once; else the item is scanned first and its lot after. A lot's own code is enough when only one
line waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.doors.console.frame import sentence
from storekeep.flows import door_lots
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog.lookups import resolve_codes
from storekeep.shop.inventory import lots
from storekeep.shop.inventory.errors import UnknownLot
from storekeep.shop.reports import console_counts


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the address says was scanned so far, as it was typed: a bin, an item, the lot of it; or a line by its id."""

    at: str = ""
    code: str = ""
    lot: str = ""
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Goods that were scanned. `lot_code` is empty for goods without lots, and while their lot is not scanned yet.

    `is_known`: whether anybody has booked in that lot; `keeps_days`: how long such goods keep, so that they need an
    expiry (None: they may be without).
    """

    variant_id: str
    sku: str
    title: str
    lot_code: str = ""
    expires_on: str | None = None
    is_known: bool = True
    keeps_days: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Where the hand is. `here`: the bin was scanned; `line`: what is counted now; `said` answers the last scan.

    `asks_lot`: the item whose lot is to be scanned; `stranger`: what the books do not have here.
    """

    here: bool
    line: Any | None = None
    said: tuple[str, str] | None = None
    asks_lot: Item | None = None
    stranger: Item | None = None


def step(tx: Tx, scanned: Scanned, task: Any, lines: Sequence[Any], mine: Sequence[Any]) -> Step:
    """The step that the scans so far lead to; `mine` are those of the task's `lines` that this person may count."""
    at = scanned.at.strip().upper()
    if not at:
        return Step(False)
    if at != task.code:
        return Step(False, said=("bad", f"That is {at}. Go to {task.code} and scan it."))
    chosen = next((row for row in mine if row.id == scanned.line_id), None)
    if chosen is not None or not scanned.code:
        return Step(True, chosen)
    facts, printed = door_lots.read(tx, scanned.code)
    if facts is None:
        return _own_code(scanned.code, mine)
    item = Item(facts.variant_id, facts.sku, facts.full_title)
    if not lots.tracked(tx, [item.variant_id]):
        return _found(item, lines, mine)
    return _with_lot(tx, item, scanned.lot or printed[0] or "", printed[1], lines, mine)


def _own_code(code: str, mine: Sequence[Any]) -> Step:
    """No item has this code; a lot that waits to be counted here may."""
    waiting = [row for row in mine if row.lot_code == code.strip().upper()]
    if len(waiting) == 1:
        return Step(True, waiting[0])
    if waiting:
        return Step(True, said=("bad", f"Several items here have a lot {waiting[0].lot_code}. Scan the item first."))
    return Step(True, said=("bad", f"Nothing has the code {code}. Look at the label and scan it again."))


def _with_lot(
    tx: Tx, item: Item, typed: str, expires_on: str | None, lines: Sequence[Any], mine: Sequence[Any]
) -> Step:
    """An item that is told apart by lot: its lot may have to be scanned yet, or be one that nobody has booked in."""
    if not typed:
        return Step(True, asks_lot=item)
    if item.variant_id in {facts.variant_id for facts in resolve_codes(tx, [typed]).values()}:
        return Step(True, asks_lot=item, said=("bad", "That is the item once more. Scan or type its lot."))
    try:
        code = lots.clean_code(typed)
    except Invalid as odd:
        return Step(True, asks_lot=item, said=("bad", sentence(str(odd))))
    try:
        known = lots.by_code(tx, item.variant_id, code)
    except UnknownLot:
        keeps = console_counts.keeps_days(tx, item.variant_id)
        return Step(True, stranger=Item(item.variant_id, item.sku, item.title, code, expires_on, False, keeps))
    return _found(Item(item.variant_id, item.sku, item.title, code, known.expires_on), lines, mine)


def _found(item: Item, lines: Sequence[Any], mine: Sequence[Any]) -> Step:
    def is_it(row: Any) -> bool:
        return (row.variant_id, row.lot_code or "") == (item.variant_id, item.lot_code)

    chosen = next((row for row in mine if is_it(row)), None)
    if chosen is not None:
        return Step(True, chosen)
    if any(is_it(row) for row in lines):
        what = f"Lot {item.lot_code} of {item.sku}" if item.lot_code else item.sku
        return Step(True, said=("info", f"{what} is counted already."))
    return Step(True, stranger=item)
