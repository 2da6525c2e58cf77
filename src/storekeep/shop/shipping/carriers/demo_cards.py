"""Two fictitious carriers with invented prices, so that a fresh shop can ship at once.

The numbers copy nobody's price table; only their shape is realistic: distance costs more the heavier the parcel,
and express costs several times economy. A shop replaces them by its own cards before its first real parcel.
"""

from collections.abc import Callable
from typing import Final

from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.shipping.labels import LabelContent, render_label
from storekeep.shop.shipping.model import ZONE_DOMESTIC, ZONE_EU, ZONE_EU_NEAR, ZONE_WORLD, RateCard

SWALLOW: Final = "swallow"
NORTHLINE: Final = "northline"
CARRIER_NAMES: Final = {SWALLOW: "Swallow Post", NORTHLINE: "Northline Express"}
PREFIXES: Final = {SWALLOW: "SW", NORTHLINE: "NL"}

EFFECTIVE_FROM: Final = "2010-01-01"
CURRENCY: Final = "EUR"

# Service: carrier, name, upper weights of the brackets in grams, cut-off hour, rank.
_SERVICES: Final[dict[str, tuple[str, str, tuple[int, ...], int, int]]] = {
    "swallow-economy": (SWALLOW, "Swallow Economy", (500, 1_000, 2_000, 5_000), 14, 30),
    "swallow-tracked": (SWALLOW, "Swallow Tracked", (1_000, 2_000, 5_000, 10_000, 31_500), 15, 10),
    "northline-standard": (NORTHLINE, "Northline Standard", (2_000, 5_000, 10_000, 20_000, 31_500), 16, 20),
    "northline-express": (NORTHLINE, "Northline Express", (1_000, 2_000, 5_000, 10_000, 31_500), 17, 40),
}

# (service, zone): price in cents per bracket, fewest and most carrier days. A missing pair is not served.
_RATES: Final[dict[tuple[str, str], tuple[tuple[int, ...], int, int]]] = {
    ("swallow-economy", ZONE_DOMESTIC): ((295, 345, 425, 565), 2, 4),
    ("swallow-economy", ZONE_EU_NEAR): ((565, 695, 885, 1_190), 4, 7),
    ("swallow-economy", ZONE_EU): ((645, 795, 1_045, 1_465), 5, 9),
    ("swallow-economy", ZONE_WORLD): ((895, 1_295, 1_995, 3_495), 8, 18),
    ("swallow-tracked", ZONE_DOMESTIC): ((445, 505, 635, 885, 1_565), 1, 2),
    ("swallow-tracked", ZONE_EU_NEAR): ((945, 1_095, 1_395, 1_985, 3_485), 2, 4),
    ("swallow-tracked", ZONE_EU): ((1_145, 1_345, 1_795, 2_585, 4_695), 3, 6),
    ("swallow-tracked", ZONE_WORLD): ((1_895, 2_495, 3_995, 6_495, 13_950), 5, 12),
    ("northline-standard", ZONE_DOMESTIC): ((525, 605, 795, 1_095, 1_445), 1, 2),
    ("northline-standard", ZONE_EU_NEAR): ((1_045, 1_265, 1_695, 2_395, 3_095), 2, 3),
    ("northline-standard", ZONE_EU): ((1_295, 1_625, 2_245, 3_345, 4_395), 3, 5),
    ("northline-express", ZONE_DOMESTIC): ((1_190, 1_290, 1_590, 2_090, 3_290), 1, 1),
    ("northline-express", ZONE_EU_NEAR): ((2_190, 2_490, 3_190, 4_490, 7_490), 1, 2),
    ("northline-express", ZONE_EU): ((2_690, 3_090, 4_190, 6_190, 10_900), 1, 3),
    ("northline-express", ZONE_WORLD): ((4_490, 5_490, 8_490, 13_900, 28_900), 2, 5),
}


def demo_cards() -> tuple[RateCard, ...]:
    """The invented rate cards of both carriers: dated, open-ended, in euro cents."""
    cards = []
    for (service, zone), (prices, days_min, days_max) in _RATES.items():
        carrier, label, weights, cutoff_hour, rank = _SERVICES[service]
        cards.append(
            RateCard(
                carrier=carrier,
                service=service,
                label=label,
                zone=zone,
                currency=CURRENCY,
                brackets=tuple(zip(weights, prices, strict=True)),
                transit_days_min=days_min,
                transit_days_max=days_max,
                cutoff_hour=cutoff_hour,
                max_weight_g=weights[-1],
                effective_from=EFFECTIVE_FROM,
                effective_to="",
                rank=rank,
            )
        )
    return tuple(cards)


def demo_carriers(render: Callable[[LabelContent], bytes] = render_label) -> dict[str, TableCarrier]:
    """Both demo carriers by code; every label they sell is marked as a demo."""
    cards = demo_cards()
    return {
        code: TableCarrier(
            code=code,
            name=name,
            prefix=PREFIXES[code],
            cards=[card for card in cards if card.carrier == code],
            render=render,
            is_demo=True,
        )
        for code, name in CARRIER_NAMES.items()
    }
