"""What a day of the shop looks like in figures: the samples that the report draws its curves from."""

from typing import Any

from sqlalchemy import and_, case, func, select

from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.tables import availability, stock_balance
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.tables import refund
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support.tables import conversation

#: The parts of the money at risk, in the words of the report.
RISKS = {
    "authorized_minor": "set aside, not taken yet",
    "unsent_minor": "taken, not sent yet",
    "refunding_minor": "on its way back",
    "stranded_minor": "held for ended orders",
}


def sample(tx: Tx, day: int) -> dict[str, int]:
    """The state of the shop at the end of a day; money in minor units, everything else counted."""
    found = {"day": day, **_orders(tx), **_others(tx)}
    found["at_risk_minor"] = sum(found[part] for part in RISKS)
    return found


def _orders(tx: Tx) -> dict[str, int]:
    o = sales_order.c
    held = o.received_minor - o.given_back_minor
    is_open = o.status == "open"
    to_send = and_(is_open, o.fulfillment_status.in_(("unfulfilled", "partially_fulfilled")))
    ended = o.status.in_(("canceled", "expired"))

    def total(what: Any, of: Any) -> Any:
        return func.coalesce(func.sum(case((of, what), else_=0)), 0)

    row = tx.first(
        select(
            func.count().label("orders"),
            total(o.authorized_minor, is_open).label("authorized_minor"),
            total(held, to_send).label("unsent_minor"),
            total(held, ended).label("stranded_minor"),
            total(1, to_send).label("to_send"),
            total(1, o.status == "expired").label("expired"),
            total(1, o.status == "canceled").label("canceled"),
        )
    )
    assert row is not None
    return {name: int(value) for name, value in row._mapping.items()}


def _others(tx: Tx) -> dict[str, int]:
    a = availability.c

    def count(query: Any) -> int:
        return int(tx.scalar(query) or 0)

    under_way = refund.c.status.in_(("requested", "sent", "pending", "unknown"))
    return {
        "refunding_minor": count(select(func.sum(refund.c.amount_minor)).where(under_way)),
        "out_of_stock": count(select(func.count()).where(a.on_hand_sellable - a.reserved <= 0)),
        "units_on_hand": count(select(func.sum(stock_balance.c.qty)).where(stock_balance.c.is_owned)),
        "parcels_under_way": count(
            select(func.count()).where(shipment.c.status == "handed_over", shipment.c.delivered_at.is_(None))
        ),
        "conversations_open": count(select(func.count()).where(conversation.c.status != "resolved")),
        "jobs_waiting": count(select(func.count()).where(tables.outbox.c.status.in_(("due", "running")))),
        "jobs_dead": count(select(func.count()).where(tables.outbox.c.status == "dead")),
    }
