"""What may be sold of a lot: putting it on hold, releasing it, calling it back, and letting it expire.

A status and what is on hand change together. Whoever had reserved units of a lot that is not good any more is given
others, or gives way like for any other goods that are gone (`shortages.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.kernel import audit, lifecycle
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import ahead, bins, locations, lots, moves, shortages, store
from storekeep.shop.inventory.lots import Lot
from storekeep.shop.inventory.model import Displaced, Location, MoveDraft, check_reason
from storekeep.shop.inventory.states import LOT
from storekeep.shop.inventory.tables import location, lot, reservation, stock_balance


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Units of a lot taken out of the trays of a fulfillment line; `again` of them are to be fetched from another."""

    fulfillment_line_id: str
    lot_id: str
    qty: int
    again: int


def quarantine(tx: Tx, lot_ids: Sequence[str], reason: str) -> tuple[Displaced, ...]:
    """Put good lots on hold; those that are on hold already stay so. Raises `Conflict` for one that is gone for good.

    Returns the reservations that lost units which no other lot has.
    """
    return _move(tx, lot_ids, "quarantined", reason)


def release(tx: Tx, lot_id: str, reason: str) -> None:
    """Sell a lot that was on hold; one that is good already stays so. Raises `Conflict` when it has too few days."""
    one = lots.load(tx, [lot_id])[lot_id]
    if one.expires_on is not None and one.status == "quarantined":
        last = _latest_first_day(tx, one.variant_id)
        if one.expires_on < last:
            raise Conflict(f"lot {one.code} expires on {one.expires_on}; what is sent now must last until {last}")
    _move(tx, [lot_id], "ok", reason)


def recall(tx: Tx, lot_id: str, reason: str) -> tuple[Displaced, ...]:
    """Call a lot back: nothing of it is ever sold again. See `quarantine` for what is returned. Safe to repeat."""
    return _move(tx, [lot_id], "recalled", reason)


def expire(tx: Tx, lot_ids: Sequence[str], reason: str) -> tuple[Displaced, ...]:
    """The last day of these lots has passed. See `quarantine`."""
    return _move(tx, lot_ids, "expired", reason)


def _latest_first_day(tx: Tx, variant_id: str) -> str:
    houses = locations.warehouse_ids(tx)
    return max(lots.first_days(tx, [(variant_id, house) for house in houses]).values(), default="")


@dataclass(frozen=True, slots=True)
class Due:
    """Lots whose day has come: expired ones, and good ones with too few days left, with the days asked for."""

    expired: tuple[str, ...]
    short: tuple[tuple[str, int], ...]


def due(tx: Tx, on: str, limit: int) -> Due:
    """The lots that must not be sold any more on the day `on`, at most `limit` of each kind, the longest due first."""
    c, v = lot.c, variant.c
    past = (
        select(c.id)
        .where(c.status.in_(["ok", "quarantined"]), c.expires_on < on)
        .order_by(c.expires_on, c.id)
        .limit(limit)
    )
    # A variant asks for some days or none: the longest of all narrows the search to what the index of dates gives.
    longest = int(tx.scalar(select(func.coalesce(func.max(v.min_days_at_ship), 0)).where(v.tracking == "lot")) or 0)
    near = (
        select(c.id, c.expires_on, v.min_days_at_ship)
        .join_from(lot, variant, v.id == c.variant_id)
        .where(c.status == "ok", c.expires_on >= on, c.expires_on < lots.plus_days(on, longest), v.min_days_at_ship > 0)
        .order_by(c.expires_on, c.id)
    )
    short = [
        (row.id, row.min_days_at_ship)
        for row in (tx.rows(near) if longest else ())
        if row.expires_on < lots.plus_days(on, row.min_days_at_ship)
    ]
    return Due(tuple(row.id for row in tx.rows(past)), tuple(short[:limit]))


def _move(tx: Tx, lot_ids: Sequence[str], to: str, reason: str) -> tuple[Displaced, ...]:
    """Give lots a status, and what they have in bins to the count of what can be sold, or take it away."""
    why = check_reason(reason)
    store.lock_stock(tx, [one.variant_id for one in lots.load(tx, lot_ids).values()])
    c = lot.c
    rows = tx.rows(select(lot).where(among(c.id, sorted(set(lot_ids)))).order_by(c.id).with_for_update())
    moving = [one for one in (Lot(**row._mapping) for row in rows) if one.status != to]
    if not moving:
        return ()
    for one in moving:
        if not LOT.allows(one.status, to):
            raise Conflict(f"lot {one.code} is {one.status} ({one.status_reason}); it cannot become {to}")
    leaving = _in_bins(tx, [one for one in moving if one.is_good])
    coming = _in_bins(tx, moving) if to == "ok" else []
    room = shortages.make_room(tx, leaving, why)
    changes: dict[store.Key, tuple[int, int]] = {}
    for part, sign in [*((part, -1) for part in leaving), *((part, 1) for part in coming)]:
        key = (part.variant_id, part.place.warehouse_id)
        changes[key] = (changes.get(key, (0, 0))[0] + sign * part.qty, 0)
    store.ensure_availability(tx, list(changes))
    store.change_availability(tx, changes, guarded=False)
    sets = {"status_reason": "" if to == "ok" else why, "status_since": tx.now}
    lifecycle.advance(tx, LOT, lot, [one.id for one in moving], to, sets=sets)
    shortages.find_other_bins(tx, room)
    ahead.serve(tx, (part.variant_id for part in coming))
    entries = [
        audit.Entry(f"lot.{to}", "lot", one.id, {"status": one.status}, {"status": to, "reason": why, "code": one.code})
        for one in moving
    ]
    audit.record(tx, entries)
    return room.displaced


def _in_bins(tx: Tx, some: Sequence[Lot]) -> list[shortages.Leaving]:
    """What of these lots lies where it is sold from."""
    if not some:
        return []
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id.label("of_variant"), b.qty, b.lot_id, location)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, sorted({one.variant_id for one in some})), b.qty > 0)
        .where(among(b.lot_id, sorted(one.id for one in some)), at.is_sellable, at.status == "active")
        .order_by(b.variant_id, b.location_id, b.lot_id)
    )
    names = Location.__slots__
    return [
        shortages.Leaving(row.of_variant, Location(**{name: getattr(row, name) for name in names}), row.qty, row.lot_id)
        for row in tx.rows(query)
    ]


def withdraw(
    tx: Tx, reasons: Mapping[str, str], command_id: str
) -> tuple[list[Withdrawn], tuple[Displaced, ...]]:
    """Picked units of lots, each with its reason, go from packing to quarantine; the orders they were for are given
    others where there are.

    Returns what was taken per line, and the reservations for whose units there is nothing else. Idempotent by command:
    a repeat finds nothing picked and answers with nothing.
    """
    r = reservation.c
    rows = store.locked_reservations(tx, among(r.lot_id, sorted(reasons)) & (r.status == "picked"))
    if not rows:
        return [], ()
    rows.sort(key=lambda row: (row["lot_id"], row["id"]))
    whys = {lot_id: check_reason(reason) for lot_id, reason in reasons.items()}
    stock = store.lock_stock(tx, [row["variant_id"] for row in rows])
    changes, drafts, wanted = store.Changes(tx), list[MoveDraft](), list[bins.Wanted]()
    taken, displaced = list[Withdrawn](), list[Displaced]()
    rooms = {house: locations.places(tx, house) for house in sorted({row["warehouse_id"] for row in rows})}
    for number, row in enumerate(rows):
        line_id, house, qty, lot_id = row["fulfillment_line_id"], row["warehouse_id"], row["qty"], row["lot_id"]
        origin, target = rooms[house]["packing"].id, rooms[house]["quarantine"].id
        drafts.append(
            MoveDraft(row["variant_id"], qty, origin, target, "unpick", whys[lot_id], "fulfillment_line", line_id,
                      f"withdraw:{lot_id}:{command_id}", number, line_id, lot_id=lot_id)
        )  # fmt: skip
        again = max(0, min(qty, stock.free.get(row["variant_id"], {}).get(house, 0)))
        if again:
            stock.take(row["variant_id"], house, again)
            names = ("variant_id", "warehouse_id", "order_id", "order_line_id", "fulfillment_line_id")
            fresh = changes.make(**{name: row[name] for name in names}, qty=again, status="firm")
            wanted.append((fresh, again, line_id))
        changes.part(row, qty, status="released", release_reason=whys[lot_id])
        taken.append(Withdrawn(line_id, lot_id, qty, again))
        if again < qty:
            displaced.append(
                Displaced(row["id"], None, row["order_id"], row["order_line_id"], line_id, row["variant_id"], house,
                          qty - again)
            )  # fmt: skip
    moves.post(tx, drafts)
    store.change_reserved(tx, stock.deltas)
    bins.give(tx, wanted, changes)
    changes.flush()
    return taken, tuple(displaced)
