"""The carton types that stand at the pack station: what a new shop has, and what is in use."""

from collections.abc import Iterable

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.shop.shipping.cartonization import CartonType
from storekeep.shop.shipping.tables import carton_type

#: Usual sizes of single- and double-walled boxes: (code, inner length, width, height in mm, tare g, most g, cost).
DEFAULTS = tuple(
    CartonType(*facts)
    for facts in (
        ("XS", 160, 120, 60, 45, 2_000, 22),
        ("S", 200, 150, 100, 75, 5_000, 31),
        ("M", 250, 175, 150, 120, 10_000, 45),
        ("FLAT", 350, 250, 60, 130, 5_000, 48),
        ("L", 300, 220, 180, 180, 15_000, 62),
        ("XL", 400, 300, 250, 330, 25_000, 98),
        ("TUBE", 600, 120, 120, 210, 5_000, 89),
        ("XXL", 600, 400, 350, 720, 31_500, 179),
    )
)


def install(tx: Tx, cartons: Iterable[CartonType]) -> int:
    """Write carton types whose code is new; returns how many were."""
    known = {row.code for row in tx.rows(select(carton_type.c.code))}
    fresh = [each for each in cartons if each.code not in known]
    tx.insert_many(
        carton_type,
        [
            {"id": tx.new_id(), "code": each.code, "length_mm": each.length_mm, "width_mm": each.width_mm,
             "height_mm": each.height_mm, "tare_g": each.tare_g, "max_weight_g": each.max_weight_g,
             "cost_minor": each.cost_minor, "is_active": True}
            for each in fresh
        ],
    )  # fmt: skip
    return len(fresh)


def active(tx: Tx) -> list[CartonType]:
    """The cartons that are in use, the smallest first."""
    c = carton_type.c
    query = select(carton_type).where(c.is_active).order_by(c.length_mm * c.width_mm * c.height_mm, c.code)
    return [
        CartonType(row.code, row.length_mm, row.width_mm, row.height_mm, row.tare_g, row.max_weight_g, row.cost_minor)
        for row in tx.rows(query)
    ]
