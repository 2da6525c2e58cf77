"""K5: the live schema against the release's tables: nothing may be missing that the shop relies on.

A migration can lose a constraint or a trigger without anybody noticing; then the database no longer says no.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, UniqueConstraint, inspect

from storekeep.kernel import numbers
from storekeep.kernel import tables as kernel_tables
from storekeep.kernel.db import Tx
from storekeep.kernel.schema import APPEND_ONLY, metadata
from storekeep.shop.access import tables as access
from storekeep.shop.catalog import tables as catalog
from storekeep.shop.customers import tables as customers
from storekeep.shop.fulfillment import tables as fulfillment
from storekeep.shop.inventory import tables as inventory
from storekeep.shop.notify import tables as notify
from storekeep.shop.orders import tables as orders
from storekeep.shop.payments import tables as payments
from storekeep.shop.pricing import tables as pricing
from storekeep.shop.purchasing import tables as purchasing
from storekeep.shop.replenishment import tables as replenishment
from storekeep.shop.reports.verify.model import SHOWN, Finding, Offender
from storekeep.shop.reports.verify.scope import Scope
from storekeep.shop.returns import tables as returns
from storekeep.shop.shipping import tables as shipping
from storekeep.shop.site import tables as site
from storekeep.shop.support import tables as support

#: Importing them brings every table onto the one MetaData.
OWNERS = (
    kernel_tables, access, catalog, customers, fulfillment, inventory, notify, orders, payments, pricing, purchasing,
    replenishment, returns, shipping, site, support,
)  # fmt: skip

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name AS on_table FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname AS name, c.relname AS on_table FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'",
}

#: (kind, table, name): "check", "variant", "ck_variant_money".
Piece = tuple[str, str, str]


def tables() -> list[Table]:
    """The tables of this release."""
    return sorted(metadata.tables.values(), key=lambda table: table.name)


#: What a schema says of itself, in one read: on SQLite its own text, on PostgreSQL a digest of what the catalogue has
#: of tables, columns, constraints, indexes, triggers and sequences. Whatever `_live` asks for follows from it.
_SAID = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master UNION ALL SELECT 'kind', kind, '', '' "
    "FROM number_sequence ORDER BY 1, 2",
    "postgresql": """
    WITH here AS (SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
    SELECT md5(string_agg(said, E'\\n' ORDER BY said COLLATE "C")) FROM (
        SELECT 'c' || (oid, relname, relkind)::text AS said FROM here
        UNION ALL SELECT 'a' || (attrelid, attnum, attname, attnotnull, attisdropped)::text
            FROM pg_attribute WHERE attnum > 0 AND attrelid IN (SELECT oid FROM here)
        UNION ALL SELECT 'k' || (oid, conname, conrelid, contype, conkey, confrelid, confkey)::text
            FROM pg_constraint WHERE conrelid IN (SELECT oid FROM here)
        UNION ALL SELECT 'i' || (indexrelid, indrelid, indisunique, indisprimary, indisvalid, indkey::text)::text
            FROM pg_index WHERE indexrelid IN (SELECT oid FROM here)
        UNION ALL SELECT 't' || (tgrelid, tgname, tgenabled)::text
            FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM here)
    ) AS pieces""",
}
#: The schemas that this process has found whole, by what they say of themselves.
_whole: dict[tuple[Any, ...], Finding] = {}


def check(tx: Tx, scope: Scope) -> Finding:
    """What this release needs and the live database lacks.

    Looking at every piece takes longer than all other checks of a small shop together. So the schema's own account of
    itself is read, and the pieces only when it is not one that was found whole before in this process.
    """
    said = tuple(tuple(row) for row in tx.sql(_SAID[tx.dialect]))
    if said not in _whole:
        found = _compared(tx)
        if found.offender_count:
            return found
        _whole[said] = found
    return _whole[said]


def _compared(tx: Tx) -> Finding:
    there = set(_live(tx))
    wanted = sorted({piece for table in tables() for piece in _wanted(tx.dialect, table)} | set(_others(tx.dialect)))
    missing = [piece for piece in wanted if piece not in there]
    offenders = tuple(
        Offender(f"{kind} {name}" + (f" on {table}" if table else ""), "it does not exist", "it exists", "missing")
        for kind, table, name in missing[:SHOWN]
    )
    return Finding(len(wanted), offenders, len(missing))


def _wanted(dialect: str, table: Table) -> Iterator[Piece]:
    name = table.name
    yield "table", "", name
    for column in table.columns:
        yield "column", name, column.name
        if not column.nullable and not column.primary_key:
            yield "not null", name, column.name
    yield "primary key", name, _joined(column.name for column in table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            yield "check", name, str(constraint.name)
        elif isinstance(constraint, UniqueConstraint):
            yield "unique", name, _joined(column.name for column in constraint.columns)
        elif isinstance(constraint, ForeignKeyConstraint):
            for element in constraint.elements:
                yield "foreign key", name, f"{element.parent.name} to {element.target_fullname}"
    for index in table.indexes:
        if index.ddl_if is None or _is_made(index, dialect):
            yield "unique index" if index.unique else "index", name, str(index.name)


def _is_made(index: Any, dialect: str) -> bool:
    rule = getattr(index, "_ddl_if", None)
    return rule is None or rule.dialect is None or rule.dialect == dialect


def _others(dialect: str) -> Iterator[Piece]:
    for name in APPEND_ONLY:
        if dialect == "sqlite":
            yield "trigger", name, f"keep_{name}_update"
            yield "trigger", name, f"keep_{name}_delete"
        else:
            yield "trigger", name, f"keep_{name}"
    if dialect == "postgresql":
        yield from (("sequence", "", f"number_{kind}") for kind in numbers.FIRST)
    else:
        yield from (("number sequence", "", kind) for kind in numbers.FIRST)


def _live(tx: Tx) -> Iterator[Piece]:
    """Every piece that the database has."""
    eyes: Any = inspect(tx.conn)
    for (_, table), columns in eyes.get_multi_columns().items():
        yield "table", "", table
        for column in columns:
            yield "column", table, column["name"]
            if not column["nullable"]:
                yield "not null", table, column["name"]
    for (_, table), key in eyes.get_multi_pk_constraint().items():
        yield "primary key", table, _joined(key["constrained_columns"])
    for (_, table), found in eyes.get_multi_check_constraints().items():
        yield from (("check", table, str(one["name"])) for one in found)
    for (_, table), found in eyes.get_multi_unique_constraints().items():
        yield from (("unique", table, _joined(one["column_names"])) for one in found)
    for (_, table), found in eyes.get_multi_foreign_keys().items():
        for one in found:
            for column, target in zip(one["constrained_columns"], one["referred_columns"], strict=True):
                yield "foreign key", table, f"{column} to {one['referred_table']}.{target}"
    for (_, table), found in eyes.get_multi_indexes().items():
        yield from (("unique index" if one["unique"] else "index", table, str(one["name"])) for one in found)
    yield from (("trigger", row.on_table, row.name) for row in tx.sql(_TRIGGERS[tx.dialect]))
    if tx.dialect == "postgresql":
        yield from (("sequence", "", name) for name in eyes.get_sequence_names())
    else:
        yield from (("number sequence", "", row.kind) for row in tx.sql("SELECT kind FROM number_sequence"))


def _joined(names: Iterable[str | None]) -> str:
    return ", ".join(str(name) for name in names)
