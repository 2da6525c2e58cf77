"""What a generated shop sells: names, prices, costs, weights, how much each is wanted, and so what to keep of it. Pure.

Popularity is Zipf-like. A share of the SKUs is lumpy: sold a few times a year, many at once.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.world.simulator.market import keeping
from storekeep.world.simulator.market.model import ShopSpec, dice

ZIPF_EXPONENT, ZIPF_SHIFT = 0.9, 3
#: What a visitor takes of a thing, by weight: mostly one.
QUANTITIES, QUANTITY_WEIGHTS = (1, 2, 3, 4), (80, 13, 3, 4)
MEAN_QUANTITY = sum(q * w for q, w in zip(QUANTITIES, QUANTITY_WEIGHTS, strict=True)) / sum(QUANTITY_WEIGHTS)
#: How often a lumpy SKU is sold in a year of 20,000 orders, on average, and how many at once.
LUMPY_LINES, LUMPY_UNITS = 4.0, (6, 24)
#: However small the shop, no more than this share of its lines is lumpy.
LUMPY_LINES_AT_MOST = 0.15
WEEKS_PER_YEAR = 365 / 7

#: Slug, name, singular, and the range of prices in cents and of grams per euro of price.
_KINDS = (
    ("mugs-and-cups", "Mugs and cups", "Mug", (490, 3_500), (10, 40)),
    ("plates-and-bowls", "Plates and bowls", "Plate", (590, 6_500), (15, 50)),
    ("glassware", "Glassware", "Glass", (390, 4_500), (8, 30)),
    ("pots-and-pans", "Pots and pans", "Pan", (1_990, 19_900), (12, 30)),
    ("kitchen-tools", "Kitchen tools", "Tool", (290, 5_900), (3, 15)),
    ("linen", "Linen", "Cloth", (690, 7_900), (6, 15)),
    ("storage", "Storage", "Jar", (390, 4_900), (12, 40)),
    ("tea-and-coffee", "Tea and coffee", "Tea", (350, 2_900), (15, 40)),
)
CATEGORIES = tuple((slug, name) for slug, name, *_ in _KINDS)
#: What is eaten or drunk is taxed at the reduced rate, and does not keep.
REDUCED = "tea-and-coffee"
#: No unit is heavier, so that a big order of it still goes by parcel.
HEAVIEST_G = 4_000


@dataclass(frozen=True, slots=True)
class Good:
    """One product with its one variant. Amounts in cents, lengths in millimetres; `lines_per_year` is the demand."""

    sku: str
    title: str
    category: str
    tax_class: str
    price_minor: int
    cost_minor: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    is_lumpy: bool
    lines_per_year: float
    opening_stock: int
    reorder_point: int
    order_up_to: int
    #: Days that it keeps, told apart by lot; 0 for what keeps
    shelf_life_days: int = 0


def goods_of(spec: ShopSpec, seed: int) -> tuple[Good, ...]:
    """Everything that the shop of this spec sells, in order of SKU."""
    rng = dice(seed, "goods")
    lumpy = set(rng.sample(range(spec.skus), int(spec.skus * spec.lumpy_share)))
    wanted = _lines_per_year(spec, lumpy, rng)
    return tuple(_good(spec, n, n in lumpy, wanted[n], rng) for n in range(spec.skus))


def _lines_per_year(spec: ShopSpec, lumpy: set[int], rng: random.Random) -> list[float]:
    total = spec.orders_per_year * spec.lines_per_order
    scale = spec.orders_per_year / ShopSpec().orders_per_year
    rare = [LUMPY_LINES * scale * rng.uniform(0.25, 1.75) if n in lumpy else 0.0 for n in range(spec.skus)]
    most = total * LUMPY_LINES_AT_MOST
    if sum(rare) > most:
        rare = [lines * most / sum(rare) for lines in rare]
    regular = [n for n in range(spec.skus) if n not in lumpy]
    rng.shuffle(regular)
    weights = [(rank + ZIPF_SHIFT) ** -ZIPF_EXPONENT for rank in range(len(regular))]
    share = (total - sum(rare)) / sum(weights)
    wanted = list(rare)
    for n, weight in zip(regular, weights, strict=True):
        wanted[n] = weight * share
    return wanted


def _good(spec: ShopSpec, n: int, is_lumpy: bool, lines: float, rng: random.Random) -> Good:
    slug, _name, noun, (cheapest, dearest), grams = _KINDS[n % len(_KINDS)]
    price = _charming(cheapest * (dearest / cheapest) ** rng.betavariate(1.5, 2.5))
    weight = min(HEAVIEST_G, 50 + int(price * rng.uniform(*grams)) // 100)
    # About two cubic centimetres a gram, in a box that is half as high as it is long.
    length = max(60, round((4 * weight * 1_000) ** (1 / 3)))
    mean = sum(LUMPY_UNITS) / 2 if is_lumpy else MEAN_QUANTITY
    keep = _keep(spec, lines * mean / WEEKS_PER_YEAR, LUMPY_UNITS[1] if is_lumpy else 2)
    return Good(
        sku=f"SIM-{n + 1:05}",
        title=f"{noun} {n + 1}",
        category=slug,
        tax_class="reduced" if slug == REDUCED else "standard",
        price_minor=price,
        cost_minor=price * rng.randint(30, 55) // 100,
        weight_g=weight,
        length_mm=length,
        width_mm=length,
        height_mm=max(20, length // 2),
        is_lumpy=is_lumpy,
        lines_per_year=lines,
        opening_stock=keep[0],
        reorder_point=keep[1],
        order_up_to=keep[2],
        shelf_life_days=keeping.life_of(n // len(_KINDS)) if slug == REDUCED else 0,
    )


def _charming(cents: float) -> int:
    """The nearest price that a shop would print: 4.90, 12.95, 59.00."""
    whole, end = int(cents) // 100, 90 if cents < 1_000 else 95
    return whole * 100 + end if cents < 5_000 else round(cents / 500) * 500


def _keep(spec: ShopSpec, weekly: float, least: int) -> tuple[int, int, int]:
    """Opening stock, reorder point and order-up-to: weeks of demand, but never too little for one good sale."""
    point = max(least, math.ceil(weekly * spec.reorder_weeks)) if spec.reorder_weeks else 0
    up_to = max(point + least, math.ceil(weekly * spec.up_to_weeks))
    opening = math.ceil(weekly * spec.cover_weeks)
    if spec.cover_weeks >= max(1, spec.reorder_weeks):
        opening = min(up_to, max(point + 1, opening))  # so that nothing is on the reorder list on the first morning
    return opening, point, up_to


def cumulated(weights: Sequence[float]) -> list[float]:
    """Running sums, for drawing."""
    sums, total = [], 0.0
    for weight in weights:
        total += weight
        sums.append(total)
    return sums
