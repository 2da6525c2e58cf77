"""From facts to advice: frozen inputs give their level again by other sums, and a past is played without foresight."""

import random
from dataclasses import asdict, replace

import numpy as np
import pytest

from storekeep.kernel.clock import DAY
from storekeep.shop.replenishment import advice, forecast, shopwide
from storekeep.shop.replenishment.model import (
    DEFAULTS,
    E6,
    Delivery,
    Facts,
    History,
    Inputs,
    Item,
    Policy,
    Shelf,
    Terms,
)
from storekeep.shop.reports.verify import restock as verified

NOW = 20_000 * DAY
SKUS, WEEKS = 40, 60


def facts(seed: int = 3, weeks: int = WEEKS, skus: int = SKUS, **terms: object) -> Facts:
    """Lumpy demand of some SKUs with nothing on their shelves."""
    dice = random.Random(seed)
    units = {
        (f"v{n:03}", "w"): {week: dice.randint(1, 2 + n) for week in range(weeks) if dice.random() < 0.6}
        for n in range(skus)
    }
    items = [
        Item(key, key[0].upper(), "c", 1000, Shelf(0, 0, 0, 0), Terms(**terms))  # type: ignore[arg-type]
        for key in units
    ]
    return Facts(NOW, History(NOW, "2024-10-07", weeks, units), items, DEFAULTS, (), 7)


def test_the_frozen_inputs_give_each_quantity_again_by_other_sums() -> None:
    dice = random.Random(11)
    plain = facts()
    rules = {
        one.key: Policy(
            target_bp=dice.choice((5000, 8000, 9500, 9900, 9990)), review_days=dice.randint(1, 60),
            lead_days=dice.randint(1, 200), moq=0, multiple=dice.choice((1, 1, 6, 12)),
            max_cover_days=dice.choice((None, 20, 400)), min_units=dice.choice((0, 30)),
        )
        for one in plain.items
    }  # fmt: skip
    found = advice.advise(replace(plain, items=[replace(one, own_policy=rules[one.key]) for one in plain.items]))
    assert len(found.advice) == SKUS
    for one in found.advice:
        assert list(verified._differences(asdict(one.inputs), one.qty)) == []
        assert list(verified._differences(asdict(one.inputs), one.qty + 1)) != []


@pytest.mark.parametrize("seed", range(4))
def test_levels_up_to_tens_of_thousands_agree_with_other_sums(seed: int) -> None:
    dice = random.Random(seed)
    base: Inputs = advice.advise(facts(skus=1)).advice[0].inputs
    drafts = [
        replace(base, level_e6=round(level * E6), variance_e6=round(level * dice.uniform(0.5, 40) * E6),
                lead_variance_e6=dice.randint(0, 400) * E6, asked_e6=dice.choice((700_000, 950_000, 999_000)))
        for level in (10 ** dice.uniform(-2, 3.3) for _ in range(150))
    ]  # fmt: skip
    for draft, level in zip(drafts, advice.up_to_levels(drafts), strict=True):
        expected, slack = verified._level(asdict(draft))
        assert abs(level - expected) <= slack, draft


def test_lead_times_come_from_the_policy_the_deliveries_the_promise_or_the_setting() -> None:
    plain = facts(supplier_id="s", name="Potters", lead_days=20)
    sent = [Delivery("s", NOW - 100 * DAY, NOW - (80 - n) * DAY) for n in range(30)]
    told = {
        "as promised": (plain, 20_000),
        "learned": (replace(plain, deliveries=sent), 34_500),
        "typed": (replace(plain, deliveries=sent, defaults=dict.fromkeys("ABC", Policy(lead_days=3))), 3_000),
        "usual": (replace(facts(), default_lead_days=9), 9_000),
    }
    for which, (asked, days_e3) in told.items():
        assert {one.inputs.lead_days_e3 for one in advice.advise(asked).advice} == {days_e3}, which
    late = [*sent, *(Delivery("s", NOW - 90 * DAY, None) for _ in range(30))]
    slow = advice.advise(replace(plain, deliveries=late)).advice[0].inputs
    assert slow.lead_days_e3 > 34_500, "orders still awaited say that it takes longer"
    assert slow.lead_variance_e6 > 0


def test_a_target_is_calibrated_once_enough_weeks_are_known() -> None:
    assert not advice.advise(facts(weeks=28)).is_calibrated
    found = advice.advise(facts())
    assert found.is_calibrated
    assert all(one.inputs.is_calibrated for one in found.advice)
    assert len({one.inputs.asked_e6 for one in found.advice}) > 1, "one for each class"


def test_a_proof_sees_nothing_of_the_weeks_that_it_plays() -> None:
    grid = advice.grid_of(facts().history, sorted(facts().history.units))
    want = ("fill", 9500)
    whole = shopwide.prove(forecast.tsb(grid.demand), grid.demand, want, weeks_of_cover=8, lead=1)  # type: ignore[arg-type]
    assert whole is not None
    assert (whole.weeks, whole.series, len(whole.wanted)) == (26, SKUS, 26)
    other = grid.demand.copy()
    other[:, -1] = 0
    changed = shopwide.prove(forecast.tsb(other), other, want, weeks_of_cover=8, lead=1)  # type: ignore[arg-type]
    assert changed is not None
    assert changed.rule.stock[:25] == whole.rule.stock[:25], "another last week changes no week before it"
    assert changed.rule.served[:25] == whole.rule.served[:25]
    rows = np.arange(SKUS) == 5
    one = shopwide.prove(forecast.tsb(grid.demand), grid.demand, want, weeks_of_cover=8, lead=1, rows=rows.tolist())  # type: ignore[arg-type]
    assert one is not None
    assert one.wanted == tuple(grid.demand[5, -26:].tolist())
    assert shopwide.prove(forecast.tsb(other[:, :18]), other[:, :18], want, weeks_of_cover=8, lead=1) is None  # type: ignore[arg-type]
