"""Levels of demand, learned from the past of all SKUs at once: TSB, and the methods that it is measured against.

Every function takes units (SKUs by periods) and a mask of the same shape or None, and answers with a `Fit`. A SKU
begins at its first sale. None of them knows trend or season: at the level of one SKU and a year of weeks there is
little to know (docs/restock.md has the figures).
"""

from collections.abc import Sequence

import numpy as np

from storekeep.shop.replenishment.grid import Bools, Demand, Fit, Floats, Ints, walk, without_masked

TSB_CONSTANT = 0.2
CROSTON_CONSTANT = 0.1
SES_CONSTANTS: tuple[float, ...] = tuple(0.02 + 0.58 * step / 14 for step in range(15))
MOST_SUMMED = 8


def tsb(demand: Demand, masked: Bools | None = None, *, constant: float = TSB_CONSTANT) -> Fit:
    """Teunter, Syntetos and Babai (2011): the size of a sale times the chance of one, each smoothed; the default here.

    The chance is learned every period, so the level of what nobody buys any more falls; Croston's does not.
    """
    return walk(_Tsb(len(demand), constant), demand, masked)


def croston(demand: Demand, masked: Bools | None = None, *, constant: float = CROSTON_CONSTANT) -> Fit:
    """Croston's size by gap with the correction of Syntetos and Boylan (2005): (1 - constant / 2) size / gap."""
    return walk(_Croston(len(demand), constant), demand, masked)


def moving_average(demand: Demand, masked: Bools | None = None, *, window: int = 8) -> Fit:
    """The mean of the last `window` periods that count, or of fewer while the SKU is young."""
    return walk(_Average(len(demand), window), demand, masked)


def ses(demand: Demand, masked: Bools | None = None, *, constants: Sequence[float] = SES_CONSTANTS) -> Fit:
    """Simple exponential smoothing; before each period, each SKU takes the constant with the least squared error so
    far."""
    best: Fit | None = None
    for constant in constants:
        fit = walk(_Smoothed(len(demand), constant), demand, masked)
        if best is None:
            best = fit
        else:
            better = fit.squared < best.squared
            best = Fit(np.where(better, fit.level, best.level), np.where(better, fit.squared, best.squared), best.count)
    if best is None:
        raise ValueError("no smoothing constant was given")
    return best


def imapa(demand: Demand, masked: Bools | None = None, *, since: int = 0) -> Fit:
    """Petropoulos and Kourentzes (2015): the mean of SES levels over sums of 1, 2, … K periods; K is the mean gap.

    The sums end with the last period known, so they differ from origin to origin: only the columns from `since` on are
    made (the others hold plain SES). Errors are those of SES on single periods.
    """
    single = ses(demand, masked)
    level = single.level.copy()
    for origin in range(max(since, 1), demand.shape[1] + 1):
        past, start = without_masked(demand[:, :origin], None if masked is None else masked[:, :origin])
        level[:, origin] = _mean_over_sums(past, start)
    return Fit(level, single.squared, single.count)


def _mean_over_sums(past: Demand, start: Ints) -> Floats:
    periods = past.shape[1]
    known = periods - start
    since_start = np.arange(periods) >= start[:, None]
    sales = ((past > 0) & since_start).sum(axis=1)
    most = np.clip(np.ceil(known / np.maximum(sales, 1)), 1, MOST_SUMMED)
    most = np.maximum(1, np.minimum(most, known))
    total = np.zeros(len(past))
    for size in range(1, int(most.max(initial=1)) + 1):
        rows = np.flatnonzero(most >= size)
        blocks = periods // size
        tail = np.where(since_start[rows], past[rows], 0)[:, periods - blocks * size :]
        sums = tail.reshape(len(rows), blocks, size).sum(axis=2)
        total[rows] += _best_level(sums, blocks - known[rows] // size) / size
    mean: Floats = total / most
    return mean


def _best_level(sums: Demand, start: Ints) -> Floats:
    """The SES level after the last sum, by the constant with the least squared error; a row begins at its `start`."""
    best_squared = np.full(len(sums), np.inf)
    best = np.zeros(len(sums))
    for constant in SES_CONSTANTS:
        level, squared = np.zeros(len(sums)), np.zeros(len(sums))
        for block in range(sums.shape[1]):
            units = sums[:, block]
            error = np.where(block > start, units - level, 0.0)
            squared += error**2
            level = np.where(block == start, units, level + constant * error)
        better = squared < best_squared
        best, best_squared = np.where(better, level, best), np.where(better, squared, best_squared)
    return best


class _Tsb:
    def __init__(self, skus: int, constant: float) -> None:
        self.level, self._size, self._chance, self._constant = np.zeros(skus), np.zeros(skus), np.zeros(skus), constant

    def begin(self, new: Bools, units: Floats) -> None:
        self._size = np.where(new, units, self._size)
        self._chance = np.where(new, 1.0, self._chance)
        self.level = self._size * self._chance

    def learn(self, seen: Bools, sold: Bools, units: Floats) -> None:
        self._chance += np.where(seen, self._constant * (sold - self._chance), 0.0)
        self._size += np.where(sold, self._constant * (units - self._size), 0.0)
        self.level = self._size * self._chance


class _Croston:
    def __init__(self, skus: int, constant: float) -> None:
        self.level, self._constant = np.zeros(skus), constant
        self._size, self._gap, self._since = np.zeros(skus), np.ones(skus), np.zeros(skus)

    def begin(self, new: Bools, units: Floats) -> None:
        self._size = np.where(new, units, self._size)
        self.level = (1 - self._constant / 2) * self._size / self._gap

    def learn(self, seen: Bools, sold: Bools, units: Floats) -> None:
        self._since += seen
        self._size += np.where(sold, self._constant * (units - self._size), 0.0)
        self._gap += np.where(sold, self._constant * (self._since - self._gap), 0.0)
        self._since = np.where(sold, 0.0, self._since)


class _Smoothed:
    def __init__(self, skus: int, constant: float) -> None:
        self.level, self._constant = np.zeros(skus), constant

    def begin(self, new: Bools, units: Floats) -> None:
        self.level = np.where(new, units, self.level)

    def learn(self, seen: Bools, sold: Bools, units: Floats) -> None:
        self.level = self.level + np.where(seen, self._constant * (units - self.level), 0.0)


class _Average:
    def __init__(self, skus: int, window: int) -> None:
        self.level = np.zeros(skus)
        self._last, self._known = np.zeros((window, skus)), np.zeros(skus, dtype=np.int64)

    def begin(self, new: Bools, units: Floats) -> None:
        self._take(new, units)

    def learn(self, seen: Bools, sold: Bools, units: Floats) -> None:
        self._take(seen, units)

    def _take(self, which: Bools, units: Floats) -> None:
        rows = np.flatnonzero(which)
        self._last[self._known[rows] % len(self._last), rows] = units[rows]
        self._known[rows] += 1
        self.level = self._last.sum(axis=0) / np.clip(self._known, 1, len(self._last))
