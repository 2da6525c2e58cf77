"""Shopping: put things into a cart, change them, and see what the cart costs and what is in the way.

A cart holds no stock; that begins at the checkout. Prices that the shopper saw are honoured for as long as the shop's
settings say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from storekeep.flows import kits
from storekeep.kernel.clock import MINUTE
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, NotFound, Problem
from storekeep.kernel.jsontext import load
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.orders import carts, requirements
from storekeep.shop.orders.carts import CartLine
from storekeep.shop.pricing import rules as price_rules
from storekeep.shop.pricing.model import DeliveryOption, DiscountCode, Quote, QuoteLine, QuoteRequest
from storekeep.shop.pricing.queries import codes_typed
from storekeep.shop.pricing.quote import delivery_options, quote
from storekeep.shop.pricing.rules import PriceBook
from storekeep.shop.site import profile


@dataclass(frozen=True, slots=True)
class PricedCart:
    """A cart with its lines, its quote, the ways of delivery, and every problem found so far."""

    id: str
    email: str
    country: str
    ship_to: Mapping[str, str]
    delivery_code: str | None
    discount_code: str | None
    #: What the shopper put into it, and the same with every kit taken apart: that is what is priced, held and ordered.
    wanted: tuple[CartLine, ...]
    lines: tuple[CartLine, ...]
    quote: Quote
    options: tuple[DeliveryOption, ...]
    problems: tuple[Problem, ...]

    @property
    def count(self) -> int:
        return sum(line.qty for line in self.wanted)


def open_cart(tx: Tx, token_hash: str, country: str | None = None) -> str:
    """The cart of a token, made when there is none, priced for the shop's home country until another is chosen."""
    shop = profile.load(tx)
    return carts.open_cart(tx, token_hash, shop.currency, country or shop.base_country)


_FOR_SALE = (
    select(variant.c.price_minor, (variant.c.status == "active").label("open"), product.c.status)
    .join(product, product.c.id == variant.c.product_id)
    .where(variant.c.id == bindparam("variant"))
)


def put(tx: Tx, cart_id: str, variant_id: str, qty: int, *, add: bool, quantity_limit: int = carts.MAX_QTY) -> int:
    """Add units of a variant to the cart, or set how many there are (0 takes it out). Returns the new quantity.

    Raises `NotFound` for a variant that is not sold and `Invalid` for an impossible quantity.
    """
    carts.refuse_if_placed(tx, cart_id)
    row = tx.first(_FOR_SALE, {"variant": variant_id})
    if row is None or ((not row.open or row.status != "active") and (add or qty > 0)):
        raise NotFound("this product is no longer sold")
    locked_until = tx.now + profile.load(tx).price_lock_minutes * MINUTE
    return carts.put(tx, cart_id, variant_id, qty, row.price_minor, locked_until, add=add, limit=quantity_limit)


def use_code(tx: Tx, cart_id: str, code: str) -> None:
    """Keep a typed discount code with the cart; an empty one removes it. Whether it counts is the quote's answer."""
    carts.refuse_if_placed(tx, cart_id)
    typed = code.strip().upper()
    if len(typed) > 40:
        raise Invalid("code", "a code has at most 40 characters")
    carts.touch(tx, cart_id, discount_code=typed or None)


def accept_prices(tx: Tx, cart_id: str) -> None:
    """The shopper agrees to the prices of today."""
    carts.refuse_if_placed(tx, cart_id)
    carts.accept_prices(tx, cart_id, tx.now + profile.load(tx).price_lock_minutes * MINUTE)


def price(tx: Tx, cart_id: str) -> PricedCart:
    """What the cart costs now, and what is in the way of the lines and the code (not yet of the address)."""
    found = carts.load(tx, [cart_id])
    if cart_id not in found:
        raise NotFound("this cart is gone")
    lines = carts.lines_of(tx, [cart_id])[cart_id]
    cart = found[cart_id]
    typed = [cart.discount_code] if cart.discount_code else []
    book = price_rules.kept(tx, cart.currency)
    return price_of(tx, cart, lines, book, codes_typed(tx, typed), kits.parts_in(tx, lines))


def price_of(
    tx: Tx,
    cart: Any,
    lines: Sequence[CartLine],
    book: PriceBook,
    discounts: tuple[DiscountCode, ...],
    parts: kits.Parts,
    quantity_limit: int = carts.MAX_QTY,
    *,
    with_options: bool = True,
) -> PricedCart:
    """Price a loaded cart with loaded rules and the parts of its kits; reads nothing."""
    goods = kits.taken_apart(lines, parts, tx.now)
    request = QuoteRequest(
        currency=cart.currency,
        country=cart.country,
        lines=tuple(
            QuoteLine(
                line.id,
                line.variant_id,
                line.sku,
                line.title,
                line.qty,
                requirements.charged_price(line, tx.now),
                line.tax_class,
                line.weight_g,
            )
            for line in goods
        ),
        method_code=cart.delivery_code,
        code=cart.discount_code,
        now=tx.now,
        rules=book.rules,
        discounts=discounts,
        quantity_limit=quantity_limit,
    )
    priced = quote(request)
    problems = [*requirements.of_lines(lines, tx.now), *requirements.of_quote(priced, None)]
    return PricedCart(
        id=cart.id,
        email=cart.email,
        country=cart.country,
        ship_to=load(cart.ship_to),
        delivery_code=cart.delivery_code,
        discount_code=cart.discount_code,
        wanted=tuple(lines),
        lines=goods,
        quote=priced,
        options=delivery_options(request) if with_options and lines else (),
        problems=tuple(problems),
    )
