"""How a warehouse is laid out: zones, what each bin may hold, and which bin a variant is picked from.

A bin is a face that pickers walk to, or a reserve behind it. A face has a least and a most number of units of its
variant; below the least it is refilled from the reserve. Nothing here moves goods, and a refill is not a document: it
is worked out from what lies there now, so that it can never disagree with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from storekeep.kernel import audit
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import locations, store
from storekeep.shop.inventory.model import MAX_UNITS, NO_LOT
from storekeep.shop.inventory.tables import bin_fact, location, lot, pick_face, stock_balance, zone

ROLES = ("pick", "bulk")


@dataclass(frozen=True, slots=True)
class BinFacts:
    """What is known of a bin. A limit of None is none; `max_volume_ml` is of the outer sizes of the goods."""

    zone_id: str | None = None
    role: str = "pick"
    max_units: int | None = None
    max_weight_g: int | None = None
    max_volume_ml: int | None = None
    one_variant: bool = False


def add_zone(tx: Tx, warehouse_id: str, code: str, name: str) -> str:
    """Name a part of a warehouse; returns its id. Raises `Invalid`, and `Conflict` for a code that is taken."""
    clean, title = code.strip().upper(), name.strip()
    if not 0 < len(clean) <= 20:
        raise Invalid("code", "a code has 1 to 20 characters")
    if not 0 < len(title) <= 80:
        raise Invalid("name", "a name has 1 to 80 characters")
    locations.places(tx, warehouse_id)
    if tx.scalar(select(zone.c.id).where(zone.c.warehouse_id == warehouse_id, zone.c.code == clean)) is not None:
        raise Conflict(f"there is a zone {clean} already")
    zone_id = tx.new_id()
    tx.insert_many(zone, [{"id": zone_id, "warehouse_id": warehouse_id, "code": clean, "name": title}])
    audit.record(tx, [audit.Entry("zone.added", "zone", zone_id, None, {"code": clean, "name": title})])
    return zone_id


def zones_of(tx: Tx, warehouse_id: str) -> Sequence[Row[Any]]:
    """The zones of a warehouse by code."""
    return tx.rows(select(zone).where(zone.c.warehouse_id == warehouse_id).order_by(zone.c.code))


def facts_of(tx: Tx, location_ids: Sequence[str]) -> dict[str, BinFacts]:
    """What is known of these bins; one of which nothing was said is a face without limits."""
    found = dict.fromkeys(location_ids, BinFacts())
    columns = [bin_fact.c[name] for name in BinFacts.__slots__]
    for row in tx.rows(
        select(bin_fact.c.location_id, *columns).where(among(bin_fact.c.location_id, set(location_ids)))
    ):
        found[row[0]] = BinFacts(*row[1:])
    return found


def set_facts(tx: Tx, location_id: str, facts: BinFacts) -> None:
    """Say what a bin is and may hold; the same again changes nothing. What lies in it already stays.

    Raises `Invalid` for limits that are none, and for a zone of another warehouse.
    """
    place = locations.load(tx, [location_id])[location_id]
    if place.kind != "bin":
        raise Invalid("location", f"{place.code} is not a bin")
    if facts.role not in ROLES:
        raise Invalid("role", "a bin is picked from, or is a reserve")
    for name in ("max_units", "max_weight_g", "max_volume_ml"):
        limit = getattr(facts, name)
        if limit is not None and not 0 < limit <= 10**9:
            raise Invalid(name, "a limit is a whole number from 1")
    if facts.zone_id is not None and facts.zone_id not in {row.id for row in zones_of(tx, place.warehouse_id)}:
        raise Invalid("zone_id", "this zone is in another warehouse")
    before = facts_of(tx, [location_id])[location_id]
    if before == facts:
        return
    values = {name: getattr(facts, name) for name in BinFacts.__slots__}
    if not tx.run(update(bin_fact).where(bin_fact.c.location_id == location_id).values(values)):
        tx.insert_many(bin_fact, [{"location_id": location_id, **values}])
    was = {name: getattr(before, name) for name in BinFacts.__slots__}
    audit.record(tx, [audit.Entry("location.facts", "location", location_id, was, values)])


def set_face(tx: Tx, variant_id: str, location_id: str, least: int, most: int) -> None:
    """Pick a variant from this bin, refilled below `least` up to `most` units; 0 and 0 ends that. Raises `Invalid`."""
    store.skus(tx, [variant_id])
    place = locations.load(tx, [location_id])[location_id]
    f = pick_face.c
    here = (f.variant_id == variant_id, f.location_id == location_id)
    old = tx.first(select(f.min_units, f.max_units).where(*here))
    before = None if old is None else [old.min_units, old.max_units]
    if (least, most) == (0, 0):
        tx.run(delete(pick_face).where(*here))
    elif place.kind != "bin" or not place.is_sellable:
        raise Invalid("location", f"{place.code} is no bin that is sold from")
    elif not 0 < least <= most <= MAX_UNITS:
        raise Invalid("most", "the most is at least the least, and the least at least 1")
    elif not tx.run(update(pick_face).where(*here).values(min_units=least, max_units=most)):
        row = {"variant_id": variant_id, "location_id": location_id, "min_units": least, "max_units": most}
        tx.insert_many(pick_face, [row])
    audit.record(tx, [audit.Entry("pick_face.set", "variant", variant_id, before, [least, most])])


def faces_of(tx: Tx, location_id: str) -> Sequence[Row[Any]]:
    """(variant, SKU, least, most) of what is picked from a bin."""
    f = pick_face.c
    query = (
        select(f.variant_id, variant.c.sku, f.min_units, f.max_units)
        .join_from(pick_face, variant, variant.c.id == f.variant_id)
        .where(f.location_id == location_id)
        .order_by(variant.c.sku)
    )
    return tx.rows(query)


@dataclass(frozen=True, slots=True)
class Refill:
    """Carry `qty` units from a reserve to a face that holds `there` of them; `least` and `most` are the face's."""

    variant_id: str
    face_id: str
    face_code: str
    there: int
    least: int
    most: int
    from_id: str
    from_code: str
    lot_id: str | None
    qty: int


def refills(tx: Tx, warehouse_id: str) -> list[Refill]:
    """What is to be carried to faces below their least, along the walk.

    From the lot that expires first, of a lot from the fullest reserve; only free units, and of goods with lots only
    good ones. A face whose reserves are empty is left out.
    """
    f, at, b = pick_face.c, location.c, stock_balance.c
    there = (
        select(func.coalesce(func.sum(b.qty), 0))
        .where(b.location_id == f.location_id, b.variant_id == f.variant_id)
        .scalar_subquery()
    )
    low = tx.rows(
        select(f.variant_id, at.id, at.code, there.label("there"), f.min_units, f.max_units)
        .join_from(pick_face, location, at.id == f.location_id)
        .where(at.warehouse_id == warehouse_id, at.status == "active", there < f.min_units)
        .order_by(at.walk_sequence, at.code, f.variant_id)
    )
    reserve = _reserves(tx, warehouse_id, {row.variant_id for row in low})
    found = []
    for row in low:
        missing = row.max_units - int(row.there)
        for part in reserve.get(row.variant_id, ()):
            qty = min(missing, part[3])
            if qty > 0:
                part[3] -= qty
                missing -= qty
                found.append(
                    Refill(row.variant_id, row.id, row.code, int(row.there), row.min_units, row.max_units,
                           part[0], part[1], part[2], qty)
                )  # fmt: skip
    return found


def _reserves(tx: Tx, warehouse_id: str, variant_ids: set[str]) -> dict[str, list[list[Any]]]:
    """variant -> [place, code, lot, free units], in the order in which they are emptied."""
    at, b, x = location.c, stock_balance.c, bin_fact.c
    query = (
        select(b.variant_id, at.id, at.code, b.lot_id, (b.qty - b.assigned).label("free"))
        .join_from(stock_balance, location, at.id == b.location_id)
        .join(bin_fact, x.location_id == at.id)
        .outerjoin(lot, lot.c.id == b.lot_id)
        .where(among(b.variant_id, variant_ids), at.warehouse_id == warehouse_id, x.role == "bulk",
               at.status == "active", b.qty > b.assigned, lot.c.id.is_(None) | (lot.c.status == "ok"))
        .order_by(b.variant_id, func.coalesce(lot.c.expires_on, "9999-12-31"), (b.qty - b.assigned).desc(), at.code)
    )  # fmt: skip
    found: dict[str, list[list[Any]]] = {}
    for variant_id, place, code, lot_id, free in map(tuple, tx.rows(query)):
        found.setdefault(variant_id, []).append([place, code, lot_id if lot_id != NO_LOT else None, free])
    return found
