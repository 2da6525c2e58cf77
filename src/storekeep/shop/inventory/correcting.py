"""Corrections in numbers: what people type at a place and what counting posts, each for its own document.

What leaves a place takes its units from whoever had reserved them, and finds other bins for them (`post_out`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.money import divide_half_even
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import locations, lots, moves, shortages, store
from storekeep.shop.inventory.errors import CountChanged
from storekeep.shop.inventory.model import (
    MAX_UNITS,
    NO_LOT,
    Assignment,
    Displaced,
    Document,
    Location,
    Move,
    MoveDraft,
    check_reason,
    check_units,
)
from storekeep.shop.inventory.tables import cost_pool, stock_move

#: What units are worth: (minor units, for so many units).
Worth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """A place to correct by `delta` units, which is not 0.

    `lot_id`: the lot of the units; None: the only one that lies there; `NO_LOT`: units without a lot. `expected_qty` is
    what somebody saw lie there (None: no matter what it holds). Found units come in at `unit_cost_minor`, else at
    average cost, else at the catalogue's. Without a document the correction is one of its own.
    """

    variant_id: str
    location_id: str
    delta: int
    reason: str
    command_id: str
    lot_id: str | None = None
    expected_qty: int | None = None
    unit_cost_minor: int | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of some corrections, in their order: the move of each, its signed value, what its place held before.

    `is_new` is false where the command had been carried out before. `displaced` are the units taken from reservations,
    `reassigned` the bins found instead.
    """

    moves: tuple[Move, ...]
    values: tuple[int, ...]
    before: tuple[int, ...]
    is_new: tuple[bool, ...]
    displaced: tuple[Displaced, ...] = ()
    reassigned: tuple[Assignment, ...] = ()


def correct(tx: Tx, corrections: Sequence[Correction]) -> Corrected:
    """Correct many places by their deltas, all or none.

    Found units come in at the cost given, else at average or the catalogue's; lost ones leave at their layers' cost.
    Idempotent by command: a repeated one takes nothing from anybody again, and is not compared with anything again.
    Raises `CountChanged` saying what moved since, `NotEnoughStock`, `Invalid`.
    """
    reasons = [_checked(each) for each in corrections]
    known = {move.command_id: move for move in moves.of_commands(tx, [each.command_id for each in corrections])}
    places = owned(tx, [each.location_id for each in corrections])
    fresh = [each for each in corrections if each.command_id not in known]
    store.lock_stock(tx, [each.variant_id for each in fresh])
    lot_ids = _lots(tx, fresh, places)
    there = _there(tx, fresh, places, lot_ids)
    outside = {house: locations.places(tx, house)["adjustment"].id
               for house in sorted({places[each.location_id].warehouse_id for each in fresh})}  # fmt: skip
    worth = worth_of(tx, [(each.variant_id, places[each.location_id].warehouse_id) for each in fresh])
    drafts = [
        _draft(tx, each, outside[places[each.location_id].warehouse_id], lot_id,
               worth.get((each.variant_id, places[each.location_id].warehouse_id), (0, 1)))
        for each, lot_id in zip(fresh, lot_ids, strict=True)
    ]  # fmt: skip
    posted, displaced, reassigned = post_out(tx, drafts, places, reasons[0] if reasons else "")
    done = known | {move.command_id: move for move in posted}
    before = {each.command_id: qty for each, qty in zip(fresh, there, strict=True)}
    signed = [(done[each.command_id], 1 if each.delta > 0 else -1) for each in corrections]
    return Corrected(
        tuple(move for move, _ in signed),
        tuple(sign * move.value_minor for move, sign in signed),
        tuple(before.get(each.command_id, 0) for each in corrections),
        tuple(each.command_id not in known for each in corrections),
        displaced,
        reassigned,
    )


def _checked(each: Correction) -> str:
    """The reason of a correction that can be; `Invalid` otherwise."""
    if each.delta == 0:
        raise Invalid("delta", "a correction of 0 units corrects nothing")
    check_units(abs(each.delta), "delta")
    if each.expected_qty is not None and not 0 <= each.expected_qty <= MAX_UNITS:
        raise Invalid("expected_qty", "the expected quantity is a whole number of units")
    if each.unit_cost_minor is not None and each.unit_cost_minor < 0:
        raise Invalid("unit_cost", "a cost is never below zero")
    return check_reason(each.reason)


def owned(tx: Tx, location_ids: Sequence[str]) -> dict[str, Location]:
    """These places by id; `Invalid` for one that is not ours, whose units follow from the others."""
    places = locations.load(tx, location_ids)
    for place in places.values():
        if not place.is_owned:
            raise Invalid("location", f"{place.code} is not one of our shelves; its count follows from the others")
    return places


def _lots(tx: Tx, fresh: Sequence[Correction], places: Mapping[str, Location]) -> list[str | None]:
    """The lot of each, found under the lock of the variants' stock; units of a lot are never found without it."""
    named = lots.named(tx, [(each.variant_id, each.location_id, each.lot_id) for each in fresh])
    lot_ids = [None if lot_id == NO_LOT else lot_id for lot_id in named]
    facts = store.variants(tx, [each.variant_id for each in fresh])
    for each, lot_id in zip(fresh, lot_ids, strict=True):
        is_bare = lot_id is None and (each.lot_id is None or places[each.location_id].is_sellable)
        if each.delta > 0 and is_bare and facts[each.variant_id].tracking == "lot":
            sku = facts[each.variant_id].sku
            raise Invalid("lot", f"{sku} is told apart by lot; say which lot the units are of")
    return lot_ids


def _there(
    tx: Tx, fresh: Sequence[Correction], places: Mapping[str, Location], lot_ids: Sequence[str | None]
) -> list[int]:
    """What lies where each correction is made, locked; `CountChanged` when it is not what somebody saw."""
    keys = [(each.variant_id, each.location_id, lot_id or NO_LOT) for each, lot_id in zip(fresh, lot_ids, strict=True)]
    held = store.lock_balances(tx, keys)
    found = [held.get(key, (0, 0))[0] for key in keys]
    for each, lot_id, qty in zip(fresh, lot_ids, found, strict=True):
        if each.expected_qty not in (None, qty):
            raise CountChanged(_changed(tx, each, places[each.location_id], lot_id, qty))
    return found


def _changed(tx: Tx, each: Correction, place: Location, lot_id: str | None, qty: int) -> str:
    """What a place holds instead of what was expected, with the latest moves."""
    m = stock_move.c
    latest = tx.rows(
        select(m.seq, m.qty, m.to_location_id, m.kind, m.actor)
        .where(m.variant_id == each.variant_id, (m.from_location_id == place.id) | (m.to_location_id == place.id))
        .where(m.lot_id.is_(None) if lot_id is None else m.lot_id == lot_id)
        .order_by(m.seq.desc())
        .limit(3)
    )
    told = [f"{'+' if r.to_location_id == place.id else '-'}{r.qty} {r.kind} by {r.actor}" for r in latest]
    since = f"; the latest moves: {', '.join(told)}" if told else "; nothing was ever moved there"
    sku = store.skus(tx, [each.variant_id])[each.variant_id]
    return f"{place.code} holds {qty} of {sku}, not {each.expected_qty}{since}. Look again and decide again"


def _draft(tx: Tx, each: Correction, outside: str, lot_id: str | None, worth: Worth) -> MoveDraft:
    ends = (outside, each.location_id) if each.delta > 0 else (each.location_id, outside)
    cost = worth if each.unit_cost_minor is None else (each.unit_cost_minor, 1)
    paper = each.document or Document("adjustment", tx.new_id())
    return MoveDraft(each.variant_id, abs(each.delta), *ends, "adjust", check_reason(each.reason), paper.type, paper.id,
                     each.command_id, line_id=paper.line_id, value_minor=max(0, value_of(cost, each.delta)),
                     lot_id=lot_id)  # fmt: skip


def post_out(
    tx: Tx, drafts: Sequence[MoveDraft], places: Mapping[str, Location], reason: str
) -> tuple[list[Move], tuple[Displaced, ...], tuple[Assignment, ...]]:
    """Post moves; of what leaves one of `places`, whoever reserved it gives way first and finds other bins after.

    What comes in is posted first: nobody loses in one bin what was found in another. None of them may have been posted
    before. Raises `NotEnoughStock` when the books have fewer than shall go.
    """
    going = [draft for draft in drafts if draft.from_location_id in places]
    posted = moves.post(tx, [draft for draft in drafts if draft.from_location_id not in places])
    leaving = [shortages.Leaving(d.variant_id, places[d.from_location_id], d.qty, d.lot_id) for d in going]
    room = shortages.make_room(tx, leaving, reason)
    posted += moves.post(tx, going)
    return posted, room.displaced, shortages.find_other_bins(tx, room)


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
