"""The made-up demand on fixed seeds: as much as was wanted, in the right shape, and the same whoever asks."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from statistics import mean

import pytest

from storekeep.kernel.clock import DAY, MINUTE, Instant, local, start_of_day, to_instant
from storekeep.world.simulator.market import Demand, ShopSpec, UnusableSpec, Visit

BERLIN = "Europe/Berlin"
NEW_YEAR: Instant = start_of_day("2026-01-01", BERLIN)
SPEC = ShopSpec()


@lru_cache
def year_of(seed: int) -> tuple[Demand, tuple[Visit, ...]]:
    """A year of a shop of the usual size, and all who came."""
    demand = Demand(SPEC, NEW_YEAR, 365, seed)
    return demand, tuple(visit for day in demand.days for visit in demand.visits(day))


def orders_of(seed: int) -> list[Visit]:
    return [visit for visit in year_of(seed)[1] if not visit.will_wander]


def by_month(visits: Sequence[Visit]) -> dict[int, int]:
    return Counter(local(visit.at, BERLIN).month for visit in visits)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_brings_the_orders_that_were_wanted_and_visits_without_one_on_top(seed: int) -> None:
    visits, orders = year_of(seed)[1], orders_of(seed)
    assert len(orders) == pytest.approx(20_000, rel=0.03)
    assert 1 - len(orders) / len(visits) == pytest.approx(SPEC.wander_share, abs=0.01)


def test_another_wish_is_met_as_well() -> None:
    demand = Demand(ShopSpec(skus=50, orders_per_year=3_650, wander_share=0.0, promotions_per_year=0), NEW_YEAR, 365, 5)
    visits = [visit for day in demand.days for visit in demand.visits(day)]
    assert len(visits) == pytest.approx(3_650, rel=0.05)
    assert not any(visit.will_wander for visit in visits)
    assert demand.promotions == ()


def test_no_two_seeds_are_alike() -> None:
    assert [visit.at for visit in orders_of(1)[:20]] != [visit.at for visit in orders_of(2)[:20]]


def test_weekdays_differ_as_they_do_in_shops() -> None:
    days = Counter(local(visit.at, BERLIN).weekday() for visit in orders_of(1))
    monday, saturday = days[0] / 52, days[5] / 52
    assert monday / saturday == pytest.approx(1.12 / 0.86, rel=0.08)


def test_christmas_is_the_peak_and_summer_the_dip() -> None:
    months = by_month(orders_of(1))
    usual = mean(months.values())
    assert months[12] > 1.4 * usual
    assert months[11] > 1.3 * usual
    assert months[8] < 0.9 * usual


def test_demand_grows_as_wanted() -> None:
    flat, growing = (ShopSpec(trend_per_year=rate, promotions_per_year=0) for rate in (0.0, 1.0))
    first, last = "2026-01-01", "2026-12-31"
    growth = [
        demand.expected_orders(last) / demand.expected_orders(first)
        for demand in (Demand(spec, NEW_YEAR, 365, 1) for spec in (flat, growing))
    ]
    assert growth[1] / growth[0] == pytest.approx(2.0, rel=0.01)


def test_evenings_are_busy_and_nights_are_not() -> None:
    hours = Counter(local(visit.at, BERLIN).hour for visit in orders_of(1))
    assert hours[20] > 5 * hours[0] > 0
    assert set(hours) == set(range(24))


def test_few_skus_make_most_of_the_sales_and_many_sell_now_and_then() -> None:
    demand, _ = year_of(1)
    sold = Counter(line.sku for visit in orders_of(1) for line in visit.lines)
    ranked = [n for _, n in sold.most_common()]
    lines = sum(ranked)
    assert sum(ranked[: SPEC.skus // 5]) / lines > 0.6
    assert ranked[0] / lines < 0.06
    assert sum(1 for good in demand.goods if sold[good.sku] <= 12) > SPEC.skus // 3


def test_lumpy_skus_are_sold_rarely_and_many_at_once() -> None:
    demand, _ = year_of(1)
    lumpy = {good.sku for good in demand.goods if good.is_lumpy}
    taken = [line.qty for visit in orders_of(1) for line in visit.lines if line.sku in lumpy]
    assert len(lumpy) == 400
    assert len(taken) / len(lumpy) == pytest.approx(4.0, rel=0.15)
    assert mean(taken) == pytest.approx(15.0, rel=0.1)


def test_baskets_have_about_two_lines_of_mostly_one_piece() -> None:
    demand, _ = year_of(1)
    lumpy = {good.sku for good in demand.goods if good.is_lumpy}
    weights = {good.sku: good.weight_g for good in demand.goods}
    orders = orders_of(1)
    assert mean(len(visit.lines) for visit in orders) == pytest.approx(2.0, rel=0.05)
    pieces = Counter(line.qty for visit in orders for line in visit.lines if line.sku not in lumpy)
    assert pieces[1] / pieces.total() == pytest.approx(0.8, abs=0.02)
    assert all(len({line.sku for line in visit.lines}) == len(visit.lines) > 0 for visit in orders)
    assert max(sum(weights[sku] * qty for sku, qty, *_ in visit.lines if sku in weights) for visit in orders) <= 15_000


def test_shoppers_come_back() -> None:
    seen: set[str] = set()
    again = 0
    orders = orders_of(1)
    for visit in orders:
        again += visit.email in seen
        seen.add(visit.email)
    assert 0.33 < again / len(orders) < 0.41  # the rest of the 0.4 had bought before the first day
    homes = {(visit.email, visit.country, visit.address["line1"]) for visit in year_of(1)[1]}
    assert len(homes) == len({visit.email for visit in year_of(1)[1]})


def test_some_come_in_a_bunch_for_the_same_thing() -> None:
    bunches: dict[str, list[Visit]] = {}
    for visit in orders_of(1):
        if visit.bunch is not None:
            bunches.setdefault(visit.bunch, []).append(visit)
    share = sum(map(len, bunches.values())) / len(orders_of(1))
    assert share == pytest.approx(SPEC.bunch_share, abs=0.012)
    for own in bunches.values():
        assert 3 <= len(own) <= 6
        assert max(visit.at for visit in own) - min(visit.at for visit in own) < MINUTE
        assert len({visit.lines[0].sku for visit in own}) == 1


def test_a_promotion_sells_its_skus_and_is_talked_about() -> None:
    demand, _ = year_of(1)
    promotion = demand.promotions[0]
    before, week, inside = Counter[bool](), Counter[bool](), 0
    for visit in orders_of(1):
        day = local(visit.at, BERLIN).date().isoformat()
        is_in = promotion.first_day <= day <= promotion.last_day
        if is_in:
            inside += 1
        for line in visit.lines:
            (week if is_in else before)[line.sku in promotion.skus] += 1
        assert is_in or visit.code != promotion.code
    lift = (week[True] / week.total()) / (before[True] / before.total())
    assert 2.5 < lift < 5.5
    used = sum(visit.code == promotion.code for visit in orders_of(1))
    assert used / inside == pytest.approx(0.3, abs=0.08)
    assert len(demand.promotions) == 6
    assert all(len(one.skus) == 20 for one in demand.promotions)


def test_keys_are_unique_and_visits_come_in_order_of_time() -> None:
    demand, visits = year_of(1)
    assert len({visit.key for visit in visits}) == len(visits)
    for day in demand.days[:40]:
        own = demand.visits(day)
        assert [visit.at for visit in own] == sorted(visit.at for visit in own)
        assert all(local(visit.at, BERLIN).date().isoformat() == day for visit in own)


def test_nights_that_change_the_clock_stay_within_their_day() -> None:
    demand, _ = year_of(1)
    for day in ("2026-03-29", "2026-10-25"):
        begin = start_of_day(day, BERLIN)
        assert all(begin <= visit.at < begin + 25 * 60 * MINUTE for visit in demand.visits(day))
        assert {local(visit.at, BERLIN).date().isoformat() for visit in demand.visits(day)} == {day}


def test_nobody_comes_before_the_start() -> None:
    noon = to_instant(datetime(2026, 11, 27, 11, 0, tzinfo=UTC))
    day = "2026-11-27"
    late, whole = Demand(SPEC, noon, 1, 1), Demand(SPEC, start_of_day(day, BERLIN), 1, 1)
    assert late.visits(day) == [visit for visit in whole.visits(day) if visit.at >= noon]
    assert 0 < len(late.visits(day)) < len(whole.visits(day))


def test_a_short_run_is_the_beginning_of_a_long_one() -> None:
    short = Demand(SPEC, NEW_YEAR, 2, 1)
    long = Demand(SPEC, NEW_YEAR, 800, 1)
    assert short.days == long.days[:2]
    assert [short.visits(day) for day in short.days] == [year_of(1)[0].visits(day) for day in short.days]
    assert long.visits("2026-12-20") == year_of(1)[0].visits("2026-12-20")
    assert long.visits(long.days[-1])


def test_days_can_be_asked_for_in_any_order_and_again() -> None:
    demand, fresh = year_of(1)[0], Demand(SPEC, NEW_YEAR, 365, 1)
    assert fresh.visits("2026-05-06") == demand.visits("2026-05-06") == demand.visits("2026-05-06")


_PRINT = """
import hashlib
from storekeep.world.simulator.market import Demand, ShopSpec
demand = Demand(ShopSpec(skus=300), {start}, 60, 7)
told = [demand.goods, demand.promotions, [demand.visits(day) for day in demand.days[::15]]]
print(hashlib.sha256(repr(told).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_sees_the_same_market(hash_seed: str) -> None:
    demand = Demand(ShopSpec(skus=300), NEW_YEAR, 60, 7)
    told = [demand.goods, demand.promotions, [demand.visits(day) for day in demand.days[::15]]]
    here = hashlib.sha256(repr(told).encode()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    code = _PRINT.format(start=NEW_YEAR)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == here


def test_orders_of_days_scatter_as_independent_shoppers_do() -> None:
    demand, _ = year_of(1)
    counted = Counter(local(visit.at, BERLIN).date().isoformat() for visit in orders_of(1))
    excess = [(counted[day] - demand.expected_orders(day)) ** 2 / demand.expected_orders(day) for day in demand.days]
    assert mean(excess) == pytest.approx(1.0, abs=0.3)


def test_codes_are_tried_by_some() -> None:
    codes = Counter(visit.code for visit in orders_of(1))
    assert codes["FIRST15"] > 200  # more than there are
    assert codes["WELCOME10"] > 100


def test_a_start_in_the_day_and_a_single_sku_are_no_trouble() -> None:
    tiny = Demand(
        ShopSpec(skus=1, orders_per_year=1, lumpy_share=0.9, promotions_per_year=1), NEW_YEAR + DAY // 2, 3, 1
    )
    assert [len(tiny.visits(day)) for day in tiny.days]
    busy = Demand(ShopSpec(skus=1, orders_per_year=36_500), NEW_YEAR, 1, 1)
    assert {line.sku for visit in busy.visits(busy.days[0]) for line in visit.lines} == {"SIM-00001"}


def test_equal_visits_next_to_each_other_keep_their_order() -> None:
    _, visits = year_of(1)
    for _at, own in groupby(visits, key=lambda visit: visit.at):
        keys = [visit.key for visit in own]
        assert keys == sorted(keys)


@pytest.mark.parametrize(
    "wrong",
    [{"skus": 0}, {"orders_per_year": 0}, {"wander_share": 1.0}, {"warehouses": 2}, {"reorder_weeks": 9},
     {"lines_per_order": 0.5}, {"promotions_per_year": 60}],
)  # fmt: skip
def test_a_spec_out_of_range_is_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(UnusableSpec, match=r"must|up_to_weeks"):
        ShopSpec(**wrong)  # type: ignore[arg-type]
