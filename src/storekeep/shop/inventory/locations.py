"""Warehouses and their places: opening one, adding bins, blocking and closing them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select, update

from storekeep.kernel import audit
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import ahead, lots, shortages, store
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.inventory.model import NO_LOT, Displaced, Location, check_reason
from storekeep.shop.inventory.place import BinDraft, Place, WarehouseDraft, place_of
from storekeep.shop.inventory.tables import KINDS_OWNED, KINDS_VIRTUAL, location, stock_balance, warehouse

_NAMED = select(location).where(among(location.c.id, listed("ids"))).order_by(location.c.id)
_KEPT = _NAMED.with_for_update(read=True)
_ROOMS = (
    select(location)
    .where(
        location.c.warehouse_id == bindparam("of_warehouse"), location.c.kind != "bin", location.c.status == "active"
    )
    .order_by(location.c.code.desc())
)
_STATUSES = ("active", "blocked", "closed")


def open_warehouse(tx: Tx, draft: WarehouseDraft) -> str:
    """Open a warehouse with one place of every kind except bins; returns its id. Opening it again returns the same."""
    code = _code(draft.code, "code")
    known = tx.scalar(select(warehouse.c.id).where(warehouse.c.code == code))
    if known is not None:
        return str(known)
    if not 0 <= draft.cutoff_hour <= 23:
        raise Invalid("cutoff_hour", f"the cut-off is an hour from 0 to 23, not {draft.cutoff_hour}")
    warehouse_id = tx.new_id()
    row = {"id": warehouse_id, "code": code, "name": draft.name.strip() or code, "timezone": draft.timezone,
           "country": draft.country, "postcode": draft.postcode, "cutoff_hour": draft.cutoff_hour,
           "last_seq": 0}  # fmt: skip
    tx.insert_many(warehouse, [row])
    kinds = [kind for kind in (*KINDS_OWNED, *KINDS_VIRTUAL) if kind != "bin"]
    _insert(tx, warehouse_id, [(f"{code}-{kind.upper()}", kind, False, 0, None) for kind in kinds])
    audit.record(tx, [audit.Entry("warehouse.opened", "warehouse", warehouse_id, None, {"code": code})])
    return warehouse_id


def add_bins(tx: Tx, warehouse_id: str, bins: Sequence[BinDraft]) -> list[str]:
    """Add bins; returns their ids in order. A bin of that code in the same warehouse is returned as it is."""
    codes = [_code(draft.code, f"bins[{n}].code") for n, draft in enumerate(bins)]
    known = {row.code: row for row in tx.rows(select(location).where(location.c.code.in_(codes)))}
    for code, row in known.items():
        if row.warehouse_id != warehouse_id or row.kind != "bin":
            raise Conflict(f"the code {code} already names another place")
    new = {
        c: (c, "bin", d.is_sellable, d.walk_sequence, d.place or place_of(c))
        for c, d in zip(codes, bins, strict=True)
        if c not in known
    }
    made = _insert(tx, warehouse_id, list(new.values()))
    ids = {**{code: row.id for code, row in known.items()}, **dict(zip(new, made, strict=True))}
    return [ids[code] for code in codes]


def _insert(tx: Tx, warehouse_id: str, places: Sequence[tuple[str, str, bool, int, Place | None]]) -> list[str]:
    rows = [
        {"id": tx.new_id(), "warehouse_id": warehouse_id, "code": code, "kind": kind, "is_owned": kind in KINDS_OWNED,
         "is_sellable": sellable, "walk_sequence": walk, "status": "active", "aisle": at.aisle if at else None,
         "bay": at.bay if at else None, "level": at.level if at else None}
        for code, kind, sellable, walk, at in places
    ]  # fmt: skip
    tx.insert_many(location, rows)
    return [str(row["id"]) for row in rows]


def _code(typed: str, path: str) -> str:
    code = typed.strip().upper()
    if not code or len(code) > 40:
        raise Invalid(path, "a code has 1 to 40 characters")
    return code


def load(tx: Tx, location_ids: Sequence[str], *, keep: bool = False) -> dict[str, Location]:
    """These places; `UnknownLocation` names the first that does not exist. `keep` holds their status until the end."""
    wanted = sorted(set(location_ids))
    rows = tx.rows(_KEPT if keep else _NAMED, {"ids": wanted})
    found = {row.id: Location(**row._mapping) for row in rows}
    for location_id in wanted:
        if location_id not in found:
            raise UnknownLocation(f"there is no location {location_id}")
    return found


def by_code(tx: Tx, code: str) -> Location:
    """The place with this code, however it was typed or scanned."""
    row = tx.first(select(location).where(location.c.code == func.upper(code.strip())))
    if row is None:
        raise UnknownLocation(f"there is no location {code.strip() or '(empty)'}")
    return Location(**row._mapping)


def places(tx: Tx, warehouse_id: str) -> dict[str, Location]:
    """The active place of each kind other than bins in a warehouse (the first by code where there are several)."""
    found = {row.kind: Location(**row._mapping) for row in tx.rows(_ROOMS, {"of_warehouse": warehouse_id})}
    if not found:
        raise UnknownLocation(f"there is no warehouse {warehouse_id}")
    return found


def warehouse_ids(tx: Tx) -> list[str]:
    """Every warehouse, by code."""
    return [row.id for row in tx.rows(select(warehouse.c.id).order_by(warehouse.c.code))]


def set_status(tx: Tx, location_id: str, status: str, reason: str) -> tuple[Displaced, ...]:
    """Block, unblock or close a place; setting the status it has changes nothing.

    Goods in a blocked bin cannot be sold: reservations that no longer fit are released and returned, youngest first.
    A place is closed only when it is empty.
    """
    if status not in _STATUSES:
        raise Invalid("status", f"a place is {', '.join(_STATUSES)}; not {status}")
    why = check_reason(reason)
    b = stock_balance.c
    goods = select(b.variant_id, b.lot_id, b.qty).where(b.location_id == location_id, b.qty != 0)
    goods = goods.order_by(b.variant_id, b.lot_id)
    store.lock_stock(tx, [row.variant_id for row in tx.rows(goods)])
    tx.rows(select(location.c.id).where(location.c.id == location_id).with_for_update())
    place = load(tx, [location_id])[location_id]
    if place.status == status:
        return ()
    held = tx.rows(goods)
    if status == "closed" and held:
        raise Conflict(f"{place.code} still holds {sum(row.qty for row in held)} units; move them first")
    room = shortages.Room()
    if place.is_sellable and "active" in (place.status, status):
        store.lock_stock(tx, [row.variant_id for row in held])
        withheld = lots.withheld(tx, {row.lot_id: row.variant_id for row in held if row.lot_id != NO_LOT})
        if status != "active":
            leaving = [
                shortages.Leaving(row.variant_id, place, row.qty, row.lot_id if row.lot_id != NO_LOT else None)
                for row in held
            ]
            room = shortages.make_room(tx, leaving, f"{place.code} {status}: {why}")
        sign = 1 if status == "active" else -1
        changes: dict[store.Key, tuple[int, int]] = {}
        for row in held:
            if row.lot_id not in withheld:
                key = (row.variant_id, place.warehouse_id)
                changes[key] = (changes.get(key, (0, 0))[0] + sign * row.qty, 0)
        store.change_availability(tx, changes, guarded=False)
    tx.run(update(location).where(location.c.id == location_id).values(status=status))
    shortages.find_other_bins(tx, room)
    ahead.serve(tx, (row.variant_id for row in held))
    entry = audit.Entry("location.status", "location", location_id, place.status, {"status": status, "reason": why})
    audit.record(tx, [entry])
    return room.displaced


def set_place(tx: Tx, location_id: str, place: Place) -> None:
    """Say where a bin stands in the hall; audited. `UnknownLocation` for no such place, `Conflict` for no bin."""
    found = load(tx, [location_id])[location_id]
    if found.kind != "bin":
        raise Conflict(f"{found.code} is no bin and stands nowhere in the aisles")
    before = {"aisle": found.aisle, "bay": found.bay, "level": found.level}
    after = {"aisle": place.aisle, "bay": place.bay, "level": place.level}
    if before != after:
        tx.run(update(location).where(location.c.id == location_id).values(**after))
        audit.record(tx, [audit.Entry("location.placed", "location", location_id, before, after)])
