"""One storied shop per kind of database; every test sees it in a transaction that is rolled back, or only reads it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stories import Stories

from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from templates import copied, filled, into_one_file, share_compiled

#: When the stories begin; they are all told within a few days.
BEGIN = 1_795_420_800_000_000


@pytest.fixture(scope="session")
def storied_url(
    engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a shop that has lived through every story."""
    folder = tmp_path_factory.mktemp("storied")

    def tell(url: str) -> None:
        clock = VirtualClock(BEGIN)
        db = Database(url, clock=clock, ids=SeededIds(clock, seed=3), synchronous="OFF")
        Stories(db, clock, folder).tell()
        into_one_file(db)

    with filled(engine_kind, request, folder, "storied", tell) as url:
        yield url


@pytest.fixture
def storied(storied_url: str) -> Iterator[Database]:
    """The storied shop, to be read only."""
    db = Database(storied_url, clock=VirtualClock(BEGIN + 7 * DAY), synchronous="OFF")
    share_compiled(db)
    yield db
    db.close()


@pytest.fixture
def storied_copy(storied_url: str, tmp_path: Path) -> Iterator[Database]:
    """A copy of the storied shop, to be spoiled for good."""
    with copied(storied_url, tmp_path) as url:
        db = Database(url, clock=VirtualClock(BEGIN + 7 * DAY), synchronous="OFF")
        share_compiled(db)
        yield db
        db.close()
