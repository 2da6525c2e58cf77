"""Who did what to what, before and after. Written in the transaction that did it, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump


@dataclass(frozen=True, slots=True)
class Entry:
    """One audited act."""

    action: str
    subject_type: str
    subject_id: str
    before: Any = None
    after: Any = None


def record(tx: Tx, entries: Sequence[Entry]) -> None:
    """Append entries under the transaction's actor and time."""
    tx.insert_many(
        tables.audit_entry,
        [
            {
                "id": tx.new_id(),
                "recorded_at": tx.now,
                "actor": tx.actor,
                "action": entry.action,
                "subject_type": entry.subject_type,
                "subject_id": entry.subject_id,
                "before": None if entry.before is None else dump(entry.before),
                "after": None if entry.after is None else dump(entry.after),
            }
            for entry in entries
        ],
    )
