"""A level for what has hardly been sold yet: what other new items of its category sold at the same age."""

import numpy as np

from storekeep.shop.replenishment.grid import Bools, Demand, Floats, Ints, first_sales

YOUNG = 8


def guessed_levels(demand: Demand, level: Floats, category: Ints, masked: Bools | None = None) -> tuple[Floats, Bools]:
    """Levels in which those of SKUs sold for less than 8 periods are replaced by a guess, and which are guesses.

    The guess for a SKU of age a is the mean demand, in the period of age a, of the items of its category that were
    new within this history and have passed that age; of all such items when the category has none; its own level when
    nobody has. An item's age counts from its first sale; items on sale in the very first period are not known to have
    been new.
    """
    periods = demand.shape[1]
    start = first_sales(demand, masked)
    age = periods - start
    young = (age < YOUNG) & (age > 0)
    was_new = start > 0
    found = level.astype(np.float64).copy()
    guessed = np.zeros(len(level), dtype=np.bool_)
    for reached in np.unique(age[young]):
        told = np.flatnonzero(was_new & (age > reached))
        if masked is not None:
            told = told[~masked[told, start[told] + reached]]
        if not len(told):
            continue
        units = demand[told, start[told] + reached]
        rows = np.flatnonzero(young & (age == reached))
        groups = int(category.max()) + 1
        sums = np.bincount(category[told], weights=units, minlength=groups)[category[rows]]
        counts = np.bincount(category[told], minlength=groups)[category[rows]]
        found[rows] = np.where(counts > 0, sums / np.maximum(counts, 1), units.mean())
        guessed[rows] = True
    return found, guessed
