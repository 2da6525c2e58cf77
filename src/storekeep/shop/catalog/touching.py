"""What follows every change that a page of a product shows."""

from collections.abc import Sequence

from sqlalchemy import update

from storekeep.kernel.db import Tx
from storekeep.shop.catalog import search
from storekeep.shop.catalog.revisions import bump
from storekeep.shop.catalog.store import chunks
from storekeep.shop.catalog.tables import product


def touch(tx: Tx, ids: Sequence[str]) -> None:
    """Note that something a page shows of these products changed: their revision, their words, the shop's revision."""
    wanted = sorted(set(ids))
    for some in chunks(wanted):
        tx.run(
            update(product)
            .where(product.c.id.in_(some))
            .values(revision=product.c.revision + 1, updated_at=tx.now)
        )
    search.reindex(tx, wanted)
    bump(tx)
