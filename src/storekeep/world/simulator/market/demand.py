"""Demand that is made up: who comes on a day, when, and for what. Pure but for `open`, and repeatable by its seed.

Each day has dice of its own, so that any day can be asked for first, again, or after a restart, and the days of a short
run are the first days of a long one.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from storekeep.kernel.clock import Instant, day_of
from storekeep.kernel.db import Database
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.world.simulator.market import opening, seasons, sets
from storekeep.world.simulator.market.baskets import Baskets
from storekeep.world.simulator.market.goods import goods_of
from storekeep.world.simulator.market.model import Shelves, ShopSpec, Visit, Wanted, dice
from storekeep.world.simulator.market.seasons import Promotion
from storekeep.world.simulator.market.shoppers import method_for, shopper
from storekeep.world.simulator.replay.planning import Document

#: How many want the same thing in the same minute.
BUNCH = (3, 6)
WELCOME_SHARE, FIRST_SHARE, PROMOTION_SHARE = 0.06, 0.03, 0.3
#: The greater, the more of the returning shoppers are the oldest ones.
LOYALTY = 1.7
#: One order a year in so many comes from somebody who was known before the first day
KNOWN_BEFORE = 40


@dataclass(frozen=True, slots=True)
class _Day:
    """What is settled about a day before anybody comes: the orders, how many are by newcomers, the other visits, and
    how many shoppers were known that morning."""

    orders: int
    newcomers: int
    wanderers: int
    known: int
    promotion: Promotion | None


class Demand:
    """The demand of `days` local days, the first of which is that of `start`. See `Market`."""

    currency = opening.CURRENCY

    def __init__(self, spec: ShopSpec, start: Instant, days: int, seed: int) -> None:
        self.spec, self.start, self.seed = spec, start, seed
        self.timezone = spec.timezone
        self.goods = goods_of(spec, seed)
        self.sets = sets.sets_of(self.goods, seed)
        self._baskets = Baskets(spec, self.goods)
        self._first = date.fromisoformat(day_of(start, spec.timezone))
        calendar = max(days, seasons.YEAR)
        self.promotions = seasons.promotions_of(spec, self.goods, self._first, calendar, seed)
        self.days = tuple((self._first + timedelta(days=n)).isoformat() for n in range(days))
        busy = [self._busyness(n) for n in range(calendar)]
        usual = spec.orders_per_year / sum(busy[: seasons.YEAR])
        self._rates = [usual * each for each in busy[:days]]
        self._plan = dict(zip(self.days, self._settled(), strict=True))

    def open(self, db: Database) -> Shelves:
        """Open the shop that this demand is made for. Raises `NotEmpty`."""
        return opening.open_shop(db, self.spec, self.seed, self.promotions)

    def carriers(self) -> dict[str, TableCarrier] | None:
        """None: the shop's own."""
        return None

    def credits(self, day: str) -> list[Document]:
        """None: who sends something back does so by the shop's own returns."""
        del day
        return []

    def expected_orders(self, day: str) -> float:
        """The average number of orders on this day."""
        return self._rates[self.days.index(day)]

    def visits(self, day: str) -> list[Visit]:
        """Who comes on a local day, in order of time; none before `start`. Raises `KeyError` for another day."""
        plan, rng = self._plan[day], dice(self.seed, f"day {day}")
        calendar_day = date.fromisoformat(day)
        seconds, bunches = self._seconds(plan, rng)
        numbers = self._numbers(plan, rng)
        comers = [(seconds[n], n) for n in range(plan.orders + plan.wanderers)]
        hot = {bunch: self._baskets.hot(rng) for bunch in sorted(set(bunches.values()))}
        found = []
        for place, (second, n) in enumerate(sorted(comers), 1):
            bunch = bunches.get(n)
            lines = self._baskets.draw(rng, plan.promotion, None if bunch is None else hot[bunch])
            key = f"{day}/{place:04}"
            who = shopper(self.seed, numbers[n])
            found.append(
                Visit(
                    key=key,
                    at=seasons.moment(calendar_day, second, self.timezone),
                    shopper=who.name,
                    country=who.country,
                    email=who.email,
                    address=who.address,
                    method=method_for(who.country, rng),
                    lines=(*(Wanted(sku, qty) for sku, qty in lines), *sets.wanted(self.sets, self.seed, key)),
                    code=_code(plan, rng, is_new=numbers[n] > plan.known),
                    will_wander=n >= plan.orders,
                    bunch=None if bunch is None else f"{day}/bunch {bunch + 1}",
                )
            )
        return sorted((visit for visit in found if visit.at >= self.start), key=lambda visit: (visit.at, visit.key))

    def _busyness(self, n: int) -> float:
        day = self._first + timedelta(days=n)
        promotion = self._promotion_on(day)
        lift = 1.0 if promotion is None else self._baskets.busier(promotion)
        return seasons.weekday_of(day) * seasons.season_of(day) * seasons.trend_of(self.spec, n) * lift

    def _promotion_on(self, day: date) -> Promotion | None:
        at = bisect_right(self.promotions, day.isoformat(), key=lambda one: one.first_day) - 1
        return self.promotions[at] if at >= 0 and day.isoformat() <= self.promotions[at].last_day else None

    def _settled(self) -> Iterator[_Day]:
        spec = self.spec
        known = max(20, spec.orders_per_year // KNOWN_BEFORE)
        for day, rate in zip(self.days, self._rates, strict=True):
            rng = dice(self.seed, f"count {day}")
            orders = _poisson(rng, rate)
            wanderers = _poisson(rng, rate * spec.wander_share / (1 - spec.wander_share))
            newcomers = sum(rng.random() >= spec.repeat_share for _ in range(orders))
            yield _Day(orders, newcomers, wanderers, known, self._promotion_on(date.fromisoformat(day)))
            known += newcomers

    def _seconds(self, plan: _Day, rng: random.Random) -> tuple[list[int], dict[int, int]]:
        """The second of the local day at which each visitor comes, and the bunch of those who come in one."""
        count = plan.orders + plan.wanderers
        hours = rng.choices(range(24), seasons.HOURS, k=count)
        seconds = [hour * 3_600 + rng.randrange(3_600) for hour in hours]
        free = list(range(plan.orders))
        rng.shuffle(free)
        bunches: dict[int, int] = {}
        for bunch in range(_poisson(rng, plan.orders * self.spec.bunch_share * 2 / sum(BUNCH))):
            own = [free.pop() for _ in range(min(len(free), rng.randint(*BUNCH)))]
            if len(own) < BUNCH[0]:
                break
            minute = seconds[own[0]] // 60 * 60
            for n in own:
                seconds[n], bunches[n] = minute + rng.randrange(60), bunch
        return seconds, bunches

    def _numbers(self, plan: _Day, rng: random.Random) -> list[int]:
        """The number of each visitor: the newcomers of the day in a row, the others from all who were known before."""
        fresh = [plan.known + 1 + n for n in range(plan.newcomers)]
        known = [1 + int(plan.known * rng.random() ** LOYALTY) for _ in range(plan.orders - plan.newcomers)]
        buyers = fresh + known
        rng.shuffle(buyers)
        return buyers + [1 + rng.randrange(plan.known) for _ in range(plan.wanderers)]


def _code(plan: _Day, rng: random.Random, *, is_new: bool) -> str | None:
    """The discount code that somebody types, if any."""
    promoted, welcome, first = rng.random(), rng.random(), rng.random()
    if plan.promotion is not None and promoted < PROMOTION_SHARE:
        return plan.promotion.code
    if is_new and welcome < WELCOME_SHARE:
        return opening.WELCOME
    return opening.FIRST if first < FIRST_SHARE else None


def _poisson(rng: random.Random, mean: float) -> int:
    """How many independent events happen, `mean` of them on average."""
    found = 0
    while mean > 0:
        part = min(mean, 30.0)
        mean -= part
        limit, product = math.exp(-part), rng.random()
        while product > limit:
            found += 1
            product *= rng.random()
    return found
