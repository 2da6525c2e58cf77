"""Giving money back: split over an order's payments, never above what each one took, sent by the worker."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update

from storekeep.kernel import lifecycle, numbers, outbox
from storekeep.kernel import tables as kernel_tables
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound, Problem, Refused
from storekeep.shop.payments import tables
from storekeep.shop.payments.states import REFUND


def refundable(tx: Tx, order_id: str) -> int:
    """What could still be given back on an order: captured less refunded and refunds under way."""
    return sum(_left(row) for row in _payments(tx, order_id))


def promised(tx: Tx, order_ids: Sequence[str]) -> dict[str, int]:
    """What was promised to go back on these orders and has not, by order; failed refunds count, for they are owed."""
    r = tables.refund.c
    query = (
        select(r.order_id, func.sum(r.amount_minor).label("amount"))
        .where(r.order_id.in_(sorted(set(order_ids))), r.status.not_in(("succeeded", "canceled")))
        .group_by(r.order_id)
    )
    return {row.order_id: int(row.amount) for row in tx.rows(query)} if order_ids else {}


def request(
    tx: Tx, order_id: str, amount_minor: int, *, reason: str, key: str, adjustment_id: str | None = None
) -> list[str]:
    """Ask for a refund of `amount_minor`, newest payment first; returns the ids of the refunds.

    The same `key` returns the first ones. Raises `Refused` with what is left when it is more than was taken.
    """
    known = _of_key(tx, order_id, key)
    if known or amount_minor == 0:
        return known
    payments = _payments(tx, order_id, lock=True)
    left = sum(_left(row) for row in payments)
    if not 0 < amount_minor <= left:
        text = f"{left} minor units can still be refunded, not {amount_minor}"
        raise Refused([Problem("refund_above_paid", text, path="amount", data={"at_most": left})])
    rows: list[dict[str, Any]] = []
    for payment in payments:
        part = min(amount_minor, _left(payment))
        if part > 0:
            rows.append(_row(tx, payment, part, reason, f"{key}:{len(rows) + 1}", adjustment_id))
            amount_minor -= part
    taken = numbers.take(tx, "refund", len(rows))
    tx.insert_many(tables.refund, [row | {"number": number} for row, number in zip(rows, taken, strict=True)])
    lifecycle.begin(tx, REFUND, [row["id"] for row in rows])
    for row in rows:
        pending = tables.payment.c.refund_pending_minor + row["amount_minor"]
        tx.run(
            update(tables.payment).where(tables.payment.c.id == row["payment_id"]).values(refund_pending_minor=pending)
        )
    outbox.send_new(
        tx,
        [
            outbox.Message("payment.refund", f"refund:{row['id']}:1", {"refund_id": row["id"]}, "money", order_id)
            for row in rows
        ],
    )
    return [row["id"] for row in rows]


def load(tx: Tx, refund_id: str) -> Any:
    """A refund with its payment's provider reference."""
    row = tx.first(
        select(tables.refund, tables.payment.c.provider, tables.payment.c.provider_ref.label("payment_ref"))
        .join(tables.payment, tables.payment.c.id == tables.refund.c.payment_id)
        .where(tables.refund.c.id == refund_id)
    )
    if row is None:
        raise NotFound("there is no such refund")
    return row


def move(tx: Tx, refund_id: str, to: str) -> None:
    """Move a refund along its lifecycle."""
    lifecycle.advance(tx, REFUND, tables.refund, [refund_id], to, sets={"updated_at": tx.now})


def of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The refunds of an order, oldest first."""
    return tx.rows(select(tables.refund).where(tables.refund.c.order_id == order_id).order_by(tables.refund.c.number))


def _payments(tx: Tx, order_id: str, *, lock: bool = False) -> Sequence[Any]:
    query = select(tables.payment).where(tables.payment.c.order_id == order_id).order_by(tables.payment.c.id.desc())
    return tx.rows(query.with_for_update() if lock else query)


def _left(payment: Any) -> int:
    return int(payment.captured_minor - payment.refunded_minor - payment.refund_pending_minor)


def _of_key(tx: Tx, order_id: str, key: str) -> list[str]:
    """The refunds that a command has asked for. By order, because no index serves the beginning of a key."""
    table = tables.refund
    mine = (table.c.order_id == order_id, table.c.idempotency_key.startswith(f"{key}:", autoescape=True))
    query = select(table.c.id).where(*mine)
    return [row.id for row in tx.rows(query.order_by(table.c.number))]


def _row(tx: Tx, payment: Any, amount: int, reason: str, key: str, adjustment_id: str | None) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "adjustment_id": adjustment_id,
        "amount_minor": amount,
        "currency": payment.currency,
        "reason": reason,
        "idempotency_key": key,
        "status": "requested",
        "provider_ref": None,
        "requested_by": tx.actor,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def times_sent(refund_id: str) -> Any:
    """The query that counts how often a refund was handed to the outbox."""
    key = kernel_tables.outbox.c.key
    return select(func.count()).where(key.startswith(f"refund:{refund_id}:", autoescape=True))
