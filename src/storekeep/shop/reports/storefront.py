"""What the shop's pages read across neighbours: lists with stock, one order with all that became of it. SELECT only.

Stock is told in bands (in stock, few left, sold out), so that a page does not change with every sale.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select, union_all

from storekeep.kernel.clock import Instant, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.catalog import queries
from storekeep.shop.catalog.queries import Card, decode_after, encode_after
from storekeep.shop.catalog.states import SHOWN
from storekeep.shop.catalog.tables import category, kit_part, media, product, variant
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.states import HELD
from storekeep.shop.inventory.tables import availability, reservation, sell_ahead
from storekeep.shop.orders.tables import order_kit, order_line, order_part, order_wait, sales_order
from storekeep.shop.payments.tables import payment_attempt, refund
from storekeep.shop.pricing.tables import sales_country
from storekeep.shop.reports.shelves import band
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.tables import shipment, tracking_event
from storekeep.shop.site.tables import content_page
from storekeep.shop.support.tables import conversation

SORTS = {"title": "Name", "newest": "Newest", "price_up": "Price, low to high", "price_down": "Price, high to low"}


@dataclass(frozen=True, slots=True)
class Bands:
    """The stock bands of all products that are sold; `digest` changes exactly when one of them does."""

    by_product: Mapping[str, str]
    digest: str

    def of(self, product_id: str) -> str:
        return self.by_product.get(product_id, "out")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, how many products the whole list has, and the place to go on from."""

    cards: tuple[Card, ...]
    count: int
    next_after: str | None


def _free() -> Any:
    """Variant -> units that can be sold, over all warehouses; of a kit as many as its scarcest part allows."""
    a = availability.c
    left = a.on_hand_sellable - a.reserved - a.buffer
    goods = select(a.variant_id, func.sum(left).label("free")).where(left > 0).group_by(a.variant_id)
    of_part = goods.subquery("free_part")
    whole = func.min(func.coalesce(of_part.c.free, 0) // kit_part.c.qty)
    kits = (
        select(kit_part.c.kit_id, whole)
        .select_from(kit_part.outerjoin(of_part, of_part.c.variant_id == kit_part.c.part_id))
        .group_by(kit_part.c.kit_id)
    )
    return union_all(goods, kits).subquery("free_stock")


def bands(tx: Tx) -> Bands:
    """The bands of every product on sale: the best band among its variants. One statement.

    What is still to come can be had `later`; so can what is here of a pre-order before its day.
    """
    free, early = _free(), sell_ahead.c
    units = func.coalesce(free.c.free, 0)
    is_launch = and_(early.kind == "preorder", early.ships_on > day_of(tx.now, "UTC"))
    room = case((early.kind.in_(("backorder", "preorder")), early.limit_units - early.waiting), else_=0)
    query = (
        select(
            variant.c.product_id,
            func.max(case((is_launch, 0), else_=units)).label("free"),
            func.max(room + case((is_launch, units), else_=0)).label("later"),
        )
        .select_from(
            variant.outerjoin(free, free.c.variant_id == variant.c.id)
            .outerjoin(sell_ahead, early.variant_id == variant.c.id)
        )
        .where(variant.c.status == "active")
        .group_by(variant.c.product_id)
        .order_by(variant.c.product_id)
    )  # fmt: skip
    found = {
        row.product_id: "later" if row.free <= 0 < row.later else band(int(row.free)) for row in tx.rows(query)
    }
    told = "\n".join(f"{product_id} {word}" for product_id, word in found.items())
    return Bands(found, hashlib.sha256(told.encode()).hexdigest()[:16])


def listing(
    tx: Tx,
    category_id: str,
    *,
    sort: str = "title",
    after: str | None = None,
    limit: int = 24,
    price_min: int | None = None,
    price_max: int | None = None,
    in_stock: bool = False,
) -> Listing:
    """The products of a category by the lowest price of their variants, with how many there are in all.

    Prices are inclusive minor units. Raises `Invalid` for an `after` that no list of ours made.
    """
    listed = _listed(category_id, price_min, price_max, in_stock)
    query, key = _sorted(listed, sort, after)
    rows = tx.rows(query.limit(limit + 1))
    shown = rows[:limit]
    count = int(tx.scalar(select(func.count(literal(1))).select_from(listed)))
    following = encode_after([getattr(shown[-1], key), shown[-1].id]) if len(rows) > limit else None
    return Listing(tuple(queries.cards(tx, [row.id for row in shown])), count, following)


def _listed(category_id: str, price_min: int | None, price_max: int | None, in_stock: bool) -> Any:
    lowest = func.min(variant.c.price_minor)
    free = _free()
    source = product.join(variant, variant.c.product_id == product.c.id).outerjoin(
        free, free.c.variant_id == variant.c.id
    )
    query = (
        select(product.c.id, product.c.title, lowest.label("price"))
        .select_from(source)
        .where(product.c.status.in_(SHOWN), variant.c.status == "active", product.c.category_id == category_id)
        .group_by(product.c.id, product.c.title)
    )
    wanted: list[ColumnElement[bool]] = []
    if price_min is not None:
        wanted.append(lowest >= price_min)
    if price_max is not None:
        wanted.append(lowest <= price_max)
    if in_stock:
        wanted.append(func.max(func.coalesce(free.c.free, 0)) > 0)
    return (query.having(and_(*wanted)) if wanted else query).subquery("listed")


def _sorted(listed: Any, sort: str, after: str | None) -> tuple[Select[Any], str]:
    """The list in its order from the place on, and the column that is the first part of its key."""
    if sort == "newest":
        query = select(listed).order_by(listed.c.id.desc())
        return (query if after is None else query.where(listed.c.id < decode_after(after, (str, str))[1])), "id"
    name, kind = ("price", int) if sort in ("price_up", "price_down") else ("title", str)
    column, falling = listed.c[name], sort == "price_down"
    query = select(listed).order_by(column.desc() if falling else column, listed.c.id)
    if after is not None:
        value, last = decode_after(after, (kind, str))
        further = column < value if falling else column > value
        query = query.where(or_(further, and_(column == value, listed.c.id > last)))
    return query, name


def picked(tx: Tx, rank: int = 2) -> list[str]:
    """The first products of every category, the first of each before the second of each."""
    place = func.row_number().over(partition_by=product.c.category_id, order_by=product.c.id).label("place")
    ranked = select(product.c.id, product.c.category_id, place).where(product.c.status.in_(SHOWN)).subquery("ranked")
    query = (
        select(ranked.c.id)
        .select_from(ranked.join(category, category.c.id == ranked.c.category_id))
        .where(ranked.c.place <= rank)
        .order_by(ranked.c.place, category.c.position, ranked.c.id)
    )
    return [row.id for row in tx.rows(query)]


def siblings(tx: Tx, category_id: str, product_id: str, limit: int = 4) -> list[str]:
    """Other products of a category that are in stock: those that came after this one first, then the newest."""
    a = availability.c
    sellable = (
        select(variant.c.id)
        .join_from(variant, availability, a.variant_id == variant.c.id)
        .where(variant.c.product_id == product.c.id, variant.c.status == "active")
        .where(a.on_hand_sellable - a.reserved - a.buffer > 0)
        .exists()
    )
    query = select(product.c.id).where(
        product.c.category_id == category_id, product.c.status.in_(SHOWN), product.c.id != product_id, sellable
    )
    after = tx.rows(query.where(product.c.id > product_id).order_by(product.c.id).limit(limit))
    if len(after) < limit:
        before = query.where(product.c.id < product_id).order_by(product.c.id.desc()).limit(limit - len(after))
        after = [*after, *tx.rows(before)]
    return [row.id for row in after]


def reduced(tx: Tx, limit: int = 8) -> list[str]:
    """Products with a single variant whose price was lowered, the greatest reduction first."""
    off = func.max(variant.c.compare_at_minor - variant.c.price_minor)
    query = (
        select(product.c.id)
        .select_from(product.join(variant, variant.c.product_id == product.c.id))
        .where(product.c.status.in_(SHOWN), variant.c.status == "active")
        .group_by(product.c.id)
        .having(and_(func.count(literal(1)) == 1, off > 0))
        .order_by(off.desc(), product.c.id)
        .limit(limit)
    )
    return [row.id for row in tx.rows(query)]


def category_pictures(tx: Tx) -> dict[str, str]:
    """Category id -> the picture of its first product that has one."""
    place = func.row_number().over(partition_by=product.c.category_id, order_by=(product.c.id, media.c.position))
    source = product.join(media, media.c.product_id == product.c.id)
    ranked = (
        select(product.c.category_id, media.c.file_name, place.label("place"))
        .select_from(source)
        .where(product.c.status.in_(SHOWN))
        .subquery("ranked")
    )
    return {row.category_id: row.file_name for row in tx.rows(select(ranked).where(ranked.c.place == 1))}


def pictures_of(tx: Tx, variant_ids: Sequence[str]) -> dict[str, str]:
    """Variant id -> its own picture, or the first one of its product."""
    query = (
        select(variant.c.id, media.c.file_name, media.c.variant_id)
        .select_from(variant.join(media, media.c.product_id == variant.c.product_id))
        .where(variant.c.id.in_(set(variant_ids)))
        .order_by(media.c.position, media.c.id)
    )
    found: dict[str, str] = {}
    own: dict[str, str] = {}
    for row in tx.rows(query):
        found.setdefault(row.id, row.file_name)
        if row.variant_id == row.id:
            own.setdefault(row.id, row.file_name)
    return found | own


def country_name(tx: Tx, code: str) -> str:
    """A country's name as the shop writes it; its code when the shop does not sell there any more."""
    return str(tx.scalar(select(sales_country.c.name).where(sales_country.c.country == code)) or code)


def hold_of(tx: Tx, cart_id: str) -> tuple[Instant | None, bool]:
    """Until when a cart's goods are held (None when they are not), and whether an earlier hold ran out."""
    r = reservation.c
    query = select(r.status, r.expires_at, r.release_reason).where(r.cart_id == cart_id).order_by(r.id.desc()).limit(50)
    rows = tx.rows(query)
    live = [row.expires_at for row in rows if row.status in HELD and row.expires_at > tx.now]
    if live:
        return min(live), False
    ran_out = any(row.status in HELD or row.release_reason == "hold ran out" for row in rows)
    return None, ran_out


def held_by_cart(tx: Tx, cart_id: str) -> dict[str, tuple[int, int]]:
    """Variant id -> units that a cart holds now: of those that are here, and of those that are still to come."""
    r = reservation.c
    here = case((r.status == "cart", r.qty), else_=0)
    query = (
        select(r.variant_id, func.sum(here).label("here"), func.sum(r.qty).label("qty"))
        .where(r.cart_id == cart_id, r.status.in_(sorted(HELD)))
        .group_by(r.variant_id)
    )
    return {row.variant_id: (int(row.here), int(row.qty - row.here)) for row in tx.rows(query)}


def order_of_cart(tx: Tx, cart_id: str) -> Row[Any] | None:
    """Id, number and status of the order that a cart became."""
    o = sales_order.c
    return tx.first(select(o.id, o.number, o.status).where(o.cart_id == cart_id))


def order_by_number(tx: Tx, number: int) -> Row[Any] | None:
    """The order row with this number."""
    return tx.first(select(sales_order).where(sales_order.c.number == number))


@dataclass(frozen=True, slots=True)
class OrderStory:
    """An order with everything that its page tells, as rows; `events` are by shipment, newest first."""

    order: Row[Any]
    lines: Sequence[Row[Any]]
    kits: Mapping[str, Row[Any]]
    parts: Sequence[Row[Any]]
    attempts: Sequence[Row[Any]]
    refunds: Sequence[Row[Any]]
    work: Sequence[Row[Any]]
    shipments: Sequence[Row[Any]]
    events: Mapping[str, Sequence[Row[Any]]]
    returns: Sequence[Row[Any]]
    conversations: Sequence[Row[Any]]
    pictures: Mapping[str, str]
    #: How the order waits for goods, None when it never did; and the units of its lines that are still to come
    wait: Row[Any] | None
    missing: Mapping[str, int]


def order_story(tx: Tx, order: Row[Any]) -> OrderStory:
    """Everything that became of an order, oldest first. A fixed number of statements, whatever its size."""
    order_id = order.id
    lines = _of_order(tx, order_line, order_id, order_line.c.position)
    parcels = tx.rows(
        select(shipment).where(shipment.c.order_id == order_id, shipment.c.status != "canceled").order_by(shipment.c.id)
    )
    scans: dict[str, list[Row[Any]]] = {}
    t = tracking_event.c
    for row in tx.rows(
        select(tracking_event).where(t.shipment_id.in_([one.id for one in parcels])).order_by(t.scanned_at.desc(), t.id)
    ):
        scans.setdefault(row.shipment_id, []).append(row)
    back = (
        select(
            goods_return.c.id,
            goods_return.c.number,
            goods_return.c.status,
            goods_return.c.created_at,
            goods_return.c.received_at,
            goods_return_line.c.order_line_id,
            goods_return_line.c.qty,
        )
        .join(goods_return_line, goods_return_line.c.return_id == goods_return.c.id)
        .where(goods_return.c.order_id == order_id)
        .order_by(goods_return.c.id, goods_return_line.c.id)
    )
    talks = (
        select(conversation)
        .where(conversation.c.order_id == order_id, conversation.c.kind == "customer")
        .order_by(conversation.c.id)
    )
    return OrderStory(
        order=order,
        lines=lines,
        kits={row.id: row for row in _of_order(tx, order_kit, order_id, order_kit.c.position)},
        parts=_of_order(tx, order_part, order_id, order_part.c.id),
        attempts=_of_order(tx, payment_attempt, order_id, payment_attempt.c.n),
        refunds=_of_order(tx, refund, order_id, refund.c.id),
        work=_of_order(tx, fulfillment, order_id, fulfillment.c.id),
        shipments=parcels,
        events=scans,
        returns=tx.rows(back),
        conversations=tx.rows(talks),
        pictures=pictures_of(tx, [line.variant_id for line in lines]),
        wait=tx.first(select(order_wait).where(order_wait.c.order_id == order_id)),
        missing=_missing(tx, order_id),
    )


def _missing(tx: Tx, order_id: str) -> dict[str, int]:
    r = reservation.c
    query = select(r.order_line_id, func.sum(r.qty).label("qty")).where(r.order_id == order_id, r.status == "waiting")
    return {row.order_line_id: int(row.qty) for row in tx.rows(query.group_by(r.order_line_id))}


def _of_order(tx: Tx, table: Any, order_id: str, by: Any) -> Sequence[Row[Any]]:
    return tx.rows(select(table).where(table.c.order_id == order_id).order_by(by))


def newest_attempt(tx: Tx, order_id: str) -> Row[Any] | None:
    """The newest payment attempt of an order."""
    table = payment_attempt
    return tx.first(select(table).where(table.c.order_id == order_id).order_by(table.c.n.desc()).limit(1))


def addresses(tx: Tx) -> list[tuple[str, Instant | None]]:
    """(path, last change) of every page that a search engine may list."""
    shown = select(product.c.slug, product.c.updated_at).where(product.c.status.in_(SHOWN)).order_by(product.c.slug)
    shelves = select(category.c.slug).order_by(category.c.position)
    texts = select(content_page.c.slug, content_page.c.updated_at).order_by(content_page.c.position)
    return [
        ("/", None),
        *((f"/categories/{row.slug}", None) for row in tx.rows(shelves)),
        *((f"/products/{row.slug}", row.updated_at) for row in tx.rows(shown)),
        *((f"/pages/{row.slug}", row.updated_at) for row in tx.rows(texts)),
    ]
