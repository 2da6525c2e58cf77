"""The shop that every test of the storefront begins with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from storefront_shop import Shop, open_shop

from storekeep.kernel.db import Database


@pytest.fixture
def shop(db: Database, tmp_path: Path) -> Iterator[Shop]:
    opened = open_shop(db, tmp_path / "media")
    yield opened
    opened.house.placing.stop()
