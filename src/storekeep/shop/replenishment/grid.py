"""The shapes that the whole room shares: demand as SKUs by periods, and how the past of each SKU is walked.

A row is a SKU, a column a period (a week, or a month for spare parts), oldest first. `masked` marks periods in which
the shelf was empty for a while: what was sold then says little about what was wanted, so they teach nothing. Periods
before the first sale that counts teach nothing either.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Units per SKU and period, whole numbers of any numeric type.
Demand = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a method would have said before each period, and how wrong it was up to then.

    All three have the shape (SKUs, periods + 1); column t was known before period t, so the last one is the forecast
    for the period to come. `level` is in units per period and 0 before the first sale. `squared` is the sum of the
    squared one-step errors, `count` how many there were.
    """

    level: Floats
    squared: Floats
    count: Ints


class Method(Protocol):
    """One way to learn a level, for all SKUs at once. Arrays have one value per SKU."""

    level: Floats

    def begin(self, new: Bools, units: Floats) -> None:
        """The first sale of the SKUs marked `new`."""

    def learn(self, seen: Bools, sold: Bools, units: Floats) -> None:
        """One more period of the SKUs marked `seen`; `sold` are those of them that sold anything."""


def walk(method: Method, demand: Demand, masked: Bools | None) -> Fit:
    """Run a method over the past, period by period, noting what it said before it saw each."""
    skus, periods = demand.shape
    by_period = np.ascontiguousarray(demand.T, dtype=np.float64)
    level = np.zeros((periods + 1, skus))
    squared = np.zeros((periods + 1, skus))
    count = np.zeros((periods + 1, skus), dtype=np.int64)
    started = np.zeros(skus, dtype=np.bool_)
    for period, units in enumerate(by_period):
        counts = np.ones(skus, dtype=np.bool_) if masked is None else ~masked[:, period]
        sold = counts & (units > 0)
        seen, new = started & counts, sold & ~started
        squared[period + 1] = squared[period] + np.where(seen, (units - method.level) ** 2, 0.0)
        count[period + 1] = count[period] + seen
        method.learn(seen, sold & seen, units)
        method.begin(new, units)
        started |= new
        level[period + 1] = method.level
    return Fit(level.T, squared.T, count.T)


def first_sales(demand: Demand, masked: Bools | None = None) -> Ints:
    """The index of each SKU's first sale in a period that counts; the number of periods when it has none."""
    sold = demand > 0 if masked is None else (demand > 0) & ~masked
    found: Ints = np.where(sold.any(axis=1), sold.argmax(axis=1), demand.shape[1]).astype(np.int64)
    return found


def without_masked(demand: Demand, masked: Bools | None) -> tuple[Demand, Ints]:
    """The periods that count, moved to the right end, and the index of the first sale among them.

    What is left of that index is padding and means nothing.
    """
    if masked is None or not masked.any():
        return demand, first_sales(demand)
    order = np.argsort(~masked, axis=1, kind="stable")
    packed: Demand = np.take_along_axis(demand, order, axis=1)  # type: ignore[assignment]
    padding = np.take_along_axis(masked, order, axis=1)
    return packed, first_sales(packed, padding)
