"""How long a supplier takes, learned from orders that have come and from those still open.

Delivered orders alone are a biased sample: the slow ones are not among them yet. Kaplan and Meier's estimate (1958)
uses an open order for what it says, "longer than so many days". A supplier's own orders count 1 each; besides, the
orders of all suppliers together count as much as 20, so that a new supplier has a curve at once and his own orders
soon outweigh it.
"""

from dataclasses import dataclass

import numpy as np

from storekeep.shop.replenishment.grid import Bools, Floats, Ints

#: In `Orders.received`: not here yet.
OPEN = -1
ALL_SUPPLIERS_WEIGHT = 20.0
MEMORY_DAYS = 3 * 365


@dataclass(frozen=True, slots=True)
class Orders:
    """Past and open orders, one element each: the supplier as a number, the days of placing and receiving (or OPEN).

    Days are whole numbers on one scale. Rows received before they were placed are wrong and must not be handed in.
    """

    supplier: Ints
    placed: Ints
    received: Ints


@dataclass(frozen=True, slots=True)
class Curve:
    """The chance `reached` that an order has come within `days`; both rise. Empty when nothing was ever received."""

    days: Ints
    reached: Floats

    def quantile(self, target: float) -> int | None:
        """The least days within which an order comes with this chance; the longest lead known when the curve, cut off
        by open orders, does not reach so far; None without any receipt."""
        if not len(self.days):
            return None
        at = int(np.searchsorted(self.reached, target - 1e-12))
        return int(self.days[min(at, len(self.days) - 1)])

    def moments(self) -> tuple[float, float] | None:
        """Mean (days) and variance (days squared); what the curve leaves over counts as its longest lead."""
        if not len(self.days):
            return None
        share = np.diff(self.reached, prepend=0.0)
        share[-1] += 1.0 - self.reached[-1]
        mean = float(share @ self.days)
        return mean, float(share @ (self.days - mean) ** 2)


def curve(orders: Orders, supplier: int, today: int) -> Curve:
    """The lead time of one supplier as known on the day `today`, from the orders of the last three years.

    What was placed or received later than today is not looked at.
    """
    recent = (orders.placed <= today) & (orders.placed >= today - MEMORY_DAYS)
    placed, received = orders.placed[recent], orders.received[recent]
    closed = (received != OPEN) & (received <= today)
    weight = (orders.supplier[recent] == supplier) + ALL_SUPPLIERS_WEIGHT / max(1, len(placed))
    return kaplan_meier(np.where(closed, received, today) - placed, closed, weight)


def kaplan_meier(days: Ints, closed: Bools, weight: Floats) -> Curve:
    """The product-limit estimate with weights: S(t) falls by the share that ends at t of those not ended before.

    `days` is how long each order took, or has waited so far where `closed` is false; one that waits since t is still at
    risk at t.
    """
    if not closed.any():
        return Curve(np.zeros(0, dtype=np.int64), np.zeros(0))
    times, place = np.unique(days, return_inverse=True)
    left = np.bincount(place, weights=weight)
    ended = np.bincount(place, weights=np.where(closed, weight, 0.0))
    at_risk = left[::-1].cumsum()[::-1]
    reached = 1.0 - np.cumprod(1.0 - ended / at_risk)
    falls = ended > 0
    return Curve(times[falls].astype(np.int64), np.minimum(reached[falls], 1.0))


def pinball(forecast: Floats, actual: Floats, target: float) -> float:
    """The mean pinball loss of quantile forecasts: target x shortfall, or (1 - target) x excess, in their unit."""
    miss = actual - forecast
    return float(np.maximum(target * miss, (target - 1) * miss).mean())
