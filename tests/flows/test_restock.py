"""What to order: learned from weeks of orders, suggested once, explained, decided by people, and never twice."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import make
from make import Shop
from storekeep.flows import cancel, chores, receive, restock, supply
from storekeep.kernel import settings
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid, NotFound, Refused
from storekeep.kernel.tables import audit_entry
from storekeep.shop.inventory import policies as hand_set
from storekeep.shop.inventory import queries as stock
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.orders.store import lines_of
from storekeep.shop.purchasing import orders, suppliers
from storekeep.shop.purchasing.model import PriceBreak, SupplierDraft, TermsDraft
from storekeep.shop.replenishment import advice, policies, queries, suggestions
from storekeep.shop.replenishment.model import AUTO_LIMIT, E6, History, Pick, Policy, Terms
from storekeep.shop.replenishment.tables import replenishment_run, replenishment_suggestion
from storekeep.shop.reports import demand, verify

WEEKS = 9


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 45), "BOWL": (1990, 800, 40), "TEA": (700, 300, 900)})


def sell(shop: Shop, weeks: int = WEEKS, **units: int) -> None:
    """Every week one order per SKU, paid on its Tuesday; the clock ends on the Monday after."""
    for _ in range(weeks):
        shop.clock.sleep(DAY)
        for sku, count in units.items():
            make.order(shop, {sku: count}, paid=True)
        shop.clock.sleep(6 * DAY)


def key(shop: Shop, sku: str) -> tuple[str, str]:
    with shop.db.read() as tx:
        return shop.variants[sku], stock.warehouses(tx)[0].id


def run(shop: Shop, command: str = "") -> suggestions.Kept:
    shop.count += 1
    return restock.suggest(shop.db, command or f"run {shop.count}", actor="owner")


def open_by_sku(shop: Shop) -> dict[str, Any]:
    table = replenishment_suggestion
    with shop.db.read() as tx:
        return {row.sku: row for row in tx.rows(select(table).where(table.c.status == "open"))}


def order(shop: Shop, row: Any, qty: int | None = None, command: str = "click") -> restock.Ordered:
    with shop.db.begin(actor="owner") as tx:
        return restock.order(tx, [Pick(row.id, row.qty if qty is None else qty)], command)


def inputs(row: Any) -> Any:
    return suggestions.inputs_of(row.inputs)


def weeks_of(shop: Shop) -> History:
    with shop.db.read() as tx:
        return demand.history(tx, "Europe/Berlin")


def count_of(shop: Shop, table: Any) -> int:
    with shop.db.read() as tx:
        return int(tx.scalar(select(func.count()).select_from(table)))


def test_weeks_of_orders_become_a_suggestion_that_explains_itself(shop: Shop) -> None:
    sell(shop, MUG=5, TEA=2)
    assert run(shop).made == 1, "tea lies there for years, bowls were never sold"
    mug = open_by_sku(shop)["MUG"]
    found = inputs(mug)
    assert found.level_e6 == 5 * E6
    assert (found.on_hand, found.reserved, found.position) == (45, 45, 0)
    assert mug.qty == found.up_to > 10, "a week to the next look, a week of delivery, and a margin"
    told = " ".join(suggestions.load_reasons(mug.reasons))
    for words in ("About 5.0 a week", "7 days to the next look", "45 in the house − 45 reserved",
                  f"needs {found.up_to} units"):  # fmt: skip
        assert words in told, told
    with shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def test_running_again_changes_nothing_and_the_same_command_runs_once(shop: Shop) -> None:
    sell(shop, MUG=5)
    first, before = run(shop, "same"), open_by_sku(shop)
    again = run(shop, "same")
    assert (again.run_id, again.made, again.is_repeat) == (first.run_id, 1, True)
    assert count_of(shop, replenishment_run) == 1
    shop.clock.sleep(HOUR)
    another = run(shop)
    assert (another.made, another.kept, another.superseded) == (0, 1, 0)
    assert open_by_sku(shop) == before
    assert count_of(shop, replenishment_suggestion) == 1


def test_a_run_replaces_what_is_out_of_date_and_takes_back_what_is_not_needed(shop: Shop) -> None:
    sell(shop, MUG=5)
    run(shop)
    old = open_by_sku(shop)["MUG"]
    home = key(shop, "MUG")[1]
    with shop.db.begin(actor="hand") as tx:
        receive.receive(tx, [ReceiveLine(shop.variants["MUG"], 4, 500)], home, "came", "a few")
    assert (run(shop).made, open_by_sku(shop)["MUG"].qty) == (1, old.qty - 4)
    with shop.db.begin(actor="hand") as tx:
        receive.receive(tx, [ReceiveLine(shop.variants["MUG"], 400, 500)], home, "more", "many")
    done = run(shop)
    assert (done.made, done.superseded) == (0, 1)
    assert open_by_sku(shop) == {}


def test_what_was_accepted_counts_as_on_order_until_it_comes(shop: Shop) -> None:
    sell(shop, MUG=5)
    run(shop)
    row = open_by_sku(shop)["MUG"]
    done = order(shop, row)
    assert (done.lines, done.units, done.value_minor) == (1, row.qty, row.qty * 500)
    assert order(shop, row).units == row.qty, "the same click twice orders once"
    assert run(shop).made == 0, "it is on order"
    with shop.db.read() as tx:
        assert queries.awaited(tx) == {key(shop, "MUG"): row.qty}
    shop.clock.sleep(DAY)
    with shop.db.begin(actor="hand") as tx:
        line = ReceiveLine(shop.variants["MUG"], row.qty - 3, 500)
        receive.receive(tx, [line], key(shop, "MUG")[1], "delivery", "the supplier, short")
    with shop.db.read() as tx:
        assert queries.awaited(tx) == {key(shop, "MUG"): 3}
    assert run(shop).made == 0
    shop.clock.sleep(121 * DAY)
    with shop.db.read() as tx:
        assert queries.awaited(tx) == {}, "what has not come after so long will not come"


def test_a_person_may_order_another_quantity_but_not_an_impossible_one(shop: Shop) -> None:
    sell(shop, MUG=5)
    run(shop)
    row = open_by_sku(shop)["MUG"]
    for wrong in (0, -3, 10_000_000):
        with pytest.raises(Invalid):
            order(shop, row, wrong)
    with pytest.raises(Invalid), shop.db.begin(actor="owner") as tx:
        restock.order(tx, [], "nothing")
    with pytest.raises(NotFound), shop.db.begin(actor="owner") as tx:
        restock.order(tx, [Pick(shop.variants["MUG"], 1)], "no such line")
    order(shop, row, row.qty + 7)
    with shop.db.read() as tx:
        kept = suggestions.load(tx, [row.id])[row.id]
        said = select(audit_entry.c.actor, audit_entry.c.after).where(audit_entry.c.action == "restock.ordered")
        acts = tx.rows(said)
    assert (kept.status, kept.taken_qty, kept.decided_by) == ("edited", row.qty + 7, "owner")
    assert [tuple(act) for act in acts] == [("owner", f'{{"qty":{row.qty + 7}}}')]
    with pytest.raises(Conflict, match="not open any more"):
        order(shop, row, command="another click")
    with pytest.raises(Conflict), shop.db.begin(actor="owner") as tx:
        suggestions.dismiss(tx, [row.id], "too late")


def test_what_was_dismissed_rests_until_the_next_look(shop: Shop) -> None:
    sell(shop, MUG=5)
    run(shop)
    row = open_by_sku(shop)["MUG"]
    for _ in range(2):
        with shop.db.begin(actor="owner") as tx:
            suggestions.dismiss(tx, [row.id], "we let it run out")
    assert run(shop).made == 0
    shop.clock.sleep(6 * DAY)
    assert run(shop).made == 0
    shop.clock.sleep(DAY)
    assert run(shop).made == 1


def test_sales_undone_at_once_were_none_but_what_we_lost_was_wanted(shop: Shop) -> None:
    shop.clock.sleep(DAY)
    regretted = make.order(shop, {"MUG": 3}, paid=True).order_id
    lost = make.order(shop, {"BOWL": 40}, paid=True).order_id
    late = make.order(shop, {"TEA": 6}, paid=True).order_id
    make.order(shop, {"TEA": 4})
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, regretted, reason="never mind", command_id="regret")
    with shop.db.begin(actor="hand") as tx:
        place = stock.balances_of(tx, [shop.variants["BOWL"]])[0]
        gone = Correction(shop.variants["BOWL"], place.location_id, -10, "stolen", "count", expected_qty=40)
        receive.adjust(tx, [gone])
        assert lines_of(tx, [lost])[0].canceled == 10
    shop.clock.sleep(49 * HOUR)
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, late, reason="after all", command_id="late")
    shop.work()
    chores.Housekeeper(shop.db).step()
    shop.clock.sleep(6 * DAY)
    found = weeks_of(shop).units
    assert found == {key(shop, "BOWL"): {103: 40}, key(shop, "TEA"): {103: 6}}, "and the unpaid order expired"


def test_weeks_that_ended_a_day_without_goods_are_masked(shop: Shop) -> None:
    sell(shop, 2, BOWL=20)
    sell(shop, 2, MUG=1)
    with shop.db.begin(actor="hand") as tx:
        home = key(shop, "BOWL")[1]
        place = stock.balances_of(tx, [shop.variants["TEA"]])[0].location_id
        receive.receive(tx, [ReceiveLine(shop.variants["BOWL"], 30, 800, place)], home, "again", "delivery")
    sell(shop, 1, MUG=1)
    found = weeks_of(shop)
    masked = {week for week in found.masked[key(shop, "BOWL")] if week >= 99}
    assert masked == {100, 101, 102}, "sold out on the Tuesday of week 100, there again on the Monday of week 103"
    assert not {week for week in found.masked[key(shop, "MUG")] if week >= 99}
    assert found.units[key(shop, "BOWL")] == {99: 20, 100: 20}
    assert [demand.week_of(found, week) for week in (99, 103)] == ["2026-11-23", "2026-12-21"]


def test_without_enough_weeks_the_levels_typed_by_hand_count(shop: Shop) -> None:
    sell(shop, 3, MUG=5)
    assert run(shop).made == 0, "three weeks teach too little, and nobody typed a level"
    with shop.db.begin(actor="owner") as tx:
        hand_set.set_reorder(tx, *key(shop, "MUG"), 30, 50)
        hand_set.set_reorder(tx, *key(shop, "TEA"), 30, 50)
    assert run(shop).made == 1
    row = open_by_sku(shop)["MUG"]
    assert (inputs(row).method, row.qty) == ("min_max", 20)
    sell(shop, 6, MUG=5)
    run(shop)
    assert inputs(open_by_sku(shop)["MUG"]).method == "forecast"


def test_a_policy_of_its_own_sets_lead_time_bounds_and_steps(shop: Shop) -> None:
    sell(shop, MUG=5)
    run(shop)
    usual = open_by_sku(shop)["MUG"].qty
    with shop.db.begin(actor="owner") as tx:
        policies.set_policy(tx, key(shop, "MUG"), Policy(lead_days=28, moq=60, multiple=12))
    run(shop)
    longer = open_by_sku(shop)["MUG"]
    assert longer.qty == 60 > usual
    assert inputs(longer).lead_days_e3 == 28_000
    with shop.db.begin(actor="owner") as tx:
        policies.set_policy(tx, key(shop, "MUG"), Policy(moq=60, multiple=12, max_cover_days=21))
    run(shop)
    asking = open_by_sku(shop)["MUG"]
    assert asking.qty == 0, "60 would last 12 weeks, 3 are allowed: a person decides"
    assert any("a person decides" in line for line in suggestions.load_reasons(asking.reasons))
    with shop.db.begin(actor="owner") as tx:
        policies.set_policy(tx, key(shop, "MUG"), Policy(method="off"))
    assert run(shop).superseded == 1
    with shop.db.begin(actor="owner") as tx:
        policies.drop_policy(tx, key(shop, "MUG"))
        policies.set_default(tx, "A", Policy(min_units=99))
    run(shop)
    assert open_by_sku(shop)["MUG"].qty == 99
    with shop.db.read() as tx:
        assert verify.run(tx, ["R1", "R2"]).status == "ok"


@pytest.mark.parametrize(
    "wrong",
    [
        {"target_bp": 10_000}, {"target_bp": 100}, {"review_days": 0}, {"lead_days": -292}, {"max_cover_days": 0},
        {"min_units": 9, "max_units": 8}, {"moq": 10, "multiple": 4}, {"multiple": 0}, {"method": "magic"},
        {"target_kind": "luck"}, {"min_units": -1},
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused_and_nothing_is_saved(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused, shop.db.begin(actor="owner") as tx:
        policies.set_policy(tx, key(shop, "MUG"), replace(Policy(), **wrong))
    assert {problem.path for problem in refused.value.problems} <= set(wrong)
    with shop.db.read() as tx:
        assert policies.of_key(tx, key(shop, "MUG")) is None


def test_the_night_runs_once_and_orders_within_the_limit_alone(shop: Shop) -> None:
    sell(shop, MUG=5)
    shop.clock.sleep(DAY)
    first = restock.nightly(shop.db)
    assert first is not None
    assert first.made == 1
    assert restock.nightly(shop.db) is None
    shop.clock.sleep(HOUR)
    chores.Housekeeper(shop.db).step()
    assert count_of(shop, replenishment_run) == 1, "the next night has not come"
    shop.clock.sleep(DAY)
    chores.Housekeeper(shop.db).step()
    assert count_of(shop, replenishment_run) == 2
    assert open_by_sku(shop).keys() == {"MUG"}, "without a supplier nothing is ordered by itself"
    with shop.db.read() as tx:
        facts = restock.gather(tx)
    sold_by = Terms(shop.variants["TEA"], "Potters", unit_cost_minor=500)  # any id will do for a supplier
    items = [replace(item, terms=sold_by) for item in facts.items]
    with shop.db.begin(actor="worker") as tx:
        suggestions.keep(tx, advice.advise(replace(facts, items=items)), facts.history.until_day, "with suppliers")
    value = open_by_sku(shop)["MUG"].qty * 500
    for limit, done in ((0, 0), (value - 1, 0), (value, 1), (value, 0)):
        with shop.db.begin(actor="worker") as tx:
            settings.write(tx, AUTO_LIMIT, limit)
            assert len(restock.order_within_limit(tx, f"limit {limit} {done}")) == done
    with shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def test_what_is_ordered_on_the_board_is_a_draft_per_supplier_that_counts_as_on_order_once(shop: Shop) -> None:
    with shop.db.begin(actor="owner") as tx:
        mill = suppliers.add(tx, SupplierDraft("MILL", "Mill Street Trading", "orders@mill.example", "EUR"))
        terms = TermsDraft(shop.variants["MUG"], "M-1", (PriceBreak(1, 5_000_000),), 12, 6, 5)
        suppliers.set_terms(tx, mill, [terms])
        hand_set.set_reorder(tx, *key(shop, "MUG"), 60, 100)
        hand_set.set_reorder(tx, *key(shop, "BOWL"), 60, 100)
    shop.clock.sleep(HOUR)  # what came before does not count against what is ordered now
    run(shop)
    rows = open_by_sku(shop)
    mugs = rows["MUG"]
    assert (mugs.supplier_name, mugs.unit_cost_minor, mugs.qty % 6) == ("Mill Street Trading", 500, 0)
    assert rows["BOWL"].supplier_id is None
    with shop.db.begin(actor="owner") as tx:
        picks = [Pick(row.id, row.qty) for row in rows.values()]
        done, again = restock.order(tx, picks, "click"), restock.order(tx, picks, "click")
    assert done == again
    assert len(done.order_ids) == 1, "a draft for the mugs; nobody sells us bowls"
    with shop.db.read() as tx:
        [line] = orders.lines_of(tx, list(done.order_ids))
        known = supply.known(tx, [shop.variants["MUG"], shop.variants["BOWL"]])
    assert (line.variant_id, line.ordered) == (shop.variants["MUG"], rows["MUG"].qty)
    assert known.on_order == {key(shop, "MUG"): rows["MUG"].qty, key(shop, "BOWL"): rows["BOWL"].qty}
    run(shop)
    assert not open_by_sku(shop), "what is on order is not suggested again"
    with shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def test_within_the_owners_limit_orders_are_sent_by_themselves(shop: Shop) -> None:
    with shop.db.begin(actor="owner") as tx:
        mill = suppliers.add(tx, SupplierDraft("MILL", "Mill Street Trading", "orders@mill.example", "EUR"))
        suppliers.set_terms(tx, mill, [TermsDraft(shop.variants["MUG"], "M-1", (PriceBreak(1, 5_000_000),), 12, 6, 5)])
        hand_set.set_reorder(tx, *key(shop, "MUG"), 60, 100)
        settings.write(tx, AUTO_LIMIT, 100_000_00)
    run(shop)
    with shop.db.begin(actor="system") as tx:
        [done] = restock.order_within_limit(tx, "night")
        assert [orders.load(tx, each).status for each in done.order_ids] == ["sent"]
