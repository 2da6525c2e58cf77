"""What the console shows of value: the goods by what they are worth, the layers behind one, and an order's margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.inventory.tables import (
    cost_adjustment,
    cost_entry,
    cost_layer,
    cost_pool,
    location,
    stock_move,
    warehouse,
)
from storekeep.shop.payments.tables import ledger_balance
from storekeep.shop.purchasing.tables import landed_cost, receipt, supplier

#: Where the pages of values are cut.
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Totals:
    """Units and value of all goods in minor units; `booked_minor` is the inventory account."""

    units: int
    value_minor: int
    booked_minor: int
    variants: int


def totals(tx: Tx) -> Totals:
    """The sums of all pools, and the account that must say the same."""
    p, b = cost_pool.c, ledger_balance.c
    query = select(func.coalesce(func.sum(p.qty), 0), func.coalesce(func.sum(p.value_minor), 0),
                   func.count(p.variant_id.distinct())).where(p.qty > 0)  # fmt: skip
    units, value, variants = tuple(tx.rows(query)[0])
    booked = tx.scalar(select(func.coalesce(func.sum(b.amount_minor), 0)).where(b.account == "1300"))
    return Totals(int(units), int(value), int(booked), int(variants))


def worth(
    tx: Tx, *, text: str = "", after: tuple[int, str, str] | None = None, limit: int = PAGE_SIZE
) -> tuple[Sequence[Row[Any]], tuple[int, str, str] | None]:
    """Goods by value, the dearest first: variant_id, sku, title, option_label, warehouse_id, house, qty, value, layers.

    `after` is (value, variant, warehouse) of the last row of the page before; returned with the rows for the next.
    """
    p, v, y = cost_pool.c, variant.c, cost_layer.c
    of_pool = and_(y.variant_id == p.variant_id, y.warehouse_id == p.warehouse_id, y.is_open)
    layers = select(func.count(y.id)).where(of_pool).scalar_subquery()
    query = (
        select(p.variant_id, v.sku, product.c.title, v.option_label, p.warehouse_id, warehouse.c.code.label("house"),
               p.qty, p.value_minor, layers.label("layers"))
        .join_from(cost_pool, variant, v.id == p.variant_id)
        .join(product, product.c.id == v.product_id)
        .join(warehouse, warehouse.c.id == p.warehouse_id)
        .where(p.qty > 0)
        .order_by(p.value_minor.desc(), p.variant_id, p.warehouse_id)
        .limit(limit + 1)
    )  # fmt: skip
    if text:
        named = func.lower(product.c.title).contains(text.lower(), autoescape=True)
        query = query.where(or_(v.sku.startswith(clean_sku(text), autoescape=True), named))
    if after is not None:
        value, variant_id, house = after
        later = or_(p.variant_id > variant_id, and_(p.variant_id == variant_id, p.warehouse_id > house))
        query = query.where(or_(p.value_minor < value, and_(p.value_minor == value, later)))
    rows = tx.rows(query)
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], (int(last.value_minor), str(last.variant_id), str(last.warehouse_id))


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: the arrival that made it, what is left of it, and what was added to its value later."""

    row: Any
    receipt_number: int | None
    supplier: str
    added_minor: int
    bills: tuple[Any, ...]

    @property
    def each_e2(self) -> int:
        """What one unit costs, in hundredths of a minor unit, to be shown rounded."""
        return (self.row.value_minor * 100 + self.row.qty // 2) // self.row.qty if self.row.qty else 0


def layers_of(tx: Tx, variant_id: str, warehouse_id: str) -> list[Layer]:
    """The open layers of goods, the one that is used up first on top."""
    lay, m, e = cost_layer.c, stock_move.c, cost_entry.c
    query = (
        select(lay.id, lay.seq, lay.qty, lay.value_minor, lay.is_pooled, m.kind, m.reason, m.posted_at, m.document_id,
               e.qty.label("came"), e.value_minor.label("came_minor"), receipt.c.number, supplier.c.name)
        .join_from(cost_layer, stock_move, m.id == lay.id)
        .join(cost_entry, and_(e.move_id == m.id, e.layer_id == lay.id))
        .outerjoin(receipt, receipt.c.id == m.document_id)
        .outerjoin(supplier, supplier.c.id == receipt.c.supplier_id)
        .where(lay.variant_id == variant_id, lay.warehouse_id == warehouse_id, lay.is_open)
        .order_by(lay.seq)
    )  # fmt: skip
    rows = tx.rows(query)
    bills = _bills(tx, [row.id for row in rows])
    return [
        Layer(row, row.number, row.name or "", sum(int(bill.value_minor) for bill in bills.get(row.id, ())),
              tuple(bills.get(row.id, ())))
        for row in rows
    ]  # fmt: skip


def _bills(tx: Tx, layer_ids: Sequence[str]) -> dict[str, list[Any]]:
    a, c = cost_adjustment.c, landed_cost.c
    query = (
        select(a.layer_id, a.value_minor, a.posted_at, c.number, c.kind)
        .outerjoin_from(cost_adjustment, landed_cost, c.id == a.document_id)
        .where(a.layer_id.in_(layer_ids))
        .order_by(a.id)
    )
    found: dict[str, list[Any]] = {}
    for row in tx.rows(query) if layer_ids else ():
        found.setdefault(row.layer_id, []).append(row)
    return found


def flow_of(
    tx: Tx, variant_id: str, warehouse_id: str, *, before: int | None = None, limit: int = PAGE_SIZE
) -> tuple[Sequence[Row[Any]], int | None]:
    """The moves that brought or took value, newest first: seq, kind, reason, posted_at, actor, units and value, signed.

    `before` is the last number of the page before; the number for the next page is returned with the rows.
    """
    m, target = stock_move.c, location.alias("target")
    source = location.alias("source")
    sign = case((target.c.is_owned, 1), else_=-1)
    query = (
        select(m.id, m.seq, m.kind, m.reason, m.posted_at, m.actor, (sign * m.qty).label("units"),
               (sign * m.value_minor).label("value"), m.document_type, m.document_id)
        .join_from(stock_move, source, source.c.id == m.from_location_id)
        .join(target, target.c.id == m.to_location_id)
        .where(m.variant_id == variant_id, m.warehouse_id == warehouse_id, source.c.is_owned != target.c.is_owned)
        .order_by(m.seq.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(m.seq < before)
    rows = tx.rows(query)
    return rows[:limit], int(rows[limit - 1].seq) if len(rows) > limit else None


def added_to(tx: Tx, variant_id: str, warehouse_id: str) -> Sequence[Row[Any]]:
    """What was added to the value of goods without a move, newest first: value, day, and the bill's number and kind."""
    a, lay, c = cost_adjustment.c, cost_layer.c, landed_cost.c
    query = (
        select(func.sum(a.value_minor).label("value"), a.posted_at, c.id, c.number, c.kind, c.charged_by)
        .join_from(cost_adjustment, cost_layer, lay.id == a.layer_id)
        .join(landed_cost, c.id == a.document_id)
        .where(lay.variant_id == variant_id, lay.warehouse_id == warehouse_id)
        .group_by(a.posted_at, c.id, c.number, c.kind, c.charged_by)
        .order_by(a.posted_at.desc(), c.id)
        .limit(PAGE_SIZE)
    )
    return tx.rows(query)
