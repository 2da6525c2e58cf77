"""Canceling orders, or units of lines, that were not sent: exactly the order's own goods and money go back."""

from collections.abc import Mapping

from storekeep.flows import confirm, dispatch, telling, waits
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Problem, Refused
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.inventory import reservations
from storekeep.shop.orders import adjustments, store, timeline
from storekeep.shop.payments import attempts, ledger, recipes, refunds
from storekeep.shop.payments.accounts import DEPOSITS
from storekeep.shop.pricing import coupons as price_store


def cancel_order(tx: Tx, order_id: str, *, reason: str, command_id: str) -> int:
    """Cancel everything that was not sent; returns what will be refunded, in minor units (0 when nothing was taken).

    Raises `Conflict` when there is nothing left to cancel or the goods are packed. The same `command_id` does it once.
    """
    units = {
        line.id: line.ordered - line.canceled - line.fulfilled
        for line in store.lines_of(tx, [order_id])
        if line.ordered > line.canceled + line.fulfilled
    }
    return cancel_units(tx, order_id, units, reason=reason, command_id=command_id)


def cancel_units(
    tx: Tx, order_id: str, units: Mapping[str, int], *, reason: str, command_id: str, tell: bool = True
) -> int:
    """Cancel units of lines: release their goods once, take them off what is owed, give back what was paid for them.

    Delivery is taken off with the last unit. Returns what will be refunded.
    """
    order = store.lock(tx, [order_id])[order_id]
    if adjustments.find(tx, command_id) is not None:
        return 0
    units = {line_id: count for line_id, count in units.items() if count > 0}
    if not units or order.status in {"expired", "canceled", "completed"}:
        raise Conflict("there is nothing left to cancel on this order")
    whole = _is_everything(tx, order_id, units)
    _stop_work(tx, order_id, units, whole=whole, is_unpaid=order.status == "pending_payment")
    made = adjustments.adjust(
        tx,
        order_id,
        "cancellation",
        units,
        reason=reason,
        command_id=command_id,
        was_shipped=False,
        with_shipping=whole,
    )
    refunded = _money_back(tx, order_id, made, reason, whole=whole and not order.received_minor)
    if whole:
        price_store.return_uses(tx, [order_id])
    count = sum(units.values())
    text = "The order was canceled" if whole else f"{count} unit{'s' if count > 1 else ''} canceled"
    timeline.record(tx, [timeline.Happening(order_id, "order.canceled", f"{text}: {reason}", {"units": dict(units)})])
    audit.record(tx, [audit.Entry("order.canceled", "order", order_id, None, {"units": dict(units), "reason": reason})])
    store.refresh(tx, [order_id])
    if whole:
        waits.end(tx, [order_id], "dropped")
    confirm.resume(tx, [order_id])  # the rest may have been waiting for these units only
    if tell:
        fresh = store.lock(tx, [order_id])[order_id]
        facts = {order_id: {"refund_minor": refunded, "lines": _canceled_lines(tx, order_id, units)}}
        telling.mail_orders(tx, "canceled", [(fresh, f"canceled:{command_id}")], facts)
    return refunded


def _is_everything(tx: Tx, order_id: str, units: Mapping[str, int]) -> bool:
    lines = store.lines_of(tx, [order_id])
    return all(line.canceled + units.get(line.id, 0) == line.ordered for line in lines)


def _stop_work(tx: Tx, order_id: str, units: Mapping[str, int], *, whole: bool, is_unpaid: bool) -> None:
    """Take the units out of the warehouse's work; goods in a packed parcel are out of reach."""
    live = [work for work in fulfillments.live_of_order(tx, order_id) if work.kind == "sale"]
    if any(work.status in {"packed"} for work in live):
        raise Conflict("the parcel is packed already; it can come back as a return once it has arrived")
    if whole:
        for work in live:
            dispatch.cancel_fulfillment(tx, work.id, "order canceled")
    elif any(work.status != "open" for work in live):
        text = "the warehouse is picking this order; cancel it whole or wait for it to arrive"
        raise Refused([Problem("picking", text, path="lines")])
    elif not is_unpaid and not waits.waiting(tx, [order_id]):  # the warehouse has no work on it yet
        fulfillments.reduce(tx, order_id, units)
    reservations.release_order(tx, order_id, None if whole else units, "canceled")


def _money_back(tx: Tx, order_id: str, made: adjustments.Adjustment, reason: str, *, whole: bool) -> int:
    """Void what was only set aside; refund the part of the deposit that the canceled units were paid with."""
    if whole:
        attempts.request_void(tx, [order_id], reason)
    order = store.lock(tx, [order_id])[order_id]
    held = -ledger.order_balance(tx, order_id, [DEPOSITS])[DEPOSITS]
    amount = min(made.gross_minor, held, refunds.refundable(tx, order_id))
    if amount <= 0:
        return 0
    refunds.request(tx, order_id, amount, reason=reason, key=f"cancel:{made.id}", adjustment_id=made.id)
    ledger.post(
        tx, [recipes.deposit_returned(order_id, made.id, f"deposit_returned:{made.id}", amount, order.currency)]
    )
    return amount


def _canceled_lines(tx: Tx, order_id: str, units: Mapping[str, int]) -> list[dict[str, object]]:
    return [
        {"qty": units[line.id], "title": f"{line.title} {line.option_label}".rstrip(), "total": ""}
        for line in store.lines_of(tx, [order_id])
        if line.id in units
    ]
