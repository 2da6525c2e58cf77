"""One ground per kind of database and test process, and the theatre that copies it for each try."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import faultground
import pytest
import sqlalchemy as sa
from faultrun import Tally
from faultstage import Theatre, postgres_cloner, sqlite_copier
from faultstory import STORIES

from storekeep.kernel.clock import VirtualClock, to_instant
from storekeep.kernel.db import Database
from templates import share_compiled

pytest.register_assert_rewrite("faultselling", "faultending", "faulthandling", "faultstock", "faultcaring")

#: A Monday morning, hours before any cut-off.
MORNING = to_instant(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
GROUND, PLAYED = "faults_ground", "faults_played"

#: The summary lines, printed when everything is over
LINES = pytest.StashKey[list[str]]()


def _tally(what: str, engine_kind: str, config: pytest.Config) -> Iterator[Tally]:
    tally = Tally(what)
    yield tally
    config.stash.setdefault(LINES, []).append(tally.line(engine_kind))


@pytest.fixture(scope="session")
def fault_tally(engine_kind: str, pytestconfig: pytest.Config) -> Iterator[Tally]:
    """Counts over all stories of one database."""
    yield from _tally("fault loop", engine_kind, pytestconfig)


@pytest.fixture(scope="session")
def crash_tally(engine_kind: str, pytestconfig: pytest.Config) -> Iterator[Tally]:
    """Counts over all stories of one database."""
    yield from _tally("crash points", engine_kind, pytestconfig)


@pytest.fixture(scope="session")
def late_tally(engine_kind: str, pytestconfig: pytest.Config) -> Iterator[Tally]:
    """Counts over all stories of one database."""
    yield from _tally("late workers", engine_kind, pytestconfig)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(LINES, []):
        terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A copy of a PostgreSQL database costs half a second: there the ordinary suite plays every fourth story."""
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        is_story = params.get("engine_kind") == "postgres" and params.get("name") in STORIES
        if is_story and sorted(STORIES).index(params["name"]) % 4:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def theatre(
    engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Theatre]:
    """The shop with an order in every stage, ready to be copied."""
    folder = tmp_path_factory.mktemp("faults")
    clock = VirtualClock(MORNING)
    if engine_kind == "sqlite":
        template, path = folder / "ground.db", folder / "played.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), template)
        ground = faultground.lay(f"sqlite:///{template}", clock, folder)
        db = Database(f"sqlite:///{path}", clock=clock, synchronous="OFF")
        share_compiled(db)
        yield Theatre(ground, db, sqlite_copier(template, path))
        db.close()
        return
    empty = request.getfixturevalue("postgres_template")
    server = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {GROUND}")
        conn.exec_driver_sql(f"CREATE DATABASE {GROUND} TEMPLATE {empty}")
    ground = faultground.lay(_url(server, GROUND), clock, folder)
    db = Database(_url(server, PLAYED), clock=clock)
    share_compiled(db)
    yield Theatre(ground, db, postgres_cloner(admin, GROUND, PLAYED))
    db.close()
    with admin.connect() as conn:
        for name in (PLAYED, GROUND):
            conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.dispose()


def _url(server: sa.URL, name: str) -> str:
    return server.set(database=name, drivername="postgresql").render_as_string(False)
