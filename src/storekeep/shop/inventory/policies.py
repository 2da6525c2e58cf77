"""What the shop keeps back and when it buys again, per variant and warehouse."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import ahead, store
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
        ahead.serve(tx, [variant_id])
        audit.record(tx, [audit.Entry("stock.buffer", "variant", variant_id, before, buffer)])


class Reorder(NamedTuple):
    """Buy a variant again for a warehouse at `reorder_point` units or fewer, up to `order_up_to`."""

    variant_id: str
    warehouse_id: str
    reorder_point: int
    order_up_to: int


def set_reorder(tx: Tx, variant_id: str, warehouse_id: str, reorder_point: int, order_up_to: int) -> None:
    """`set_reorders` of one."""
    set_reorders(tx, [Reorder(variant_id, warehouse_id, reorder_point, order_up_to)])


def set_reorders(tx: Tx, wanted: Sequence[Reorder]) -> None:
    """Set reorder points, thousands in a few statements; one entry per variant and warehouse.

    The same values change nothing. Raises `Invalid` for a number out of range and `UnknownVariant`; then none is set.
    """
    for one in wanted:
        if not 0 <= one.reorder_point <= MAX_UNITS:
            raise Invalid("reorder_point", f"the reorder point is from 0 to {MAX_UNITS:,} units")
        if not one.reorder_point <= one.order_up_to <= MAX_UNITS:
            raise Invalid("order_up_to", "order up to at least the reorder point")
    ids = sorted({one.variant_id for one in wanted})
    store.skus(tx, ids)
    p = reorder_policy.c
    query = select(p.variant_id, p.warehouse_id, p.reorder_point, p.order_up_to).where(p.variant_id.in_(ids))
    known = {(one.variant_id, one.warehouse_id): one for one in (Reorder(*tuple(row)) for row in tx.rows(query))}
    fresh = [one for one in wanted if one[:2] not in known]
    moved = [one for one in wanted if one[:2] in known and one != known[one[:2]]]
    tx.insert_many(reorder_policy, [one._asdict() for one in fresh])
    if moved:
        here = (p.variant_id == bindparam("variant"), p.warehouse_id == bindparam("warehouse"))
        values: dict[str, Any] = {"reorder_point": bindparam("point"), "order_up_to": bindparam("up_to")}
        names = ("variant", "warehouse", "point", "up_to")
        change = update(reorder_policy).where(*here).values(values)
        tx.conn.execute(change, [dict(zip(names, one, strict=True)) for one in moved])
    audit.record(
        tx,
        [
            audit.Entry("stock.reorder", "variant", one.variant_id, _numbers(known.get(one[:2])), _numbers(one))
            for one in (*fresh, *moved)
        ],
    )


def _numbers(one: Reorder | None) -> dict[str, int] | None:
    return None if one is None else {"reorder_point": one.reorder_point, "order_up_to": one.order_up_to}
