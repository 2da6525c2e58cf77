"""What the search page shows."""

from dataclasses import dataclass
from urllib.parse import urlencode

from storekeep.doors.storefront.front import Facts, Link
from storekeep.doors.storefront.shown import CardView, card_views
from storekeep.kernel.db import Tx
from storekeep.shop.catalog import queries
from storekeep.shop.catalog.queries import decode_after, encode_after
from storekeep.shop.catalog.search import search
from storekeep.shop.reports import storefront
from storekeep.shop.reports.storefront import Bands

LONGEST = 200
PAGE = 24


@dataclass(frozen=True, slots=True)
class SearchView:
    """The hits of a search. `wider` are searches with fewer words, `picked` things to look at when nothing matches."""

    words: str
    corrected: str | None
    cards: tuple[CardView, ...]
    count: int
    next_url: str
    first_url: str
    wider: tuple[Link, ...]
    shelves: tuple[Link, ...]
    picked: tuple[CardView, ...]


def load(tx: Tx, facts: Facts, bands: Bands, words: str, after: str | None) -> SearchView:
    """Search and read the cards. Raises `Invalid` for a broken `after`."""
    place = None
    if after is not None:
        score, product_id = decode_after(after, (int, str))
        place = (score, product_id)
    found = search(tx, words, limit=PAGE, after=place)
    cards = card_views(queries.cards(tx, [hit.product_id for hit in found.hits]), facts.shop.currency, bands)
    said = found.corrected or words
    more = found.count > PAGE if place is None else len(found.hits) == PAGE
    following = encode_after(list(found.next_after)) if found.next_after and more else ""
    picked = [] if cards else [one for one in storefront.picked(tx, 1) if bands.of(one) != "out"]
    return SearchView(
        words=words,
        corrected=found.corrected,
        cards=tuple(cards),
        count=found.count,
        next_url=f"/search?{urlencode({'q': said, 'after': following})}" if following else "",
        first_url=f"/search?{urlencode({'q': said})}" if place is not None else "",
        wider=() if cards else _wider(tx, words),
        shelves=() if cards else tuple(Link(one.name, f"/categories/{one.slug}") for one in facts.categories),
        picked=tuple(card_views(queries.cards(tx, picked[:4]), facts.shop.currency, bands)),
    )


def _wider(tx: Tx, words: str) -> tuple[Link, ...]:
    """Single words of the search that find something."""
    parts = words.split()[:4]
    if len(parts) < 2:
        return ()
    return tuple(Link(part, f"/search?{urlencode({'q': part})}") for part in parts if search(tx, part, limit=1).count)
