"""Commands that leave no row with a key of their own: the second caller gets the first one's answer."""

import hashlib
from typing import Any

from sqlalchemy import select

from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.kernel.jsontext import dump, load


def answer(tx: Tx, scope: str, command_id: str, asked: Any) -> Any | None:
    """What this command answered before, or None. Raises `Conflict` when it asked for something else then.

    Take the lock that makes the callers queue first.
    """
    t = tables.idempotency.c
    row = tx.first(select(t.body_hash, t.answer).where(t.scope == scope, t.key == command_id))
    if row is None:
        return None
    if row.body_hash != _hash(asked):
        raise Conflict("This form was sent before, with something else in it. Load the page again.")
    return load(row.answer)


def remember(tx: Tx, scope: str, command_id: str, asked: Any, result: Any) -> None:
    """Keep a command's answer; two transactions at once cannot both keep one."""
    row = {
        "scope": scope,
        "key": command_id,
        "body_hash": _hash(asked),
        "answer": dump(result),
        "created_at": tx.now,
    }
    tx.insert_many(tables.idempotency, [row])


def _hash(asked: Any) -> str:
    return hashlib.sha256(dump(asked).encode()).hexdigest()
