"""The SQL that writes customers, in one statement each; the only writer of its table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump
from storekeep.shop.customers.tables import customer

_KNOWN = {
    "sqlite": "SELECT email, id, name, phone FROM customer WHERE email IN (SELECT value FROM json_each(?))",
    "postgresql": "SELECT email, id::text, name, phone FROM customer WHERE email = ANY(%s::text[])",
}
_INSERT = {
    "sqlite": (
        "INSERT INTO customer (id, email, name, name_folded, phone, note, created_at) "
        "VALUES (?, ?, ?, ?, ?, '', ?) ON CONFLICT (email) DO NOTHING"
    ),
    "postgresql": (
        "INSERT INTO customer (id, email, name, name_folded, phone, note, created_at) "
        "SELECT i, e, n, f, p, '', c FROM "
        "unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[]) AS t(i, e, n, f, p, c) "
        "ORDER BY e ON CONFLICT (email) DO NOTHING"
    ),
}


def known(tx: Tx, emails: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """email -> (id, name, phone) of those that exist."""
    listed = dump(emails) if tx.dialect == "sqlite" else list(emails)
    rows = tx.conn.exec_driver_sql(_KNOWN[tx.dialect], (listed,)).fetchall()
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def insert_missing(tx: Tx, rows: Sequence[tuple[str, str, str, str, str, int]]) -> None:
    """Insert (id, email, name, folded name, phone, created at); an address that another transaction just made stays."""
    params: Any = list(rows) if tx.dialect == "sqlite" else tuple(list(column) for column in zip(*rows, strict=True))
    tx.conn.exec_driver_sql(_INSERT[tx.dialect], params)


def write(tx: Tx, rows: Sequence[Mapping[str, str]]) -> None:
    """Write name, folded name and phone of customers by `row_id`, in one batch in id order."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("name", "name_folded", "phone")}
    statement = update(customer).where(customer.c.id == bindparam("row_id")).values(values)
    tx.conn.execute(statement, sorted(rows, key=lambda row: row["row_id"]))


def locked(tx: Tx, customer_id: str) -> Any:
    """The customer's row, locked; None when there is none."""
    return tx.first(select(customer).where(customer.c.id == customer_id).with_for_update())
