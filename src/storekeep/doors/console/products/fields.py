"""Reading the forms of products and variants."""

from collections.abc import Sequence
from typing import Any

from storekeep.doors.web import Fields
from storekeep.shop.catalog import VariantDraft
from storekeep.shop.catalog.model import LARGEST_MEASURE, LARGEST_PRICE_MINOR, LONGEST_LIFE, TAX_CLASSES

#: What a verb calls a field -> its name in the form.
PRODUCT_NAMES = {"variants": "sku"}
VARIANT_NAMES = {"price_minor": "price", "compare_at_minor": "was", "cost_minor": "cost", "tracking": "by_lot"}


def read_product(form: Fields, category_ids: Sequence[str]) -> dict[str, Any]:
    """The product's own fields; the slug may stay empty."""
    return {
        "title": form.text("title", 200, label="Title"),
        "slug": form.text("slug", 80, label="Web address", required=False).lower(),
        "summary": form.text("summary", 500, label="Summary", required=False),
        "description": form.text("description", 20_000, label="Description", required=False, multiline=True),
        "category_id": form.choice("category_id", category_ids, label="A category"),
        "tax_class": form.choice("tax_class", TAX_CLASSES, label="A tax class"),
    }


def read_variant(form: Fields, currency: str) -> VariantDraft:
    """The fields of a variant."""
    dearest = LARGEST_PRICE_MINOR
    was = form.money("was", currency, label="Old price", maximum=dearest, required=False)
    price = form.money("price", currency, label="Price", maximum=dearest)
    if was and not form.error("price") and was <= price:
        form.fail("was", "The old price must be above the price. Leave it empty when there was no other price.")
    life = form.integer("shelf_life_days", label="Shelf life", maximum=LONGEST_LIFE, required=False)
    return VariantDraft(
        sku=form.text("sku", 64, label="SKU", identifier=True),
        option_label=form.text("option_label", 120, label="Option", required=False),
        barcode=form.text("barcode", 48, label="Barcode", required=False, identifier=True),
        price_minor=price,
        compare_at_minor=was or None,
        cost_minor=form.money("cost", currency, label="Cost", maximum=dearest, required=False),
        weight_g=form.integer("weight_g", label="Weight", maximum=LARGEST_MEASURE),
        length_mm=form.integer("length_mm", label="Length", maximum=LARGEST_MEASURE, required=False),
        width_mm=form.integer("width_mm", label="Width", maximum=LARGEST_MEASURE, required=False),
        height_mm=form.integer("height_mm", label="Height", maximum=LARGEST_MEASURE, required=False),
        tracking="lot" if form.checked("by_lot") else "none",
        shelf_life_days=life or None,
        min_days_at_ship=form.integer("min_days_at_ship", label="Days left", maximum=LONGEST_LIFE, required=False),
    )
