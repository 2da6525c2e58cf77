"""Rows of the book as the JSON objects of the wire format, and the expansion of ids into objects."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

from .book import Tx
from .rules import Refusal

API_VERSION: Final = "2026-10-28.endive"


def session_json(row: sqlite3.Row, intent: sqlite3.Row | None, public_url: str) -> dict[str, Any]:
    """A checkout session. `payment_status` is paid once money was received, as with manual capture at Stripe."""
    paid = intent is not None and intent["status"] == "succeeded"
    return {
        "id": row["id"], "object": "checkout.session", "created": row["created"], "livemode": False,
        "mode": "payment", "status": row["status"], "payment_status": "paid" if paid else "unpaid",
        "amount_subtotal": row["amount"], "amount_total": row["amount"], "currency": row["currency"],
        "client_reference_id": row["client_reference_id"], "customer": None, "customer_creation": "if_required",
        "customer_email": row["customer_email"],
        "customer_details": {"email": row["customer_email"]} if row["customer_email"] else None,
        "success_url": row["success_url"], "cancel_url": row["cancel_url"], "expires_at": row["expires_at"],
        "url": f"{public_url}/c/pay/{row['id']}" if row["status"] == "open" else None,
        "payment_intent": row["intent_id"], "payment_method_types": ["card"], "payment_method_options": {},
        "metadata": json.loads(row["metadata"]), "automatic_tax": {"enabled": False, "status": None},
        "custom_fields": [], "custom_text": {}, "shipping_options": [], "ui_mode": "hosted",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def intent_json(row: sqlite3.Row) -> dict[str, Any]:
    action = None
    if row["status"] == "requires_action":
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": None, "return_url": None}}
    return {
        "id": row["id"], "object": "payment_intent", "created": row["created"], "livemode": False,
        "status": row["status"], "amount": row["amount"], "amount_capturable": row["capturable"],
        "amount_received": row["received"], "currency": row["currency"], "capture_method": row["capture_method"],
        "confirmation_method": "automatic", "client_secret": None, "customer": None,
        "description": row["description"], "metadata": json.loads(row["metadata"]),
        "latest_charge": row["latest_charge"],
        "last_payment_error": json.loads(row["last_error"]) if row["last_error"] else None,
        "canceled_at": row["canceled_at"], "cancellation_reason": row["cancellation_reason"],
        "next_action": action, "payment_method": None, "payment_method_types": ["card"],
        "payment_method_options": {},
    }


def charge_json(row: sqlite3.Row, capture_before: int | None) -> dict[str, Any]:
    failed = row["status"] == "failed"
    refunded = row["amount_refunded"] > 0 and row["amount_refunded"] == row["amount_captured"]
    return {
        "id": row["id"], "object": "charge", "created": row["created"], "livemode": False,
        "status": row["status"], "paid": not failed, "captured": bool(row["captured"]), "amount": row["amount"],
        "amount_captured": row["amount_captured"], "amount_refunded": row["amount_refunded"], "refunded": refunded,
        "currency": row["currency"], "payment_intent": row["intent_id"], "disputed": False,
        "failure_code": row["failure_code"], "failure_message": row["failure_message"],
        "metadata": json.loads(row["metadata"]), "balance_transaction": None, "billing_details": {},
        "outcome": {
            "network_status": "declined_by_network" if failed else "approved_by_network",
            "reason": row["decline_code"], "risk_level": "normal",
            "type": "issuer_declined" if failed else "authorized",
            "seller_message": row["failure_message"] or "Payment complete.",
        },
        "payment_method": None,
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": row["brand"], "last4": row["last4"], "fingerprint": row["fingerprint"],
                "amount_authorized": None if failed else row["amount"], "capture_before": capture_before,
            },
        },
    }


def refund_json(row: sqlite3.Row) -> dict[str, Any]:
    out = {
        "id": row["id"], "object": "refund", "created": row["created"], "amount": row["amount"],
        "currency": row["currency"], "status": row["status"], "charge": row["charge_id"],
        "payment_intent": row["intent_id"], "reason": row["reason"], "metadata": json.loads(row["metadata"]),
        "balance_transaction": None, "receipt_number": None,
    }
    if row["failure_reason"]:
        out["failure_reason"] = row["failure_reason"]
    return out


def event_json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"], "object": "event", "api_version": API_VERSION, "created": row["created"],
        "livemode": False, "type": row["type"], "pending_webhooks": 0, "request": {"id": None, "idempotency_key": None},
        "data": {"object": json.loads(row["object"])},
    }


def endpoint_json(row: sqlite3.Row, *, with_secret: bool = False) -> dict[str, Any]:
    """A webhook endpoint; its secret is shown once, in the answer that created it."""
    out = {
        "id": row["id"], "object": "webhook_endpoint", "created": row["created"], "livemode": False,
        "url": row["url"], "status": "enabled", "enabled_events": json.loads(row["enabled_events"]),
        "api_version": row["api_version"], "application": None, "description": row["description"],
        "metadata": json.loads(row["metadata"]),
    }
    if with_secret:
        out["secret"] = row["secret"]
    return out


def render(tx: Tx, object_id: str) -> dict[str, Any]:
    """The wire object with this id, as it is now in this transaction."""
    row = tx.get(object_id)
    prefix = object_id[:3]
    if prefix == "cs_":
        intent = tx.get(row["intent_id"]) if row["intent_id"] else None
        return session_json(row, intent, tx.book.public_url)
    if prefix == "pi_":
        return intent_json(row)
    if prefix == "ch_":
        intent = tx.get(row["intent_id"])
        return charge_json(row, intent["capture_before"])
    if prefix == "re_":
        return refund_json(row)
    return event_json(row) if prefix == "evt" else endpoint_json(row)


_EXPANDABLE: Final = frozenset({"payment_intent", "latest_charge", "charge"})


def expand(tx: Tx, obj: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Replace ids by objects along dotted paths (`payment_intent.latest_charge`, `data.charge`), at most 4 deep."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4:
            raise Refusal("You can only expand 4 levels deep.", None, "expand", before_work=True)
        _expand_one(tx, obj, steps, path)
    return obj


def _expand_one(tx: Tx, node: dict[str, Any], steps: list[str], path: str) -> None:
    head, rest = steps[0], steps[1:]
    if head == "data" and node.get("object") == "list":
        for item in node["data"]:
            if rest:
                _expand_one(tx, item, rest, path)
        return
    if head not in _EXPANDABLE or head not in node:
        raise Refusal(f"This property cannot be expanded ({path[:80]}).", None, "expand", before_work=True)
    if isinstance(node[head], str):
        node[head] = render(tx, node[head])
    if rest and isinstance(node[head], dict):
        _expand_one(tx, node[head], rest, path)
