"""Owns what is sold: products, variants, prices, pictures, categories, and the word index that search reads.

It never knows stock, carts or orders. Verbs take many and do set-based SQL, so that importing five thousand products
is a handful of statements. Every change that an anonymous page can show moves the revision of the scope `catalog`.
"""

from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import (
    CategoryDraft,
    Created,
    MediaDraft,
    ProductChange,
    ProductDraft,
    VariantChange,
    VariantDraft,
    VariantFacts,
)
from storekeep.shop.catalog.revisions import bump, revision

__all__ = [
    "CategoryDraft",
    "Created",
    "InvalidFields",
    "MediaDraft",
    "ProductChange",
    "ProductDraft",
    "VariantChange",
    "VariantDraft",
    "VariantFacts",
    "bump",
    "revision",
]
