"""Carts: what a shopper wishes for, at the prices they saw. A cart holds no stock and nothing secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, delete, func, select, update

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.kernel.jsontext import dump
from storekeep.shop.orders import tables

MAX_QTY = 999
MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line as the quote needs it: cart facts joined with what the catalogue says now."""

    id: str
    cart_id: str
    variant_id: str
    qty: int
    unit_price_minor: int
    price_locked_until: Instant
    sku: str
    title: str
    option_label: str
    slug: str
    current_price_minor: int
    tax_class: str
    weight_g: int
    is_kit: bool
    is_sold: bool
    #: The line of the kit that this is a part of
    of_line: str | None = None


#: How a list of ids is one parameter, so that the text of a statement is the same for one cart and for sixty-four.
_IDS = {
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
    "postgresql": "= ANY(CAST(:ids AS uuid[]))",
}
_LINES = """
SELECT l.id, l.cart_id, l.variant_id, l.qty, l.unit_price_minor, l.price_locked_until, v.sku, p.title, v.option_label,
       p.slug, v.price_minor AS current_price_minor, p.tax_class, v.weight_g,
       v.is_kit, (v.status = 'active' AND p.status = 'active') AS is_sold
FROM cart_line l JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
WHERE l.cart_id {ids} ORDER BY l.cart_id, l.position, l.id
"""
_BY_TOKEN = {
    "sqlite": "SELECT id, token_hash FROM cart WHERE token_hash IN (SELECT value FROM json_each(:hashes))",
    "postgresql": "SELECT id, token_hash FROM cart WHERE token_hash = ANY(CAST(:hashes AS text[]))",
}
_CARTS = "SELECT * FROM cart WHERE id {ids} ORDER BY id"


_LINE = tables.cart_line.c
_ID_BY_TOKEN = select(tables.cart.c.id).where(tables.cart.c.token_hash == bindparam("token"))
_LINE_OF = select(_LINE.id, _LINE.qty).where(
    _LINE.cart_id == bindparam("cart"), _LINE.variant_id == bindparam("variant")
)
_EXTENT = select(func.count(), func.coalesce(func.max(_LINE.position), 0)).where(_LINE.cart_id == bindparam("cart"))
_PLACED_AS = select(tables.sales_order.c.number).where(tables.sales_order.c.cart_id == bindparam("cart"))


@lru_cache(maxsize=32)
def _touched(*names: str) -> Update:
    cart = tables.cart
    values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
    return (
        update(cart)
        .where(cart.c.id == bindparam("cart"))
        .values(version=cart.c.version + 1, updated_at=bindparam("now"), **values)
    )


def open_cart(tx: Tx, token_hash: str, currency: str, country: str) -> str:
    """Make an empty cart for a token; a token that has one keeps it. Returns its id."""
    existing = tx.scalar(_ID_BY_TOKEN, {"token": token_hash})
    if existing is not None:
        return str(existing)
    cart_id = tx.new_id()
    row = {
        "id": cart_id,
        "token_hash": token_hash,
        "currency": currency,
        "country": country,
        "email": "",
        "ship_to": "{}",
        "delivery_code": None,
        "discount_code": None,
        "version": 1,
        "seen_total_minor": None,
        "price_locked_until": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.insert_many(tables.cart, [row])
    return cart_id


def by_token(tx: Tx, token_hash: str) -> Any | None:
    """The cart of a cookie's token, or None."""
    return tx.first(select(tables.cart).where(tables.cart.c.token_hash == token_hash))


def ids_of(tx: Tx, token_hashes: Sequence[str]) -> dict[str, str]:
    """The cart ids of tokens, by hash; unknown ones are missing."""
    rows = tx.sql(_BY_TOKEN[tx.dialect], {"hashes": _listed(tx, token_hashes)})
    return {row.token_hash: str(row.id) for row in rows}


def load(tx: Tx, cart_ids: Sequence[str], *, lock: bool = False) -> Mapping[str, Any]:
    """Carts by id; locked in id order when asked."""
    lockable = " FOR UPDATE" if lock and tx.dialect == "postgresql" else ""
    rows = tx.sql(_CARTS.format(ids=_IDS[tx.dialect]) + lockable, {"ids": _listed(tx, cart_ids)})
    return {row.id: row for row in rows}


def lines_of(tx: Tx, cart_ids: Sequence[str]) -> dict[str, list[CartLine]]:
    """The lines of carts with their catalogue facts, by cart, in one query."""
    found: dict[str, list[CartLine]] = {cart_id: [] for cart_id in cart_ids}
    for row in tx.sql(_LINES.format(ids=_IDS[tx.dialect]), {"ids": _listed(tx, cart_ids)}):
        facts: Any = list(row)
        facts[-2:] = map(bool, facts[-2:])  # which SQLite answers as 0 or 1
        line = CartLine(*facts)
        found[line.cart_id].append(line)
    return found


def _listed(tx: Tx, ids: Sequence[str]) -> Any:
    return dump(list(ids)) if tx.dialect == "sqlite" else list(ids)


def put(
    tx: Tx,
    cart_id: str,
    variant_id: str,
    qty: int,
    unit_price_minor: int,
    locked_until: Instant,
    *,
    add: bool,
    limit: int = MAX_QTY,
) -> int:
    """Set a line's quantity, or add to it; 0 removes it. Returns the quantity afterwards.

    Raises `Invalid` for a quantity below 0 or above `limit`, and when a cart would get more than 200 lines.
    """
    row = tx.first(_LINE_OF, {"cart": cart_id, "variant": variant_id})
    wanted = qty + (row.qty if row is not None and add else 0)
    if not 0 <= wanted <= limit or (add and qty <= 0):
        raise Invalid("qty", f"a quantity between 1 and {limit}, please")
    line = tables.cart_line
    if row is not None and wanted:
        values = {"qty": wanted, "unit_price_minor": unit_price_minor, "price_locked_until": locked_until}
        tx.run(update(line).where(line.c.id == row.id).values(values))
    elif row is not None:
        tx.run(delete(line).where(line.c.id == row.id))
    elif wanted:
        _insert_line(tx, cart_id, variant_id, wanted, unit_price_minor, locked_until)
    touch(tx, cart_id)
    return wanted


def _insert_line(tx: Tx, cart_id: str, variant_id: str, qty: int, price: int, locked_until: Instant) -> None:
    line = tables.cart_line
    count, last = tuple(tx.rows(_EXTENT, {"cart": cart_id})[0])
    if count >= MAX_LINES:
        raise Invalid("qty", f"a cart holds at most {MAX_LINES} different things")
    values = {
        "id": tx.new_id(),
        "cart_id": cart_id,
        "variant_id": variant_id,
        "qty": qty,
        "unit_price_minor": price,
        "price_locked_until": locked_until,
        "position": last + 1,
    }
    tx.insert_many(line, [values])


def touch(tx: Tx, cart_id: str, **values: Any) -> None:
    """Raise the cart's version, and set what is given."""
    told = {"cart": cart_id, "now": tx.now, **{f"to_{name}": value for name, value in values.items()}}
    if not tx.run(_touched(*values), told):
        raise NotFound("this cart is gone")


def save_details(
    tx: Tx,
    cart_id: str,
    *,
    email: str,
    ship_to: Mapping[str, str],
    country: str,
    delivery_code: str | None,
) -> None:
    """Keep what was typed at the checkout, complete or not."""
    touch(tx, cart_id, email=email, ship_to=dump(dict(ship_to)), country=country, delivery_code=delivery_code)


def accept_prices(tx: Tx, cart_id: str, locked_until: Instant) -> None:
    """The shopper agrees to today's prices: every line takes the catalogue's and is locked again."""
    line = tables.cart_line
    stale = [
        {"of_id": one.id, "to_price": one.current_price_minor}
        for one in lines_of(tx, [cart_id])[cart_id]
        if one.unit_price_minor != one.current_price_minor or one.price_locked_until < tx.now
    ]
    if stale:
        values = {"unit_price_minor": bindparam("to_price"), "price_locked_until": locked_until}
        tx.conn.execute(update(line).where(line.c.id == bindparam("of_id")).values(values), stale)
    touch(tx, cart_id)


def refuse_if_placed(tx: Tx, cart_id: str) -> None:
    """A cart that became an order is never changed again."""
    number = tx.scalar(_PLACED_AS, {"cart": cart_id})
    if number is not None:
        raise Conflict(f"this cart became order {number}; start a new one")
