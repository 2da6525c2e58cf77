"""Lots that must not be sold any more: on hold, called back, or past their day; and those that may be again.

What of them was picked for orders is taken out of trays and boxes in the same transaction, and other goods are fetched
for it; what nobody has is taken off the orders, whose buyers are told (`shortage.give_up`).
"""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from storekeep.flows import dispatch, shortage
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import locations, lot_status, lots
from storekeep.shop.inventory.lot_status import Withdrawn
from storekeep.shop.inventory.model import Displaced
from storekeep.shop.inventory.tables import reservation

#: Lots that one run of the chore takes off sale.
AT_ONCE = 100


def quarantine_lot(tx: Tx, lot_id: str, reason: str, command_id: str) -> None:
    """Put a lot on hold; one that is on hold already stays so. Raises `Conflict` when it is gone for good."""
    _withhold(tx, [lot_id], lot_status.quarantine, reason, "is on hold", command_id)


def recall_lot(tx: Tx, lot_id: str, reason: str, command_id: str) -> None:
    """Call a lot back for good. Who got units of it is told by `reports.console_lots.orders_of`. Safe to repeat."""
    _withhold(tx, [lot_id], lambda tx, ids, why: lot_status.recall(tx, ids[0], why), reason, "was recalled", command_id)


def release_lot(tx: Tx, lot_id: str, reason: str) -> None:
    """Sell a lot again that was on hold. Raises `Conflict` when it is not, or has too few days left."""
    lot_status.release(tx, lot_id, reason)


def expire_due(tx: Tx) -> int:
    """The chore: after midnight of a warehouse, take off sale what its new day does not allow. Returns how many lots.

    A lot has one status in the whole shop, so the first warehouse to pass midnight decides.
    """
    days = lots.today(tx, locations.warehouse_ids(tx)).values()
    return expire_lots(tx, max(days)) if days else 0


def expire_lots(tx: Tx, on: str) -> int:
    """Lots whose last day is before `on` expire, and good ones with too few days left are put on hold; how many."""
    due = lot_status.due(tx, on, AT_ONCE)
    if due.expired:
        _withhold(tx, due.expired, lot_status.expire, f"its last day was before {on}", "expired", f"expired:{on}")
    by_days: dict[int, list[str]] = {}
    for lot_id, days in due.short:
        by_days.setdefault(days, []).append(lot_id)
    for days, some in sorted(by_days.items()):
        why = f"fewer than {days} days were left on {on}"
        _withhold(tx, some, lot_status.quarantine, why, "has too few days left", f"short:{on}:{days}")
    return len(due.expired) + len(due.short)


_Verb = Callable[[Tx, Sequence[str], str], tuple[Displaced, ...]]


def _withhold(tx: Tx, lot_ids: Sequence[str], verb: _Verb, reason: str, happened: str, command_id: str) -> None:
    """Change the status, take picked units back out of trays and boxes, and give up what nobody has."""
    # Who has units in a tray is locked first, as everywhere: orders, work, stock.
    dispatch.lock_work(tx, _work_with(tx, lot_ids))
    displaced = list(verb(tx, lot_ids, reason))
    named = lots.load(tx, lot_ids)
    whys = {each: f"lot {one.code} {happened}" for each, one in named.items()}
    taken, lost = lot_status.withdraw(tx, whys, command_id)
    _reopen(tx, taken, whys)
    displaced += lost
    if displaced:
        codes = ", ".join(sorted(one.code for one in named.values()))
        shortage.give_up(tx, displaced, f"lot {codes[:80]} {happened}", f"lots:{min(lot_ids)}:{command_id}")
    else:
        batches.follow(tx)


def _work_with(tx: Tx, lot_ids: Sequence[str]) -> list[str]:
    """The fulfillments that have picked units of these lots."""
    r, line, f = reservation.c, fulfillment_line.c, fulfillment.c
    query = (
        select(f.id)
        .join_from(reservation, fulfillment_line, line.id == r.fulfillment_line_id)
        .join(fulfillment, f.id == line.fulfillment_id)
        .where(r.lot_id.in_(lot_ids), r.status == "picked")
        .distinct()
        .order_by(f.id)
    )
    return [row.id for row in tx.rows(query)]


def _reopen(tx: Tx, taken: Sequence[Withdrawn], whys: Mapping[str, str]) -> None:
    """The counters of the lines that lost picked units, and their work, which is picking again.

    Work that lost units of several lots is told the first of them.
    """
    if not taken:
        return
    units: dict[str, int] = {}
    lot_of: dict[str, str] = {}
    for one in taken:
        units[one.fulfillment_line_id] = units.get(one.fulfillment_line_id, 0) + one.qty
        lot_of.setdefault(one.fulfillment_line_id, one.lot_id)
    line = fulfillment_line.c
    rows = tx.rows(select(line.id, line.fulfillment_id, line.picked, line.packed).where(line.id.in_(sorted(units))))
    unpacked = {row.id: min(0, row.picked - units[row.id] - row.packed) for row in rows}
    fulfillments.count(tx, "packed", unpacked)
    fulfillments.count(tx, "picked", {line_id: -qty for line_id, qty in units.items()})
    reason: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: lot_of[row.id]):
        reason.setdefault(row.fulfillment_id, whys[lot_of[row.id]])
    work = sorted(fulfillments.lock(tx, reason).items())
    dispatch.reopen(tx, {each: reason[each] for each, row in work if row.status == "packed"})
    fulfillments.advance(tx, [each for each, row in work if row.status == "picked"], "picking")
