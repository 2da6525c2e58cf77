"""Reads for the owner's catalogue pages: the list of all products and a variant's price history. SELECT only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, literal, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.catalog.queries import decode_after, encode_after
from storekeep.shop.catalog.tables import category, price_change, product, variant


@dataclass(frozen=True, slots=True)
class ProductRows:
    """One page of rows; `next_after` leads to the next and is None on the last."""

    rows: tuple[Row[Any], ...]
    next_after: str | None


def all_products(
    tx: Tx, *, status: str | None = None, text: str = "", after: str | None = None, limit: int = 50
) -> ProductRows:
    """Products of every status, newest first, with category name, number of variants and lowest price.

    `text` is looked for in the title, and as the beginning of a SKU. Raises `Invalid` for a broken `after`.
    """
    counted = (
        select(
            variant.c.product_id,
            func.count(literal(1)).label("variant_count"),
            func.min(variant.c.price_minor).label("price_from_minor"),
        )
        .group_by(variant.c.product_id)
        .subquery()
    )
    columns = (product.c.id, product.c.slug, product.c.title, product.c.status, product.c.updated_at)
    query = (
        select(*columns, category.c.name.label("category"), counted.c.variant_count, counted.c.price_from_minor)
        .select_from(product.join(category).outerjoin(counted, counted.c.product_id == product.c.id))
        .order_by(product.c.id.desc())
        .limit(limit + 1)
    )
    if status:
        query = query.where(product.c.status == status)
    if text.strip():
        coded = select(variant.c.product_id).where(variant.c.sku.startswith(clean_sku(text), autoescape=True))
        titled = func.lower(product.c.title).contains(text.strip().lower(), autoescape=True)
        query = query.where(or_(titled, product.c.id.in_(coded)))
    if after is not None:
        query = query.where(product.c.id < decode_after(after, (str, str))[1])
    rows = tx.rows(query)
    last = rows[limit - 1].id if len(rows) > limit else None
    return ProductRows(tuple(rows[:limit]), encode_after([last, last]) if last else None)


def price_history(tx: Tx, variant_id: str, *, limit: int = 100) -> list[Row[Any]]:
    """The prices a variant has had, newest first: `price_minor` from `valid_from` on."""
    if not is_id(variant_id):
        return []
    history = price_change
    query = select(history.c.price_minor, history.c.valid_from).where(history.c.variant_id == variant_id)
    return list(tx.rows(query.order_by(history.c.valid_from.desc(), history.c.id.desc()).limit(limit)))
