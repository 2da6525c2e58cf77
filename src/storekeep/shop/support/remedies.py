"""Remedies as records: what was shown before it was confirmed, and what became of it. Flows carry them out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.kernel.jsontext import dump, load
from storekeep.shop.support.model import Applied, Preview
from storekeep.shop.support.tables import remedy

#: A refund that failed may be sent again and then succeed, so `failed` is not the end.
EDGES = {
    "executing": frozenset({"done", "failed"}),
    "failed": frozenset({"executing", "done"}),
    "done": frozenset({"failed"}),
}


def find(tx: Tx, command_id: str, kind: str, order_id: str) -> Applied | None:
    """What a command has done, or None. Raises `Conflict` when it did something else."""
    row = tx.first(select(remedy).where(remedy.c.command_id == command_id))
    if row is None:
        return None
    if (row.kind, row.order_id) != (kind, order_id):
        raise Conflict("This form was sent before, for something else. Load the page again.")
    return Applied(row.id, row.kind, row.amount_minor, row.cost_minor, load(row.preview), is_new=False)


def record(
    tx: Tx, preview: Preview, command_id: str, *, conversation_id: str | None, status: str, remedy_id: str
) -> Applied:
    """Keep a remedy with the effects that were shown; audited."""
    shown = load(dump(preview))
    row = {
        "id": remedy_id,
        "conversation_id": conversation_id,
        "order_id": preview.order_id,
        "kind": preview.kind,
        "status": status,
        "amount_minor": preview.amount_minor,
        "cost_minor": preview.cost_minor,
        "currency": preview.currency,
        "preview": dump(preview),
        "command_id": command_id,
        "actor": tx.actor,
        "made_at": tx.now,
    }
    tx.insert_many(remedy, [row])
    facts = {"order_id": preview.order_id, "amount_minor": preview.amount_minor, "cost_minor": preview.cost_minor}
    audit.record(tx, [audit.Entry(f"remedy.{preview.kind}", "remedy", remedy_id, None, facts)])
    return Applied(remedy_id, preview.kind, preview.amount_minor, preview.cost_minor, shown, is_new=True)


def settle(tx: Tx, remedy_id: str, status: str) -> bool:
    """Write what became of a remedy; True when that is news. Only along `EDGES`, by compare and set."""
    sources = [source for source, targets in EDGES.items() if status in targets]
    statement = update(remedy).where(remedy.c.id == remedy_id, remedy.c.status.in_(sources))
    return bool(tx.run(statement.values(status=status)))


def of(tx: Tx, *, order_id: str | None = None, conversation_id: str | None = None) -> Sequence[Any]:
    """The remedies of an order or of a conversation, oldest first."""
    where = remedy.c.order_id == order_id if order_id is not None else remedy.c.conversation_id == conversation_id
    return tx.rows(select(remedy).where(where).order_by(remedy.c.id))
