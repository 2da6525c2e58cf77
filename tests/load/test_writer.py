"""The writer shares transactions among callers, harms none of them, and answers nobody too early."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from storekeep.kernel import tables
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import Conflict
from storekeep.kernel.writer import Writer

POISON = "poison"


def write(tx: Tx, commands: Sequence[str]) -> list[str]:
    """One setting per command; a poisoned one breaks the transaction it is in, as a violated constraint would."""
    tx.insert_many(
        tables.setting,
        [{"key": one, "value": "1", "updated_at": tx.now, "updated_by": tx.actor} for one in commands],
    )
    if any(one.startswith(POISON) for one in commands):
        tx.run(sa.text("INSERT INTO setting (key) VALUES (NULL)"))
    return [f"wrote {one} with {len(commands)}" for one in commands]


def stored(db: Database) -> set[str]:
    """What another connection sees."""
    with db.read() as tx:
        return {row.key for row in tx.rows(sa.select(tables.setting.c.key))}


@contextmanager
def held_commit(db: Database) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Stop the writer's commits just before they happen: (one has been reached, let them go)."""
    reached, go = threading.Event(), threading.Event()

    def wait(_connection: sa.Connection) -> None:
        if threading.current_thread().name == "writer":  # not a reader, who ends a transaction on the same engine
            reached.set()
            assert go.wait(30)

    sa.event.listen(db.engine, "commit", wait)
    try:
        yield reached, go
    finally:
        go.set()
        sa.event.remove(db.engine, "commit", wait)


@pytest.fixture
def writer(db: Database) -> Writer[str, str]:
    return Writer(db, write, lambda command: command)


def test_what_gathers_during_a_commit_shares_the_next_transaction(db: Database, writer: Writer[str, str]) -> None:
    writer.start()
    with held_commit(db) as (reached, go):
        first = writer.submit("first")
        assert reached.wait(30)
        futures: list[Future[str]] = []
        lock = threading.Lock()

        def submit(n: int) -> None:
            future = writer.submit(f"later {n:02}")
            with lock:
                futures.append(future)

        threads = [threading.Thread(target=submit, args=(n,)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        go.set()
        assert first.result(30) == "wrote first with 1"
        assert all(future.result(30).endswith(" with 40") for future in futures)
    writer.stop()
    assert list(writer.batch_sizes) == [1, 40]


def test_a_batch_has_an_upper_bound(db: Database) -> None:
    writer = Writer(db, write, lambda command: command, limit=8)
    futures = [writer.submit(f"command {n}") for n in range(20)]
    assert [writer.step(), writer.step(), writer.step(), writer.step()] == [8, 8, 4, 0]
    assert all(future.done() for future in futures)


def test_many_submitters_at_once_are_all_answered_with_their_own_result(db: Database, writer: Writer[str, str]) -> None:
    writer.start()
    answers: dict[str, str] = {}

    def submit(person: int) -> None:
        for n in range(10):
            name = f"{person}.{n}"
            answers[name] = writer.submit(name).result(60)

    threads = [threading.Thread(target=submit, args=(person,)) for person in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.stop()
    assert len(answers) == 160
    assert all(answer.startswith(f"wrote {name} with ") for name, answer in answers.items())
    assert set(answers) <= stored(db)
    assert sum(writer.batch_sizes) == 160
    assert max(writer.batch_sizes) > 1


def test_a_poisoned_command_fails_alone(db: Database, writer: Writer[str, str]) -> None:
    good = [writer.submit(f"good {n}") for n in range(5)]
    bad = writer.submit(POISON)
    more = [writer.submit(f"more {n}") for n in range(5)]
    writer.step()
    with pytest.raises(sa.exc.IntegrityError):
        bad.result(0)
    assert [future.result(0) for future in good] == [f"wrote good {n} with 1" for n in range(5)]
    assert [future.result(0) for future in more] == [f"wrote more {n} with 1" for n in range(5)]
    assert stored(db) >= {f"{kind} {n}" for kind in ("good", "more") for n in range(5)}
    assert POISON not in stored(db)


def test_a_refusal_of_one_command_reaches_its_caller_only(db: Database) -> None:
    def refuse(tx: Tx, commands: Sequence[str]) -> list[str]:
        if "refused" in commands:
            raise Conflict("not this one")
        return write(tx, commands)

    writer = Writer(db, refuse, lambda command: command)
    futures = {name: writer.submit(name) for name in ("a", "refused", "b")}
    writer.step()
    with pytest.raises(Conflict, match="not this one"):
        futures["refused"].result(0)
    assert futures["a"].result(0) == "wrote a with 1"
    assert futures["b"].result(0) == "wrote b with 1"


def test_callers_are_answered_only_after_the_commit(db: Database, writer: Writer[str, str]) -> None:
    writer.start()
    with held_commit(db) as (reached, go):
        future = writer.submit("patience")
        assert reached.wait(30)
        assert not future.done()
        assert "patience" not in stored(db)
        go.set()
        future.result(30)
    assert "patience" in stored(db)
    writer.stop()


def test_the_row_is_there_for_others_at_the_moment_the_answer_is_given(db: Database, writer: Writer[str, str]) -> None:
    seen: list[bool] = []
    futures = [writer.submit(f"row {n}") for n in range(10)]
    for n, future in enumerate(futures):
        future.add_done_callback(lambda _, name=f"row {n}": seen.append(name in stored(db)))  # type: ignore[misc]
    writer.step()
    assert seen == [True] * 10


def test_a_commit_that_fails_is_told_to_the_callers_and_leaves_nothing(db: Database, writer: Writer[str, str]) -> None:
    def fail(_connection: sa.Connection) -> None:
        raise OSError("the disk said no")

    future = writer.submit("lost")
    sa.event.listen(db.engine, "commit", fail)
    writer.step()
    sa.event.remove(db.engine, "commit", fail)
    with pytest.raises(OSError, match="the disk said no"):
        future.result(0)
    assert "lost" not in stored(db)
    again = writer.submit("lost")
    writer.step()
    assert again.result(0) == "wrote lost with 1"
    assert "lost" in stored(db)


def test_the_same_key_twice_in_a_batch_runs_once_and_shares_the_answer(db: Database, writer: Writer[str, str]) -> None:
    futures = [writer.submit("twin"), writer.submit("other"), writer.submit("twin")]
    assert writer.step() == 3
    assert [future.result(0) for future in futures] == ["wrote twin with 2", "wrote other with 2", "wrote twin with 2"]


def test_stopping_finishes_what_waits_and_takes_nothing_new(db: Database, writer: Writer[str, str]) -> None:
    futures = [writer.submit(f"waiting {n}") for n in range(100)]
    writer.start()
    writer.stop()
    assert all(future.done() for future in futures)
    assert {f"waiting {n}" for n in range(100)} <= stored(db)
    with pytest.raises(RuntimeError, match="stopping"):
        writer.submit("too late")
