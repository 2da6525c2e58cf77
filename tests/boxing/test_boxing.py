"""A box is suggested, weighed and closed: a parcel that weighs something else stays until somebody says why."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

import make
from make import Shop
from storekeep.flows import boxing, floor, packing
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid, Refused
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.orders.tables import order_line
from storekeep.shop.shipping import cartons


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    made = make.shop(db, clock, tmp_path / "media")
    with db.begin() as tx:
        tx.run(update(variant).values(length_mm=100, width_mm=90, height_mm=80))
    return made


def packed(shop: Shop, wanted: dict[str, int]) -> str:
    """Work whose every unit is in its box."""
    order = make.order(shop, wanted, paid=True).order_id
    with shop.db.begin(actor="hand") as tx:
        work = str(queries.of_order(tx, order)[0].id)
        floor.claim(tx, None, [work])
        lines = fulfillments.lines_of(tx, [work])[work]
        for line in lines:
            floor.scan(tx, work, line.sku, f"{line.id} pick", line.due)
        for line in lines:
            packing.scan(tx, work, line.sku, f"{line.id} pack", line.due)
    return work


def test_the_suggested_box_holds_every_unit_without_overlap(shop: Shop) -> None:
    work = packed(shop, {"MUG": 2, "BOWL": 1})
    with shop.db.read() as tx:
        found = boxing.suggest(tx, work)
    assert found.plan is not None
    placed = [one for each in found.plan.cartons for one in each.placements]
    assert len(placed) == 3
    assert {sku for sku, _ in found.items.values()} == {"MUG", "BOWL"}
    assert found.code in {each.code for each in cartons.DEFAULTS}


def test_expected_is_the_tare_and_the_units(shop: Shop) -> None:
    work = packed(shop, {"MUG": 2})
    with shop.db.read() as tx:
        must = boxing.expected(tx, work, "M")
        assert (must.grams, must.tolerance_g, must.tare_g, must.goods_g) == (920, 10, 120, 800)
        assert must.sees_every_unit
        with pytest.raises(Invalid):
            boxing.expected(tx, work, "NO-SUCH-BOX")


@pytest.mark.parametrize(("grams", "passes"), [(909, False), (910, True), (930, True), (931, False), (520, False)])
def test_only_what_weighs_right_is_closed(shop: Shop, grams: int, passes: bool) -> None:
    work = packed(shop, {"MUG": 2})
    if passes:
        with shop.db.begin() as tx:
            assert boxing.close(tx, work, grams, carton_code="M").weight_g == grams
    else:
        with shop.db.begin() as tx, pytest.raises(Refused) as refused:
            boxing.close(tx, work, grams, carton_code="M")
        assert refused.value.problems[0].code == "weight_off"
        with shop.db.read() as tx:
            assert fulfillments.load_one(tx, work).status == "picked"


def test_a_reason_lets_it_through_and_is_kept(shop: Shop) -> None:
    work = packed(shop, {"MUG": 2})
    with shop.db.begin() as tx:
        boxing.close(tx, work, 1100, carton_code="M", override="wrapped in paper as a gift")
    with shop.db.read() as tx:
        row = fulfillments.load_one(tx, work)
    assert (row.carton_code, row.expected_g, row.weight_override) == ("M", 920, "wrapped in paper as a gift")


def test_goods_of_unknown_weight_are_not_checked_and_marked(shop: Shop) -> None:
    work = packed(shop, {"MUG": 1, "TEA": 1})
    with shop.db.begin() as tx:
        tx.run(update(order_line).where(order_line.c.sku == "TEA").values(weight_g=0))
        must = boxing.expected(tx, work, "M")
        assert must.unknown == ("TEA",)
        boxing.close(tx, work, 5000, carton_code="M")
        assert fulfillments.load_one(tx, work).expected_g is None


def test_ten_parcels_teach_the_habit_and_spread_of_a_box(shop: Shop) -> None:
    for off in (30, 34, 26, 30, 38, 22, 30, 34, 26, 30):
        work = packed(shop, {"TEA": 1})
        with shop.db.begin() as tx:
            boxing.close(tx, work, 520, carton_code="M")
            tx.run(update(fulfillment).where(fulfillment.c.id == work).values(weight_g=520 + off))
    work = packed(shop, {"TEA": 1})
    with shop.db.read() as tx:
        must = boxing.expected(tx, work, "M")
        assert (must.grams, must.habit_g, must.learned_from) == (550, 30, 10)
        assert must.tolerance_g == 3 * 4
        assert boxing.expected(tx, work, "L").learned_from == 0


def test_nothing_is_closed_before_every_line_is_scanned_whatever_the_scale_says(shop: Shop) -> None:
    order = make.order(shop, {"MUG": 2}, paid=True).order_id
    with shop.db.begin() as tx:
        work = str(tx.scalar(select(fulfillment.c.id).where(fulfillment.c.order_id == order)))
        floor.claim(tx, None, [work])
        floor.scan(tx, work, "MUG", "pick", 2)
        packing.scan(tx, work, "MUG", "pack", 1)
    with shop.db.begin() as tx, pytest.raises(Refused, match="not in the box"):
        boxing.close(tx, work, 920, carton_code="M", override="it is fine")
