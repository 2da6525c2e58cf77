"""The rules of counting as pure functions: what a person may type, when a second one counts, when somebody decides.

Also the classes by value: A is the first 80 % of all value, B the next 15 %, C the rest (the usual ABC analysis).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.errors import Conflict, Forbidden, Invalid

#: Shares of all value, in hundredths: the first variants up to 80 are A, up to 95 B.
A_SHARE, B_SHARE = 80, 95
#: Above so many times what the books say, a count is asked for once more.
UNLIKELY = 10
MOST_COUNTED = 9_999_999


class Unlikely(Conflict):
    """The count is far from what is expected; the person must say that it is right. Tells no number of the books."""


class MovedMeanwhile(Conflict):
    """Goods were moved at the place while it was counted; count again."""


class AnotherPerson(Forbidden):
    """This must be done by somebody who has not counted the line."""


@dataclass(frozen=True, slots=True)
class CountRules:
    """The shop's own limits. Money in minor units of the shop's currency; a limit is inclusive.

    A variance within `recount_*` is booked at once; beyond, a second person counts. What the second count confirms is
    booked within `approve_*`; beyond, somebody with the right decides. `a_days` and so on is how often a bin of that
    class is counted, `daily_bins` how many bins a day's plan asks for at most (0: no plan).
    """

    recount_units: int = 2
    recount_minor: int = 2_000
    approve_units: int = 10
    approve_minor: int = 10_000
    a_days: int = 30
    b_days: int = 90
    c_days: int = 180
    daily_bins: int = 20

    def every(self, grade: str) -> Instant:
        """How long a bin of this class (A, B or C) goes without a count."""
        return {"A": self.a_days, "B": self.b_days, "C": self.c_days}[grade] * DAY

    def is_small(self, variance: int, value_minor: int) -> bool:
        return abs(variance) <= self.recount_units and abs(value_minor) <= self.recount_minor

    def needs_nobody(self, variance: int, value_minor: int) -> bool:
        return abs(variance) <= self.approve_units and abs(value_minor) <= self.approve_minor


def rules_of(stored: Mapping[str, Any] | None) -> CountRules:
    """The rules as they are kept; names that are missing have their defaults."""
    known = {each.name for each in fields(CountRules)}
    return replace(CountRules(), **{name: int(value) for name, value in (stored or {}).items() if name in known})


def check_rules(rules: CountRules) -> None:
    """`Invalid` for limits that contradict each other."""
    for each in fields(CountRules):
        if not 0 <= getattr(rules, each.name) <= 1_000_000_000:
            raise Invalid(each.name, "a limit is a whole number, 0 or more")
    if rules.approve_units < rules.recount_units:
        raise Invalid("approve_units", "the limit for a decision is at least the one for a second count")
    if rules.approve_minor < rules.recount_minor:
        raise Invalid("approve_minor", "the limit for a decision is at least the one for a second count")
    for name in ("a_days", "b_days", "c_days"):
        if not 1 <= getattr(rules, name) <= 3_650:
            raise Invalid(name, "from 1 day to 10 years")


def read_units(typed: str, path: str = "counted") -> int:
    """The units that somebody typed. `Invalid` says what is accepted: no sign, point, exponent, and no barcode."""
    text = typed.strip()
    if not text:
        raise Invalid(path, "type how many there are; 0 when there is none")
    if re.fullmatch(r"[0-9]{8,14}", text):
        raise Invalid(path, "that is a barcode, not a number of units; type the units, like 12")
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise Invalid(path, "a count is a whole number of units in digits, like 12")
    return int(text)


def is_unlikely(counted: int, expected: int) -> bool:
    """Whether a count should be asked for again before it is taken."""
    return counted > UNLIKELY * max(expected, 1)


def after_first(rules: CountRules, variance: int, value_minor: int, is_busy: bool) -> str:
    """The status after the first count. `is_busy`: units are on a picker's list there, so any variance is doubted."""
    if variance == 0:
        return "posted"
    return "recount" if is_busy or not rules.is_small(variance, value_minor) else "posted"


def after_second(rules: CountRules, variance: int, value_minor: int, variance_1: int) -> str:
    """The status after the second count: booked when it clears the doubt, or confirms it within the limit."""
    if rules.is_small(variance, value_minor):
        return "posted"
    return "posted" if variance == variance_1 and rules.needs_nobody(variance, value_minor) else "review"


def classes(values: Sequence[tuple[str, int]]) -> dict[str, str]:
    """A, B or C for each (id, value), by the share of all value that the dearer ones before it have."""
    total, before = sum(value for _, value in values), 0
    found = {}
    for name, value in sorted(values, key=lambda each: (-each[1], each[0])):
        found[name] = "A" if before * 100 < A_SHARE * total else "B" if before * 100 < B_SHARE * total else "C"
        before += value
    return found
