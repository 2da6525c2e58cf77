"""How much stock a rule needs for how much service, on past demand, never seeing ahead.

The level is refitted before every period on the periods before it. Two rules are compared by the cover that they need
for the same service, read between the runs of several targets by a straight line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from storekeep.shop.replenishment import spread
from storekeep.shop.replenishment.grid import Bools, Demand, Fit, Floats, Ints
from storekeep.shop.replenishment.quantile import quantiles
from storekeep.shop.replenishment.replay import Outcome, play

#: The targets asked for, one run each.
NOMINAL: tuple[float, ...] = (0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
#: Periods of mean demand that the rule of thumb keeps, one run each.
FIXED_COVERS: tuple[float, ...] = (3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 10, 12, 15, 18)
REVIEW, LEAD = 1, 2

Spread = Literal["own", "pooled", "shrunk"]


@dataclass(frozen=True, slots=True)
class Window:
    """Which periods are played: `length` of them from the column `origin` on; earlier ones are there to learn from."""

    origin: int
    length: int

    @property
    def columns(self) -> range:
        return range(self.origin, self.origin + self.length)


def spread_of(fit: Fit, column: int, kind: Spread = "shrunk") -> Floats:
    """The variance of one period's error as known before it; the law is that of the SKUs given, at that time."""
    level, own = fit.level[:, column], spread.own(fit, column)
    if kind == "own":
        return np.nan_to_num(own)
    law = spread.law(level, own)
    return law.variance(level) if kind == "pooled" else spread.shrunk(level, own, law)


def order_up_to(
    fit: Fit, window: Window, asked: Sequence[float], *, kind: Spread = "shrunk", protection: int = REVIEW + LEAD
) -> Ints:
    """S in units per period of the window, SKU and target, for a protection time in whole periods."""
    return np.stack(
        [
            quantiles(protection * fit.level[:, column], protection * spread_of(fit, column, kind), asked)
            for column in window.columns
        ]
    )


def fixed_cover(demand: Demand, window: Window, covers: Sequence[float] = FIXED_COVERS, *, last: int = 8) -> Ints:
    """The rule of thumb: S is so many periods of the mean of the last `last` ones, in whole units upwards."""
    levels = []
    for column in window.columns:
        mean = demand[:, max(0, column - last) : column].mean(axis=1)
        levels.append(np.ceil(mean[:, None] * np.asarray(covers) - 1e-9).astype(np.int64))
    return np.stack(levels)


def backtest(
    fit: Fit, demand: Demand, window: Window, asked: Sequence[float] = NOMINAL, *, kind: Spread = "shrunk"
) -> Outcome:
    """The outcome of asking a fitted rule for each of these targets, reviewed every period, with a lead of two."""
    up_to = order_up_to(fit, window, asked, kind=kind)
    return play(asked, up_to, demand[:, window.origin : window.columns.stop], lead=LEAD, review=REVIEW).outcome()


def is_known(demand: Demand, train: int) -> Bools:
    """Which SKUs a back-test counts: five periods with sales before the origin, the first of them at least 16 periods
    before it, one in the last 13."""
    sold = demand[:, :train] > 0
    known: Bools = (sold.sum(axis=1) >= 5) & (sold.argmax(axis=1) <= train - 16) & sold[:, -13:].any(axis=1)
    return known


def scaled_error(fit: Fit, demand: Demand, window: Window) -> float:
    """MASE (Hyndman and Koehler, 2006): the mean absolute error of the flat forecast from the origin over that of "as
    last period" since the first sale, in the mean over SKUs. SKUs whose past never changed are left out."""
    past = demand[:, : window.origin].astype(np.float64)
    steps = np.abs(np.diff(past, axis=1))
    known = np.arange(1, window.origin) > (past > 0).argmax(axis=1)[:, None]
    naive = (steps * known).sum(axis=1) / np.maximum(1, known.sum(axis=1))
    ahead = demand[:, window.origin : window.columns.stop]
    error = np.abs(ahead - fit.level[:, window.origin, None]).mean(axis=1)
    changed = naive > 0
    return float((error[changed] / naive[changed]).mean()) if changed.any() else float("nan")
