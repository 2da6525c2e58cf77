"""The one MetaData, the column types, and the triggers that keep append-only tables append-only.

Times are BIGINT microseconds, ids are text on SQLite and `uuid` on PostgreSQL, money is BIGINT minor units, so that a
plain Python value goes into both databases unchanged (docs/decisions/0002, 0003).
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Dialect, MetaData, String, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

APPEND_ONLY: dict[str, str] = {}


class Id(TypeDecorator[str]):
    """A UUIDv7 as text; 16 bytes on PostgreSQL."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(String(36))


def id_column(name: str = "id", *args: Any, **kwargs: Any) -> Column[Any]:
    kwargs.setdefault("primary_key", name == "id")
    kwargs.setdefault("nullable", False)
    return Column(name, Id(), *args, **kwargs)


def ref(name: str, target: str, **kwargs: Any) -> Column[Any]:
    """A foreign key by the name of its target, so that neighbours need no import of each other."""
    from sqlalchemy import ForeignKey

    kwargs.setdefault("nullable", False)
    return Column(name, Id(), ForeignKey(target), **kwargs)


def text(name: str, *args: Any, **kwargs: Any) -> Column[Any]:
    kwargs.setdefault("nullable", False)
    return Column(name, Text(), *args, **kwargs)


def at(name: str, **kwargs: Any) -> Column[Any]:
    """An instant: microseconds since the epoch, UTC."""
    kwargs.setdefault("nullable", False)
    return Column(name, BigInteger(), **kwargs)


def integer(name: str, *args: Any, **kwargs: Any) -> Column[Any]:
    kwargs.setdefault("nullable", False)
    return Column(name, BigInteger(), *args, **kwargs)


def flag(name: str, **kwargs: Any) -> Column[Any]:
    kwargs.setdefault("nullable", False)
    return Column(name, Boolean(), **kwargs)


def append_only(table: Table) -> Table:
    """Mark a table whose rows nobody may change or delete; the triggers are made by `append_only_ddl`."""
    APPEND_ONLY[table.name] = f"{table.name} is append-only"
    return table


def append_only_ddl(dialect: str, names: list[str] | None = None) -> list[str]:
    """The statements that guard append-only tables on `sqlite` or `postgresql`."""
    tables = names if names is not None else sorted(APPEND_ONLY)
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER keep_{name}_{verb.lower()} BEFORE {verb} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            for name in tables
            for verb in ("UPDATE", "DELETE")
        ]
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER keep_{name} BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            for name in tables
        ),
    ]
