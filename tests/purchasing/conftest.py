"""A shop that buys."""

from pathlib import Path

import pytest
from buying import Buying

from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database


@pytest.fixture
def buying(db: Database, clock: VirtualClock, tmp_path: Path) -> Buying:
    return Buying(db, clock, tmp_path)
