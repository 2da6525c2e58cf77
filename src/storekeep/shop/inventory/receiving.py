"""Goods that arrive: from the supplier to receiving, and on to the bins they are sold from."""

from collections.abc import Sequence

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import adjusting, locations, moves, store
from storekeep.shop.inventory.model import Move, MoveDraft, PutawayLine, ReceiveLine, check_reason, check_units


def receive(
    tx: Tx,
    lines: Sequence[ReceiveLine],
    warehouse_id: str,
    command_id: str,
    reason: str,
    *,
    document_id: str | None = None,
) -> list[Move]:
    """Book goods in at their unit cost; one move per line, valued at qty x unit cost.

    Goods in a bin can be sold at once, goods in receiving after `putaway`. Idempotent by command.
    """
    why = check_reason(reason)
    for number, line in enumerate(lines):
        check_units(line.qty, f"lines[{number}].qty")
        if line.unit_cost_minor < 0 or line.worth_minor < 0:
            raise Invalid(f"lines[{number}].unit_cost", "a cost is never below zero")
    rooms = locations.places(tx, warehouse_id)
    store.skus(tx, [line.variant_id for line in lines])
    document = document_id or tx.new_id()
    return moves.post(
        tx,
        [
            MoveDraft(
                line.variant_id, line.qty, rooms["supplier"].id, line.location_id or rooms["receiving"].id, "receive",
                why, "receipt", document, command_id, number, value_minor=line.worth_minor,
            )
            for number, line in enumerate(lines)
        ],
    )  # fmt: skip


def putaway(tx: Tx, lines: Sequence[PutawayLine], warehouse_id: str, command_id: str) -> list[Move]:
    """Bring goods from receiving (or the place named) to their bins, where they can be sold. Idempotent by command."""
    origin = locations.places(tx, warehouse_id)["receiving"].id
    steps = [(line.variant_id, line.from_location_id or origin, line.to_location_id, line.qty) for line in lines]
    return adjusting.carry(tx, steps, "putaway", "put away", command_id)
