"""What the checkout shows: the form with what was typed, the ways of delivery, the sum, and how long goods are held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.doors.storefront.cart.view import LineView, line_views, offer, ready_on
from storekeep.doors.storefront.front import Facts
from storekeep.doors.storefront.shown import arrival, sums_of
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem
from storekeep.kernel.jsontext import load as load_json
from storekeep.shop.reports import storefront

ADDRESS = ("name", "line1", "line2", "postcode", "city", "region", "phone")
FIELDS = ("email", *ADDRESS, "country", "delivery")


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A way of delivery: what it is called, when it arrives, what it costs; or why it cannot be had."""

    code: str
    label: str
    arrives_on: str
    price_minor: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class CheckoutView:
    """The checkout. `total_minor` is the sum on the button; `problems` are (field or None, sentence)."""

    currency: str
    lines: tuple[LineView, ...]
    count: int
    countries: tuple[tuple[str, str], ...]
    country_name: str
    options: tuple[DeliveryView, ...]
    sums: tuple[tuple[str, int], ...]
    total_minor: int
    tax_minor: int
    with_tax: bool
    code: str
    code_problem: str
    held_until: Instant | None
    hold_ran_out: bool
    problems: tuple[tuple[str, str], ...]
    price_changes: tuple[tuple[str, int, int], ...]
    return_days: int
    #: The day on which everything is ready to send, where not all of it is here
    ready_on: str = ""


def load(tx: Tx, facts: Facts, cart: Any, found: Sequence[Problem] = ()) -> tuple[CheckoutView, dict[str, str]]:
    """Read the checkout of a cart, and what its form begins with. `found` are problems of a refused command."""
    made = offer(tx, cart)
    priced, quote = made.priced, made.priced.quote
    lines = line_views(tx, priced, found)
    held_until, ran_out = storefront.hold_of(tx, cart.id)
    names = sorted(made.country_names.items(), key=lambda pair: pair[1])
    country = made.country_names.get(cart.country, cart.country)
    view = CheckoutView(
        currency=cart.currency,
        lines=lines,
        count=priced.count,
        countries=tuple(names),
        country_name=country,
        options=tuple(
            DeliveryView(
                option.method.code,
                option.method.label,
                arrival(tx, facts.shop, option.method.max_days, ready_on(lines)) if option.available else "",
                option.amount_minor,
                option.reason,
            )
            for option in priced.options
        ),
        sums=tuple(sums_of(quote, quote.method.label if quote.method else "Delivery")),
        total_minor=quote.total_minor,
        tax_minor=quote.tax_minor,
        with_tax=quote.prices_include_tax,
        code=cart.discount_code or "",
        code_problem=next((one.text for one in priced.problems if one.path == "code"), ""),
        held_until=held_until,
        hold_ran_out=ran_out,
        problems=_listed(lines, [*priced.problems, *found]),
        price_changes=tuple(
            (line.name, *changed) for line in lines if (changed := _price_change(line.id, priced.problems)) is not None
        ),
        return_days=facts.shop.return_days,
        ready_on=ready_on(lines),
    )
    return view, _prefilled(cart, made.method_code)


def _prefilled(cart: Any, method_code: str | None) -> dict[str, str]:
    kept: Mapping[str, str] = load_json(cart.ship_to)
    return {
        "email": cart.email,
        **{name: str(kept.get(name, "")) for name in ADDRESS},
        "country": cart.country,
        "delivery": method_code or "",
    }


def _price_change(line_id: str, problems: Sequence[Problem]) -> tuple[int, int] | None:
    for one in problems:
        if one.code == "price_changed" and one.path == f"lines.{line_id}":
            return int(one.data["old"]), int(one.data["new"])
    return None


def _listed(lines: Sequence[LineView], problems: Sequence[Problem]) -> tuple[tuple[str, str], ...]:
    """Problems as (anchor on the page, sentence), each once; stock problems of the lines among them."""
    listed: dict[str, str] = {}
    for one in problems:
        if one.code != "cart_empty":
            listed.setdefault(one.text, anchor(one.path))
    for line in lines:
        for text in line.problems:
            if text not in listed:
                listed[f"{line.name}: {text}"] = f"line-{line.id}"
    return tuple((where, text) for text, where in listed.items())


def anchor(path: str) -> str:
    """The id on the page that a problem's path means."""
    if path.startswith("lines."):
        return f"line-{path.split('.')[1]}"
    return {"method": "delivery", "total": "summary", "cart": "summary", "code": "summary"}.get(path, path)
