"""When goods leave that somebody had reserved: who keeps theirs, and who has to be told.

Reservations give way from the least advanced and the youngest: cart holds first, then firm ones, then those with a bin.
What gives way is released and returned, so that the flow can tell the customer; nothing is oversold in silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import bins, lots, store
from storekeep.shop.inventory.model import NO_LOT, Assignment, Displaced, Location
from storekeep.shop.inventory.states import COUNTED
from storekeep.shop.inventory.tables import availability, reservation

_GIVES_WAY = {"cart": 0, "firm": 1, "assigned": 2}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Units about to leave a place."""

    variant_id: str
    place: Location
    qty: int
    lot_id: str | None = None

    @property
    def key(self) -> store.BalanceKey:
        return self.variant_id, self.place.id, self.lot_id or NO_LOT


@dataclass(frozen=True, slots=True)
class Room:
    """Who gave way: released reservations, and those that only lost their bin (by id)."""

    displaced: tuple[Displaced, ...] = ()
    unplaced: tuple[str, ...] = ()


def make_room(tx: Tx, leaving: Sequence[Leaving], reason: str) -> Room:
    """Lower `assigned` and `reserved` so that these units may leave; the move itself is posted after."""
    goods = [part for part in leaving if part.qty > 0]
    if not goods:
        return Room()
    variants = sorted({part.variant_id for part in goods})
    store.lock_stock(tx, variants)
    withheld = lots.withheld(tx, {part.lot_id: part.variant_id for part in goods if part.lot_id is not None})
    query = (
        select(reservation)
        .where(among(reservation.c.variant_id, variants), reservation.c.status.in_(sorted(COUNTED)))
        .order_by(reservation.c.created_at.desc(), reservation.c.id.desc())
    )
    rows = [dict(row._mapping) for row in tx.rows(query)]
    changes = store.Changes(tx)
    assigned: dict[store.BalanceKey, int] = {}
    unplaced = _empty_bins(tx, goods, rows, changes, assigned)
    counted = [part for part in goods if part.lot_id not in withheld]
    displaced = _release_excess(tx, counted, rows, changes, assigned, reason)
    changes.flush()
    store.change_assigned(tx, assigned)
    gone: dict[store.Key, int] = {}
    for lost in displaced:
        gone[lost.variant_id, lost.warehouse_id] = gone.get((lost.variant_id, lost.warehouse_id), 0) - lost.qty
    store.change_reserved(tx, gone)
    return Room(tuple(displaced), tuple(row["id"] for row in unplaced if row["status"] == "firm"))


def find_other_bins(tx: Tx, room: Room) -> tuple[Assignment, ...]:
    """After the move: new bins for the reservations that lost theirs."""
    if not room.unplaced:
        return ()
    mine = (reservation.c.id.in_(room.unplaced), reservation.c.status == "firm")
    query = select(reservation).where(*mine).order_by(reservation.c.id)
    rows = [dict(row._mapping) for row in tx.rows(query)]
    changes = store.Changes(tx)
    made = bins.give(tx, [(row, row["qty"], row["fulfillment_line_id"]) for row in rows], changes)
    changes.flush()
    return tuple(made)


def _empty_bins(
    tx: Tx,
    goods: Sequence[Leaving],
    rows: list[store.ReservationRow],
    changes: store.Changes,
    assigned: dict[store.BalanceKey, int],
) -> list[store.ReservationRow]:
    """Take the bin from the youngest assigned reservations until what stays in each bin covers the rest."""
    leaving: dict[store.BalanceKey, int] = {}
    for part in goods:
        leaving[part.key] = leaving.get(part.key, 0) + part.qty
    balances = store.lock_balances(tx, list(leaving))
    unplaced = []
    for key, units in sorted(leaving.items()):
        qty, given = balances.get(key, (0, 0))
        excess = given - max(0, qty - units)
        for row in [row for row in rows if row["status"] == "assigned"]:
            if excess <= 0:
                break
            if store.lot_key(row) != key:
                continue
            lost = min(excess, row["qty"])
            excess -= lost
            assigned[key] = assigned.get(key, 0) - lost
            part_row = changes.part(row, lost, status="firm", location_id=None, lot_id=None)
            unplaced.append(part_row)
            if part_row is not row:
                rows.insert(rows.index(row), part_row)
    return unplaced


def _release_excess(
    tx: Tx,
    goods: Sequence[Leaving],
    rows: list[store.ReservationRow],
    changes: store.Changes,
    assigned: dict[store.BalanceKey, int],
    reason: str,
) -> list[Displaced]:
    """Release the least advanced, youngest reservations until `reserved` fits what stays on hand."""
    leaving: dict[store.Key, int] = {}
    for part in goods:
        if part.place.is_sold_from:
            key = (part.variant_id, part.place.warehouse_id)
            leaving[key] = leaving.get(key, 0) + part.qty
    a = availability.c
    stock = tx.rows(select(availability).where(among(a.variant_id, {v for v, _ in leaving})))
    displaced = []
    for line in sorted(stock, key=lambda line: (line.variant_id, line.warehouse_id)):
        key = (line.variant_id, line.warehouse_id)
        excess = line.reserved - (line.on_hand_sellable - leaving.get(key, 0)) if key in leaving else 0
        mine = [row for row in rows if (row["variant_id"], row["warehouse_id"]) == key]
        for row in sorted(mine, key=lambda row: _GIVES_WAY[row["status"]]):
            if excess <= 0:
                break
            lost = min(excess, row["qty"])
            excess -= lost
            if row["status"] == "assigned":
                bin_key = store.lot_key(row)
                assigned[bin_key] = assigned.get(bin_key, 0) - lost
            gone = changes.part(row, lost, status="released", release_reason=reason)
            displaced.append(
                Displaced(gone["id"], gone["cart_id"], gone["order_id"], gone["order_line_id"],
                          gone["fulfillment_line_id"], *key, lost)
            )  # fmt: skip
    return displaced
