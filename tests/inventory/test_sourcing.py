"""Where from: fewest parcels, then most stock; and a yes always comes with a plan."""

import random
from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from storekeep.shop.inventory.destination import far
from storekeep.shop.inventory.model import ShortLine
from storekeep.shop.inventory.sourcing import EXACT_LIMIT, RULES, Origin, Plan, Rule, plan, score, shortages

FREE = st.dictionaries(
    st.sampled_from("ABC"), st.dictionaries(st.sampled_from(["w1", "w2", "w3", "w4"]), st.integers(-3, 6)), min_size=1
)
DEMAND = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 8), min_size=1)


@given(DEMAND, FREE)
def test_there_is_a_plan_exactly_when_nothing_is_short(demand: dict[str, int], free: dict[str, dict[str, int]]) -> None:
    found = plan(demand, free)
    enough = all(sum(max(0, n) for n in free.get(v, {}).values()) >= q for v, q in demand.items())
    assert (found is not None) == enough == (not shortages(demand, free))
    if found is not None:
        for variant, parts in found.items():
            assert sum(qty for _, qty in parts) == demand[variant]
            assert all(0 < qty <= free[variant][warehouse] for warehouse, qty in parts)


@given(DEMAND, FREE)
def test_no_plan_with_fewer_parcels_exists(demand: dict[str, int], free: dict[str, dict[str, int]]) -> None:
    found = plan(demand, free)
    if found is None:
        return
    used = {warehouse for parts in found.values() for warehouse, _ in parts}
    for group in combinations(["w1", "w2", "w3", "w4"], len(used) - 1):
        assert any(sum(max(0, free[v].get(w, 0)) for w in group) < q for v, q in demand.items())


def test_among_equals_the_fullest_warehouse_sends() -> None:
    assert plan({"A": 2}, {"A": {"w1": 2, "w2": 9}}) == {"A": [("w2", 2)]}


def test_one_parcel_beats_more_stock() -> None:
    free = {"A": {"w1": 1, "w2": 90}, "B": {"w1": 1, "w3": 90}}
    assert plan({"A": 1, "B": 1}, free) == {"A": [("w1", 1)], "B": [("w1", 1)]}


def test_every_short_variant_is_named_with_what_is_left() -> None:
    assert shortages({"A": 3, "B": 1}, {"A": {"w1": 1, "w2": 1, "w3": -4}}) == (
        ShortLine("A", 3, 2),
        ShortLine("B", 1, 0),
    )


def test_many_warehouses_are_covered_too() -> None:
    free = {"A": {f"w{n:02}": 1 for n in range(30)} | {"w99": 5}}
    found = plan({"A": 7}, free)
    assert found is not None
    assert found["A"][0] == ("w99", 5)
    assert sum(qty for _, qty in found["A"]) == 7


# --- every rule, against all plans there are --------------------------------------------------------------------------

SMALL_FREE = st.dictionaries(
    st.sampled_from("AB"),
    st.dictionaries(st.sampled_from(["w1", "w2", "w3", "w4"]), st.integers(-1, 4), min_size=1),
    min_size=1,
)
SMALL_DEMAND = st.dictionaries(st.sampled_from("AB"), st.integers(1, 4), min_size=1)
ORIGINS = st.fixed_dictionaries(
    {name: st.builds(Origin, st.integers(0, 5), st.integers(0, 3)) for name in ("w1", "w2", "w3", "w4")}
)


def ways(units: int, free: dict[str, int]) -> Iterator[dict[str, int]]:
    """All ways to take so many units of one variant."""
    names = sorted(name for name, there in free.items() if there > 0)
    for taken in product(*(range(min(units, free[name]) + 1) for name in names)):
        if sum(taken) == units:
            yield {name: n for name, n in zip(names, taken, strict=True) if n}


def worth(taken: dict[str, dict[str, int]], free: dict[str, dict[str, int]], rule: Rule) -> tuple[int, int, int]:
    """A plan's score, parcels and (negative) stock by the words of the module, without its code."""
    used = {name for parts in taken.values() for name in parts}
    facts = rule.origins or {}
    total = {
        "parcels": len(used),
        "cost": sum(facts[name].parcel_minor for name in used),
        "distance": sum(n * facts[name].distance for parts in taken.values() for name, n in parts.items()),
        "stock": -sum(n * free[v][name] for v, parts in taken.items() for name, n in parts.items()),
    }[rule.name]
    return total, len(used), -sum(max(0, free[v].get(name, 0)) for v in taken for name in used)


@given(SMALL_DEMAND, SMALL_FREE, st.sampled_from(RULES), ORIGINS)
def test_no_plan_of_all_there_are_is_better(
    demand: dict[str, int], free: dict[str, dict[str, int]], name: str, origins: dict[str, Origin]
) -> None:
    rule = Rule(name, origins)
    found = plan(demand, free, rule)
    every = [
        worth(dict(zip(demand, each, strict=True)), free, rule)
        for each in product(*(list(ways(units, free.get(v, {}))) for v, units in demand.items()))
    ]
    assert (found is None) == (not every)
    if found is not None:
        assert worth({v: dict(parts) for v, parts in found.items()}, free, rule) == min(every)
        assert score(demand, free, rule, found)[:3] == min(every)


@given(SMALL_DEMAND, SMALL_FREE, st.sampled_from(RULES), ORIGINS, st.randoms())
def test_the_order_in_which_facts_come_changes_nothing(
    demand: dict[str, int], free: dict[str, dict[str, int]], name: str, origins: dict[str, Origin], dice: random.Random
) -> None:
    def shuffled(of: dict[str, Plan]) -> dict[str, Plan]:
        keys = list(of)
        dice.shuffle(keys)
        return {key: of[key] for key in keys}

    other = {variant: shuffled(there) for variant, there in free.items()}  # type: ignore[arg-type]
    assert plan(demand, free, Rule(name, origins)) == plan(demand, other, Rule(name, origins))  # type: ignore[arg-type]


@given(st.sampled_from(RULES), st.integers(EXACT_LIMIT + 1, 12), st.integers(1, 20), st.randoms())
def test_beyond_the_limit_a_plan_still_covers_and_takes_no_more_than_there_is(
    name: str, count: int, wanted: int, dice: random.Random
) -> None:
    roll = dice.randint
    free = {v: {f"w{n:02}": roll(0, 3) for n in range(count)} for v in "AB"}
    rule = Rule(name, {f"w{n:02}": Origin(roll(0, 9), roll(0, 9)) for n in range(count)})
    found = plan({"A": wanted, "B": 1}, free, rule)
    assert (found is None) == bool(shortages({"A": wanted, "B": 1}, free))
    if found is not None:
        assert sum(n for _, n in found["A"]) == wanted
        assert all(0 < n <= free[v][w] for v, parts in found.items() for w, n in parts)


def test_the_cheapest_may_be_two_parcels() -> None:
    free = {"A": {"w1": 1, "w2": 1}, "B": {"w1": 1, "w3": 1}}
    origins = {"w1": Origin(900), "w2": Origin(300), "w3": Origin(300)}
    assert plan({"A": 1, "B": 1}, free, Rule("cost", origins)) == {"A": [("w2", 1)], "B": [("w3", 1)]}
    assert plan({"A": 1, "B": 1}, free, Rule("parcels", origins)) == {"A": [("w1", 1)], "B": [("w1", 1)]}


def test_a_line_splits_when_the_nearest_has_not_all_of_it() -> None:
    origins = {"far": Origin(0, 20), "near": Origin(0, 3)}
    assert plan({"A": 5}, {"A": {"far": 9, "near": 2}}, Rule("distance", origins)) == {"A": [("near", 2), ("far", 3)]}


def test_the_fullest_shelf_gives_first() -> None:
    free = {"A": {"w1": 3, "w2": 8}, "B": {"w1": 7, "w2": 2}}
    assert plan({"A": 1, "B": 1}, free, Rule("stock")) == {"A": [("w2", 1)], "B": [("w1", 1)]}


def test_how_far_goes_by_country_and_by_the_front_of_the_postcode() -> None:
    assert far("DE", "20457", "de", "20 459") == 6
    assert far("DE", "20457", "DE", "80331") == 10
    assert far("GB", "sw1a 1aa", "GB", "SW1A1AA") == 3
    assert far("DE", "20457", "AT", "20457") == 20
    assert far("DE", "", "DE", "80331") == 10
