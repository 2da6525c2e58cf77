"""A console over a fresh shop: quiet, or after a busy day."""

from pathlib import Path

import pytest
from desk import Desk, a_busy_day, open_desk

from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database


@pytest.fixture
def quiet(db: Database, clock: VirtualClock, tmp_path: Path) -> Desk:
    return open_desk(db, clock, tmp_path)


@pytest.fixture
def desk(quiet: Desk) -> Desk:
    return a_busy_day(quiet)
