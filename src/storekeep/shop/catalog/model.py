"""What the catalogue is told and what it tells, and the rules for each field. Pure.

Amounts are int minor units of the shop's currency, weights grams, lengths millimetres.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from storekeep.kernel.errors import Problem

LARGEST_PRICE_MINOR = 10**9
LARGEST_MEASURE = 10_000_000
#: Days; a century.
LONGEST_LIFE = 36_500
#: What tells the goods of a variant apart, beside the variant.
TRACKING = ("none", "lot")
TAX_CLASSES = ("standard", "reduced", "zero")
_SKU = re.compile(r"[A-Z0-9][A-Z0-9._/+&#()-]*(?: [A-Z0-9._/+&#()-]+)*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BARCODE = re.compile(r"[A-Za-z0-9-]{4,48}")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category to make. Without a position it goes last."""

    slug: str
    name: str
    description: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to make. The SKU is trimmed and put in capitals; the position is the place in its list.

    With `tracking` "lot" its goods are told apart by lot; `shelf_life_days` is how long they keep, None for ever, and a
    lot with fewer than `min_days_at_ship` days left is not sent.
    """

    sku: str
    price_minor: int
    option_label: str = ""
    barcode: str | None = None
    compare_at_minor: int | None = None
    cost_minor: int = 0
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    status: str = "active"
    tracking: str = "none"
    shelf_life_days: int | None = None
    min_days_at_ship: int = 0


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A picture of a product, or of the one variant whose SKU it names."""

    file_name: str
    alt: str
    variant_sku: str | None = None


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product to make, with its variants and pictures in the order in which they are shown."""

    slug: str
    title: str
    category_id: str
    variants: tuple[VariantDraft, ...]
    media: tuple[MediaDraft, ...] = ()
    summary: str = ""
    description: str = ""
    tax_class: str = "standard"
    status: str = "draft"


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What to change on a product; None leaves a field alone. With `expected_revision` a stale page is refused."""

    product_id: str
    slug: str | None = None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    category_id: str | None = None
    tax_class: str | None = None
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class VariantChange:
    """What to change on a variant; None leaves a field alone.

    An empty barcode, a compare-at price of 0 or a shelf life of 0 clears it.
    """

    variant_id: str
    sku: str | None = None
    option_label: str | None = None
    barcode: str | None = None
    price_minor: int | None = None
    compare_at_minor: int | None = None
    cost_minor: int | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    status: str | None = None
    tracking: str | None = None
    shelf_life_days: int | None = None
    min_days_at_ship: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The ids of a new product and of its variants, in the order of the draft."""

    product_id: str
    variant_ids: tuple[str, ...]


class VariantFacts(NamedTuple):
    """Everything that a quote and an order line need of a variant. A tuple, because the hot path makes many."""

    variant_id: str
    product_id: str
    sku: str
    title: str
    option_label: str
    price_minor: int
    cost_minor: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    tax_class: str
    status: str
    product_status: str
    slug: str

    @property
    def is_sellable(self) -> bool:
        """Whether both the variant and its product are active."""
        return self.status == "active" and self.product_status == "active"

    @property
    def full_title(self) -> str:
        """Product and option in one line: "Stoneware mug, blue"."""
        return f"{self.title}, {self.option_label}" if self.option_label else self.title


def changed_fields(change: ProductChange | VariantChange, *skip: str) -> dict[str, Any]:
    """The fields of a change that are set."""
    pairs = ((one.name, getattr(change, one.name)) for one in fields(change) if one.name not in skip)
    return {name: value for name, value in pairs if value is not None}


def clean_sku(text: str) -> str:
    """The one form of a SKU: trimmed, blanks single, ASCII letters in capitals."""
    return " ".join(text.split()).upper()


def slugify(text: str) -> str:
    """A web address part made from a title: "Crème brûlée" becomes "creme-brulee". Empty when nothing is left."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:80].rstrip("-")


def _bad(path: str, text: str) -> Problem:
    return Problem(code="invalid", text=text, path=path)


def check_text(path: str, value: str, label: str, longest: int, *, required: bool = False) -> Iterator[Problem]:
    """A text of at most `longest` characters without control characters."""
    if required and not value.strip():
        yield _bad(path, f"{label} is missing.")
    elif len(value) > longest:
        yield _bad(path, f"{label} has {len(value)} characters; at most {longest} fit.")
    elif any(ord(char) < 32 and char not in "\n\r\t" for char in value):
        yield _bad(path, f"{label} contains control characters.")


def check_slug(path: str, slug: str) -> Iterator[Problem]:
    """Lower case letters, digits and single hyphens, 1 to 80 characters."""
    if len(slug) > 80 or not _SLUG.fullmatch(slug):
        yield _bad(path, f"{slug[:40]!r} is not a web address part. Use lower case letters, digits and single hyphens.")


def check_category(path: str, draft: CategoryDraft) -> Iterator[Problem]:
    """All rules of a category's own fields."""
    yield from check_slug(f"{path}.slug", draft.slug)
    yield from check_text(f"{path}.name", draft.name, "The name", 120, required=True)
    yield from check_text(f"{path}.description", draft.description, "The description", 2_000)


def check_product(path: str, values: dict[str, Any]) -> Iterator[Problem]:
    """The rules of a product's own fields, for those that are given."""
    if "slug" in values:
        yield from check_slug(f"{path}.slug", values["slug"])
    if "title" in values:
        yield from check_text(f"{path}.title", values["title"], "The title", 200, required=True)
    for name, longest in (("summary", 500), ("description", 20_000)):
        if name in values:
            yield from check_text(f"{path}.{name}", values[name], f"The {name}", longest)
    if values.get("tax_class", "standard") not in TAX_CLASSES:
        yield _bad(f"{path}.tax_class", f"The tax class is one of {', '.join(TAX_CLASSES)}.")


def check_variant(path: str, values: dict[str, Any]) -> Iterator[Problem]:
    """The rules of a variant's own fields, for those that are given. The SKU must be in its clean form."""
    sku = values.get("sku")
    if sku is not None and (len(sku) > 64 or not _SKU.fullmatch(sku)):
        text = "is missing" if not sku else f"{sku[:70]!r} is too long or has characters that do not belong in it"
        yield _bad(f"{path}.sku", f"The SKU {text}. Use up to 64 letters, digits and - . _ / + & #.")
    if "option_label" in values:
        yield from check_text(f"{path}.option_label", values["option_label"], "The option", 120)
    if values.get("barcode") and not _BARCODE.fullmatch(values["barcode"]):
        yield _bad(f"{path}.barcode", "A barcode has 4 to 48 letters, digits or hyphens.")
    for name, label in (("price_minor", "price"), ("cost_minor", "cost"), ("compare_at_minor", "compare-at price")):
        yield from _check_number(f"{path}.{name}", values.get(name), label, LARGEST_PRICE_MINOR)
    for name in ("weight_g", "length_mm", "width_mm", "height_mm"):
        yield from _check_number(f"{path}.{name}", values.get(name), name.split("_")[0], LARGEST_MEASURE)
    for name, label in (("shelf_life_days", "shelf life"), ("min_days_at_ship", "number of days left")):
        yield from _check_number(f"{path}.{name}", values.get(name), label, LONGEST_LIFE)
    if values.get("tracking", "none") not in TRACKING:
        yield _bad(f"{path}.tracking", "Goods are told apart by lot, or not at all.")
    if values.get("status", "active") not in ("active", "closed"):
        yield _bad(f"{path}.status", "A variant is active or closed.")


def _check_number(path: str, value: Any, label: str, largest: int) -> Iterator[Problem]:
    if value is None:
        return
    if type(value) is not int:
        yield _bad(path, f"The {label} must be a whole number.")
    elif value < 0:
        yield _bad(path, f"The {label} must not be negative.")
    elif value > largest:
        yield _bad(path, f"The {label} is too large; the most is {largest}.")


def check_media(path: str, drafts: Sequence[MediaDraft], skus: Sequence[str]) -> Iterator[Problem]:
    """File names stay inside the media folder, each picture is described, and a named variant is the product's own."""
    for at, draft in enumerate(drafts):
        if not _FILE.fullmatch(draft.file_name) or ".." in draft.file_name:
            yield _bad(f"{path}.{at}.file_name", f"{draft.file_name[:60]!r} is not a file name that can be shown.")
        yield from check_text(f"{path}.{at}.alt", draft.alt, "The description of the picture", 300, required=True)
        if draft.variant_sku is not None and clean_sku(draft.variant_sku) not in skus:
            yield _bad(f"{path}.{at}.variant_sku", f"{draft.variant_sku[:64]} is no variant of this product.")
