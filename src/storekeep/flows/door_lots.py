"""Lots at the door: what stands on goods that are told apart by lot is written down before they are booked in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from storekeep.flows import once
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.shop.catalog.lookups import resolve_codes, variants_by_ids
from storekeep.shop.fulfillment import gs1
from storekeep.shop.inventory import lots
from storekeep.shop.purchasing import receiving
from storekeep.shop.purchasing.model import Counted

#: A lot as it stands on the boxes: its code, and the last day it may be sold where one is printed.
Printed = tuple[str | None, str | None]


def read(tx: Tx, code: str) -> tuple[Any, Printed]:
    """The variant that bears this code (None: nobody knows it), and the lot where the code tells it and it matters."""
    facts = resolve_codes(tx, [code]).get(code)
    if facts is not None or (said := gs1.parse(code)) is None:
        return facts, (None, None)
    known = resolve_codes(tx, list(said.barcodes))
    facts = next((known[each] for each in said.barcodes if each in known), None)
    if facts is None or not lots.tracked(tx, [facts.variant_id]):
        return facts, (None, None)
    return facts, (said.lot or None, said.expires_on if said.lot else None)


def cleaned(tx: Tx, counts: Sequence[Counted]) -> list[Counted]:
    """Counts with their lots in the one form of lots. `Invalid` for a lot of goods that have none, or an expiry alone.

    A lot may be missing still: a count is never held up by a label (see `require`).
    """
    tracked = lots.tracked(tx, {each.variant_id for each in counts if each.variant_id and _says_lot(each)})
    return [_clean(each, tracked, f"counts[{n}].") if _says_lot(each) else each for n, each in enumerate(counts)]


def _says_lot(each: Counted) -> bool:
    return bool(each.lot_code or each.expires_on)


def _clean(each: Counted, tracked: set[str], path: str) -> Counted:
    if each.variant_id not in tracked:
        raise Invalid(f"{path}lot_code", "this thing is not told apart by lot; count it without one")
    if not each.lot_code:
        raise Invalid(f"{path}lot_code", "say the lot as well as its expiry")
    day = lots.clean_day(each.expires_on, f"{path}expires_on") if each.expires_on else None
    return replace(each, lot_code=lots.clean_code(each.lot_code, f"{path}lot_code"), expires_on=day)


def name_lots(tx: Tx, receipt_id: str, told: Mapping[str, Printed], command_id: str) -> None:
    """Say which lot the goods of some lines are, line -> (code, expiry), until they are booked in. Idempotent."""
    row = receiving.load(tx, receipt_id, lock=True)
    asked = [receipt_id, sorted([line_id, *printed] for line_id, printed in told.items())]
    if once.answer(tx, "receipt.lots", command_id, asked) is not None:
        return
    if row.status not in ("open", "counted"):
        receiving.require(row, "counted")
    lines = {line.id: line for line in receiving.lines_of(tx, receipt_id)}
    if not told.keys() <= lines.keys():
        raise Conflict("A line is not there any more. Load the page again.")
    wanted = [Counted(lines[one].variant_id, lines[one].counted, lot_code=code, expires_on=day)
              for one, (code, day) in told.items()]  # fmt: skip
    named = dict(zip(told, cleaned(tx, wanted), strict=True))
    for line_id, each in named.items():
        if each.lot_code:
            receiving.name_lot(tx, line_id, each.lot_code, each.expires_on)
    before = {"lots": {one: lines[one].lot_code for one in named}}
    after = {"lots": {one: each.lot_code for one, each in named.items()}}
    audit.record(tx, [audit.Entry("receipt.lots_named", "receipt", receipt_id, before, after)])
    once.remember(tx, "receipt.lots", command_id, asked, True)


def require(tx: Tx, lines: Sequence[Any]) -> None:
    """`Refused` with a sentence for each line of goods that are told apart by lot and have none."""
    tracked = lots.tracked(tx, {line.variant_id for line in lines})
    missing = [line for line in lines if line.variant_id in tracked and not line.lot_code]
    if missing:
        facts = variants_by_ids(tx, [line.variant_id for line in missing])
        raise Refused([
            Problem("lot", f"{facts[line.variant_id].sku} is told apart by lot; say which lot these {line.counted} are",
                    path="lots")
            for line in missing
        ])  # fmt: skip
