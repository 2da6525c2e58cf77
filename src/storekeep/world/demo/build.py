"""Turns the compact tables of the goods modules into products and variants.

What a person would look up in a supplier's list is derived here by fixed rules: the article number printed as a
barcode, what the shop pays, how many pieces it keeps. The rules hash the SKU, so a product keeps its figures when
the catalogue around it changes.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from storekeep.world.demo.model import ArtSpec, DemoProduct, DemoVariant, TaxClass

Size = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Seed:
    """A variant before its derived figures."""

    sku: str
    option: str
    price: int
    was: int | None
    weight: int
    size: Size
    colour: str
    scale: int = 100


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


def ean13(digits: str) -> str:
    """Return the 12 `digits` with their EAN-13 check digit (GS1 general specifications, 7.9)."""
    if len(digits) != 12 or not digits.isdigit():
        raise ValueError(f"an EAN-13 needs 12 digits before its check digit, not {digits!r}")
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def in_colours(
    code: str, colours: str, price: int, weight: int, size: Size, was: int | None = None
) -> tuple[Seed, ...]:
    """One variant for each colour named in `colours`; the SKU ends in the colour's first letters."""
    names = colours.split()
    if len(names) == 1:
        return (Seed(code, "", price, was, weight, size, names[0]),)
    return tuple(Seed(f"{code}-{_short(name)}", _label(name), price, was, weight, size, name) for name in names)


def in_sizes(code: str, colour: str, *rows: tuple[str, str, int, int, Size, int]) -> tuple[Seed, ...]:
    """One variant for each row of (label, SKU ending, price, weight, size, drawn percentage)."""
    return tuple(
        Seed(f"{code}-{end}", label, price, None, weight, size, colour, scale)
        for label, end, price, weight, size, scale in rows
    )


def product(
    slug: str,
    title: str,
    summary: str,
    description: str,
    art: ArtSpec,
    seeds: tuple[Seed, ...],
    popularity: int = 40,
    tax_class: TaxClass = "standard",
) -> DemoProduct:
    """Build a product whose category is filled in by `shelf`."""
    variants = tuple(_variant(seed, popularity, len(seeds)) for seed in seeds)
    return DemoProduct(slug, title, summary, description, "", tax_class, art, variants, popularity)


def shelf(category_slug: str, *products: DemoProduct) -> tuple[DemoProduct, ...]:
    """Put `products` on the shelf of one category."""
    return tuple(
        DemoProduct(
            p.slug, p.title, p.summary, p.description, category_slug, p.tax_class, p.art, p.variants, p.popularity
        )
        for p in products
    )


def _variant(seed: Seed, popularity: int, siblings: int) -> DemoVariant:
    h = _hash(seed.sku)
    length, width, height = seed.size
    # The shop pays 36 to 47 % of the shelf price, so every variant earns something after tax and fees.
    cost = seed.price * (36 + h % 12) // 100
    reorder = max(3, popularity // (2 + siblings))
    return DemoVariant(
        sku=seed.sku,
        option=seed.option,
        price_minor=seed.price,
        compare_at_minor=seed.was,
        cost_minor=cost,
        weight_g=seed.weight,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        barcode=ean13(f"200{h % 1_000_000_000:09d}"),
        colour=seed.colour,
        reorder_point=reorder,
        opening_stock=_opening(h, reorder),
        scale=seed.scale,
    )


def _opening(h: int, reorder: int) -> int:
    """Stock to open with: mostly comfortable, now and then low or sold out, as on a real morning."""
    if h % 47 == 0:
        return 0
    if h % 19 == 0:
        return max(1, reorder - 2)
    return reorder * 3 + h % 9


def _short(colour: str) -> str:
    return colour.replace("-", "")[:4].upper()


def _label(colour: str) -> str:
    return colour.replace("-", " ").capitalize()
