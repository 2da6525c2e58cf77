"""Plays order-up-to levels against past demand: shelf, orders on their way, lost sales.

Each period of the play goes: what was ordered `lead` periods ago arrives; when the review is due, whatever the
position (on hand and on order) lacks of the level S is ordered; demand is served from the shelf, and what the shelf
lacks is lost. The stock of a period is the mean of what lay there after the arrival and at the end. The shelf starts
with the first S and nothing on order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from storekeep.shop.replenishment.grid import Demand, Floats, Ints

#: `fill`: units served of those wanted. `in_stock`: share of SKU-periods in which the shelf sufficed.
Service = Literal["fill", "in_stock"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What several runs over the same demand came to. `cover` is stock over demand, in periods of demand."""

    asked: Floats
    fill: Floats
    in_stock: Floats
    cover: Floats

    def service(self, kind: Service) -> Floats:
        return self.fill if kind == "fill" else self.in_stock


@dataclass(frozen=True, slots=True)
class Play:
    """What happened in each period (rows) of each run (columns), summed over SKUs, in units.

    `sufficed` is the share of SKUs whose shelf sufficed; `wanted` is the same for all runs.
    """

    asked: Floats
    wanted: Floats
    served: Floats
    sufficed: Floats
    stock: Floats

    def outcome(self, skip: int = 0) -> Outcome:
        """All periods together but the first `skip`."""
        wanted = max(1.0, float(self.wanted[skip:].sum()))
        return Outcome(
            self.asked,
            self.served[skip:].sum(axis=0) / wanted,
            self.sufficed[skip:].mean(axis=0),
            self.stock[skip:].sum(axis=0) / wanted,
        )


def play(asked: Sequence[float], up_to: Ints, demand: Demand, *, lead: int | Ints = 2, review: int | Ints = 1) -> Play:
    """Play levels of (periods, SKUs, runs) against demand of (SKUs, periods).

    `lead` and `review` are whole periods, one for all or one per SKU. `asked` names the runs.
    """
    periods, skus, runs = up_to.shape
    leads = np.broadcast_to(np.asarray(lead, dtype=np.int64), (skus,))
    reviews = np.broadcast_to(np.asarray(review, dtype=np.int64), (skus,))
    wanted = demand.astype(np.int64)
    on_hand = up_to[0].astype(np.int64)
    on_order = np.zeros_like(on_hand)
    slots = int(leads.max(initial=0)) + 1
    coming = np.zeros((slots, skus, runs), dtype=np.int64)
    every = np.arange(skus)
    served, sufficed, stock = np.zeros((periods, runs)), np.zeros((periods, runs)), np.zeros((periods, runs))
    for period in range(periods):
        ordered = np.maximum(0, up_to[period] - on_hand - on_order)
        ordered[period % reviews != 0] = 0
        coming[(period + leads) % slots, every] += ordered
        arrived = coming[period % slots].copy()
        coming[period % slots] = 0
        on_hand, on_order = on_hand + arrived, on_order + ordered - arrived
        units = wanted[:, period, None]
        sold = np.minimum(on_hand, units)
        served[period] = sold.sum(axis=0)
        sufficed[period] = (on_hand >= units).mean(axis=0)
        stock[period] = (on_hand - sold / 2).sum(axis=0)
        on_hand = on_hand - sold
    return Play(np.asarray(asked, dtype=np.float64), wanted.sum(axis=0).astype(np.float64), served, sufficed, stock)


def between(services: Floats, values: Floats, wanted: float) -> float | None:
    """The value at a wanted service on the straight line between runs; None when they do not reach to both sides of
    it."""
    order = np.argsort(services, kind="stable")
    services, values = services[order], values[order]
    if not services[0] <= wanted <= services[-1]:
        return None
    return float(np.interp(wanted, services, values))


def cover_at(found: Outcome, kind: Service, wanted: float) -> float | None:
    """The cover in periods that gives this service; None where the runs do not reach to both sides of it."""
    return between(found.service(kind), found.cover, wanted)
