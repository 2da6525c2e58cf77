"""Folding what a provider shows into append-only events; every amount of a payment is a sum over them.

Running a fold once or a hundred times gives the same rows: events are unique by the provider's object and kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from storekeep.kernel import lifecycle, prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.machine import Machine
from storekeep.shop.payments import accounts, ledger, recipes, tables
from storekeep.shop.payments.providers.base import ProviderPayment, ProviderRefund
from storekeep.shop.payments.states import ATTEMPT, REFUND

TO_BE_SENT = ("requested", "sent", "unknown")
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
    """Write what the provider shows of a payment. See `fold_many`."""
    return fold_many(tx, [lock_payment(tx, payment_id)], {payment_id: seen})[0]


def fold_many(tx: Tx, payments: Sequence[Any], seen: Mapping[str, ProviderPayment]) -> list[Folded]:
    """Write what the provider shows of payments: events, amounts, ledger, attempt and refund statuses.

    `payments` are locked rows of different orders, because what an order owes is read once for all of them.
    """
    _keep_references(tx, payments, seen)
    new = _record(tx, [(payment, _facts(tx, seen[payment.id], payment)) for payment in payments])
    for payment in payments:
        # Oldest first: of a refund that was tried again only the last try says how it stands.
        for returned in {each.refund_id or each.ref: each for each in seen[payment.id].refunds}.values():
            _fold_refund_row(tx, payment, returned)
    recompute_many(tx, [payment.id for payment in payments])
    _post(tx, payments, new)
    _fold_attempts(tx, seen)
    return [
        Folded(payment.id, payment.order_id, frozenset(fact.kind for fact in new[payment.id])) for payment in payments
    ]


def _keep_references(tx: Tx, payments: Sequence[Any], seen: Mapping[str, ProviderPayment]) -> None:
    """What the provider calls a payment, once it has a name for it."""
    rows = [
        {
            "of_id": payment.id,
            "to_provider_ref": seen[payment.id].payment_ref,
            "to_session_ref": seen[payment.id].session_ref or payment.session_ref,
        }
        for payment in payments
        if seen[payment.id].payment_ref and payment.provider_ref is None
    ]
    if rows:
        tx.conn.execute(prepared.change_of(tables.payment, "provider_ref", "session_ref"), rows)


def fold_refund(tx: Tx, refund_id: str, answer: ProviderRefund) -> Folded:
    """Write a provider's answer to a refund of ours."""
    row = tx.first(select(tables.refund.c.payment_id).where(tables.refund.c.id == refund_id))
    if row is None:
        raise LookupError(f"no refund {refund_id}")
    payment = lock_payment(tx, row.payment_id)
    new = _record(tx, [(payment, _refund_facts(tx, answer))])
    _fold_refund_row(tx, payment, answer)
    recompute(tx, payment.id)
    _post(tx, [payment], new)
    return Folded(payment.id, payment.order_id, frozenset(fact.kind for fact in new[payment.id]))


def lock_payment(tx: Tx, payment_id: str) -> Any:
    """The payment's row, locked."""
    row = tx.first(select(tables.payment).where(tables.payment.c.id == payment_id).with_for_update())
    if row is None:
        raise LookupError(f"no payment {payment_id}")
    return row


def lock_payments(tx: Tx, payment_ids: Sequence[str]) -> Sequence[Any]:
    """The payments' rows, locked in id order; one that does not exist is missing."""
    return tx.rows(prepared.rows_of(tables.payment, "id", lock=True), {"wanted": list(payment_ids)})


def payment_row(tx: Tx, payment_id: str) -> Any:
    """The payment's row, not locked."""
    for row in payment_rows(tx, [payment_id]):
        return row
    raise LookupError(f"no payment {payment_id}")


def payment_rows(tx: Tx, payment_ids: Sequence[str]) -> Sequence[Any]:
    """The payments' rows, not locked; one that does not exist is missing."""
    return tx.rows(prepared.rows_of(tables.payment, "id"), {"wanted": list(payment_ids)})


def orders_of(tx: Tx, payment_ids: Sequence[str]) -> dict[str, str]:
    """The order that each payment is for; it is locked before the payment."""
    known = tx.rows(prepared.rows_of(tables.payment, "id", "id", "order_id"), {"wanted": list(payment_ids)})
    found = {row.id: row.order_id for row in known}
    for payment_id in payment_ids:
        if payment_id not in found:
            raise LookupError(f"no payment {payment_id}")
    return found


def _facts(tx: Tx, seen: ProviderPayment, payment: Any) -> list[_Fact]:
    facts: list[_Fact] = []
    ref = seen.payment_ref
    if ref is not None:
        if seen.authorized_minor > 0:
            facts.append(_Fact(ref, "authorized", seen.authorized_minor, tx.now))
        if seen.captured_minor > 0:
            facts.append(_Fact(ref, "captured", seen.captured_minor, tx.now))
        # What was set aside and given back between two looks is news of both, or it would count as set aside for ever.
        if seen.status == "canceled" and (held := payment.authorized_minor or seen.authorized_minor):
            facts.append(_Fact(ref, "voided", held, tx.now))
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


def _record(tx: Tx, found: Sequence[tuple[Any, Sequence[_Fact]]]) -> dict[str, list[_Fact]]:
    """Keep the facts of each payment that are not kept yet; returns those, by payment."""
    new: dict[str, list[_Fact]] = {payment.id: [] for payment, _ in found}
    objects = {fact.object_id for _, facts in found for fact in facts}
    if not objects:
        return new
    providers = {payment.provider for payment, _ in found}
    table = tables.payment_event
    known = {
        (row.provider, row.provider_object_id, row.kind)
        for row in tx.rows(_KEPT, {"objects": list(objects), "providers": list(providers)})
    }
    for payment, facts in found:
        for fact in facts:
            if (payment.provider, fact.object_id, fact.kind) not in known:
                new[payment.id].append(fact)
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
            for payment, _ in found
            for fact in new[payment.id]
        ],
    )
    return new


_EVENT, _REFUND = tables.payment_event.c, tables.refund.c
_KEPT = select(_EVENT.provider, _EVENT.provider_object_id, _EVENT.kind).where(
    among(_EVENT.provider_object_id, listed("objects")), among(_EVENT.provider, listed("providers"))
)
_EVENTS_SUMMED = (
    select(_EVENT.payment_id, _EVENT.kind, func.sum(_EVENT.amount_minor).label("amount"))
    .where(among(_EVENT.payment_id, listed("wanted")))
    .group_by(_EVENT.payment_id, _EVENT.kind)
)
_REFUNDS_SUMMED = (
    select(_REFUND.payment_id, func.sum(_REFUND.amount_minor).label("amount"))
    .where(among(_REFUND.payment_id, listed("wanted")), _REFUND.status.in_(REFUND_UNDERWAY))
    .group_by(_REFUND.payment_id)
)
_AMOUNTS = ("authorized_minor", "captured_minor", "refunded_minor", "refund_pending_minor")


def recompute(tx: Tx, payment_id: str) -> None:
    """Set a payment's amounts to what its events and refunds say."""
    recompute_many(tx, [payment_id])


def recompute_many(tx: Tx, payment_ids: Sequence[str]) -> None:
    """Set the amounts of payments to what their events and refunds say."""
    sums: dict[str, dict[str, int]] = {payment_id: {} for payment_id in payment_ids}
    for row in tx.rows(_EVENTS_SUMMED, {"wanted": list(payment_ids)}):
        sums[row.payment_id][row.kind] = int(row.amount)
    waiting = tx.rows(_REFUNDS_SUMMED, {"wanted": list(payment_ids)})
    underway = {row.payment_id: int(row.amount) for row in waiting}
    rows = [
        {
            "of_id": payment_id,
            "to_authorized_minor": 0 if known.get("captured") or "voided" in known else known.get("authorized", 0),
            "to_captured_minor": known.get("captured", 0),
            "to_refunded_minor": known.get("refunded", 0) - known.get("refund_failed", 0),
            "to_refund_pending_minor": underway.get(payment_id, 0),
        }
        for payment_id, known in sorted(sums.items())
    ]
    if rows:
        tx.conn.execute(prepared.change_of(tables.payment, *_AMOUNTS), rows)


def _post(tx: Tx, payments: Sequence[Any], new: Mapping[str, Sequence[_Fact]]) -> None:
    paid = [each.order_id for each in payments if any(fact.kind == "captured" for fact in new[each.id])]
    owed = ledger.order_balances(tx, paid, accounts.RECEIVABLE)
    ledger.post(tx, [draft for each in payments for draft in _drafts(tx, each, new[each.id], owed)])


def _drafts(
    tx: Tx, payment: Any, new: Sequence[_Fact], owed: Mapping[str, int]
) -> list[ledger.EntryDraft | None]:
    cash = accounts.CLEARING if payment.tender == "card" else accounts.BANK
    drafts: list[ledger.EntryDraft | None] = []
    for fact in new:
        key = f"{fact.kind}:{payment.provider}:{fact.object_id}"
        if fact.kind == "captured":
            drafts.append(
                recipes.captured(
                    payment.id,
                    payment.order_id,
                    key,
                    fact.amount_minor,
                    payment.currency,
                    owed[payment.order_id],
                    cash_account=cash,
                )
            )
        elif fact.kind in {"refunded", "refund_failed"}:
            recipe = recipes.refunded if fact.kind == "refunded" else recipes.refund_failed
            mine = (tables.refund.c.payment_id == payment.id, tables.refund.c.provider_ref == fact.object_id)
            refund_id = tx.scalar(select(tables.refund.c.id).where(*mine))
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
    return drafts


def _fold_refund_row(tx: Tx, payment: Any, seen: ProviderRefund) -> None:
    table = tables.refund
    mine = table.c.id == seen.refund_id if seen.refund_id else table.c.provider_ref == seen.ref
    row = tx.first(select(table).where(table.c.payment_id == payment.id, mine))
    if row is None:
        return
    if row.provider_ref == seen.ref and row.status in TO_BE_SENT:
        return  # the try before; the one that is asked for now is still to come
    if row.provider_ref != seen.ref:
        tx.run(update(table).where(table.c.id == row.id).values(provider_ref=seen.ref))
    if _may_move(REFUND, row.status, seen.status):
        lifecycle.advance(tx, REFUND, table, [row.id], seen.status, sets={"updated_at": tx.now})


def _fold_attempts(tx: Tx, seen: Mapping[str, ProviderPayment]) -> None:
    """The newest attempt of each payment follows what the provider shows; equal moves go together."""
    table = tables.payment_attempt
    query = prepared.rows_of(table, "payment_id", "id", "payment_id", "status", order=("payment_id", "n"))
    newest = {row.payment_id: row for row in tx.rows(query, {"wanted": list(seen)})}
    moves: dict[tuple[str, str | None], list[str]] = {}
    for payment_id, row in newest.items():
        shown = seen[payment_id]
        wanted = _ATTEMPT_OF.get(shown.status)
        if shown.status == "canceled":
            wanted = "voided" if row.status == "authorized" else "canceled"
        elif shown.session_status == "expired" and shown.status not in {"authorized", "captured"}:
            wanted = "expired"
        if wanted is not None and _may_move(ATTEMPT, row.status, wanted):
            moves.setdefault((wanted, shown.decline_code), []).append(row.id)
    for (wanted, decline_code), ids in moves.items():
        lifecycle.advance(tx, ATTEMPT, table, ids, wanted, sets={"updated_at": tx.now, "failure_code": decline_code})


def _may_move(machine: Machine, current: str, wanted: str) -> bool:
    """False for an old picture of the payment; the events are the truth and they are already kept."""
    return current != wanted and machine.allows(current, wanted)
