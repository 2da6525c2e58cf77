"""Suppliers outside: what is to be bought again is ordered once, comes days later or later still, and is charged."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outside_stage import Stage
from sqlalchemy import func, select

from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory import policies
from storekeep.shop.inventory.queries import balances_of, to_reorder, warehouses
from storekeep.shop.purchasing.tables import (
    purchase_order,
    purchase_order_line,
    receipt,
    receipt_line,
    supplier_invoice,
    supplier_return,
)
from storekeep.world.simulator.outside.suppliers import Suppliers
from storekeep.world.simulator.play import Life

Open = Callable[..., Stage]

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


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


def booked(stage: Stage) -> dict[str, int]:
    """Units that came on orders since the shop opened, by SKU."""
    n = receipt_line.c
    skus = {variant_id: sku for sku, variant_id in stage.shop.variants.items()}
    query = select(n.variant_id, func.sum(n.counted).label("units")).join_from(
        receipt_line, receipt, receipt.c.id == n.receipt_id
    )
    mine = (receipt.c.status == "posted", n.disposition != "refuse")
    with stage.db.read() as tx:
        rows = tx.rows(query.where(*mine).group_by(n.variant_id))
    return {skus[row.variant_id]: int(row.units) for row in rows}


def ordered(stage: Stage) -> dict[str, int]:
    """Units ordered so far, by SKU."""
    line = purchase_order_line.c
    skus = {variant_id: sku for sku, variant_id in stage.shop.variants.items()}
    with stage.db.read() as tx:
        rows = tx.rows(select(line.variant_id, func.sum(line.ordered).label("units")).group_by(line.variant_id))
    return {skus[row.variant_id]: int(row.units) for row in rows}


def statuses(stage: Stage, table: Any) -> Counter[str]:
    with stage.db.read() as tx:
        return Counter(row.status for row in tx.rows(select(table.c.status)))


def ask_daily(stage: Stage, days: int) -> None:
    suppliers = Suppliers()
    for _ in range(days):
        suppliers.order(Life(stage.play, "suppliers"))
        stage.pass_time(DAY)


def test_what_is_wanted_is_ordered_once_comes_after_the_lead_time_and_is_charged(opened: Open) -> None:
    stage = opened()
    suppliers = Suppliers()
    suppliers.order(Life(stage.play, "suppliers"))
    wanted = ordered(stage)
    assert wanted["MUG"] in range(100, 106)
    assert wanted["BOWL"] in range(50, 56)
    stage.pass_time(2 * DAY)
    suppliers.order(Life(stage.play, "suppliers"))
    assert booked(stage) == {}
    assert set(statuses(stage, purchase_order)) == {"confirmed"}
    stage.pass_time(10 * DAY)
    assert booked(stage) == ordered(stage) == wanted
    assert set(statuses(stage, purchase_order)) == {"closed"}
    assert set(statuses(stage, supplier_invoice)) == {"matched"}
    with stage.db.read() as tx:
        assert [row.sku for row in to_reorder(tx) if row.sku == "MUG"] == []
        assert len({row.location_id for row in balances_of(tx, [stage.shop.variants["MUG"]])}) == 1
    assert stage.violations() == []


def test_a_short_delivery_is_followed_by_the_rest_or_by_another_order(opened: Open) -> None:
    stage = opened(supplier_short=1.0)
    ask_daily(stage, 8)
    first = booked(stage)
    assert 0 < first["MUG"] < 100
    ask_daily(stage, 40)
    assert booked(stage)["MUG"] > first["MUG"]
    assert stage.violations() == []


def test_too_much_is_decided_on(opened: Open) -> None:
    stage = opened(supplier_over=1.0)
    ask_daily(stage, 8)
    assert stage.play.tally["fault: supplier over"] == 2
    assert 100 <= booked(stage)["MUG"] <= 136
    assert stage.violations() == []


def test_broken_and_wrong_goods_are_decided_on_and_some_go_back(opened: Open) -> None:
    stage = opened(supplier_damaged=1.0, supplier_wrong=1.0)
    ask_daily(stage, 60)
    with stage.db.read() as tx:
        findings = {row.finding for row in tx.rows(select(receipt_line.c.finding))}
        sent_back = tx.scalar(select(func.sum(supplier_return.c.qty)))
    assert findings >= {"expected", "damaged", "wrong"}
    assert sent_back > 0
    assert stage.violations() == []


def test_a_bill_that_is_wrong_is_sent_back_or_becomes_variance(opened: Open) -> None:
    stage = opened(supplier_charges_wrong=1.0, supplier_short=0.5)
    ask_daily(stage, 60)
    with stage.db.read() as tx:
        dear = tx.scalar(select(func.count()).where(supplier_invoice.c.difference_minor > 1))
    assert statuses(stage, supplier_invoice)["void"] + dear > 0
    assert stage.violations() == []


def test_late_means_weeks(opened: Open) -> None:
    stage = opened(supplier_late=1.0)
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.pass_time(8 * DAY)
    assert booked(stage) == {}
    stage.pass_time(16 * DAY)
    assert booked(stage) == ordered(stage)


def test_a_delivery_that_is_booked_in_by_a_dying_program_counts_once(opened: Open) -> None:
    stage = opened()
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.troubled(killed=0.4)
    stage.pass_time(12 * DAY)
    assert any(what.startswith("fault: killed") for what in stage.play.tally)
    assert booked(stage) == ordered(stage)
    assert stage.violations() == []


def test_after_a_restart_the_supplier_goes_on_with_its_orders(opened: Open) -> None:
    stage = opened()
    Suppliers().order(Life(stage.play, "suppliers"))
    stage.pass_time(HOUR)
    once = ordered(stage)
    Suppliers().order(Life(stage.play, "suppliers"))
    assert ordered(stage) == once
    stage.pass_time(12 * DAY)
    assert booked(stage) == once
    assert stage.violations() == []
