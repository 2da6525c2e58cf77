"""Money comes in: the payment page is opened, the provider is asked, and what it shows is folded into the order.

The browser's return, the webhook and the janitor are three alarm clocks for one function, `observe`. None of them is
believed: the provider is read again. Each handler records, calls outside any transaction, then folds the answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.flows import confirm, surplus
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
    SessionOpened,
)
from storekeep.shop.site import profile

KEY_LIFE = DAY
#: How long after it was sent a refund can still come back.
REFUNDS_COME_BACK = 10 * DAY
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
    return open_payment_pages(services, [job])[0]


def open_payment_pages(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Pages for several attempts: recorded together, asked for one by one, and folded together."""
    wanted = [job.body["attempt_id"] for job in jobs]
    with services.db.begin(actor="provider") as tx:
        asked = _about_to_ask(tx, wanted)
        shop, secret = profile.load(tx), link_secret(tx)
    refuse_inside_transaction()
    outcomes: dict[str, Outcome] = {}
    opened: dict[str, SessionOpened] = {}
    for attempt_id, (attempt, order) in asked.items():
        back = order_link(shop.public_url, secret, order.id, order.number, order.placed_at)
        try:
            opened[attempt_id] = _ask_for_page(services.provider_of(attempt.provider), attempt, order, back, shop.name)
        except ProviderRefused as refusal:
            _page_refused(services.db, attempt_id, order.id, refusal)
        except (ProviderUnknown, ProviderUnavailable) as silence:
            with services.db.begin(actor="provider") as tx:
                if attempts.load_attempt(tx, attempt_id).status == "sent":
                    attempts.move(tx, attempt_id, "unknown")
            outcomes[attempt_id] = Again(f"the provider did not answer: {silence.message}")
    if opened:
        with services.db.begin(actor="provider") as tx:
            attempts.pages_opened(tx, opened)
    return [outcomes.get(attempt_id, Done()) for attempt_id in wanted]


def _about_to_ask(tx: Tx, attempt_ids: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """Mark the attempts whose page is still to be opened as sent; returns them with their orders."""
    waiting = {}
    moves: dict[int, list[str]] = {}
    for attempt_id, attempt in attempts.load_attempts(tx, attempt_ids).items():
        if attempt.status == "unknown" and tx.now - attempt.created_at > KEY_LIFE:
            attempts.move(tx, attempt_id, "failed", failure_code="no_answer")
        elif attempt.status in {"recorded", "sent", "unknown"}:
            waiting[attempt_id] = attempt
            if attempt.status != "sent":
                moves.setdefault(attempt.sent_at or tx.now, []).append(attempt_id)
    orders = store.lock(tx, [attempt.order_id for attempt in waiting.values()])
    for sent_at, ids in moves.items():
        attempts.move_many(tx, ids, "sent", sent_at=sent_at)
    return {each: (attempt, orders[attempt.order_id]) for each, attempt in waiting.items()}


def _ask_for_page(provider: PaymentProvider, attempt: Any, order: Any, back: str, shop_name: str) -> SessionOpened:
    return provider.open_session(
        key=attempt.idempotency_key,
        order_ref=str(order.number),
        attempt_id=attempt.id,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        description=f"{shop_name}, order {order.number}",
        success_url=f"{back}/paid",
        cancel_url=f"{back}/back",
        customer_email=order.email,
    )


def _page_refused(db: Database, attempt_id: str, order_id: str, refusal: ProviderRefused) -> None:
    with db.begin(actor="provider") as tx:
        attempts.move(tx, attempt_id, "failed", failure_code=refusal.code)
        timeline.record(tx, [timeline.Happening(order_id, "payment.failed", "The payment page could not be opened")])


def observe(services: Services, payment_id: str) -> Outcome:
    """Read the provider and fold what it shows: the one way in which money becomes known. Safe to repeat."""
    return observe_many(services, [payment_id])[0]


def observe_many(services: Services, payment_ids: Sequence[str]) -> list[Outcome]:
    """Look at several payments: the provider is read one by one, and what it shows is folded together."""
    with services.db.begin(actor="provider") as tx:
        payments = attempts.take_leases(tx, payment_ids)
        later = tx.now + 2 * SECOND
    refuse_inside_transaction()
    outcomes: dict[str, Outcome] = {}
    seen: dict[str, ProviderPayment] = {}
    try:
        for payment_id, payment in payments.items():
            outcomes[payment_id] = Done()
            try:
                shown = _look(services.provider_of(payment.provider), services.db, payment)
            except (ProviderUnknown, ProviderUnavailable) as silence:
                outcomes[payment_id] = Again(f"the provider did not answer: {silence.message}")
            else:
                if shown is not None:
                    seen[payment_id] = shown
        with services.db.begin(actor="provider") as tx:
            fold_many(tx, seen)
            attempts.drop_leases(tx, list(payments))
    except Exception:
        # Who looks next, at each of them alone, need not wait for the leases to run out.
        with services.db.begin(actor="provider") as tx:
            attempts.drop_leases(tx, list(payments))
        raise
    busy = Again("somebody is looking already", later, counts=False)
    return [outcomes.get(payment_id, busy) for payment_id in payment_ids]


def _look(provider: PaymentProvider, db: Database, payment: Any) -> ProviderPayment | None:
    if payment.session_ref or payment.provider_ref:
        return provider.read(payment.session_ref, payment.provider_ref)
    with db.read() as tx:
        attempt_id = attempts.newest_of(tx, payment.id)
    return provider.find(attempt_id, payment.created_at - SESSION_LIFE_SLACK)


def fold(tx: Tx, payment_id: str, seen: ProviderPayment) -> None:
    """Write what the provider shows, confirm the order if that pays it, and deal with money that came too late."""
    fold_many(tx, {payment_id: seen})


def fold_many(tx: Tx, seen: Mapping[str, ProviderPayment]) -> None:
    """Fold several payments, all or none; those of one order one after the other."""
    order_of = events.orders_of(tx, list(seen))
    store.lock(tx, list(order_of.values()))
    payments = events.lock_payments(tx, list(seen))
    while payments:
        now = list({order_of[payment.id]: payment for payment in reversed(payments)}.values())
        chosen = {payment.id for payment in now}
        _fold(tx, sorted(now, key=lambda payment: str(payment.id)), {each: seen[each] for each in chosen})
        payments = [payment for payment in payments if payment.id not in chosen]


def _fold(tx: Tx, payments: Sequence[Any], seen: Mapping[str, ProviderPayment]) -> None:
    """Payments of different orders; their rows and their orders' are locked."""
    found = events.fold_many(tx, payments, seen)
    pages = {
        each: (shown.session_ref, shown.redirect_url)
        for each, shown in seen.items()
        if shown.session_ref and shown.redirect_url
    }
    attempts.remember_pages(tx, pages)
    timeline.record(
        tx,
        [
            timeline.Happening(each.order_id, f"payment.{kind}", _SAID[kind])
            for each in found
            for kind in sorted(each.new_kinds)
        ],
    )
    ids = [each.order_id for each in found]
    store.refresh(tx, ids)
    orders = store.lock(tx, ids)
    with_money = {
        each.order_id
        for each in found
        if each.new_kinds & {"authorized", "captured"} and "voided" not in each.new_kinds
    }
    for order_id in sorted(with_money):
        if orders[order_id].status in {"expired", "canceled"} and not late_money(tx, order_id):
            confirm.confirm_if_paid(tx, order_id)
    confirm.confirm_paid(tx, orders)
    surplus.give_back(tx, orders, [each.order_id for each in found if "captured" in each.new_kinds])


_SAID = {
    "authorized": "The bank set the money aside",
    "captured": "The money was taken",
    "voided": "The authorization was given back",
    "refunded": "A refund reached the bank",
    "refund_failed": "A refund came back; it is owed again",
}


def hear_webhook(services: Services, job: Job) -> Outcome:
    """Inbox `payment.webhook`: it only says which payment to look at. An unknown one is tried again later."""
    return hear_webhooks(services, [job])[0]


def hear_webhooks(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Several webhooks at once; those about one payment are one look at it."""
    told = {
        job.id: (job.headers["provider"], job.headers["session_ref"] or None, job.headers["payment_ref"] or None)
        for job in jobs
    }
    with services.db.read() as tx:
        found = attempts.by_references(tx, list(told.values()))
    about = {
        each: found.get((provider, payment or "")) or found.get((provider, session or ""))
        for each, (provider, session, payment) in told.items()
    }
    wanted = list(dict.fromkeys(row.id for row in about.values() if row is not None))
    seen = dict(zip(wanted, observe_many(services, wanted), strict=True)) if wanted else {}
    return [_unheard(job) if (row := about[job.id]) is None else seen[row.id] for job in jobs]


def _unheard(job: Job) -> Outcome:
    if job.attempt_count >= 8:
        return Dead("no payment of ours belongs to this event")
    return Again("no payment of ours belongs to this event yet")


def observe_job(services: Services, job: Job) -> Outcome:
    """Outbox `payment.observe`: look again, because somebody came back from the payment page or nothing was heard."""
    return observe(services, job.body["payment_id"])


def observe_jobs(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Several looks at once; two at one payment are one."""
    wanted = list(dict.fromkeys(job.body["payment_id"] for job in jobs))
    outcomes = dict(zip(wanted, observe_many(services, wanted), strict=True))
    return [outcomes[job.body["payment_id"]] for job in jobs]


def ask_to_observe(tx: Tx, payment_id: str, reason: str) -> str:
    """Queue a look at a payment; at most one per minute and payment. Returns the outbox key."""
    return _ask(tx, [payment_id], reason)[0]


def _ask(tx: Tx, payment_ids: Sequence[str], reason: str) -> list[str]:
    minute = tx.now // (60 * SECOND)
    wanted = {f"observe:{each}:{minute}": {"payment_id": each, "reason": reason} for each in payment_ids}
    outbox.send(tx, [outbox.Message("payment.observe", key, body, "money") for key, body in wanted.items()])
    return list(wanted)


def janitor(tx: Tx) -> int:
    """Every minute: queue a look at each attempt that waits for an answer. Returns how many."""
    waiting = attempts.stuck(tx)
    _ask(tx, [attempt.payment_id for attempt in waiting], "janitor")
    attempts.touch_stuck(tx, [attempt.id for attempt in waiting])
    return len(waiting)


def look_again(tx: Tx) -> int:
    """Twice a day: queue a look at what a bank may still change of itself, for a webhook can be lost. Returns how many.

    These are refunds of the last days, which can come back, and authorizations whose time is over.
    """
    doubtful = attempts.doubtful(tx, tx.now - DAY // 2, tx.now - REFUNDS_COME_BACK)
    _ask(tx, doubtful, "the bank may have changed it")
    return len(doubtful)
