"""A console over a shop with goods, and one over a shop on its first day."""

from pathlib import Path

import pytest
from floor_desk import Desk, bare_shop, open_desk

import make
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database


@pytest.fixture
def desk(db: Database, clock: VirtualClock, tmp_path: Path) -> Desk:
    return open_desk(make.shop(db, clock, tmp_path / "media"))


@pytest.fixture
def bare(db: Database, clock: VirtualClock, tmp_path: Path) -> Desk:
    return open_desk(bare_shop(db, clock, tmp_path / "media"))
