"""How busy the days and hours of a shop are: trend, weekday, season, promotion weeks, hours of the day. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from storekeep.kernel.clock import Instant, to_instant
from storekeep.world.simulator.market.goods import Good
from storekeep.world.simulator.market.model import ShopSpec, dice

YEAR = 365
#: Monday to Sunday: people buy for the home on Sunday evening and at the start of the week.
WEEKDAYS = (1.12, 1.06, 1.0, 0.98, 0.9, 0.86, 1.08)
#: Local hours 0 to 23.
HOURS = (8, 4, 2, 1, 1, 3, 8, 18, 32, 44, 52, 54, 56, 52, 48, 46, 46, 50, 58, 70, 82, 80, 56, 26)
#: Day of the year and how busy it is there; days between lie on a straight line. The year ends as it begins.
_SEASON = (
    (1, 0.95), (15, 0.88), (60, 0.92), (120, 1.0), (166, 0.92), (196, 0.76), (227, 0.78), (258, 0.96), (305, 1.12),
    (329, 1.7), (344, 1.9), (355, 1.25), (360, 0.8), (366, 0.95),
)  # fmt: skip
UPLIFT = 4
PROMOTED = 20


@dataclass(frozen=True, slots=True)
class Promotion:
    """A week, Monday to Sunday, in which some SKUs are wanted `UPLIFT` times as much and a code is sent around."""

    first_day: str
    last_day: str
    code: str
    percent_bp: int
    skus: tuple[str, ...]


def weekday_of(day: date) -> float:
    """How busy this day of the week is; the seven add up to 7."""
    return WEEKDAYS[day.weekday()] * 7 / sum(WEEKDAYS)


def season_of(day: date) -> float:
    """How busy this time of the year is: a peak before Christmas, a dip in summer."""
    n = day.timetuple().tm_yday
    for (left, low), (right, high) in pairwise(_SEASON):
        if n <= right:
            return low + (high - low) * (n - left) / (right - left)
    return _SEASON[-1][1]


def promotions_of(spec: ShopSpec, goods: Sequence[Good], first: date, days: int, seed: int) -> tuple[Promotion, ...]:
    """The promotion weeks of the years that these days touch, by date. Years count from `first`."""
    popular = sorted((good for good in goods if not good.is_lumpy), key=lambda good: (-good.lines_per_year, good.sku))
    # The few that everybody buys need no promotion; those that nobody buys are not helped by one.
    middle = [good.sku for good in popular[len(popular) // 50 : max(1, len(popular) // 2)]]
    monday = first + timedelta(days=-first.weekday() % 7)
    found = []
    for year in range(-(-days // YEAR)):
        rng = dice(seed, f"promotions {year}")
        for week in sorted(rng.sample(range(52), spec.promotions_per_year)):
            begin = monday + timedelta(days=year * YEAR // 7 * 7 + 7 * week)
            skus = tuple(sorted(rng.sample(middle, min(PROMOTED, len(middle)))))
            code = f"WEEK{begin:%G%V}"
            percent = rng.choice((1_000, 1_500, 2_000))
            found.append(Promotion(begin.isoformat(), (begin + timedelta(days=6)).isoformat(), code, percent, skus))
    return tuple(found)


def trend_of(spec: ShopSpec, n: int) -> float:
    """The level on the n-th day, against the first."""
    return math.exp(math.log1p(spec.trend_per_year) * n / YEAR)


def moment(day: date, second: int, zone: str) -> Instant:
    """The instant of a second of the local wall clock; one that daylight saving skips is an hour later."""
    hour, rest = divmod(second, 3_600)
    return to_instant(datetime(day.year, day.month, day.day, hour, rest // 60, rest % 60, tzinfo=ZoneInfo(zone)))
