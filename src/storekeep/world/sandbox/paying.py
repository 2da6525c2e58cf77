"""What a shopper does on the hosted page, and what time does by itself.

Paying, answering the bank's question, and the tick that expires sessions and authorizations and settles refunds.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .book import Tx, new_id
from .objects import render
from .rules import AUTHORIZATION_S, DECLINES, IDEMPOTENCY_S, Card, check_step, fingerprint
from .verbs import cancel_row, expire_session, settle_refund


def pay(tx: Tx, session_id: str, card: Card) -> str:
    """Try a card on a session: `authorized`, `late`, `declined`, `challenge`, or the session's status if not open."""
    expire_due(tx)
    session = tx.get(session_id, "session")
    if session["status"] != "open":
        return str(session["status"])
    intent = _intent_of(tx, session)
    if card.challenge:
        if intent["status"] != "requires_action":
            check_step(intent["id"], intent["status"], "requires_action", "confirmed")
        tx.run("UPDATE intent SET status = 'requires_action', pending = ?, last_error = NULL WHERE id = ?",
               json.dumps(_marks(card)), intent["id"])
        tx.emit("payment_intent.requires_action", render(tx, intent["id"]))
        return "challenge"
    return _ask_bank(tx, session, intent["id"], _marks(card))


def answer_challenge(tx: Tx, session_id: str, confirmed: bool) -> str:
    """The shopper's answer to the bank: then as `pay`; an answer without a question gives the session's status."""
    expire_due(tx)
    session = tx.get(session_id, "session")
    intent = tx.get(session["intent_id"]) if session["intent_id"] else None
    if session["status"] != "open" or intent is None or intent["status"] != "requires_action":
        return str(session["status"])
    if not confirmed:
        _fail(tx, intent["id"], "authentication_failed", None)
        return "declined"
    return _ask_bank(tx, session, intent["id"], json.loads(intent["pending"]))


def _intent_of(tx: Tx, session: sqlite3.Row) -> sqlite3.Row:
    if session["intent_id"]:
        return tx.get(session["intent_id"], "intent")
    intent_id = new_id("pi_")
    tx.insert(
        "intent", id=intent_id, created=tx.now, session_id=session["id"], status="requires_payment_method",
        amount=session["amount"], currency=session["currency"], capture_method=session["capture_method"],
        description=session["intent_description"], metadata=session["intent_metadata"],
    )  # fmt: skip
    tx.run("UPDATE session SET intent_id = ? WHERE id = ?", intent_id, session["id"])
    tx.emit("payment_intent.created", render(tx, intent_id))
    return tx.get(intent_id, "intent")


def _marks(card: Card) -> dict[str, Any]:
    """What may be kept of a card: brand, last four digits, a mark to recognise it by, and its scripted behaviour."""
    return {
        "brand": card.brand, "last4": card.number[-4:], "fingerprint": fingerprint(card.number),
        "outcome": card.outcome, "late": card.answers_late, "refund": card.refund,
    }  # fmt: skip


def _insert_charge(tx: Tx, intent_id: str, marks: dict[str, Any], decline: str | None) -> str:
    intent = tx.get(intent_id)
    charge_id = new_id("ch_")
    code, message = DECLINES[decline] if decline else (None, None)
    taken = decline is None and intent["capture_method"] != "manual"
    tx.insert(
        "charge", id=charge_id, created=tx.now, intent_id=intent_id, status="failed" if decline else "succeeded",
        amount=intent["amount"], currency=intent["currency"], captured=int(taken),
        amount_captured=intent["amount"] if taken else 0, brand=marks["brand"], last4=marks["last4"],
        fingerprint=marks["fingerprint"], refund_rule=marks["refund"], failure_code=code, decline_code=decline,
        failure_message=message, metadata=intent["metadata"],
    )  # fmt: skip
    return charge_id


def _ask_bank(tx: Tx, session: sqlite3.Row, intent_id: str, marks: dict[str, Any]) -> str:
    if marks["outcome"] != "ok":
        charge_id = _insert_charge(tx, intent_id, marks, marks["outcome"])
        tx.run("UPDATE intent SET latest_charge = ? WHERE id = ?", charge_id, intent_id)
        tx.emit("charge.failed", render(tx, charge_id))
        _fail(tx, intent_id, marks["outcome"], charge_id)
        return "declined"
    closed = tx.run("UPDATE session SET status = 'complete' WHERE id = ? AND status = 'open'", session["id"])
    assert closed == 1, "a session is paid once"
    manual = session["capture_method"] == "manual"
    charge_id = _insert_charge(tx, intent_id, marks, None)
    tx.run(
        "UPDATE intent SET status = ?, capturable = ?, received = ?, latest_charge = ?, last_error = NULL,"
        " pending = NULL, capture_before = ? WHERE id = ?",
        "requires_capture" if manual else "succeeded", session["amount"] if manual else 0,
        0 if manual else session["amount"], charge_id, tx.now + AUTHORIZATION_S if manual else None, intent_id,
    )  # fmt: skip
    tx.emit("charge.succeeded", render(tx, charge_id))
    tx.emit("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", render(tx, intent_id))
    tx.emit("checkout.session.completed", render(tx, session["id"]))
    return "late" if marks["late"] else "authorized"


def _fail(tx: Tx, intent_id: str, decline: str, charge_id: str | None) -> None:
    code, message = DECLINES[decline]
    error: dict[str, Any] = {"type": "card_error", "code": code, "message": message}
    if charge_id:
        error |= {"decline_code": decline, "charge": charge_id}
    tx.run("UPDATE intent SET status = 'requires_payment_method', pending = NULL, last_error = ? WHERE id = ?",
           json.dumps(error), intent_id)
    tx.emit("payment_intent.payment_failed", render(tx, intent_id))


def expire_due(tx: Tx) -> int:
    """Expire what time has ended; returns how many sessions, authorizations and refunds it touched."""
    touched = 0
    for row in tx.all("SELECT id FROM session WHERE status = 'open' AND expires_at <= ?", tx.now):
        expire_session(tx, row["id"])
        touched += 1
    for row in tx.all("SELECT * FROM intent WHERE status = 'requires_capture' AND capture_before <= ?", tx.now):
        cancel_row(tx, row, "automatic")
        tx.emit("charge.expired", render(tx, row["latest_charge"]))
        touched += 1
    for row in tx.all("SELECT * FROM refund WHERE settle_at <= ?", tx.now):
        settle_refund(tx, row, row["settle_to"])
        touched += 1
    return touched


def forget_old_keys(tx: Tx) -> int:
    """Drop idempotency keys older than a day; returns how many."""
    return tx.run("DELETE FROM idempotency WHERE created < ?", tx.now - IDEMPOTENCY_S)

