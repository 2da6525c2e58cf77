"""Two warehouses with goods in the first, and a lorry between them."""

import pytest
from lorry import Lorry

from storekeep.kernel.db import Database


@pytest.fixture
def lorry(db: Database) -> Lorry:
    return Lorry(db)
