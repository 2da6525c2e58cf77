"""Where goods would be fetched from, before anything is promised to a bin: a look ahead that locks and changes nothing.

It chooses as `bins.give` does, one line after the other, so that a plan made of it holds as long as nobody else comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.model import Assignment
from storekeep.shop.inventory.tables import location, reservation, stock_balance


@dataclass(frozen=True, slots=True)
class ToFetch:
    """Units that a fulfillment line still needs."""

    fulfillment_line_id: str
    variant_id: str
    warehouse_id: str
    qty: int


@dataclass(slots=True)
class _Bin:
    id: str
    code: str
    walk_sequence: int
    units: int


def bins_for(tx: Tx, wanted: Sequence[ToFetch]) -> list[Assignment]:
    """The bins of these lines: those they were given, and for the rest those they would be given now.

    Units that no bin has free are left out.
    """
    found = _given(tx, [each.fulfillment_line_id for each in wanted])
    has: dict[str, int] = {}
    for one in found:
        has[one.fulfillment_line_id] = has.get(one.fulfillment_line_id, 0) + one.qty
    free = _free(tx, sorted({each.variant_id for each in wanted}))
    for each in wanted:
        units = each.qty - has.get(each.fulfillment_line_id, 0)
        bins = free.get((each.variant_id, each.warehouse_id), [])
        whole = next((place for place in bins if place.units >= units), None)
        for place in [whole] if whole is not None else bins:
            qty = min(units, place.units)
            if qty <= 0:
                continue
            place.units -= qty
            units -= qty
            found.append(Assignment(each.fulfillment_line_id, each.variant_id, place.id, place.code, qty,
                                    place.walk_sequence))  # fmt: skip
    return found


def _given(tx: Tx, line_ids: Sequence[str]) -> list[Assignment]:
    r, at = reservation.c, location.c
    query = (
        select(r.fulfillment_line_id, r.variant_id, at.id, at.code, func.sum(r.qty).label("units"), at.walk_sequence)
        .join_from(reservation, location, at.id == r.location_id)
        .where(among(r.fulfillment_line_id, set(line_ids)), r.status == "assigned")
        .group_by(r.fulfillment_line_id, r.variant_id, at.id, at.code, at.walk_sequence)
        .order_by(at.walk_sequence, at.code, r.fulfillment_line_id)
    )
    rows = map(tuple, tx.rows(query))
    return [Assignment(line, v, place, code, int(units), walk) for line, v, place, code, units, walk in rows]


def _free(tx: Tx, variant_ids: Sequence[str]) -> dict[tuple[str, str], list[_Bin]]:
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id, at.warehouse_id, at.id, at.code, at.walk_sequence, b.qty - b.assigned)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, variant_ids), at.is_sellable, at.status == "active", b.qty > b.assigned)
        .order_by(at.walk_sequence, at.code)
    )
    found: dict[tuple[str, str], list[_Bin]] = {}
    for variant_id, warehouse_id, place, code, walk, units in map(tuple, tx.rows(query)):
        found.setdefault((variant_id, warehouse_id), []).append(_Bin(place, code, walk, units))
    return found
