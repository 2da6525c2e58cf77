"""Replacements that will never be sent: their units are free again for another remedy."""

from sqlalchemy import case, func, select

from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.orders import store


def recount(tx: Tx, order_id: str) -> dict[str, int]:
    """Lower what an order's lines count as replaced to what its replacements have sent or still mean to send.

    Call it after a replacement was called off or came out short; safe to repeat. Returns the units freed by order line.
    """
    f, w = fulfillment.c, fulfillment_line.c
    due = func.sum(case((f.status == "canceled", 0), else_=w.qty - w.dropped)).label("due")
    query = (
        select(w.order_line_id, due)
        .join_from(fulfillment_line, fulfillment, f.id == w.fulfillment_id)
        .where(f.order_id == order_id, f.kind == "reship")
        .group_by(w.order_line_id)
    )
    store.lock(tx, [order_id])
    meant = {row.order_line_id: int(row.due) for row in tx.rows(query)}
    freed = {
        line.id: line.replaced - meant.get(line.id, 0)
        for line in store.lines_of(tx, [order_id])
        if line.replaced > meant.get(line.id, 0)
    }
    store.count_units(tx, "replaced", {line_id: -units for line_id, units in freed.items()})
    return freed
