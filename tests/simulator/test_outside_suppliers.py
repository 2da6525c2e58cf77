"""Suppliers outside: the reorder list is answered once, days later, and what comes goes where the goods stand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outside_stage import Stage
from sqlalchemy import select

from storekeep.flows import restock
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory import policies
from storekeep.shop.inventory.queries import balances_of, to_reorder, warehouses
from storekeep.shop.inventory.tables import stock_move
from storekeep.world.simulator.outside.suppliers import Suppliers
from storekeep.world.simulator.play import Life

Open = Callable[..., Stage]


@pytest.fixture
def opened(db: Database, clock: VirtualClock, tmp_path: Path) -> Open:
    """Opens a stage on which 100 mugs and 50 bowls are wanted; tea is plenty."""

    def make(**options: Any) -> Stage:
        stage = Stage(db, clock, tmp_path, **options)
        with db.begin(actor="owner") as tx:
            home = warehouses(tx)[0].id
            policies.set_reorder(tx, stage.shop.variants["MUG"], home, 299, 300)
            policies.set_reorder(tx, stage.shop.variants["BOWL"], home, 250, 250)
            policies.set_reorder(tx, stage.shop.variants["TEA"], home, 10, 100)
        return stage

    return make


def received(stage: Stage) -> dict[str, int]:
    """Units that came from suppliers since the shop opened, by SKU."""
    m = stock_move.c
    skus = {variant_id: sku for sku, variant_id in stage.shop.variants.items()}
    with stage.db.read() as tx:
        rows = tx.rows(select(m.variant_id, m.qty).where(m.kind == "receive", m.reason == "supplier delivery"))
    found: dict[str, int] = {}
    for row in rows:
        found[skus[row.variant_id]] = found.get(skus[row.variant_id], 0) + row.qty
    return found


def ask_daily(stage: Stage, days: int) -> None:
    suppliers = Suppliers()
    for _ in range(days):
        suppliers.order(Life(stage.play, "suppliers"))
        stage.pass_time(DAY)


def test_what_is_wanted_comes_once_after_the_lead_time(opened: Open) -> None:
    stage = opened()
    suppliers = Suppliers()
    suppliers.order(Life(stage.play, "suppliers"))
    stage.pass_time(2 * DAY)
    suppliers.order(Life(stage.play, "suppliers"))
    assert received(stage) == {}
    stage.pass_time(6 * DAY)
    assert received(stage) == {"MUG": 100, "BOWL": 50}
    assert stage.play.tally["deliveries"] == 1
    with stage.db.read() as tx:
        assert [row.sku for row in to_reorder(tx) if row.sku == "MUG"] == []
        assert len({row.location_id for row in balances_of(tx, [stage.shop.variants["MUG"]])}) == 1
    assert stage.violations() == []


def test_a_short_delivery_is_followed_by_another_order(opened: Open) -> None:
    stage = opened(supplier_short=1.0)
    ask_daily(stage, 8)
    first = received(stage)
    assert 0 < first["MUG"] < 100
    ask_daily(stage, 40)
    assert received(stage)["MUG"] > first["MUG"]


def test_too_much_is_taken_in_as_it_comes(opened: Open) -> None:
    stage = opened(supplier_over=1.0)
    ask_daily(stage, 8)
    assert 100 < received(stage)["MUG"] <= 130
    assert stage.play.tally["fault: supplier over"] == 2


def test_late_means_weeks(opened: Open) -> None:
    stage = opened(supplier_late=1.0)
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.pass_time(8 * DAY)
    assert received(stage) == {}
    stage.pass_time(14 * DAY)
    assert received(stage) == {"MUG": 100, "BOWL": 50}


def test_a_delivery_that_is_booked_in_by_a_dying_program_counts_once(opened: Open) -> None:
    stage = opened()
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.troubled(killed=0.55)
    stage.pass_time(8 * DAY)
    assert any(what.startswith("fault: killed") for what in stage.play.tally)
    assert received(stage) == {"MUG": 100, "BOWL": 50}


def test_after_a_restart_the_supplier_is_asked_again(opened: Open) -> None:
    stage = opened()
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.pass_time(HOUR)
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.pass_time(10 * DAY)
    assert received(stage) == {"MUG": 200, "BOWL": 100}


def test_the_buyer_orders_from_the_board_once_and_dismisses_what_is_coming(opened: Open) -> None:
    stage = opened(buyer_presses_twice=1.0)
    suppliers, buyer = Suppliers(), Life(stage.play, "buyer")
    restock.suggest(stage.db, "night 1")
    suppliers.buy(buyer)
    stage.pass_time(8 * DAY)
    assert received(stage) == {"MUG": 100, "BOWL": 50}
    assert stage.play.tally["lines ordered on the restock board"] == 2
    with stage.db.begin(actor="owner") as tx:
        policies.set_reorder(tx, stage.shop.variants["TEA"], warehouses(tx)[0].id, 900, 1000)
    suppliers.order(Life(stage.play, "suppliers"))
    restock.suggest(stage.db, "night 2")
    for _ in range(9):
        suppliers.buy(buyer)
    assert stage.play.tally["lines dismissed on the restock board"] == 1, "the tea is on its way already"
    assert stage.violations() == []
