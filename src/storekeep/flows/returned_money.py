"""Refunds on their way: sent by our own key, asked for when no answer came, folded when it did."""

from typing import Any

from storekeep.flows import resolve, telling
from storekeep.flows.services import Services
from storekeep.kernel import outbox
from storekeep.kernel.db import Tx
from storekeep.kernel.queue import Again, Done, Job, Outcome
from storekeep.shop.orders import store, timeline
from storekeep.shop.payments import events, refunds
from storekeep.shop.payments.providers.base import (
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
)


def refund(services: Services, job: Job) -> Outcome:
    """Outbox `payment.refund`: send a refund, by its own key, as often as it takes; then fold the answer."""
    refund_id = job.body["refund_id"]
    with services.db.begin(actor="provider") as tx:
        row = refunds.load(tx, refund_id)
        if row.status not in {"requested", "sent", "unknown"}:
            return Done()
        if row.status != "sent":
            refunds.move(tx, refund_id, "sent")
    provider = services.provider_of(row.provider)
    try:
        answer = provider.refund(row.payment_ref, row.amount_minor, job.key, refund_id, currency=row.currency)
    except ProviderRefused as refusal:
        found = _find(services, row)
        if found is None or found.ref == row.provider_ref:  # not made, or only the try before is known
            with services.db.begin(actor="provider") as tx:
                _failed(tx, refund_id, row.order_id, refusal.message)
            return Done()
        answer = found
    except (ProviderUnknown, ProviderUnavailable) as silence:
        with services.db.begin(actor="provider") as tx:
            refunds.move(tx, refund_id, "unknown")
        return Again(f"the provider did not answer: {silence.message}")
    with services.db.begin(actor="provider") as tx:
        fold(tx, refund_id, answer)
    return Done()


def _find(services: Services, row: Any) -> ProviderRefund | None:
    provider = services.provider_of(row.provider)
    try:
        return provider.find_refund(row.payment_ref, row.id)
    except (ProviderUnknown, ProviderUnavailable, ProviderRefused):
        return None


def fold(tx: Tx, refund_id: str, answer: ProviderRefund) -> None:
    """Write what the provider says of a refund; the buyer is told when it went through."""
    row = refunds.load(tx, refund_id)
    order = store.lock(tx, [row.order_id])[row.order_id]
    found = events.fold_refund(tx, refund_id, answer)
    if "refunded" in found.new_kinds:
        text = "A refund was sent to the buyer's bank"
        timeline.record(
            tx, [timeline.Happening(order.id, "payment.refunded", text, {"amount_minor": row.amount_minor})]
        )
        facts = {order.id: {"amount_minor": row.amount_minor, "reason": row.reason}}
        telling.mail_orders(tx, "refund", [(order, f"refund:{refund_id}")], facts)
    resolve.settle_remedies(tx, order.id)
    store.refresh(tx, [order.id])


def _failed(tx: Tx, refund_id: str, order_id: str, why: str) -> None:
    """The provider said no for good: what was promised is still owed, and somebody must look."""
    refunds.move(tx, refund_id, "failed")
    events.recompute(tx, refunds.load(tx, refund_id).payment_id)
    timeline.record(tx, [timeline.Happening(order_id, "payment.refund_failed", f"A refund was refused: {why}")])
    resolve.settle_remedies(tx, order_id)
    store.refresh(tx, [order_id])


def try_again(tx: Tx, refund_id: str) -> str:
    """Send a failed refund once more, under a new key; returns the outbox key."""
    row = refunds.load(tx, refund_id)
    refunds.move(tx, refund_id, "requested")
    events.recompute(tx, row.payment_id)
    count = 1 + tx.scalar(refunds.times_sent(refund_id))
    key = f"refund:{refund_id}:{count}"
    outbox.send(tx, [outbox.Message("payment.refund", key, {"refund_id": refund_id}, "money", row.order_id)])
    return key
