"""Reads for the console's warehouse, catalogue and settings pages that join neighbours. SELECT only, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, case, exists, func, literal, or_, select

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.shop.access.tables import staff
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.catalog.tables import media, product, variant
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.states import OPEN
from storekeep.shop.inventory.tables import (
    availability,
    location,
    lot,
    reorder_policy,
    reservation,
    stock_balance,
    stock_move,
)
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.pricing.tables import delivery_method, discount_code, discount_use, sales_country, tax_rate
from storekeep.shop.shipping.tables import label_purchase


@dataclass(frozen=True, slots=True)
class StockLine:
    """A variant in the stock list, its numbers summed over all warehouses."""

    variant_id: str
    sku: str
    title: str
    option_label: str
    status: str
    on_hand: int
    reserved: int
    buffer: int
    reorder_point: int | None

    @property
    def available(self) -> int:
        return max(0, self.on_hand - self.reserved - self.buffer)

    @property
    def is_low(self) -> bool:
        return self.reorder_point is not None and self.on_hand - self.reserved <= self.reorder_point


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `next_after` leads to the next and is None on the last."""

    rows: tuple[Any, ...]
    next_after: str | None


def stock_lines(tx: Tx, *, text: str = "", after: str = "", limit: int = 50) -> Page:
    """Every variant by SKU, those never stocked included. `text` is the beginning of a SKU or a part of a title."""
    a, p = availability.c, reorder_policy.c
    stock = (
        select(
            a.variant_id,
            func.sum(a.on_hand_sellable).label("on_hand"),
            func.sum(a.reserved).label("reserved"),
            func.sum(a.buffer).label("buffer"),
        )
        .group_by(a.variant_id)
        .subquery()
    )
    points = select(p.variant_id, func.sum(p.reorder_point).label("point")).group_by(p.variant_id).subquery()
    query = (
        select(
            variant.c.id,
            variant.c.sku,
            product.c.title,
            variant.c.option_label,
            variant.c.status,
            func.coalesce(stock.c.on_hand, 0),
            func.coalesce(stock.c.reserved, 0),
            func.coalesce(stock.c.buffer, 0),
            points.c.point,
        )
        .join_from(variant, product, product.c.id == variant.c.product_id)
        .outerjoin(stock, stock.c.variant_id == variant.c.id)
        .outerjoin(points, points.c.variant_id == variant.c.id)
        .where(variant.c.sku > after)
        .order_by(variant.c.sku)
        .limit(limit + 1)
    )
    if text.strip():
        query = query.where(_named(text))
    found = []
    for row in map(tuple, tx.rows(query)):
        numbers: list[Any] = [None if number is None else int(number) for number in row[5:]]
        found.append(StockLine(*row[:5], *numbers))
    return Page(tuple(found[:limit]), found[limit - 1].sku if len(found) > limit else None)


def variants_named(tx: Tx, text: str, limit: int = 20) -> Sequence[Row[Any]]:
    """Variants whose SKU begins so, whose barcode it is, or whose title has it: id, sku, title, option, cost."""
    query = (
        select(variant.c.id, variant.c.sku, product.c.title, variant.c.option_label, variant.c.cost_minor)
        .join_from(variant, product, product.c.id == variant.c.product_id)
        .where(_named(text))
        .order_by(variant.c.sku)
        .limit(limit)
    )
    return tx.rows(query)


def _named(text: str) -> Any:
    bare = text.strip()
    return or_(
        variant.c.sku.startswith(clean_sku(bare), autoescape=True),
        variant.c.barcode == bare,
        func.lower(product.c.title).contains(bare.lower(), autoescape=True),
    )


def variant_head(tx: Tx, variant_id: str) -> Row[Any] | None:
    """A variant with its product's title and the reorder policies' first row of its warehouse."""
    query = (
        select(variant, product.c.title)
        .join_from(variant, product, product.c.id == variant.c.product_id)
        .where(variant.c.id == variant_id)
    )
    return tx.first(query)


def pictures_of(tx: Tx, variant_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """variant -> (file name, alt): the variant's own first picture, else the first of its product."""
    query = (
        select(variant.c.id, media.c.file_name, media.c.alt, media.c.variant_id)
        .join_from(variant, media, media.c.product_id == variant.c.product_id)
        .where(variant.c.id.in_(set(variant_ids)))
        .where(or_(media.c.variant_id.is_(None), media.c.variant_id == variant.c.id))
        .order_by(variant.c.id, case((media.c.variant_id.is_(None), 1), else_=0), media.c.position)
    )
    found: dict[str, tuple[str, str]] = {}
    for row in tx.rows(query):
        found.setdefault(row.id, (row.file_name, row.alt))
    return found


def first_pictures(tx: Tx, product_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """product -> (file name, alt) of its first picture."""
    query = (
        select(media.c.product_id, media.c.file_name, media.c.alt)
        .where(media.c.product_id.in_(set(product_ids)))
        .order_by(media.c.product_id, media.c.position)
    )
    found: dict[str, tuple[str, str]] = {}
    for row in tx.rows(query):
        found.setdefault(row.product_id, (row.file_name, row.alt))
    return found


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One move of a variant; `change` is what it did to the units in bins that are sold from, `left` what it left."""

    id: str
    posted_at: Instant
    kind: str
    reason: str
    qty: int
    from_code: str
    to_code: str
    change: int
    left: int
    document_type: str
    actor: str


def moves_in_bins(tx: Tx, variant_id: str, warehouse_id: str, *, after: str | None = None, limit: int = 50) -> Page:
    """The moves of a variant in a warehouse, newest first; their changes add up to the units in its bins.

    A blocked bin counts here: its units were moved in and were never moved out.
    """
    m, start, end = stock_move.c, location.alias("start"), location.alias("ending")
    change = m.qty * (_in_bin(end) - _in_bin(start))
    base = (
        select(stock_move, start.c.code.label("from_code"), end.c.code.label("to_code"), change.label("change"))
        .join_from(stock_move, start, start.c.id == m.from_location_id)
        .join(end, end.c.id == m.to_location_id)
        .where(m.variant_id == variant_id, m.warehouse_id == warehouse_id)
    )
    earlier = base if after is None else base.where(m.id < after)
    total = earlier.with_only_columns(func.coalesce(func.sum(change), 0))
    left = int(tx.scalar(total))
    rows = tx.rows(earlier.order_by(m.id.desc()).limit(limit + 1))
    lines = []
    for row in rows[:limit]:
        lines.append(
            MoveLine(row.id, row.posted_at, row.kind, row.reason, row.qty, row.from_code, row.to_code, row.change, left,
                     row.document_type, row.actor)
        )  # fmt: skip
        left -= row.change
    return Page(tuple(lines), lines[-1].id if len(rows) > limit else None)


def _in_bin(place: Any) -> Any:
    return case((and_(place.c.kind == "bin", place.c.is_sellable), 1), else_=0)


def open_reservations(tx: Tx, variant_id: str, warehouse_id: str, limit: int = 200) -> Sequence[Row[Any]]:
    """Who has reserved units of a variant, oldest first, with the order's number where it is an order's."""
    r = reservation.c
    query = (
        select(r.id, r.status, r.qty, r.order_id, sales_order.c.number, r.expires_at, r.created_at,
               location.c.code.label("location_code"))
        .join_from(reservation, sales_order, sales_order.c.id == r.order_id, isouter=True)
        .join(location, location.c.id == r.location_id, isouter=True)
        .where(r.variant_id == variant_id, r.warehouse_id == warehouse_id, r.status.in_(sorted(OPEN)))
        .order_by(r.created_at, r.id)
        .limit(limit)
    )  # fmt: skip
    return tx.rows(query)


def bins_of(tx: Tx, warehouse_id: str) -> Sequence[Row[Any]]:
    """The places of ours in a warehouse that goods can be carried to: bins by code after receiving and quarantine."""
    query = (
        select(location.c.id, location.c.code, location.c.kind, location.c.status)
        .where(location.c.warehouse_id == warehouse_id, location.c.is_owned, location.c.status != "closed")
        .where(location.c.kind.in_(["bin", "receiving", "quarantine"]))
        .order_by(case((location.c.kind == "bin", 1), else_=0), location.c.code)
    )
    return tx.rows(query)


def to_put_away(tx: Tx, limit: int = 100) -> Sequence[Row[Any]]:
    """What stands in receiving and waits for a bin, with the bin where most of it lies already."""
    b, at = stock_balance.c, location.c
    home_balance, home = stock_balance.alias("home_balance"), location.alias("home")
    usual = (
        select(home.c.code)
        .join_from(home_balance, home, home.c.id == home_balance.c.location_id)
        .where(home_balance.c.variant_id == b.variant_id, home.c.warehouse_id == at.warehouse_id)
        .where(home.c.kind == "bin", home.c.status == "active", home.c.is_sellable)
        .order_by(home_balance.c.qty.desc(), home.c.code)
        .limit(1)
        .correlate(stock_balance, location)
        .scalar_subquery()
    )
    query = (
        select(b.variant_id, variant.c.sku, product.c.title, variant.c.option_label, b.qty, at.code,
               at.id.label("location_id"), at.warehouse_id, usual.label("usual_bin"), lot.c.id.label("lot_id"),
               lot.c.code.label("lot_code"), lot.c.expires_on)
        .join_from(stock_balance, location, at.id == b.location_id)
        .join(variant, variant.c.id == b.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .outerjoin(lot, lot.c.id == b.lot_id)
        .where(at.kind == "receiving", b.qty > 0)
        .order_by(variant.c.sku, lot.c.expires_on, lot.c.code)
        .limit(limit)
    )  # fmt: skip
    return tx.rows(query)


def titles_of(tx: Tx, variant_ids: Sequence[str]) -> dict[str, str]:
    """variant -> product and option in one line."""
    query = (
        select(variant.c.id, product.c.title, variant.c.option_label)
        .join_from(variant, product, product.c.id == variant.c.product_id)
        .where(variant.c.id.in_(set(variant_ids)))
    )
    return {row.id: f"{row.title}, {row.option_label}" if row.option_label else row.title for row in tx.rows(query)}


def code_by_id(tx: Tx, code_id: str) -> Row[Any] | None:
    """A discount code."""
    return tx.first(select(discount_code).where(discount_code.c.id == code_id))


def uses_of_code(tx: Tx, code_id: str, *, after: str | None = None, limit: int = 50) -> Page:
    """The orders that used a discount code, newest first."""
    u = discount_use.c
    query = (
        select(
            u.id, u.used_at, u.returned_at, sales_order.c.number, sales_order.c.discount_minor, sales_order.c.currency
        )
        .join_from(discount_use, sales_order, sales_order.c.id == u.order_id)
        .where(u.discount_code_id == code_id)
        .order_by(u.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(u.id < after)
    rows = tx.rows(query)
    return Page(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def first_steps(tx: Tx) -> dict[str, bool]:
    """What a new shop has: something to sell, goods of it, countries, taxes, delivery, more than one person."""
    has = {
        "product": exists(select(literal(1)).select_from(product).where(product.c.status == "active")),
        "countries": exists(select(literal(1)).select_from(sales_country).where(sales_country.c.is_active)),
        "taxes": exists(select(literal(1)).select_from(tax_rate)),
        "delivery": exists(select(literal(1)).select_from(delivery_method).where(delivery_method.c.is_active)),
        "stock": exists(select(literal(1)).select_from(availability).where(availability.c.on_hand_sellable > 0)),
        "staff": select(func.count(literal(1)) > 1).select_from(staff).scalar_subquery(),
    }
    row = tx.rows(select(*[condition.label(name) for name, condition in has.items()]))[0]
    return {name: bool(getattr(row, name)) for name in has}


def last_label(tx: Tx, shipment_id: str) -> Row[Any] | None:
    """The latest purchase of a label for a parcel: its status and why it failed."""
    p = label_purchase.c
    query = select(p.status, p.failure, p.updated_at).where(p.shipment_id == shipment_id).order_by(p.id.desc()).limit(1)
    return tx.first(query)


def work_of_order(tx: Tx, order_number: int) -> Sequence[Row[Any]]:
    """The warehouse's live work on an order, what can be packed first."""
    f = fulfillment.c
    query = (
        select(f.id, f.status)
        .where(f.order_number == order_number, f.status != "canceled")
        .order_by(case((f.status == "picked", 0), else_=1), f.number)
    )
    return tx.rows(query)


def policy_of(tx: Tx, variant_id: str, warehouse_id: str) -> Row[Any] | None:
    """When a variant is bought again in a warehouse, if somebody has said so."""
    p = reorder_policy.c
    return tx.first(select(reorder_policy).where(p.variant_id == variant_id, p.warehouse_id == warehouse_id))


def bins_filled(tx: Tx, warehouse_id: str, *, text: str = "", after: str = "", limit: int = 100) -> Page:
    """The bins of a warehouse by code, with the units in each."""
    at, b = location.c, stock_balance.c
    query = (
        select(at.id, at.code, at.status, at.is_sellable, at.walk_sequence,
               func.coalesce(func.sum(b.qty), 0).label("units"),
               func.count(b.variant_id.distinct()).filter(b.qty != 0).label("variants"))
        .join_from(location, stock_balance, b.location_id == at.id, isouter=True)
        .where(at.warehouse_id == warehouse_id, at.kind == "bin", at.code > after)
        .group_by(at.id, at.code, at.status, at.is_sellable, at.walk_sequence)
        .order_by(at.code)
        .limit(limit + 1)
    )  # fmt: skip
    if text.strip():
        query = query.where(at.code.startswith(text.strip().upper(), autoescape=True))
    rows = tx.rows(query)
    return Page(tuple(rows[:limit]), rows[limit - 1].code if len(rows) > limit else None)


def order_number(tx: Tx, order_id: str) -> int | None:
    """The number that people know an order by."""
    number: int | None = tx.scalar(select(sales_order.c.number).where(sales_order.c.id == order_id))
    return number


def usual_bins(tx: Tx, variant_ids: Sequence[str]) -> dict[str, str]:
    """variant -> the code of the bin in use that holds most of it."""
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id, at.code)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(b.variant_id.in_(set(variant_ids)), at.kind == "bin", at.is_sellable, at.status == "active")
        .order_by(b.variant_id, b.qty.desc(), at.code)
    )
    found: dict[str, str] = {}
    for row in tx.rows(query):
        found.setdefault(row.variant_id, row.code)
    return found
