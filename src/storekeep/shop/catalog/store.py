"""The SQL that writes the catalogue's tables, and the loads by key that its verbs share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Table, bindparam, select, update

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.catalog.tables import category, product, variant

CHUNK = 5_000
"""Most values in one IN list; both databases have a limit on parameters."""

T = TypeVar("T")


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that fit one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def taken(tx: Tx, table: Table, column: str, values: Sequence[str]) -> dict[str, str]:
    """Which of these values of a unique column exist already: value -> id of the row that has it."""
    field = table.c[column]
    found: dict[str, str] = {}
    for some in chunks(sorted(set(values))):
        query = select(field.label("value"), table.c.id).where(field.in_(some))
        found.update((row.value, row.id) for row in tx.rows(query))
    return found


def products_by_id(tx: Tx, ids: Sequence[str], *, lock: bool = False) -> dict[str, Row[Any]]:
    """The product rows of these ids; raises `NotFound` for one that does not exist."""
    return _by_id(tx, product, ids, "product", lock)


def variants_by_id(tx: Tx, ids: Sequence[str], *, lock: bool = False) -> dict[str, Row[Any]]:
    """The variant rows of these ids; raises `NotFound` for one that does not exist."""
    return _by_id(tx, variant, ids, "variant", lock)


def categories_by_id(tx: Tx, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The category rows of these ids; raises `NotFound` for one that does not exist."""
    return _by_id(tx, category, ids, "category", False)


def _by_id(tx: Tx, table: Table, ids: Sequence[str], noun: str, lock: bool) -> dict[str, Row[Any]]:
    wanted = sorted(set(ids))
    found: dict[str, Row[Any]] = {}
    for some in chunks(wanted):
        query = select(table).where(table.c.id.in_(some)).order_by(table.c.id)
        found.update((row.id, row) for row in tx.rows(query.with_for_update() if lock else query))
    missing = [one for one in wanted if one not in found]
    if missing:
        raise NotFound(f"There is no {noun} {missing[0]}.")
    return found


def update_rows(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole new values of rows by their `id`, all in one batch; every row names the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    params = [{"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
    tx.conn.execute(statement, params)
