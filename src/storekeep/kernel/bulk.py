"""Inserting many rows in one statement: `executemany` on SQLite, arrays through `unnest` on PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

Shape = Callable[[Sequence[Mapping[str, Any]]], Any]
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=512)
def insert_statement(table: Table, names: tuple[str, ...], dialect: str) -> tuple[str, Shape]:
    """The statement and the function that lays rows out for the driver. Every row must name exactly `names`."""
    columns = ", ".join(f'"{name}"' for name in names)
    if dialect == "sqlite":
        marks = ", ".join("?" for _ in names)
        return f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', lambda rows: _tuples(rows, names)  # noqa: S608
    types = [table.c[name].type.compile(dialect=_POSTGRES) for name in names]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    statement = f'INSERT INTO "{table.name}" ({columns}) SELECT * FROM unnest({arrays})'  # noqa: S608
    return statement, lambda rows: tuple([row[name] for row in rows] for name in names)


def _tuples(rows: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple([row[name] for name in names]) for row in rows]
