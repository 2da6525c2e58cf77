"""More money than an order owes: it was paid on two pages, or got smaller while its money was being taken."""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.orders import store
from storekeep.shop.payments import attempts, ledger, recipes, refunds
from storekeep.shop.payments.accounts import DEPOSITS


def give_back(tx: Tx, orders: Mapping[str, Any], just_taken: Sequence[str]) -> None:
    """What these locked orders hold beyond what they owe goes back: set aside, it is voided; taken, it is refunded.

    `just_taken` are the orders of which money was captured now. What a document has promised the buyer already is on
    its way and is not promised again.
    """
    set_aside = {
        order_id: over
        for order_id, order in orders.items()
        if order.authorized_minor and (over := order.authorized_minor + _kept(order) - order.owed_minor) > 0
    }
    if set_aside:
        attempts.request_void_of_surplus(tx, set_aside, "the order is paid already")
    taken = {order_id: _kept(orders[order_id]) - orders[order_id].owed_minor for order_id in just_taken}
    promised = refunds.promised(tx, [order_id for order_id, over in taken.items() if over > 0])
    _refund(tx, {order_id: over - promised.get(order_id, 0) for order_id, over in sorted(taken.items())}, orders)


def _kept(order: Any) -> int:
    return int(order.received_minor - order.given_back_minor)


def _refund(tx: Tx, surplus: Mapping[str, int], orders: Mapping[str, Any]) -> None:
    """One order after the other: a surplus is as rare as the second in which it comes about."""
    for order_id, over in surplus.items():
        if over <= 0:
            continue
        held = -ledger.order_balance(tx, order_id, [DEPOSITS])[DEPOSITS]
        amount = min(over, held, refunds.refundable(tx, order_id))
        if amount <= 0:
            continue
        key = f"surplus:{order_id}:{orders[order_id].version}"
        made = refunds.request(tx, order_id, amount, reason="the order got smaller while it was paid", key=key)
        ledger.post(tx, [recipes.deposit_returned(order_id, made[0], key, amount, orders[order_id].currency)])
        store.refresh(tx, [order_id])
