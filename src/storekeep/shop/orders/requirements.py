"""What a checkout still needs: the same list for the page, the API and the button, every problem at once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.kernel.clock import Instant
from storekeep.kernel.errors import Problem
from storekeep.shop.orders.carts import CartLine
from storekeep.shop.pricing.model import Quote

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
_ADDRESS = (
    ("name", "Tell us the name for the parcel."),
    ("line1", "Tell us street and number."),
    ("city", "Tell us the city."),
    ("postcode", "Tell us the postcode."),
)


def is_email(text: str) -> bool:
    """Whether this can be an e-mail address; the confirmation mail is the real test."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def charged_price(line: CartLine, now: Instant) -> int:
    """The price a line is charged at: the one the shopper saw while its lock holds, else today's."""
    return line.unit_price_minor if now < line.price_locked_until else line.current_price_minor


def missing(email: str, ship_to: Mapping[str, str], delivery_code: str | None) -> list[Problem]:
    """What the shopper still has to type or choose."""
    problems = []
    if not is_email(email):
        text = "Tell us your e-mail address." if not email else "This does not look like an e-mail address."
        problems.append(Problem("email_missing" if not email else "email_invalid", text, path="email"))
    problems += [Problem("address_incomplete", text, path=field) for field, text in _ADDRESS if not ship_to.get(field)]
    if not delivery_code:
        problems.append(Problem("method_missing", "Choose how we deliver.", path="delivery"))
    return problems


def of_lines(lines: Sequence[CartLine], now: Instant) -> list[Problem]:
    """What is wrong with the lines themselves: empty, no longer sold, price moved after its lock ran out."""
    if not lines:
        return [Problem("cart_empty", "Your cart is empty.", severity="stop", path="cart")]
    problems = []
    for line in lines:
        path = f"lines.{line.id}"
        if not line.is_sold:
            text = f"{line.title} is no longer sold; please take it out of the cart."
            problems.append(Problem("item_unavailable", text, path=path, action="remove"))
        elif charged_price(line, now) != line.unit_price_minor:
            data = {"old": line.unit_price_minor, "new": line.current_price_minor}
            text = f"The price of {line.title} changed since you put it in the cart."
            problems.append(Problem("price_changed", text, "ask_buyer", path, data, "accept_prices"))
    return problems


def of_quote(quote: Quote, seen_total_minor: int | None) -> list[Problem]:
    """What the quote objects to, and a total that is not the one the shopper saw."""
    problems = [
        Problem(found.code, found.text, found.severity, found.path, found.data, found.action)
        for found in quote.problems
    ]
    if not problems and seen_total_minor is not None and seen_total_minor != quote.total_minor:
        data = {"old": seen_total_minor, "new": quote.total_minor}
        text = "The total changed since you saw it; please look again."
        problems.append(Problem("price_changed", text, "ask_buyer", "total", data, "review"))
    return problems


def short_lines(short: Sequence[Any], lines: Sequence[CartLine]) -> list[Problem]:
    """Lines that cannot be held, each with what is left. `short` has variant_id, wanted and available."""
    by_variant = {line.variant_id: line for line in lines}
    problems = []
    for each in short:
        line = by_variant[each.variant_id]
        left = max(0, each.available)
        text = (
            f"Only {left} of {line.title} {line.option_label}".rstrip() + " left."
            if left
            else f"{line.title} {line.option_label}".rstrip() + " is sold out."
        )
        data = {"available": left, "wanted": each.wanted}
        problems.append(Problem("out_of_stock", text, "fix", f"lines.{line.id}", data, "set_quantity"))
    return problems
