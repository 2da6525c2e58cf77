"""Pictures of products. Only their names and descriptions are kept here; the files lie in the media folder."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import Created, MediaDraft, ProductDraft, check_media, clean_sku
from storekeep.shop.catalog.store import chunks, products_by_id
from storekeep.shop.catalog.tables import media, variant
from storekeep.shop.catalog.touching import touch


def replace_all(tx: Tx, pictures: Mapping[str, Sequence[MediaDraft]]) -> None:
    """Give products these pictures in this order, instead of those they have. An empty list removes them all.

    Raises `NotFound` for a product, or `InvalidFields` with paths like `<product id>.0.alt`.
    """
    if not pictures:
        return
    homes = list(products_by_id(tx, list(pictures), lock=True))
    skus: dict[str, dict[str, str]] = {home: {} for home in homes}
    for some in chunks(homes):
        query = select(variant.c.product_id, variant.c.sku, variant.c.id).where(variant.c.product_id.in_(some))
        for row in tx.rows(query):
            skus[row.product_id][row.sku] = row.id
    problems = [
        problem for home, drafts in pictures.items() for problem in check_media(home, drafts, list(skus[home]))
    ]
    if problems:
        raise InvalidFields(problems)
    for some in chunks(homes):
        tx.run(delete(media).where(media.c.product_id.in_(some)))
    rows = [row for home, drafts in pictures.items() for row in _rows(tx, home, drafts, skus[home])]
    tx.insert_many(media, rows)
    entries = [
        audit.Entry("product.pictures", "product", home, None, [draft.file_name for draft in drafts])
        for home, drafts in pictures.items()
    ]
    audit.record(tx, entries)
    touch(tx, homes)


def insert(tx: Tx, created: Sequence[Created], drafts: Sequence[ProductDraft]) -> None:
    """Write the pictures of products that were just made; their drafts were checked."""
    rows = []
    for made, draft in zip(created, drafts, strict=True):
        skus = {clean_sku(one.sku): own for one, own in zip(draft.variants, made.variant_ids, strict=True)}
        rows += _rows(tx, made.product_id, draft.media, skus)
    tx.insert_many(media, rows)


def _rows(tx: Tx, home: str, drafts: Sequence[MediaDraft], skus: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": tx.new_id(),
            "product_id": home,
            "variant_id": None if draft.variant_sku is None else skus[clean_sku(draft.variant_sku)],
            "file_name": draft.file_name,
            "alt": draft.alt.strip(),
            "position": place,
        }
        for place, draft in enumerate(drafts)
    ]
