"""Goods that people carry to another place, set aside, or throw away. Corrections of a number: `correcting.correct`."""

from collections.abc import Mapping, Sequence

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import correcting, locations, lots, moves, store
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.model import (
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


def transfer(tx: Tx, steps: Sequence[tuple[str, str, str, int] | Step], command_id: str) -> list[Move]:
    """Carry free units, (variant, from, to, units) each, to other places of the same warehouse, all or none.

    Those waiting to be picked stay. Idempotent by command. Raises `NotEnoughStock` when fewer are free, also when the
    goods would leave the sellable bins while promised.
    """
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
    store.skus(tx, [variant_id])
    places = correcting.owned(tx, [location_id])
    place = places[location_id]
    store.lock_stock(tx, [variant_id])
    lot_id = lots.named(tx, [(variant_id, location_id, lot_id)])[0]
    key = (variant_id, location_id, lot_id or NO_LOT)
    before = store.lock_balances(tx, [key]).get(key, (0, 0))[0]
    target = locations.places(tx, place.warehouse_id)[kind].id
    paper = document or Document(kind, tx.new_id())
    draft = MoveDraft(variant_id, qty, location_id, target, kind, why, paper.type, paper.id, command_id,
                      line_id=paper.line_id, lot_id=lot_id)  # fmt: skip
    posted, displaced, reassigned = correcting.post_out(tx, [draft], places, why)
    was, now = {"location": place.code, "qty": before}, {"location": place.code, "qty": before - qty, "reason": why}
    if lot_id is not None:
        now["lot_id"] = lot_id
    audit.record(tx, [audit.Entry(f"stock.{kind}", "variant", variant_id, was, now)])
    return Adjusted(-posted[0].value_minor, posted[0], displaced, reassigned)
