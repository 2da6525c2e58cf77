"""What is done to past demand before a level is learned from it."""

import numpy as np

from storekeep.shop.replenishment.grid import Demand, Floats

UNUSUAL = 1.5
_COMMON_SHARE = 90


def usual_most(demand: Demand) -> Floats:
    """Per SKU 1.5 times the 90th percentile of its periods with sales: what lies above is unusual. Infinite without
    sales.

    Such periods are shown to the buyer, who says whether they come again. Demand is used uncapped unless told
    otherwise: capping lowers how often a shelf is empty, and costs units served.
    """
    found = np.full(len(demand), np.inf)
    rows = np.flatnonzero((demand > 0).any(axis=1))
    sold = np.where(demand[rows] > 0, demand[rows], np.nan).astype(np.float64)
    if len(rows):
        found[rows] = UNUSUAL * np.nanpercentile(sold, _COMMON_SHARE, axis=1)
    return found


def capped(demand: Demand, most: Floats) -> Floats:
    """Demand with every period cut to `most` of its SKU."""
    cut: Floats = np.minimum(demand, most[:, None])
    return cut
