"""Which box an order goes into, what it must weigh, and closing it with both.

The expected weight is the box's tare and the units' weights. Once ten parcels in that box were weighed and let through,
their mean difference (filling, tape) is added and their spread widens the tolerance. A parcel that is off is kept back:
a unit is missing, one too many, or the wrong one; whoever has the right may let it through with a reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

from sqlalchemy import select, update

from storekeep.flows import packing
from storekeep.kernel import audit
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Problem, Refused
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import WorkLine
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.orders import store as orders
from storekeep.shop.shipping import cartons
from storekeep.shop.shipping.carriers.base import Carrier
from storekeep.shop.shipping.cartonization import CartonType, Item, Packable, Plan
from storekeep.shop.shipping.cartonization import plan as plan_cartons
from storekeep.shop.shipping.cartonization.shapes import MOST_UNITS

#: The least that a scale at the pack station tells apart, and the least that a parcel may be off, in grams.
SCALE_STEP_G = 5
LEAST_TOLERANCE_G = 10
#: Parcels in one box that its habit is learned from: at least, and at most the latest so many.
LEARN_FROM, LEARN_MOST = 10, 200
#: What stands for the suggested cartons where a box is chosen.
AS_SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How an order is best packed; `items` names the plan's items (SKU, title). Without boxes `plan` is None."""

    plan: Plan | None
    items: Mapping[str, tuple[str, str]]
    cartons: tuple[CartonType, ...]

    @property
    def code(self) -> str:
        """The suggested boxes in a word: `M`, or `M+S` for two."""
        packed = self.plan.cartons if self.plan else ()
        return "+".join(each.carton.code if each.carton else "own packing" for each in packed)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a parcel must weigh. `unknown` are the SKUs without a weight: with one of them nothing can be checked.

    `learned_from` parcels gave the `habit_g` that is added for this box; 0 while there are too few.
    """

    grams: int
    tolerance_g: int
    tare_g: int
    goods_g: int
    unknown: tuple[str, ...]
    lightest_g: int
    habit_g: int = 0
    learned_from: int = 0

    @property
    def is_known(self) -> bool:
        return not self.unknown

    @property
    def sees_every_unit(self) -> bool:
        """Whether the scale would notice one unit of any line; where not, only the unit scans do."""
        return self.lightest_g > self.tolerance_g

    def fits(self, weight_g: int) -> bool:
        """Whether a scale's reading is what it must be, as far as that is known."""
        return not self.is_known or abs(weight_g - self.grams) <= self.tolerance_g


def suggest(tx: Tx, fulfillment_id: str) -> Suggestion:
    """The cheapest cartons for what is to be sent, with the place of every unit. Reads only."""
    lines = [line for line in fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id] if line.due]
    stock = cartons.active(tx)
    names = {line.id: (line.sku, line.title) for line in lines}
    if not stock or not lines or sum(line.due for line in lines) > MOST_UNITS:
        return Suggestion(None, names, tuple(stock))
    v = variant.c
    rows = tx.rows(select(variant).where(among(v.id, {line.variant_id for line in lines})))
    facts = {row.id: row for row in rows}
    items = tuple(
        Item(line.id, own.length_mm, own.width_mm, own.height_mm, own.weight_g, line.due, own.this_way_up,
             own.ships_alone)
        for line in lines
        for own in [facts[line.variant_id]]
    )  # fmt: skip
    return Suggestion(plan_cartons([Packable(fulfillment_id, items)], stock)[0], names, tuple(stock))


def expected(tx: Tx, fulfillment_id: str, carton_code: str | None) -> Expected:
    """What the parcel must weigh in this box: a code, `AS_SUGGESTED`, or None for a box of no known type.

    Raises `Invalid` at `carton_code` for a code that there is not.
    """
    code, tare = _box(tx, fulfillment_id, carton_code)
    row = fulfillments.load_one(tx, fulfillment_id)
    lines = [line for line in fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id] if line.due]
    unit = {line.id: int(line.weight_g) for line in orders.lines_of(tx, [row.order_id])}
    return _expected(tx, code, tare, lines, unit)


def _box(tx: Tx, fulfillment_id: str, carton_code: str | None) -> tuple[str | None, int]:
    """The box as it is written down, and its tare in grams."""
    if carton_code is None:
        return None, packing.BOX_G
    if carton_code == AS_SUGGESTED:
        found = suggest(tx, fulfillment_id)
        used = [each.carton for each in found.plan.cartons if each.carton] if found.plan else []
        return (found.code, sum(each.tare_g for each in used)) if used else (None, packing.BOX_G)
    chosen = next((each for each in cartons.active(tx) if each.code == carton_code), None)
    if chosen is None:
        raise Invalid("carton_code", f"there is no carton {carton_code}")
    return chosen.code, chosen.tare_g


def _expected(tx: Tx, code: str | None, tare: int, lines: Sequence[WorkLine], unit: Mapping[str, int]) -> Expected:
    goods = sum(unit[line.order_line_id] * line.due for line in lines)
    unknown = tuple(sorted({line.sku for line in lines if unit[line.order_line_id] == 0}))
    lightest = min((unit[line.order_line_id] for line in lines), default=0)
    habit, spread, seen = _learned(tx, code)
    tolerance = max(LEAST_TOLERANCE_G, 2 * SCALE_STEP_G, 3 * spread)
    return Expected(tare + goods + habit, tolerance, tare, goods, unknown, lightest, habit, seen)


def _learned(tx: Tx, code: str | None) -> tuple[int, int, int]:
    """(mean difference from tare and goods, its spread, parcels) of the latest parcels in this box, all in grams.

    What was let through by hand teaches nothing.
    """
    f = fulfillment.c
    query = (
        select(f.weight_g - f.expected_g)
        .where(f.carton_code == code, f.weight_override.is_(None), f.expected_g.is_not(None), f.weight_g.is_not(None))
        .order_by(f.packed_at.desc(), f.id)
        .limit(LEARN_MOST)
    )
    off = [int(row[0]) for row in tx.rows(query)] if code is not None else []
    if len(off) < LEARN_FROM:
        return 0, 0, 0
    mean = sum(off) // len(off)
    variance = sum((each - mean) ** 2 for each in off) // (len(off) - 1)
    return mean, isqrt(variance), len(off)


def close(
    tx: Tx,
    fulfillment_id: str,
    weight_g: int | None = None,
    *,
    carton_code: str | None = None,
    override: str = "",
    carriers: Mapping[str, Carrier] | None = None,
) -> packing.Closed:
    """Close a box after weighing it; see `packing.close` for the rest, and for closing one again.

    Without a reading the expected weight is used and nothing is checked. Raises `Refused` (`weight_off`) for a parcel
    that weighs something else, unless `override` says why that is right; whether the caller has that right is the
    door's business.
    """
    row = fulfillments.load_one(tx, fulfillment_id)
    if row.status != "picked":
        return packing.close(tx, fulfillment_id, weight_g, carriers=carriers)
    code, tare = _box(tx, fulfillment_id, carton_code)
    lines = [line for line in fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id] if line.due]
    unit = {line.id: int(line.weight_g) for line in orders.lines_of(tx, [row.order_id])}
    must = _expected(tx, code, tare, lines, unit)
    is_full = all(line.packed == line.due for line in lines)  # if not, `packing.close` names what is missing
    is_off = is_full and weight_g is not None and not must.fits(weight_g)
    if is_off and not override.strip():
        raise Refused([_off(must, weight_g or 0)])
    closed = packing.close(tx, fulfillment_id, weight_g or (tare + must.goods_g if code else None), carriers=carriers)
    told = {
        "carton_code": code,
        "expected_g": tare + must.goods_g if weight_g is not None and must.is_known else None,
        "weight_override": override.strip()[:500] if is_off else None,
    }
    tx.run(update(fulfillment).where(fulfillment.c.id == fulfillment_id).values(**told))
    if is_off:
        facts = {"weight_g": weight_g, "expected_g": must.grams, "tolerance_g": must.tolerance_g,
                 "reason": override.strip()[:500]}  # fmt: skip
        audit.record(tx, [audit.Entry("parcel.weight_overridden", "fulfillment", fulfillment_id, None, facts)])
    return closed


def _off(must: Expected, weight_g: int) -> Problem:
    difference = weight_g - must.grams
    word = "too much" if difference > 0 else "too little"
    text = (
        f"The scale says {weight_g:,} g, which is {abs(difference):,} g {word}: {must.grams:,} g are expected, give or "
        f"take {must.tolerance_g:,} g. Look for a unit that is missing, one too many, or another one"
    )
    return Problem("weight_off", text, path="weight_g", data={"expected_g": must.grams})
