"""A disk that is really full: refused in plain words, nothing half-done, and all goes on when there is room."""

import faultbooks
import pytest
from faultports import Counting
from faultrun import AskAgain, rehearse
from faultstage import Stage, Theatre
from faultstory import STORIES

from storekeep.kernel.clock import SECOND
from storekeep.kernel.db import DatabaseUnusable

TOLD = ("a batch of orders is placed", "two boxes get their labels together",
        "a problem is reported, answered and refunded", "a return is inspected and refunded",
        "a delivery comes in and is put away")  # fmt: skip
PATIENCE, ROOM = 5, 2**30


def limit_pages(stage: Stage, pages: int | None) -> None:
    """Pack the file and let it grow by no page more (None), or to so many."""
    raw = stage.base.engine.raw_connection()
    cursor = raw.cursor()
    if pages is None:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {pages}")
    raw.close()


@pytest.mark.parametrize("name", TOLD)
def test_a_full_disk_refuses_and_recovers(theatre: Theatre, name: str) -> None:
    if theatre.db.dialect != "sqlite":
        pytest.skip("the limit is SQLite's")
    expected = rehearse(theatre, STORIES[name])
    stage = theatre.stage(Counting())
    limit_pages(stage, None)
    refusals: list[str] = []
    for step in STORIES[name].steps:
        for tries in range(1, PATIENCE + 1):
            stage.tries = tries
            try:
                step(stage)
                break
            except DatabaseUnusable as refusal:
                refusals.append(str(refusal))
                assert not faultbooks.faults(stage.base)
                if tries > 1:  # it is full still; then somebody makes room, and does nothing else
                    limit_pages(stage, ROOM)
            except AskAgain:
                stage.clock.sleep(30 * SECOND)
        else:
            raise AssertionError(f"{name}: never answered")
    limit_pages(stage, ROOM)
    stage.work()
    assert refusals, f"{name}: the disk was never full"
    assert all("the disk of the database is full; nothing was changed" in text for text in refusals)
    assert not faultbooks.faults(stage.base)
    assert not faultbooks.differences(expected.books, stage.books())
