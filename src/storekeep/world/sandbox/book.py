"""The provider's book: one SQLite file, one connection behind one lock, constraints that state the money rules.

A transaction holds the change, its events and their deliveries together. The lock is held for the few hundred
microseconds of a transaction and never while something is sent.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .rules import Refusal

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS session (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired')),
  amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, title TEXT NOT NULL,
  client_reference_id TEXT, customer_email TEXT, success_url TEXT NOT NULL, cancel_url TEXT,
  expires_at INTEGER NOT NULL, capture_method TEXT NOT NULL, intent_id TEXT, metadata TEXT NOT NULL,
  intent_metadata TEXT NOT NULL, intent_description TEXT);
CREATE INDEX IF NOT EXISTS session_created ON session (created);
CREATE INDEX IF NOT EXISTS session_intent ON session (intent_id);
CREATE INDEX IF NOT EXISTS session_due ON session (expires_at) WHERE status = 'open';
CREATE TABLE IF NOT EXISTS intent (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL,
  session_id TEXT NOT NULL, status TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
  capturable INTEGER NOT NULL DEFAULT 0 CHECK (capturable BETWEEN 0 AND amount),
  received INTEGER NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND amount),
  capture_method TEXT NOT NULL, description TEXT, metadata TEXT NOT NULL, latest_charge TEXT, last_error TEXT,
  pending TEXT, canceled_at INTEGER, cancellation_reason TEXT, capture_before INTEGER);
CREATE INDEX IF NOT EXISTS intent_created ON intent (created);
CREATE INDEX IF NOT EXISTS intent_due ON intent (capture_before) WHERE status = 'requires_capture';
CREATE TABLE IF NOT EXISTS charge (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL,
  intent_id TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed')),
  amount INTEGER NOT NULL, currency TEXT NOT NULL, captured INTEGER NOT NULL DEFAULT 0,
  amount_captured INTEGER NOT NULL DEFAULT 0 CHECK (amount_captured BETWEEN 0 AND amount),
  amount_refunded INTEGER NOT NULL DEFAULT 0 CHECK (amount_refunded BETWEEN 0 AND amount_captured),
  brand TEXT NOT NULL, last4 TEXT NOT NULL, fingerprint TEXT NOT NULL, refund_rule TEXT NOT NULL,
  failure_code TEXT, decline_code TEXT, failure_message TEXT, metadata TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS charge_intent ON charge (intent_id);
CREATE TABLE IF NOT EXISTS refund (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL,
  charge_id TEXT NOT NULL, intent_id TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  reason TEXT, metadata TEXT NOT NULL, failure_reason TEXT, settle_at INTEGER, settle_to TEXT);
CREATE INDEX IF NOT EXISTS refund_intent ON refund (intent_id);
CREATE INDEX IF NOT EXISTS refund_due ON refund (settle_at) WHERE settle_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL, type TEXT NOT NULL,
  object TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS endpoint (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created INTEGER NOT NULL, url TEXT NOT NULL,
  secret TEXT NOT NULL, old_secret TEXT, enabled_events TEXT NOT NULL, description TEXT, metadata TEXT NOT NULL,
  api_version TEXT);
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, endpoint_id TEXT NOT NULL,
  due_at REAL NOT NULL, first_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'dropped')),
  answer TEXT);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at) WHERE status = 'pending';
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, http_status INTEGER NOT NULL, body BLOB NOT NULL,
  created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS idempotency_created ON idempotency (created);
"""
_KINDS: Final = {"cs_": "session", "pi_": "intent", "ch_": "charge", "re_": "refund", "evt": "event", "we_": "endpoint"}


def new_id(prefix: str) -> str:
    """A fresh provider object id."""
    return prefix + secrets.token_hex(12)


EventRule = Callable[[str, float], list[float]]
"""Given an event type and the present, the moments to deliver it at: none drops it, two duplicate it."""


def deliver_at_once(_kind: str, now: float) -> list[float]:
    """The rule without faults: one delivery, now."""
    return [now]


@dataclass(slots=True)
class Tx:
    """One open transaction: the connection, the moment it began (seconds) and the event writer."""

    book: Book
    db: sqlite3.Connection
    now: int

    def one(self, sql: str, *args: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(sql, args).fetchone()
        return row

    def all(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        return self.db.execute(sql, args).fetchall()

    def run(self, sql: str, *args: Any) -> int:
        """Execute a write; returns the number of rows it touched."""
        return self.db.execute(sql, args).rowcount

    def insert(self, table: str, **values: Any) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608

    def get(self, object_id: str, table: str | None = None, param: str = "id") -> sqlite3.Row:
        """The row of a provider object, found by its id's prefix. 404 `resource_missing` if there is none."""
        kind = _KINDS.get(object_id[:3])
        row = None
        if kind is not None and table in (None, kind):
            row = self.one(f"SELECT * FROM {kind} WHERE id = ?", object_id)  # noqa: S608
        if row is None:
            names = {"session": "checkout.session", "intent": "payment_intent", "endpoint": "webhook_endpoint"}
            what = names.get(table or "", table or "object")
            raise Refusal(f"No such {what}: '{object_id[:80]}'", "resource_missing", param,
                          http_status=404, before_work=True)
        return row

    def emit(self, kind: str, obj: dict[str, Any]) -> None:
        """Write an event with the object as it is now, and one delivery per endpoint that listens."""
        event_id = new_id("evt_")
        self.insert("event", id=event_id, created=self.now, type=kind, object=json.dumps(obj))
        moment = self.book.clock()
        for endpoint in self.all("SELECT id, enabled_events FROM endpoint"):
            wanted = json.loads(endpoint["enabled_events"])
            if "*" not in wanted and kind not in wanted:
                continue
            due = self.book.event_rule(kind, moment)
            for at in due:
                self.insert("delivery", event_id=event_id, endpoint_id=endpoint["id"], due_at=at, first_at=moment)
            if not due:
                self.insert("delivery", event_id=event_id, endpoint_id=endpoint["id"], due_at=moment,
                            first_at=moment, status="dropped")
            self.book.woken = True


class Book:
    """The storage of one sandbox. Thread-safe; `clock` gives seconds and may be moved on by `skew_s`."""

    def __init__(self, path: str | Path, public_url: str = "http://localhost") -> None:
        self.path = str(path)
        self.public_url = public_url
        self.skew_s = 0.0
        self.refund_settles_s = 20
        self.woken = False
        self.wake: Callable[[], None] = lambda: None
        self.event_rule: EventRule = deliver_at_once
        self._lock = threading.RLock()
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=10,
                                   cached_statements=256)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_TABLES)

    def clock(self) -> float:
        """Seconds since the epoch, in the sandbox's own time."""
        return time.time() + self.skew_s

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One write transaction; an exception undoes all of it, events included."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield Tx(self, self._db, int(self.clock()))
            except BaseException:
                self._db.execute("ROLLBACK")
                self.woken = False
                raise
            self._db.execute("COMMIT")
            woken, self.woken = self.woken, False
        if woken:
            self.wake()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A consistent look without writing."""
        with self._lock:
            self._db.execute("BEGIN")
            try:
                yield Tx(self, self._db, int(self.clock()))
            finally:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            self._db.close()
