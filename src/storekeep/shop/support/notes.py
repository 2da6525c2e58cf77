"""Notes for colleagues, on a conversation or an order. They have a table and a path of their own and never go out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.shop.support.model import check_body
from storekeep.shop.support.tables import conversation, note


def write(
    tx: Tx, body: str, command_id: str, *, conversation_id: str | None = None, order_id: str | None = None
) -> str:
    """Keep a note on a conversation, an order, or both; returns its id. Idempotent by command.

    Raises `Invalid` for an empty note or one about nothing, `Refused` for a card number in it, `NotFound`.
    """
    text = check_body(body, "note")
    if conversation_id is None and order_id is None:
        raise Invalid("note", "A note belongs to a conversation or to an order.")
    known = tx.first(select(note).where(note.c.command_id == command_id))
    if known is not None:
        if (known.conversation_id, known.order_id) != (conversation_id, order_id):
            raise Conflict("This form was sent before, about something else. Load the page again.")
        return str(known.id)
    if conversation_id is not None:
        _must_exist(tx, conversation_id)
    row = {
        "id": tx.new_id(),
        "conversation_id": conversation_id,
        "order_id": order_id,
        "author": tx.actor,
        "body": text,
        "command_id": command_id,
        "written_at": tx.now,
    }
    tx.insert_many(note, [row])
    return str(row["id"])


def of(tx: Tx, *, conversation_id: str | None = None, order_id: str | None = None) -> Sequence[Any]:
    """The notes on a conversation, an order, or either, oldest first."""
    wanted = []
    if conversation_id is not None:
        wanted.append(note.c.conversation_id == conversation_id)
    if order_id is not None:
        wanted.append(note.c.order_id == order_id)
    return tx.rows(select(note).where(or_(*wanted)).order_by(note.c.id)) if wanted else []


def _must_exist(tx: Tx, conversation_id: str) -> None:
    if tx.first(select(conversation.c.id).where(conversation.c.id == conversation_id)) is None:
        raise NotFound("There is no such conversation.")
