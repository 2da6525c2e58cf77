"""What runs low: variants with so many units or fewer that can still be sold, and since when.

The level is the variant's own or the shop's. `refresh` keeps the list of those that are low now, so that each of them
is told of once.
"""

from typing import Any, NamedTuple

from sqlalchemy import Select, case, delete, func, select, update

from storekeep.kernel import audit, settings
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.inventory import store
from storekeep.shop.inventory.model import MAX_UNITS
from storekeep.shop.inventory.tables import availability, low_stock, low_stock_level

DEFAULT_KEY = "stock.low_units"
DEFAULT_UNITS = 5


class LowRow(NamedTuple):
    """A variant that is low: units that can be sold, its level, since when (None: since a moment ago), when told."""

    variant_id: str
    sku: str
    title: str
    available: int
    level: int
    since: int | None
    told_on: str | None


def default_level(tx: Tx) -> int:
    """What is low for a variant that has no level of its own."""
    return int(settings.read(tx, DEFAULT_KEY, DEFAULT_UNITS))


def set_default(tx: Tx, units: int) -> None:
    """Set the shop's own level. Raises `Invalid` at `units`."""
    settings.write(tx, DEFAULT_KEY, _checked(units))


def level_of(tx: Tx, variant_id: str) -> int | None:
    """The variant's own level, None when the shop's counts."""
    found = tx.scalar(select(low_stock_level.c.units).where(low_stock_level.c.variant_id == variant_id))
    return None if found is None else int(found)


def set_level(tx: Tx, variant_id: str, units: int | None) -> None:
    """Give a variant a level of its own, or with None the shop's. The same value changes nothing."""
    store.skus(tx, [variant_id])
    store.lock_stock(tx, [variant_id])
    before = level_of(tx, variant_id)
    if before == units:
        return
    mine = low_stock_level.c.variant_id == variant_id
    if units is None:
        tx.run(delete(low_stock_level).where(mine))
    elif before is None:
        tx.insert_many(low_stock_level, [{"variant_id": variant_id, "units": _checked(units)}])
    else:
        tx.run(update(low_stock_level).where(mine).values(units=_checked(units)))
    audit.record(tx, [audit.Entry("stock.low_level", "variant", variant_id, before, units)])


def listed(tx: Tx, *, after: str = "", limit: int | None = None) -> list[LowRow]:
    """The variants that are low at this moment, by SKU."""
    query = _low(tx).where(variant.c.sku > after).order_by(variant.c.sku)
    rows = tx.rows(query if limit is None else query.limit(limit))
    return [LowRow(row.id, row.sku, row.title, int(row.free), int(row.level), row.since, row.told_on) for row in rows]


def count(tx: Tx) -> int:
    """How many are low at this moment."""
    return int(tx.scalar(select(func.count()).select_from(_low(tx).subquery())))


def refresh(tx: Tx) -> None:
    """Note what has become low, and forget what is low no more."""
    low = {row.variant_id for row in listed(tx)}
    known = {row.variant_id for row in tx.rows(select(low_stock.c.variant_id))}
    fresh = sorted(low - known)
    tx.insert_many(low_stock, [{"variant_id": each, "since": tx.now, "told_on": None} for each in fresh])
    gone = sorted(known - low)
    if gone:
        tx.run(delete(low_stock).where(among(low_stock.c.variant_id, gone)))


def mark_told(tx: Tx, day: str) -> None:
    """The owner was told of all that are noted."""
    tx.run(update(low_stock).where(low_stock.c.told_on.is_(None)).values(told_on=day))


def _low(tx: Tx) -> Select[Any]:
    a, v = availability.c, variant.c
    left = a.on_hand_sellable - a.reserved - a.buffer
    free = func.sum(case((left > 0, left), else_=0)).label("free")
    level = func.coalesce(low_stock_level.c.units, default_level(tx))
    return (
        select(v.id, v.sku, product.c.title, free, level.label("level"), low_stock.c.since, low_stock.c.told_on)
        .select_from(
            variant.join(product, product.c.id == v.product_id)
            .join(availability, a.variant_id == v.id)
            .outerjoin(low_stock_level, low_stock_level.c.variant_id == v.id)
            .outerjoin(low_stock, low_stock.c.variant_id == v.id)
        )
        .where(v.status == "active", product.c.status == "active")
        .group_by(v.id, v.sku, product.c.title, low_stock_level.c.units, low_stock.c.since, low_stock.c.told_on)
        .having(free <= level)
    )


def _checked(units: int) -> int:
    if isinstance(units, bool) or not 0 <= units <= MAX_UNITS:
        raise Invalid("units", f"what is low is from 0 to {MAX_UNITS:,} units")
    return units
