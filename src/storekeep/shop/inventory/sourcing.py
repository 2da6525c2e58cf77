"""Where from? A pure plan over free units, and the only answer to "can this be sold?": a yes is always a plan.

A plan takes whole units of each variant from warehouses; a line may come from several. Which of all plans is best says
the shop's rule, as a score that is added up over the plan, the lowest winning:

- parcels: 1 for each warehouse that sends something
- cost: what a parcel from that warehouse costs, for each warehouse that sends something
- distance: how far the warehouse is, for each unit
- stock: less than nothing for each unit, by as much as is free of its variant in its warehouse

Equal scores go to fewer parcels, then to the warehouses with most stock of what is wanted, then to the lowest ids.
Exact up to `EXACT_LIMIT` useful warehouses. Every subset of them is looked at; given the subset, a unit is best taken
from the warehouse with the lowest score for it, and whatever such a plan leaves unused was looked at as a smaller
subset. Beyond that limit `distance` and `stock` still have the best score, and the other two are taken greedily.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from storekeep.shop.inventory.model import ShortLine

EXACT_LIMIT = 8
RULES = ("parcels", "cost", "distance", "stock")

#: variant -> warehouse -> free units
Free = Mapping[str, Mapping[str, int]]
#: variant -> (warehouse, units) in the order they are taken
Plan = dict[str, list[tuple[str, int]]]
#: What a plan is compared by: its score, parcels, stock of what is wanted (negative), the warehouses
Score = tuple[int, int, int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Origin:
    """A warehouse as a buyer sees it: what a parcel from it costs (minor units), how far it is (`destination.far`)."""

    parcel_minor: int = 0
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """The shop's rule and what it needs to know of each warehouse; one that is not named costs nothing and is near."""

    name: str = "parcels"
    origins: Mapping[str, Origin] | None = None

    def of(self, warehouse_id: str) -> Origin:
        return (self.origins or {}).get(warehouse_id, _NOWHERE)

    def per_parcel(self, warehouse_id: str) -> int:
        """The score of sending a parcel from there; never below 0."""
        if self.name == "parcels":
            return 1
        return self.of(warehouse_id).parcel_minor if self.name == "cost" else 0

    def per_unit(self, warehouse_id: str, free: int) -> int:
        """The score of a unit from there, `free` of which are free."""
        if self.name == "distance":
            return self.of(warehouse_id).distance
        return -free if self.name == "stock" else 0


_NOWHERE = Origin()
FEWEST_PARCELS = Rule()


def shortages(demand: Mapping[str, int], free: Free) -> tuple[ShortLine, ...]:
    """Every wanted variant of which less is left, with what is left."""
    found = []
    for variant, wanted in demand.items():
        left = sum(units for units in free.get(variant, {}).values() if units > 0)
        if left < wanted:
            found.append(ShortLine(variant, wanted, left))
    return tuple(found)


def plan(demand: Mapping[str, int], free: Free, rule: Rule = FEWEST_PARCELS) -> Plan | None:
    """Units to take of each variant from each warehouse, or None exactly when something is short."""
    if shortages(demand, free):
        return None
    if not demand:  # all that is wanted is still to come
        return {}
    useful = useful_warehouses(demand, free)
    if len(useful) == 1:
        return {variant: [(useful[0], wanted)] for variant, wanted in demand.items()}
    if len(useful) <= EXACT_LIMIT:
        return _exact(demand, free, rule, useful)
    if rule.name in ("distance", "stock"):
        return _taken(demand, free, rule, useful)
    return _taken(demand, free, rule, _greedy(demand, free, rule, useful))


def useful_warehouses(demand: Mapping[str, int], free: Free) -> list[str]:
    """The warehouses with something of what is wanted, by id."""
    return sorted({w for variant in demand for w, units in free.get(variant, {}).items() if units > 0})


def score(demand: Mapping[str, int], free: Free, rule: Rule, chosen: Plan) -> Score:
    """What this plan is compared by; the lowest is the best."""
    used = tuple(sorted({warehouse for parts in chosen.values() for warehouse, _ in parts}))
    total = sum(rule.per_parcel(warehouse) for warehouse in used)
    for variant, parts in chosen.items():
        total += sum(units * rule.per_unit(warehouse, free[variant][warehouse]) for warehouse, units in parts)
    return total, len(used), -sum(max(0, free[v].get(w, 0)) for v in demand for w in used), used


def _exact(demand: Mapping[str, int], free: Free, rule: Rule, useful: Sequence[str]) -> Plan:
    """The best of the plans of all subsets; by fewest parcels the first size that has one is enough."""
    best: tuple[Score, Plan] | None = None
    for size in range(1, len(useful) + 1):
        for chosen in _covering(demand, free, rule, useful, size):
            scored = score(demand, free, rule, chosen)
            if best is None or scored < best[0]:
                best = scored, chosen
        if best is not None and rule.name == "parcels":
            break
    if best is None:
        raise AssertionError("enough is free, and yet no set of warehouses covers it")
    return best[1]


def _covering(
    demand: Mapping[str, int], free: Free, rule: Rule, useful: Sequence[str], size: int
) -> Iterator[Plan]:
    for group in combinations(useful, size):
        if all(sum(max(0, free[v].get(w, 0)) for w in group) >= wanted for v, wanted in demand.items()):
            yield _taken(demand, free, rule, group)


def _taken(demand: Mapping[str, int], free: Free, rule: Rule, group: Sequence[str]) -> Plan:
    """Each unit from the warehouse of the group with the lowest score for it; among equals from the fullest."""
    return {variant: _take(wanted, free[variant], rule, group) for variant, wanted in demand.items()}


def _take(wanted: int, by_warehouse: Mapping[str, int], rule: Rule, group: Sequence[str]) -> list[tuple[str, int]]:
    def turn(warehouse: str) -> tuple[int, int, str]:
        there = by_warehouse.get(warehouse, 0)
        return rule.per_unit(warehouse, there), -there, warehouse

    parts = []
    for warehouse in sorted(group, key=turn):
        units = min(wanted, max(0, by_warehouse.get(warehouse, 0)))
        if units:
            parts.append((warehouse, units))
            wanted -= units
    return parts


def _greedy(demand: Mapping[str, int], free: Free, rule: Rule, useful: Sequence[str]) -> list[str]:
    """Warehouse after warehouse: the one that sends most units for its parcel's score, until all is covered."""
    left, chosen, waiting = dict(demand), list[str](), list(useful)
    while any(units > 0 for units in left.values()):
        sends = {w: sum(min(n, max(0, free[v].get(w, 0))) for v, n in left.items()) for w in waiting}
        # A parcel that costs nothing still counts as one, so that more units win.
        best = min((w for w in waiting if sends[w]), key=lambda w: (Fraction(rule.per_parcel(w) + 1, sends[w]), w))
        waiting.remove(best)
        chosen.append(best)
        left = {v: n - min(n, max(0, free[v].get(best, 0))) for v, n in left.items()}
    return chosen
