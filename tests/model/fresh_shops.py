"""A shop that is opened once per kind of database and copied for every example."""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from agreeing import Opened, open_shop
from bothshops import BothShops

from storekeep.kernel.clock import VirtualClock, to_instant
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds

START = to_instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

Copies = Callable[[Counter[tuple[str, str]]], AbstractContextManager[BothShops]]


def on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Copies:
    original = folder / "original.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), original)
    opened = _open(f"sqlite:///{original}", folder)
    numbers = itertools.count()

    @contextmanager
    def fresh(tally: Counter[tuple[str, str]]) -> Iterator[BothShops]:
        path = folder / f"copy-{next(numbers)}.db"
        shutil.copy(original, path)
        shops = BothShops(f"sqlite:///{path}", opened, tally)
        try:
            yield shops
        finally:
            shops.db.close()
            for left in folder.glob(f"{path.name}*"):
                left.unlink()

    return fresh


def on_postgres(request: pytest.FixtureRequest, folder: Path) -> Copies:
    template = request.getfixturevalue("postgres_template")
    url = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")

    def run(statement: str) -> None:
        with admin.connect() as conn:
            conn.exec_driver_sql(statement)

    def address(name: str) -> str:
        return url.set(database=name, drivername="postgresql").render_as_string(False)

    run("DROP DATABASE IF EXISTS model_original WITH (FORCE)")
    run(f"CREATE DATABASE model_original TEMPLATE {template} STRATEGY FILE_COPY")
    opened = _open(address("model_original"), folder)
    numbers = itertools.count()

    @contextmanager
    def fresh(tally: Counter[tuple[str, str]]) -> Iterator[BothShops]:
        name = f"model_{next(numbers)}"
        run(f"CREATE DATABASE {name} TEMPLATE model_original STRATEGY FILE_COPY")
        shops = BothShops(address(name), opened, tally)
        try:
            yield shops
        finally:
            shops.db.close()
            run(f"DROP DATABASE {name} WITH (FORCE)")

    return fresh


def _open(url: str, folder: Path) -> Opened:
    clock = VirtualClock(START)
    db = Database(url, clock=clock, ids=SeededIds(clock, seed=0), synchronous="OFF")
    opened = open_shop(db, clock, folder)
    if db.dialect == "sqlite":
        with db.engine.connect() as conn:
            conn.exec_driver_sql("ROLLBACK")
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.exec_driver_sql("BEGIN")
    db.close()
    return opened
