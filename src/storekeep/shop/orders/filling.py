"""Whole carts at once: for orders that arrive complete, from a file or a marketplace, at prices agreed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.jsontext import dump
from storekeep.shop.orders import carts, tables


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """Units of a variant at the unit price that was agreed, in minor units."""

    variant_id: str
    qty: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class FullCart:
    """A cart with everything that a checkout asks for. `token_hash` makes it unique."""

    token_hash: str
    currency: str
    country: str
    email: str
    ship_to: Mapping[str, str]
    delivery_code: str
    lines: tuple[AgreedLine, ...]
    prices_until: Instant


def fill(
    tx: Tx, wanted: Sequence[FullCart], *, quantity_limit: int = carts.MAX_QTY, line_limit: int = carts.MAX_LINES
) -> list[str]:
    """Make carts with their lines and details in two statements; returns their ids in order.

    The agreed prices hold until `prices_until`. Raises `Invalid` for an empty cart, a variant that stands in it twice,
    a price below 0, and more than the limits; the schema refuses a token that has a cart. Holding and placing are the
    same as for any cart.
    """
    heads, lines, ids = [], [], []
    for at, cart in enumerate(wanted):
        _check(at, cart, quantity_limit, line_limit)
        cart_id = tx.new_id()
        ids.append(cart_id)
        heads.append(
            {
                "id": cart_id,
                "token_hash": cart.token_hash,
                "currency": cart.currency,
                "country": cart.country,
                "email": cart.email,
                "ship_to": dump(dict(cart.ship_to)),
                "delivery_code": cart.delivery_code,
                "discount_code": None,
                "version": 1,
                "seen_total_minor": None,
                "price_locked_until": None,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
        )
        lines += [
            {
                "id": tx.new_id(),
                "cart_id": cart_id,
                "variant_id": line.variant_id,
                "qty": line.qty,
                "unit_price_minor": line.unit_price_minor,
                "price_locked_until": cart.prices_until,
                "position": position,
            }
            for position, line in enumerate(cart.lines, 1)
        ]
    tx.insert_many(tables.cart, heads)
    tx.insert_many(tables.cart_line, lines)
    return ids


def _check(at: int, cart: FullCart, quantity_limit: int, line_limit: int) -> None:
    if not 0 < len(cart.lines) <= line_limit:
        raise Invalid(f"{at}.lines", f"a cart holds 1 to {line_limit} different things, not {len(cart.lines)}")
    seen = set()
    for n, line in enumerate(cart.lines):
        if not 0 < line.qty <= quantity_limit:
            raise Invalid(f"{at}.lines.{n}.qty", f"a quantity between 1 and {quantity_limit}, please")
        if line.unit_price_minor < 0:
            raise Invalid(f"{at}.lines.{n}.unit_price", "a price is never below zero")
        if line.variant_id in seen:
            raise Invalid(f"{at}.lines.{n}.variant", "this thing stands in the cart twice")
        seen.add(line.variant_id)
