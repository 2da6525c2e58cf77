"""Where arriving goods should go: to a bin of theirs with room, else to an empty one near the front of the walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.model import Location
from storekeep.shop.inventory.tables import bin_fact, location, stock_balance


@dataclass(slots=True)
class _Room:
    """A bin and what fits into it still, in units, grams and cubic millimetres (None: no limit)."""

    place: Location
    units: int | None
    grams: int | None
    cubic_mm: int | None
    one_variant: bool
    variants: set[str]

    def has_room(self, variant_id: str, qty: int, grams: int, cubic_mm: int) -> bool:
        """Whether so many units of a variant (weight and size of one given) may lie here."""
        if self.one_variant and self.variants - {variant_id}:
            return False
        wanted = ((self.units, qty), (self.grams, qty * grams), (self.cubic_mm, qty * cubic_mm))
        return all(limit is None or limit >= much for limit, much in wanted)

    def take(self, variant_id: str, qty: int, grams: int, cubic_mm: int) -> None:
        """What was proposed for this bin takes its room."""
        self.variants.add(variant_id)
        self.units = None if self.units is None else self.units - qty
        self.grams = None if self.grams is None else self.grams - qty * grams
        self.cubic_mm = None if self.cubic_mm is None else self.cubic_mm - qty * cubic_mm


def suggest(
    tx: Tx, warehouse_id: str, variant_ids: Sequence[str], units: Mapping[str, int] | None = None
) -> dict[str, Location]:
    """variant -> a bin that is sold from: where most of it stands or stood last, else one of its own with few units.

    With `units` only bins with room for all of them count: by units, weight and volume, and no second variant where
    only one may lie. Empty bins early on the walk come first. A variant is missing only when no bin is left for it.
    Only reads: two people may be sent to the same bin.
    """
    b, at = stock_balance.c, location.c
    usable = (at.warehouse_id == warehouse_id, at.kind == "bin", at.is_sellable, at.status == "active")
    wanted = list(dict.fromkeys(variant_ids))
    held = (
        select(b.variant_id, at.id)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, set(wanted)), *usable)
        .order_by(b.variant_id, b.qty.desc(), b.last_seq.desc(), at.walk_sequence, at.code)
    )
    own: dict[str, list[str]] = {}
    for variant_id, place in map(tuple, tx.rows(held)):
        own.setdefault(variant_id, []).append(place)
    filled = select(func.coalesce(func.sum(b.qty), 0)).where(b.location_id == at.id).scalar_subquery()
    roomy = select(location).where(*usable).order_by(filled, at.walk_sequence, at.code)
    limited = bool(tx.scalar(select(func.count()).select_from(bin_fact)))
    known = {place for places in own.values() for place in places}
    homeless = sum(variant_id not in own for variant_id in wanted)
    rows = tx.rows(roomy if limited else roomy.limit(homeless)) if limited or homeless else []
    places = [Location(**row._mapping) for row in rows]
    emptiest = [place.id for place in places]
    if not limited and known:
        places += [Location(**row._mapping) for row in tx.rows(select(location).where(among(at.id, known)))]
    rooms = _rooms(tx, places, limited)
    return _chosen(tx, wanted, units or {}, own, emptiest, rooms)


def _chosen(
    tx: Tx,
    wanted: Sequence[str],
    units: Mapping[str, int],
    own: Mapping[str, Sequence[str]],
    emptiest: Sequence[str],
    rooms: Mapping[str, _Room],
) -> dict[str, Location]:
    v = variant.c
    query = select(v.id, v.weight_g, v.length_mm * v.width_mm * v.height_mm).where(among(v.id, set(wanted)))
    sizes = {one: (grams, cubic) for one, grams, cubic in map(tuple, tx.rows(query))}
    found: dict[str, Location] = {}
    taken: set[str] = set()
    for variant_id in wanted:
        qty, (grams, cubic) = units.get(variant_id, 0), sizes.get(variant_id, (0, 0))
        others = [place for place in emptiest if place not in taken]
        for place in (*own.get(variant_id, ()), *others):
            if rooms[place].has_room(variant_id, qty, grams, cubic):
                rooms[place].take(variant_id, qty, grams, cubic)
                found[variant_id] = rooms[place].place
                if place not in own.get(variant_id, ()):
                    taken.add(place)
                break
    return found


def _rooms(tx: Tx, places: Sequence[Location], limited: bool) -> dict[str, _Room]:
    """What is left of each bin's limits, with the variants that lie there."""
    rooms = {place.id: _Room(place, None, None, None, False, set()) for place in places}
    if not limited:
        return rooms
    x, b, v = bin_fact.c, stock_balance.c, variant.c
    for row in tx.rows(select(bin_fact).where(among(x.location_id, set(rooms)))):
        room = rooms[row.location_id]
        room.units, room.grams, room.one_variant = row.max_units, row.max_weight_g, row.one_variant
        room.cubic_mm = None if row.max_volume_ml is None else row.max_volume_ml * 1000
    lying = (
        select(b.location_id, b.variant_id, func.sum(b.qty), v.weight_g, v.length_mm * v.width_mm * v.height_mm)
        .join_from(stock_balance, variant, v.id == b.variant_id)
        .where(among(b.location_id, set(rooms)), b.qty > 0)
        .group_by(b.location_id, b.variant_id, v.weight_g, v.length_mm, v.width_mm, v.height_mm)
    )
    for place, variant_id, qty, grams, cubic in map(tuple, tx.rows(lying)):
        rooms[place].take(variant_id, int(qty), grams, cubic)
    return rooms
