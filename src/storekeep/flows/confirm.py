"""An order is paid for, or nothing is to pay: it becomes real, and the warehouse gets its work."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import telling, waits
from storekeep.flows.services import Services
from storekeep.kernel import prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Tx
from storekeep.kernel.queue import Done, Job, Outcome
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders import store, tables, timeline
from storekeep.shop.orders.status import meets_placing_condition
from storekeep.shop.payments import attempts


def confirm_if_paid(tx: Tx, order_id: str) -> bool:
    """Confirm an order whose money has come or is set aside, unless that happened before. True when it did now.

    Refreshes the order's caches first, so call it after the payment was folded.
    """
    store.refresh(tx, [order_id])
    return bool(confirm_paid(tx, store.lock(tx, [order_id])))


def confirm_paid(tx: Tx, orders: Mapping[str, Any]) -> list[str]:
    """Confirm those of these orders that wait for money which has come; returns their ids.

    `orders` are the locked rows by id, as they are after the last refresh.
    """
    paid = {
        order_id: order
        for order_id, order in orders.items()
        if order.status == "pending_payment"
        and meets_placing_condition(
            order.owed_minor, order.received_minor, order.given_back_minor, order.authorized_minor
        )
    }
    if paid:
        _confirm(tx, paid)
    return list(paid)


def confirm(tx: Tx, order_ids: Sequence[str]) -> None:
    """Make orders real: their firm goods become fulfillments, one per warehouse, and the buyer is told."""
    _confirm(tx, store.lock(tx, order_ids))


def _confirm(tx: Tx, orders: Mapping[str, Any]) -> None:
    confirmed = prepared.change_all(tables.sales_order, "confirmed_at", "expires_at")
    tx.run(confirmed, {"wanted": list(orders), "to_confirmed_at": tx.now, "to_expires_at": None})
    going = set(waits.let_go(tx, list(orders)))
    fulfillments.create(tx, _work(tx, {order_id: order for order_id, order in orders.items() if order_id in going}))
    timeline.record(
        tx,
        [
            timeline.Happening(order_id, "order.confirmed", _CONFIRMED if order_id in going else _CONFIRMED_WAITING)
            for order_id in orders
        ],
    )
    store.refresh(tx, list(orders))
    attempts.request_close(tx, list(orders), "it is paid")
    waiting = {order_id: {"ready_on": day} for order_id, day in waits.days(tx, orders).items()}
    about = [(order, f"confirmation:{order.id}") for order in orders.values()]
    telling.mail_orders(tx, "order_confirmation", about, waiting)


_CONFIRMED = "Payment is settled; the warehouse can start"
_CONFIRMED_WAITING = "Payment is settled; the warehouse starts when all goods are here"


def resume(tx: Tx, order_ids: Sequence[str]) -> list[str]:
    """Begin those of these confirmed orders that have waited and whose goods are all here; returns them.

    Calling it again begins nothing twice. An order that has ended meanwhile stops waiting.
    """
    waiting = waits.waiting(tx, order_ids)
    if not waiting:
        return []
    orders = store.lock(tx, sorted(waiting))
    waits.end(tx, [order_id for order_id, order in orders.items() if order.status in _ENDED], "dropped")
    going = waits.let_go(tx, [order_id for order_id, order in orders.items() if order.status == "open"])
    going = [order_id for order_id in going if order_id in waiting]
    fulfillments.create(tx, _work(tx, {order_id: orders[order_id] for order_id in going}))
    text = "All goods are here; the warehouse can start"
    timeline.record(tx, [timeline.Happening(order_id, "order.goods_came", text) for order_id in going])
    return going


_ENDED = frozenset({"canceled", "expired", "completed"})


def tell_delays(tx: Tx, limit: int = 50) -> int:
    """Tell the buyers whose goods were to be here before today when they are expected now; returns how many."""
    moved = waits.slip(tx, limit)
    orders = store.lock(tx, list(moved)) if moved else {}
    facts = {order_id: {"ready_on": day} for order_id, day in moved.items()}
    text = "Its goods are late; expected {} now"
    timeline.record(
        tx, [timeline.Happening(each, "order.delayed", text.format(day)) for each, day in moved.items()]
    )
    about = [(order, f"delayed:{order.id}:{moved[order.id]}") for order in orders.values()]
    telling.mail_orders(tx, "order_delayed", about, facts)
    return len(moved)


#: Money that was set aside so long ago is taken now, for soon the bank lets it go.
HELD_FOR = 5 * DAY


def take_before_lapse(tx: Tx, limit: int = 100) -> int:
    """Take the money of orders that wait longer than a bank keeps it set aside; returns of how many.

    Everybody else's is taken when the parcel is packed. Whoever cancels while waiting gets it back.
    """
    due = {row.id: row.due for row in waits.lapsing(tx, tx.now - HELD_FOR, limit)}
    attempts.request_captures(tx, due)
    text = "The money is taken before the bank lets it go; the goods are still to come"
    timeline.record(tx, [timeline.Happening(each, "payment.taken_early", text) for each in due])
    return len(due)


def goods_came(services: Services, job: Job) -> Outcome:
    """Outbox `order.goods_came`: what an order waited for is here, so its work begins."""
    with services.db.begin(actor="worker") as tx:
        resume(tx, [job.body["order_id"]])
    return Done()


_R = reservation.c
_FIRM = (
    select(_R.order_id, _R.warehouse_id, _R.order_line_id, _R.variant_id, func.sum(_R.qty).label("qty"))
    .where(among(_R.order_id, listed("orders")), _R.status == "firm", _R.fulfillment_line_id.is_(None))
    .group_by(_R.order_id, _R.warehouse_id, _R.order_line_id, _R.variant_id)
    .order_by(_R.order_id, _R.warehouse_id, _R.order_line_id)
)


def _work(tx: Tx, orders: Any) -> list[fulfillments.NewFulfillment]:
    rows = tx.rows(_FIRM, {"orders": list(orders)})
    lines = {line.id: line for line in store.lines_of(tx, list(orders))}
    grouped: dict[tuple[str, str], list[fulfillments.NewLine]] = {}
    for row in rows:
        line = lines[row.order_line_id]
        title = f"{line.title} {line.option_label}".rstrip()
        grouped.setdefault((row.order_id, row.warehouse_id), []).append(
            fulfillments.NewLine(row.order_line_id, row.variant_id, line.sku, title, int(row.qty))
        )
    return [
        fulfillments.NewFulfillment(
            order_id=order_id,
            order_number=orders[order_id].number,
            warehouse_id=warehouse_id,
            kind="sale",
            promised_on=orders[order_id].promised_on,
            lines=tuple(work),
        )
        for (order_id, warehouse_id), work in grouped.items()
    ]
