"""How many units suffice with a given chance: quantiles of the negative binomial distribution, for all SKUs at once.

With mean M and variance V > M the distribution has size r = M^2 / (V - M), P(0) = (r / (r + M))^r and P(k + 1) = P(k)
(k + r) / (k + 1) M / (M + r). Small ranges are summed until the target is met. Wide ones are summed in steps of c
units, with mean M / c, variance V / c^2 and a size r to match, and multiplied back. Where the mean is above 500 and r
above 50, P(0) is beyond reach and the shape almost normal: there the normal quantile is taken, corrected for skewness
(Cornish and Fisher, 1938).
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from storekeep.shop.replenishment.grid import Floats, Ints

LEAST_DISPERSION = 1.01
RANGE = 2_000
_NORMAL_MEAN, _NORMAL_SIZE = 500.0, 50.0
_NOTHING = 1e-12  # by Markov's inequality, P(demand >= 1) is no more than the mean
_STRIDE = 32


def quantile(mean: Floats, variance: Floats, target: float) -> Ints:
    """The least whole k per SKU with P(demand <= k) >= target. See `quantiles`."""
    return quantiles(mean, variance, (target,))[:, 0]


def quantiles(mean: Floats, variance: Floats, targets: Sequence[float]) -> Ints:
    """The least whole k with P(demand <= k) >= target, per SKU (rows) and target (columns).

    `mean` and `variance` are of demand over the protection time; the variance counts as at least 1.01 times the mean.
    A mean of 0 needs 0. Exact where everything is summed in steps of one unit, else within about 0.5 %.
    """
    if not all(0 < target < 1 for target in targets):
        raise ValueError("a target is a chance between 0 and 1")
    mean = np.where(np.nan_to_num(mean) > _NOTHING, mean, 0.0)
    wide = np.maximum(np.nan_to_num(variance), LEAST_DISPERSION * mean)
    found = np.zeros((len(mean), len(targets)), dtype=np.int64)
    size = np.divide(mean**2, wide - mean, out=np.zeros_like(mean), where=mean > 0)
    normal = (mean > _NORMAL_MEAN) & (size > _NORMAL_SIZE)
    if normal.any():
        found[normal] = _nearly_normal(mean[normal], wide[normal], size[normal], targets)
    summed = np.flatnonzero((mean > 0) & ~normal)
    if len(summed):
        scale = _scale(mean[summed], wide[summed], max(targets))
        stepped = mean[summed] / scale
        matched = stepped**2 / (wide[summed] / scale**2 - stepped)
        steps = _summed(stepped, matched, np.asarray(targets, dtype=np.float64))
        found[summed] = np.ceil(steps * scale[:, None]).astype(np.int64)
    return found


def _scale(mean: Floats, variance: Floats, target: float) -> Floats:
    """By how much a mean is divided so that the sum ends within about RANGE steps; 1 where it does anyway."""
    reach = mean + np.sqrt(variance / (1 - target))  # Cantelli's inequality: no quantile lies beyond
    likely = mean - np.log(1 - target) * np.sqrt(variance)  # closer for the shapes that occur
    scale: Floats = np.maximum(1.0, np.minimum(reach, likely) / RANGE)
    return scale


def _summed(mean: Floats, size: Floats, targets: Floats) -> Ints:
    """The sum itself, _STRIDE terms at a time for all SKUs that have not met every target yet."""
    found = np.zeros((len(mean), len(targets)), dtype=np.int64)
    rows = np.arange(len(mean))
    ratio = mean / (mean + size)
    chance = np.exp(-size * np.log1p(mean / size))
    before = np.full(len(mean), -1.0)
    total = np.zeros(len(mean))
    first = 0
    while len(rows):
        k = np.arange(first, first + _STRIDE)
        grow = (k + size[:, None]) / (k + 1) * ratio[:, None]
        terms = chance[:, None] * np.cumprod(np.hstack([np.ones((len(rows), 1)), grow]), axis=1)
        sums = total[:, None] + np.cumsum(terms[:, :-1], axis=1)
        # Rounding can keep a sum just short of a target near 1: where nothing is added any more, this is all there is.
        over = (terms[:, -2] < 1e-17) & (k[-1] > mean)
        sums[over, -1] = 1.0
        for column, target in enumerate(targets):
            met = np.flatnonzero((before < target) & (sums[:, -1] >= target))
            found[rows[met], column] = first + (sums[met] >= target).argmax(axis=1)
        left = sums[:, -1] < targets.max()
        rows, size, ratio, mean = rows[left], size[left], ratio[left], mean[left]
        chance, total = terms[left, -1], sums[left, -1]
        before, first = total, first + _STRIDE
    return found


def _nearly_normal(mean: Floats, variance: Floats, size: Floats, targets: Sequence[float]) -> Ints:
    """Quantiles with the skewness term of Cornish and Fisher, and half a unit for the step from line to whole
    numbers."""
    deviation = np.sqrt(variance)
    skewness = (2 * variance / mean - 1) / deviation
    z = np.array([NormalDist().inv_cdf(target) for target in targets])
    bent = z + (z**2 - 1) * skewness[:, None] / 6
    return np.maximum(0, np.ceil(mean[:, None] + deviation[:, None] * bent - 0.5)).astype(np.int64)
