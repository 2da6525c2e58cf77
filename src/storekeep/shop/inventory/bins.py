"""Choosing bins: which place to fetch reserved units from, along the walk."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import store
from storekeep.shop.inventory.model import Assignment
from storekeep.shop.inventory.tables import location, reservation, stock_balance

#: A firm reservation, how many of its units, and the fulfillment line they are fetched for.
Wanted = tuple[store.ReservationRow, int, str]


def give(tx: Tx, wanted: Sequence[Wanted], changes: store.Changes) -> list[Assignment]:
    """Give firm units their bins; the caller flushes `changes`.

    The first bin of the walk that has all the units wins, so that a line is one stop; otherwise they are gathered
    along the walk. Units for which no bin is free stay firm. The reservations' stock must be locked.
    """
    free = _free(tx, [row["variant_id"] for row, _, _ in wanted])
    assigned: dict[store.Key, int] = {}
    made: list[Assignment] = []
    for row, units, line_id in wanted:
        bins = free.get((row["variant_id"], row["warehouse_id"]), [])
        whole = next((place for place in bins if place[3] >= units), None)
        for place in [whole] if whole is not None else bins:
            qty = min(units, place[3])
            if qty <= 0:
                continue
            units -= qty
            place[3] -= qty
            changes.part(row, qty, status="assigned", location_id=place[0], fulfillment_line_id=line_id)
            key = (row["variant_id"], place[0])
            assigned[key] = assigned.get(key, 0) + qty
            made.append(Assignment(line_id, row["variant_id"], place[0], place[1], qty, place[2]))
            if units == 0:
                break
    store.change_assigned(tx, assigned)
    return made


def assignments_of(tx: Tx, fulfillment_line_ids: Sequence[str]) -> list[Assignment]:
    """What is still to be fetched for these lines, bin by bin along the walk."""
    r, at = reservation.c, location.c
    query = (
        select(r.fulfillment_line_id, r.variant_id, at.id, at.code, func.sum(r.qty).label("units"), at.walk_sequence)
        .join_from(reservation, location, at.id == r.location_id)
        .where(among(r.fulfillment_line_id, set(fulfillment_line_ids)), r.status == "assigned")
        .group_by(r.fulfillment_line_id, r.variant_id, at.id, at.code, at.walk_sequence)
        .order_by(at.walk_sequence, at.code, r.fulfillment_line_id)
    )
    rows = map(tuple, tx.rows(query))
    return [Assignment(line, v, place, code, int(units), walk) for line, v, place, code, units, walk in rows]


#: [location id, code, walk sequence, free units]
_Bin = list[Any]


def _free(tx: Tx, variant_ids: Sequence[str]) -> dict[store.Key, list[_Bin]]:
    """The bins with free units of each (variant, warehouse), along the walk, their balances locked in key order."""
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id, at.warehouse_id, at.id, at.code, at.walk_sequence, b.qty - b.assigned)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, set(variant_ids)), at.is_sellable, at.status == "active", b.qty > b.assigned)
        .order_by(b.variant_id, b.location_id)
        .with_for_update(of=stock_balance)
    )
    found: dict[store.Key, list[_Bin]] = {}
    for variant_id, warehouse_id, location_id, code, walk, units in map(tuple, tx.rows(query)):
        found.setdefault((variant_id, warehouse_id), []).append([location_id, code, walk, units])
    for bins in found.values():
        bins.sort(key=lambda place: (place[2], place[1]))
    return found
