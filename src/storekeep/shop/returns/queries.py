"""Reads for the list of returns and one return. SELECT only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, column, func, select, table

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.returns.states import OPEN
from storekeep.shop.returns.tables import goods_return, goods_return_line

#: The neighbours' tables by name, for the number of the order and the words on its lines.
_ORDER = table("sales_order", column("id"), column("number"), column("name"))
_ORDER_LINE = table("order_line", column("id"), column("title"), column("option_label"), column("position"))


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """One page of returns; `next_after` is the id to go on behind, None on the last page."""

    rows: tuple[Row[Any], ...]
    next_after: str | None


def listed(tx: Tx, *, status: str | None = None, after: str | None = None, limit: int = 50) -> ReturnPage:
    """Returns by status (None: the open ones), latest first, with order number, units announced and received."""
    r, n = goods_return.c, goods_return_line.c
    units = (
        select(n.return_id, func.sum(n.qty).label("qty"), func.sum(n.received).label("received"))
        .group_by(n.return_id)
        .subquery()
    )
    query = (
        select(goods_return, _ORDER.c.number.label("order_number"), _ORDER.c.name, units.c.qty, units.c.received)
        .select_from(goods_return.join(units, units.c.return_id == r.id).outerjoin(_ORDER, _ORDER.c.id == r.order_id))
        .where(r.status.in_(sorted(OPEN)) if status is None else r.status == status)
        .order_by(r.id.desc())
        .limit(limit + 1)
    )
    rows = tx.rows(query if after is None else query.where(r.id < after))
    return ReturnPage(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def lines(tx: Tx, return_id: str) -> tuple[Row[Any], ...]:
    """The lines of a return with SKU, title and option, in the order of the order."""
    n = goods_return_line.c
    joined = goods_return_line.join(variant, variant.c.id == n.variant_id).outerjoin(
        _ORDER_LINE, _ORDER_LINE.c.id == n.order_line_id
    )
    query = select(goods_return_line, variant.c.sku, _ORDER_LINE.c.title, _ORDER_LINE.c.option_label)
    return tuple(tx.rows(query.select_from(joined).where(n.return_id == return_id).order_by(_ORDER_LINE.c.position)))


def of_order(tx: Tx, order_id: str) -> tuple[Row[Any], ...]:
    """The returns of an order, latest first."""
    return tuple(
        tx.rows(select(goods_return).where(goods_return.c.order_id == order_id).order_by(goods_return.c.id.desc()))
    )
