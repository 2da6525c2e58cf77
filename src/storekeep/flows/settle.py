"""Money comes in: the payment page is opened, the provider is asked, and what it shows is folded into the order.

The browser's return, the webhook and the janitor are three alarm clocks for one function, `observe`. None of them is
believed: the provider is read again. Each handler records, calls outside any transaction, then folds the answer.
"""

from typing import Any

from storekeep.flows import confirm
from storekeep.flows.expire import late_money
from storekeep.flows.services import Services, order_link
from storekeep.flows.telling import link_secret
from storekeep.kernel import outbox
from storekeep.kernel.clock import DAY, SECOND
from storekeep.kernel.db import Database, Tx, refuse_inside_transaction
from storekeep.kernel.errors import Conflict
from storekeep.kernel.queue import Again, Dead, Done, Job, Outcome
from storekeep.shop.orders import store, timeline
from storekeep.shop.payments import attempts, events
from storekeep.shop.payments.providers.base import (
    PaymentProvider,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
)
from storekeep.shop.site import profile

KEY_LIFE = DAY
SESSION_LIFE_SLACK = 5 * 60 * SECOND


def pay_again(tx: Tx, order_id: str, provider: str) -> str | None:
    """The shopper wants to pay (again): the outbox key to run, or None when a payment page is still open to go back to.

    Raises `Conflict` when the order has nothing to pay any more.
    """
    order = store.lock(tx, [order_id])[order_id]
    if order.status != "pending_payment":
        raise Conflict("there is nothing to pay on this order now")
    if attempts.open_attempt(tx, order_id) is not None:
        return None
    due = order.owed_minor - order.received_minor + order.given_back_minor
    wanted = attempts.NewPayment(order_id, due, order.currency, order.tender, provider)
    return attempts.open_many(tx, [wanted], attempts.next_n(tx, order_id))[0].outbox_key


def open_payment_page(services: Services, job: Job) -> Outcome:
    """Outbox `payment.open`: ask the provider for a hosted page, by the attempt's own key, as often as it takes."""
    attempt_id = job.body["attempt_id"]
    with services.db.begin(actor="provider") as tx:
        attempt = attempts.load_attempt(tx, attempt_id)
        if attempt.status not in {"recorded", "sent", "unknown"}:
            return Done()
        if attempt.status == "unknown" and tx.now - attempt.created_at > KEY_LIFE:
            attempts.move(tx, attempt_id, "failed", failure_code="no_answer")
            return Done()
        if attempt.status != "sent":
            attempts.move(tx, attempt_id, "sent", sent_at=attempt.sent_at or tx.now)
        order = store.lock(tx, [attempt.order_id])[attempt.order_id]
        shop = profile.load(tx)
        back = order_link(shop.public_url, link_secret(tx), order.id, order.number, order.placed_at)
    refuse_inside_transaction()
    provider = services.providers[attempt.provider]
    try:
        page = provider.open_session(
            key=attempt.idempotency_key,
            order_ref=str(order.number),
            attempt_id=attempt_id,
            amount_minor=attempt.amount_minor,
            currency=attempt.currency,
            description=f"{shop.name}, order {order.number}",
            success_url=f"{back}/paid",
            cancel_url=f"{back}/back",
            customer_email=order.email,
        )
    except ProviderRefused as refusal:
        with services.db.begin(actor="provider") as tx:
            attempts.move(tx, attempt_id, "failed", failure_code=refusal.code)
            timeline.record(
                tx, [timeline.Happening(order.id, "payment.failed", "The payment page could not be opened")]
            )
        return Done()
    except (ProviderUnknown, ProviderUnavailable) as silence:
        with services.db.begin(actor="provider") as tx:
            if attempts.load_attempt(tx, attempt_id).status == "sent":
                attempts.move(tx, attempt_id, "unknown")
        return Again(f"the provider did not answer: {silence.message}")
    with services.db.begin(actor="provider") as tx:
        attempts.page_opened(tx, attempt_id, page.session_ref, page.payment_ref, page.redirect_url)
    return Done()


def observe(services: Services, payment_id: str) -> Outcome:
    """Read the provider and fold what it shows: the one way in which money becomes known. Safe to repeat."""
    with services.db.begin(actor="provider") as tx:
        if not attempts.take_lease(tx, payment_id):
            return Again("somebody is looking already", tx.now + 2 * SECOND, counts=False)
        payment = events.lock_payment(tx, payment_id)
    refuse_inside_transaction()
    provider = services.providers[payment.provider]
    try:
        seen = _look(provider, services.db, payment)
    except (ProviderUnknown, ProviderUnavailable) as silence:
        with services.db.begin(actor="provider") as tx:
            attempts.drop_lease(tx, payment_id)
        return Again(f"the provider did not answer: {silence.message}")
    with services.db.begin(actor="provider") as tx:
        if seen is not None:
            fold(tx, payment_id, seen)
        attempts.drop_lease(tx, payment_id)
    return Done()


def _look(provider: PaymentProvider, db: Database, payment: Any) -> ProviderPayment | None:
    if payment.session_ref or payment.provider_ref:
        return provider.read(payment.session_ref, payment.provider_ref)
    with db.read() as tx:
        attempt_id = attempts.newest_of(tx, payment.id)
    return provider.find(attempt_id, payment.created_at - SESSION_LIFE_SLACK)


def fold(tx: Tx, payment_id: str, seen: ProviderPayment) -> None:
    """Write what the provider shows, confirm the order if that pays it, and deal with money that came too late."""
    order_id = events.order_of(tx, payment_id)
    store.lock(tx, [order_id])
    found = events.fold(tx, payment_id, seen)
    if seen.session_ref and seen.redirect_url:
        attempts.remember_page(tx, payment_id, seen.session_ref, seen.redirect_url)
    if found.is_news:
        timeline.record(
            tx, [timeline.Happening(order_id, f"payment.{kind}", _SAID[kind]) for kind in sorted(found.new_kinds)]
        )
    if found.new_kinds & {"authorized", "captured"} and late_money(tx, order_id):
        return
    if not confirm.confirm_if_paid(tx, order_id):
        store.refresh(tx, [order_id])


_SAID = {
    "authorized": "The bank set the money aside",
    "captured": "The money was taken",
    "voided": "The authorization was given back",
    "refunded": "A refund reached the bank",
    "refund_failed": "A refund came back; it is owed again",
}


def hear_webhook(services: Services, job: Job) -> Outcome:
    """Inbox `payment.webhook`: it only says which payment to look at. An unknown one is tried again later."""
    told = job.headers
    with services.db.read() as tx:
        payment = attempts.by_reference(tx, told["provider"], told["session_ref"] or None, told["payment_ref"] or None)
    if payment is None:
        if job.attempt_count >= 8:
            return Dead("no payment of ours belongs to this event")
        return Again("no payment of ours belongs to this event yet")
    return observe(services, payment.id)


def observe_job(services: Services, job: Job) -> Outcome:
    """Outbox `payment.observe`: look again, because somebody came back from the payment page or nothing was heard."""
    return observe(services, job.body["payment_id"])


def ask_to_observe(tx: Tx, payment_id: str, reason: str) -> str:
    """Queue a look at a payment; at most one per minute and payment. Returns the outbox key."""
    key = f"observe:{payment_id}:{tx.now // (60 * SECOND)}"
    body = {"payment_id": payment_id, "reason": reason}
    outbox.send(tx, [outbox.Message("payment.observe", key, body, "money")])
    return key


def janitor(tx: Tx) -> int:
    """Every minute: queue a look at each attempt that waits for an answer. Returns how many."""
    waiting = attempts.stuck(tx)
    for attempt in waiting:
        ask_to_observe(tx, attempt.payment_id, "janitor")
    attempts.touch_stuck(tx, [attempt.id for attempt in waiting])
    return len(waiting)


def capture(services: Services, job: Job) -> Outcome:
    """Outbox `payment.capture`: take the money that was set aside, once; then fold."""
    payment_id, amount = job.body["payment_id"], job.body["amount_minor"]
    with services.db.read() as tx:
        payment = events.payment_row(tx, payment_id)
    if payment.captured_minor:
        return Done()
    try:
        seen = services.providers[payment.provider].capture(
            payment.provider_ref, amount, job.key, currency=payment.currency
        )
    except ProviderRefused as refusal:
        observe(services, payment_id)
        with services.db.begin(actor="provider") as tx:
            if events.payment_row(tx, payment_id).captured_minor:
                return Done()
            timeline.record(
                tx,
                [
                    timeline.Happening(
                        payment.order_id, "payment.capture_failed", f"Capture was refused: {refusal.message}"
                    )
                ],
            )
        return Dead(f"capture refused: {refusal.message}")
    except (ProviderUnknown, ProviderUnavailable) as silence:
        return Again(f"the provider did not answer: {silence.message}")
    with services.db.begin(actor="provider") as tx:
        fold(tx, payment_id, seen)
    return Done()


def void(services: Services, job: Job) -> Outcome:
    """Outbox `payment.void`: make sure that no money comes any more. What was captured meanwhile is folded instead."""
    with services.db.begin(actor="provider") as tx:
        attempt = attempts.load_attempt(tx, job.body["attempt_id"])
        if attempt.status == "recorded":
            attempts.move(tx, attempt.id, "canceled")
            return Done()
    if attempt.session_ref is None and attempt.provider_ref is None:
        return Again("the payment page is being opened") if attempt.status in {"sent", "unknown"} else Done()
    try:
        seen = services.providers[attempt.provider].void(
            key=job.key, payment_ref=attempt.provider_ref, session_ref=attempt.session_ref
        )
    except ProviderRefused:
        return observe(services, attempt.payment_id)
    except (ProviderUnknown, ProviderUnavailable) as silence:
        return Again(f"the provider did not answer: {silence.message}")
    with services.db.begin(actor="provider") as tx:
        fold(tx, attempt.payment_id, seen)
    return Done()
