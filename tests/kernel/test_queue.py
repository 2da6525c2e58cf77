"""Outbox and inbox: leases, back-off, dead rows in plain sight, and a second chance for them."""

import random

from sqlalchemy import select, update

from storekeep.kernel import inbox, outbox, queue, tables
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict
from storekeep.kernel.worker import Worker


def told(db: Database, *keys: str) -> None:
    with db.begin() as tx:
        outbox.send(tx, [outbox.Message("tell", key, {"n": n}) for n, key in enumerate(keys)])


def statuses(db: Database) -> dict[str, str]:
    with db.read() as tx:
        return {row.key: row.status for row in tx.rows(select(tables.outbox))}


def test_a_message_is_done_once_however_often_it_is_queued(db: Database, rng: random.Random) -> None:
    told(db, "a", "a")
    told(db, "a")
    seen: list[str] = []

    def handle(job: queue.Job) -> queue.Outcome:
        seen.append(job.key)
        return queue.Done()

    worker = Worker(db, {"tell": handle}, "w", rng)
    assert worker.drain() == 1
    assert (seen, statuses(db)) == (["a"], {"a": "done"})


def test_a_refusal_is_tried_again_later_and_at_last_given_up_in_plain_sight(
    db: Database, rng: random.Random, clock: VirtualClock
) -> None:
    told(db, "a")

    def handle(job: queue.Job) -> queue.Outcome:
        raise Conflict("not now")

    worker = Worker(db, {"tell": handle}, "w", rng)
    tries = 0
    while statuses(db)["a"] == "due":
        tries += worker.step()
        clock.sleep(2 * HOUR)
    assert (tries, statuses(db)["a"]) == (queue.MAX_ATTEMPTS, "dead")
    with db.begin() as tx:
        row = tx.first(select(tables.outbox))
        assert row is not None
        assert "not now" in row.last_error
        assert queue.revive(tx, tables.outbox, [row.id]) == 1
    assert statuses(db)["a"] == "due"


def test_waits_double_and_never_march_in_step() -> None:
    rng = random.Random(1)
    waits = [queue.back_off(n, rng) for n in range(1, 20)]
    assert waits[0] < 10 * SECOND
    assert max(waits) <= HOUR * 3 // 2
    assert len({queue.back_off(5, rng) for _ in range(20)}) > 5


def test_a_dead_workers_job_goes_to_another_after_its_lease(
    db: Database, rng: random.Random, clock: VirtualClock
) -> None:
    told(db, "a")
    with db.begin() as tx:
        assert [job.key for job in queue.claim(tx, tables.outbox, "dead", lanes=None, limit=5)] == ["a"]
    worker = Worker(db, {"tell": lambda job: queue.Done()}, "w", rng)
    assert worker.step() == 0
    clock.sleep(3 * MINUTE)
    assert worker.step() == 1
    assert statuses(db)["a"] == "done"


def test_an_outcome_after_the_lease_was_lost_changes_nothing(
    db: Database, rng: random.Random, clock: VirtualClock
) -> None:
    told(db, "a")
    with db.begin() as tx:
        jobs = queue.claim(tx, tables.outbox, "slow", lanes=None, limit=5)
    clock.sleep(3 * MINUTE)
    with db.begin() as tx:
        queue.claim(tx, tables.outbox, "other", lanes=None, limit=5)
        queue.finish(tx, tables.outbox, "slow", [(jobs[0], queue.Done())], rng)
    assert statuses(db)["a"] == "running"


def test_one_bad_job_does_not_stop_the_others(db: Database, rng: random.Random) -> None:
    told(db, "good", "bad", "fine")

    def handle(job: queue.Job) -> queue.Outcome:
        return queue.Dead("never") if job.key == "bad" else queue.Done()

    Worker(db, {"tell": handle}, "w", rng).drain()
    assert statuses(db) == {"good": "done", "bad": "dead", "fine": "done"}


def test_a_kind_that_nobody_knows_is_dead_with_its_reason(db: Database, rng: random.Random) -> None:
    told(db, "a")
    Worker(db, {}, "w", rng).drain()
    with db.read() as tx:
        row = tx.first(select(tables.outbox))
    assert row is not None
    assert "nobody here knows" in row.last_error


def test_a_webhook_that_comes_ten_times_is_stored_once(db: Database) -> None:
    arrival = inbox.Arrival("stripe", "evt_1", "payment.webhook", "{}", {})
    with db.begin() as tx:
        assert inbox.store(tx, [arrival] * 5) == 1
        assert inbox.store(tx, [arrival] * 5) == 0


def test_lanes_are_worked_apart(db: Database, rng: random.Random) -> None:
    with db.begin() as tx:
        outbox.send(tx, [outbox.Message("tell", "m", {}, "mail"), outbox.Message("tell", "p", {}, "money")])
    worker = Worker(db, {"tell": lambda job: queue.Done()}, "w", rng)
    worker.step(["money"])
    assert statuses(db) == {"m": "due", "p": "done"}


def test_a_row_that_waits_for_later_is_left_alone(db: Database, rng: random.Random, clock: VirtualClock) -> None:
    told(db, "a")
    with db.begin() as tx:
        tx.run(update(tables.outbox).values(due_at=tx.now + HOUR))
    worker = Worker(db, {"tell": lambda job: queue.Done()}, "w", rng)
    assert worker.step() == 0
    clock.sleep(HOUR)
    assert worker.step() == 1
