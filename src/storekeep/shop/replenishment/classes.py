"""Which SKUs deserve a look: ABC by the money that they turn over, XYZ by how well they can be foretold."""

import numpy as np
import numpy.typing as npt

from storekeep.shop.replenishment.grid import Floats, Ints

Letters = npt.NDArray[np.str_]

ABC_SHARES = (0.80, 0.95)
XYZ_BOUNDS = (0.5, 1.0)


def abc(value_minor: Ints) -> Letters:
    """A: the SKUs that make up the first 80 % of the value, dearest first; B: up to 95 %; C: the rest and all without
    value.

    The SKU that crosses a line still belongs before it. `value_minor` is turnover or its cost, in minor units, per SKU.
    """
    found = np.full(len(value_minor), "C")
    order = np.argsort(-value_minor, kind="stable")
    sorted_up = np.maximum(value_minor[order], 0)
    total = int(sorted_up.sum())
    before = np.cumsum(sorted_up) - sorted_up
    worth = sorted_up > 0
    found[order[worth & (before < ABC_SHARES[1] * total)]] = "B"
    found[order[worth & (before < ABC_SHARES[0] * total)]] = "A"
    return found


def xyz(level: Floats, variance: Floats) -> Letters:
    """X: the root of the one-step error variance is at most half the level; Y: at most the level; Z: more, or
    unknown."""
    known = (level > 0) & ~np.isnan(variance)
    relative = np.sqrt(np.where(known, variance, 0.0)) / np.where(known, level, 1.0)
    found = np.full(len(level), "Z")
    found[known & (relative <= XYZ_BOUNDS[1])] = "Y"
    found[known & (relative <= XYZ_BOUNDS[0])] = "X"
    return found
