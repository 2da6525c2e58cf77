"""The shop's rule of where goods come from, what it knows of its warehouses, and the choices made, kept by order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from storekeep.kernel import settings
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import store
from storekeep.shop.inventory.destination import Destination, far
from storekeep.shop.inventory.sourcing import FEWEST_PARCELS, RULES, Free, Origin, Plan, Rule, useful_warehouses
from storekeep.shop.inventory.tables import sourcing_choice, warehouse

SETTING = "sourcing"
MAX_PARCEL_MINOR = 100_000_000


class ParcelCost(NamedTuple):
    """What sending a parcel from a warehouse costs, minor units: within its own country, and to any other."""

    home_minor: int = 0
    abroad_minor: int = 0


@dataclass(frozen=True, slots=True)
class SourcingSettings:
    """One of `sourcing.RULES`, and the parcel costs by warehouse id (none given: 0)."""

    rule: str
    costs: Mapping[str, ParcelCost]


def load_settings(tx: Tx) -> SourcingSettings:
    """What the owner has set; fewest parcels until then."""
    said: Mapping[str, Any] = settings.read(tx, SETTING) or {}
    costs = {warehouse_id: ParcelCost(*pair) for warehouse_id, pair in said.get("costs", {}).items()}
    return SourcingSettings(str(said.get("rule", RULES[0])), costs)


def save_rule(tx: Tx, rule: str) -> None:
    """Choose the rule for orders placed from now on. Raises `Invalid`."""
    if rule not in RULES:
        raise Invalid("rule", f"the rule is one of {', '.join(RULES)}")
    _save(tx, SourcingSettings(rule, load_settings(tx).costs))


def save_cost(tx: Tx, warehouse_id: str, cost: ParcelCost) -> None:
    """Say what a parcel from a warehouse costs. Raises `Invalid`."""
    for path, minor in zip(("home_minor", "abroad_minor"), cost, strict=True):
        if not 0 <= minor <= MAX_PARCEL_MINOR:
            raise Invalid(path, "a parcel costs nothing or more")
    before = load_settings(tx)
    _save(tx, SourcingSettings(before.rule, {**before.costs, warehouse_id: cost}))


def _save(tx: Tx, wanted: SourcingSettings) -> None:
    costs = {warehouse_id: list(cost) for warehouse_id, cost in sorted(wanted.costs.items())}
    settings.write(tx, SETTING, {"rule": wanted.rule, "costs": costs})


class Rules:
    """The rule towards each destination, read when a shop with several warehouses first has to choose."""

    __slots__ = ("_found", "_said", "_tx", "_warehouses")

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._found: dict[Destination, Rule] = {}
        self._said: SourcingSettings | None = None
        self._warehouses: list[tuple[str, str, str]] = []

    def towards(self, to: Destination, stock: store.Stock) -> Rule:
        """With one warehouse there is nothing to choose and nothing is read."""
        if not any(len(by_warehouse) > 1 for by_warehouse in stock.free.values()) and len(_houses(stock)) < 2:
            return FEWEST_PARCELS
        if to not in self._found:
            self._found[to] = self._towards(to)
        return self._found[to]

    def _towards(self, to: Destination) -> Rule:
        if self._said is None:
            self._said = load_settings(self._tx)
            w = warehouse.c
            self._warehouses = [tuple(row) for row in self._tx.rows(select(w.id, w.country, w.postcode))]
        origins = {}
        for warehouse_id, country, postcode in self._warehouses:
            cost = self._said.costs.get(warehouse_id, ParcelCost())
            is_home = country.strip().upper() == to.country.strip().upper()
            origins[warehouse_id] = Origin(
                cost.home_minor if is_home else cost.abroad_minor, far(country, postcode, to.country, to.postcode)
            )
        return Rule(self._said.rule, origins)


def _houses(stock: store.Stock) -> set[str]:
    return {warehouse_id for by_warehouse in stock.free.values() for warehouse_id in by_warehouse}


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice between warehouses as an order made it: what was free then, and what is taken of it."""

    order_id: str
    demand: Mapping[str, int]
    free: Free
    rule: Rule
    plan: Plan
    is_held: bool


def keep(tx: Tx, decisions: Sequence[Decision]) -> None:
    """Keep why goods come from where they come from, for the order's page."""
    rows = []
    for each in decisions:
        round_id = tx.new_id()
        for variant_id, wanted in each.demand.items():
            taken = dict(each.plan[variant_id])
            for warehouse_id in useful_warehouses(each.demand, each.free):
                origin = each.rule.of(warehouse_id)
                rows.append({
                    "id": tx.new_id(), "order_id": each.order_id, "round_id": round_id, "rule": each.rule.name,
                    "is_held": each.is_held, "variant_id": variant_id, "warehouse_id": warehouse_id, "wanted": wanted,
                    "free": max(0, each.free[variant_id].get(warehouse_id, 0)), "taken": taken.get(warehouse_id, 0),
                    "parcel_minor": origin.parcel_minor, "distance": origin.distance, "decided_at": tx.now,
                })  # fmt: skip
    if rows:
        tx.insert_many(sourcing_choice, rows)
