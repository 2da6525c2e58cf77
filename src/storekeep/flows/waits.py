"""Orders that cannot be begun yet: goods of theirs are still to come, or they are not to be sent before a day.

Such an order waits as a whole and leaves in one parcel from each warehouse, so that its money, which is captured when
it is packed, is never taken for goods that nobody has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select

from storekeep.kernel import prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import start_of_day
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import ahead
from storekeep.shop.inventory.model import Firmed
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders.tables import order_line, order_wait, sales_order
from storekeep.shop.shipping.promise import promise

_R, _W, _L = reservation.c, order_wait.c, order_line.c
_OPEN = select(_W.order_id).where(among(_W.order_id, listed("orders")), _W.ended_at.is_(None))
_SHORT = select(_R.order_id).where(among(_R.order_id, listed("orders")), _R.status == "waiting").distinct()
_LINES = select(_L.order_id, _L.variant_id).where(
    among(_L.order_id, listed("orders")), _L.ordered > _L.canceled + _L.fulfilled
)


def ready_days(tx: Tx, wanted: Mapping[str, tuple[Firmed, Collection[str]]]) -> dict[str, str]:
    """Order -> the day on which all of it is ready to send, of those that must wait.

    `wanted` has what was reserved for each order and its variants; nothing is written.
    """
    late = ahead.held_back(tx, {variant_id for _, variants in wanted.values() for variant_id in variants})
    found = {}
    for order_id, (firmed, variants) in wanted.items():
        days = [*(each.ready_on for each in firmed.waiting), *(late[each] for each in variants if each in late)]
        if days:
            found[order_id] = max(days)
    return found


def arrives_on(ready_on: str, house: Any, handling_days: int, transit_days: int) -> str:
    """The day on which a parcel arrives at the latest whose goods are ready on the morning of `ready_on`."""
    begins = start_of_day(ready_on, house.timezone)
    return promise(begins, house.cutoff_hour, house.timezone, handling_days, transit_days)


def begin(tx: Tx, ready: Mapping[str, str]) -> None:
    """These orders wait from now on, each until the day it was told. One that waited before waits again."""
    if not ready:
        return
    known = {row.order_id for row in tx.rows(prepared.rows_of(order_wait, "order_id", "order_id", order=()),
                                             {"wanted": list(ready)})}  # fmt: skip
    fresh = {"first_ready_on": "", "since": tx.now, "ended_at": None, "outcome": None}
    tx.insert_many(
        order_wait,
        [
            {**fresh, "order_id": order_id, "ready_on": day, "first_ready_on": day}
            for order_id, day in ready.items()
            if order_id not in known
        ],
    )
    again = prepared.change_of(order_wait, "ready_on", "ended_at", "outcome", by="order_id")
    rows = [
        {"of_order_id": order_id, "to_ready_on": ready[order_id], "to_ended_at": None, "to_outcome": None}
        for order_id in sorted(known)
    ]
    if rows:
        tx.conn.execute(again, rows)


def waiting(tx: Tx, order_ids: Iterable[str]) -> set[str]:
    """Those of these orders that wait."""
    return {row.order_id for row in tx.rows(_OPEN, {"orders": sorted(set(order_ids))})}


def days(tx: Tx, order_ids: Iterable[str]) -> dict[str, str]:
    """Order -> the day on which it is expected to be ready, of those of these orders that wait."""
    query = select(_W.order_id, _W.ready_on).where(among(_W.order_id, sorted(set(order_ids))), _W.ended_at.is_(None))
    return {row.order_id: row.ready_on for row in tx.rows(query)}


def let_go(tx: Tx, order_ids: Sequence[str]) -> list[str]:
    """Those of these orders that may be begun; the waiting of one whose goods have all come ends here."""
    waits = waiting(tx, order_ids)
    if not waits:
        return list(order_ids)
    asked = {"orders": sorted(waits)}
    held = {row.order_id for row in tx.rows(_SHORT, asked)}
    lines = [(row.order_id, row.variant_id) for row in tx.rows(_LINES, asked)]
    late = ahead.held_back(tx, {variant_id for _, variant_id in lines})
    held |= {order_id for order_id, variant_id in lines if variant_id in late}
    end(tx, sorted(waits - held), "started")
    return [order_id for order_id in order_ids if order_id not in held]


def end(tx: Tx, order_ids: Sequence[str], outcome: str) -> None:
    """The waiting of these orders is over: they are `started`, or `dropped` because they ended. Others are left."""
    gone = sorted(waiting(tx, order_ids))
    if gone:
        change = prepared.change_all(order_wait, "ended_at", "outcome", by="order_id")
        tx.run(change, {"wanted": gone, "to_ended_at": tx.now, "to_outcome": outcome})


def due(tx: Tx, limit: int) -> list[str]:
    """Confirmed orders that wait for no goods any more, the earliest day first."""
    short = exists().where(_R.order_id == _W.order_id, _R.status == "waiting")
    o = sales_order.c
    query = (
        select(_W.order_id)
        .join_from(order_wait, sales_order, o.id == _W.order_id)
        .where(_W.ended_at.is_(None), o.status == "open", ~short)
        .order_by(_W.ready_on, _W.order_id)
        .limit(limit)
    )
    return [row.order_id for row in tx.rows(query)]
