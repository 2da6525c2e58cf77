"""Our own programs as the play sees them: web server and workers that can be killed, and boot again from the database.

Whatever a program does passes its ports: before and after each transaction, before its commit, at each statement, and
around each outside call. There others get their turn, and there a program dies, a statement fails or a disk is full.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storekeep.flows.house import House
from storekeep.kernel.clock import Clock, Instant
from storekeep.kernel.db import Database, Tx


class Killed(BaseException):
    """The program that was running this is gone. Its memory is lost; what it had not committed never happened."""


class Down(Exception):
    """Nobody answers: the program was killed and has not started again yet."""


class Ports(Protocol):
    """The places where a program touches the database and the world. All but `within` and `statement` may wait."""

    def before(self, what: str) -> None:
        """Outside any transaction: about to do `what` (`transaction`, `provider.capture`, `mail.send`, ...)."""

    def within(self, what: str) -> None:
        """Inside a transaction, about to `commit` it."""

    def after(self, what: str) -> None:
        """Outside any transaction: `what` has just taken effect."""

    def statement(self, sql: str) -> None:
        """Inside a write transaction, before each statement."""

    def written(self, tx: Tx) -> None:
        """Inside a write transaction whose work is done, after `within("commit")`: the last thing before the commit."""


class PlayedDatabase(Database):
    """A database as one program sees it: the same file or server as `base`, with that program's ports and clock."""

    def __init__(self, base: Database, ports: Ports, clock: Clock | None = None) -> None:
        # The engines and locks are shared: there is one database, however many programs use it.
        self.__dict__.update(base.__dict__)
        self._ports = ports
        if clock is not None:
            self.clock = clock

    @contextmanager
    def begin(self, actor: str = "system") -> Iterator[Tx]:
        """See `Database.begin`."""
        self._ports.before("transaction")
        with super().begin(actor) as tx, _statements_told(self._writer, self._ports):
            yield tx
            self._ports.within("commit")
            self._ports.written(tx)
        self._ports.after("transaction")


@contextmanager
def _statements_told(engine: Engine, ports: Ports) -> Iterator[None]:
    """Tell `ports` every statement of this engine for a while. The listener is set once; only its ear changes."""
    ear = _EARS.get(engine)
    if ear is None:
        ear = _EARS[engine] = _Ear()
        event.listen(engine, "before_cursor_execute", ear)
    ear.ports = ports
    try:
        yield
    finally:
        ear.ports = None


class _Ear:
    def __init__(self) -> None:
        self.ports: Ports | None = None

    def __call__(self, _conn: Any, _cursor: Any, sql: str, _params: Any, _context: Any, _many: bool) -> None:
        if self.ports is not None:
            self.ports.statement(sql)


_EARS: dict[Engine, _Ear] = {}


class SkewedClock:
    """A machine's clock that is wrong by `skew` microseconds."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self.skew: Instant = 0

    def now(self) -> Instant:
        return self._true.now() + self.skew

    def sleep(self, duration: Instant) -> None:
        self._true.sleep(duration)


class Program:
    """One program. `boot(program)` builds its house anew from the database; `generation` counts its lives."""

    def __init__(self, name: str, clock: Clock, boot: Callable[["Program"], House]) -> None:
        self.name = name
        self.clock = SkewedClock(clock)
        self.generation = 1
        self.down_until: Instant = 0
        self._boot = boot
        self._house: House | None = None

    def enter(self) -> House:
        """The house of the running program, booted when it must be. Raises `Down` while nobody is there."""
        if self.clock.now() - self.clock.skew < self.down_until:
            raise Down(self.name)
        if self._house is None:
            self._house = self._boot(self)
        return self._house

    def kill(self, down_for: Instant) -> None:
        """Take its memory away. Every life that is inside it finds out at its next step."""
        self.generation += 1
        self._house = None
        self.down_until = self.clock.now() - self.clock.skew + down_for
