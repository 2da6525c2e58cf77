"""The JSON API: one table of operations, one door for authentication, idempotency, faults and errors."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import verbs
from .book import Book, Tx
from .faults import CALL_KINDS, Fault, Faults
from .lists import LISTS, list_page
from .objects import API_VERSION, expand, render
from .rules import IDEMPOTENCY_S, Refusal
from .wire import (
    ENDPOINT_CREATE,
    EXPAND,
    INTENT_CANCEL,
    INTENT_CAPTURE,
    INTENT_UPDATE,
    MAX_BODY,
    PAGE,
    REFUND_CREATE,
    SESSION_CREATE,
    Field,
    Shape,
    bad,
    envelope,
    parse_form,
    read,
)

log = logging.getLogger("storekeep.sandbox")
Work = Callable[[Tx, str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API: `refunds.create` is `POST /v1/refunds`."""

    name: str
    method: str
    path: str
    shape: Shape
    work: Work


def _get(table: str) -> Work:
    return lambda tx, oid, given: render(tx, tx.get(oid, table)["id"])


def _listing(name: str) -> Work:
    return lambda tx, _, given: list_page(tx, LISTS[name], given)


OPERATIONS: tuple[Operation, ...] = (
    Operation("checkout.sessions.create", "POST", "/v1/checkout/sessions", SESSION_CREATE,
              lambda tx, _, given: verbs.create_session(tx, given)),
    Operation("checkout.sessions.list", "GET", "/v1/checkout/sessions",
              {**PAGE, "payment_intent": Field(), "status": Field(choices=("open", "complete", "expired"))},
              _listing("sessions")),
    Operation("checkout.sessions.retrieve", "GET", "/v1/checkout/sessions/{id}", EXPAND, _get("session")),
    Operation("checkout.sessions.expire", "POST", "/v1/checkout/sessions/{id}/expire", EXPAND,
              lambda tx, oid, _: verbs.expire_session(tx, oid)),
    Operation("payment_intents.list", "GET", "/v1/payment_intents", PAGE, _listing("intents")),
    Operation("payment_intents.retrieve", "GET", "/v1/payment_intents/{id}", EXPAND, _get("intent")),
    Operation("payment_intents.update", "POST", "/v1/payment_intents/{id}", INTENT_UPDATE, verbs.update_intent),
    Operation("payment_intents.capture", "POST", "/v1/payment_intents/{id}/capture", INTENT_CAPTURE,
              verbs.capture_intent),
    Operation("payment_intents.cancel", "POST", "/v1/payment_intents/{id}/cancel", INTENT_CANCEL,
              verbs.cancel_intent),
    Operation("charges.list", "GET", "/v1/charges", {**PAGE, "payment_intent": Field()}, _listing("charges")),
    Operation("charges.retrieve", "GET", "/v1/charges/{id}", EXPAND, _get("charge")),
    Operation("refunds.create", "POST", "/v1/refunds", REFUND_CREATE,
              lambda tx, _, given: verbs.create_refund(tx, given)),
    Operation("refunds.list", "GET", "/v1/refunds", {**PAGE, "payment_intent": Field(), "charge": Field()},
              _listing("refunds")),
    Operation("refunds.retrieve", "GET", "/v1/refunds/{id}", EXPAND, _get("refund")),
    Operation("events.list", "GET", "/v1/events", {**PAGE, "type": Field()}, _listing("events")),
    Operation("events.retrieve", "GET", "/v1/events/{id}", EXPAND, _get("event")),
    Operation("webhook_endpoints.create", "POST", "/v1/webhook_endpoints", ENDPOINT_CREATE,
              lambda tx, _, given: verbs.create_endpoint(tx, given)),
    Operation("webhook_endpoints.list", "GET", "/v1/webhook_endpoints", PAGE, _listing("endpoints")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it becomes a response."""

    status: int
    body: bytes
    replayed: bool = False


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.http_status, json.dumps(envelope(refusal)).encode())


_SERVER_ERROR = Refusal("Sorry. There was an error on our end.", kind="api_error", http_status=500)


class Api:
    """Answers API calls from a book. One process serves a book, so the keys now running are kept in memory."""

    def __init__(self, book: Book, secret_key: str, faults: Faults) -> None:
        self.book = book
        self.faults = faults
        self._secret_key = secret_key.encode()
        self.running: set[str] = set()

    def routes(self) -> list[Route]:
        return [Route(op.path, self._endpoint(op), methods=[op.method], name=op.name) for op in OPERATIONS]

    def _endpoint(self, op: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            key = request.headers.get("idempotency-key") if op.method == "POST" else None
            fault = self.faults.take(CALL_KINDS, op.name)
            try:
                self._check_key(request.headers)
                raw = await _read_body(request)
                answer = await self._answer(op, request.path_params.get("id", ""), request.url.path, raw, key, fault)
            except Refusal as refusal:
                answer = _refused(refusal)
            except Exception:
                log.exception("%s failed", op.name)
                answer = _refused(_SERVER_ERROR)
            if fault is not None and fault.kind == "timeout_after":
                await asyncio.sleep(fault.seconds)
                answer = Answer(504, b"")
            return _response(answer, key)

        return endpoint

    def _check_key(self, headers: Mapping[str, str]) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except ValueError:
                given = ""
        if not given:
            raise Refusal("You did not provide an API key in the Authorization header.", http_status=401)
        if not hmac.compare_digest(given.strip().encode(), self._secret_key):
            raise Refusal(f"Invalid API Key provided: {given[:7]}***", http_status=401)

    async def _answer(
        self, op: Operation, oid: str, path: str, raw: bytes, key: str | None, fault: Fault | None
    ) -> Answer:
        kind = fault.kind if fault else ""
        if kind == "unavailable":
            raise Refusal("The service is temporarily unavailable.", kind="api_error", http_status=503)
        if kind == "rate_limit":
            raise Refusal("Too many requests hit the API too quickly.", "rate_limit", http_status=429)
        if op.method == "GET":
            with self.book.reading() as tx:
                given = read(parse_form(raw), op.shape)
                return Answer(200, _dump(tx, op.work(tx, oid, given), given))
        if key is None:
            return self._perform(op, oid, raw, None, "", kind)
        if not 1 <= len(key) <= 255:
            raise bad("Idempotency keys hold 1 to 255 characters.", None, None)
        if key in self.running:
            raise Refusal("There is currently another in-progress request using this Idempotent Key.",
                          "idempotency_key_in_use", kind="idempotency_error", http_status=409)
        self.running.add(key)
        try:
            if fault is not None and kind == "slow":
                await asyncio.sleep(fault.seconds)
            request_hash = hashlib.sha256(path.encode() + b"\n" + raw).hexdigest()
            return self._perform(op, oid, raw, key, request_hash, kind)
        finally:
            self.running.discard(key)

    def _perform(self, op: Operation, oid: str, raw: bytes, key: str | None, request_hash: str, kind: str) -> Answer:
        """Do the work once per key: the change and the stored answer commit together."""
        try:
            with self.book.transaction() as tx:
                stored = _stored(tx, key, request_hash)
                if stored is not None:
                    return stored
                given = read(parse_form(raw), op.shape)
                if kind == "error_before":
                    raise _SERVER_ERROR
                answer = Answer(200, _dump(tx, op.work(tx, oid, given), given))
                if kind == "error_after":
                    answer = _refused(_SERVER_ERROR)
                _store(tx, key, request_hash, answer)
                return answer
        except Refusal as refusal:
            answer = _refused(refusal)
            if key is not None and not refusal.before_work:
                with self.book.transaction() as tx:
                    _store(tx, key, request_hash, answer)
            return answer


def _dump(tx: Tx, obj: dict[str, Any], given: dict[str, Any]) -> bytes:
    return json.dumps(expand(tx, obj, given.get("expand", []))).encode()


def _stored(tx: Tx, key: str | None, request_hash: str) -> Answer | None:
    if key is None:
        return None
    row = tx.one("SELECT * FROM idempotency WHERE key = ?", key)
    if row is None:
        return None
    if row["created"] < tx.now - IDEMPOTENCY_S:
        tx.run("DELETE FROM idempotency WHERE key = ?", key)
        return None
    if row["request_hash"] != request_hash:
        raise Refusal("Keys for idempotent requests can only be used with the same parameters they were first used"
                      " with.", kind="idempotency_error", before_work=True)
    return Answer(row["http_status"], bytes(row["body"]), replayed=True)


def _store(tx: Tx, key: str | None, request_hash: str, answer: Answer) -> None:
    if key is not None:
        tx.insert("idempotency", key=key, request_hash=request_hash, http_status=answer.status, body=answer.body,
                  created=tx.now)


async def _read_body(request: Request) -> bytes:
    if request.method == "GET":
        return request.url.query.encode()
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise Refusal("The request body is too large.", http_status=413)
    return raw


def _response(answer: Answer, key: str | None) -> Response:
    headers = {"Request-Id": "req_" + secrets.token_hex(7), "Stripe-Version": API_VERSION}
    if key is not None:
        headers["Idempotency-Key"] = key
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")
