"""From the facts of a snapshot to what should be ordered, for all variants at once. Pure; loads numpy.

All floats are rounded to whole parts before the level S is worked out, so that the frozen inputs alone give it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from storekeep.kernel.clock import DAY
from storekeep.shop.replenishment import classes, forecast, leadtime, newcomers, policy, season, spread
from storekeep.shop.replenishment.grid import Bools, Fit, Floats, Ints
from storekeep.shop.replenishment.history import usual_most
from storekeep.shop.replenishment.model import (
    E3,
    E6,
    YOUNG,
    Advice,
    Advised,
    Facts,
    History,
    Inputs,
    Item,
    Key,
    Method,
    Policy,
    Terms,
)
from storekeep.shop.replenishment.policy import Proposal, Rounding, propose
from storekeep.shop.replenishment.reasons import told
from storekeep.shop.replenishment.shopwide import asked_targets

_WEEK_DAYS = 7
#: A level as good as nothing: nobody wants it any more.
_LEAST_E6 = 1_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Demand as an array of items by weeks since the shop's first sale, and the masked weeks in it."""

    demand: Ints
    masked: Bools

    @property
    def weeks(self) -> int:
        return int(self.demand.shape[1])


@dataclass(frozen=True, slots=True)
class Learned:
    """Per item: level and variance of a week (season and guesses in), and what they rest on. `fit` is of demand as it
    was, to be played with."""

    fit: Fit
    level: Floats
    variance: Floats
    season: Floats
    is_guess: Bools
    is_known: Bools
    unusual: Ints


def grid_of(history: History, keys: Sequence[Key]) -> Grid:
    """The arrays of these keys, without the weeks before the shop's first sale of anything."""
    sold = [week for units in history.units.values() for week, count in units.items() if count > 0]
    first = min(sold, default=history.weeks - 1)
    demand = np.zeros((len(keys), history.weeks - first), dtype=np.int64)
    masked = np.zeros(demand.shape, dtype=np.bool_)
    for row, key in enumerate(keys):
        for week, units in history.units.get(key, {}).items():
            if week >= first:
                demand[row, week - first] = units
        weeks = [week - first for week in history.masked.get(key, ()) if week >= first]
        masked[row, weeks] = True
    # What sold although the shelf was empty for a while is known at least; a week without a sale teaches nothing.
    return Grid(demand, masked)


def learn(grid: Grid, category: Ints) -> Learned:
    """Levels and spreads as known after the last week of the grid."""
    skus = len(grid.demand)
    index = season.season_index(_totals(grid.demand, category))
    calm = grid.demand.astype(np.float64)
    fit = still = forecast.tsb(calm, grid.masked)
    if index is not None:
        calm = season.without_season(calm, index, category)
        still = forecast.tsb(calm, grid.masked)
    own = spread.own(still)
    raw = still.level[:, -1]
    law = spread.law(raw, own)
    level, is_guess = newcomers.guessed_levels(calm, raw, category, grid.masked)
    variance = np.where(is_guess, law.variance(level), spread.shrunk(level, own, law))
    factor = np.ones(skus) if index is None else season.factor_ahead(index, grid.weeks, 4)[category]
    known = (fit.count[:, -1] >= YOUNG - 1) | is_guess
    unusual = (grid.demand > usual_most(grid.demand)[:, None]).sum(axis=1)
    return Learned(fit, level * factor, variance * factor**2, factor, is_guess, known, unusual)


def _totals(demand: Ints, category: Ints) -> Floats:
    totals = np.zeros((int(category.max()) + 1, demand.shape[1]))
    np.add.at(totals, category, demand)
    return totals


def advise(facts: Facts) -> Advised:
    """One advice per item that lacks something. Without any history only hand-set levels can say anything."""
    items = sorted(facts.items, key=lambda item: item.key)
    if not items:
        return Advised((), 0, 0, False)
    keys = [item.key for item in items]
    names = sorted({item.category_id for item in items})
    category = np.array([names.index(item.category_id) for item in items], dtype=np.int64)
    grid = grid_of(facts.history, keys)
    learned = learn(grid, category)
    price = np.array([item.price_minor for item in items], dtype=np.int64)
    abc = classes.abc(grid.demand[:, -52:].sum(axis=1) * price)
    xyz = classes.xyz(learned.level, learned.variance)
    rules = [item.own_policy or facts.defaults[str(abc[n])] for n, item in enumerate(items)]
    leads = _Leads(facts)
    wanted = sorted({(rule.target_kind, rule.target_bp) for rule in rules})
    found_leads = [leads.of(item.terms, rule) for item, rule in zip(items, rules, strict=True)]
    typical = float(np.median([lead[0] for lead in found_leads])) / E3 / _WEEK_DAYS
    asked = asked_targets(learned.fit, grid.demand, wanted, lead=max(1, round(typical)))
    drafts = []
    for n, (item, rule, lead) in enumerate(zip(items, rules, found_leads, strict=True)):
        kind = (rule.target_kind, rule.target_bp)
        target = asked.get(kind, rule.target_bp / 10_000)
        drafts.append(_inputs(item, rule, learned, n, lead, target, facts, (str(abc[n]), str(xyz[n])), grid))
        drafts[-1] = replace(drafts[-1], is_calibrated=kind in asked and drafts[-1].method == "forecast")
    levels = up_to_levels(drafts)
    advice = []
    for item, draft, level in zip(items, drafts, levels, strict=True):
        advice += _advice(item, replace(draft, up_to=level))
    return Advised(tuple(advice), len(items), grid.weeks, bool(asked))


def up_to_levels(inputs: Sequence[Inputs]) -> list[int]:
    """S of each: of forecasts from the frozen numbers, of hand-set levels as typed."""
    level, variance, review, lead, lead_variance, asked = (
        np.array(values, dtype=np.float64)
        for values in zip(
            *(
                (one.level_e6 / E6, one.variance_e6 / E6, one.review_days / _WEEK_DAYS,
                 one.lead_days_e3 / E3 / _WEEK_DAYS, one.lead_variance_e6 / E6 / _WEEK_DAYS**2, one.asked_e6 / E6)
                for one in inputs
            ),
            strict=True,
        )
    )  # fmt: skip
    mean, spread_ahead = policy.protected_demand(level, variance, review, lead, lead_variance)
    found = policy.order_up_to(mean, spread_ahead, asked).tolist()
    return [one.up_to if one.method == "min_max" else units for one, units in zip(inputs, found, strict=True)]


def proposal(inputs: Inputs) -> Proposal:
    """What to order by frozen inputs."""
    rounding = Rounding(inputs.multiple, inputs.moq, inputs.cap)
    if inputs.method == "min_max" and inputs.position > inputs.reorder_point:
        return propose(inputs.position, inputs.position, rounding)
    return propose(inputs.bounded, inputs.position, rounding)


def _advice(item: Item, inputs: Inputs) -> list[Advice]:
    found = proposal(inputs) if inputs.method != "off" else None
    if found is None or (found.units == 0 and not found.must_ask):
        return []
    return [Advice(item.key, item.sku, found.units, inputs, told(inputs, found), item.terms)]


def _inputs(
    item: Item, rule: Policy, learned: Learned, n: int, lead: tuple[int, int, str], target: float, facts: Facts,
    letters: tuple[str, str], grid: Grid,
) -> Inputs:  # fmt: skip
    level_e6 = round(float(learned.level[n]) * E6)
    method: Method = rule.method
    if method == "forecast" and (not learned.is_known[n] or level_e6 < _LEAST_E6):
        # Too little is known of it, or nobody wants it any more: what somebody typed counts, if anybody did.
        method = "min_max" if item.fallback is not None else "off"
    point, typed = item.fallback or (0, 0)
    shelf, terms = item.shelf, item.terms
    multiple = max(rule.multiple, terms.multiple)
    return Inputs(
        method=method if method != "min_max" or item.fallback is not None else "off",
        weeks_until=facts.history.until_day, weeks=grid.weeks, masked_weeks=int(grid.masked[n].sum()),
        abc_class=letters[0], xyz_class=letters[1], target_kind=rule.target_kind, target_bp=rule.target_bp,
        asked_e6=round(target * E6), is_calibrated=False, level_e6=level_e6,
        variance_e6=round(float(learned.variance[n]) * E6), is_guess=bool(learned.is_guess[n]),
        season_e6=round(float(learned.season[n]) * E6), unusual_weeks=int(learned.unusual[n]),
        review_days=rule.review_days, lead_days_e3=lead[0], lead_variance_e6=lead[1], lead_source=lead[2],
        on_hand=shelf.on_hand, on_order=shelf.on_order, in_transit=shelf.in_transit, reserved=shelf.reserved,
        back_ordered=shelf.back_ordered, reorder_point=point, up_to=typed, min_units=rule.min_units,
        max_units=rule.max_units, moq=max(rule.moq, terms.moq), multiple=multiple,
        max_cover_days=rule.max_cover_days,
    )  # fmt: skip


class _Leads:
    """Lead times per supplier in thousandths of a day, their variance in millionths of a day squared, and whence."""

    def __init__(self, facts: Facts) -> None:
        self._default = facts.default_lead_days
        self._numbers: Mapping[str, int] = {
            one: n for n, one in enumerate(sorted({each.supplier_id for each in facts.deliveries}))
        }
        self._today = facts.as_of // DAY
        told = facts.deliveries
        self._orders = leadtime.Orders(
            np.array([self._numbers[each.supplier_id] for each in told], dtype=np.int64),
            np.array([each.sent_at // DAY for each in told], dtype=np.int64),
            np.array([leadtime.OPEN if each.received_at is None else each.received_at // DAY for each in told],
                     dtype=np.int64),
        )  # fmt: skip
        self._known: dict[str, tuple[int, int, str] | None] = {}

    def of(self, terms: Terms, rule: Policy) -> tuple[int, int, str]:
        """The policy's own word, else what deliveries taught, else what the supplier promises, else the default."""
        if rule.lead_days is not None:
            return rule.lead_days * E3, 0, "as the policy says"
        learned = self._learned(terms.supplier_id) if terms.supplier_id is not None else None
        if learned is not None:
            return learned
        if terms.lead_days is not None:
            return terms.lead_days * E3, 0, "as the supplier promises"
        return self._default * E3, 0, "the shop's usual"

    def _learned(self, supplier_id: str) -> tuple[int, int, str] | None:
        if supplier_id not in self._known:
            curve = leadtime.curve(self._orders, self._numbers.get(supplier_id, -1), self._today)
            found = curve.moments()
            self._known[supplier_id] = None if found is None else (
                round(found[0] * E3), round(found[1] * E6), "learned from deliveries"
            )  # fmt: skip
        return self._known[supplier_id]
