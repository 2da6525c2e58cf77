"""Small builders for the catalogue's tests."""

from storekeep.kernel.db import Tx
from storekeep.shop.catalog import CategoryDraft, Created, ProductDraft, VariantDraft, categories, products


def category(tx: Tx, slug: str = "mugs", name: str = "Mugs") -> str:
    return categories.create(tx, [CategoryDraft(slug, name)])[0]


def draft(category_id: str, slug: str, title: str, *variants: VariantDraft, **more: object) -> ProductDraft:
    own = variants or (VariantDraft(slug.upper(), 1_000),)
    return ProductDraft(slug, title, category_id, own, **{"status": "active", **more})  # type: ignore[arg-type]


def make(tx: Tx, *drafts: ProductDraft) -> list[Created]:
    return products.create(tx, list(drafts))
