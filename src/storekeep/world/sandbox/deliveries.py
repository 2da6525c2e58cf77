"""Webhooks out: a thread that posts signed events, tries again for three days, and never holds up the API.

Deliveries are rows written with the event, so a restart forgets none. Receivers get each event at least once and in
no promised order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import sqlite3
import threading
import time
from typing import Final

import requests

from .book import Book
from .objects import event_json
from .paying import expire_due, forget_old_keys

log = logging.getLogger("storekeep.sandbox")
BACKOFF_S: Final = (1, 5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
GIVE_UP_S: Final = 3 * 24 * 3600
TIMEOUT_S: Final = 5.0


def signature(body: bytes, secrets: list[str], timestamp: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over `timestamp.body`, one `v1` for each secret now valid."""
    signed = str(timestamp).encode() + b"." + body
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return f"t={timestamp}," + ",".join(f"v1={mark}" for mark in marks)


def next_try(attempts: int, first_at: float, now: float) -> float | None:
    """When to try again after `attempts` failures, or None once three days have passed."""
    at = now + BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]
    return at if at - first_at <= GIVE_UP_S else None


class Deliverer(threading.Thread):
    """The delivery thread. It also runs the book's tick, so that expiry needs no request."""

    def __init__(self, book: Book) -> None:
        super().__init__(name="sandbox-deliveries", daemon=True)
        self._book = book
        self._wake = threading.Event()
        self._ended = False
        self._http = requests.Session()
        self._http.trust_env = False
        # A shop on the local network has a certificate of its own, which no public authority vouches for.
        self._http.verify = os.environ.get("STOREKEEP_SANDBOX_CA") or True
        book.wake = self._wake.set

    def run(self) -> None:
        last_tick = 0.0
        while not self._ended:
            self._wake.clear()
            try:
                if time.monotonic() - last_tick >= 1.0:
                    last_tick = time.monotonic()
                    with self._book.transaction() as tx:
                        expire_due(tx)
                        forget_old_keys(tx)
                wait_s = 0.0 if self.deliver_due() else self._until_next()
            except sqlite3.Error:
                if self._ended:
                    return
                log.exception("the delivery thread could not use its book")
                wait_s = 1.0
            if wait_s:
                self._wake.wait(wait_s)

    def stop(self) -> None:
        """End the thread after the post now under way."""
        self._ended = True
        self._wake.set()
        if self.is_alive():
            self.join(TIMEOUT_S + 1)

    def _until_next(self) -> float:
        with self._book.reading() as tx:
            row = tx.one("SELECT min(due_at) AS at FROM delivery WHERE status = 'pending'")
        if row is None or row["at"] is None:
            return 1.0
        return max(0.01, min(1.0, float(row["at"]) - self._book.clock()))

    def deliver_due(self) -> int:
        """Post what is due, oldest first; returns how many posts were tried."""
        with self._book.reading() as tx:
            rows = tx.all(
                "SELECT delivery.seq AS n, delivery.attempts, delivery.first_at, endpoint.url, endpoint.secret,"
                " endpoint.old_secret, event.* FROM delivery JOIN endpoint ON endpoint.id = delivery.endpoint_id"
                " JOIN event ON event.id = delivery.event_id"
                " WHERE delivery.status = 'pending' AND due_at <= ? ORDER BY due_at, delivery.seq LIMIT 20",
                self._book.clock(),
            )
        for row in rows:
            if self._ended:
                break
            self._deliver(row)
        return len(rows)

    def _deliver(self, row: sqlite3.Row) -> None:
        body = json.dumps(event_json(row)).encode()
        valid = [secret for secret in (row["secret"], row["old_secret"]) if secret]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, valid, int(time.time())),
            "User-Agent": "Storekeep-Sandbox/1.0",
        }
        try:
            answer = self._http.post(row["url"], data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
            done, said = 200 <= answer.status_code < 300, str(answer.status_code)
        except requests.RequestException as error:
            done, said = False, type(error).__name__
        attempts = row["attempts"] + 1
        again = None if done else next_try(attempts, row["first_at"], self._book.clock())
        status = "delivered" if done else "pending" if again is not None else "failed"
        with self._book.transaction() as tx:
            tx.run("UPDATE delivery SET status = ?, attempts = ?, due_at = coalesce(?, due_at), answer = ?"
                   " WHERE seq = ?", status, attempts, again, said, row["n"])
