"""Folding what a provider shows into append-only events; every amount of a payment is a sum over them.

Running a fold once or a hundred times gives the same rows: events are unique by the provider's object and kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from storekeep.kernel import lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.machine import Machine
from storekeep.shop.payments import accounts, ledger, recipes, tables
from storekeep.shop.payments.providers.base import ProviderPayment, ProviderRefund
from storekeep.shop.payments.states import ATTEMPT, REFUND

REFUND_UNDERWAY = ("requested", "sent", "pending", "unknown")
_ATTEMPT_OF = {
    "requires_action": "requires_action",
    "processing": "processing",
    "authorized": "authorized",
    "captured": "captured",
    "declined": "declined",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """What was new in a provider's picture of a payment."""

    payment_id: str
    order_id: str
    new_kinds: frozenset[str]

    @property
    def is_news(self) -> bool:
        return bool(self.new_kinds)


@dataclass(frozen=True, slots=True)
class _Fact:
    object_id: str
    kind: str
    amount_minor: int
    occurred_at: int
    detail: str = ""


def fold(tx: Tx, payment_id: str, seen: ProviderPayment) -> Folded:
    """Write what the provider shows of a payment: events, amounts, ledger, attempt and refund statuses."""
    payment = lock_payment(tx, payment_id)
    if seen.payment_ref and payment.provider_ref is None:
        tx.run(
            update(tables.payment)
            .where(tables.payment.c.id == payment_id)
            .values(provider_ref=seen.payment_ref, session_ref=seen.session_ref or payment.session_ref)
        )
    new = _record(tx, payment, _facts(tx, seen, payment))
    for returned in seen.refunds:
        _fold_refund_row(tx, payment, returned)
    recompute(tx, payment_id)
    _post(tx, payment, new)
    _fold_attempt(tx, payment_id, seen)
    return Folded(payment_id, payment.order_id, frozenset(fact.kind for fact in new))


def fold_refund(tx: Tx, refund_id: str, answer: ProviderRefund) -> Folded:
    """Write a provider's answer to a refund of ours."""
    row = tx.first(select(tables.refund.c.payment_id).where(tables.refund.c.id == refund_id))
    if row is None:
        raise LookupError(f"no refund {refund_id}")
    payment = lock_payment(tx, row.payment_id)
    new = _record(tx, payment, _refund_facts(tx, answer))
    _fold_refund_row(tx, payment, answer)
    recompute(tx, payment.id)
    _post(tx, payment, new)
    return Folded(payment.id, payment.order_id, frozenset(fact.kind for fact in new))


def lock_payment(tx: Tx, payment_id: str) -> Any:
    """The payment's row, locked."""
    row = tx.first(select(tables.payment).where(tables.payment.c.id == payment_id).with_for_update())
    if row is None:
        raise LookupError(f"no payment {payment_id}")
    return row


def payment_row(tx: Tx, payment_id: str) -> Any:
    """The payment's row, not locked."""
    row = tx.first(select(tables.payment).where(tables.payment.c.id == payment_id))
    if row is None:
        raise LookupError(f"no payment {payment_id}")
    return row


def order_of(tx: Tx, payment_id: str) -> str:
    """The order that a payment is for; it is locked before the payment."""
    return str(payment_row(tx, payment_id).order_id)


def _facts(tx: Tx, seen: ProviderPayment, payment: Any) -> list[_Fact]:
    facts: list[_Fact] = []
    ref = seen.payment_ref
    if ref is not None:
        if seen.authorized_minor > 0:
            facts.append(_Fact(ref, "authorized", seen.authorized_minor, tx.now))
        if seen.captured_minor > 0:
            facts.append(_Fact(ref, "captured", seen.captured_minor, tx.now))
        if seen.status == "canceled" and payment.authorized_minor > 0:
            facts.append(_Fact(ref, "voided", payment.authorized_minor, tx.now))
    for returned in seen.refunds:
        facts += _refund_facts(tx, returned)
    return facts


def _refund_facts(tx: Tx, returned: ProviderRefund) -> list[_Fact]:
    if returned.status == "succeeded":
        return [_Fact(returned.ref, "refunded", returned.amount_minor, tx.now)]
    if returned.status == "failed":
        table = tables.payment_event
        had_succeeded = tx.scalar(
            select(func.count()).where(table.c.provider_object_id == returned.ref, table.c.kind == "refunded")
        )
        if had_succeeded:
            return [_Fact(returned.ref, "refund_failed", returned.amount_minor, tx.now)]
    return []


def _record(tx: Tx, payment: Any, facts: Sequence[_Fact]) -> list[_Fact]:
    if not facts:
        return []
    table = tables.payment_event
    known = {
        (row.provider_object_id, row.kind)
        for row in tx.rows(
            select(table.c.provider_object_id, table.c.kind).where(
                table.c.provider == payment.provider,
                table.c.provider_object_id.in_({fact.object_id for fact in facts}),
            )
        )
    }
    new = [fact for fact in facts if (fact.object_id, fact.kind) not in known]
    tx.insert_many(
        table,
        [
            {
                "id": tx.new_id(),
                "payment_id": payment.id,
                "provider": payment.provider,
                "provider_object_id": fact.object_id,
                "kind": fact.kind,
                "amount_minor": fact.amount_minor,
                "currency": payment.currency,
                "occurred_at": fact.occurred_at,
                "recorded_at": tx.now,
                "detail": fact.detail,
            }
            for fact in new
        ],
    )
    return new


def recompute(tx: Tx, payment_id: str) -> None:
    """Set a payment's amounts to what its events and refunds say."""
    table = tables.payment_event
    query = select(table.c.kind, func.sum(table.c.amount_minor).label("amount")).where(table.c.payment_id == payment_id)
    sums = {row.kind: int(row.amount) for row in tx.rows(query.group_by(table.c.kind))}
    captured = sums.get("captured", 0)
    is_live = not captured and "voided" not in sums
    refund = tables.refund
    underway = tx.scalar(
        select(func.coalesce(func.sum(refund.c.amount_minor), 0)).where(
            refund.c.payment_id == payment_id, refund.c.status.in_(REFUND_UNDERWAY)
        )
    )
    tx.run(
        update(tables.payment)
        .where(tables.payment.c.id == payment_id)
        .values(
            authorized_minor=sums.get("authorized", 0) if is_live else 0,
            captured_minor=captured,
            refunded_minor=sums.get("refunded", 0) - sums.get("refund_failed", 0),
            refund_pending_minor=int(underway),
        )
    )


def _post(tx: Tx, payment: Any, new: Sequence[_Fact]) -> None:
    cash = accounts.CLEARING if payment.tender == "card" else accounts.BANK
    drafts = []
    for fact in new:
        key = f"{fact.kind}:{payment.provider}:{fact.object_id}"
        if fact.kind == "captured":
            owed = ledger.order_balance(tx, payment.order_id, [accounts.RECEIVABLE])[accounts.RECEIVABLE]
            drafts.append(
                recipes.captured(
                    payment.id, payment.order_id, key, fact.amount_minor, payment.currency, owed, cash_account=cash
                )
            )
        elif fact.kind in {"refunded", "refund_failed"}:
            recipe = recipes.refunded if fact.kind == "refunded" else recipes.refund_failed
            refund_id = tx.scalar(select(tables.refund.c.id).where(tables.refund.c.provider_ref == fact.object_id))
            drafts.append(
                recipe(
                    payment.id,
                    payment.order_id,
                    refund_id or payment.id,
                    key,
                    fact.amount_minor,
                    payment.currency,
                    cash_account=cash,
                )
            )
    ledger.post(tx, drafts)


def _fold_refund_row(tx: Tx, payment: Any, seen: ProviderRefund) -> None:
    table = tables.refund
    mine = table.c.id == seen.refund_id if seen.refund_id else table.c.provider_ref == seen.ref
    row = tx.first(select(table).where(table.c.payment_id == payment.id, mine))
    if row is None:
        return
    if row.provider_ref is None:
        tx.run(update(table).where(table.c.id == row.id).values(provider_ref=seen.ref))
    _move_if_legal(tx, REFUND, table, row.id, row.status, seen.status)


def _fold_attempt(tx: Tx, payment_id: str, seen: ProviderPayment) -> None:
    table = tables.payment_attempt
    row = tx.first(select(table).where(table.c.payment_id == payment_id).order_by(table.c.n.desc()).limit(1))
    if row is None:
        return
    wanted = _ATTEMPT_OF.get(seen.status)
    if seen.status == "canceled":
        wanted = "voided" if row.status == "authorized" else "canceled"
    elif seen.session_status == "expired" and seen.status not in {"authorized", "captured"}:
        wanted = "expired"
    if wanted is not None:
        _move_if_legal(tx, ATTEMPT, table, row.id, row.status, wanted, failure_code=seen.decline_code)


def _move_if_legal(tx: Tx, machine: Machine, table: Any, row_id: str, current: str, wanted: str, **values: Any) -> None:
    if current == wanted or not machine.allows(current, wanted):
        return  # an old picture of the payment; the events are the truth and they are already kept
    lifecycle.advance(tx, machine, table, [row_id], wanted, sets={"updated_at": tx.now, **values})
