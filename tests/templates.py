"""Databases that are filled once per process and copied for each test that may spoil them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from storekeep.kernel.db import Database

_copies = count(1)


@contextmanager
def filled(
    engine_kind: str, request: pytest.FixtureRequest, folder: Path, name: str, fill: Callable[[str], None]
) -> Iterator[str]:
    """The address of a migrated database of this name that `fill` has been at."""
    if engine_kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / f"{name}.db")
        url = f"sqlite:///{folder}/{name}.db"
        fill(url)
        yield url
        return
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    with _cloned(server, request.getfixturevalue("postgres_template"), name) as url:
        fill(url)
        yield url


@contextmanager
def copied(url: str, folder: Path) -> Iterator[str]:
    """The address of a copy of a filled database, to be spoiled for good. Nobody may be connected to the original."""
    if url.startswith("sqlite"):
        shutil.copy(url.removeprefix("sqlite:///"), folder / "copy.db")
        yield f"sqlite:///{folder}/copy.db"
        return
    original = sa.make_url(url)
    with _cloned(original, str(original.database), f"{original.database}_{next(_copies)}") as copy:
        yield copy


@contextmanager
def _cloned(server: sa.URL, template: str, name: str) -> Iterator[str]:
    admin: Any = sa.create_engine(
        server.set(database="postgres", drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield server.set(database=name, drivername="postgresql").render_as_string(False)
    finally:
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def into_one_file(db: Database) -> None:
    """Everything of a SQLite database into its one file, so that the file can be copied; then close it."""
    if db.path is not None:
        with db.engine.connect() as conn:
            conn.exec_driver_sql("ROLLBACK")
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.exec_driver_sql("BEGIN")
    db.close()


#: For each kind of database: the dialect and the compiled statements that all databases of this process share.
_compiled: dict[str, tuple[Any, Any]] = {}


def share_compiled(database: Database) -> None:
    """Let a database use the statements that others of its kind have compiled, as a running shop does: a fresh engine
    compiles each of them anew, which took a third of a test's time."""
    for engine in {database._writer, database._reader}:
        if database.dialect not in _compiled:
            engine.connect().close()  # a dialect learns about its server when it first connects
            _compiled[database.dialect] = (engine.dialect, LRUCache(5_000))
        engine.dialect, engine._compiled_cache = _compiled[database.dialect]
