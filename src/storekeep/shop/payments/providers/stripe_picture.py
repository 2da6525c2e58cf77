"""Stripe's objects, as plain dicts, folded into the port's words. Pure: no client, no clock."""

from __future__ import annotations

from typing import Any, Final, cast

from .base import (
    ChargeStatus,
    PaymentStatus,
    ProviderCharge,
    ProviderPayment,
    ProviderRefund,
    RefundStatus,
    SessionStatus,
)
from .stripe_wire import from_provider

_STATUS: Final[dict[str, PaymentStatus]] = {
    "requires_confirmation": "none",
    "requires_action": "requires_action",
    "processing": "processing",
    "requires_capture": "authorized",
    "succeeded": "captured",
    "canceled": "canceled",
}
_REFUND_STATUS: Final[dict[str, RefundStatus]] = {
    "requires_action": "pending", "pending": "pending", "succeeded": "succeeded", "failed": "failed",
    "canceled": "canceled",
}  # fmt: skip


def payment_picture(
    session: dict[str, Any] | None,
    intent: dict[str, Any] | None,
    charges: list[dict[str, Any]],
    refunds: list[ProviderRefund],
) -> ProviderPayment:
    """Stripe's objects (oldest charge and refund first) as one `ProviderPayment`."""
    main = intent or session
    assert main is not None
    currency = str(main["currency"]).upper()
    status = _payment_status(session, intent)
    given_back = sum(row.amount_minor for row in refunds if row.status in ("pending", "succeeded"))
    folded = tuple(_charge(row, status, given_back) for row in charges)
    error = (intent or {}).get("last_payment_error") or {}
    marks = main.get("metadata") or {}
    last = charges[-1]["payment_method_details"]["card"] if charges else {}
    before = last.get("capture_before")
    open_url = session.get("url") if session else None
    return ProviderPayment(
        session_ref=session["id"] if session else None,
        session_status=cast(SessionStatus, session["status"]) if session else "none",
        payment_ref=intent["id"] if intent else None,
        status=status,
        currency=currency,
        amount_minor=from_provider(intent["amount"] if intent else main["amount_total"], currency),
        authorized_minor=sum(row.amount_minor for row in folded if row.status != "declined"),
        capturable_minor=from_provider(intent["amount_capturable"], currency) if intent else 0,
        captured_minor=from_provider(intent["amount_received"], currency) if intent else 0,
        refunded_minor=given_back,
        charges=folded,
        refunds=tuple(refunds),
        created_at=int((session or main)["created"]) * 1_000_000,
        order_ref=marks.get("order_ref"),
        attempt_id=marks.get("attempt_id"),
        decline_code=error.get("decline_code") or error.get("code"),
        decline_message=error.get("message"),
        redirect_url=open_url,
        capture_before=before * 1_000_000 if before and status == "authorized" else None,
    )


def _payment_status(session: dict[str, Any] | None, intent: dict[str, Any] | None) -> PaymentStatus:
    if intent is None:
        return "canceled" if session is not None and session["status"] == "expired" else "none"
    if intent["status"] == "requires_payment_method":
        return "declined" if intent["last_payment_error"] else "none"
    return _STATUS.get(intent["status"], "processing")  # an unknown word must not look like an end


def _charge(row: dict[str, Any], payment: PaymentStatus, given_back: int) -> ProviderCharge:
    """A payment has at most one captured charge, so all refunds are that one's.

    Stripe's own `amount_refunded` is not used: it may count the released rest of a partial capture.
    """
    currency = row["currency"]
    card = (row.get("payment_method_details") or {}).get("card") or {}
    status: ChargeStatus = "authorized"
    if row["status"] == "failed":
        status = "declined"
    elif row["captured"]:
        status = "captured"
    elif payment == "canceled":
        status = "canceled"
    outcome = row.get("outcome") or {}
    return ProviderCharge(
        ref=row["id"], status=status, amount_minor=from_provider(row["amount"], currency),
        captured_minor=from_provider(row["amount_captured"], currency),
        refunded_minor=given_back if status == "captured" else 0, created_at=row["created"] * 1_000_000,
        decline_code=(outcome.get("reason") or row["failure_code"]) if status == "declined" else None,
        card_brand=card.get("brand"), card_last4=card.get("last4"),
    )  # fmt: skip


def refund_picture(row: dict[str, Any]) -> ProviderRefund:
    """One of Stripe's refunds in our words; an unknown status counts as pending, never as an end."""
    return ProviderRefund(
        ref=row["id"], status=_REFUND_STATUS.get(row["status"], "pending"),
        amount_minor=from_provider(row["amount"], row["currency"]), created_at=row["created"] * 1_000_000,
        refund_id=(row.get("metadata") or {}).get("refund_id"), failure_reason=row.get("failure_reason"),
    )  # fmt: skip
