"""What the cart shows: lines with their problems, the code and why it counts or not, and the sum with delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from storekeep.doors.storefront.front import Facts
from storekeep.doors.storefront.shown import arrival, cheapest, picture, sums_of
from storekeep.flows import basket, kits
from storekeep.flows.basket import PricedCart
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem
from storekeep.shop.orders import carts
from storekeep.shop.orders.requirements import charged_price
from storekeep.shop.pricing import rules as price_rules
from storekeep.shop.pricing.queries import codes_typed
from storekeep.shop.reports import shelves, storefront
from storekeep.shop.reports.shelves import Shelf


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the cart; `problems` are what is in the way of this line."""

    id: str
    variant_id: str
    name: str
    option: str
    url: str
    image_url: str
    qty: int
    unit_minor: int
    total_minor: int
    stock: str
    problems: tuple[str, ...]
    #: The day on which all its units are ready to send, where they are not here yet, and the words for it
    ready_on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CartView:
    """The cart. `blocked` is true when the checkout would refuse it as it stands."""

    id: str
    currency: str
    lines: tuple[LineView, ...]
    count: int
    sums: tuple[tuple[str, int], ...]
    total_minor: int
    tax_minor: int
    with_tax: bool
    arrives_on: str | None
    country_name: str
    code: str
    code_problem: str
    code_counts: bool
    problems: tuple[str, ...]
    price_changes: tuple[tuple[str, int, int], ...]
    blocked: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A priced cart with a way of delivery chosen: the shopper's own, or the cheapest one to begin with."""

    priced: PricedCart
    method_code: str | None
    country_names: Mapping[str, str]


def offer(tx: Tx, cart: Any) -> Offer:
    """Price a cart, with the cheapest delivery while the shopper has not chosen one that can be had."""
    book = price_rules.kept(tx, cart.currency)
    lines = carts.lines_of(tx, [cart.id])[cart.id]
    typed = codes_typed(tx, [cart.discount_code] if cart.discount_code else [])
    parts = kits.parts_in(tx, lines)
    priced = basket.price_of(tx, cart, lines, book, typed, parts)
    if priced.quote.method is None:
        best = cheapest(priced.options)
        if best is not None:
            chosen = SimpleNamespace(**{**cart._asdict(), "delivery_code": best.method.code})
            priced = basket.price_of(tx, chosen, lines, book, typed, parts)
    code = priced.quote.method.code if priced.quote.method else None
    return Offer(priced, code, book.country_names)


def load(tx: Tx, facts: Facts, cart: Any) -> CartView:
    """Read the cart as its page shows it."""
    made = offer(tx, cart)
    priced, quote = made.priced, made.priced.quote
    changes = tuple(
        (line.title, line.unit_price_minor, line.current_price_minor)
        for line in priced.wanted
        if charged_price(line, tx.now) != line.unit_price_minor
    )
    code_problem = next((problem.text for problem in priced.problems if problem.path == "code"), "")
    lines = line_views(tx, priced)
    general = tuple(
        problem.text
        for problem in priced.problems
        if problem.path not in ("code", "cart") and not problem.path.startswith("lines.")
    )
    method = quote.method
    return CartView(
        id=cart.id,
        currency=cart.currency,
        lines=lines,
        count=priced.count,
        sums=tuple(sums_of(quote, f"Delivery to {made.country_names.get(cart.country, cart.country)}")),
        total_minor=quote.total_minor,
        tax_minor=quote.tax_minor,
        with_tax=quote.prices_include_tax,
        arrives_on=arrival(tx, facts.shop, method.max_days, ready_on(lines)) if method else None,
        country_name=made.country_names.get(cart.country, cart.country),
        code=cart.discount_code or "",
        code_problem=code_problem,
        code_counts=quote.discount_code is not None,
        problems=general,
        price_changes=changes,
        blocked=bool(changes) or any(line.problems for line in lines),
        waits=bool(ready_on(lines)),
    )


def line_views(tx: Tx, priced: PricedCart, more: Sequence[Problem] = ()) -> tuple[LineView, ...]:
    """The lines with picture, stock and their own problems; `more` are problems found elsewhere (a refused hold)."""
    ids = [line.variant_id for line in priced.wanted]
    there = shelves.of_variants(tx, ids, storefront.held_by_cart(tx, priced.id))
    pictures = storefront.pictures_of(tx, ids)
    views = []
    for line in priced.wanted:
        unit = charged_price(line, tx.now)
        path = f"lines.{line.id}"
        found = [problem.text for problem in (*priced.problems, *more) if problem.path.startswith(path)]
        shelf = there[line.variant_id]
        left = shelf.most
        waits = line.is_sold and line.qty <= left and shelf.waits(line.qty)
        if line.is_sold and left < line.qty and not any(problem.code == "out_of_stock" for problem in more):
            found.append(_short(line.qty, left))
        views.append(
            LineView(
                id=line.id,
                variant_id=line.variant_id,
                name=line.title,
                option=line.option_label,
                url=f"/products/{line.slug}?variant={line.sku}",
                image_url=picture(pictures.get(line.variant_id)),
                qty=line.qty,
                unit_minor=unit,
                total_minor=unit * line.qty,
                stock=("later" if waits else shelves.band(shelf.left)) if line.is_sold else "out",
                problems=tuple(dict.fromkeys(found)),
                ready_on=shelf.ready_on if waits else "",
                note=_later(shelf, line.qty) if waits else "",
            )
        )
    return tuple(views)


def ready_on(lines: Sequence[LineView]) -> str:
    """The day on which everything is ready to send; empty when all of it is here."""
    return max((line.ready_on for line in lines), default="")


def _later(shelf: Shelf, qty: int) -> str:
    if shelf.is_launch:
        return "Pre-order"
    here = min(qty, shelf.left)
    return f"{here} here, {qty - here} to come" if here else "Still to come"


def _short(wanted: int, left: int) -> str:
    return f"Only {left} of the {wanted} are left." if left else "This is sold out. Please take it out of the cart."
