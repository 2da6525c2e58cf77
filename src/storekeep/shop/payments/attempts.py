"""Payments and their attempts: written down before the provider is called, and folded by what it answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from storekeep.kernel import lifecycle, outbox, prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import DAY, MINUTE, SECOND, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, NotFound
from storekeep.shop.payments import tables
from storekeep.shop.payments.providers.base import SessionOpened
from storekeep.shop.payments.states import ATTEMPT

OBSERVING = 30 * SECOND
STUCK_AFTER = MINUTE
#: Banks let an authorization go after about a week.
AUTHORIZED_FOR = 6 * DAY


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


_ATTEMPT, _PAID = tables.payment_attempt.c, tables.payment.c
_OPEN = select(tables.payment_attempt).where(
    among(_ATTEMPT.order_id, listed("orders")), _ATTEMPT.status.in_(tables.ATTEMPT_OPEN)
)
_CLOSABLE = (
    select(tables.payment_attempt)
    .where(among(_ATTEMPT.order_id, listed("orders")), _ATTEMPT.status.in_((*tables.ATTEMPT_OPEN, "declined")))
    .order_by(_ATTEMPT.id)
)
_WITH_PAYMENT = (
    select(tables.payment_attempt, _PAID.provider, _PAID.session_ref, _PAID.provider_ref)
    .join(tables.payment, _PAID.id == _ATTEMPT.payment_id)
    .where(among(_ATTEMPT.id, listed("ids")))
)
_UNOBSERVED = (
    select(tables.payment)
    .where(
        among(_PAID.id, listed("ids")),
        _PAID.observing_until.is_(None) | (_PAID.observing_until < bindparam("now")),
    )
    .order_by(_PAID.id)
    .with_for_update()
)


def open_attempt(tx: Tx, order_id: str) -> Any | None:
    """The order's open attempt, if it has one."""
    return tx.first(_OPEN, {"orders": [order_id]})


def with_open_attempt(tx: Tx, order_ids: Sequence[str]) -> set[str]:
    """Those of these orders that have an open attempt."""
    return {row.order_id for row in tx.rows(_OPEN, {"orders": list(order_ids)})}


def next_n(tx: Tx, order_id: str) -> int:
    """The number of the order's next attempt."""
    table = tables.payment_attempt
    return int(tx.scalar(select(func.coalesce(func.max(table.c.n), 0)).where(table.c.order_id == order_id))) + 1


def load_attempt(tx: Tx, attempt_id: str) -> Any:
    """An attempt with the payment it belongs to."""
    return load_attempts(tx, [attempt_id])[attempt_id]


def load_attempts(tx: Tx, attempt_ids: Sequence[str]) -> dict[str, Any]:
    """Attempts with the payments they belong to, by id; a missing one raises `NotFound`."""
    found = {row.id: row for row in tx.rows(_WITH_PAYMENT, {"ids": list(attempt_ids)})}
    if len(found) < len(set(attempt_ids)):
        raise NotFound("there is no such payment attempt")
    return found


def move(tx: Tx, attempt_id: str, to: str, **values: Any) -> None:
    """Move an attempt along its lifecycle, stamping the time."""
    move_many(tx, [attempt_id], to, **values)


def move_many(tx: Tx, attempt_ids: Sequence[str], to: str, **values: Any) -> None:
    """Move attempts along their lifecycle together, stamping the time."""
    lifecycle.advance(tx, ATTEMPT, tables.payment_attempt, attempt_ids, to, sets={"updated_at": tx.now, **values})


def pages_opened(tx: Tx, pages: Mapping[str, SessionOpened]) -> None:
    """The provider opened pages, by attempt: remember where they are. Told twice, it changes nothing."""
    if not pages:
        return
    known = load_attempts(tx, list(pages))
    fresh = [attempt_id for attempt_id in pages if known[attempt_id].status in {"sent", "unknown"}]
    move_many(tx, fresh, "requires_action")
    table, paid = tables.payment_attempt, tables.payment
    if fresh:
        tx.conn.execute(
            prepared.change_of(table, "redirect_url"),
            [{"of_id": attempt_id, "to_redirect_url": pages[attempt_id].redirect_url} for attempt_id in fresh],
        )
    tx.conn.execute(
        prepared.change_of(paid, "session_ref", "provider_ref"),
        [
            {
                "of_id": known[attempt_id].payment_id,
                "to_session_ref": page.session_ref,
                "to_provider_ref": page.payment_ref or known[attempt_id].provider_ref,
            }
            for attempt_id, page in pages.items()
        ],
    )


def take_leases(tx: Tx, payment_ids: Sequence[str]) -> dict[str, Any]:
    """Become the one who looks at these payments for the next half minute; those that somebody else looks at are left
    out. Returns the rows of the others by id."""
    taken = {row.id: row for row in tx.rows(_UNOBSERVED, {"ids": list(payment_ids), "now": tx.now})}
    if taken:
        leased = prepared.change_all(tables.payment, "observing_until")
        tx.run(leased, {"wanted": list(taken), "to_observing_until": tx.now + OBSERVING})
    return taken


def drop_leases(tx: Tx, payment_ids: Sequence[str]) -> None:
    """Let others look again."""
    dropped = prepared.change_all(tables.payment, "observing_until", "observed_at")
    tx.run(dropped, {"wanted": list(payment_ids), "to_observing_until": None, "to_observed_at": tx.now})


def of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The payments of an order, oldest first."""
    return of_orders(tx, [order_id])


def of_orders(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The payments of orders, oldest first."""
    return tx.rows(prepared.rows_of(tables.payment, "order_id"), {"wanted": list(order_ids)})


def by_references(tx: Tx, told: Collection[tuple[str, str | None, str | None]]) -> dict[tuple[str, str], Any]:
    """The payments that objects of providers belong to, by provider and reference; unknown ones are left out.

    Each of `told` is a provider with the references of its session and of its payment, as far as they are known.
    """
    table = tables.payment
    found: dict[tuple[str, str], Any] = {}
    for column, refs in (
        ("session_ref", sorted({session for _, session, _ in told if session})),
        ("provider_ref", sorted({payment for _, _, payment in told if payment})),
    ):
        if refs:
            query = prepared.rows_of(table, column)
            found |= {(row.provider, getattr(row, column)): row for row in tx.rows(query, {"wanted": refs})}
    return found


def request_capture(tx: Tx, order_id: str, amount_minor: int) -> None:
    """Ask for the money that was set aside. See `request_captures`."""
    request_captures(tx, {order_id: amount_minor})


def request_captures(tx: Tx, amounts: Mapping[str, int]) -> None:
    """Ask for the money that was set aside, up to the amount of each order; once per payment, whoever asks.

    Raises `Conflict` when the authorizations of an order do not cover it.
    """
    if not amounts:
        return
    left = dict(amounts)
    messages = []
    for payment in of_orders(tx, list(left)):
        order_id = payment.order_id
        part = min(left[order_id], payment.authorized_minor)
        if part > 0:
            body = {"payment_id": payment.id, "amount_minor": part}
            messages.append(outbox.Message("payment.capture", f"capture:{payment.id}", body, "money", order_id))
            left[order_id] -= part
    for missing in left.values():
        if missing > 0:
            raise Conflict(f"{missing} minor units are neither paid nor authorized")
    outbox.send(tx, messages)


def _void_key(attempt: Any) -> str:
    """Once for every status: a page that was closed in vain, because its card settled later, has money to give back."""
    return f"void:{attempt.id}:{attempt.status}"


def request_void(tx: Tx, order_ids: Sequence[str], reason: str) -> None:
    """Ask the provider to give every open authorization or unpaid page of these orders back."""
    table = tables.payment_attempt
    live = (*tables.ATTEMPT_OPEN, "authorized", "declined")
    attempts = tx.rows(select(table).where(table.c.order_id.in_(order_ids), table.c.status.in_(live)))
    outbox.send(
        tx,
        [
            outbox.Message(
                "payment.void",
                _void_key(attempt),
                {"attempt_id": attempt.id, "reason": reason},
                "money",
                attempt.order_id,
            )
            for attempt in attempts
        ],
    )


def request_close(tx: Tx, order_ids: Sequence[str], reason: str) -> None:
    """Ask the provider to close the payment pages of these orders on which nobody has paid; what was paid stands."""
    outbox.send(
        tx,
        [
            outbox.Message(
                "payment.close",
                f"close:{attempt.id}",
                {"attempt_id": attempt.id, "reason": reason},
                "money",
                attempt.order_id,
            )
            for attempt in tx.rows(_CLOSABLE, {"orders": list(order_ids)})
        ],
    )


def request_void_of_surplus(tx: Tx, surplus: Mapping[str, int], reason: str) -> None:
    """Give back authorizations that came on top of what an order owes (minor units, by order), the newest first.

    Only whole ones: an order that owes less than its only authorization has the rest of it left uncaptured.
    """
    table = tables.payment_attempt
    query = select(table).where(table.c.order_id.in_(list(surplus)), table.c.status == "authorized")
    left = dict(surplus)
    messages = []
    for attempt in tx.rows(query.order_by(table.c.id.desc())):
        if attempt.amount_minor <= left[attempt.order_id]:
            left[attempt.order_id] -= attempt.amount_minor
            body = {"attempt_id": attempt.id, "reason": reason}
            messages.append(
                outbox.Message("payment.void", _void_key(attempt), body, "money", attempt.order_id)
            )
    outbox.send(tx, messages)


def doubtful(tx: Tx, seen_before: Instant, refunded_since: Instant, limit: int = 200) -> list[str]:
    """Payments not looked at since `seen_before` that the bank may have changed: refunded since a moment, or set aside
    for so long that the bank may have let go. Those seen longest ago come first."""
    p, r = tables.payment.c, tables.refund.c
    returned = select(r.id).where(
        r.payment_id == p.id, r.status.in_(("pending", "succeeded")), r.updated_at >= refunded_since
    )
    lapsing = and_(p.authorized_minor > 0, p.captured_minor == 0, p.created_at < tx.now - AUTHORIZED_FOR)
    seen = func.coalesce(p.observed_at, p.created_at)
    query = (
        select(p.id)
        .where(seen < seen_before, or_(returned.exists(), lapsing))
        .order_by(seen, p.id)
        .limit(limit)
    )
    return [row.id for row in tx.rows(query)]


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


def remember_pages(tx: Tx, pages: Mapping[str, tuple[str, str]]) -> None:
    """Keep pages that we learned of by asking, after the answer to our own call was lost: by payment (session, url)."""
    if not pages:
        return
    rows = [{"of_id": each, "to_session": session, "to_url": url} for each, (session, url) in sorted(pages.items())]
    paid, table = tables.payment, tables.payment_attempt
    tx.conn.execute(
        update(paid)
        .where(paid.c.id == bindparam("of_id"), paid.c.session_ref.is_(None))
        .values(session_ref=bindparam("to_session")),
        [{"of_id": row["of_id"], "to_session": row["to_session"]} for row in rows],
    )
    tx.conn.execute(
        update(table)
        .where(table.c.payment_id == bindparam("of_id"), table.c.redirect_url.is_(None))
        .values(redirect_url=bindparam("to_url")),
        [{"of_id": row["of_id"], "to_url": row["to_url"]} for row in rows],
    )
