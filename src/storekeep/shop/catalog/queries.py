"""Reads for the storefront: one product with everything its page shows, and lists of cards. SELECT only.

Lists page by key. What a page needs from neighbours (stock, reviews) is joined above.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, Select, Text, and_, case, cast, func, literal, or_, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.jsontext import dump
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.catalog.states import SHOWN
from storekeep.shop.catalog.store import chunks
from storekeep.shop.catalog.tables import category, media, product, variant

SORTS = {"newest": "Newest", "price_up": "Price, low to high", "price_down": "Price, high to low", "title": "Name"}


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product with its category, variants and pictures, as rows of their tables in the order of display."""

    product: Row[Any]
    category: Row[Any]
    variants: tuple[Row[Any], ...]
    media: tuple[Row[Any], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list. Prices are those of its active variants; with a single one, `variant_id` is that."""

    product_id: str
    slug: str
    title: str
    summary: str
    category_id: str
    price_from_minor: int
    price_to_minor: int
    compare_at_minor: int | None
    variant_count: int
    variant_id: str | None
    file_name: str | None
    alt: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page of a list; `next_after` leads to the next and is None on the last."""

    cards: tuple[Card, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category with the number of products that the shop shows in it."""

    id: str
    slug: str
    name: str
    description: str
    position: int
    product_count: int


def product_page(tx: Tx, slug: str, *, also_hidden: bool = False) -> ProductPage | None:
    """The product at this address; None when there is none or the shop does not show it (unless `also_hidden`)."""
    return _page(tx, product.c.slug == slug, also_hidden)


def product_by_id(tx: Tx, product_id: str) -> ProductPage | None:
    """The product for the console, shown or not."""
    return _page(tx, product.c.id == product_id, True) if is_id(product_id) else None


def categories(tx: Tx) -> list[CategoryCount]:
    """All categories in order, empty ones included."""
    shown = and_(product.c.category_id == category.c.id, product.c.status.in_(SHOWN))
    query = (
        select(category, func.count(product.c.id).label("product_count"))
        .select_from(category.outerjoin(product, shown))
        .group_by(*category.c)
        .order_by(category.c.position, category.c.id)
    )
    return [CategoryCount(**row._asdict()) for row in tx.rows(query)]


def category_by_slug(tx: Tx, slug: str) -> Row[Any] | None:
    """The category row at this address."""
    return tx.first(select(category).where(category.c.slug == slug))


def product_list(
    tx: Tx,
    *,
    category_id: str | None = None,
    sort: str = "newest",
    after: str | None = None,
    limit: int = 24,
    price_min: int | None = None,
    price_max: int | None = None,
) -> CardPage:
    """The products that the shop shows, of one category or of all, from the lowest price of their active variants.

    `price_min` and `price_max` are inclusive minor units. Raises `Invalid` for an unknown sort or a broken `after`.
    """
    if sort not in SORTS:
        raise Invalid("sort", f"The order is one of {', '.join(SORTS)}.")
    lowest = func.min(variant.c.price_minor)
    priced = _priced(category_id)
    if price_min is not None:
        priced = priced.having(lowest >= price_min)
    if price_max is not None:
        priced = priced.having(lowest <= price_max)
    listed = priced.subquery("listed")
    query, key = _sorted(listed, sort, after)
    rows = tx.rows(query.limit(limit + 1))
    shown = rows[:limit]
    by_id = {card.product_id: card for card in cards(tx, [row.id for row in shown])}
    following = encode_after([getattr(shown[-1], key), shown[-1].id]) if len(rows) > limit else None
    return CardPage(tuple(by_id[row.id] for row in shown), following)


def cards(tx: Tx, product_ids: Sequence[str]) -> list[Card]:
    """Cards of these products in this order; one that has no active variant or does not exist is left out."""
    found: dict[str, Card] = {}
    for some in chunks(list(product_ids)):
        pictures: dict[str, Row[Any]] = {}
        query = select(media).where(media.c.product_id.in_(some)).order_by(media.c.position, media.c.id)
        for row in tx.rows(query):
            pictures.setdefault(row.product_id, row)
        for row in tx.rows(_card_rows(some)):
            found[row.id] = _card(row, pictures.get(row.id))
    return [found[one] for one in product_ids if one in found]


def encode_after(key: Sequence[Any]) -> str:
    """The place in a list as text that is safe in a link."""
    return base64.urlsafe_b64encode(dump(list(key)).encode()).decode().rstrip("=")


def decode_after(after: str, kinds: tuple[type, ...]) -> list[Any]:
    """The place that such a text means. Raises `Invalid` for one that no list of ours made."""
    try:
        raw = base64.urlsafe_b64decode((after + "=" * (-len(after) % 4)).encode())
        key = msgspec.json.decode(raw, type=list)
    except (ValueError, binascii.Error, msgspec.DecodeError, UnicodeError):
        key = []
    fits = len(key) == len(kinds) and all(type(one) is kind for one, kind in zip(key, kinds, strict=False))
    if not fits or not is_id(str(key[-1])):
        raise Invalid("after", "This link into the list is broken. Start from the first page.")
    return list(key)


def _page(tx: Tx, wanted: Any, also_hidden: bool) -> ProductPage | None:
    found = tx.first(select(product).where(wanted))
    if found is None or (found.status not in SHOWN and not also_hidden):
        return None
    home = tx.first(select(category).where(category.c.id == found.category_id))
    own = select(variant).where(variant.c.product_id == found.id)
    if not also_hidden:
        own = own.where(variant.c.status == "active")
    pictures = select(media).where(media.c.product_id == found.id).order_by(media.c.position, media.c.id)
    assert home is not None, "a foreign key holds every product in a category"
    variants = tuple(tx.rows(own.order_by(variant.c.position, variant.c.id)))
    return ProductPage(found, home, variants, tuple(tx.rows(pictures)))


def _priced(category_id: str | None) -> Select[Any]:
    query = (
        select(product.c.id, product.c.title, func.min(variant.c.price_minor).label("price"))
        .select_from(product.join(variant, variant.c.product_id == product.c.id))
        .where(product.c.status.in_(SHOWN), variant.c.status == "active")
        .group_by(product.c.id, product.c.title)
    )
    return query if category_id is None else query.where(product.c.category_id == category_id)


def _sorted(listed: Any, sort: str, after: str | None) -> tuple[Select[Any], str]:
    """The list in its order from the place on, and the column that is the first part of its key."""
    if sort == "newest":
        query = select(listed).order_by(listed.c.id.desc())
        if after is not None:
            query = query.where(listed.c.id < decode_after(after, (str, str))[1])
        return query, "id"
    name, kind = ("title", str) if sort == "title" else ("price", int)
    column = listed.c[name]
    query = select(listed).order_by(column.desc() if sort == "price_down" else column, listed.c.id)
    if after is not None:
        value, last = decode_after(after, (kind, str))
        further = column < value if sort == "price_down" else column > value
        query = query.where(or_(further, and_(column == value, listed.c.id > last)))
    return query, name


def _card_rows(ids: Sequence[str]) -> Select[Any]:
    single = func.count(literal(1)) == 1
    columns = (product.c.id, product.c.slug, product.c.title, product.c.summary, product.c.category_id)
    return (
        select(
            *columns,
            func.min(variant.c.price_minor).label("low"),
            func.max(variant.c.price_minor).label("high"),
            case((single, func.max(variant.c.compare_at_minor))).label("compare_at"),
            func.count(literal(1)).label("variant_count"),
            case((single, func.min(cast(variant.c.id, Text)))).label("variant_id"),
        )
        .select_from(product.join(variant, variant.c.product_id == product.c.id))
        .where(product.c.id.in_(ids), variant.c.status == "active")
        .group_by(*columns)
    )


def _card(row: Row[Any], picture: Row[Any] | None) -> Card:
    return Card(
        product_id=row.id,
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        category_id=row.category_id,
        price_from_minor=row.low,
        price_to_minor=row.high,
        compare_at_minor=row.compare_at,
        variant_count=row.variant_count,
        variant_id=row.variant_id,
        file_name=None if picture is None else picture.file_name,
        alt="" if picture is None else picture.alt,
    )


def is_empty(tx: Tx) -> bool:
    """Whether the shop has no product at all, not even a draft."""
    return tx.first(select(product.c.id).limit(1)) is None
