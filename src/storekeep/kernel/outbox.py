"""Telling the world: rows written with the change that causes them, done at least once by a worker afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.kernel import tables
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell. `key` makes it unique for ever and is the idempotency key towards the other side."""

    kind: str
    key: str
    payload: Any
    lane: str = "default"
    subject_id: str | None = None
    due_at: Instant | None = None


_KNOWN = select(tables.outbox.c.key).where(among(tables.outbox.c.key, listed("keys")))


def send(tx: Tx, messages: Sequence[Message]) -> None:
    """Queue messages whose keys are new; one that was queued before is left as it is."""
    if not messages:
        return
    seen = {row.key for row in tx.rows(_KNOWN, {"keys": [message.key for message in messages]})}
    fresh: dict[str, Message] = {}
    for message in messages:
        if message.key not in seen:
            fresh.setdefault(message.key, message)
    send_new(tx, list(fresh.values()))


def send_new(tx: Tx, messages: Sequence[Message]) -> None:
    """Queue messages whose keys the caller knows to be new (they hold an id made in this transaction)."""
    tx.insert_many(
        tables.outbox,
        [
            {
                "id": tx.new_id(),
                "kind": message.kind,
                "lane": message.lane,
                "key": message.key,
                "payload": dump(message.payload),
                "subject_id": message.subject_id,
                "status": "due",
                "attempt_count": 0,
                "created_at": tx.now,
                "due_at": tx.now if message.due_at is None else message.due_at,
                "leased_until": None,
                "leased_by": None,
                "last_error": None,
                "done_at": None,
            }
            for message in messages
        ],
    )
