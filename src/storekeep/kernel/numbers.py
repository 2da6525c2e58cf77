"""Human numbers, one sequence per kind: order 1042, RMA 33. Nobody parses them; a gap means nothing.

On PostgreSQL they are native sequences, so that placing orders never queues on a counter row.
"""

from collections.abc import Mapping

from sqlalchemy import Sequence as SqlSequence
from sqlalchemy import bindparam, update

from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.kernel.schema import metadata

FIRST: Mapping[str, int] = {
    "order": 1001,
    "fulfillment": 1,
    "shipment": 1,
    "return": 1,
    "conversation": 1,
    "refund": 1,
    "count": 1,
    "purchase_order": 1001,
    "receipt": 1,
    "pick_batch": 1,
    "landed_cost": 1,
    "transfer": 1,
}
for _kind, _first in FIRST.items():
    SqlSequence(f"number_{_kind}", start=_first, metadata=metadata)


_COUNTER = tables.number_sequence.c
_TAKEN = (
    update(tables.number_sequence)
    .where(_COUNTER.kind == bindparam("of_kind"))
    .values(next_number=_COUNTER.next_number + bindparam("count"))
    .returning(_COUNTER.next_number)
)


def take(tx: Tx, kind: str, count: int = 1) -> list[int]:
    """The next `count` numbers of a kind, ascending."""
    if count <= 0:
        return []
    if tx.dialect == "postgresql":
        if kind not in FIRST:
            raise KeyError(kind)
        rows = tx.sql(f"SELECT nextval('number_{kind}') AS n FROM generate_series(1, :count)", {"count": count})  # noqa: S608 - the kind is one of ours
        return [row.n for row in rows]
    last = tx.scalar(_TAKEN, {"of_kind": kind, "count": count})
    return list(range(last - count, last))


def install(tx: Tx) -> None:
    """Make the counters that do not exist yet (SQLite; PostgreSQL has its sequences from the migration)."""
    known = {row.kind for row in tx.rows(tables.number_sequence.select())}
    missing = [{"kind": kind, "next_number": first} for kind, first in FIRST.items() if kind not in known]
    tx.insert_many(tables.number_sequence, missing)
