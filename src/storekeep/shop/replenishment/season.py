"""What the time of the year does to a category, once two whole years of it are known.

Classical decomposition: demand over its centred yearly moving average, averaged over the years, smoothed over
neighbouring periods, scaled to a mean of 1. One SKU's weeks say too little; a category's say something.
"""

import numpy as np

from storekeep.shop.replenishment.grid import Floats, Ints

WEEKS = 52
SMOOTHED_OVER = 3


def season_index(totals: Floats, *, year: int = WEEKS, smoothed_over: int = SMOOTHED_OVER) -> Floats | None:
    """An index per category (rows) and place in the year (columns), mean 1; None below two years of periods.

    `totals` is units per category and period, oldest first; column 0 of the index belongs to column 0 of the totals,
    and so on round the year. A category without demand has 1 throughout. `smoothed_over` is an odd count of periods.
    """
    categories, periods = totals.shape
    if periods < 2 * year:
        return None
    trend = _centred_mean(totals.astype(np.float64), year)
    inner = np.arange(trend.shape[1]) + year // 2
    ratio = np.divide(totals[:, inner], trend, out=np.ones_like(trend), where=trend > 0)
    sums, counts = np.zeros((categories, year)), np.bincount(inner % year, minlength=year)
    for place in range(year):
        sums[:, place] = ratio[:, inner % year == place].sum(axis=1)
    raw = sums / counts
    half = smoothed_over // 2
    smooth = np.mean([np.roll(raw, shift, axis=1) for shift in range(-half, half + 1)], axis=0)
    mean = smooth.mean(axis=1, keepdims=True)
    index: Floats = np.where(mean > 0, smooth / np.where(mean > 0, mean, 1.0), 1.0)
    return index


def without_season(demand: Floats, index: Floats, category: Ints) -> Floats:
    """Demand of SKUs (rows) over the index of their category: what a level is learned from. Where the index is 0,
    demand as it is."""
    periods, year = demand.shape[1], index.shape[1]
    by_sku = index[category][:, np.arange(periods) % year]
    calm: Floats = np.divide(demand, by_sku, out=demand.astype(np.float64), where=by_sku > 0)
    return calm


def factor_ahead(index: Floats, first: int, periods: int) -> Floats:
    """The mean index per category over the `periods` that begin with the period `first` of the totals: the level's
    factor."""
    ahead: Floats = index[:, np.arange(first, first + periods) % index.shape[1]].mean(axis=1)
    return ahead


def _centred_mean(totals: Floats, year: int) -> Floats:
    """The moving average over a year around each period; with an even year the two outermost periods count half."""
    if year % 2:
        weights = np.full(year, 1 / year)
    else:
        weights = np.concatenate([[0.5], np.ones(year - 1), [0.5]]) / year
    return np.stack([np.convolve(row, weights, mode="valid") for row in totals])
