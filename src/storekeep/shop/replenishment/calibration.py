"""Which target must be asked for, so that the one that the owner wants is met.

Lumpy demand fits no distribution well: who asks for a fill of 90 % gets 84 % in one shop and 94 % in another. So the
rule is played over the last periods with several targets, and the one is used that met the wanted service there.

Two ways: `target_for` once, from what is known at one moment; and `weekly`, as a shop that calibrates before each
review does. The weekly way leaves out the first periods of each play, in which the shelf is still full of its first
S, and asks for the wanted service plus one standard error of the play's own periods, because a play of ten periods is
a small sample and a shelf too empty disappoints more than one too full.
"""

from collections.abc import Sequence

import numpy as np

from storekeep.shop.replenishment.backtest import LEAD, NOMINAL, REVIEW, Spread, Window, order_up_to, spread_of
from storekeep.shop.replenishment.grid import Demand, Fit, Floats, Ints
from storekeep.shop.replenishment.quantile import quantile
from storekeep.shop.replenishment.replay import Outcome, Play, Service, between, play

LENGTH = 10
#: Review, lead, and one period more: by then the shelf is as the rule keeps it.
WARM_UP = REVIEW + LEAD + 1
MARGIN = 1.0


def target_for(shown: Play, kind: Service, wanted: float, *, skip: int = 0, margin: float = 0.0) -> float:
    """The target that met the wanted service in these plays, less `margin` standard errors of it.

    Read between the runs by a straight line; where they do not reach to both sides, the nearest run's.
    """
    found = shown.outcome(skip)
    service = found.service(kind) - margin * standard_error(shown, kind, skip)
    value = between(service, found.asked, wanted)
    return value if value is not None else float(found.asked[np.argmin(np.abs(service - wanted))])


def standard_error(shown: Play, kind: Service, skip: int = 0) -> Floats:
    """How far the service of each run may be off, taking its periods as draws; a ratio's error for the fill
    (Cochran)."""
    periods = len(shown.wanted) - skip
    if periods < 2:
        return np.zeros(len(shown.asked))
    if kind == "in_stock":
        found: Floats = shown.sufficed[skip:].std(axis=0, ddof=1) / np.sqrt(periods)
        return found
    wanted, served = shown.wanted[skip:, None], shown.served[skip:]
    total = max(1.0, float(wanted.sum()))
    rest = served - wanted * served.sum(axis=0) / total
    error: Floats = np.sqrt(periods / (periods - 1) * (rest**2).sum(axis=0)) / total
    return error


def once(fit: Fit, demand: Demand, window: Window, kind: Service, wanted: float) -> float:
    """The target that met the wanted service over the window, played from its start on."""
    up_to = order_up_to(fit, window, NOMINAL)
    return target_for(play(NOMINAL, up_to, _cut(demand, window), lead=LEAD, review=REVIEW), kind, wanted)


def weekly_targets(
    fit: Fit, demand: Demand, window: Window, wanted: Sequence[tuple[Service, float]], *, length: int = LENGTH
) -> Floats:
    """The target to ask for before each period of the window (rows), per wanted service (columns)."""
    before = Window(window.origin - length - WARM_UP, length + WARM_UP)
    if before.origin < 1:
        raise ValueError("there are too few periods before the window to calibrate on")
    known = Window(before.origin, before.length + window.length - 1)
    up_to = order_up_to(fit, known, NOMINAL)
    rows = []
    for step in range(window.length):
        seen = Window(before.origin + step, before.length)
        shown = play(NOMINAL, up_to[step : step + seen.length], _cut(demand, seen), lead=LEAD, review=REVIEW)
        rows.append([target_for(shown, kind, service, skip=WARM_UP, margin=MARGIN) for kind, service in wanted])
    return np.array(rows)


def with_targets(fit: Fit, demand: Demand, window: Window, targets: Floats, *, kind: Spread = "shrunk") -> Outcome:
    """The outcome over a window in which each period (rows) has its own target, one run per column."""
    levels: list[Ints] = []
    for column, asked in zip(window.columns, targets, strict=True):
        mean, variance = (REVIEW + LEAD) * fit.level[:, column], (REVIEW + LEAD) * spread_of(fit, column, kind)
        levels.append(np.stack([quantile(mean, variance, float(one)) for one in asked], axis=1))
    shown = play(targets[0].tolist(), np.stack(levels), _cut(demand, window), lead=LEAD, review=REVIEW)
    return shown.outcome()


def _cut(demand: Demand, window: Window) -> Demand:
    return demand[:, window.origin : window.columns.stop]
