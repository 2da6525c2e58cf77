"""Statements that are built once and run with parameters.

Building a statement of Core anew costs four times what running it does: 170 µs against 40 µs on SQLite. What every
order passes through is therefore built once per process, here or as a constant beside its verb.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Table, Update, bindparam, select, update

from storekeep.kernel.bulk import among, listed


@lru_cache(maxsize=512)
def rows_of(table: Table, by: str, *only: str, order: tuple[str, ...] = ("id",), lock: bool = False) -> Select[Any]:
    """The rows whose `by` is one of `:wanted`, in this order: `only` these columns, or all; locked when asked."""
    columns = [table.c[name] for name in only or table.c.keys()]
    query: Select[Any] = select(*columns).where(among(table.c[by], listed("wanted")))
    query = query.order_by(*(table.c[name] for name in order))
    return query.with_for_update() if lock else query


@lru_cache(maxsize=512)
def change_of(table: Table, *names: str, by: str = "id") -> Update:
    """Give each row with `by = :of_<by>` its own values of these columns, `:to_<name>`; for a list of parameters."""
    return update(table).where(table.c[by] == bindparam(f"of_{by}")).values(_values(names))


@lru_cache(maxsize=512)
def change_all(table: Table, *names: str, by: str = "id") -> Update:
    """Give all rows whose `by` is one of `:wanted` the same values of these columns, `:to_<name>`."""
    return update(table).where(among(table.c[by], listed("wanted"))).values(_values(names))


def _values(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(f"to_{name}") for name in names}
