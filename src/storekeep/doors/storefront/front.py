"""What all pages of the shop have in common: header, footer, and the stock bands that cached pages show.

Both are kept in memory and asked for again when their revision moved (header, footer) or after a few seconds (bands).
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from storekeep.doors.web import Req
from storekeep.flows.house import House
from storekeep.kernel.clock import SECOND, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.catalog import queries, revisions
from storekeep.shop.catalog.queries import CategoryCount
from storekeep.shop.reports import storefront
from storekeep.shop.reports.storefront import Bands
from storekeep.shop.site import pages, profile
from storekeep.shop.site.profile import ShopProfile

BANDS_LIFE: Instant = 3 * SECOND


@dataclass(frozen=True, slots=True)
class Link:
    """A link of header or footer."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """A column of the footer."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The shop as its header and footer tell it; `revision` moves with anything an anonymous page may show."""

    revision: str
    shop: ShopProfile
    categories: tuple[CategoryCount, ...]
    footer: tuple[LinkGroup, ...]


class Front:
    """Keeps facts and bands for the pages of one storefront. Safe for many threads."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._lock = threading.Lock()
        self._facts: Facts | None = None
        self._bands: Bands | None = None
        self._bands_at: Instant = 0

    def facts(self, tx: Tx) -> Facts:
        """The facts as of now: two indexed reads while nothing changed."""
        revision = f"{revisions.revision(tx)}.{pages.revision(tx)}"
        known = self._facts
        if known is None or known.revision != revision:
            known = _read(tx, revision)
            self._facts = known
        return known

    def bands(self, tx: Tx) -> Bands:
        """The stock bands of all products, at most three seconds old."""
        with self._lock:
            if self._bands is None or not 0 <= tx.now - self._bands_at < BANDS_LIFE:
                self._bands = storefront.bands(tx)
                self._bands_at = tx.now
            return self._bands

    def shell(self, req: Req) -> Mapping[str, object]:
        """What the layout shows around a page."""
        with self.house.db.read() as tx:
            facts = self.facts(tx)
        return {
            "shop_name": facts.shop.name,
            "shop_note": " · ".join(
                line for line in (facts.shop.legal_name, *facts.shop.address_lines, facts.shop.phone) if line
            ),
            "nav": _nav(facts, req.path),
            "footer": facts.footer,
            "cart_count": _count(req),
            "account_url": "/orders/find",
            "account_label": "Find your order",
            "is_private": not _is_public(req.path),
            "canonical": f"{req.door.public_origin}{req.path}",
        }


def _read(tx: Tx, revision: str) -> Facts:
    shelves = tuple(one for one in queries.categories(tx) if one.product_count)
    written = {row.slug: row.title for row in pages.listed(tx)}
    return Facts(revision, profile.load(tx), shelves, _footer(written))


def _footer(written: Mapping[str, str]) -> tuple[LinkGroup, ...]:
    def of(*slugs: str) -> list[Link]:
        return [Link(written[slug], f"/pages/{slug}") for slug in slugs if slug in written]

    named = ("delivery", "returns", "about", "terms", "privacy", "home")
    rest = [slug for slug in written if slug not in named]
    help_links = [
        Link("Contact", "/contact"),
        Link("Find your order", "/orders/find"),
        *of("delivery", "returns"),
        Link("Withdraw from contract here", "/withdraw"),
    ]
    about_links = of("about", "terms", "privacy", *rest)
    groups = [LinkGroup("Help", tuple(help_links))]
    return (*groups, LinkGroup("About us", tuple(about_links))) if about_links else tuple(groups)


def _nav(facts: Facts, path: str) -> tuple[Link, ...]:
    return tuple(
        Link(one.name, f"/categories/{one.slug}", path == f"/categories/{one.slug}") for one in facts.categories
    )


def _count(req: Req) -> int | None:
    text = req.cookies.get("cart_count", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _is_public(path: str) -> bool:
    return path == "/" or path.startswith(("/categories/", "/products/", "/pages/"))
