"""R: restocking. One open suggestion per variant and warehouse, and quantities that their frozen inputs give again.

The level S is worked out anew with sums of its own: the least k for which the chance of demand up to k meets what was
asked for, under the negative binomial distribution with the mean and variance of the frozen inputs.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import load
from storekeep.shop.reports.verify.model import SHOWN, Invariant, Offender
from storekeep.shop.reports.verify.scope import Scope, recent
from storekeep.shop.reports.verify.sql import Found, Rule, batches_of, checks, twice

_E3, _E6, _WEEK = 1_000, 1_000_000, 7
#: What may be off where the run does not sum unit by unit: where demand may reach beyond 2,000 units, or the mean is
#: above 500.
_REACH, _MEAN, _TOLERANCE = 2_000, 500, 0.01


def _quantities(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """The suggestions whose quantity or level does not follow from their inputs."""
    offenders: list[Offender] = []
    count = 0
    for row in _rows(tx, scope):
        for expected, found in _differences(load(row[2]), int(row[1])):
            count += 1
            if len(offenders) < SHOWN:
                offenders.append(Offender(f"{rule.subject} {row[0]}", rule.text, expected, found))
    return offenders, count


def _rows(tx: Tx, scope: Scope) -> Iterator[Any]:
    statement = "SELECT id, qty, inputs FROM replenishment_suggestion ORDER BY id"
    for batch in batches_of(tx, scope, statement, recent("replenishment_suggestion")):
        yield from batch


def _differences(inputs: Mapping[str, Any], qty: int) -> Iterator[tuple[str, str]]:
    level, slack = _level(inputs)
    if abs(level - inputs["up_to"]) > slack:
        yield f"a level of {level}", f"a level of {inputs['up_to']}"
    wanted = _quantity(inputs)
    if wanted != qty:
        yield f"{wanted} units", f"{qty} units"


def _quantity(inputs: Mapping[str, Any]) -> int:
    """What the frozen level and position come to, in the supplier's steps; 0 where a person decides."""
    there: int = inputs["on_hand"] + inputs["on_order"] + inputs["in_transit"]
    there -= inputs["reserved"] + inputs["back_ordered"]
    level: int = max(inputs["up_to"], inputs["min_units"])
    if inputs["max_units"] is not None:
        level = min(level, inputs["max_units"])
    step: int = inputs["multiple"]
    needed = level - there
    if needed <= 0 or (inputs["method"] == "min_max" and there > inputs["reorder_point"]):
        return 0
    least: int = -(-max(inputs["moq"], 1) // step) * step
    units: int = max(-(-needed // step) * step, least)
    if inputs["method"] == "forecast" and inputs["max_cover_days"] is not None:
        most: int = max(0, inputs["level_e6"] * inputs["max_cover_days"] // (_WEEK * _E6) - there) // step * step
        return units if units <= most else (0 if most < least else most)
    return units


def _level(inputs: Mapping[str, Any]) -> tuple[int, float]:
    """S, and by how many units the run's may differ."""
    if inputs["method"] != "forecast":
        return int(inputs["up_to"]), 0
    weeks = inputs["review_days"] / _WEEK + inputs["lead_days_e3"] / _E3 / _WEEK
    per_week = inputs["level_e6"] / _E6
    mean = per_week * weeks
    variance = inputs["variance_e6"] / _E6 * weeks + per_week**2 * inputs["lead_variance_e6"] / _E6 / _WEEK**2
    variance, chance = max(variance, 1.01 * mean), inputs["asked_e6"] / _E6
    level = _least(mean, variance, chance)
    reach = mean - math.log(1 - chance) * math.sqrt(variance)
    return level, max(1, _TOLERANCE * level) if reach > _REACH or mean > _MEAN else 0


def _least(mean: float, variance: float, chance: float) -> int:
    """The least k with P(demand <= k) >= chance, by the logarithm of each term; a mean of nothing needs nothing."""
    if mean <= 1e-12:
        return 0
    size = mean**2 / (variance - mean)
    log_hit, log_miss = math.log(size / (size + mean)), math.log(mean / (size + mean))
    total, k = 0.0, 0
    while True:
        term = math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * log_hit + k * log_miss
        total += math.exp(term)
        # A sum can fall short of a chance near 1 by the rounding of its terms: where nothing comes any more, it ends.
        if total >= chance - 1e-12 or (k > mean and term < -40):
            return k
        k += 1


_R1 = checks(
    "replenishment_suggestion",
    Rule("replenishment_suggestion of variant and warehouse", "more than one is open",
         twice("variant_id, warehouse_id", "replenishment_suggestion", "status = 'open'"), within={}),
    Rule("replenishment_suggestion", "what was decided is not said with its status", """
        SELECT id, status AS expected, 'taken ' || COALESCE(CAST(taken_qty AS TEXT), 'nothing') || ', decided ' ||
        COALESCE(CAST(decided_at AS TEXT), 'never') || ', command ' || COALESCE(command_id, 'none') AS found
        FROM replenishment_suggestion WHERE (status IN ('accepted', 'edited')) <> (taken_qty IS NOT NULL)
        OR (status IN ('accepted', 'edited')) <> (command_id IS NOT NULL) OR (status = 'open') <> (decided_at IS NULL)
        OR (status = 'accepted' AND taken_qty <> qty) OR (status = 'edited' AND taken_qty = qty)"""),
    within=recent("replenishment_suggestion"),
)  # fmt: skip

_R2 = checks(
    "replenishment_suggestion",
    Rule("replenishment_suggestion", "its frozen inputs give something else", _quantities),
    within=recent("replenishment_suggestion"),
)

INVARIANTS = (
    Invariant("R1", "At most one suggestion per variant and warehouse is open, and each decision is written.", _R1),
    Invariant("R2", "The frozen inputs of each suggestion give its level and quantity again.", _R2),
)
