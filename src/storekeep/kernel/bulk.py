"""Inserting many rows in one statement: `executemany` on SQLite, arrays through `unnest` on PostgreSQL.

psycopg writes an array element by element in Python, which took a third of placing an order. `teach` gives a connection
a quicker writer for lists of plain values; their type comes from the cast in the statement.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.types.string import TextLoader
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


class PlainArray(Dumper):
    """A list of texts, whole numbers, truth values and None as an array literal of no declared type."""

    oid = 0

    def dump(self, obj: Any) -> bytes:
        kinds = {type(one) for one in obj if one is not None}
        if all(issubclass(kind, str) for kind in kinds):
            words = ["NULL" if one is None else f'"{_escaped(one)}"' for one in obj]
        elif kinds in ({int}, {bool}):
            words = ["NULL" if one is None else str(one) for one in obj]
        else:
            raise psycopg.DataError(f"an array of {', '.join(sorted(kind.__name__ for kind in kinds))} is not written")
        return ("{" + ",".join(words) + "}").encode()


def _escaped(text: str) -> str:
    if "\0" in text:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    if "\\" in text or '"' in text:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text


def teach(connection: "psycopg.Connection[Any]") -> None:
    """Let a PostgreSQL connection write lists quickly, and read ids as the text that they are everywhere here."""
    connection.adapters.register_dumper(list, PlainArray)
    connection.adapters.register_loader("uuid", TextLoader)
