"""What the shop keeps back and when it buys again, per variant and warehouse."""

from sqlalchemy import select, update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import store
from storekeep.shop.inventory.model import MAX_UNITS
from storekeep.shop.inventory.tables import availability, reorder_policy


def set_buffer(tx: Tx, variant_id: str, warehouse_id: str, buffer: int) -> None:
    """Units that are never sold online; what is reserved already stays reserved. The same value changes nothing."""
    if not 0 <= buffer <= MAX_UNITS:
        raise Invalid("buffer", f"a buffer is from 0 to {MAX_UNITS:,} units")
    store.skus(tx, [variant_id])
    store.ensure_availability(tx, [(variant_id, warehouse_id)])
    store.lock_stock(tx, [variant_id])
    a = availability.c
    here = (a.variant_id == variant_id, a.warehouse_id == warehouse_id)
    before = tx.scalar(select(a.buffer).where(*here))
    if before != buffer:
        tx.run(update(availability).where(*here).values(buffer=buffer, version=a.version + 1))
        audit.record(tx, [audit.Entry("stock.buffer", "variant", variant_id, before, buffer)])


def set_reorder(tx: Tx, variant_id: str, warehouse_id: str, reorder_point: int, order_up_to: int) -> None:
    """Buy again at `reorder_point` units or fewer, up to `order_up_to`. The same values change nothing."""
    if not 0 <= reorder_point <= MAX_UNITS:
        raise Invalid("reorder_point", f"the reorder point is from 0 to {MAX_UNITS:,} units")
    if not reorder_point <= order_up_to <= MAX_UNITS:
        raise Invalid("order_up_to", "order up to at least the reorder point")
    store.skus(tx, [variant_id])
    p = reorder_policy.c
    here = (p.variant_id == variant_id, p.warehouse_id == warehouse_id)
    old = tx.first(select(p.reorder_point, p.order_up_to).where(*here))
    values = {"reorder_point": reorder_point, "order_up_to": order_up_to}
    before = dict(old._mapping) if old is not None else None
    if before == values:
        return
    if not tx.run(update(reorder_policy).where(*here).values(values)):
        tx.insert_many(reorder_policy, [{"variant_id": variant_id, "warehouse_id": warehouse_id, **values}])
    audit.record(tx, [audit.Entry("stock.reorder", "variant", variant_id, before, values)])
