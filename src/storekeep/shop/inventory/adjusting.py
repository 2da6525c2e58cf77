"""Corrections by people: adjusting a count, carrying goods to another place, setting damaged ones aside, scrapping."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.money import divide_half_even
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import locations, lots, moves, shortages, store
from storekeep.shop.inventory.errors import CountChanged, NotEnoughStock
from storekeep.shop.inventory.model import (
    MAX_UNITS,
    NO_LOT,
    Adjusted,
    Document,
    Location,
    Move,
    MoveDraft,
    Step,
    check_reason,
    check_units,
)
from storekeep.shop.inventory.tables import cost_pool, stock_move


def adjust(
    tx: Tx,
    variant_id: str,
    location_id: str,
    delta: int,
    reason: str,
    expected_qty: int | None,
    command_id: str,
    *,
    unit_cost_minor: int | None = None,
    lot_id: str | None = None,
    document: Document | None = None,
) -> Adjusted:
    """Correct a place by `delta` units, which the person saw holding `expected_qty` (None: no matter what it holds).

    Of a variant that tracks lots both are units of one lot: the one named, else the only one that lies there.

    Found units come in at `unit_cost_minor`, else at average cost, else at the catalogue's cost; lost ones leave at
    average cost. `value_minor` is signed, for the books. Reservations that no longer fit are released and returned.
    Idempotent by command. Raises `CountChanged` saying what moved since, `NotEnoughStock`, `Invalid`.
    """
    why = check_reason(reason)
    if delta == 0:
        raise Invalid("delta", "a correction of 0 units corrects nothing")
    check_units(abs(delta), "delta")
    if expected_qty is not None and not 0 <= expected_qty <= MAX_UNITS:
        raise Invalid("expected_qty", "the expected quantity is a whole number of units")
    repeated = moves.of_commands(tx, [command_id])
    if repeated:
        return Adjusted(repeated[0].value_minor * (1 if delta > 0 else -1), repeated[0])
    sku = store.skus(tx, [variant_id])[variant_id]
    place = _owned(tx, location_id)
    lot_id = _lot(tx, variant_id, place, lot_id)
    before = _there(tx, variant_id, place, lot_id, sku, expected_qty)
    other = locations.places(tx, place.warehouse_id)["adjustment"].id
    paper = document or Document("adjustment", tx.new_id())
    if delta > 0:
        value = _value_in(tx, variant_id, place.warehouse_id, delta, unit_cost_minor)
        if lot_id is None and store.variants(tx, [variant_id])[variant_id].tracking == "lot":
            raise Invalid("lot", f"{sku} is told apart by lot; say which lot the units are of")
        draft = MoveDraft(variant_id, delta, other, location_id, "adjust", why, paper.type, paper.id, command_id,
                          line_id=paper.line_id, value_minor=value, lot_id=lot_id)  # fmt: skip
        done = _post(tx, draft, place)
    else:
        draft = MoveDraft(variant_id, -delta, location_id, other, "adjust", why, paper.type, paper.id, command_id,
                          line_id=paper.line_id, lot_id=lot_id)  # fmt: skip
        done = _post(tx, draft, place)
    _audit(tx, "stock.adjusted", variant_id, place, before, before + delta, why, lot_id)
    sign = 1 if delta > 0 else -1
    return Adjusted(sign * done.value_minor, done.move, done.displaced, done.reassigned)


def scrap(
    tx: Tx,
    variant_id: str,
    location_id: str,
    qty: int,
    reason: str,
    command_id: str,
    *,
    lot_id: str | None = None,
    document: Document | None = None,
) -> Adjusted:
    """Throw units away; `value_minor` (negative) is what leaves the books. Idempotent by command."""
    return _leave(tx, variant_id, location_id, qty, reason, command_id, "scrap", lot_id, document)


def quarantine(
    tx: Tx, variant_id: str, location_id: str, qty: int, reason: str, command_id: str, *, lot_id: str | None = None
) -> Adjusted:
    """Set units aside: still ours at the same value, not for sale. Idempotent by command."""
    return _leave(tx, variant_id, location_id, qty, reason, command_id, "quarantine", lot_id)


def transfer(
    tx: Tx,
    variant_id: str,
    from_location_id: str,
    to_location_id: str,
    qty: int,
    command_id: str,
    *,
    lot_id: str | None = None,
) -> Move:
    """Carry free units to another place of the same warehouse; those waiting to be picked stay. Idempotent by command.

    Raises `NotEnoughStock` when fewer are free, also when the goods would leave the sellable bins while promised.
    """
    return transfer_many(tx, [Step(variant_id, from_location_id, to_location_id, qty, lot_id)], command_id)[0]


def transfer_many(tx: Tx, steps: Sequence[tuple[str, str, str, int] | Step], command_id: str) -> list[Move]:
    """Carry (variant, from, to, units) each, under one command, all or none. See `transfer`."""
    return carry(tx, steps, "transfer", "carried to another place", command_id)


def carry(
    tx: Tx,
    steps: Sequence[tuple[str, str, str, int] | Step],
    kind: str,
    reason: str,
    command_id: str,
    document: Document | None = None,
) -> list[Move]:
    """Move (variant, from, to, qty) between places of ours; refuses to take what is assigned or promised."""
    repeated = moves.of_commands(tx, [command_id])
    if repeated:
        return repeated
    wanted = [Step(*step) for step in steps]
    for number, step in enumerate(wanted):
        check_units(step.qty, f"lines[{number}].qty")
    places = locations.load(tx, [at for step in wanted for at in (step.from_location_id, step.to_location_id)])
    for place in places.values():
        if not place.is_owned:
            raise Invalid("location", f"{place.code} is not one of our shelves")
    stock = store.lock_stock(tx, [step.variant_id for step in wanted])
    lot_ids = lots.named(tx, [(step.variant_id, step.from_location_id, step.lot_id) for step in wanted])
    both = list(zip(wanted, lot_ids, strict=True))
    withheld = lots.withheld(tx, {lot_id: step.variant_id for step, lot_id in both if lot_id is not None})
    for step, lot_id in both:
        origin, target = places[step.from_location_id], places[step.to_location_id]
        if origin.is_sold_from and not target.is_sold_from and lot_id not in withheld:
            free = stock.free.get(step.variant_id, {}).get(origin.warehouse_id, 0)
            if free < step.qty:
                sku = store.skus(tx, [step.variant_id])[step.variant_id]
                raise NotEnoughStock(sku, origin.code, step.qty, max(0, free), free=True)
            stock.take(step.variant_id, origin.warehouse_id, step.qty)
    _refuse_without_lot(tx, both, places)
    paper = document or Document(kind, tx.new_id())
    drafts = [
        MoveDraft(step.variant_id, step.qty, step.from_location_id, step.to_location_id, kind, reason, paper.type,
                  paper.id, command_id, number, paper.line_id, lot_id=lot_id)
        for number, (step, lot_id) in enumerate(both)
    ]  # fmt: skip
    return moves.post(tx, drafts)


def _refuse_without_lot(
    tx: Tx, steps: Sequence[tuple[Step, str | None]], places: Mapping[str, Location]
) -> None:
    """Units of a variant that tracks lots never come into a bin that is sold from without their lot.

    There are such units only in quarantine: sold before the variant tracked lots, and sent back after.
    """
    to_shelf = {
        step.variant_id
        for step, lot_id in steps
        if lot_id is None and places[step.to_location_id].is_sellable
        and not places[step.from_location_id].is_sellable
    }  # fmt: skip
    for row in store.variants(tx, sorted(to_shelf)).values() if to_shelf else ():
        if row.tracking == "lot":
            raise Invalid("lot", f"these units of {row.sku} have no lot, so they cannot be sold; throw them away")


def _leave(
    tx: Tx,
    variant_id: str,
    location_id: str,
    qty: int,
    reason: str,
    command_id: str,
    kind: str,
    lot_id: str | None,
    document: Document | None = None,
) -> Adjusted:
    why = check_reason(reason)
    check_units(qty)
    repeated = moves.of_commands(tx, [command_id])
    if repeated:
        return Adjusted(-repeated[0].value_minor, repeated[0])
    sku = store.skus(tx, [variant_id])[variant_id]
    place = _owned(tx, location_id)
    lot_id = _lot(tx, variant_id, place, lot_id)
    before = _there(tx, variant_id, place, lot_id, sku, None)
    target = locations.places(tx, place.warehouse_id)[kind].id
    paper = document or Document(kind, tx.new_id())
    draft = MoveDraft(variant_id, qty, location_id, target, kind, why, paper.type, paper.id, command_id,
                      line_id=paper.line_id, lot_id=lot_id)  # fmt: skip
    done = _post(tx, draft, place)
    _audit(tx, f"stock.{kind}", variant_id, place, before, before - qty, why, lot_id)
    return Adjusted(-done.value_minor, done.move, done.displaced, done.reassigned)


def _post(tx: Tx, draft: MoveDraft, place: Location) -> Adjusted:
    """Post one move; when goods leave `place`, whoever reserved them gives way first and finds other bins after."""
    room = shortages.Room()
    if draft.from_location_id == place.id:
        store.lock_stock(tx, [draft.variant_id])
        key = (draft.variant_id, place.id, draft.lot_id or NO_LOT)
        there = store.lock_balances(tx, [key]).get(key, (0, 0))[0]
        if there < draft.qty:
            sku = store.skus(tx, [draft.variant_id])[draft.variant_id]
            raise NotEnoughStock(sku, place.code, draft.qty, there)
        gone = shortages.Leaving(draft.variant_id, place, draft.qty, draft.lot_id)
        room = shortages.make_room(tx, [gone], draft.reason)
    move = moves.post(tx, [draft])[0]
    return Adjusted(move.value_minor, move, room.displaced, shortages.find_other_bins(tx, room))


def _owned(tx: Tx, location_id: str) -> Location:
    place = locations.load(tx, [location_id])[location_id]
    if not place.is_owned:
        raise Invalid("location", f"{place.code} is not one of our shelves; its count follows from the others")
    return place


def _lot(tx: Tx, variant_id: str, place: Location, lot_id: str | None) -> str | None:
    """The lot that is meant, found under the lock of the variant's stock when nobody said it."""
    store.lock_stock(tx, [variant_id])
    return lots.named(tx, [(variant_id, place.id, lot_id)])[0]


def _there(tx: Tx, variant_id: str, place: Location, lot_id: str | None, sku: str, expected: int | None) -> int:
    """The units in a place, locked; `CountChanged` when they are not what was expected, with the latest moves."""
    key = (variant_id, place.id, lot_id or NO_LOT)
    qty = store.lock_balances(tx, [key]).get(key, (0, 0))[0]
    if expected is None or qty == expected:
        return qty
    m = stock_move.c
    latest = tx.rows(
        select(m.seq, m.qty, m.to_location_id, m.kind, m.actor)
        .where(m.variant_id == variant_id, (m.from_location_id == place.id) | (m.to_location_id == place.id))
        .where(m.lot_id.is_(None) if lot_id is None else m.lot_id == lot_id)
        .order_by(m.seq.desc())
        .limit(3)
    )
    told = [f"{'+' if r.to_location_id == place.id else '-'}{r.qty} {r.kind} by {r.actor}" for r in latest]
    since = f"; the latest moves: {', '.join(told)}" if told else "; nothing was ever moved there"
    raise CountChanged(f"{place.code} holds {qty} of {sku}, not {expected}{since}. Look again and decide again")


def _value_in(tx: Tx, variant_id: str, warehouse_id: str, qty: int, unit_cost_minor: int | None) -> int:
    """What found units are worth: the cost given, else the pool's average, else the catalogue's cost."""
    if unit_cost_minor is not None:
        if unit_cost_minor < 0:
            raise Invalid("unit_cost", "a cost is never below zero")
        return qty * unit_cost_minor
    c = cost_pool.c
    pool = tx.first(select(c.qty, c.value_minor).where(c.variant_id == variant_id, c.warehouse_id == warehouse_id))
    if pool is not None and pool.qty > 0:
        return divide_half_even(pool.value_minor * qty, pool.qty)
    return qty * int(tx.scalar(select(variant.c.cost_minor).where(variant.c.id == variant_id)))


def _audit(
    tx: Tx, action: str, variant_id: str, place: Location, before: int, after: int, reason: str, lot_id: str | None
) -> None:
    facts: dict[str, Any] = {"location": place.code, "qty": before}
    changed = {"location": place.code, "qty": after, "reason": reason}
    if lot_id is not None:
        changed["lot_id"] = lot_id
    audit.record(tx, [audit.Entry(action, "variant", variant_id, facts, changed)])
