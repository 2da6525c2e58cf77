"""The nouns of shipping: addresses, parcels, rate cards, and the offers that are made from them.

Everything here is plain frozen data with the rules that need nothing else, so it can be imported without a
database. Weights are grams, sides are millimetres, money is in minor units, dates are ISO text.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ZONE_DOMESTIC = "domestic"
ZONE_EU_NEAR = "eu-near"
ZONE_EU = "eu"
ZONE_WORLD = "world"
ZONES = (ZONE_DOMESTIC, ZONE_EU_NEAR, ZONE_EU, ZONE_WORLD)

ZONE_LABELS = {
    ZONE_DOMESTIC: "Domestic",
    ZONE_EU_NEAR: "European Union, neighbours",
    ZONE_EU: "European Union",
    ZONE_WORLD: "Rest of the world",
}

# Members of the European Union by ISO 3166 code. Greece is GR here; the tax world calls it EL.
EU_COUNTRIES = _codes("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

# Which countries count as near, by the country that a parcel leaves from. Only origins listed here have a near
# zone; every other origin goes straight from domestic to EU or world.
NEAR_COUNTRIES = {"DE": _codes("AT BE CZ DK FR LU NL PL")}


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as it is printed. `country` is an ISO 3166 two-letter code; absent parts are ''."""

    name: str
    line1: str
    line2: str
    city: str
    postcode: str
    region: str
    country: str
    phone: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One closed box: weight with its packing in grams, outer sides in millimetres."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """What one service says about one parcel.

    A feasible offer has a price, an arrival date and an empty `rejected_because`. An offer that is not feasible
    has price 0, arrival '' and the reason as a sentence: a service is never silently missing. A lower `rank` is
    the merchant's favourite when everything else is equal.
    """

    carrier: str
    service: str
    label: str
    price_minor: int
    currency: str
    transit_days_min: int
    transit_days_max: int
    arrives_on: str
    feasible: bool
    rejected_because: str
    rank: int = 100

    def __post_init__(self) -> None:
        if self.feasible == bool(self.rejected_because):
            raise ValueError("an offer is either feasible or carries the reason why it is not")
        if self.feasible and not self.arrives_on:
            raise ValueError("a feasible offer needs an arrival date")


@dataclass(frozen=True, slots=True)
class RateCard:
    """One version of one service's prices in one zone.

    `brackets` are (up to and including grams, price) in rising order; a parcel pays the first bracket that it
    does not exceed. `effective_to` is inclusive, '' means open. `cutoff_hour` is local time at the sender.
    Refuses a card that cannot be priced from without surprise (ValueError names the fault).
    """

    carrier: str
    service: str
    label: str
    zone: str
    currency: str
    brackets: tuple[tuple[int, int], ...]
    transit_days_min: int
    transit_days_max: int
    cutoff_hour: int
    max_weight_g: int
    effective_from: str
    effective_to: str
    rank: int

    def __post_init__(self) -> None:
        problem = _card_problem(self)
        if problem:
            raise ValueError(f"rate card {self.service} in zone {self.zone}: {problem}")

    def is_effective_on(self, day: str) -> bool:
        """True when the card is in force on the ISO date `day`, both ends included."""
        return self.effective_from <= day and (not self.effective_to or day <= self.effective_to)

    def price_minor(self, weight_g: int) -> int | None:
        """Price in minor units for a parcel of `weight_g`; None when it is heavier than the card allows."""
        if weight_g > self.max_weight_g:
            return None
        return next((price for up_to_g, price in self.brackets if weight_g <= up_to_g), None)


def _card_problem(card: RateCard) -> str:
    weights = [up_to_g for up_to_g, _ in card.brackets]
    prices = [price for _, price in card.brackets]
    if card.zone not in ZONES:
        return f"unknown zone; known are {', '.join(ZONES)}"
    if not card.brackets:
        return "it has no weight brackets"
    if weights[0] <= 0 or any(a >= b for a, b in pairwise(weights)):
        return "bracket weights must be positive and rise"
    if prices[0] < 0 or any(a > b for a, b in pairwise(prices)):
        return "a heavier bracket may not cost less than a lighter one"
    if not 0 < card.max_weight_g <= weights[-1]:
        return "the highest bracket must cover the maximum weight"
    if not 0 <= card.transit_days_min <= card.transit_days_max:
        return "transit days must be 0 or more and in order"
    if not 0 <= card.cutoff_hour <= 24:
        return "the cut-off hour must be between 0 and 24"
    return _dates_problem(card.effective_from, card.effective_to)


def _dates_problem(effective_from: str, effective_to: str) -> str:
    for day in (effective_from, effective_to):
        if day and not _is_iso_date(day):
            return f"'{day}' is not a date in the form YYYY-MM-DD"
    if not effective_from:
        return "it needs a first day"
    if effective_to and effective_to < effective_from:
        return "it ends before it begins"
    return ""


def _is_iso_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def overlapping(cards: tuple[RateCard, ...]) -> tuple[str, ...]:
    """Sentences naming every pair of cards that would both be in force for one service and zone on one day."""
    found = []
    ordered = sorted(cards, key=lambda c: (c.carrier, c.service, c.zone, c.effective_from))
    for i, first in enumerate(ordered):
        for second in ordered[i + 1 :]:
            if (second.carrier, second.service, second.zone) != (first.carrier, first.service, first.zone):
                break
            if not first.effective_to or second.effective_from <= first.effective_to:
                found.append(
                    f"{first.service} in zone {first.zone} has two cards in force on {second.effective_from}"
                )
    return tuple(found)


def zone_of(origin_country: str, destination_country: str) -> str:
    """The zone between two ISO country codes (any case). A code that is not two letters is a ValueError."""
    origin, destination = origin_country.strip().upper(), destination_country.strip().upper()
    for code in (origin, destination):
        if len(code) != 2 or not (code.isascii() and code.isalpha()):
            raise ValueError(f"'{code}' is not a two-letter country code")
    if origin == destination:
        return ZONE_DOMESTIC
    if destination in NEAR_COUNTRIES.get(origin, frozenset()):
        return ZONE_EU_NEAR
    if origin in EU_COUNTRIES and destination in EU_COUNTRIES:
        return ZONE_EU
    return ZONE_WORLD
