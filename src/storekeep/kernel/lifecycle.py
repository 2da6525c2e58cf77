"""Statuses as data: which may follow which, how each is shown, and the one verb that moves them.

A move is a compare-and-set on the row plus a line in `status_change`, so that history and row never disagree.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from storekeep.kernel import prepared, tables
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import IllegalMove, NotFound
from storekeep.kernel.machine import Machine


def begin(tx: Tx, machine: Machine, ids: Sequence[str], status: str | None = None) -> None:
    """Write the first line of history for rows that were just inserted in `status` (the initial one by default)."""
    first = status or machine.initial
    tx.insert_many(tables.status_change, [_change(tx, machine, subject, None, first) for subject in ids])


def advance(
    tx: Tx,
    machine: Machine,
    table: Table,
    ids: Sequence[str],
    to: str,
    *,
    sets: Mapping[str, Any] | None = None,
    expect: Sequence[str] | None = None,
) -> None:
    """Move every row of `ids` to status `to`, all or none.

    Raises `NotFound` for a missing row and `IllegalMove` when a row's status is not in `expect` (where given) or does
    not lead to `to`. The rows are locked in id order first, so two callers cannot both win.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return
    locked = tx.rows(prepared.rows_of(table, "id", "id", "status", lock=True), {"wanted": wanted})
    current = {row.id: row.status for row in locked}
    for subject in wanted:
        if subject not in current:
            raise NotFound(f"no {machine.name} {subject}")
        status = current[subject]
        if (expect is not None and status not in expect) or not machine.allows(status, to):
            raise IllegalMove(machine.name, subject, status, to)
    values = {"status": to, **(sets or {})}
    tx.run(
        prepared.change_all(table, *values), {"wanted": wanted, **{f"to_{name}": one for name, one in values.items()}}
    )
    tx.insert_many(tables.status_change, [_change(tx, machine, subject, current[subject], to) for subject in wanted])


def _change(tx: Tx, machine: Machine, subject: str, before: str | None, after: str) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "machine": machine.name,
        "subject_id": subject,
        "from_status": before,
        "to_status": after,
        "changed_at": tx.now,
        "actor": tx.actor,
    }
