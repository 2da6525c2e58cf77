"""Spread: own errors, the law that all SKUs share, and the middle of both."""

import numpy as np
import pytest

from storekeep.shop.replenishment import forecast, spread
from storekeep.shop.replenishment.history import capped, usual_most


def test_own_spread_is_the_mean_squared_error_and_unknown_at_first() -> None:
    fit = forecast.tsb(np.array([[0, 4, 0, 2], [0, 0, 0, 3]]))
    assert spread.own(fit)[0] == pytest.approx((16 + 1.44) / 2)
    assert np.isnan(spread.own(fit)[1])
    assert spread.own(fit, 3)[0] == 16


def test_the_law_finds_the_power_that_made_the_variances() -> None:
    level = np.array([0.1, 1.0, 3.0, 50.0])
    law = spread.law(level, 2.5 * level**1.3)
    assert (law.a, law.b) == (pytest.approx(np.log(2.5)), pytest.approx(1.3))
    assert law.variance(np.array([0.0, 4.0])) == pytest.approx([0.0, 2.5 * 4**1.3])


def test_the_dead_and_the_unknown_do_not_bend_the_law() -> None:
    level = np.array([0.1, 1.0, 3.0, 50.0, 1e-9, 0.0, 2.0, 2.0])
    variance = np.r_[2.5 * level[:4] ** 1.3, 1000.0, 5.0, np.nan, 0.0]
    assert spread.law(level, variance).b == pytest.approx(1.3)


def test_too_few_levels_make_a_law_of_slope_one() -> None:
    law = spread.law(np.array([2.0, 2.0]), np.array([3.0, 3.0]))
    assert law.variance(np.array([2.0, 4.0])) == pytest.approx([3.0, 6.0])
    assert spread.law(np.zeros(2), np.zeros(2)) == spread.Law(0.0, 1.0)


def test_shrunk_is_the_geometric_mean_and_the_law_alone_where_nothing_is_known() -> None:
    law = spread.Law(np.log(4.0), 1.0)
    found = spread.shrunk(np.array([1.0, 1.0, 0.0]), np.array([9.0, np.nan, 2.0]), law)
    assert found == pytest.approx([6.0, 4.0, 0.0])


def test_unusual_is_beyond_one_and_a_half_of_the_ninetieth_percentile_of_weeks_with_sales() -> None:
    units = np.array([[0, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 60], [0] * 13])
    most = usual_most(units)
    assert most.tolist() == [3.0, np.inf]
    assert capped(units, most)[0].max() == 3.0
    assert capped(units, most)[0].sum() == units[0].sum() - 57
