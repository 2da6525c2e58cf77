"""Where from? A pure plan over free units, and the only answer to "can this be sold?".

Fewest parcels first, then the warehouses with most stock of what is wanted, then the lowest id. Exact up to
`EXACT_LIMIT` useful warehouses (every subset is looked at, smallest first); beyond it the best cover is taken greedily.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from storekeep.shop.inventory.model import ShortLine

EXACT_LIMIT = 10

#: variant -> warehouse -> free units
Free = Mapping[str, Mapping[str, int]]
#: variant -> (warehouse, units) in the order they are taken
Plan = dict[str, list[tuple[str, int]]]


def shortages(demand: Mapping[str, int], free: Free) -> tuple[ShortLine, ...]:
    """Every wanted variant of which less is left, with what is left."""
    found = []
    for variant, wanted in demand.items():
        left = sum(units for units in free.get(variant, {}).values() if units > 0)
        if left < wanted:
            found.append(ShortLine(variant, wanted, left))
    return tuple(found)


def plan(demand: Mapping[str, int], free: Free) -> Plan | None:
    """Units to take of each variant from each warehouse, or None exactly when something is short."""
    if shortages(demand, free):
        return None
    useful = sorted({w for variant in demand for w, units in free[variant].items() if units > 0})
    if len(useful) == 1:
        return {variant: [(useful[0], wanted)] for variant, wanted in demand.items()}
    chosen = _exact(demand, free, useful) if len(useful) <= EXACT_LIMIT else _greedy(demand, free, useful)
    return {variant: _take(wanted, free[variant], chosen) for variant, wanted in demand.items()}


def _exact(demand: Mapping[str, int], free: Free, useful: Sequence[str]) -> tuple[str, ...]:
    for size in range(1, len(useful) + 1):
        covering = [group for group in combinations(useful, size) if _covers(demand, free, group)]
        if covering:
            return min(covering, key=lambda group: (-_stock(demand, free, group), group))
    return tuple(useful)


def _greedy(demand: Mapping[str, int], free: Free, useful: Sequence[str]) -> tuple[str, ...]:
    left, chosen, waiting = dict(demand), list[str](), list(useful)
    while any(units > 0 for units in left.values()):
        best = min(waiting, key=lambda w: (-sum(min(n, max(0, free[v].get(w, 0))) for v, n in left.items()), w))
        waiting.remove(best)
        chosen.append(best)
        left = {v: n - min(n, max(0, free[v].get(best, 0))) for v, n in left.items()}
    return tuple(chosen)


def _covers(demand: Mapping[str, int], free: Free, group: Sequence[str]) -> bool:
    return all(sum(max(0, free[v].get(w, 0)) for w in group) >= wanted for v, wanted in demand.items())


def _stock(demand: Mapping[str, int], free: Free, group: Sequence[str]) -> int:
    return sum(max(0, free[v].get(w, 0)) for v in demand for w in group)


def _take(wanted: int, by_warehouse: Mapping[str, int], group: Sequence[str]) -> list[tuple[str, int]]:
    """From the fullest of the chosen warehouses first."""
    parts = []
    for warehouse in sorted(group, key=lambda w: (-by_warehouse.get(w, 0), w)):
        units = min(wanted, max(0, by_warehouse.get(warehouse, 0)))
        if units:
            parts.append((warehouse, units))
            wanted -= units
    return parts
