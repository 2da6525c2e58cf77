"""What the API may do to the book: open and expire sessions, capture, cancel, refund.

Each verb runs inside one transaction, guards its change with a compare-and-set, and writes its events there too.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from .book import Tx, new_id
from .objects import API_VERSION, endpoint_json, render
from .rules import (
    SESSION_MAX_S,
    SESSION_MIN_S,
    Refusal,
    check_amount,
    check_charge_total,
    check_step,
)
from .wire import bad

EVENT_TYPES = frozenset(
    {
        "checkout.session.completed", "checkout.session.expired",
        "payment_intent.created", "payment_intent.requires_action", "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
        "charge.succeeded", "charge.failed", "charge.captured", "charge.refunded", "charge.expired",
        "refund.created", "refund.updated", "refund.failed",
    }
)  # fmt: skip


def create_session(tx: Tx, given: dict[str, Any]) -> dict[str, Any]:
    """Open a checkout session; nothing is charged until its page is paid."""
    amount, currency, titles = _total(given["line_items"])
    expires_at = given.get("expires_at", tx.now + SESSION_MAX_S)
    if not tx.now + SESSION_MIN_S - 5 <= expires_at <= tx.now + SESSION_MAX_S + 5:
        raise bad("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
                  "parameter_invalid", "expires_at")
    intent = given.get("payment_intent_data", {})
    session_id = new_id("cs_test_")
    tx.insert(
        "session", id=session_id, created=tx.now, status="open", amount=amount, currency=currency,
        title=", ".join(titles)[:500], client_reference_id=given.get("client_reference_id"),
        customer_email=given.get("customer_email"), success_url=given["success_url"],
        cancel_url=given.get("cancel_url"), expires_at=expires_at,
        capture_method=intent.get("capture_method", "automatic"), metadata=json.dumps(given.get("metadata", {})),
        intent_metadata=json.dumps(intent.get("metadata", {})), intent_description=intent.get("description"),
    )  # fmt: skip
    return render(tx, session_id)


def _total(items: list[dict[str, Any]]) -> tuple[int, str, list[str]]:
    if not 1 <= len(items) <= 100:
        raise bad("line_items holds 1 to 100 items.", "parameter_invalid", "line_items")
    total = 0
    currencies = set()
    for place, item in enumerate(items):
        price = item["price_data"]
        if not 1 <= item["quantity"] <= 999_999:
            raise bad("Invalid quantity.", "parameter_invalid_integer", f"line_items[{place}][quantity]")
        check_amount(price["unit_amount"], price["currency"], f"line_items[{place}][price_data][unit_amount]")
        currencies.add(price["currency"])
        total += price["unit_amount"] * item["quantity"]
    if len(currencies) != 1:
        raise bad("All line items must have the same currency.", "parameter_invalid", "line_items")
    currency = currencies.pop()
    check_charge_total(total, currency)
    return total, currency, [item["price_data"]["product_data"]["name"] for item in items]


def expire_session(tx: Tx, session_id: str) -> dict[str, Any]:
    """Close an open session for good; its unpaid intent, if any, is canceled with it."""
    row = tx.get(session_id, "session")
    if tx.run("UPDATE session SET status = 'expired' WHERE id = ? AND status = 'open'", session_id) == 0:
        raise Refusal(f"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has"
                      f" a status of {row['status']}.", "checkout_session_not_open")
    if row["intent_id"]:
        cancel_row(tx, tx.get(row["intent_id"]), "abandoned")
    out = render(tx, session_id)
    tx.emit("checkout.session.expired", out)
    return out


def cancel_row(tx: Tx, intent: sqlite3.Row, reason: str | None) -> None:
    """Cancel an intent in a status that allows it; an authorization is released."""
    check_step(intent["id"], intent["status"], "canceled", "canceled")
    changed = tx.run(
        "UPDATE intent SET status = 'canceled', capturable = 0, pending = NULL, canceled_at = ?,"
        " cancellation_reason = ? WHERE id = ? AND status = ?",
        tx.now, reason, intent["id"], intent["status"],
    )  # fmt: skip
    assert changed == 1
    tx.emit("payment_intent.canceled", render(tx, intent["id"]))


def update_intent(tx: Tx, intent_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Merge metadata and replace the description."""
    row = tx.get(intent_id, "intent", "intent")
    metadata = {**json.loads(row["metadata"]), **given.get("metadata", {})}
    tx.run("UPDATE intent SET metadata = ?, description = ? WHERE id = ?", json.dumps(metadata),
           given.get("description", row["description"]), intent_id)
    return render(tx, intent_id)


def capture_intent(tx: Tx, intent_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Take the money once, all or part of what is authorized; the rest of the authorization is released."""
    row = tx.get(intent_id, "intent", "intent")
    check_step(intent_id, row["status"], "succeeded", "captured")
    amount = given.get("amount_to_capture", row["capturable"])
    check_amount(amount, row["currency"], "amount_to_capture")
    if amount > row["capturable"]:
        raise Refusal(f"The amount_to_capture ({amount}) is greater than the amount that can be captured"
                      f" ({row['capturable']}).", "amount_too_large", "amount_to_capture")
    changed = tx.run(
        "UPDATE intent SET status = 'succeeded', received = ?, capturable = 0 WHERE id = ?"
        " AND status = 'requires_capture' AND capturable >= ?", amount, intent_id, amount,
    )  # fmt: skip
    assert changed == 1
    tx.run("UPDATE charge SET captured = 1, amount_captured = ? WHERE id = ?", amount, row["latest_charge"])
    tx.emit("charge.captured", render(tx, row["latest_charge"]))
    if given.get("metadata"):
        update_intent(tx, intent_id, given)
    out = render(tx, intent_id)
    tx.emit("payment_intent.succeeded", out)
    return out


def cancel_intent(tx: Tx, intent_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Release an authorization. An unpaid intent of an open session is closed by expiring the session instead."""
    row = tx.get(intent_id, "intent", "intent")
    session = tx.get(row["session_id"], "session")
    if session["status"] == "open":
        raise Refusal("You cannot cancel this PaymentIntent because it belongs to an open Checkout Session."
                      " Expire the Checkout Session instead.", "payment_intent_unexpected_state")
    cancel_row(tx, row, given.get("cancellation_reason"))
    return render(tx, intent_id)


def create_refund(tx: Tx, given: dict[str, Any]) -> dict[str, Any]:
    """Give back all or part of a captured charge, never more than was captured and not yet given back."""
    charge = _charge_to_refund(tx, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    check_amount(amount, charge["currency"], "amount")
    changed = tx.run(
        "UPDATE charge SET amount_refunded = amount_refunded + ? WHERE id = ? AND captured = 1"
        " AND amount_refunded + ? <= amount_captured", amount, charge["id"], amount,
    )  # fmt: skip
    if changed == 0:
        raise Refusal(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
                      "amount_too_large", "amount")
    refund_id = new_id("re_")
    rule = charge["refund_rule"]
    settle = {"fails_later": "failed", "pending": "succeeded"}.get(rule)
    tx.insert(
        "refund", id=refund_id, created=tx.now, charge_id=charge["id"], intent_id=charge["intent_id"],
        amount=amount, currency=charge["currency"], status="pending" if rule == "pending" else "succeeded",
        reason=given.get("reason"), metadata=json.dumps(given.get("metadata", {})),
        settle_at=tx.now + tx.book.refund_settles_s if settle else None, settle_to=settle,
    )  # fmt: skip
    out = render(tx, refund_id)
    tx.emit("refund.created", out)
    tx.emit("charge.refunded", render(tx, charge["id"]))
    return out


def _charge_to_refund(tx: Tx, given: dict[str, Any]) -> sqlite3.Row:
    if ("charge" in given) == ("payment_intent" in given):
        raise bad("Give exactly one of these params: charge, payment_intent.", "parameter_missing", "payment_intent")
    if "charge" in given:
        charge = tx.get(given["charge"], "charge", "charge")
    else:
        intent = tx.get(given["payment_intent"], "intent", "payment_intent")
        if not intent["latest_charge"]:
            raise Refusal(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                          "payment_intent_unexpected_state", "payment_intent")
        charge = tx.get(intent["latest_charge"], "charge")
    if not charge["captured"]:
        raise Refusal(f"Charge {charge['id']} has not been captured and cannot be refunded; cancel its PaymentIntent.",
                      "charge_not_refundable", "payment_intent")
    return charge


def settle_refund(tx: Tx, refund: sqlite3.Row, status: str) -> None:
    """The bank's later word on a refund; one that fails gives its amount back to the charge."""
    tx.run("UPDATE refund SET status = ?, settle_at = NULL, settle_to = NULL, failure_reason = ? WHERE id = ?",
           status, "unknown" if status == "failed" else None, refund["id"])
    if status == "failed":
        tx.run("UPDATE charge SET amount_refunded = amount_refunded - ? WHERE id = ?", refund["amount"],
               refund["charge_id"])
    out = render(tx, refund["id"])
    tx.emit("refund.updated", out)
    if status == "failed":
        tx.emit("refund.failed", out)


def create_endpoint(tx: Tx, given: dict[str, Any], secret: str | None = None) -> dict[str, Any]:
    """Register a webhook endpoint; the answer is the only place that shows its secret."""
    for kind in given["enabled_events"]:
        if kind != "*" and kind not in EVENT_TYPES:
            raise bad(f"Invalid enabled_events: {kind[:80]} is never sent here.", "parameter_invalid", "enabled_events")
    endpoint_id = new_id("we_")
    tx.insert(
        "endpoint", id=endpoint_id, created=tx.now, url=given["url"],
        secret=secret or "whsec_" + secrets.token_urlsafe(24), enabled_events=json.dumps(given["enabled_events"]),
        description=given.get("description"), metadata=json.dumps(given.get("metadata", {})),
        api_version=given.get("api_version", API_VERSION),
    )  # fmt: skip
    return endpoint_json(tx.get(endpoint_id, "endpoint"), with_secret=True)
