"""Whether the goods of a variant are told apart by lot: changed only while there is nothing to tell apart."""

from collections.abc import Sequence

from sqlalchemy import func, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.catalog.store import variants_by_id
from storekeep.shop.inventory.states import COUNT_LIVE
from storekeep.shop.inventory.tables import count_line, stock_balance


def change(tx: Tx, changes: Sequence[VariantChange]) -> None:
    """`catalog.variants.update`, and `Invalid` at `tracking` where goods in the house would lose or lack their lot."""
    known = variants_by_id(tx, [one.variant_id for one in changes], lock=True)
    turned = [
        one.variant_id
        for one in changes
        if one.tracking is not None and one.tracking != known[one.variant_id].tracking
    ]
    b = stock_balance.c
    there = (
        select(b.variant_id, func.sum(b.qty).label("units"))
        .where(b.variant_id.in_(sorted(turned)), b.is_owned, b.qty > 0)
        .group_by(b.variant_id)
        .order_by(b.variant_id)
    )
    for row in tx.rows(there) if turned else ():
        sku = known[row.variant_id].sku
        raise Invalid("tracking", f"{int(row.units)} of {sku} are in the house; book them out first, then in again")
    c = count_line.c
    asked = select(c.variant_id).where(c.variant_id.in_(sorted(turned)), c.status.in_(COUNT_LIVE)).limit(1)
    for row in tx.rows(asked) if turned else ():
        sku = known[row.variant_id].sku
        raise Invalid("tracking", f"a count of {sku} is under way; finish it or call it off first")
    variants.update(tx, changes)
