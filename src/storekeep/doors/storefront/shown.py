"""Small views that several pages share: product cards, the lines of a calculation, the delivery promise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storekeep.flows.waits import arrives_on
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.queries import Card
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.pricing.delivery import options_for
from storekeep.shop.pricing.model import DeliveryOption, Quote
from storekeep.shop.pricing.rules import PriceBook
from storekeep.shop.reports.storefront import Bands
from storekeep.shop.shipping.promise import hands_over_on, promise
from storekeep.shop.site.profile import ShopProfile

MEDIA = "/media/"
NO_PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' fill='%23efe9dd'/%3E%3C/svg%3E"
)


@dataclass(frozen=True, slots=True)
class CardView:
    """A product as the shared card draws it."""

    name: str
    url: str
    image_url: str
    image_alt: str
    price_minor: int
    currency: str
    was_minor: int | None
    badge: str
    stock: str
    note: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised beside the button: when, to which country, at what price, free from which sum."""

    arrives_on: str
    country: str
    price_minor: int
    free_over_minor: int | None


def picture(file_name: str | None) -> str:
    """The address of a picture; a quiet square where there is none."""
    return f"{MEDIA}{file_name}" if file_name else NO_PICTURE


def card_view(card: Card, currency: str, bands: Bands) -> CardView:
    """A card with price from its cheapest variant, the old price where it was lowered, and the stock band."""
    was = card.compare_at_minor
    lowered = was is not None and was > card.price_from_minor
    dearer = card.price_to_minor > card.price_from_minor
    versions = f"{card.variant_count} to choose from" if card.variant_count > 1 else ""
    return CardView(
        name=card.title,
        url=f"/products/{card.slug}",
        image_url=picture(card.file_name),
        image_alt=card.alt,
        price_minor=card.price_from_minor,
        currency=currency,
        was_minor=was if lowered else None,
        badge="Reduced" if lowered else "",
        stock=bands.of(card.product_id),
        note=f"Lowest price, {versions}" if dearer else versions,
    )


def card_views(cards: Sequence[Card], currency: str, bands: Bands) -> list[CardView]:
    return [card_view(card, currency, bands) for card in cards]


def arrival(tx: Tx, shop: ShopProfile, max_days: int, ready_on: str = "") -> str:
    """The day on which a parcel ordered now arrives at the latest, as an ISO date; empty without a warehouse.

    With `ready_on` its goods are here on that day only.
    """
    for house in warehouses(tx)[:1]:
        if ready_on:
            return arrives_on(ready_on, house, shop.handling_days, max_days)
        return promise(tx.now, house.cutoff_hour, house.timezone, shop.handling_days, max_days)
    return ""


def promise_day(tx: Tx) -> str:
    """What every delivery promise hangs on: today, and the day on which work on an order begins."""
    for house in warehouses(tx)[:1]:
        return f"{day_of(tx.now, house.timezone)}/{hands_over_on(tx.now, house.cutoff_hour, house.timezone, 0)}"
    return ""


def promise_for(
    tx: Tx, shop: ShopProfile, book: PriceBook, names: Mapping[str, str], price_minor: int, weight_g: int,
    ready_on: str = "",
) -> Promise | None:
    """The promise for one unit sent to the shop's home country; None when nothing is sent there.

    With `ready_on` it is here on that day only.
    """
    rule = book.rules.country_by_code.get(shop.base_country)
    if rule is None:
        return None
    best = cheapest(options_for(book.rules, rule, price_minor, weight_g))
    if best is None or best.amount_minor is None:
        return None
    name = names.get(shop.base_country, shop.base_country)
    arrives = arrival(tx, shop, best.method.max_days, ready_on)
    return Promise(arrives, name, best.amount_minor, best.method.free_over_minor)


def cheapest(options: Sequence[DeliveryOption]) -> DeliveryOption | None:
    """The cheapest way of delivery that can be had; the faster one of two at the same price."""
    usable = [option for option in options if option.available and option.amount_minor is not None]
    return min(usable, key=lambda option: (option.amount_minor or 0, option.method.max_days), default=None)


def sums_of(quote: Quote, delivery_label: str) -> list[tuple[str, int]]:
    """The rows above the total; they add up to it, with tax as a row of its own where prices come without."""
    rows = [("Goods", quote.goods_list_minor)]
    if quote.discount_minor:
        code = f" {quote.discount_code.code}" if quote.discount_code else ""
        rows.append((f"Code{code}", -quote.discount_minor))
    if quote.method is not None:
        rows.append((delivery_label, quote.shipping_minor))
    if not quote.prices_include_tax and quote.tax_minor:
        rows.append(("Tax", quote.tax_minor))
    return rows
