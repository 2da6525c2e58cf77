"""Who comes: shoppers by number, each with one country and one address for life. Nobody here is a real person. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from storekeep.flows import groundwork
from storekeep.world.simulator.market.model import dice

#: Countries that a fresh shop delivers to, and how many of a hundred shoppers live there.
COUNTRIES = {"DE": 54, "AT": 9, "NL": 7, "FR": 7, "BE": 5, "PL": 4, "DK": 3, "IT": 3, "ES": 3, "IE": 1, "CH": 2,
             "GB": 1, "US": 1}  # fmt: skip
EXPRESS_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Shopper:
    """One shopper. `address` has the fields that a checkout asks for."""

    name: str
    email: str
    country: str
    address: Mapping[str, str]


@lru_cache(maxsize=50_000)
def shopper(seed: int, number: int) -> Shopper:
    """The shopper of this number; the same one whenever they come."""
    rng = dice(seed, f"shopper {number}")
    country = rng.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]
    name = f"Shopper {number}"
    address = {
        "name": name,
        "line1": f"{rng.randint(1, 200)} Simulated Street",
        "line2": "",
        "city": f"Simulated City {country}",
        "postcode": f"{rng.randint(1_000, 99_999):05}",
        "region": "",
        "phone": "",
    }
    return Shopper(name, f"shopper-{number}@simulated.example", country, address)


def method_for(country: str, rng: random.Random) -> str:
    """The code of the delivery method that somebody there chooses; express is not offered to the whole world."""
    zone = _zone(country)
    return f"express-{zone}" if rng.random() < EXPRESS_SHARE and zone != "world" else f"standard-{zone}"


def _zone(country: str) -> str:
    if country == groundwork.HOME:
        return "home"
    return "near" if country in groundwork.NEAR else "europe" if country in groundwork.VAT else "world"
