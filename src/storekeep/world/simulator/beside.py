"""Verifying in a second process while the play goes on: what it is asked to look at it sees as of that moment.

Verify is pure reading, so a snapshot taken now and read later gives the same answer; on two cores it costs the play
nothing. The answer is waited for at a fixed point of the run, so that one seed stays one run.
"""

from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

from sqlalchemy import func, select

from storekeep.kernel.clock import Instant, VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.tables import outbox
from storekeep.shop.reports import verify


class Seen(NamedTuple):
    """What a look found: how many invariants were checked, and the first that does not hold (its id, in words)."""

    checks: int
    fault: tuple[str, str] | None


def look(tx: Tx, since: Instant | None) -> Seen:
    """All of verify, or only what changed since a moment. What a whole look cannot check is a fault, too."""
    found = verify.run(tx, since=since)
    for result in found.results:
        if result.offenders:
            one = result.offenders[0]
            text = f"{one.subject}: {one.text} (expected {one.expected}, found {one.found})"
            return Seen(len(found.results), (result.id, text))
        if since is None and result.reason:
            return Seen(len(found.results), (result.id, f"could not be checked: {result.reason}"))
    return Seen(len(found.results), None)


class Beside:
    """A process that looks at a database, one look at a time."""

    def __init__(self, url: str) -> None:
        # A new process, not a copy of this one: neither connections nor other people's lives come along.
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, since: Instant | None, now: Instant) -> None:
        """Begin a look at the database as it is now; returns as soon as that moment is held fast."""
        self._pipe.send((since, now))
        self._pipe.recv()

    def answer(self) -> Seen:
        """Wait for what the look found. Raises `EOFError` when the process is gone."""
        seen: Seen = self._pipe.recv()
        return seen

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(5)
        self._process.terminate()


def _serve(url: str, pipe: Connection) -> None:
    clock = VirtualClock(0)
    db = Database(url, clock=clock)
    try:
        while True:
            since, now = pipe.recv()
            clock.move_to(now)
            with db.read() as tx:
                tx.scalar(select(func.count()).select_from(select(outbox.c.id).limit(1).subquery()))
                pipe.send(None)  # the first read has fixed what is seen
                pipe.send(look(tx, since))
    except EOFError:
        db.close()
