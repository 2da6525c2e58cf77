"""The shop's own past played with its rules: which target meets the wanted service, and what a rule would have done.

Weeks are the periods. Everything is reviewed weekly here; a lead time counts in whole weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from storekeep.shop.replenishment.backtest import FIXED_COVERS, NOMINAL, Window, fixed_cover, is_known, order_up_to
from storekeep.shop.replenishment.calibration import LENGTH, MARGIN, target_for
from storekeep.shop.replenishment.grid import Bools, Demand, Fit, Floats, Ints
from storekeep.shop.replenishment.model import TargetKind
from storekeep.shop.replenishment.replay import Outcome, Play, Service, cover_at, play

REVIEW = 1
#: Weeks before a play that are there to learn from, and series below which a play says nothing.
LEARN, FEWEST = 16, 10
PLAYED = 26
Wanted = tuple[TargetKind, int]
_SERVICE: dict[str, Service] = {"fill": "fill", "no_stock_out": "in_stock"}


def asked_targets(fit: Fit, demand: Demand, wanted: Sequence[Wanted], *, lead: int) -> dict[Wanted, float]:
    """The chance to ask for, so that the wanted service would have been met over the last weeks; {} when too few weeks
    or variants are known. `wanted` is in basis points; the margin of one standard error is asked for on top."""
    warm = REVIEW + lead + 1
    length = LENGTH + warm
    origin = demand.shape[1] - length
    if origin < LEARN:
        return {}
    rows = is_known(demand, origin)
    if rows.sum() < FEWEST:
        return {}
    shown = _nominal(_of(fit, rows), demand[rows], Window(origin, length), lead)
    return {
        (kind, bp): min(0.999, target_for(shown, _SERVICE[kind], bp / 10_000, skip=warm, margin=MARGIN))
        for kind, bp in wanted
    }


def _nominal(fit: Fit, demand: Demand, window: Window, lead: int) -> Play:
    up_to = order_up_to(fit, window, NOMINAL, protection=REVIEW + lead)
    return play(NOMINAL, up_to, demand[:, window.origin : window.columns.stop], lead=lead, review=REVIEW)


def _of(fit: Fit, rows: Bools) -> Fit:
    return Fit(fit.level[rows], fit.squared[rows], fit.count[rows])


@dataclass(frozen=True, slots=True)
class Run:
    """One rule over the played weeks: per week units served and in stock, and shares in basis points, cover in days."""

    stock: tuple[int, ...]
    served: tuple[int, ...]
    fill_bp: int
    in_stock_bp: int
    cover_days: int
    mean_stock: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The rule against so many weeks of cover. `same_fill_days` is the cover in days that the rule of thumb would
    have needed for the rule's fill (None: none of its runs gave it)."""

    weeks: int
    series: int
    wanted: tuple[int, ...]
    rule: Run
    thumb: Run
    same_fill_days: int | None
    lead_weeks: int
    is_calibrated: bool


def prove(
    fit: Fit, demand: Demand, want: Wanted, *, weeks_of_cover: int, lead: int, rows: Sequence[bool] | None = None
) -> Proof | None:
    """Play the last 26 weeks (fewer when less is known) with the rule as it would have been set each week, and with so
    many weeks of cover. `rows` narrows what is counted; levels and spreads are learned from all. None: too little
    is known."""
    length = min(PLAYED, demand.shape[1] - LEARN)
    if length < 4:
        return None
    window = Window(demand.shape[1] - length, length)
    known = is_known(demand, window.origin)
    counted = known if rows is None else known & np.array(rows)
    if not counted.any():
        return None
    picked = counted[known]
    mine = _of(fit, known)
    ahead, is_calibrated = _targets(mine, demand[known], window, want, lead)
    up_to = _levels(mine, window, ahead, lead)[:, picked]
    cut = demand[counted][:, window.origin :]
    ours = play([want[1] / 10_000], up_to, cut, lead=lead, review=REVIEW)
    thumb = play(
        [weeks_of_cover], fixed_cover(demand[counted], window, [weeks_of_cover]), cut, lead=lead, review=REVIEW
    )
    ladder = play(FIXED_COVERS, fixed_cover(demand[counted], window), cut, lead=lead, review=REVIEW).outcome()
    same = cover_at(ladder, "fill", float(ours.outcome().fill[0]))
    return Proof(
        length, int(counted.sum()), tuple(int(units) for units in ours.wanted), _run(ours), _run(thumb),
        None if same is None else round(same * 7), lead, is_calibrated,
    )  # fmt: skip


def _targets(fit: Fit, demand: Demand, window: Window, want: Wanted, lead: int) -> tuple[list[float], bool]:
    """What would have been asked for before each week of the window, from the weeks before it alone."""
    plain = want[1] / 10_000
    warm = REVIEW + lead + 1
    first = window.origin - LENGTH - warm
    if first < 1 or len(demand) < FEWEST:
        return [plain] * window.length, False
    length = LENGTH + warm
    up_to = order_up_to(fit, Window(first, length + window.length - 1), NOMINAL, protection=REVIEW + lead)
    found = []
    for step in range(window.length):
        past = demand[:, first + step : first + step + length]
        shown = play(NOMINAL, up_to[step : step + length], past, lead=lead, review=REVIEW)
        found.append(min(0.999, target_for(shown, _SERVICE[want[0]], plain, skip=warm, margin=MARGIN)))
    return found, True


def _levels(fit: Fit, window: Window, targets: Sequence[float], lead: int) -> Ints:
    """S per week of the window and series, each week with its own target."""
    return np.stack(
        [
            order_up_to(fit, Window(column, 1), [target], protection=REVIEW + lead)[0]
            for column, target in zip(window.columns, targets, strict=True)
        ]
    )


def _run(shown: Play) -> Run:
    found: Outcome = shown.outcome()
    stock: Floats = shown.stock[:, 0]
    return Run(
        tuple(round(float(units)) for units in stock), tuple(int(units) for units in shown.served[:, 0]),
        round(float(found.fill[0]) * 10_000), round(float(found.in_stock[0]) * 10_000),
        round(float(found.cover[0]) * 7), round(float(stock.mean())),
    )  # fmt: skip
