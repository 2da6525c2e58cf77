"""Corrections in numbers, each for its own document: what counting posts. A single one is `adjusting.adjust`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.money import divide_half_even
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import locations, moves, shortages, store
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.model import NO_LOT, Displaced, Location, Move, MoveDraft, check_reason
from storekeep.shop.inventory.tables import cost_pool

#: What units are worth: (minor units, for so many units).
Worth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """A place to correct by `delta` units, which is not 0; no two for one variant and place at once."""

    variant_id: str
    location_id: str
    delta: int
    reason: str
    document_type: str
    document_id: str
    command_id: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The moves of some corrections in their order, the signed value of each, and the units taken from reservations."""

    moves: tuple[Move, ...]
    values: tuple[int, ...]
    displaced: tuple[Displaced, ...]


def correct(tx: Tx, corrections: Sequence[Correction]) -> Corrected:
    """Correct many places by their deltas, whatever they hold now, all or none.

    Found units come in at average cost, or at the catalogue's cost where there is none; lost ones leave at what
    their layers cost. Idempotent by command: a repeated one takes nothing from anybody again. Raises `NotEnoughStock`,
    `Invalid`.
    """
    known = {move.command_id for move in moves.of_commands(tx, [each.command_id for each in corrections])}
    places = locations.load(tx, [each.location_id for each in corrections])
    for place in places.values():
        if not place.is_owned:
            raise Invalid("location", f"{place.code} is not one of our shelves; its count follows from the others")
    fresh = [each for each in corrections if each.command_id not in known]
    store.lock_stock(tx, [each.variant_id for each in fresh])
    room = _room(tx, [each for each in fresh if each.delta < 0], places)
    homes = sorted({place.warehouse_id for place in places.values()})
    outside = {house: locations.places(tx, house)["adjustment"].id for house in homes}
    worth = worth_of(tx, [(each.variant_id, places[each.location_id].warehouse_id) for each in fresh])
    drafts = []
    for each in corrections:
        house = places[each.location_id].warehouse_id
        ends = (outside[house], each.location_id) if each.delta > 0 else (each.location_id, outside[house])
        value = value_of(worth.get((each.variant_id, house), (0, 1)), each.delta) if each.delta > 0 else 0
        drafts.append(MoveDraft(each.variant_id, abs(each.delta), *ends, "adjust", check_reason(each.reason),
                                each.document_type, each.document_id, each.command_id, value_minor=value))  # fmt: skip
    posted = moves.post(tx, drafts)
    shortages.find_other_bins(tx, room)
    values = [m.value_minor if each.delta > 0 else -m.value_minor for m, each in zip(posted, corrections, strict=True)]
    return Corrected(tuple(posted), tuple(values), room.displaced)


def _room(tx: Tx, losses: Sequence[Correction], places: Mapping[str, Location]) -> shortages.Room:
    """Whoever reserved units that are not there gives way; `NotEnoughStock` when the books have fewer than shall go."""
    there = store.lock_balances(tx, [(each.variant_id, each.location_id, NO_LOT) for each in losses])
    for each in losses:
        holds = there.get((each.variant_id, each.location_id, NO_LOT), (0, 0))[0]
        if holds < -each.delta:
            sku = store.skus(tx, [each.variant_id])[each.variant_id]
            raise NotEnoughStock(sku, places[each.location_id].code, -each.delta, holds)
    leaving = [shortages.Leaving(each.variant_id, places[each.location_id], -each.delta) for each in losses]
    return shortages.make_room(tx, leaving, losses[0].reason if losses else "")


def worth_of(tx: Tx, keys: Sequence[store.Key]) -> dict[store.Key, Worth]:
    """What the units of each (variant, warehouse) are worth: the pool's average, else the catalogue's cost of one."""
    ids, c = {v for v, _ in keys}, cost_pool.c
    found = {row.id: row.cost_minor for row in tx.rows(
        select(variant.c.id, variant.c.cost_minor).where(among(variant.c.id, ids)))}  # fmt: skip
    worth: dict[store.Key, Worth] = {key: (int(found[key[0]]), 1) for key in keys}
    for row in tx.rows(select(cost_pool).where(among(c.variant_id, ids), c.qty > 0)):
        if (row.variant_id, row.warehouse_id) in worth:
            worth[row.variant_id, row.warehouse_id] = (row.value_minor, row.qty)
    return worth


def value_of(worth: Worth, qty: int) -> int:
    """What `qty` units are worth at this average, to the nearest minor unit, with the sign of `qty`."""
    value = divide_half_even(worth[0] * abs(qty), worth[1])
    return value if qty >= 0 else -value
