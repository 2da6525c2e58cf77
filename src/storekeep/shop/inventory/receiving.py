"""Goods that arrive: from the supplier to receiving, and on to the bins they are sold from."""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import adjusting, locations, lots, moves, store
from storekeep.shop.inventory.errors import LotNotGood
from storekeep.shop.inventory.lots import NewLot
from storekeep.shop.inventory.model import Move, MoveDraft, PutawayLine, ReceiveLine, Step, check_reason, check_units


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

    Goods in a bin can be sold at once, goods in receiving after `putaway`. Idempotent by command. A variant that tracks
    lots needs the lot of its units: see `lots.open_lots` for what is refused.
    """
    why = check_reason(reason)
    for number, line in enumerate(lines):
        check_units(line.qty, f"lines[{number}].qty")
        if line.unit_cost_minor < 0 or line.worth_minor < 0:
            raise Invalid(f"lines[{number}].unit_cost", "a cost is never below zero")
    rooms = locations.places(tx, warehouse_id)
    facts = store.variants(tx, [line.variant_id for line in lines])
    if repeated := _repeated(tx, lines, facts, command_id):
        return repeated
    lot_ids = _lots(tx, lines, facts, warehouse_id)
    document = document_id or tx.new_id()
    return moves.post(
        tx,
        [
            MoveDraft(
                line.variant_id, line.qty, rooms["supplier"].id, line.location_id or rooms["receiving"].id, "receive",
                why, "receipt", document, command_id, number, value_minor=line.worth_minor, lot_id=lot_ids[number],
            )
            for number, line in enumerate(lines)
        ],
    )  # fmt: skip


def _repeated(tx: Tx, lines: Sequence[ReceiveLine], facts: Mapping[str, Any], command_id: str) -> list[Move]:
    """What a command with lots has posted before: its dates may have passed since, and are not looked at again."""
    if all(facts[line.variant_id].tracking == "none" for line in lines):
        return []
    return moves.of_commands(tx, [command_id])


def _lots(
    tx: Tx, lines: Sequence[ReceiveLine], facts: Mapping[str, Any], warehouse_id: str
) -> dict[int, str | None]:
    """The lot of each line by its number, found or made; None where the variant tracks none."""
    tracked = []
    for number, line in enumerate(lines):
        has_lot = bool(line.lot_code and line.lot_code.strip())
        if facts[line.variant_id].tracking == "lot":
            if not has_lot:
                sku = facts[line.variant_id].sku
                raise Invalid(f"lines[{number}].lot_code", f"{sku} is told apart by lot; say which lot this is")
            tracked.append(number)
        elif has_lot or line.expires_on:
            raise Invalid(f"lines[{number}].lot_code", f"{facts[line.variant_id].sku} does not track lots")
    wanted = [
        NewLot(line.variant_id, line.lot_code or "", line.expires_on, line.supplier, f"lines[{number}].")
        for number, line in ((number, lines[number]) for number in tracked)
    ]
    opened = lots.open_lots(tx, wanted, warehouse_id)
    for one in opened:
        if one.status in ("recalled", "expired"):
            raise LotNotGood(f"lot {one.code} is {one.status} ({one.status_reason}); do not take it in, send it back")
    found: dict[int, str | None] = dict.fromkeys(range(len(lines)))
    return found | {number: one.id for number, one in zip(tracked, opened, strict=True)}


def putaway(tx: Tx, lines: Sequence[PutawayLine], warehouse_id: str, command_id: str) -> list[Move]:
    """Bring goods from receiving (or the place named) to their bins, where they can be sold. Idempotent by command."""
    origin = locations.places(tx, warehouse_id)["receiving"].id
    steps = [
        Step(line.variant_id, line.from_location_id or origin, line.to_location_id, line.qty, line.lot_id)
        for line in lines
    ]
    return adjusting.carry(tx, steps, "putaway", "put away", command_id)
