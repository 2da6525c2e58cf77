"""Goods that come back: in at the value they left with, and into a bin again once somebody has looked at them."""

from collections.abc import Sequence

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import adjusting, locations, moves, store
from storekeep.shop.inventory.model import (
    Document,
    Move,
    MoveDraft,
    RestockLine,
    ReturnLine,
    Step,
    check_reason,
    check_units,
)


def return_in(
    tx: Tx,
    lines: Sequence[ReturnLine],
    warehouse_id: str,
    document_id: str,
    command_id: str,
    *,
    reason: str = "returned by the customer",
) -> list[Move]:
    """Take goods back from customers at the value they left with; into quarantine unless a place is named.

    That no more comes back than was sent is the return's rule, not ours. Idempotent by command.
    """
    for number, line in enumerate(lines):
        check_units(line.qty, f"lines[{number}].qty")
        if line.value_minor < 0:
            raise Invalid(f"lines[{number}].value", "goods are never worth less than nothing")
    rooms = locations.places(tx, warehouse_id)
    store.skus(tx, [line.variant_id for line in lines])
    return moves.post(
        tx,
        [
            MoveDraft(
                line.variant_id, line.qty, rooms["customer"].id, line.to_location_id or rooms["quarantine"].id,
                "return_in", reason, "return", document_id, command_id, number, line.order_line_id,
                value_minor=line.value_minor, lot_id=line.lot_id,
            )
            for number, line in enumerate(lines)
        ],
    )  # fmt: skip


def restock(
    tx: Tx, lines: Sequence[RestockLine], warehouse_id: str, command_id: str, document: Document | None = None
) -> list[Move]:
    """Goods that are good again go from quarantine (or the place named) to their bins. Idempotent by command."""
    origin = locations.places(tx, warehouse_id)["quarantine"].id
    steps = [
        Step(line.variant_id, line.from_location_id or origin, line.to_location_id, line.qty, line.lot_id)
        for line in lines
    ]
    return adjusting.carry(tx, steps, "putaway", "good again", command_id, document)


def return_out(
    tx: Tx,
    variant_id: str,
    qty: int,
    from_location_id: str,
    document_id: str,
    command_id: str,
    reason: str,
    *,
    lot_id: str | None = None,
    receipt_id: str | None = None,
) -> Move:
    """Goods go back to their supplier at what they cost, from a place that is not sold from. Idempotent by command.

    They leave the cost layers that `receipt_id` brought first.

    Raises `NotEnoughStock`, and `Conflict` for goods that stand in a bin: set them aside first, so that nobody who has
    reserved them is passed over.
    """
    if known := moves.of_commands(tx, [command_id]):
        return known[0]
    place = locations.load(tx, [from_location_id])[from_location_id]
    if not place.is_owned or place.is_sellable:
        raise Conflict(f"goods go back from quarantine or receiving, not from {place.code}; set them aside first")
    target = locations.places(tx, place.warehouse_id)["supplier"].id
    draft = MoveDraft(variant_id, check_units(qty), place.id, target, "return_out", check_reason(reason),
                      "supplier_return", document_id, command_id, lot_id=lot_id,
                      own_document=receipt_id)  # fmt: skip
    return moves.post(tx, [draft])[0]
