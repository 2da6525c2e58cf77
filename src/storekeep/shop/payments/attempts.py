"""Payments and their attempts: written down before the provider is called, and folded by what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from storekeep.kernel import lifecycle, outbox
from storekeep.kernel.clock import MINUTE, SECOND
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, NotFound
from storekeep.shop.payments import tables
from storekeep.shop.payments.states import ATTEMPT

OBSERVING = 30 * SECOND
STUCK_AFTER = MINUTE


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money to ask for: an order, an amount in minor units, and who to ask."""

    order_id: str
    amount_minor: int
    currency: str
    tender: str
    provider: str


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """A recorded attempt; `outbox_key` names the outbox row that will open the payment page."""

    order_id: str
    payment_id: str
    attempt_id: str
    outbox_key: str


def open_many(tx: Tx, wanted: Sequence[NewPayment], n: int = 1) -> list[OpenedPayment]:
    """Record a payment and its attempt for each order, and queue the call to the provider.

    The schema allows one open attempt per order; a second one raises an integrity error and takes nothing.
    """
    opened = []
    payments, attempts = [], []
    for each in wanted:
        payment_id, attempt_id = tx.new_id(), tx.new_id()
        opened.append(OpenedPayment(each.order_id, payment_id, attempt_id, f"payment.open:{attempt_id}"))
        payments.append(_payment_row(tx, each, payment_id))
        attempts.append(_attempt_row(tx, each, payment_id, attempt_id, n))
    tx.insert_many(tables.payment, payments)
    tx.insert_many(tables.payment_attempt, attempts)
    lifecycle.begin(tx, ATTEMPT, [each.attempt_id for each in opened])
    outbox.send_new(
        tx,
        [
            outbox.Message("payment.open", each.outbox_key, {"attempt_id": each.attempt_id}, "money", each.order_id)
            for each in opened
        ],
    )
    return opened


def _payment_row(tx: Tx, wanted: NewPayment, payment_id: str) -> dict[str, Any]:
    return {
        "id": payment_id,
        "order_id": wanted.order_id,
        "tender": wanted.tender,
        "provider": wanted.provider,
        "session_ref": None,
        "provider_ref": None,
        "currency": wanted.currency,
        "amount_minor": wanted.amount_minor,
        "authorized_minor": 0,
        "captured_minor": 0,
        "refunded_minor": 0,
        "refund_pending_minor": 0,
        "capture_before": None,
        "observing_until": None,
        "observed_at": None,
        "created_at": tx.now,
    }


def _attempt_row(tx: Tx, wanted: NewPayment, payment_id: str, attempt_id: str, n: int) -> dict[str, Any]:
    return {
        "id": attempt_id,
        "payment_id": payment_id,
        "order_id": wanted.order_id,
        "n": n,
        "amount_minor": wanted.amount_minor,
        "currency": wanted.currency,
        "idempotency_key": f"attempt:{attempt_id}",
        "status": "recorded",
        "redirect_url": None,
        "failure_code": None,
        "created_at": tx.now,
        "sent_at": None,
        "updated_at": tx.now,
    }


def open_attempt(tx: Tx, order_id: str) -> Any | None:
    """The order's open attempt, if it has one."""
    table = tables.payment_attempt
    return tx.first(select(table).where(table.c.order_id == order_id, table.c.status.in_(tables.ATTEMPT_OPEN)))


def next_n(tx: Tx, order_id: str) -> int:
    """The number of the order's next attempt."""
    table = tables.payment_attempt
    return int(tx.scalar(select(func.coalesce(func.max(table.c.n), 0)).where(table.c.order_id == order_id))) + 1


def load_attempt(tx: Tx, attempt_id: str) -> Any:
    """An attempt with the payment it belongs to."""
    row = tx.first(
        select(
            tables.payment_attempt,
            tables.payment.c.provider,
            tables.payment.c.session_ref,
            tables.payment.c.provider_ref,
        )
        .join(tables.payment, tables.payment.c.id == tables.payment_attempt.c.payment_id)
        .where(tables.payment_attempt.c.id == attempt_id)
    )
    if row is None:
        raise NotFound("there is no such payment attempt")
    return row


def move(tx: Tx, attempt_id: str, to: str, **values: Any) -> None:
    """Move an attempt along its lifecycle, stamping the time."""
    lifecycle.advance(tx, ATTEMPT, tables.payment_attempt, [attempt_id], to, sets={"updated_at": tx.now, **values})


def page_opened(tx: Tx, attempt_id: str, session_ref: str, payment_ref: str | None, redirect_url: str) -> None:
    """The provider opened its page: remember where it is. Told twice, it changes nothing."""
    attempt = load_attempt(tx, attempt_id)
    if attempt.status in {"sent", "unknown"}:
        move(tx, attempt_id, "requires_action", redirect_url=redirect_url)
    tx.run(
        update(tables.payment)
        .where(tables.payment.c.id == attempt.payment_id)
        .values(session_ref=session_ref, provider_ref=payment_ref or attempt.provider_ref)
    )


def take_lease(tx: Tx, payment_id: str) -> bool:
    """Become the one who looks at a payment for the next half minute; False when somebody else does."""
    table = tables.payment
    free = table.c.observing_until.is_(None) | (table.c.observing_until < tx.now)
    return bool(tx.run(update(table).where(table.c.id == payment_id, free).values(observing_until=tx.now + OBSERVING)))


def drop_lease(tx: Tx, payment_id: str) -> None:
    """Let others look again."""
    table = tables.payment
    tx.run(update(table).where(table.c.id == payment_id).values(observing_until=None, observed_at=tx.now))


def of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The payments of an order, oldest first."""
    table = tables.payment
    return tx.rows(select(table).where(table.c.order_id == order_id).order_by(table.c.id))


def by_reference(tx: Tx, provider: str, session_ref: str | None, payment_ref: str | None) -> Any | None:
    """The payment that a provider's object belongs to, or None when we do not know it (yet)."""
    table = tables.payment
    for column, value in ((table.c.provider_ref, payment_ref), (table.c.session_ref, session_ref)):
        if value and (row := tx.first(select(table).where(table.c.provider == provider, column == value))):
            return row
    return None


def request_capture(tx: Tx, order_id: str, amount_minor: int) -> None:
    """Ask for the money that was set aside, up to `amount_minor`; once per payment, whoever asks.

    Raises `Conflict` when the authorizations of the order do not cover it.
    """
    left = amount_minor
    messages = []
    for payment in of_order(tx, order_id):
        part = min(left, payment.authorized_minor)
        if part > 0:
            body = {"payment_id": payment.id, "amount_minor": part}
            messages.append(outbox.Message("payment.capture", f"capture:{payment.id}", body, "money", order_id))
            left -= part
    if left > 0:
        raise Conflict(f"{left} minor units are neither paid nor authorized")
    outbox.send(tx, messages)


def request_void(tx: Tx, order_id: str, reason: str) -> None:
    """Ask the provider to give every open authorization or unpaid page of the order back."""
    table = tables.payment_attempt
    live = (*tables.ATTEMPT_OPEN, "authorized", "declined")
    attempts = tx.rows(select(table).where(table.c.order_id == order_id, table.c.status.in_(live)))
    outbox.send(
        tx,
        [
            outbox.Message(
                "payment.void",
                f"void:{attempt.id}",
                {"attempt_id": attempt.id, "reason": reason},
                "money",
                order_id,
            )
            for attempt in attempts
        ],
    )


def stuck(tx: Tx, limit: int = 100) -> Sequence[Any]:
    """Attempts that wait for an answer for more than a minute, oldest first: the janitor's list."""
    table = tables.payment_attempt
    return tx.rows(
        select(table.c.id, table.c.payment_id, table.c.status)
        .where(table.c.status.in_(tables.ATTEMPT_OPEN), table.c.updated_at < tx.now - STUCK_AFTER)
        .order_by(table.c.updated_at)
        .limit(limit)
    )


def touch_stuck(tx: Tx, attempt_ids: Sequence[str]) -> None:
    """Remember that these were looked at, so that the janitor comes to the others first."""
    table = tables.payment_attempt
    if attempt_ids:
        tx.run(update(table).where(table.c.id.in_(attempt_ids)).values(updated_at=tx.now))


def newest_of(tx: Tx, payment_id: str) -> str:
    """The id of a payment's newest attempt."""
    table = tables.payment_attempt
    query = select(table.c.id).where(table.c.payment_id == payment_id).order_by(table.c.n.desc()).limit(1)
    return str(tx.scalar(query))


def remember_page(tx: Tx, payment_id: str, session_ref: str, redirect_url: str) -> None:
    """Keep the address of a page that we learned of by asking, after the answer to our own call was lost."""
    tx.run(
        update(tables.payment)
        .where(tables.payment.c.id == payment_id, tables.payment.c.session_ref.is_(None))
        .values(session_ref=session_ref)
    )
    table = tables.payment_attempt
    tx.run(
        update(table)
        .where(table.c.payment_id == payment_id, table.c.redirect_url.is_(None))
        .values(redirect_url=redirect_url)
    )
