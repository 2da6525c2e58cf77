"""Levels: small cases worked by hand, and every method against plain code for one SKU at a time."""

import numpy as np
import pytest
import slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeep.shop.replenishment import forecast
from storekeep.shop.replenishment.grid import Fit, first_sales, without_masked

PAIRS = {
    "tsb": (forecast.tsb, slowly.tsb),
    "croston": (forecast.croston, slowly.croston),
    "moving average": (forecast.moving_average, slowly.moving_average),
    "ses": (forecast.ses, slowly.ses),
    "imapa": (forecast.imapa, slowly.imapa),
}


def one(units: list[int], masked: list[bool] | None = None, method=forecast.tsb, **how) -> Fit:
    return method(np.array([units]), None if masked is None else np.array([masked]), **how)


def test_tsb_begins_at_the_first_sale_and_falls_when_nobody_buys() -> None:
    fit = one([0, 4, 0, 2])
    # 4; then the chance falls to .8; then .8 + .2 (1 - .8) = .84 and the size 4 + .2 (2 - 4) = 3.6
    assert fit.level[0] == pytest.approx([0, 0, 4, 3.2, 3.6 * 0.84])
    assert fit.squared[0, -1] == pytest.approx((0 - 4) ** 2 + (2 - 3.2) ** 2)
    assert fit.count[0].tolist() == [0, 0, 0, 1, 2]


def test_a_masked_period_teaches_nothing() -> None:
    fit = one([0, 4, 0, 2], [False, False, True, False])
    assert fit.level[0] == pytest.approx([0, 0, 4, 4, 3.6])
    assert (fit.squared[0, -1], fit.count[0, -1]) == (pytest.approx(4.0), 1)


def test_a_first_sale_that_is_masked_does_not_begin_anything() -> None:
    assert one([5, 0, 3], [True, False, False]).level[0].tolist() == [0, 0, 0, 3]


def test_croston_smooths_sizes_and_gaps_when_something_is_sold() -> None:
    fit = one([4, 0, 2], method=forecast.croston)
    assert fit.level[0] == pytest.approx([0, 0.95 * 4, 0.95 * 4, 0.95 * 3.8 / 1.1])


def test_ses_with_one_constant() -> None:
    fit = one([2, 4, 0], method=forecast.ses, constants=[0.5])
    assert fit.level[0] == pytest.approx([0, 2, 3, 1.5])
    assert fit.squared[0, -1] == pytest.approx(4 + 9)


def test_ses_takes_the_constant_with_the_least_error() -> None:
    jump = [1] * 5 + [9] * 10
    fit = one(jump, method=forecast.ses)
    assert fit.squared[0, -1] == min(one(jump, method=forecast.ses, constants=[c]).squared[0, -1]
                                     for c in forecast.SES_CONSTANTS)  # fmt: skip
    assert fit.level[0, -1] == pytest.approx(one(jump, method=forecast.ses, constants=[0.6]).level[0, -1])
    assert (forecast.SES_CONSTANTS[0], forecast.SES_CONSTANTS[-1]) == (0.02, pytest.approx(0.6))


def test_a_moving_average_begins_with_what_there_is() -> None:
    assert one([0, 1, 3, 5], method=forecast.moving_average, window=2).level[0].tolist() == [0, 0, 1, 2, 4]


def test_ses_without_constants_is_refused() -> None:
    with pytest.raises(ValueError):
        one([1], method=forecast.ses, constants=[])


def test_nothing_sold_is_level_nought() -> None:
    for fast, _ in PAIRS.values():
        fit = fast(np.zeros((2, 6), dtype=np.int64))
        assert not fit.level.any()
        assert not fit.count.any()


def test_masked_periods_move_to_the_left() -> None:
    packed, start = without_masked(np.array([[0, 7, 3, 9]]), np.array([[False, True, False, False]]))
    assert packed[0, start[0] :].tolist() == [3, 9]
    assert first_sales(np.array([[0, 7], [0, 0]])).tolist() == [1, 2]


pasts = st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 2, 5, 40]), st.sampled_from([False] * 5 + [True])),
                 min_size=1, max_size=30)  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
@given(rows=st.lists(pasts, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_all_at_once_is_one_by_one(name: str, rows: list[list[tuple[int, bool]]]) -> None:
    fast, slow = PAIRS[name]
    length = min(map(len, rows))
    units = np.array([[have for have, _ in row[:length]] for row in rows])
    masked = np.array([[hidden for _, hidden in row[:length]] for row in rows])
    for row, level in enumerate(fast(units, masked).level[:, -1]):
        past = slowly.since_first_sale(units[row].tolist(), masked[row].tolist())
        assert level == pytest.approx(slow(past) if past else 0.0, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_no_method_sees_ahead(name: str) -> None:
    units = np.random.default_rng(5).poisson(1.2, size=(20, 25))
    other = units.copy()
    other[:, 15:] += 50
    told, retold = PAIRS[name][0](units), PAIRS[name][0](other)
    assert np.array_equal(told.level[:, :16], retold.level[:, :16])
    assert np.array_equal(told.squared[:, :16], retold.squared[:, :16])
    assert not np.array_equal(told.level[:, 16], retold.level[:, 16])
