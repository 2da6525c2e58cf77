"""A fresh shop to measure: 5,000 products on the shelves, and carts that lack nothing but the press of the button."""

import hashlib
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep import migrations
from storekeep.flows import groundwork, telling
from storekeep.kernel.clock import HOUR
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.jsontext import dump
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.model import CategoryDraft, ProductDraft, VariantDraft
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import location
from storekeep.shop.orders import tables as orders
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.site import profile

CATEGORIES = 20
UNITS = 1_000_000
COST = 400
METHOD = "standard-home"
_NOUNS = ("mug", "bowl", "plate", "jug", "pan", "board", "knife", "towel", "glass", "tray")
_LOOKS = ("blue", "white", "speckled", "oak", "linen", "copper", "tall", "small", "wide", "round")
_ADDRESS = {"name": "Pat Placeholder", "line1": "Sample Street 1", "line2": "", "city": "Hamburg", "postcode": "20457",
            "phone": ""}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadyCart:
    """A cart made beforehand: its id, the token that its shopper's cookie holds, and the total on the button."""

    id: str
    token: str
    total_minor: int


def open_shop(db: Database, skus: int, public_url: str = "http://127.0.0.1:8000") -> list[str]:
    """Migrate an empty database and fill its shelves; returns the variant ids in the order of their SKUs."""
    migrations.upgrade(db)
    with db.begin(actor="bench") as tx:
        telling.link_secret(tx)
        groundwork.lay(tx)
        profile.save(tx, {"name": "Bench", "base_country": "DE", "timezone": "Europe/Berlin", "public_url": public_url})
        shelves = categories.create(tx, [CategoryDraft(f"shelf-{n}", f"Shelf {n}") for n in range(CATEGORIES)])
    with db.begin(actor="bench") as tx:
        products.create(tx, [_product(n, shelves[n % CATEGORIES]) for n in range(skus)])
    with db.begin(actor="bench") as tx:
        ids = [row.id for row in tx.rows(select(variant.c.id).order_by(variant.c.sku))]
        _receive(tx, ids)
    return ids


def words_of(n: int) -> str:
    """What someone types who looks for product `n`."""
    return f"{_LOOKS[n % 10]}+{_NOUNS[n // 10 % 10]}"


def _product(n: int, category_id: str) -> ProductDraft:
    title = f"{_LOOKS[n % 10].title()} {_NOUNS[n // 10 % 10]} no {n:05}"
    one = VariantDraft(f"SKU-{n:05}", 500 + n % 3_000, cost_minor=COST, weight_g=200 + n % 300)
    text = f"A {title.lower()} for the kitchen table."
    return ProductDraft(f"product-{n:05}", title, category_id, (one,), summary=text, description=text, status="active")


def _receive(tx: Tx, variant_ids: Sequence[str]) -> None:
    home = warehouses(tx)[0].id
    bins = [row.id for row in tx.rows(select(location.c.id).where(location.c.kind == "bin").order_by(location.c.code))]
    lines = [ReceiveLine(one, UNITS, COST, bins[n % len(bins)]) for n, one in enumerate(variant_ids)]
    moves = receiving.receive(tx, lines, home, "bench opening", "opening stock")
    value = sum(move.value_minor for move in moves)
    ledger.post(tx, [recipes.goods_received(moves[0].document_id, "bench opening", value, "EUR")])


def fill_carts(db: Database, variant_ids: Sequence[str], count: int, *, hot: bool, seed: int = 1) -> list[ReadyCart]:
    """Make carts of three lines with address, delivery and e-mail, and no hold.

    Spread takes three of all SKUs by chance; hot takes the first SKU and two others by chance.
    """
    rng = random.Random(seed)  # noqa: S311 - the same carts in every run
    prices = _prices(db)
    made: list[ReadyCart] = []
    with db.begin(actor="bench") as tx:
        for start in range(0, count, 5_000):
            heads, lines = [], []
            for n in range(start, min(start + 5_000, count)):
                chosen = rng.sample(range(1, len(variant_ids)), 3)
                wanted = [variant_ids[0 if hot and not at else one] for at, one in enumerate(chosen)]
                goods = sum(prices[one] for one in wanted)
                ready = ReadyCart(tx.new_id(), secrets.token_urlsafe(24), goods + delivery(goods))
                made.append(ready)
                heads.append(_head(tx, ready, n))
                lines += [_line(tx, ready.id, one, prices[one], at) for at, one in enumerate(wanted, 1)]
            tx.insert_many(orders.cart, heads)
            tx.insert_many(orders.cart_line, lines)
    return made


def delivery(goods_minor: int) -> int:
    """What standard delivery of a light parcel costs at home, by the rates of a new shop."""
    method = next(one for one in groundwork.delivery_methods() if one.code == METHOD)
    is_free = method.free_over_minor is not None and goods_minor >= method.free_over_minor
    return 0 if is_free else method.bands[0].amount_minor


def _prices(db: Database) -> Mapping[str, int]:
    with db.read() as tx:
        return {row.id: row.price_minor for row in tx.rows(select(variant.c.id, variant.c.price_minor))}


def _head(tx: Tx, ready: ReadyCart, n: int) -> dict[str, Any]:
    return {
        "id": ready.id,
        "token_hash": hashlib.sha256(ready.token.encode()).hexdigest(),
        "currency": "EUR",
        "country": "DE",
        "email": f"shopper{n}.{ready.id[-6:]}@example.com",
        "ship_to": dump(_ADDRESS),
        "delivery_code": METHOD,
        "discount_code": None,
        "version": 1,
        "seen_total_minor": None,
        "price_locked_until": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def _line(tx: Tx, cart_id: str, variant_id: str, price_minor: int, position: int) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "cart_id": cart_id,
        "variant_id": variant_id,
        "qty": 1,
        "unit_price_minor": price_minor,
        "price_locked_until": tx.now + 24 * HOUR,
        "position": position,
    }
