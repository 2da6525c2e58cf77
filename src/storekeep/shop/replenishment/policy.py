"""From a forecast to an order: demand over the protection time, the level S, and the whole units to order now.

The protection time is review R plus lead L: what is ordered now must last until what is ordered at the next review
comes. Over it demand has the mean M = m (R + E[L]) and the variance V = s2 (R + E[L]) + m^2 Var(L), with the level m
and the variance s2 of one period (Silver, Pyke and Thomas, Inventory and Production Management in Supply Chains).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from storekeep.shop.replenishment.grid import Floats, Ints
from storekeep.shop.replenishment.quantile import quantile


def protected_demand(
    level: Floats, variance: Floats, review: Floats | float, lead: Floats | float, lead_variance: Floats | float
) -> tuple[Floats, Floats]:
    """Mean and variance of demand over the protection time, per SKU, in units and units squared.

    `level` and `variance` are those of one period; `review`, `lead` (its mean) and `lead_variance` are in periods.
    """
    protection = np.asarray(review) + np.asarray(lead)
    return level * protection, variance * protection + level**2 * np.asarray(lead_variance)


def order_up_to(mean: Floats, variance: Floats, target: Floats | float) -> Ints:
    """S per SKU: the least whole units that suffice for the protection time with the chance `target`, one or one per
    SKU."""
    targets = np.broadcast_to(np.asarray(target, dtype=np.float64), mean.shape)
    found = np.zeros(len(mean), dtype=np.int64)
    for one in np.unique(targets):
        same = targets == one
        found[same] = quantile(mean[same], variance[same], float(one))
    return found


@dataclass(frozen=True, slots=True)
class Position:
    """What there is of a SKU and what is on its way, less what is promised, in units. `on_order` counts drafts too."""

    on_hand: int
    on_order: int = 0
    in_transit: int = 0
    reserved: int = 0
    back_ordered: int = 0

    @property
    def units(self) -> int:
        return self.on_hand + self.on_order + self.in_transit - self.reserved - self.back_ordered


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a supplier sells a SKU: in multiples, at least `moq`; and how much may be ordered at most (None: no
    bound)."""

    multiple: int = 1
    moq: int = 0
    cap: int | None = None

    def __post_init__(self) -> None:
        if self.multiple < 1 or self.moq < 0 or (self.cap is not None and self.cap < 0):
            raise ValueError("a multiple is at least 1, a least and a greatest quantity at least 0")


AS_NEEDED = Rounding()


@dataclass(frozen=True, slots=True)
class Proposal:
    """How many units to order, and what became of the `needed` ones. `must_ask`: the least that the supplier sells is
    more than the cap allows, so nothing is proposed and a person decides; `least` says how much that would be."""

    units: int
    needed: int
    least: int
    is_raised_to_moq: bool = False
    is_cut_to_cap: bool = False
    must_ask: bool = False


def propose(up_to: int, position: int, rounding: Rounding = AS_NEEDED) -> Proposal:
    """What S lacks, rounded up to the multiple, at least the MOQ, at most the cap (rounded down to the multiple)."""
    needed = max(0, up_to - position)
    least = _up(max(rounding.moq, 1), rounding.multiple)
    if needed == 0:
        return Proposal(0, 0, least)
    units = max(_up(needed, rounding.multiple), least)
    raised = units > _up(needed, rounding.multiple)
    if rounding.cap is None or units <= rounding.cap:
        return Proposal(units, needed, least, is_raised_to_moq=raised)
    most = rounding.cap // rounding.multiple * rounding.multiple
    if most < least:
        return Proposal(0, needed, least, must_ask=True)
    return Proposal(most, needed, least, is_cut_to_cap=True)


def cap_units(level: float, position: int, max_periods: float | None) -> int | None:
    """How many units may still be ordered so that position and order last at most `max_periods` (the longest cover
    that is wanted, or what shelf life leaves); None without such a bound."""
    if max_periods is None:
        return None
    return max(0, int(level * max_periods) - position)


@dataclass(frozen=True, slots=True)
class Extra:
    """A line that could be added to a supplier's order: its position with what is proposed already, its level per
    period, the price of a unit, and in which steps how many more units may be taken. The first step is `first`, later
    ones `multiple`."""

    key: str
    position: int
    level: float
    unit_cost_minor: int
    multiple: int = 1
    first: int = 1
    room: int | None = None


def fill_up(lines: Sequence[Extra], lacking_minor: int) -> dict[str, int] | None:
    """Units to add per line until the supplier's minimum is reached: step by step to the line with the fewest periods
    of cover. None when all lines together cannot reach it within their room. Lines without demand or price are left
    alone."""
    added: dict[str, int] = {}
    queue = [(_cover(line, 0), n) for n, line in enumerate(lines) if line.level > 0 and line.unit_cost_minor > 0]
    heapify(queue)
    while lacking_minor > 0:
        if not queue:
            return None
        _, n = heappop(queue)
        line = lines[n]
        have = added.get(line.key, 0)
        step = line.multiple if have else _up(line.first, line.multiple)
        if line.room is not None and have + step > line.room:
            continue
        added[line.key] = have + step
        lacking_minor -= step * line.unit_cost_minor
        heappush(queue, (_cover(line, have + step), n))
    return added


def _cover(line: Extra, added: int) -> float:
    return (line.position + added) / line.level


def _up(units: int, multiple: int) -> int:
    return -(-units // multiple) * multiple
