"""Hearing the world: whatever arrives is stored raw first, answered, and worked on after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from storekeep.kernel import tables
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that was told to us. (source, external_id) is unique, so a repeat is stored once."""

    source: str
    external_id: str
    kind: str
    body: str
    headers: Mapping[str, str]
    lane: str = "default"


_KNOWN = select(tables.inbox.c.external_id).where(
    tables.inbox.c.source == bindparam("of_source"), among(tables.inbox.c.external_id, listed("ids"))
)


def store(tx: Tx, arrivals: Sequence[Arrival]) -> int:
    """Keep what is new; returns how many that were."""
    fresh: dict[tuple[str, str], Arrival] = {}
    for arrival in arrivals:
        fresh.setdefault((arrival.source, arrival.external_id), arrival)
    table = tables.inbox
    for source in {arrival.source for arrival in arrivals}:
        ids = [external_id for (of, external_id) in fresh if of == source]
        for row in tx.rows(_KNOWN, {"of_source": source, "ids": ids}):
            del fresh[source, row.external_id]
    tx.insert_many(table, [_row(tx, arrival) for arrival in fresh.values()])
    return len(fresh)


def _row(tx: Tx, arrival: Arrival) -> dict[str, object]:
    return {
        "id": tx.new_id(),
        "source": arrival.source,
        "external_id": arrival.external_id,
        "kind": arrival.kind,
        "lane": arrival.lane,
        "headers": dump(dict(arrival.headers)),
        "body": arrival.body,
        "status": "due",
        "attempt_count": 0,
        "received_at": tx.now,
        "due_at": tx.now,
        "leased_until": None,
        "leased_by": None,
        "last_error": None,
        "done_at": None,
    }
