"""Where from: fewest parcels, then most stock; and a yes always comes with a plan."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from storekeep.shop.inventory.model import ShortLine
from storekeep.shop.inventory.sourcing import plan, shortages

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
