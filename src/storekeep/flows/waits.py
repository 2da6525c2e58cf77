"""Orders that cannot be begun yet: goods of theirs are still to come, or they are not to be sent before a day.

Such an order waits as a whole and leaves in one parcel from each warehouse. Its money is captured when it is packed;
only where it waits longer than the bank keeps the money set aside, it is taken before (`confirm.take_before_lapse`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, exists, select

from storekeep.kernel import prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import Instant, day_of, start_of_day
from storekeep.kernel.db import Tx
from storekeep.kernel.tables import outbox
from storekeep.shop.inventory import ahead
from storekeep.shop.inventory.model import Firmed
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders.tables import order_line, order_wait, sales_order
from storekeep.shop.payments.tables import payment
from storekeep.shop.purchasing import queries as purchasing
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


def lapsing(tx: Tx, before: Instant, limit: int) -> Sequence[Any]:
    """Orders that wait, whose money was set aside before this instant and not asked for yet: id and what is due."""
    o, p = sales_order.c, payment.c
    left = o.owed_minor - o.received_minor + o.given_back_minor
    asked = exists().where(outbox.c.subject_id == o.id, outbox.c.kind == "payment.capture")
    due = case((left < o.authorized_minor, left), else_=o.authorized_minor)
    query = (
        select(o.id, due.label("due"))
        .join_from(order_wait, sales_order, o.id == _W.order_id)
        .where(_W.ended_at.is_(None), o.status == "open", o.authorized_minor > 0, left > 0, ~asked)
        .where(exists().where(p.order_id == o.id, p.authorized_minor > 0, p.created_at < before))
        .order_by(o.id)
        .limit(limit)
    )
    return tx.rows(query)


def slip(tx: Tx, limit: int) -> dict[str, str]:
    """Move the days of confirmed orders whose goods were to be here before today and are not; order -> its new day.

    The new day is that of the next delivery of what is missing, else as many days from now as the variant takes. Whose
    turn it is does not change: that goes by the first promise.
    """
    o = sales_order.c
    today = day_of(tx.now, warehouses(tx)[0].timezone)
    query = (
        select(_W.order_id, _R.variant_id, _W.ready_on, o.promised_on)
        .join_from(order_wait, sales_order, o.id == _W.order_id)
        .join(reservation, _R.order_id == _W.order_id)
        .where(_W.ended_at.is_(None), o.status == "open", _R.status == "waiting", _W.ready_on < today)
        .order_by(_W.ready_on, _W.order_id, _R.variant_id)
        .limit(limit)
    )
    rows = tx.rows(query)
    if not rows:
        return {}
    expected = _expected(tx, {row.variant_id for row in rows}, today)
    moved: dict[str, str] = {}
    for row in rows:
        moved[row.order_id] = max(moved.get(row.order_id, ""), expected[row.variant_id])
    change = prepared.change_of(order_wait, "ready_on", by="order_id")
    tx.conn.execute(change, [{"of_order_id": each, "to_ready_on": day} for each, day in moved.items()])
    arrives = {row.order_id: _moved(row.promised_on, row.ready_on, moved[row.order_id]) for row in rows}
    change = prepared.change_of(sales_order, "promised_on")
    tx.conn.execute(change, [{"of_id": each, "to_promised_on": day} for each, day in arrives.items()])
    return moved


def _moved(promised_on: str | None, before: str, after: str) -> str | None:
    """The arrival as many days later as the goods are."""
    if promised_on is None:
        return None
    late = date.fromisoformat(after) - date.fromisoformat(before)
    return (date.fromisoformat(promised_on) + late).isoformat()


def _expected(tx: Tx, variant_ids: Collection[str], today: str) -> dict[str, str]:
    """The day on which each variant is expected: of its next delivery on order, else by its policy."""
    coming: dict[str, str] = {}
    for (variant_id, _), each in purchasing.on_order(tx, sorted(variant_ids)).items():
        if each.next_on is not None and each.next_on > today:
            coming[variant_id] = min(each.next_on, coming.get(variant_id, each.next_on))
    policies = ahead.policies(tx, variant_ids)
    tomorrow = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    return {each: coming.get(each) or max(tomorrow, policies[each].ready_on(tx.now)) for each in variant_ids}
