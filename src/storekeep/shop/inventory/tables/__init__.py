"""The tables of goods, by what they hold; everybody names them as `inventory.tables`."""

from storekeep.shop.inventory.tables.cost import cost_adjustment, cost_entry, cost_layer, cost_pool
from storekeep.shop.inventory.tables.counts import COUNT_KINDS, count_class, count_line, count_task
from storekeep.shop.inventory.tables.goods import (
    availability,
    lot,
    reorder_policy,
    reservation,
    stock_balance,
    stock_move,
)
from storekeep.shop.inventory.tables.places import (
    KINDS_OWNED,
    KINDS_VIRTUAL,
    bin_fact,
    location,
    pick_face,
    warehouse,
    zone,
)
from storekeep.shop.inventory.tables.promises import (
    SELL_AHEAD_KINDS,
    low_stock,
    low_stock_level,
    sell_ahead,
    sourcing_choice,
)

__all__ = [
    "COUNT_KINDS",
    "KINDS_OWNED",
    "KINDS_VIRTUAL",
    "SELL_AHEAD_KINDS",
    "availability",
    "bin_fact",
    "cost_adjustment",
    "cost_entry",
    "cost_layer",
    "cost_pool",
    "count_class",
    "count_line",
    "count_task",
    "location",
    "lot",
    "low_stock",
    "low_stock_level",
    "pick_face",
    "reorder_policy",
    "reservation",
    "sell_ahead",
    "sourcing_choice",
    "stock_balance",
    "stock_move",
    "warehouse",
    "zone",
]
