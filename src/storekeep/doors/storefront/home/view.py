"""What the first page shows."""

from dataclasses import dataclass

from storekeep.doors.storefront.front import Facts
from storekeep.doors.storefront.shown import CardView, card_views, picture
from storekeep.kernel.db import Tx
from storekeep.shop.catalog import queries
from storekeep.shop.reports import storefront
from storekeep.shop.reports.storefront import Bands
from storekeep.shop.site import pages

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """A shelf as a picture with its name."""

    name: str
    url: str
    image_url: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page. `heading` and `lead` come from the owner's page `home` where there is one."""

    heading: str
    lead: str
    hero: CardView | None
    hero_url: str
    tiles: tuple[Tile, ...]
    picked: tuple[CardView, ...]
    reduced: tuple[CardView, ...]
    return_days: int
    handling_days: int


def load(tx: Tx, facts: Facts, bands: Bands) -> HomeView:
    """Read the first page: things that are in stock, one of each shelf before the second of any."""
    currency = facts.shop.currency
    wanted = [product_id for product_id in storefront.picked(tx) if bands.of(product_id) != "out"]
    reduced = [product_id for product_id in storefront.reduced(tx) if bands.of(product_id) != "out"]
    picked = card_views(queries.cards(tx, wanted[: SHOWN + 1]), currency, bands)
    hero = picked[0] if picked else None
    written = pages.by_slug(tx, "home")
    files = storefront.category_pictures(tx)
    return HomeView(
        heading=written.title if written else f"Made to be used every day, from {facts.shop.name}",
        lead=written.body_markdown.strip() if written else _lead(facts),
        hero=hero,
        hero_url=f"/categories/{facts.categories[0].slug}" if facts.categories else "/search",
        tiles=tuple(Tile(one.name, f"/categories/{one.slug}", picture(files.get(one.id))) for one in facts.categories),
        # A small shop shows the thing from the top once more, so that the list is whole.
        picked=tuple(picked[1 : SHOWN + 1] if len(picked) > 4 else picked),
        reduced=tuple(card_views(queries.cards(tx, reduced[:4]), currency, bands)),
        return_days=facts.shop.return_days,
        handling_days=facts.shop.handling_days,
    )


def _lead(facts: Facts) -> str:
    count = sum(one.product_count for one in facts.categories)
    return f"{count} things on {len(facts.categories)} shelves, sent from our own stock."
