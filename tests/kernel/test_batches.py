"""Many jobs of one kind at once: an addition for speed, which changes nothing of what becomes of each."""

import random
from collections.abc import Sequence

from sqlalchemy import select

from storekeep.kernel import outbox, queue, tables
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict
from storekeep.kernel.worker import Worker


def told(db: Database, kinds: dict[str, str]) -> None:
    with db.begin() as tx:
        outbox.send(tx, [outbox.Message(kind, key, {}) for key, kind in kinds.items()])


def statuses(db: Database) -> dict[str, str]:
    with db.read() as tx:
        return {row.key: row.status for row in tx.rows(select(tables.outbox))}


def alone(job: queue.Job) -> queue.Outcome:
    return queue.Dead("it is bad") if job.key == "bad" else queue.Done()


def test_each_job_of_a_batch_gets_its_own_outcome(db: Database, rng: random.Random) -> None:
    told(db, {"a": "tell", "x": "other", "bad": "tell", "c": "tell"})
    seen: list[list[str]] = []

    def together(jobs: Sequence[queue.Job]) -> list[queue.Outcome]:
        seen.append([job.key for job in jobs])
        return [alone(job) for job in jobs]

    Worker(db, {"tell": alone, "other": alone}, "w", rng, {"tell": together}).drain()
    assert seen == [["a", "bad", "c"]]
    assert statuses(db) == {"a": "done", "x": "done", "bad": "dead", "c": "done"}


def test_a_bad_job_harms_no_other_of_its_batch(db: Database, rng: random.Random) -> None:
    told(db, {"a": "tell", "bad": "tell", "c": "tell"})

    def together(jobs: Sequence[queue.Job]) -> list[queue.Outcome]:
        raise Conflict("one of these cannot be folded")

    Worker(db, {"tell": alone}, "w", rng, {"tell": together}).drain()
    assert statuses(db) == {"a": "done", "bad": "dead", "c": "done"}


def test_a_single_job_needs_no_batch(db: Database, rng: random.Random) -> None:
    told(db, {"a": "tell"})
    seen: list[str] = []

    def handle(job: queue.Job) -> queue.Outcome:
        seen.append(job.key)
        return queue.Done()

    Worker(db, {"tell": handle}, "w", rng, {"tell": lambda jobs: [queue.Dead("not asked") for _ in jobs]}).drain()
    assert (seen, statuses(db)) == (["a"], {"a": "done"})
