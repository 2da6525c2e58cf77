"""Quantiles of the negative binomial against a sum of its chances in plain Python."""

from math import exp, lgamma, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeep.shop.replenishment.quantile import LEAST_DISPERSION, quantile, quantiles

TARGETS = st.sampled_from([0.05, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999])


def chances(mean: float, variance: float, up_to: int) -> list[float]:
    """P(demand <= k) for k = 0 … up_to, by the gamma function: another way than the recursion that is tested."""
    variance = max(variance, LEAST_DISPERSION * mean)
    size = mean**2 / (variance - mean)
    total, found = 0.0, []
    for k in range(up_to + 1):
        total += exp(lgamma(k + size) - lgamma(size) - lgamma(k + 1)
                     + size * log(size / (size + mean)) + k * log(mean / (size + mean)))  # fmt: skip
        found.append(total)
    return found


def exactly(mean: float, variance: float, target: float) -> int:
    reach = int(mean + 60 * variance**0.5 + 60)
    return next(k for k, chance in enumerate(chances(mean, variance, reach)) if chance >= target)


def test_by_hand_with_size_one() -> None:
    # r = 1 is the geometric distribution: mean 1, variance 2, P(demand <= k) = 1 - 2^-(k + 1)
    found = quantiles(np.array([1.0]), np.array([2.0]), [0.49, 0.51, 0.74, 0.76, 0.95, 0.98])
    assert found.tolist() == [[0, 1, 1, 2, 4, 5]]


def test_no_demand_needs_nothing() -> None:
    assert quantiles(np.zeros(2), np.array([0.0, 5.0]), [0.9, 0.999]).tolist() == [[0, 0], [0, 0]]
    assert len(quantile(np.zeros(0), np.zeros(0), 0.9)) == 0


@pytest.mark.parametrize("target", [0.0, 1.0, -0.5, 95.0])
def test_a_target_is_a_chance(target: float) -> None:
    with pytest.raises(ValueError):
        quantile(np.ones(1), np.ones(1), target)


@given(mean=st.floats(0.01, 120), spread=st.floats(0.5, 12), target=TARGETS)
@settings(deadline=None, max_examples=200)
def test_small_ranges_are_exact(mean: float, spread: float, target: float) -> None:
    variance = mean * spread
    found = int(quantile(np.array([mean]), np.array([variance]), target)[0])
    known = chances(mean, variance, found)
    assert known[found] >= target - 1e-9
    assert found == 0 or known[found - 1] < target + 1e-9


@given(mean=st.floats(300, 8_000), size=st.floats(0.3, 3_000), target=st.sampled_from([0.7, 0.95, 0.99]))
@settings(deadline=None, max_examples=25)
def test_wide_ranges_are_within_half_a_percent(mean: float, size: float, target: float) -> None:
    variance = mean + mean**2 / size
    if variance < LEAST_DISPERSION * mean:
        variance = LEAST_DISPERSION * mean
    found = int(quantile(np.array([mean]), np.array([variance]), target)[0])
    assert found == pytest.approx(exactly(mean, variance, target), rel=0.005, abs=1)


@given(st.lists(st.tuples(st.floats(0, 5_000), st.floats(0, 1e6)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_many_at_once_are_each_alone_and_rise_with_the_target(rows: list[tuple[float, float]]) -> None:
    mean, variance = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    targets = [0.7, 0.9, 0.99]
    found = quantiles(mean, variance, targets)
    assert (np.diff(found, axis=1) >= 0).all()
    for row in range(len(rows)):
        alone = quantiles(mean[row : row + 1], variance[row : row + 1], targets)
        assert alone[0].tolist() == found[row].tolist()


def test_a_target_next_to_one_ends() -> None:
    found = quantile(np.array([0.02, 3.0, 700.0]), np.array([0.5, 100.0, 1e5]), 1 - 1e-12)
    assert (found > 0).all()
