"""Outbox and inbox as a person sees them: what waits, what runs, what died and why."""

from typing import Any

from sqlalchemy import Table, func, literal, select

from storekeep.kernel.db import Tx
from storekeep.kernel.tables import inbox, outbox
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports.console_office.paging import PAGE_SIZE, Listed, cut

TABLES = {"out": outbox, "in": inbox}
STATUSES = ("dead", "running", "due")


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """(queue, status) -> rows, for every status but done."""
    found: dict[tuple[str, str], int] = {}
    for name, table in TABLES.items():
        query = select(table.c.status, func.count(literal(1)).label("n")).where(table.c.status.in_(STATUSES))
        for row in tx.rows(query.group_by(table.c.status)):
            found[name, row.status] = row.n
    return found


def rows(tx: Tx, queue: str, status: str, after: str = "", size: int = PAGE_SIZE) -> Listed:
    """Rows of a queue in one status, newest first; `after` is the last id seen. One statement."""
    table = TABLES[queue]
    query = _selected(table).where(table.c.status == status).order_by(table.c.id.desc()).limit(size + 1)
    if after:
        query = query.where(table.c.id < after)
    return cut(tx.rows(query), lambda row: row.id, size)


def one(tx: Tx, queue: str, row_id: str) -> Any | None:
    """One row of a queue."""
    table = TABLES[queue]
    return tx.first(_selected(table).where(table.c.id == row_id))


def _selected(table: Table) -> Any:
    if table is outbox:
        query = select(outbox, sales_order.c.number.label("order_number"))
        return query.outerjoin(sales_order, sales_order.c.id == outbox.c.subject_id)
    return select(inbox)
