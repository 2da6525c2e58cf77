"""The plain records of the demo shop.

Everything here is data without behaviour and without any import of the shop itself: whoever seeds a demo reads
these records and calls the shop's own verbs. Money is integer minor units (EUR cents), weights are grams and
measures are millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TaxClass = Literal["standard", "reduced"]


@dataclass(frozen=True, slots=True)
class ArtSpec:
    """How a product is drawn: a shape family, its form, its decoration and what lies beside it."""

    family: str
    form: str = ""
    decor: str = ""
    accent: str = ""
    prop: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """One shelf of the shop."""

    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """One thing that can be bought; `option` is empty where the product has only one variant."""

    sku: str
    option: str
    price_minor: int
    compare_at_minor: int | None
    cost_minor: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    barcode: str
    colour: str
    reorder_point: int
    opening_stock: int
    scale: int = 100


@dataclass(frozen=True, slots=True)
class DemoSet:
    """A kit: what it costs and what it is made of, (SKU, units). Its picture is that of its first part."""

    sku: str
    slug: str
    title: str
    category_slug: str
    price_minor: int
    summary: str
    description: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """One product page; `popularity` (1 to 100) weighs how often simulated shoppers choose it."""

    slug: str
    title: str
    summary: str
    description: str
    category_slug: str
    tax_class: TaxClass
    art: ArtSpec
    variants: tuple[DemoVariant, ...]
    popularity: int


@dataclass(frozen=True, slots=True)
class DemoPage:
    """One page of text; the body is Markdown with headings, paragraphs and lists only."""

    slug: str
    title: str
    body_md: str


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A clearly fictitious person with an address to deliver to; `country` is an ISO 3166-1 alpha-2 code."""

    name: str
    email: str
    line1: str
    line2: str
    city: str
    postcode: str
    region: str
    country: str
    phone: str


@dataclass(frozen=True, slots=True)
class DemoProblem:
    """What a shopper writes when something is wrong; `reason` is one of the four of the problem form."""

    reason: Literal["wrong_item", "damaged", "not_arrived", "other"]
    subject: str
    body: str
