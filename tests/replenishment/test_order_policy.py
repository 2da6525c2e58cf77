"""From forecast to order: protection time, rounding, and what a supplier's minimum adds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.shop.replenishment import policy
from storekeep.shop.replenishment.policy import Extra, Position, Proposal, Rounding, fill_up, propose
from storekeep.shop.replenishment.quantile import quantile

units = st.integers(0, 500)
roundings = st.builds(Rounding, st.integers(1, 40), st.integers(0, 120), st.none() | st.integers(0, 400))


def test_demand_over_the_protection_time() -> None:
    mean, variance = policy.protected_demand(np.array([4.0]), np.array([9.0]), 1.0, 2.0, 0.5)
    assert (mean[0], variance[0]) == (12.0, 9 * 3 + 16 * 0.5)


def test_s_may_have_a_target_for_each_sku() -> None:
    mean, variance = np.array([3.0, 3.0, 8.0]), np.array([7.0, 7.0, 20.0])
    found = policy.order_up_to(mean, variance, np.array([0.8, 0.99, 0.8]))
    assert found.tolist() == [quantile(mean, variance, t)[n] for n, t in enumerate([0.8, 0.99, 0.8])]
    assert found.dtype == np.int64


def test_the_position_counts_what_comes_and_what_is_promised() -> None:
    assert Position(on_hand=10, on_order=20, in_transit=5, reserved=7, back_ordered=3).units == 25


@pytest.mark.parametrize(
    ("up_to", "position", "rounding", "proposal"),
    [
        (10, 10, Rounding(), Proposal(0, 0, 1)),
        (10, 12, Rounding(6, 24), Proposal(0, 0, 24)),
        (10, 3, Rounding(), Proposal(7, 7, 1)),
        (10, 3, Rounding(6), Proposal(12, 7, 6)),
        (10, 3, Rounding(6, 20), Proposal(24, 7, 24, is_raised_to_moq=True)),
        (50, 3, Rounding(6, 0, 31), Proposal(30, 47, 6, is_cut_to_cap=True)),
        (33, 3, Rounding(6, 0, 30), Proposal(30, 30, 6)),
        (50, 3, Rounding(6, 20, 20), Proposal(0, 47, 24, must_ask=True)),
        (5, -4, Rounding(1, 0, 0), Proposal(0, 9, 1, must_ask=True)),
    ],
)
def test_rounding_by_hand(up_to: int, position: int, rounding: Rounding, proposal: Proposal) -> None:
    assert propose(up_to, position, rounding) == proposal


@given(units, st.integers(-200, 500), roundings)
def test_the_laws_of_rounding(up_to: int, position: int, rounding: Rounding) -> None:
    found = propose(up_to, position, rounding)
    assert type(found.units) is int
    assert found.units % rounding.multiple == 0
    assert (found.needed == 0) == (up_to <= position)
    if found.units == 0:
        assert found.needed == 0 or found.must_ask
        return
    assert found.units >= found.least >= rounding.moq
    assert rounding.cap is None or found.units <= rounding.cap
    if found.is_cut_to_cap:
        assert rounding.cap is not None
        assert found.units + rounding.multiple > rounding.cap
    else:
        assert found.units >= found.needed
        one_less = found.units - rounding.multiple
        assert one_less < found.needed or one_less < rounding.moq


@pytest.mark.parametrize("wrong", [{"multiple": 0}, {"moq": -1}, {"cap": -5}])
def test_impossible_roundings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Rounding(**wrong)


def test_a_cap_is_what_may_still_be_added() -> None:
    assert policy.cap_units(2.5, 30, 26.0) == 35
    assert policy.cap_units(2.5, 90, 26.0) == 0
    assert policy.cap_units(2.5, 30, None) is None


def test_filling_up_goes_to_the_line_with_the_least_cover() -> None:
    lines = [
        Extra("slow", position=10, level=1.0, unit_cost_minor=500),
        Extra("fast", position=10, level=5.0, unit_cost_minor=300, multiple=10, first=20),
        Extra("dead", position=0, level=0.0, unit_cost_minor=900),
    ]
    # fast has 2 periods of cover, with 20 more 6, with 30 more 8, with 40 more 10; the tie goes to the earlier line
    assert fill_up(lines, 1) == {"fast": 20}
    assert fill_up(lines, 9_001) == {"fast": 40}
    assert fill_up(lines, 12_001) == {"fast": 40, "slow": 1}
    assert fill_up(lines, 0) == {}


extras = st.lists(
    st.builds(Extra, st.just(""), st.integers(0, 50), st.sampled_from([0.0, 0.5, 3.0]), st.integers(0, 900),
              st.integers(1, 12), st.integers(1, 30), st.integers(0, 60)),
    max_size=5,
)  # fmt: skip


@given(extras, st.integers(0, 100_000))
def test_filling_up_reaches_the_minimum_within_room_or_says_it_cannot(lines: list[Extra], lacking: int) -> None:
    lines = [
        Extra(str(n), one.position, one.level, one.unit_cost_minor, one.multiple, one.first, one.room)
        for n, one in enumerate(lines)
    ]
    found = fill_up(lines, lacking)
    most = sum(_most(one) * one.unit_cost_minor for one in lines if one.level > 0)
    assert (found is None) == (most < lacking)
    if found is None:
        return
    by_key = {one.key: one for one in lines}
    assert sum(count * by_key[key].unit_cost_minor for key, count in found.items()) >= lacking
    for key, count in found.items():
        assert count <= (by_key[key].room or 0)
        assert count % by_key[key].multiple == 0


def _most(line: Extra) -> int:
    first = -(-line.first // line.multiple) * line.multiple
    if line.room is None or first > line.room:
        return 0
    return first + (line.room - first) // line.multiple * line.multiple
