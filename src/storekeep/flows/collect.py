"""What the shop asks of the provider after a payment page: take the money set aside, close a page, give money back.

Each handler calls outside any transaction and folds what the provider then shows, as `settle` does.
"""

from collections.abc import Callable, Sequence
from typing import Any

from storekeep.flows.services import Services
from storekeep.flows.settle import fold, fold_many, observe
from storekeep.kernel.queue import Again, Dead, Done, Job, Outcome
from storekeep.shop.orders import timeline
from storekeep.shop.payments import attempts, events
from storekeep.shop.payments.providers.base import (
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
)


def capture(services: Services, job: Job) -> Outcome:
    """Outbox `payment.capture`: take the money that was set aside, once; then fold."""
    return capture_many(services, [job])[0]


def capture_many(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Captures of several payments: asked one by one, folded together. A payment has one capture job."""
    with services.db.read() as tx:
        payments = {row.id: row for row in events.payment_rows(tx, [job.body["payment_id"] for job in jobs])}
    outcomes: dict[str, Outcome] = {}
    seen: dict[str, ProviderPayment] = {}
    for job in jobs:
        payment = payments[job.body["payment_id"]]
        if payment.captured_minor:
            continue
        try:
            seen[payment.id] = services.provider_of(payment.provider).capture(
                payment.provider_ref, job.body["amount_minor"], job.key, currency=payment.currency
            )
        except ProviderRefused as refusal:
            outcomes[job.key] = _capture_refused(services, payment, refusal)
        except (ProviderUnknown, ProviderUnavailable) as silence:
            outcomes[job.key] = Again(f"the provider did not answer: {silence.message}")
    if seen:
        with services.db.begin(actor="provider") as tx:
            fold_many(tx, seen)
    return [outcomes.get(job.key, Done()) for job in jobs]


def _capture_refused(services: Services, payment: Any, refusal: ProviderRefused) -> Outcome:
    """A refusal is believed only when the payment, looked at again, is not captured."""
    observe(services, payment.id)
    text = f"Capture was refused: {refusal.message}"
    with services.db.begin(actor="provider") as tx:
        if events.payment_row(tx, payment.id).captured_minor:
            return Done()
        timeline.record(tx, [timeline.Happening(payment.order_id, "payment.capture_failed", text)])
    return Dead(f"capture refused: {refusal.message}")


def close_page(services: Services, job: Job) -> Outcome:
    """Outbox `payment.close`: make sure that nobody pays here any more. Who has paid already has paid."""

    def expire(attempt: Any) -> ProviderPayment | None:
        if attempt.session_ref is None:
            return None
        return services.provider_of(attempt.provider).expire_session(attempt.session_ref, job.key)

    return _end(services, job, expire)


def void(services: Services, job: Job) -> Outcome:
    """Outbox `payment.void`: make sure that no money comes any more. What was captured meanwhile is folded instead."""

    def let_go(attempt: Any) -> ProviderPayment | None:
        if attempt.session_ref is None and attempt.provider_ref is None:
            return None
        return services.provider_of(attempt.provider).void(
            key=job.key, payment_ref=attempt.provider_ref, session_ref=attempt.session_ref
        )

    return _end(services, job, let_go)


def _end(services: Services, job: Job, ask: Callable[[Any], ProviderPayment | None]) -> Outcome:
    """End an attempt. `ask` calls the provider; it answers None when the provider has nothing to be asked about yet."""
    with services.db.begin(actor="provider") as tx:
        attempt = attempts.load_attempt(tx, job.body["attempt_id"])
        if attempt.status == "recorded":
            attempts.move(tx, attempt.id, "canceled")
            return Done()
    try:
        seen = ask(attempt)
    except ProviderRefused:
        return observe(services, attempt.payment_id)
    except (ProviderUnknown, ProviderUnavailable) as silence:
        return Again(f"the provider did not answer: {silence.message}")
    if seen is None:
        return Again("the payment page is being opened") if attempt.status in {"sent", "unknown"} else Done()
    with services.db.begin(actor="provider") as tx:
        fold(tx, attempt.payment_id, seen)
    return Done()
