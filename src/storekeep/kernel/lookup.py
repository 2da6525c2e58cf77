"""One row by its id, or a refusal that says what there is not."""

from typing import Any

from sqlalchemy import Table

from storekeep.kernel import prepared
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound


def one(tx: Tx, table: Table, row_id: str, noun: str, *, lock: bool = False) -> Any:
    """The row of a table with this id, locked when asked. Raises `NotFound` naming the thing by its `noun`."""
    row = tx.first(prepared.rows_of(table, "id", lock=lock), {"wanted": [row_id]})
    if row is None:
        raise NotFound(f"There is no such {noun}.")
    return row
