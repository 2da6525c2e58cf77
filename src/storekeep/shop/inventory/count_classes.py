"""The class of each variant in each warehouse: A, B or C, sorted once a night and read by whoever asks what is due.

Sorting reads every move of 90 days and every pool. Pages read what it left (`count_class`).
"""

from collections.abc import Mapping

from sqlalchemy import delete, func, select

from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.ids import smallest_id
from storekeep.shop.inventory import store
from storekeep.shop.inventory.count_rules import classes
from storekeep.shop.inventory.tables import cost_pool, count_class, stock_move

#: Value that left in so many days counts towards a variant's class, beside the value that stands there.
USAGE_DAYS = 90


def values(tx: Tx) -> dict[store.Key, int]:
    """By (variant, warehouse) what left at cost lately and what stands there, in minor units, where it is not 0."""
    found, c, m = dict[store.Key, int](), cost_pool.c, stock_move.c
    stands = select(c.variant_id, c.warehouse_id, c.value_minor)
    since = tx.now - USAGE_DAYS * DAY
    # Ids sort by time, so the days are one range of the key. Grouped by the bare column, SQLite would rather walk the
    # index of variants through the whole ledger, which took it 25 times as long.
    of = func.coalesce(m.variant_id, m.variant_id)
    left = (
        select(of, m.warehouse_id, func.sum(m.value_minor))
        .where(m.id >= smallest_id(since - DAY), m.kind == "ship", m.posted_at >= since)
        .group_by(of, m.warehouse_id)
    )
    for query in (stands, left):
        for variant_id, warehouse_id, value in map(tuple, tx.rows(query)):
            found[variant_id, warehouse_id] = found.get((variant_id, warehouse_id), 0) + int(value)
    return {key: value for key, value in found.items() if value > 0}


def keep(tx: Tx, worth: Mapping[store.Key, int]) -> int:
    """Sort these into classes, warehouse by warehouse, in place of what was sorted before. Returns how many."""
    by_house: dict[str, list[tuple[str, int]]] = {}
    for (variant_id, house), value in worth.items():
        by_house.setdefault(house, []).append((variant_id, value))
    tx.run(delete(count_class))
    rows = [
        {"warehouse_id": house, "variant_id": variant_id, "grade": grade, "value_minor": worth[variant_id, house],
         "sorted_at": tx.now}
        for house, some in sorted(by_house.items())
        for variant_id, grade in sorted(classes(some).items())
    ]  # fmt: skip
    tx.insert_many(count_class, rows)
    return len(rows)


def sorted_at(tx: Tx) -> Instant | None:
    """When the classes were sorted last; None: never, or nothing was worth anything then."""
    at = tx.scalar(select(func.max(count_class.c.sorted_at)))
    return None if at is None else int(at)
