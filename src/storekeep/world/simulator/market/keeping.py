"""What keeps only so long: goods of a simulated shop that are told apart by lot, and what is printed on a lot. Pure."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

#: Days that goods of a kind keep, by turns, so that even a week sees some of them expire.
LIVES = (20, 120, 365)
#: The share of its life that must be left when it is sent, in percent.
LEFT_AT_SHIP = 15
#: What of its life a lot usually has left when it arrives, in percent; old stock has next to nothing.
FRESH, OLD = (60, 100), (0, 12)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on the boxes of a lot."""

    code: str
    expires_on: str


def life_of(n: int) -> int:
    """How many days the n-th of such goods keeps."""
    return LIVES[n % len(LIVES)]


def days_at_ship(life: int) -> int:
    """How many days must be left of it when it is sent."""
    return life * LEFT_AT_SHIP // 100


def label(name: str, today: str, life: int, percent: int) -> Label:
    """The lot `name` of goods that keep `life` days, of which so many percent are left today."""
    return Label(name.upper(), (date.fromisoformat(today) + timedelta(days=life * percent // 100)).isoformat())


def percent_left(rng: random.Random, *, is_old: bool) -> int:
    """How much of its life a lot that is delivered has left."""
    return rng.randint(*(OLD if is_old else FRESH))


def opening(units: int) -> tuple[tuple[str, int, int], ...]:
    """The lots on the shelves on the first day: (name, percent of life left, units)."""
    older = units // 3
    parts = (("open-a", 35, older), ("open-b", 90, units - older))
    return tuple(part for part in parts if part[2])
