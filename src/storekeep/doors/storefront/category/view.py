"""What a category page shows, and how its filter is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from storekeep.doors.storefront.front import Facts
from storekeep.doors.storefront.shown import CardView, card_views
from storekeep.doors.web.forms import parse_money
from storekeep.kernel.db import Tx
from storekeep.shop.reports import storefront
from storekeep.shop.reports.storefront import SORTS, Bands

FILTERS = ("sort", "from", "to", "stock")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filter as the address says it; what is unknown or unreadable falls away."""

    sort: str = "title"
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool = False
    typed_from: str = ""
    typed_to: str = ""

    @property
    def is_filtered(self) -> bool:
        return self.in_stock or self.price_min is not None or self.price_max is not None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, with the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A shelf with one page of its products."""

    name: str
    slug: str
    description: str
    currency: str
    cards: tuple[CardView, ...]
    count: int
    chosen: Chosen
    chips: tuple[Chip, ...]
    sorts: Mapping[str, str]
    next_url: str
    first_url: str


def read(query: Mapping[str, str], currency: str) -> Chosen:
    """The filter in an address."""
    typed_from, typed_to = query.get("from", "").strip()[:20], query.get("to", "").strip()[:20]
    low, high = _price(typed_from, currency), _price(typed_to, currency)
    return Chosen(
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "title",
        price_min=low,
        price_max=high,
        in_stock=query.get("stock") == "1",
        typed_from=typed_from if low is not None else "",
        typed_to=typed_to if high is not None else "",
    )


def load(tx: Tx, facts: Facts, bands: Bands, row: Any, chosen: Chosen, after: str | None) -> CategoryView:
    """Read one page of a category. Raises `Invalid` for a broken `after`."""
    listing = storefront.listing(
        tx,
        row.id,
        sort=chosen.sort,
        after=after,
        price_min=chosen.price_min,
        price_max=chosen.price_max,
        in_stock=chosen.in_stock,
    )
    here = f"/categories/{row.slug}"
    currency = facts.shop.currency
    return CategoryView(
        name=row.name,
        slug=row.slug,
        description=row.description,
        currency=currency,
        cards=tuple(card_views(listing.cards, currency, bands)),
        count=listing.count,
        chosen=chosen,
        chips=_chips(here, chosen, currency),
        sorts=SORTS,
        next_url=_url(here, chosen, after=listing.next_after) if listing.next_after else "",
        first_url=_url(here, chosen) if after else "",
    )


def _chips(here: str, chosen: Chosen, currency: str) -> tuple[Chip, ...]:
    chips = []
    if chosen.in_stock:
        chips.append(Chip("In stock", _url(here, chosen, stock="")))
    if chosen.price_min is not None:
        chips.append(Chip(f"From {chosen.typed_from} {currency}", _url(here, chosen, **{"from": ""})))
    if chosen.price_max is not None:
        chips.append(Chip(f"Up to {chosen.typed_to} {currency}", _url(here, chosen, to="")))
    return tuple(chips)


def _url(here: str, chosen: Chosen, **changes: str) -> str:
    said = {
        "sort": "" if chosen.sort == "title" else chosen.sort,
        "from": chosen.typed_from,
        "to": chosen.typed_to,
        "stock": "1" if chosen.in_stock else "",
        **changes,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{here}?{query}" if query else here


def _price(text: str, currency: str) -> int | None:
    try:
        return max(0, parse_money(text, currency)) if text else None
    except ValueError:
        return None
