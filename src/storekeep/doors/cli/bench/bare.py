"""The bare loop: the rows of orders that were just placed, written once more with the database driver alone.

No rules, no reads, no Python between the statements: what the database itself allows on this machine, one transaction
per order and in groups of 64. The rows get new ids and are otherwise the same.
"""

import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from storekeep.kernel import tables as kernel
from storekeep.kernel.db import Database, Tx
from storekeep.shop.customers.tables import customer
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders import tables as orders
from storekeep.shop.payments import tables as payments

GROUP = 64
#: table -> the column by which its rows belong to an order; in the order in which they can be written
OWNED: Mapping[sa.Table, str] = {
    orders.sales_order: "id",
    orders.order_line: "order_id",
    orders.order_part: "order_id",
    orders.order_event: "order_id",
    reservation: "order_id",
    payments.payment: "order_id",
    payments.payment_attempt: "order_id",
    kernel.outbox: "subject_id",
    kernel.audit_entry: "subject_id",
}
TABLES = (customer, *OWNED, kernel.status_change)
_COMPOSED = {"key", "idempotency_key", "payload"}

Row = tuple[Any, ...]
OrderRows = dict[str, list[Row]]


def sample(db: Database, count: int) -> list[OrderRows]:
    """The rows of up to `count` placed orders, with ids, numbers and addresses made new."""
    with db.read() as tx:
        ids = [row.id for row in tx.rows(sa.select(orders.sales_order.c.id).limit(count))]
        found: list[OrderRows] = []
        for start in range(0, len(ids), 200):
            found += _sample(tx, ids[start : start + 200], start)
    return found


def _sample(tx: Tx, ids: Sequence[str], start: int) -> list[OrderRows]:
    mine: dict[str, dict[str, list[Mapping[str, Any]]]] = {one: {} for one in ids}
    for table, column in OWNED.items():
        for row in tx.rows(sa.select(table).where(table.c[column].in_(ids)).order_by(table.c.id)):
            facts = dict(row._mapping)
            mine[facts[column]].setdefault(table.name, []).append(facts)
    attempts = {row["id"]: one for one, rows in mine.items() for row in rows.get("payment_attempt", [])}
    for row in tx.rows(sa.select(kernel.status_change).where(kernel.status_change.c.subject_id.in_(list(attempts)))):
        mine[attempts[row.subject_id]].setdefault("status_change", []).append(dict(row._mapping))
    people = {rows["sales_order"][0]["customer_id"]: one for one, rows in mine.items()}
    for row in tx.rows(sa.select(customer).where(customer.c.id.in_(list(people)))):
        mine[people[row.id]]["customer"] = [dict(row._mapping)]
    return [_renewed(rows, start + n) for n, rows in enumerate(mine.values())]


def _renewed(rows: Mapping[str, Sequence[Mapping[str, Any]]], n: int) -> OrderRows:
    """The same rows under new ids, so that they can stand beside the first ones."""
    olds = [row["id"] for many in rows.values() for row in many]
    fresh = {old: str(uuid.UUID(int=uuid.UUID(old).int ^ (1 << 60))) for old in olds}
    cart_id = rows["sales_order"][0]["cart_id"]
    fresh[cart_id] = str(uuid.uuid4())

    def cell(name: str, value: Any) -> Any:
        if name == "number":
            return value + 10_000_000
        if name == "email":
            return f"copy{n}.{value}"
        if name in _COMPOSED:
            for old, new in fresh.items():
                value = value.replace(old, new)
            return value
        return fresh.get(value, value) if isinstance(value, str) else value

    return {
        table.name: [tuple(cell(column.name, row[column.name]) for column in table.columns) for row in rows[table.name]]
        for table in TABLES
        if table.name in rows
    }


def run(url: str, sampled: Sequence[OrderRows]) -> dict[str, int]:
    """Write the first half one by one and the other half in groups; orders per second of each."""
    half = len(sampled) // 2
    parsed = sa.make_url(url)
    writer = _sqlite if parsed.get_backend_name() == "sqlite" else _postgres
    return {
        "one_by_one_per_s": _rate(writer, parsed, [[one] for one in sampled[:half]], half),
        "groups_of_64_per_s": _rate(
            writer,
            parsed,
            [sampled[at : at + GROUP] for at in range(half, len(sampled), GROUP)],
            len(sampled) - half,
        ),
    }


def _rate(writer: Any, url: sa.URL, groups: Sequence[Sequence[OrderRows]], count: int) -> int:
    write, close = writer(url)
    joined = [_joined(group) for group in groups]
    start = time.perf_counter()
    for rows in joined:
        write(rows)
    took = time.perf_counter() - start
    close()
    return round(count / took)


def _joined(group: Sequence[OrderRows]) -> tuple[list[tuple[str, list[Row]]], list[Row], int]:
    """Rows by table, the availability changes in key order, and how many orders there are."""
    by_table = [(table.name, [row for one in group for row in one.get(table.name, [])]) for table in TABLES]
    at = [column.name for column in reservation.columns]
    variant, warehouse, qty = at.index("variant_id"), at.index("warehouse_id"), at.index("qty")
    units: dict[tuple[str, str], int] = {}
    for one in group:
        for row in one.get("reservation", []):
            key = (row[variant], row[warehouse])
            units[key] = units.get(key, 0) + row[qty]
    changes = [(wanted, *key, wanted) for key, wanted in sorted(units.items())]
    return [(name, rows) for name, rows in by_table if rows], changes, len(group)


def _statements(mark: str) -> dict[str, str]:
    made = {
        table.name: f"INSERT INTO {table.name} ({', '.join(column.name for column in table.columns)}) "  # noqa: S608
        f"VALUES ({', '.join(mark for _ in table.columns)})"
        for table in TABLES
    }
    made["availability"] = (
        f"UPDATE availability SET reserved = reserved + {mark}, version = version + 1 WHERE variant_id = {mark} "  # noqa: S608
        f"AND warehouse_id = {mark} AND on_hand_sellable - reserved - buffer >= {mark}"
    )
    return made


def _sqlite(url: sa.URL) -> tuple[Callable[[Any], None], Callable[[], None]]:
    conn = sqlite3.connect(str(url.database), isolation_level=None, cached_statements=256)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
        conn.execute(f"PRAGMA {pragma}")
    statements = _statements("?")

    def write(group: tuple[list[tuple[str, list[Row]]], list[Row], int]) -> None:
        by_table, changes, count = group
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(statements["availability"], changes)
        conn.execute("UPDATE number_sequence SET next_number = next_number + ? WHERE kind = 'order'", (count,))
        for name, rows in by_table:
            conn.executemany(statements[name], rows)
        conn.execute("COMMIT")

    return write, conn.close


def _postgres(url: sa.URL) -> tuple[Callable[[Any], None], Callable[[], None]]:
    conn = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    statements = _statements("%s")

    def write(group: tuple[list[tuple[str, list[Row]]], list[Row], int]) -> None:
        by_table, changes, count = group
        with conn.transaction(), conn.cursor() as cursor:
            cursor.executemany(statements["availability"], changes)
            cursor.execute("SELECT nextval('number_order') FROM generate_series(1, %s)", (count,))
            for name, rows in by_table:
                cursor.executemany(statements[name], rows)

    return write, conn.close
