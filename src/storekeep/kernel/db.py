"""The database: one write transaction at a time on SQLite, many on PostgreSQL, and the `Tx` that verbs are handed.

SQLite starves its writers when several processes compete, so each write transaction first takes a file lock that
everyone takes (measured in docs/decisions/0004). Readers are read-only connections of their own.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    Row,
    Table,
    TextClause,
    create_engine,
    event,
    make_url,
)
from sqlalchemy import text as sql_text
from sqlalchemy.exc import OperationalError

from storekeep.kernel.bulk import insert_statement, teach
from storekeep.kernel.clock import Clock, Instant, SystemClock
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.ids import IdSource, RandomIds

_open_transaction: ContextVar[bool] = ContextVar("open_transaction", default=False)


class DatabaseUnusable(StorekeepError):
    """The database is missing, full, read-only, too new, or used by another server."""


class OutsideCallInTransaction(AssertionError):
    """A port was called while a transaction was open; the world must never be waited for under a lock."""


def refuse_inside_transaction() -> None:
    """Ports call this before they talk to the outside."""
    if _open_transaction.get():
        raise OutsideCallInTransaction("an outside call was made inside a transaction")


class Tx:
    """One transaction: its connection, its moment, its actor. Verbs take it first and never commit it."""

    __slots__ = ("_after_commit", "actor", "conn", "dialect", "ids", "now", "settings")

    def __init__(self, conn: Connection, now: Instant, ids: IdSource, actor: str) -> None:
        self.conn, self.now, self.ids, self.actor = conn, now, ids, actor
        self.dialect: str = conn.dialect.name
        self._after_commit: list[Callable[[], None]] = []
        #: The settings read so far, as they are stored (see `settings.read`)
        self.settings: dict[str, str | None] = {}

    def new_id(self) -> str:
        return self.ids.new()

    def rows(self, statement: Executable, params: Any = None) -> Sequence[Row[Any]]:
        return self.conn.execute(statement, params).all()

    def first(self, statement: Executable, params: Any = None) -> Row[Any] | None:
        return self.conn.execute(statement, params).first()

    def scalar(self, statement: Executable, params: Any = None) -> Any:
        return self.conn.execute(statement, params).scalar()

    def run(self, statement: Executable, params: Any = None) -> int:
        """Execute a write and return how many rows it touched."""
        return cast("CursorResult[Any]", self.conn.execute(statement, params)).rowcount

    def sql(self, statement: str, params: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Plain SQL with `:name` parameters, for the few places where it says more than Core does."""
        return self.conn.execute(_text(statement), dict(params or {})).all()

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all name the same columns, in one round trip."""
        if rows:
            statement, shape = insert_statement(table, tuple(rows[0]), self.dialect)
            self.conn.exec_driver_sql(statement, shape(rows))

    def after_commit(self, action: Callable[[], None]) -> None:
        """Remember something to do once the transaction is durable (wake a worker, answer a caller)."""
        self._after_commit.append(action)

    def committed(self) -> None:
        for action in self._after_commit:
            action()


@lru_cache(maxsize=256)
def _text(statement: str) -> TextClause:
    """Plain SQL, searched for its parameters once."""
    return sql_text(statement)


class Database:
    """Opens transactions. `begin` writes, `read` only reads; both hand out a `Tx`."""

    def __init__(
        self, url: str, *, clock: Clock | None = None, ids: IdSource | None = None, synchronous: str = "FULL"
    ) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.ids: IdSource = ids or RandomIds(self.clock)
        parsed = make_url(url)
        self.dialect = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self.path = Path(parsed.database or "") if self.dialect == "sqlite" else None
        self._thread_lock = threading.Lock()
        self._lock_file: Any = None
        if self.dialect == "sqlite":
            self._writer, self._reader = _sqlite_engines(cast("Path", self.path), synchronous)
        else:
            self._writer = self._reader = _postgres_engine(url)

    @contextmanager
    def begin(self, actor: str = "system") -> Iterator[Tx]:
        """A write transaction. Committed when the block ends, rolled back when it raises."""
        refuse_nested()
        with self._write_turn():
            token = _open_transaction.set(True)
            try:
                with _in_plain_words(), self._writer.begin() as conn:
                    tx = Tx(conn, self.clock.now(), self.ids, actor)
                    yield tx
            finally:
                _open_transaction.reset(token)
        tx.committed()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A read-only snapshot; writes through it fail."""
        if self.dialect == "sqlite":
            with self._reader.begin() as conn:
                yield Tx(conn, self.clock.now(), self.ids, "reader")
        else:
            with (
                self._reader.connect().execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                ) as conn,
                conn.begin(),
            ):
                yield Tx(conn, self.clock.now(), self.ids, "reader")

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and for looking at the schema."""
        return self._writer

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    @contextmanager
    def _write_turn(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with self._thread_lock:
            if self._lock_file is None:
                try:
                    self._lock_file = open(f"{self.path}-lock", "a")  # noqa: SIM115 - kept for the process's life
                except OSError as error:
                    raise DatabaseUnusable(f"cannot write beside {self.path}: {error.strerror}") from error
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                with suppress(OSError):
                    fcntl.flock(self._lock_file, fcntl.LOCK_UN)


def refuse_nested() -> None:
    """One transaction per command: a second one inside the first would deadlock SQLite and hide a design fault."""
    if _open_transaction.get():
        raise AssertionError("a transaction was opened inside another one")


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """Turn what a database says of a full disk or a read-only file into one sentence; nothing of it was kept."""
    try:
        yield
    except OperationalError as failure:
        sentence = _SQLITE_SAYS.get(getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF)
        sentence = sentence or _POSTGRES_SAYS.get(getattr(failure.orig, "sqlstate", None) or "")
        if sentence is None:
            raise
        raise DatabaseUnusable(f"{sentence}; nothing was changed ({failure.orig})") from failure


def is_unreachable(failure: BaseException) -> bool:
    """Whether a database server does not answer, or stopped answering. What was under way may or may not be kept:
    whoever needs to know repeats the command with its key."""
    if not isinstance(failure, OperationalError) or hasattr(failure.orig, "sqlite_errorcode"):
        return False
    # No SQLSTATE: no server spoke. 08: the connection broke. 57P: it is shutting down, starting up, or crashed.
    state = getattr(failure.orig, "sqlstate", None)
    return state is None or state[:2] == "08" or state[:3] == "57P"


_FULL = "the disk of the database is full"
#: By SQLite's primary result codes, and by SQLSTATE.
_SQLITE_SAYS = {8: "the database file can only be read", 10: "the disk of the database fails", 13: _FULL}
_POSTGRES_SAYS = {"53100": _FULL, "25006": "the database can only be read"}


def _sqlite_engines(path: Path, synchronous: str) -> tuple[Engine, Engine]:
    pragmas = {"journal_mode": "WAL", "synchronous": synchronous, "foreign_keys": "ON", "busy_timeout": 10_000,
               "temp_store": "MEMORY", "cache_size": -65_536, "journal_size_limit": 67_108_864}  # fmt: skip

    def engine(begin: str, size: int, extra: Mapping[str, Any]) -> Engine:
        made = create_engine(
            f"sqlite:///{path}",
            pool_size=size,
            max_overflow=0,
            pool_timeout=30,
            connect_args={"check_same_thread": False, "cached_statements": 512},
        )

        @event.listens_for(made, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            for name, value in {**pragmas, **extra}.items():
                connection.execute(f"PRAGMA {name} = {value}")

        @event.listens_for(made, "begin")
        def start(connection: Connection) -> None:
            # Straight to the driver: nothing of it needs to be compiled, logged or fetched, and every command pays it.
            connection.connection.execute(begin)

        return made

    return engine("BEGIN IMMEDIATE", 1, {}), engine("BEGIN", 16, {"query_only": "ON"})


def _postgres_engine(url: str) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    options = "-c lock_timeout=10000 -c statement_timeout=120000 -c idle_in_transaction_session_timeout=60000"
    made = create_engine(parsed, pool_size=8, max_overflow=8, pool_pre_ping=False, connect_args={"options": options})

    @event.listens_for(made, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        teach(connection)

    return made
