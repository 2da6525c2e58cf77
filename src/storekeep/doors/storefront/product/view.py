"""What a product page shows, for the variant that the address names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storekeep.doors.storefront.front import Facts
from storekeep.doors.storefront.shown import CardView, Promise, card_views, picture, promise_for
from storekeep.kernel.db import Tx
from storekeep.kernel.money import format_plain
from storekeep.shop.catalog import kits, queries
from storekeep.shop.catalog.queries import ProductPage
from storekeep.shop.pricing.rules import PriceBook
from storekeep.shop.reports import storefront
from storekeep.shop.reports.shelves import NOTHING, Shelf
from storekeep.shop.reports.storefront import Bands
from storekeep.shop.site.markdown import to_html


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the gallery."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant as a radio button."""

    sku: str
    label: str
    url: str
    is_current: bool
    is_available: bool


@dataclass(frozen=True, slots=True)
class ProductView:
    """The page of a product with one variant chosen. `notice` says so when the address named one that is gone."""

    title: str
    slug: str
    summary: str
    description_html: str
    category_name: str
    category_url: str
    sku: str
    option_label: str
    price_minor: int
    was_minor: int | None
    currency: str
    with_tax: bool
    stock: str
    shelf: Shelf
    choices: tuple[Choice, ...]
    pictures: tuple[Picture, ...]
    promise: Promise | None
    return_days: int
    facts: tuple[tuple[str, str], ...]
    also: tuple[CardView, ...]
    #: What a kit consists of: (units, name, address)
    contents: tuple[tuple[int, str, str], ...]
    notice: str
    json_ld: Mapping[str, Any]


def load(
    tx: Tx,
    facts: Facts,
    book: PriceBook,
    shelf: Bands,
    page: ProductPage,
    there: Mapping[str, Shelf],
    wanted: str,
    origin: str,
) -> ProductView:
    """Read the page; `wanted` is the SKU or id in the address, `there` the shelves of its variants."""
    bands = {variant_id: one.band for variant_id, one in there.items()}
    chosen, notice = _chosen(page, bands, wanted)
    own = there.get(chosen.id, NOTHING)
    later = own.ready_on if own.band == "later" else ""
    currency = facts.shop.currency
    home = book.rules.country_by_code.get(facts.shop.base_country)
    here = f"/products/{page.product.slug}"
    was = chosen.compare_at_minor
    others = queries.cards(tx, storefront.siblings(tx, page.category.id, page.product.id))
    pictures = _pictures(page, chosen.id)
    parts = kits.parts_of(tx, [chosen.id]).get(chosen.id, []) if chosen.is_kit else []
    weight_g = sum(part.qty * part.weight_g for part in parts) if parts else chosen.weight_g
    return ProductView(
        title=page.product.title,
        slug=page.product.slug,
        summary=page.product.summary,
        description_html=to_html(page.product.description),
        category_name=page.category.name,
        category_url=f"/categories/{page.category.slug}",
        sku=chosen.sku,
        option_label=chosen.option_label,
        price_minor=chosen.price_minor,
        was_minor=was if was is not None and was > chosen.price_minor else None,
        currency=currency,
        with_tax=home is None or home.prices_include_tax,
        stock=own.band,
        shelf=own,
        choices=_choices(page, chosen.id, bands, here),
        pictures=pictures,
        promise=promise_for(tx, facts.shop, book, book.country_names, chosen.price_minor, weight_g, later),
        return_days=facts.shop.return_days,
        facts=_facts(chosen),
        also=tuple(card_views(others, currency, shelf)),
        contents=tuple(
            (part.qty, f"{part.title} {part.option_label}".rstrip(), f"/products/{part.slug}?variant={part.sku}")
            for part in parts
        ),
        notice=notice,
        json_ld=_json_ld(page, facts, there, pictures, f"{origin}{here}", origin),
    )


def _chosen(page: ProductPage, bands: Mapping[str, str], wanted: str) -> tuple[Any, str]:
    """The variant of the address; else the first that is there, with a word when the address named another."""
    for one in page.variants:
        if wanted and wanted in (one.sku, one.id):
            return one, ""
    there = [one for one in page.variants if bands.get(one.id, "out") != "out"]
    notice = "The version you were looking for is no longer sold. These are the ones we have." if wanted else ""
    return (there or page.variants)[0], notice


def _choices(page: ProductPage, current: str, bands: Mapping[str, str], here: str) -> tuple[Choice, ...]:
    if len(page.variants) < 2:
        return ()
    return tuple(
        Choice(
            sku=one.sku,
            label=one.option_label or one.sku,
            url=f"{here}?variant={one.sku}",
            is_current=one.id == current,
            is_available=bands.get(one.id, "out") != "out",
        )
        for one in page.variants
    )


def _pictures(page: ProductPage, variant_id: str) -> tuple[Picture, ...]:
    """The chosen variant's own pictures first."""
    ordered = sorted(page.media, key=lambda row: row.variant_id != variant_id)
    found = tuple(Picture(picture(row.file_name), row.alt or page.product.title) for row in ordered)
    return found[:8] or (Picture(picture(None), page.product.title),)


def _facts(chosen: Any) -> tuple[tuple[str, str], ...]:
    rows = []
    if chosen.length_mm and chosen.width_mm and chosen.height_mm:
        sides = (_cm(side) for side in (chosen.length_mm, chosen.width_mm, chosen.height_mm))
        rows.append(("Size", f"{' × '.join(sides)} cm"))
    if chosen.weight_g:
        weight = chosen.weight_g
        rows.append(("Weight", f"{weight} g" if weight < 1000 else f"{_tenths(weight // 100)} kg"))
    rows.append(("Article", chosen.sku))
    return tuple(rows)


def _cm(millimetres: int) -> str:
    return _tenths(millimetres)


def _tenths(number: int) -> str:
    whole, tenth = divmod(number, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def _json_ld(
    page: ProductPage, facts: Facts, there: Mapping[str, Shelf], pictures: tuple[Picture, ...], url: str, origin: str
) -> Mapping[str, Any]:
    """The product for search engines: the same prices and stock bands as on the page."""
    where = {"in_stock": "InStock", "few": "LimitedAvailability", "later": "BackOrder", "out": "OutOfStock"}
    told = {each: "PreOrder" if one.is_launch and one.most else where[one.band] for each, one in there.items()}
    return {
        "@context": "https://schema.org",
        "@type": "ProductGroup",
        "name": page.product.title,
        "description": page.product.summary,
        "productGroupID": page.product.id,
        "url": url,
        "image": [f"{origin}{one.url}" for one in pictures if one.url.startswith("/")],
        "hasVariant": [
            {
                "@type": "Product",
                "sku": one.sku,
                "name": f"{page.product.title} {one.option_label}".strip(),
                "offers": {
                    "@type": "Offer",
                    "price": format_plain(one.price_minor, facts.shop.currency),
                    "priceCurrency": facts.shop.currency,
                    "availability": f"https://schema.org/{told.get(one.id, 'OutOfStock')}",
                    "url": f"{url}?variant={one.sku}",
                },
            }
            for one in page.variants
        ],
    }
