"""Landed costs for pages: the bills, one with its lines, and the deliveries that they are for. SELECT only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.purchasing.tables import landed_cost, landed_cost_line, receipt, receipt_line, supplier


def bills(
    tx: Tx, *, receipt_id: str | None = None, after: str | None = None, limit: int = 50
) -> tuple[Sequence[Row[Any]], str | None]:
    """Bills newest first, with the number of their delivery and its supplier; and the id after which the next begin."""
    c = landed_cost.c
    query = (
        select(landed_cost, receipt.c.number.label("receipt_number"), supplier.c.name.label("supplier"))
        .join_from(landed_cost, receipt, receipt.c.id == c.receipt_id)
        .outerjoin(supplier, supplier.c.id == receipt.c.supplier_id)
        .order_by(c.id.desc())
        .limit(limit + 1)
    )
    if receipt_id is not None:
        query = query.where(c.receipt_id == receipt_id)
    if after is not None:
        query = query.where(c.id < after)
    rows = tx.rows(query)
    return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None


def by_number(tx: Tx, number: int) -> Row[Any] | None:
    """One bill with its delivery's number and supplier."""
    c = landed_cost.c
    query = (
        select(landed_cost, receipt.c.number.label("receipt_number"), supplier.c.name.label("supplier"))
        .join_from(landed_cost, receipt, receipt.c.id == c.receipt_id)
        .outerjoin(supplier, supplier.c.id == receipt.c.supplier_id)
        .where(c.number == number)
    )
    return tx.first(query)


def number_of(tx: Tx, landed_id: str) -> int:
    """The number of a bill."""
    return int(tx.scalar(select(landed_cost.c.number).where(landed_cost.c.id == landed_id)))


def lines_of(tx: Tx, landed_id: str) -> Sequence[Row[Any]]:
    """The shares of a bill with the goods that carry them."""
    n, of = landed_cost_line.c, receipt_line.c
    query = (
        select(landed_cost_line, of.variant_id, of.counted, of.value_minor, variant.c.sku, variant.c.option_label,
               product.c.title)
        .join_from(landed_cost_line, receipt_line, of.id == n.receipt_line_id)
        .join(variant, variant.c.id == of.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .where(n.landed_cost_id == landed_id)
        .order_by(n.id)
    )  # fmt: skip
    return tx.rows(query)


def delivery(tx: Tx, number: int) -> Row[Any] | None:
    """A delivery by its number, with its supplier's name."""
    query = (
        select(receipt, supplier.c.name.label("supplier"))
        .outerjoin_from(receipt, supplier, supplier.c.id == receipt.c.supplier_id)
        .where(receipt.c.number == number)
    )
    return tx.first(query)


def latest_deliveries(tx: Tx, limit: int = 8) -> Sequence[Row[Any]]:
    """The deliveries that were booked in last, newest first."""
    query = (
        select(receipt.c.id, receipt.c.number, receipt.c.posted_at, supplier.c.name.label("supplier"))
        .outerjoin_from(receipt, supplier, supplier.c.id == receipt.c.supplier_id)
        .where(receipt.c.status == "posted")
        .order_by(receipt.c.id.desc())
        .limit(limit)
    )
    return tx.rows(query)
