"""How far demand strays from its level: each SKU's own errors, what all SKUs say together, and the middle of both.

The variance is that of one period's error, in units squared. A SKU's own few weeks are a poor witness of it; the
power law of Taylor (1961), variance = exp(a + b ln mean) over all SKUs, is a steady one but knows no differences.
Their geometric mean ("shrunk") needed the least stock of the three (docs/restock.md).
"""

from dataclasses import dataclass

import numpy as np

from storekeep.shop.replenishment.grid import Fit, Floats

#: Units per period. Below it a SKU is as good as dead: its level falls for ever while its errors remember better times.
LEAST_LEVEL = 0.01


@dataclass(frozen=True, slots=True)
class Law:
    """Taylor's law: variance = exp(a + b ln level)."""

    a: float
    b: float

    def variance(self, level: Floats) -> Floats:
        """The variance that the law gives a level; 0 where the level is 0."""
        found: Floats = np.where(level > 0, np.exp(self.a + self.b * np.log(np.where(level > 0, level, 1.0))), 0.0)
        return found


def own(fit: Fit, column: int = -1) -> Floats:
    """The mean squared one-step error of each SKU before the period `column`; NaN where there was none yet."""
    count = fit.count[:, column]
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(count > 0, fit.squared[:, column] / np.maximum(count, 1), np.nan)
    return found


def law(level: Floats, variance: Floats) -> Law:
    """The power law by least squares of ln variance on ln level, over the SKUs with a level of at least 0.01 and some
    variance.

    With fewer than two different levels among them the slope is 1, as for a Poisson demand; with none, a is 0.
    """
    fits = (level >= LEAST_LEVEL) & (np.nan_to_num(variance) > 0)
    if not fits.any():
        return Law(0.0, 1.0)
    x, y = np.log(level[fits]), np.log(variance[fits])
    away = x - x.mean()
    across = float(away @ away)
    b = float(away @ y) / across if across > 1e-12 * len(x) else 1.0
    return Law(float(y.mean()) - b * float(x.mean()), b)


def shrunk(level: Floats, variance: Floats, pooled: Law) -> Floats:
    """The geometric mean of a SKU's own variance and the law's; the law's alone where it has no errors of its own."""
    by_law = pooled.variance(level)
    found: Floats = np.where(np.isnan(variance), by_law, np.sqrt(np.nan_to_num(variance) * by_law))
    return found
