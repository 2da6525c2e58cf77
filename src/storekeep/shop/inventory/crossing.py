"""Goods that go from one warehouse of ours to another: out of one ledger and into the other, in one transaction.

A move is of one warehouse, so a crossing is two: out to `elsewhere` in the one, in from `elsewhere` in the other,
at the value with which they left. Over all warehouses what went elsewhere came from elsewhere, at every commit. What
is sent stands in the transit place of the warehouse it goes to: ours, in its cost pool, and not to be sold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import locations, lots, moves, store
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.model import NO_LOT, Document, Location, Move, MoveDraft, check_reason, check_units
from storekeep.shop.inventory.tables import location, stock_balance, stock_move, warehouse


@dataclass(frozen=True, slots=True)
class Crossing:
    """Units of a variant from a place in one warehouse to a place in another; `line_id` is that of the document."""

    variant_id: str
    qty: int
    from_location_id: str
    to_location_id: str
    line_id: str
    lot_id: str | None = None


def cross(tx: Tx, steps: Sequence[Crossing], document: Document, reason: str, command_id: str) -> list[Move]:
    """Carry free units over; returns the moves out, in order. All or none, idempotent by command.

    All steps go from one warehouse to one other. Raises `NotEnoughStock` for what is not there, waits to be picked
    or is promised, `Invalid` for places that are not ours or goods whose lot is not named, `LocationClosed`.
    """
    why = check_reason(reason)
    if done := repeated(tx, command_id):
        return done
    for number, step in enumerate(steps):
        check_units(step.qty, f"lines[{number}].qty")
    places = locations.load(tx, [at for step in steps for at in (step.from_location_id, step.to_location_id)])
    here, there = _ends(steps, places)
    stock = store.lock_stock(tx, [step.variant_id for step in steps])
    lot_ids = lots.named(tx, [(step.variant_id, step.from_location_id, step.lot_id) for step in steps])
    _lock(tx, steps, lot_ids, here, there)
    _check_free(tx, steps, lot_ids, places, stock)
    away, home = locations.places(tx, here)["elsewhere"].id, locations.places(tx, there)["elsewhere"].id
    both = list(enumerate(zip(steps, lot_ids, strict=True)))
    out = moves.post(tx, [
        MoveDraft(step.variant_id, step.qty, step.from_location_id, away, "transfer_out", why, document.type,
                  document.id, f"{command_id} out", n, step.line_id, lot_id=lot_id)
        for n, (step, lot_id) in both
    ])  # fmt: skip
    moves.post(tx, [
        MoveDraft(step.variant_id, step.qty, home, step.to_location_id, "transfer_in", why, document.type, document.id,
                  f"{command_id} in", n, step.line_id, value_minor=out[n].value_minor, lot_id=lot_id)
        for n, (step, lot_id) in both
    ])  # fmt: skip
    return out


def repeated(tx: Tx, command_id: str) -> list[Move]:
    """The moves out that this command has posted before; empty when it is new."""
    return moves.of_commands(tx, [f"{command_id} out"])


def _ends(steps: Sequence[Crossing], places: dict[str, Location]) -> tuple[str, str]:
    """The warehouse that the goods leave and the one they come to."""
    for place in places.values():
        if not place.is_owned:
            raise Invalid("location", f"{place.code} is not one of our shelves")
    here = {places[step.from_location_id].warehouse_id for step in steps}
    there = {places[step.to_location_id].warehouse_id for step in steps}
    if len(here) != 1 or len(there) != 1 or here == there:
        raise Invalid("to_location_id", "a transfer goes from one warehouse to one other")
    return here.pop(), there.pop()


def _lock(tx: Tx, steps: Sequence[Crossing], lot_ids: Sequence[str | None], here: str, there: str) -> None:
    """Lock balances and then both warehouses by id, so that two transfers in opposite directions never wait in a ring.

    The availability of the variants is locked already; `moves.post` would take the warehouses one after the other.
    """
    ends = zip(steps, lot_ids, strict=True)
    store.lock_balances(
        tx,
        [(s.variant_id, at, lot or NO_LOT) for s, lot in ends for at in (s.from_location_id, s.to_location_id)],
    )
    w = warehouse.c
    tx.rows(select(w.id).where(w.id.in_([here, there])).order_by(w.id).with_for_update())


def _check_free(
    tx: Tx,
    steps: Sequence[Crossing],
    lot_ids: Sequence[str | None],
    places: dict[str, Location],
    stock: store.Stock,
) -> None:
    """Nothing that is promised to a buyer leaves the house by a transfer."""
    withheld = lots.withheld(
        tx, {lot_id: step.variant_id for step, lot_id in zip(steps, lot_ids, strict=True) if lot_id is not None}
    )
    for step, lot_id in zip(steps, lot_ids, strict=True):
        origin = places[step.from_location_id]
        if origin.is_sold_from and lot_id not in withheld:
            free = stock.free.get(step.variant_id, {}).get(origin.warehouse_id, 0)
            if free < step.qty:
                sku = store.skus(tx, [step.variant_id])[step.variant_id]
                raise NotEnoughStock(sku, origin.code, step.qty, max(0, free), free=True)
            stock.take(step.variant_id, origin.warehouse_id, step.qty)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Units of a document's line and lot that stand in a transit place."""

    line_id: str
    variant_id: str
    lot_id: str | None
    qty: int


def on_the_way(tx: Tx, document_id: str, transit_id: str) -> list[OnTheWay]:
    """What of a document stands in a transit place, by line and lot, from its moves; the lot that came first first."""
    m = stock_move.c
    query = (
        select(m.line_id, m.variant_id, m.lot_id, m.qty, m.to_location_id)
        .where(m.document_id == document_id, (m.to_location_id == transit_id) | (m.from_location_id == transit_id))
        .order_by(m.seq)
    )
    found: dict[tuple[str, str, str | None], int] = {}
    for row in tx.rows(query):
        key = (row.line_id, row.variant_id, row.lot_id)
        found[key] = found.get(key, 0) + (row.qty if row.to_location_id == transit_id else -row.qty)
    return [OnTheWay(*key, qty) for key, qty in found.items() if qty]


@dataclass(frozen=True, slots=True)
class Source:
    """Free units of a variant in a place, and the lot they are of."""

    variant_id: str
    location_id: str
    code: str
    lot_id: str | None
    free: int


def sources(tx: Tx, warehouse_id: str, variant_ids: Sequence[str]) -> dict[str, list[Source]]:
    """Where the free units of these variants stand in a warehouse, along the walk; read without a lock."""
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id, at.id, at.code, b.lot_id, (b.qty - b.assigned).label("free"))
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, set(variant_ids)), at.warehouse_id == warehouse_id, at.kind == "bin",
               at.status == "active", b.qty > b.assigned)
        .order_by(b.variant_id, at.walk_sequence, at.code, b.lot_id)
    )  # fmt: skip
    found: dict[str, list[Source]] = {}
    for variant_id, place, code, lot_id, free in map(tuple, tx.rows(query)):
        found.setdefault(variant_id, []).append(
            Source(variant_id, place, code, lot_id if lot_id != NO_LOT else None, free)
        )
    return found
