"""Writes orders, and is the only place that writes their three statuses and money caches."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, select, update

from storekeep.kernel.bulk import among, listed, one_list
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
             SUM(returned) AS returned FROM order_line WHERE order_id {among_ids} GROUP BY order_id) l
  ON l.order_id = o.id
WHERE o.id {among_ids}
"""
_AMONG_IDS = {
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
    "postgresql": "= ANY(CAST(:ids AS uuid[]))",
}
_FACTS_OF = {dialect: _FACTS.format(among_ids=among_ids) for dialect, among_ids in _AMONG_IDS.items()}


_CACHED = (
    "owed_minor", "received_minor", "given_back_minor", "authorized_minor", "status", "payment_status",
    "fulfillment_status", "version", "updated_at",
)  # fmt: skip
_ORDER, _LINE, _PART = tables.sales_order, tables.order_line.c, tables.order_part.c
_REFRESHED = (
    update(_ORDER)
    .where(_ORDER.c.id == bindparam("of_id"))
    .values({name: bindparam(f"to_{name}") for name in _CACHED})
)
_LOCKED = select(_ORDER).where(among(_ORDER.c.id, listed("ids"))).order_by(_ORDER.c.id).with_for_update()
_LINES = (
    select(tables.order_line).where(among(_LINE.order_id, listed("orders"))).order_by(_LINE.order_id, _LINE.position)
)
_PARTS = (
    select(tables.order_part)
    .where(among(_PART.order_id, listed("orders")))
    .order_by(_PART.order_id, _PART.kind, _PART.id)
)


def lock(tx: Tx, order_ids: Sequence[str]) -> Mapping[str, Any]:
    """Lock orders in id order and return their rows by id; a missing one raises `NotFound`."""
    wanted = sorted(set(order_ids))
    found = {row.id: row for row in tx.rows(_LOCKED, {"ids": wanted})}
    for order_id in wanted:
        if order_id not in found:
            raise NotFound("there is no such order")
    return found


def lines_of(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The lines of orders, by order and position."""
    return tx.rows(_LINES, {"orders": order_ids})


def kits(tx: Tx, kit_ids: Sequence[str]) -> dict[str, Any]:
    """Kits that were bought, by the id that the lines of their parts name."""
    kit = tables.order_kit
    return {row.id: row for row in tx.rows(select(kit).where(kit.c.id.in_(sorted(set(kit_ids)))))}


def parts_of(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The money parts of orders, goods before shipping."""
    return tx.rows(_PARTS, {"orders": order_ids})


def refresh(tx: Tx, order_ids: Sequence[str]) -> None:
    """Recompute money caches and statuses of orders from rows; called at the end of whatever touched them."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return
    facts = tx.sql(_FACTS_OF[tx.dialect], {"ids": one_list(wanted, tx.dialect)})
    changed = [row for fact in facts if (row := _refreshed(tx, fact))]
    if changed:
        tx.conn.execute(_REFRESHED, changed)


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
        rows = [{"of_id": line_id, "by_units": units[line_id]} for line_id in sorted(units)]
        tx.conn.execute(_counting(column), rows)


@lru_cache(maxsize=8)
def _counting(column: str) -> Update:
    counter = tables.order_line.c[column]
    mine = tables.order_line.c.id == bindparam("of_id")
    return update(tables.order_line).where(mine).values({column: counter + bindparam("by_units")})
