"""Many values in one statement: rows to insert, and lists to look for.

Rows go in by `executemany` on SQLite, as arrays through `unnest` on PostgreSQL. A list to look for is one parameter, so
that its statement is compiled and prepared once and not anew for every length of the list.

psycopg writes an array element by element in Python, which took a third of placing an order. `teach` gives a connection
a quicker writer for lists of plain values; their type comes from the cast in the statement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.types.string import TextLoader
from sqlalchemy import BindParameter, ColumnElement, Dialect, Table, Text, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from storekeep.kernel.jsontext import dump

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


def one_list(values: Iterable[Any], dialect: str) -> Any:
    """A list as one parameter of plain SQL: JSON text for `json_each` on SQLite, an array on PostgreSQL."""
    return dump(list(values)) if dialect == "sqlite" else list(values)


class _OneList(TypeDecorator[Any]):
    """The type of a list that is bound as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else NullType())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return one_list(value, dialect.name)


class _Among(FunctionElement[Any]):
    """`column IN (list)`, with the list as one parameter."""

    # Not Boolean: Core would write `(… IN …) = 1` for SQLite, and no index serves that.
    type = NullType()
    inherit_cache = True


_ONE_LIST = _OneList()


def listed(name: str) -> BindParameter[Any]:
    """A list that is handed in under `name` when the statement is run, for statements that are built once."""
    return bindparam(name, type_=_ONE_LIST)


def among(column: ColumnElement[Any], values: Iterable[Any] | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether a column's value is one of `values`: like `in_`, for the lists of ids and keys that a whole batch brings.

    No value of the list may be None.
    """
    if not isinstance(values, BindParameter):
        values = bindparam(None, list(values), type_=_ONE_LIST, unique=True)
    return _Among(column, values)


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: Any, **kwargs: Any) -> str:
    column, values = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: Any, **kwargs: Any) -> str:
    column, values = element.clauses
    kind = column.type.compile(dialect=_POSTGRES)
    return f"{compiler.process(column, **kwargs)} = ANY(CAST({compiler.process(values, **kwargs)} AS {kind}[]))"


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
