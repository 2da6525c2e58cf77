"""Who comes to the demo shop, what they want, and what they write: visits made of the demo's own goods and people."""

import random
from collections.abc import Sequence

from storekeep.kernel.clock import Instant
from storekeep.world import demo
from storekeep.world.demo import DemoShopper
from storekeep.world.simulator.cast.doorstep import Words
from storekeep.world.simulator.market import Visit, Wanted

#: Of a hundred visits, those that end before the checkout, and those of people with a discount code
WANDER, WITH_CODE = 15, 12
#: The last of them is a code that the shop does not know.
CODES = ("WELCOME10", "TEA15", "SPRING")
#: Of a hundred who could have it faster, those who pay for it
IN_A_HURRY = 20
#: Of a hundred, those who take a set as well
WITH_SET = 6
#: How many different products, and how many of each
LINES, UNITS = (1, 1, 1, 2, 2, 3), (1, 1, 1, 2, 2, 4)

_ZONES = {"DE": "home", "AT": "near", "BE": "near", "NL": "near", "FR": "near", "DK": "near", "PL": "near"}
_WORLD = frozenset({"CH", "GB", "US"})
_WEIGHTS = [product.popularity for product in demo.PRODUCTS]


def visit(rng: random.Random, at: Instant) -> Visit:
    """Somebody who comes to the demo shop at `at`, which names the visit: there is one at a time."""
    who = rng.choice(demo.SHOPPERS)
    products = rng.choices(demo.PRODUCTS, _WEIGHTS, k=rng.choice(LINES))
    lines = [Wanted(rng.choice(product.variants).sku, rng.choice(UNITS)) for product in products]
    if rng.randrange(100) < WITH_SET:
        chosen = rng.choice(demo.SETS)
        lines.append(Wanted(chosen.sku, 1, pieces=sum(units for _, units in chosen.parts)))
    return Visit(
        key=str(at),
        at=at,
        shopper=who.name,
        country=who.country,
        email=who.email,
        address=_address(who),
        method=_method(rng, who.country),
        lines=tuple(lines),
        code=rng.choice(CODES) if rng.randrange(100) < WITH_CODE else None,
        will_wander=rng.randrange(100) < WANDER,
    )


def words() -> Words:
    """What the demo's shoppers write when something is wrong, by what it is."""
    return {
        "damaged": _bodies("damaged"),
        "wrong_item": _bodies("wrong_item"),
        "not_arrived": _bodies("not_arrived"),
        "question": _bodies("other"),
        "return": (
            "It is well made, but it does not go with the rest of our table. I would like to send it back, please.",
            "I was given the same one last week, so mine can go to somebody else. How do I send it back?",
            "It turned out larger than I thought and does not fit on the shelf. May I send it back?",
        ),
    }


def _bodies(reason: str) -> Sequence[str]:
    return tuple(problem.body for problem in demo.PROBLEMS if problem.reason == reason)


def _method(rng: random.Random, country: str) -> str:
    zone = _ZONES.get(country, "world" if country in _WORLD else "europe")
    return f"express-{zone}" if zone != "world" and rng.randrange(100) < IN_A_HURRY else f"standard-{zone}"


def _address(who: DemoShopper) -> dict[str, str]:
    fields = ("name", "line1", "line2", "city", "postcode", "region", "phone")
    return {field: getattr(who, field) for field in fields}
