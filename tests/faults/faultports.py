"""Ports that count the places a program passes, and break one of them: the statement, the commit, the call outside.

`Counting` only counts. `Failing` makes place k fail the way the thing at that place fails; `Killing` ends the program
there.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from faultworld import NoAnswer
from sqlalchemy.exc import OperationalError

from storekeep.kernel.clock import Clock
from storekeep.kernel.db import Database, Tx
from storekeep.world.simulator.programs import Killed, PlayedDatabase, Ports, _statements_told

FULL, IOERR, NO_CODE = 13, 10, 0


def refusal(sql: str, code: int) -> OperationalError:
    """What the driver says when a statement fails; `code` is SQLite's, 0 for what it gives no code (a deadlock)."""
    cause = sqlite3.OperationalError("this one was made to fail")
    if code:
        cause.sqlite_errorcode = code
    return OperationalError(sql, None, cause)


class Counting:
    """Names every place that is passed."""

    def __init__(self) -> None:
        self.places: list[str] = []

    def before(self, what: str) -> None:
        self._pass(f"before {what}")

    def within(self, what: str) -> None:
        self._pass(f"within {what}")

    def after(self, what: str) -> None:
        self._pass(f"after {what}")

    def statement(self, sql: str) -> None:
        self._pass(f"statement {' '.join(sql.split())[:60]}")

    def written(self, tx: Tx) -> None:
        pass

    def _pass(self, place: str) -> None:
        self.places.append(place)


class Breaking(Counting):
    """Breaks at place `k` (the first is 1), once. `broke_at` names it; None while nothing broke."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k
        self.broke_at: str | None = None
        #: The stage that it is played on, once there is one
        self.stage: Any = None

    def _pass(self, place: str) -> None:
        super()._pass(place)
        if len(self.places) == self.k:
            self.broke_at = place
            self._break(place)

    def _break(self, place: str) -> None:
        raise NotImplementedError


class Failing(Breaking):
    """What is at place k fails as such things fail; nothing else notices."""

    def _break(self, place: str) -> None:
        if place.split()[-1] in ("transaction", "reading"):
            raise refusal(place, NO_CODE)  # the server is gone, before or after it committed
        if place.startswith(("statement", "within")):
            raise refusal(place, (FULL, IOERR, NO_CODE)[self.k % 3])
        raise NoAnswer(was_done=place.startswith("after"))


class Killing(Breaking):
    """The program ends at place k."""

    def _break(self, place: str) -> None:
        raise Killed(place)


class WatchedDatabase(PlayedDatabase):
    """A played database that tells its reads as well, so that these can fail too."""

    def __init__(self, base: Database, ports: Ports, clock: Clock | None = None) -> None:
        super().__init__(base, ports, clock)

    @contextmanager
    def read(self) -> Iterator[Any]:
        """See `Database.read`."""
        self._ports.before("reading")
        with Database.read(self) as tx, _statements_told(self._reader, self._ports):
            yield tx
