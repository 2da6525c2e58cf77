"""Parcels that fell silent: a carrier says nothing for too long, so the shop asks before the customer has to."""

from sqlalchemy import func, select

from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Tx
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.shipping.rates import carrier_name
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support import cases
from storekeep.shop.support.tables import conversation


def open_silent_cases(tx: Tx, silent_days: int, limit: int) -> list[str]:
    """Open a case for each parcel with the carrier that had no scan for `silent_days` days; returns the new cases' ids.

    One case per parcel, ever; at most `limit` at a time, the longest silent first.
    """
    s, order = shipment.c, sales_order.c
    heard = func.coalesce(s.last_scan_at, s.handed_over_at)
    has_case = select(conversation.c.id).where(
        conversation.c.shipment_id == s.id, conversation.c.reason == "not_arrived", conversation.c.kind == "case"
    )
    query = (
        select(s.id, s.order_id, s.carrier, s.tracking_number, order.number, order.email, order.name)
        .join_from(shipment, sales_order, order.id == s.order_id)
        .where(s.status == "handed_over", heard <= tx.now - silent_days * DAY, ~has_case.exists())
        .order_by(heard, s.id)
        .limit(limit)
    )
    return cases.open_cases(
        tx,
        [
            cases.NewCase(
                f"silent:{row.id}",
                "not_arrived",
                f"Order {row.number}: no scan of parcel {row.tracking_number} by {carrier_name(row.carrier)} "
                f"for {silent_days} days",
                row.order_id,
                row.id,
                row.email,
                row.name,
            )
            for row in tx.rows(query)
        ],
    )
