"""An order is paid for, or nothing is to pay: it becomes real, and the warehouse gets its work."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from storekeep.flows import telling
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
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
    table = tables.sales_order
    tx.run(update(table).where(among(table.c.id, orders)).values(confirmed_at=tx.now, expires_at=None))
    fulfillments.create(tx, _work(tx, orders))
    timeline.record(
        tx,
        [
            timeline.Happening(order_id, "order.confirmed", "Payment is settled; the warehouse can start")
            for order_id in orders
        ],
    )
    store.refresh(tx, list(orders))
    attempts.request_close(tx, list(orders), "it is paid")
    telling.mail_orders(tx, "order_confirmation", [(order, f"confirmation:{order.id}") for order in orders.values()])


def _work(tx: Tx, orders: Any) -> list[fulfillments.NewFulfillment]:
    r = reservation
    rows = tx.rows(
        select(r.c.order_id, r.c.warehouse_id, r.c.order_line_id, r.c.variant_id, func.sum(r.c.qty).label("qty"))
        .where(among(r.c.order_id, orders), r.c.status == "firm", r.c.fulfillment_line_id.is_(None))
        .group_by(r.c.order_id, r.c.warehouse_id, r.c.order_line_id, r.c.variant_id)
        .order_by(r.c.order_id, r.c.warehouse_id, r.c.order_line_id)
    )
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
