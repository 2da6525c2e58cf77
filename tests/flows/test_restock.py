"""What to order: learned from weeks of orders, suggested once, explained, decided by people, and never twice."""

from pathlib import Path

import pytest
from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import restock
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.replenishment import suggestions
from storekeep.shop.replenishment.model import E6
from storekeep.shop.replenishment.tables import replenishment_suggestion
from storekeep.shop.reports import verify

WEEKS = 12


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 60), "BOWL": (1990, 800, 40), "TEA": (700, 300, 900)})


def sell(shop: Shop, weeks: int = WEEKS, **units: int) -> None:
    """Every week one order per SKU, paid on its Tuesday; the clock ends on the Monday after."""
    for _ in range(weeks):
        shop.clock.sleep(DAY)
        for sku, count in units.items():
            make.order(shop, {sku: count}, paid=True)
        shop.clock.sleep(6 * DAY)


def key(shop: Shop, sku: str) -> tuple[str, str]:
    with shop.db.read() as tx:
        return shop.variants[sku], warehouses(tx)[0].id


def run(shop: Shop, command: str = "run") -> suggestions.Kept:
    return restock.suggest(shop.db, command, actor="owner")


def open_by_sku(shop: Shop) -> dict[str, object]:
    with shop.db.read() as tx:
        rows = tx.rows(select(replenishment_suggestion).where(replenishment_suggestion.c.status == "open"))
        return {row.sku: row for row in rows}


def test_weeks_of_orders_become_a_suggestion_that_explains_itself(shop: Shop) -> None:
    sell(shop, MUG=5, TEA=2)
    done = run(shop)
    mug = open_by_sku(shop)["MUG"]
    inputs = suggestions.inputs_of(mug.inputs)
    assert done.made == 1, "tea lies there for years, bowls were never sold"
    assert inputs.level_e6 == 5 * E6
    assert inputs.position == 0
    assert inputs.reserved == 60 == inputs.on_hand
    assert mug.qty == inputs.up_to > 10, "a week to the next look and a week of delivery at 5 a week, and a margin"
    with shop.db.read() as tx:
        assert verify.run(tx).status == "ok"
