"""Reads of buying for flows, the restock board and pages: what is on order, lead times, terms, lists. SELECT only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, case, func, or_, select

from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.purchasing.model import LeadTime, OnOrder, Terms
from storekeep.shop.purchasing.states import BOOKED, COUNTED, OPEN
from storekeep.shop.purchasing.suppliers import preferred_terms, terms_of
from storekeep.shop.purchasing.tables import (
    price_break,
    purchase_order,
    purchase_order_line,
    receipt,
    receipt_line,
    supplier,
    supplier_invoice,
    supplier_variant,
)

__all__ = ["Listed", "Terms", "lead_times", "on_order", "preferred_terms", "terms_of"]

_O, _L = purchase_order.c, purchase_order_line.c


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows; `next_after` is the key to go on behind, None on the last page."""

    rows: tuple[Row[Any], ...]
    next_after: str | None


# --- for flows and the restock board ---


def on_order(
    tx: Tx, variant_ids: Sequence[str] | None = None, *, warehouse_id: str | None = None, with_drafts: bool = True
) -> dict[tuple[str, str], OnOrder]:
    """(variant, warehouse) -> units that are still to come on orders; keys without any are missing.

    A line counts what the supplier confirmed, else what was ordered, less what was taken back and what came. Drafts and
    approved orders count, so that nobody buys twice, unless `with_drafts` is False.
    """
    promised = func.coalesce(_L.confirmed_qty, _L.ordered)
    left = promised - _L.canceled - _L.received
    drafts = case((_O.status.in_(["draft", "approved"]), left), else_=0)
    day = case((_O.status.in_(sorted(OPEN)), func.coalesce(_L.confirmed_on, _L.expected_on)))
    query = (
        select(_L.variant_id, _O.warehouse_id, func.sum(left).label("units"), func.sum(drafts).label("drafts"),
               func.min(day).label("next_on"))
        .join_from(purchase_order, purchase_order_line, _L.purchase_order_id == _O.id)
        .where(_O.status.in_(sorted(COUNTED if with_drafts else OPEN)), left > 0)
        .group_by(_L.variant_id, _O.warehouse_id)
        .order_by(_L.variant_id, _O.warehouse_id)
    )  # fmt: skip
    if variant_ids is not None:
        query = query.where(among(_L.variant_id, set(variant_ids)))
    if warehouse_id is not None:
        query = query.where(_O.warehouse_id == warehouse_id)
    return {
        (row.variant_id, row.warehouse_id): OnOrder(int(row.units), int(row.drafts), row.next_on)
        for row in tx.rows(query)
    }


def lead_times(tx: Tx, supplier_id: str | None = None, *, sent_since: int = 0) -> list[LeadTime]:
    """One row per delivery of a line, and one per line that still waits (`received_at` None: censored), as sent.

    Canceled orders and units that were taken back are left out: nobody knows when they would have come.
    """
    came = (
        select(
            receipt_line.c.purchase_order_line_id, receipt.c.posted_at, func.sum(receipt_line.c.counted).label("qty")
        )
        .join_from(receipt_line, receipt, receipt.c.id == receipt_line.c.receipt_id)
        .where(receipt.c.status == "posted", receipt_line.c.purchase_order_line_id.is_not(None))
        .where(receipt_line.c.disposition.in_(sorted(BOOKED)))
        .group_by(receipt_line.c.purchase_order_line_id, receipt.c.posted_at)
        .subquery()
    )
    columns = (_O.supplier_id, _L.variant_id, _L.purchase_order_id, _O.sent_at, _L.expected_on, _L.confirmed_on)
    mine = [_O.sent_at.is_not(None), _O.sent_at >= sent_since]
    if supplier_id is not None:
        mine.append(_O.supplier_id == supplier_id)
    joined = purchase_order.join(purchase_order_line, _L.purchase_order_id == _O.id)
    arrived = (
        select(*columns, came.c.qty, came.c.posted_at.label("received_at"))
        .select_from(joined.join(came, came.c.purchase_order_line_id == _L.id))
        .where(*mine)
    )
    left = _L.ordered - _L.canceled - _L.received
    waiting = (
        select(*columns, left.label("qty")).select_from(joined).where(*mine, _O.status.in_(sorted(OPEN)), left > 0)
    )
    rows = [(row, int(row.received_at)) for row in tx.rows(arrived.order_by(_O.sent_at, _L.id, came.c.posted_at))]
    more = [(row, None) for row in tx.rows(waiting.order_by(_O.sent_at, _L.id))]
    return [
        LeadTime(row.supplier_id, row.variant_id, row.purchase_order_id, int(row.qty), row.sent_at, at,
                 max(0, (tx.now if at is None else at) - row.sent_at) // DAY, row.expected_on, row.confirmed_on)
        for row, at in [*rows, *more]
    ]  # fmt: skip


# --- pages ---


def suppliers(tx: Tx, *, status: str = "active", text: str = "", after: str = "", limit: int = 50) -> Listed:
    """Suppliers by code, with how many variants they sell and how many of their orders are open."""
    sells = select(func.count()).where(supplier_variant.c.supplier_id == supplier.c.id).scalar_subquery()
    waits = select(func.count()).where(_O.supplier_id == supplier.c.id, _O.status.in_(sorted(COUNTED)))
    query = (
        select(supplier, sells.label("variants"), waits.scalar_subquery().label("open_orders"))
        .where(supplier.c.status == status, supplier.c.code > after)
        .order_by(supplier.c.code)
        .limit(limit + 1)
    )
    if text.strip():
        word = text.strip()
        query = query.where(or_(supplier.c.code.startswith(word.upper(), autoescape=True),
                                supplier.c.name.icontains(word, autoescape=True)))  # fmt: skip
    rows = tx.rows(query)
    return Listed(tuple(rows[:limit]), rows[limit - 1].code if len(rows) > limit else None)


def price_list(tx: Tx, supplier_id: str, *, after: str = "", limit: int = 50) -> Listed:
    """What a supplier sells by SKU, with the price of one."""
    t, b = supplier_variant.c, price_break.c
    query = (
        select(supplier_variant, variant.c.sku, product.c.title, variant.c.option_label, b.unit_price_e4,
               select(func.count()).where(b.supplier_variant_id == t.id).correlate(supplier_variant)
               .scalar_subquery().label("breaks"))
        .join_from(supplier_variant, variant, variant.c.id == t.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .join(price_break, (b.supplier_variant_id == t.id) & (b.from_qty == 1))
        .where(t.supplier_id == supplier_id, variant.c.sku > after)
        .order_by(variant.c.sku)
        .limit(limit + 1)
    )  # fmt: skip
    rows = tx.rows(query)
    return Listed(tuple(rows[:limit]), rows[limit - 1].sku if len(rows) > limit else None)


def listed(
    tx: Tx, *, statuses: Sequence[str] = (), supplier_id: str | None = None, variant_id: str | None = None,
    after: str | None = None, limit: int = 50
) -> Listed:  # fmt: skip
    """Purchase orders, newest first, with their supplier and how much of them came."""
    units = (
        select(_L.purchase_order_id, func.sum(_L.ordered - _L.canceled).label("units"),
               func.sum(_L.received).label("came"), func.count().label("lines"))
        .group_by(_L.purchase_order_id)
        .subquery()
    )  # fmt: skip
    query = (
        select(purchase_order, supplier.c.name, supplier.c.code, units.c.units, units.c.came, units.c.lines)
        .select_from(purchase_order.join(supplier, supplier.c.id == _O.supplier_id)
                     .outerjoin(units, units.c.purchase_order_id == _O.id))
    )  # fmt: skip
    if variant_id is not None:
        query = query.where(_O.id.in_(select(_L.purchase_order_id).where(_L.variant_id == variant_id)))
    return _newest(tx, query, purchase_order, statuses, after, limit, supplier_id=supplier_id)


def receipts(
    tx: Tx, *, statuses: Sequence[str] = (), purchase_order_id: str | None = None, after: str | None = None,
    limit: int = 50
) -> Listed:  # fmt: skip
    """Receipts, newest first, with the order's number, the supplier and the units counted."""
    r = receipt.c
    units = (
        select(receipt_line.c.receipt_id, func.sum(receipt_line.c.counted).label("units"))
        .group_by(receipt_line.c.receipt_id)
        .subquery()
    )
    query = (
        select(receipt, _O.number.label("order_number"), supplier.c.name,
               func.coalesce(units.c.units, 0).label("units"))
        .select_from(receipt.outerjoin(purchase_order, _O.id == r.purchase_order_id)
                     .outerjoin(supplier, supplier.c.id == r.supplier_id).outerjoin(units, units.c.receipt_id == r.id))
    )  # fmt: skip
    return _newest(tx, query, receipt, statuses, after, limit, purchase_order_id=purchase_order_id)


def invoices(
    tx: Tx, *, status: str | None = None, purchase_order_id: str | None = None, after: str | None = None,
    limit: int = 50
) -> Listed:  # fmt: skip
    """Suppliers' invoices, newest first, with supplier and order."""
    i = supplier_invoice.c
    query = (
        select(supplier_invoice, supplier.c.name, _O.number.label("order_number"))
        .join_from(supplier_invoice, supplier, supplier.c.id == i.supplier_id)
        .join(purchase_order, _O.id == i.purchase_order_id)
    )
    statuses = () if status is None else (status,)
    return _newest(tx, query, supplier_invoice, statuses, after, limit, purchase_order_id=purchase_order_id)


def _newest(
    tx: Tx, query: Select[Any], table: Table, statuses: Sequence[str], after: str | None, limit: int,
    **wanted: str | None,
) -> Listed:  # fmt: skip
    """A page of a list, newest first: of these statuses, and of what else is wanted of columns of the table."""
    c = table.c
    query = query.order_by(c.id.desc()).limit(limit + 1)
    if statuses:
        query = query.where(c.status.in_(statuses))
    query = query.where(*(c[name] == value for name, value in wanted.items() if value is not None))
    if after is not None:
        query = query.where(c.id < after)
    rows = tx.rows(query)
    return Listed(tuple(rows[:limit]), str(rows[limit - 1].id) if len(rows) > limit else None)


def numbers_of(tx: Tx, order_ids: Sequence[str]) -> list[int]:
    """The numbers of these orders, rising."""
    return [row.number for row in tx.rows(select(_O.number).where(among(_O.id, order_ids)).order_by(_O.number))]
