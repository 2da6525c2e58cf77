"""Plants faults by raw SQL where the schema would say no: in a transaction of its own that is never committed.

On SQLite foreign keys and checks are switched off; on PostgreSQL triggers and foreign keys are, and the constraints of
the tables named are dropped. A table that must lose a UNIQUE is rebuilt without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Tx
from storekeep.kernel.ids import SeededIds


@dataclass(frozen=True)
class Fault:
    """A fault in what invariant `id` watches. `pick` finds the row ({a}, {b} in `plant`); the report must name it.

    `named` are the words that the report must have, the picked values when empty; `bare` the tables whose constraints
    are in the way; `only` the database that this fault exists on.
    """

    id: str
    what: str
    pick: str
    plant: tuple[str, ...]
    bare: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    only: str = ""


@contextmanager
def spoiled(url: str, fault: Fault, now: int) -> Iterator[tuple[Tx, list[str]]]:
    """A transaction that sees the shop with the fault in it, and the words that name the row at fault."""
    engine = _engine(url)
    with engine.connect() as conn, conn.begin() as transaction:
        _disarm(conn, fault)
        row = [str(value) for value in conn.exec_driver_sql(fault.pick.replace("%", "%%")).first() or ()]
        assert row, f"the stories have no row for {fault.id}: {fault.what}"
        values = dict(zip("abcd", row, strict=False))
        for statement in fault.plant:
            done = conn.exec_driver_sql(statement.format(**values))
            assert done.rowcount != 0 or not statement.startswith(("UPDATE", "DELETE", "INSERT")), (
                f"{fault.what}: nothing was planted"
            )
        clock = VirtualClock(now)
        named = [word.format(**values) for word in fault.named]
        yield Tx(conn, now, SeededIds(clock, 9), "tester"), named or row
        transaction.rollback()
    engine.dispose()


def _engine(url: str) -> sa.Engine:
    made = sa.make_url(url)
    if made.get_backend_name() != "sqlite":
        return sa.create_engine(made.set(drivername="postgresql+psycopg"))
    engine = sa.create_engine(made)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON", "busy_timeout = 10000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _disarm(conn: sa.Connection, fault: Fault) -> None:
    if conn.dialect.name == "sqlite":
        triggers = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in triggers if fault.id != "K5" else ():  # which looks for the triggers themselves
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        for table in fault.bare:
            conn.exec_driver_sql(f"CREATE TABLE bare_{table} AS SELECT * FROM {table}")
            conn.exec_driver_sql(f"DROP TABLE {table}")
            conn.exec_driver_sql(f"ALTER TABLE bare_{table} RENAME TO {table}")
        return
    conn.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
    for table in fault.bare:
        constraints = (
            f"SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype IN ('c', 'u')"
        )
        for name in conn.exec_driver_sql(constraints).scalars().all():
            conn.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        indexes = (
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            f"WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND NOT i.indisprimary"
        )
        for name in conn.exec_driver_sql(indexes).scalars().all():
            conn.exec_driver_sql(f"DROP INDEX {name}")


def copy(table: str, key: str, columns: str, changed: dict[str, str]) -> str:
    """A statement that copies the row with id `key` of a table, with some columns changed."""
    names = [name.strip() for name in columns.split(",")]
    values = ", ".join(changed.get(name, name) for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = '{key}'"
