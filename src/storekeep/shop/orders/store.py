"""Writes orders, and is the only place that writes their three statuses and money caches."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.orders import tables
from storekeep.shop.orders.status import Facts, derive

_FACTS = """
SELECT o.id, o.total_minor, o.confirmed_at, o.expired_at, o.status, o.payment_status, o.fulfillment_status,
       o.owed_minor, o.received_minor, o.given_back_minor, o.authorized_minor, o.version,
       COALESCE((SELECT SUM(a.gross_minor) FROM order_adjustment a WHERE a.order_id = o.id), 0) AS adjusted,
       l.ordered, l.canceled, l.fulfilled, l.returned,
       COALESCE((SELECT SUM(p.captured_minor) FROM payment p WHERE p.order_id = o.id), 0) AS received,
       COALESCE((SELECT SUM(p.refunded_minor) FROM payment p WHERE p.order_id = o.id), 0) AS given_back,
       COALESCE((SELECT SUM(p.authorized_minor) FROM payment p WHERE p.order_id = o.id), 0) AS set_aside,
       EXISTS (SELECT 1 FROM goods_return g
               WHERE g.order_id = o.id AND g.status IN ('approved', 'received')) AS is_returning
FROM sales_order o
JOIN (SELECT order_id, SUM(ordered) AS ordered, SUM(canceled) AS canceled, SUM(fulfilled) AS fulfilled,
             SUM(returned) AS returned FROM order_line WHERE order_id IN ({ids}) GROUP BY order_id) l
  ON l.order_id = o.id
WHERE o.id IN ({ids})
"""


def lock(tx: Tx, order_ids: Sequence[str]) -> Mapping[str, Any]:
    """Lock orders in id order and return their rows by id; a missing one raises `NotFound`."""
    wanted = sorted(set(order_ids))
    table = tables.sales_order
    rows = tx.rows(select(table).where(table.c.id.in_(wanted)).order_by(table.c.id).with_for_update())
    found = {row.id: row for row in rows}
    for order_id in wanted:
        if order_id not in found:
            raise NotFound("there is no such order")
    return found


def lines_of(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The lines of orders, by order and position."""
    table = tables.order_line
    return tx.rows(select(table).where(table.c.order_id.in_(order_ids)).order_by(table.c.order_id, table.c.position))


def parts_of(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The money parts of orders, goods before shipping."""
    table = tables.order_part
    return tx.rows(
        select(table).where(table.c.order_id.in_(order_ids)).order_by(table.c.order_id, table.c.kind, table.c.id)
    )


def refresh(tx: Tx, order_ids: Sequence[str]) -> None:
    """Recompute money caches and statuses of orders from rows; called at the end of whatever touched them."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return
    params = {f"i{n}": order_id for n, order_id in enumerate(wanted)}
    marks = ", ".join(f"CAST(:{name} AS uuid)" if tx.dialect == "postgresql" else f":{name}" for name in params)
    changed = [row for fact in tx.sql(_FACTS.format(ids=marks), params) if (row := _refreshed(tx, fact))]
    if changed:
        table = tables.sales_order
        names = [name for name in changed[0] if name != "of_id"]
        statement = update(table).where(table.c.id == bindparam("of_id"))
        tx.conn.execute(statement.values({name.removeprefix("to_"): bindparam(name) for name in names}), changed)


def _refreshed(tx: Tx, row: Any) -> dict[str, Any] | None:
    facts = Facts(
        total_minor=row.total_minor,
        owed_minor=row.total_minor - int(row.adjusted),
        received_minor=int(row.received),
        given_back_minor=int(row.given_back),
        authorized_minor=int(row.set_aside),
        ordered=int(row.ordered),
        canceled=int(row.canceled),
        fulfilled=int(row.fulfilled),
        returned=int(row.returned),
        is_confirmed=row.confirmed_at is not None,
        is_expired=row.expired_at is not None,
        has_open_return=bool(row.is_returning),
    )
    statuses = derive(facts)
    after = {
        "owed_minor": facts.owed_minor,
        "received_minor": facts.received_minor,
        "given_back_minor": facts.given_back_minor,
        "authorized_minor": facts.authorized_minor,
        "status": statuses.status,
        "payment_status": statuses.payment_status,
        "fulfillment_status": statuses.fulfillment_status,
    }
    if all(getattr(row, name) == value for name, value in after.items()):
        return None
    stamped = {f"to_{name}": value for name, value in after.items()}
    return {"of_id": row.id, **stamped, "to_version": row.version + 1, "to_updated_at": tx.now}


def count_units(tx: Tx, column: str, units: Mapping[str, int]) -> None:
    """Add units to one counter of lines (canceled, fulfilled, returned, refunded, replaced)."""
    if units:
        counter = tables.order_line.c[column]
        tx.conn.execute(
            update(tables.order_line)
            .where(tables.order_line.c.id == bindparam("of_id"))
            .values({column: counter + bindparam("by_units")}),
            [{"of_id": line_id, "by_units": units[line_id]} for line_id in sorted(units)],
        )
