"""Time runs out: cart holds are given back, unpaid orders expire, and money that comes after that is never dropped."""

from typing import Any

from sqlalchemy import select, update

from storekeep.flows import telling, waits
from storekeep.kernel.clock import MINUTE
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import load
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.destination import Destination
from storekeep.shop.inventory.model import Firmed, FirmLine, FirmRequest
from storekeep.shop.orders import store, tables, timeline
from storekeep.shop.payments import attempts, ledger, recipes, refunds
from storekeep.shop.payments.accounts import DEPOSITS
from storekeep.shop.pricing import coupons as price_store

#: An attempt that will not close holds its order at most this long; money that comes later is late money.
GRACE = 30 * MINUTE


def expire_holds(tx: Tx) -> int:
    """Give back the goods of cart holds whose time is over; returns how many holds."""
    return reservations.expire_holds(tx)


def ask_overdue(tx: Tx, limit: int = 50) -> int:
    """Orders whose time to pay is over: tell the provider first to close their payment pages. Returns how many.

    Whoever paid in the last moment has paid, even when nothing was heard of it yet. The others expire in
    `expire_unpaid` once no attempt of theirs can bring money any more.
    """
    overdue = _overdue(tx, limit)
    attempts.request_close(tx, overdue, "time to pay is over")
    return len(overdue)


def expire_unpaid(tx: Tx, limit: int = 50) -> list[str]:
    """Expire overdue orders that nothing can still pay: goods and code go back, the buyer is told. Returns ids."""
    overdue = store.lock(tx, _overdue(tx, limit))
    waiting = attempts.with_open_attempt(tx, list(overdue))
    expired = [
        order_id
        for order_id, order in overdue.items()
        if not (order.received_minor or order.authorized_minor)
        and (order_id not in waiting or tx.now >= order.expires_at + GRACE)
    ]
    for order_id in expired:
        reservations.release_order(tx, order_id, None, "order expired")
    price_store.return_uses(tx, expired)
    waits.end(tx, expired, "dropped")
    tx.run(update(tables.sales_order).where(tables.sales_order.c.id.in_(expired)).values(expired_at=tx.now))
    text = "It was not paid in time; its goods were given back"
    timeline.record(tx, [timeline.Happening(order_id, "order.expired", text) for order_id in expired])
    store.refresh(tx, expired)
    fresh = store.lock(tx, expired)
    telling.mail_orders(tx, "order_expired", [(order, f"expired:{order.id}") for order in fresh.values()])
    return expired


def _overdue(tx: Tx, limit: int) -> list[str]:
    order = tables.sales_order
    rows = tx.rows(
        select(order.c.id)
        .where(order.c.status == "pending_payment", order.c.expires_at < tx.now)
        .order_by(order.c.id)
        .limit(limit)
    )
    return [row.id for row in rows]


def late_money(tx: Tx, order_id: str) -> bool:
    """Money arrived for an order that is expired or canceled. True when the story ended here.

    An expired order whose goods can be reserved again is reopened (False: it is then confirmed like any other). Else
    what was captured is refunded and what was only set aside is given back, and the buyer is told.
    """
    store.refresh(tx, [order_id])
    order = store.lock(tx, [order_id])[order_id]
    if order.status not in {"expired", "canceled"}:
        return False
    if order.status == "expired" and _reserve_again(tx, order):
        tx.run(update(tables.sales_order).where(tables.sales_order.c.id == order_id).values(expired_at=None))
        timeline.record(
            tx, [timeline.Happening(order_id, "order.reopened", "Money came late; the goods were still there")]
        )
        return False
    give_back(tx, order_id, "the money came after the order had ended")
    outcome = "The goods are not to be had any more, so you get the money back, the way you paid."
    telling.mail_orders(tx, "late_payment", [(order, f"late:{order_id}")], {order_id: {"outcome": outcome}})
    timeline.record(tx, [timeline.Happening(order_id, "payment.late", "Money came late; it goes back to the buyer")])
    store.refresh(tx, [order_id])
    return True


def _reserve_again(tx: Tx, order: Any) -> bool:
    lines = tuple(
        FirmLine(line.id, line.variant_id, line.ordered - line.canceled)
        for line in store.lines_of(tx, [order.id])
        if line.ordered > line.canceled
    )
    if not lines:
        return False
    request = FirmRequest(None, order.id, lines, Destination(order.country, load(order.ship_to).get("postcode", "")))
    outcome = reservations.reserve_extra(tx, [request])[0]
    if not isinstance(outcome, Firmed):
        return False
    waits.begin(tx, waits.ready_days(tx, {order.id: (outcome, [line.variant_id for line in lines])}))
    return True


def give_back(tx: Tx, order_id: str, reason: str) -> int:
    """Return what an order holds that nobody owes us: void authorizations, refund deposits. Returns the refund."""
    attempts.request_void(tx, [order_id], reason)
    order = store.lock(tx, [order_id])[order_id]
    held = -ledger.order_balance(tx, order_id, [DEPOSITS])[DEPOSITS]
    amount = min(held, refunds.refundable(tx, order_id))
    if amount <= 0:
        return 0
    key = f"give_back:{order_id}:{order.version}"
    ids = refunds.request(tx, order_id, amount, reason=reason, key=key)
    ledger.post(tx, [recipes.deposit_returned(order_id, ids[0], key, amount, order.currency)])
    return amount
