"""Choosing bins: which place to fetch reserved units from, along the walk; a reserve only when no other bin has them.

Of goods with lots the lot that expires first goes first (FEFO), and of those without a date the one that came first; a
lot with fewer days left than its variant asks for is not given. The walk decides within a lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import lots, store
from storekeep.shop.inventory.model import NO_LOT, Assignment
from storekeep.shop.inventory.tables import bin_fact, location, lot, reservation, stock_balance

#: A lot without an expiry goes after every dated one.
_KEEPS = "9999-12-31"

#: A firm reservation, how many of its units, and the fulfillment line they are fetched for.
Wanted = tuple[store.ReservationRow, int, str]


def give(tx: Tx, wanted: Sequence[Wanted], changes: store.Changes) -> list[Assignment]:
    """Give firm units their bins; the caller flushes `changes`.

    The first bin of the walk that has all the units wins, so that a line is one stop; otherwise they are gathered
    along the walk, lot after lot. Units for which no bin is free stay firm. The reservations' stock must be locked.
    """
    free = shelves(tx, [row["variant_id"] for row, _, _ in wanted], lock=True)
    assigned: dict[store.BalanceKey, int] = {}
    made: list[Assignment] = []
    for row, units, line_id in wanted:
        variant_id = row["variant_id"]
        for place, qty in taken(free.get((variant_id, row["warehouse_id"]), []), units):
            place.free -= qty
            changes.part(
                row, qty, status="assigned", location_id=place.id, fulfillment_line_id=line_id, lot_id=place.lot_id
            )
            key = (variant_id, place.id, place.lot_id or NO_LOT)
            assigned[key] = assigned.get(key, 0) + qty
            made.append(Assignment(line_id, variant_id, place.id, place.code, qty, place.walk_sequence, place.lot_id))
    store.change_assigned(tx, assigned)
    return made


def assignments_of(tx: Tx, fulfillment_line_ids: Sequence[str]) -> list[Assignment]:
    """What is still to be fetched for these lines, bin by bin along the walk."""
    r, at = reservation.c, location.c
    query = (
        select(r.fulfillment_line_id, r.variant_id, at.id, at.code, func.sum(r.qty).label("units"), at.walk_sequence,
               r.lot_id)
        .join_from(reservation, location, at.id == r.location_id)
        .where(among(r.fulfillment_line_id, set(fulfillment_line_ids)), r.status == "assigned")
        .group_by(r.fulfillment_line_id, r.variant_id, at.id, at.code, at.walk_sequence, r.lot_id)
        .order_by(at.walk_sequence, at.code, r.fulfillment_line_id, r.lot_id)
    )  # fmt: skip
    rows = map(tuple, tx.rows(query))
    return [Assignment(line, v, place, code, int(units), walk, of) for line, v, place, code, units, walk, of in rows]


@dataclass(slots=True)
class Shelf:
    """Free units of a lot (None: goods without lots) in a bin; `turn` says which lot goes first."""

    id: str
    code: str
    walk_sequence: int
    free: int
    lot_id: str | None
    turn: tuple[str, int, str]
    expires_on: str | None
    is_reserve: bool


def taken(places: Sequence[Shelf], units: int) -> list[tuple[Shelf, int]]:
    """`units` (1 or more) out of these bins, which are in the order in which they are to be emptied.

    The rule of `give`. The caller lowers what is free.
    """
    found: list[tuple[Shelf, int]] = []
    for _, group in groupby(places, key=lambda place: place.turn):
        same = [place for place in group if place.free > 0]
        whole = next((place for place in same if place.free >= units), None)
        for place in [whole] if whole is not None else same:
            qty = min(units, place.free)
            units -= qty
            found.append((place, qty))
            if units == 0:
                return found
    return found


def shelves(tx: Tx, variant_ids: Sequence[str], *, lock: bool) -> dict[store.Key, list[Shelf]]:
    """The bins with free good units of each (variant, warehouse), in the order in which they are to be emptied.

    With `lock` their balances are locked in key order; without it, this is only a look.
    """
    b, at, of = stock_balance.c, location.c, lot.c
    query = (
        select(b.variant_id, at.warehouse_id, at.id, at.code, at.walk_sequence, b.qty - b.assigned, of.id,
               of.expires_on, of.received_at, bin_fact.c.role)
        .join_from(stock_balance, location, at.id == b.location_id)
        .outerjoin(lot, of.id == b.lot_id)
        .outerjoin(bin_fact, bin_fact.c.location_id == at.id)
        .where(among(b.variant_id, set(variant_ids)), at.is_sellable, at.status == "active", b.qty > b.assigned,
               of.id.is_(None) | (of.status == "ok"))
        .order_by(b.variant_id, b.location_id, b.lot_id)
    )  # fmt: skip
    if lock:
        query = query.with_for_update(of=stock_balance)
    found: dict[store.Key, list[Shelf]] = {}
    for row in map(tuple, tx.rows(query)):
        variant_id, house, at_id, code, walk, units, lot_id, expires_on, received_at, role = row
        turn = (expires_on or _KEEPS, received_at or 0, lot_id or "")
        place = Shelf(at_id, code, walk, units, lot_id, turn, expires_on, role == "bulk")
        found.setdefault((variant_id, house), []).append(place)
    dated = [key for key, places in found.items() if any(place.expires_on for place in places)]
    for key, first_day in (lots.first_days(tx, dated) if dated else {}).items():
        found[key] = [place for place in found[key] if (place.expires_on or _KEEPS) >= first_day]
    for places in found.values():
        places.sort(key=lambda place: (place.turn, place.is_reserve, place.walk_sequence, place.code))
    return found
