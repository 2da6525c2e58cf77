"""What the page of a delivery shows: counted lines, beside the order only once the count is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import lots, putaway
from storekeep.shop.purchasing import orders, receiving, suppliers
from storekeep.shop.purchasing.states import BOOKED, FINDINGS
from storekeep.shop.reports import console_floor


@dataclass(frozen=True, slots=True)
class Line:
    """One counted line with its words and its picture."""

    row: Any
    sku: str
    title: str
    picture: tuple[str, str] | None
    finding: str
    is_decided: bool
    #: Units that may still go back to the supplier
    left: int
    #: Whether it is told apart by lot, so that it needs one before it is booked in
    has_lot: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A line of the order of which fewer came than are open."""

    sku: str
    title: str
    expected: int
    came: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery. `missing` and `order_lines` are empty while it is counted: the count is blind."""

    row: Any
    order: Any
    supplier: Any
    lines: tuple[Line, ...]
    missing: tuple[Missing, ...]
    #: variant -> the bin that accepted goods should go to
    bins: dict[str, str]

    @property
    def units(self) -> int:
        return sum(int(line.row.counted) for line in self.lines)

    @property
    def undecided(self) -> int:
        return sum(not line.is_decided for line in self.lines)

    @property
    def value_minor(self) -> int:
        return sum(int(line.row.value_minor) for line in self.lines)


def load(tx: Tx, receipt_id: str) -> Delivery:
    """One delivery as its page wants it."""
    row = receiving.load(tx, receipt_id)
    rows = receiving.lines_of(tx, receipt_id)
    order = orders.load(tx, row.purchase_order_id) if row.purchase_order_id else None
    order_lines = orders.lines_of(tx, [order.id]) if order is not None and row.status == "counted" else ()
    ids = {each.variant_id for each in (*rows, *order_lines) if each.variant_id}
    facts = variants_by_ids(tx, ids)
    tracked = lots.tracked(tx, {each.variant_id for each in rows if each.variant_id})
    pictures = console_floor.pictures_of(tx, list(ids))
    accepted = [each.variant_id for each in rows if each.disposition == "accept"] if row.status == "counted" else []
    arriving: dict[str, int] = {}
    for each in rows:
        if each.variant_id in accepted:
            arriving[each.variant_id] = arriving.get(each.variant_id, 0) + each.counted
    places = putaway.suggest(tx, row.warehouse_id, accepted, arriving) if accepted else {}
    return Delivery(
        row=row,
        order=order,
        supplier=suppliers.load(tx, row.supplier_id) if row.supplier_id else None,
        lines=tuple(_line(each, facts, pictures, tracked) for each in rows),
        missing=_missing(rows, order_lines, facts),
        bins={variant_id: place.code for variant_id, place in places.items()},
    )


def _line(row: Any, facts: Any, pictures: Any, tracked: set[str]) -> Line:
    known = facts.get(row.variant_id)
    return Line(
        row=row,
        sku=known.sku if known is not None else "",
        title=known.full_title if known is not None else row.scanned,
        picture=pictures.get(row.variant_id),
        finding=FINDINGS.get(row.finding or "", ""),
        is_decided=row.disposition is not None,
        left=row.counted - row.returned if row.disposition in BOOKED else 0,
        has_lot=row.variant_id in tracked,
    )


def _missing(rows: Sequence[Any], order_lines: Sequence[Any], facts: Any) -> tuple[Missing, ...]:
    came: dict[str, int] = {}
    for row in rows:
        if row.variant_id and row.disposition in (None, *BOOKED):
            came[row.variant_id] = came.get(row.variant_id, 0) + row.counted
    found = []
    for line in order_lines:
        expected, here = orders.open_units(line), came.get(line.variant_id, 0)
        if here < expected:
            known = facts[line.variant_id]
            found.append(Missing(known.sku, known.full_title, expected, here))
    return tuple(found)
