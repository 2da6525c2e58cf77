"""A shop that reads what is left, decides, and then writes, each in a transaction of its own. Kept to be caught."""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from storekeep.kernel.db import Database
from storekeep.shop.inventory.tables import availability, reservation


def reserve(
    db: Database, order_id: str, wanted: Mapping[str, tuple[str, int]], lines: Mapping[str, str], home: str
) -> dict[str, Any]:
    """Reserve (variant, units) by name as `reservations.firm` would, had nobody else been there."""
    a = availability.c
    with db.read() as tx:
        query = sa.select(availability).where(a.variant_id.in_([variant for variant, _ in wanted.values()]))
        rows = {row.variant_id: row for row in tx.rows(query.order_by(a.variant_id))}
    free = {name: rows[variant].on_hand_sellable - rows[variant].reserved for name, (variant, _) in wanted.items()}
    short = {name: free[name] for name, (_, n) in wanted.items() if n > free[name]}
    if short:
        return {"short": short}
    time.sleep(0.002)  # it thinks for a moment
    with db.begin(actor="shopper") as tx:
        for name, (variant, n) in sorted(wanted.items()):
            reserved = rows[variant].reserved + n
            tx.run(availability.update().where(a.variant_id == variant, a.warehouse_id == home)
                   .values(reserved=reserved))  # fmt: skip
            tx.insert_many(reservation, [{
                "id": tx.new_id(), "variant_id": variant, "warehouse_id": home, "qty": n, "status": "firm",
                "cart_id": None, "order_id": order_id, "order_line_id": lines[name], "fulfillment_line_id": None,
                "location_id": None, "release_reason": None, "expires_at": None, "created_at": tx.now,
                "updated_at": tx.now,
            }])  # fmt: skip
    return {"ok": True}
