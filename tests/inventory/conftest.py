"""A stockroom per test, whose books are checked when the test is over."""

from collections.abc import Iterator

import pytest
from stockroom import Stockroom, check_books

from storekeep.kernel.db import Database


@pytest.fixture
def room(db: Database) -> Iterator[Stockroom]:
    yield Stockroom(db)
    check_books(db)
