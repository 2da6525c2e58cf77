"""ABC and XYZ, the index of the season, and guesses for new items."""

import numpy as np
import pytest

from storekeep.shop.replenishment.classes import abc, xyz
from storekeep.shop.replenishment.newcomers import guessed_levels
from storekeep.shop.replenishment.season import factor_ahead, season_index, without_season


def test_abc_by_value() -> None:
    assert "".join(abc(np.array([5, 700, 0, 150, 95, 50]))) == "CACABB"
    assert "".join(abc(np.array([80, 15, 5]))) == "ABC"
    assert "".join(abc(np.array([0, 0]))) == "CC"
    assert "".join(abc(np.array([-5, 10]))) == "CA"


def test_xyz_by_error_against_level() -> None:
    level = np.array([10.0, 10.0, 10.0, 0.0, 5.0])
    assert "".join(xyz(level, np.array([25.0, 100.0, 101.0, 1.0, np.nan]))) == "XYZZZ"


def test_a_season_needs_two_years() -> None:
    assert season_index(np.ones((1, 103))) is None
    assert season_index(np.ones((1, 104))) == pytest.approx(np.ones((1, 52)))


@pytest.mark.parametrize("year", [52, 13])
@pytest.mark.parametrize("years", [2, 3])
def test_the_index_is_found_under_a_rising_demand(year: int, years: int) -> None:
    place = np.arange(year * years)
    wave = 1 + 0.5 * np.sin(2 * np.pi * place / year)
    index = season_index(np.array([wave * (100 + place), np.zeros(len(place))]), year=year, smoothed_over=1)
    assert index is not None
    assert index[0] == pytest.approx(wave[:year], abs=0.06)
    assert index.mean(axis=1) == pytest.approx([1, 1])
    assert index[1] == pytest.approx(np.ones(year))


def test_taking_the_season_out_leaves_a_calm_demand_and_puts_it_back_ahead() -> None:
    index = np.array([[0.5, 1.5, 1.0], [1.0, 1.0, 1.0]])
    calm = without_season(np.array([[5, 15, 10, 5], [7, 8, 9, 7]]), index, np.array([0, 1]))
    assert calm.tolist() == [[10, 10, 10, 10], [7, 8, 9, 7]]
    assert factor_ahead(index, 4, 2).tolist() == [1.25, 1.0]


def test_a_new_item_is_guessed_from_what_others_sold_at_its_age() -> None:
    demand = np.zeros((5, 12), dtype=np.int64)
    demand[0, 1:] = [9, 4, 6, 2, 2, 2, 2, 2, 2, 2, 2]  # new in period 1, of category 0
    demand[1, 2:] = [8, 2, 8, 2, 2, 2, 2, 2, 2, 2]  # new in period 2, of category 0
    demand[2, :] = 50  # on sale from the start: nobody knows how it began
    demand[3, 10:] = [30, 1]  # two periods old, of category 0
    demand[4, 10:] = [30, 1]  # two periods old, of a category of its own
    category = np.array([0, 0, 0, 0, 1])
    found, guessed = guessed_levels(demand, np.full(5, 3.5), category)
    assert guessed.tolist() == [False, False, False, True, True]
    assert found.tolist() == [3.5, 3.5, 3.5, 7.0, 7.0]  # the third weeks of the first two: 6 and 8


def test_a_masked_week_of_another_tells_nothing_and_without_others_there_is_no_guess() -> None:
    demand = np.zeros((2, 12), dtype=np.int64)
    demand[0, 1:], demand[1, 10:] = 4, 6
    masked = np.zeros(demand.shape, dtype=np.bool_)
    masked[0, 3] = True
    found, guessed = guessed_levels(demand, np.array([4.0, 6.0]), np.zeros(2, dtype=np.int64), masked)
    assert (found.tolist(), guessed.tolist()) == ([4.0, 6.0], [False, False])
