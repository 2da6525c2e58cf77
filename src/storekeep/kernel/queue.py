"""What outbox and inbox share: claim due rows under a lease, finish them, retry, give up in plain sight."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Table, Update, and_, bindparam, case, or_, select, update

from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import load

LEASE: Instant = 2 * MINUTE
MAX_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row of outbox or inbox. `body` is the decoded payload (outbox) or the raw text (inbox)."""

    id: str
    kind: str
    key: str
    body: Any
    headers: Mapping[str, str]
    subject_id: str | None
    attempt_count: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The job is finished."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now: try again later, at `due_at` or by back-off. `counts` says whether this was a failed attempt."""

    reason: str
    due_at: Instant | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """It will never work; a person must look at it."""

    reason: str


Outcome = Done | Again | Dead


def back_off(attempt_count: int, rng: random.Random) -> Instant:
    """Doubling from 2 s to an hour, each wait scaled by a random 0.5 to 1.5 so that retries do not march in step."""
    base: Instant = min(2 * SECOND << min(attempt_count, 20), HOUR)
    return base * rng.randint(50, 150) // 100


def claim(tx: Tx, table: Table, worker: str, *, lanes: Sequence[str] | None, limit: int) -> list[Job]:
    """Take up to `limit` due rows, or rows whose lease ran out because their worker died, oldest first."""
    rows = tx.rows(_due(table, None if lanes is None else tuple(lanes)), {"now": tx.now, "most": limit})
    return _take(tx, table, worker, rows)


@lru_cache(maxsize=64)
def _due(table: Table, lanes: tuple[str, ...] | None) -> Select[Any]:
    """The due rows of these lanes, or of all, and those whose worker died; at most `:most`."""
    due = and_(table.c.status == "due", table.c.due_at <= bindparam("now"))
    orphaned = and_(table.c.status == "running", table.c.leased_until < bindparam("now"))
    query = select(table).where(or_(due, orphaned)).order_by(table.c.due_at, table.c.id).limit(bindparam("most"))
    if lanes is not None:
        query = query.where(table.c.lane.in_(lanes))
    return query.with_for_update(skip_locked=True)


def claim_keys(tx: Tx, table: Table, worker: str, keys: Sequence[str]) -> list[Job]:
    """Take the named due rows now, for someone who waits for the answer; rows already taken are left alone."""
    return _take(tx, table, worker, tx.rows(_due_by_key(table), {"keys": keys}))


@lru_cache(maxsize=8)
def _due_by_key(table: Table) -> Select[Any]:
    query = select(table).where(among(table.c.key, listed("keys")), table.c.status == "due").order_by(table.c.id)
    return query.with_for_update(skip_locked=True)


def _take(tx: Tx, table: Table, worker: str, rows: Sequence[Any]) -> list[Job]:
    if not rows:
        return []
    tx.run(_taken(table), {"ids": [row.id for row in rows], "worker": worker, "until": tx.now + LEASE})
    return [_job(table, row) for row in rows]


@lru_cache(maxsize=8)
def _taken(table: Table) -> Update:
    return (
        update(table)
        .where(among(table.c.id, listed("ids")))
        .values(
            status="running",
            leased_by=bindparam("worker"),
            leased_until=bindparam("until"),
            attempt_count=table.c.attempt_count + 1,
        )
    )


def _job(table: Table, row: Any) -> Job:
    if table.name == "outbox":
        return Job(row.id, row.kind, row.key, load(row.payload), {}, row.subject_id, row.attempt_count + 1)
    headers = load(row.headers)
    return Job(row.id, row.kind, row.external_id, row.body, headers, None, row.attempt_count + 1, row.source)


def finish(tx: Tx, table: Table, worker: str, outcomes: Sequence[tuple[Job, Outcome]], rng: random.Random) -> None:
    """Write what became of claimed jobs, only where the lease is still ours."""
    rows = [{**_settled(tx, job, outcome, rng), "worker": worker} for job, outcome in outcomes]
    if rows:
        tx.conn.execute(_finished(table), rows)


@lru_cache(maxsize=8)
def _finished(table: Table) -> Update:
    return (
        update(table)
        .where(table.c.id == bindparam("row_id"), table.c.leased_by == bindparam("worker"), table.c.status == "running")
        .values(
            status=bindparam("new_status"),
            due_at=case((bindparam("new_due_at") == 0, table.c.due_at), else_=bindparam("new_due_at")),
            attempt_count=bindparam("new_attempt_count"),
            last_error=bindparam("new_error"),
            done_at=bindparam("new_done_at"),
            leased_until=None,
            leased_by=None,
        )
    )


def _settled(tx: Tx, job: Job, outcome: Outcome, rng: random.Random) -> dict[str, Any]:
    row = {
        "row_id": job.id,
        "new_status": "done",
        "new_due_at": 0,
        "new_attempt_count": job.attempt_count,
        "new_error": None,
        "new_done_at": None,
    }
    match outcome:
        case Done():
            row["new_done_at"] = tx.now
        case Dead(reason):
            row |= {"new_status": "dead", "new_error": reason[:2000]}
        case Again(reason, due_at, counts):
            attempts = job.attempt_count if counts else job.attempt_count - 1
            gone = attempts >= MAX_ATTEMPTS
            row |= {
                "new_status": "dead" if gone else "due",
                "new_due_at": due_at or tx.now + back_off(attempts, rng),
                "new_attempt_count": attempts,
                "new_error": reason[:2000],
            }
    return row


def revive(tx: Tx, table: Table, ids: Sequence[str]) -> int:
    """ "Try again": put dead rows back in line with a fresh count of attempts. Returns how many there were."""
    return tx.run(
        update(table)
        .where(table.c.id.in_(ids), table.c.status == "dead")
        .values(status="due", due_at=tx.now, attempt_count=0, last_error=None)
    )
