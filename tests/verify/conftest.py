"""One storied shop per kind of database; every test sees it in a transaction that is rolled back, or only reads it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from stories import Stories

from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds


@pytest.fixture(scope="session")
def storied_url(
    engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a shop that has lived through every story."""
    folder = tmp_path_factory.mktemp("storied")
    if engine_kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "shop.db")
        url = f"sqlite:///{folder}/shop.db"
        _tell(url, folder)
        yield url
        return
    template = request.getfixturevalue("postgres_template")
    server = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE IF EXISTS storied")
        conn.exec_driver_sql(f"CREATE DATABASE storied TEMPLATE {template}")
    url = server.set(database="storied", drivername="postgresql").render_as_string(False)
    _tell(url, folder)
    yield url
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE storied WITH (FORCE)")
    admin.dispose()


#: When the stories begin; they are all told within a few days.
BEGIN = 1_795_420_800_000_000


def _tell(url: str, folder: Path) -> None:
    clock = VirtualClock(BEGIN)
    db = Database(url, clock=clock, ids=SeededIds(clock, seed=3), synchronous="OFF")
    Stories(db, clock, folder).tell()
    if db.path is not None:
        with db.engine.connect() as conn:  # everything into the one file, so that it can be copied
            conn.exec_driver_sql("ROLLBACK")
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.exec_driver_sql("BEGIN")
    db.close()


@pytest.fixture
def storied(storied_url: str) -> Iterator[Database]:
    """The storied shop, to be read only."""
    db = Database(storied_url, clock=VirtualClock(BEGIN + 7 * DAY), synchronous="OFF")
    yield db
    db.close()


@pytest.fixture
def storied_copy(storied_url: str, tmp_path: Path) -> Iterator[Database]:
    """A copy of the storied shop, to be spoiled for good."""
    if storied_url.startswith("sqlite"):
        shutil.copy(storied_url.removeprefix("sqlite:///"), tmp_path / "copy.db")
        db = Database(f"sqlite:///{tmp_path}/copy.db", clock=VirtualClock(BEGIN + 7 * DAY), synchronous="OFF")
        yield db
        db.close()
        return
    admin = sa.create_engine(
        sa.make_url(storied_url).set(database="postgres", drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE IF EXISTS storied_copy")
        conn.exec_driver_sql("CREATE DATABASE storied_copy TEMPLATE storied")
    url = sa.make_url(storied_url).set(database="storied_copy").render_as_string(False)
    db = Database(url, clock=VirtualClock(BEGIN + 7 * DAY))
    yield db
    db.close()
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE storied_copy WITH (FORCE)")
    admin.dispose()
