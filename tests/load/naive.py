"""A shop that reads what is left, decides, and then writes. Kept to show that it sells the last unit twice.

It is the plain form of the mistake: the decision is taken on a number that others may have changed before the write.
"""

import sqlalchemy as sa

from storekeep.kernel.db import Database
from storekeep.shop.inventory.tables import availability
from storekeep.shop.orders.tables import cart_line


def buy(db: Database, cart_id: str) -> bool:
    """Reserve the goods of a cart, the naive way; returns whether the buyer was told yes."""
    a = availability.c
    query = (
        sa.select(a.variant_id, a.warehouse_id, a.on_hand_sellable, a.reserved)
        .join(cart_line, cart_line.c.variant_id == a.variant_id)
        .where(cart_line.c.cart_id == cart_id)
        .order_by(a.variant_id)
    )
    with db.read() as tx:
        rows = tx.rows(query)
    if any(row.on_hand_sellable - row.reserved < 1 for row in rows):
        return False
    with db.begin(actor="shopper") as tx:
        for row in rows:
            tx.run(
                availability.update()
                .where(a.variant_id == row.variant_id, a.warehouse_id == row.warehouse_id)
                .values(reserved=row.reserved + 1)
            )
    return True
