"""Reads of price settings: discount codes as typed, the owner's list of them, countries. SELECT only."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from storekeep.kernel.db import Tx
from storekeep.shop.pricing.codes import normalize_code
from storekeep.shop.pricing.model import DiscountCode
from storekeep.shop.pricing.tables import discount_code, sales_country, tax_rate


@dataclass(frozen=True, slots=True)
class CodePage:
    """One page of discount codes, newest first; `next_after` is the last id, None on the last page."""

    codes: tuple[DiscountCode, ...]
    next_after: str | None


def codes_typed(tx: Tx, typed: Collection[str]) -> tuple[DiscountCode, ...]:
    """The discount codes that these texts name, for `QuoteRequest.discounts`.

    Those switched off are among them, so that the quote can say why. One query for a whole batch, and none when nobody
    typed a code.
    """
    forms = sorted({normalize_code(text) for text in typed} - {""})
    if not forms:
        return ()
    rows = tx.rows(select(discount_code).where(discount_code.c.code.in_(forms)))
    return tuple(DiscountCode(**row._asdict()) for row in rows)


def codes_listed(tx: Tx, *, after: str | None = None, limit: int = 50) -> CodePage:
    """All discount codes, newest first."""
    query = select(discount_code).order_by(discount_code.c.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(discount_code.c.id < after)
    rows = tx.rows(query)
    codes = tuple(DiscountCode(**row._asdict()) for row in rows[:limit])
    return CodePage(codes, rows[limit - 1].id if len(rows) > limit else None)


def countries(tx: Tx) -> list[Row[Any]]:
    """All countries of the settings by name, switched off ones included."""
    return list(tx.rows(select(sales_country).order_by(sales_country.c.name)))


def taxes(tx: Tx) -> list[Row[Any]]:
    """All tax rates by country and class."""
    return list(tx.rows(select(tax_rate).order_by(tax_rate.c.country, tax_rate.c.tax_class)))
