"""Orders to pack for `bench cartons`: the parcel sizes of a real marketplace when they are at hand, else drawn ones.

The Olist files (`products.csv.gz`, `order_items_sample_1499.csv.gz`) are not part of the project; their licence is
non-commercial. Sizes there are whole centimetres, weights grams.
"""

import csv
import gzip
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from storekeep.doors.cli.bench.machine import BenchFailed
from storekeep.shop.shipping.cartonization import CartonType, Item, Packable

_PRODUCTS = "products.csv.gz"
_LINES = "order_items_sample_1499.csv.gz"
_SIDES = ("product_length_cm", "product_width_cm", "product_height_cm")

#: Inner sides in mm, from a book to a folded rug; walls of 4 mm, board of 0.45 g per 1,000 mm².
_SIZES = (
    (160, 120, 60), (200, 150, 90), (250, 175, 100), (300, 200, 120), (300, 220, 200), (350, 250, 150),
    (400, 300, 200), (400, 300, 300), (500, 350, 250), (500, 400, 350), (600, 400, 300), (600, 400, 400),
    (700, 500, 400), (800, 600, 500), (1000, 500, 500), (1200, 600, 600),
)  # fmt: skip


def carton_types() -> list[CartonType]:
    """Sixteen carton types as a shop may stock them, up to 30 kg; board decides tare and cost."""
    return [_carton(*sides) for sides in _SIZES]


def _carton(length: int, width: int, height: int) -> CartonType:
    surface = 2 * (length * width + length * height + width * height)
    code = f"{length}x{width}x{height}"
    return CartonType(code, length, width, height, surface * 45 // 100_000, 30_000, 20 + surface // 10_000, wall_mm=4)


def real_orders(folder: Path) -> list[Packable]:
    """The sampled Olist orders, equal products of an order as one item; without a size in the file it is 0."""
    items = _products(folder)
    bought: dict[str, Counter[str]] = {}
    for row in _rows(folder / _LINES):
        bought.setdefault(row["order_id"], Counter())[row["product_id"]] += 1
    return [Packable(order, tuple(replace(items[product], qty=qty) for product, qty in sorted(counted.items())))
            for order, counted in sorted(bought.items())]  # fmt: skip


def real_items(folder: Path) -> list[Item]:
    """Every Olist product whose size and weight are known."""
    return [item for item in _products(folder).values() if min(item.length_mm, item.weight_g) > 0]


def invented_items(seed: int, count: int = 5_000) -> list[Item]:
    """Parcel-like sizes for a machine without the files: many small, few large, drawn from the seed."""
    rng = random.Random(seed)  # noqa: S311  # sizes for a benchmark, not secrets
    made = []
    for n in range(count):
        scale = 60 * 2 ** rng.randint(0, 3)
        sides = sorted((rng.randint(scale // 3, scale * 3 // 2) for _ in range(3)), reverse=True)
        volume = sides[0] * sides[1] * sides[2]
        made.append(Item(f"P{n:05}", sides[0], sides[1], sides[2], 50 + volume * rng.randint(1, 5) // 10_000))
    return made


def drawn_orders(items: Sequence[Item], cartons: Sequence[CartonType], seed: int, count: int,
                 units: tuple[int, int]) -> list[Packable]:  # fmt: skip
    """Orders of so many units (least, most), each drawn evenly from the items that fit into some carton."""
    rng = random.Random(seed)  # noqa: S311  # orders for a benchmark, not secrets
    pool = sorted((item for item in items if any(fits(item, carton) for carton in cartons)), key=lambda item: item.id)
    return [
        Packable(f"drawn-{n}", tuple(replace(item, id=f"{at}-{item.id}")
                 for at, item in enumerate(rng.choices(pool, k=rng.randint(*units)))))
        for n in range(count)
    ]  # fmt: skip


def fits(item: Item, carton: CartonType) -> bool:
    """Whether one unit goes into the empty carton, turned any way."""
    sides = sorted((item.length_mm, item.width_mm, item.height_mm))
    room = sorted((carton.length_mm, carton.width_mm, carton.height_mm))
    return item.weight_g + carton.tare_g <= carton.max_weight_g and all(
        a <= b for a, b in zip(sides, room, strict=True)
    )


def possible(items: Sequence[Item], cartons: Sequence[CartonType]) -> list[CartonType]:
    """The cartons that volume, weight and single sides do not rule out for the items together."""
    volume = sum(item.length_mm * item.width_mm * item.height_mm * item.qty for item in items)
    weight = sum(item.weight_g * item.qty for item in items)
    return [carton for carton in cartons if volume <= carton.volume_mm3
            and weight + carton.tare_g <= carton.max_weight_g
            and all(fits(item, carton) for item in items)]  # fmt: skip


def _products(folder: Path) -> dict[str, Item]:
    found = {}
    for row in _rows(folder / _PRODUCTS):
        length, width, height = (round(float(row[name] or 0) * 10) for name in _SIDES)
        weight = round(float(row["product_weight_g"] or 0))
        found[row["product_id"]] = Item(row["product_id"], length, width, height, weight)
    return found


def _rows(file: Path) -> list[Mapping[str, str]]:
    if not file.exists():
        raise BenchFailed(f"{file} is not there; --data names the folder of the Olist files")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
