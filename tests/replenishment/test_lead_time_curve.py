"""Lead times: the product-limit estimate by hand, open orders, weights, and no look into the future."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.shop.replenishment.leadtime import (
    ALL_SUPPLIERS_WEIGHT,
    OPEN,
    Curve,
    Orders,
    curve,
    kaplan_meier,
    pinball,
)


def km(days: list[int], closed: list[bool], weight: list[float] | None = None) -> Curve:
    return kaplan_meier(np.array(days), np.array(closed), np.array(weight or [1.0] * len(days)))


def test_by_hand_with_two_open_orders() -> None:
    # 5 at risk at 3: 4/5 remain. 4 at risk at 5 (the open one among them): 3/4 of it. 1 at risk at 10: none.
    found = km([3, 5, 5, 8, 10], [True, False, True, False, True])
    assert found.days.tolist() == [3, 5, 10]
    assert found.reached == pytest.approx([0.2, 0.4, 1.0])
    assert [found.quantile(q) for q in (0.1, 0.2, 0.3, 0.4, 0.5, 0.9)] == [3, 3, 5, 5, 10, 10]
    assert found.moments() == (pytest.approx(7.6), pytest.approx(9.04))


def test_a_curve_cut_off_by_open_orders_ends_with_its_longest_lead() -> None:
    found = km([3, 9], [True, False])
    assert found.reached.tolist() == [0.5]
    assert found.quantile(0.9) == 3
    assert found.moments() == (3.0, 0.0)


def test_weights_count_as_so_many_orders() -> None:
    assert km([3, 5], [True, True], [3.0, 1.0]).reached == pytest.approx(km([3, 3, 3, 5], [True] * 4).reached)


def test_without_a_receipt_nothing_is_known() -> None:
    found = km([3, 9], [False, False])
    assert (found.quantile(0.5), found.moments()) == (None, None)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_without_open_orders_it_is_the_plain_distribution(days: list[int]) -> None:
    found = km(days, [True] * len(days))
    assert found.reached == pytest.approx([sum(d <= day for d in days) / len(days) for day in found.days])
    mean, variance = found.moments() or (0, 0)
    assert (mean, variance) == (pytest.approx(np.mean(days)), pytest.approx(np.var(days), abs=1e-9))


def test_a_supplier_outweighs_the_others_as_its_orders_gather() -> None:
    def quick_and_slow(own: int) -> Orders:
        supplier = np.array([0] * own + [1] * 200)
        placed = np.arange(own + 200) % 50 + 1_000
        return Orders(supplier, placed, placed + np.where(supplier == 0, 5, 60))

    def early(own: int) -> float:
        found = curve(quick_and_slow(own), 0, 1_200)
        return float(found.reached[found.days <= 5].max(initial=0.0))

    assert curve(quick_and_slow(0), 0, 1_200).quantile(0.5) == 60
    assert early(2) < early(20) < early(100)
    # 20 orders of its own, and 20 shared by all 220 of which 20 are its own
    assert early(20) == pytest.approx((20 + ALL_SUPPLIERS_WEIGHT * 20 / 220) / 40)


def test_only_three_years_count_and_nothing_from_tomorrow() -> None:
    old = Orders(np.array([0, 0]), np.array([0, 1_100]), np.array([500, 1_110]))
    assert curve(old, 0, 1_200).days.tolist() == [10]
    assert curve(old, 0, 1_105).days.tolist() == []


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300), st.integers(0, 120)), min_size=1, max_size=30),
    st.integers(0, 400),
    st.integers(0, 50),
)
def test_what_happens_later_changes_nothing_today(rows: list[tuple[int, int, int]], today: int, more: int) -> None:
    supplier, placed, took = (np.array(column) for column in zip(*rows, strict=True))
    received = placed + took
    later = np.where(received > today, received + more, received)
    still_open = np.where(received > today, OPEN, received)
    told = [curve(Orders(supplier, placed, times), 0, today) for times in (received, later, still_open)]
    placed_by_now = placed <= today
    told.append(curve(Orders(supplier[placed_by_now], placed[placed_by_now], received[placed_by_now]), 0, today))
    for other in told[1:]:
        assert other.days.tolist() == told[0].days.tolist()
        assert other.reached.tolist() == told[0].reached.tolist()


def test_pinball_loss_weighs_too_short_and_too_long() -> None:
    assert pinball(np.array([10.0, 10.0]), np.array([20.0, 5.0]), 0.9) == pytest.approx((9.0 + 0.5) / 2)
