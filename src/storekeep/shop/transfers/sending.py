"""At the sender's: what is to be sent, what is loaded from which shelf, and the lorry that leaves or does not."""

from collections.abc import Sequence
from typing import Any

from storekeep.kernel import lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import crossing, locations
from storekeep.shop.inventory.crossing import Crossing
from storekeep.shop.inventory.model import MAX_UNITS, Document, Move, check_reason
from storekeep.shop.transfers import store
from storekeep.shop.transfers.model import MOST_LINES, Line, Loaded, Want, transfer_number
from storekeep.shop.transfers.states import AT_SENDER, TRANSFER
from storekeep.shop.transfers.tables import transfer


def draft(tx: Tx, from_warehouse_id: str, to_warehouse_id: str, note: str = "") -> str:
    """Write a transfer from one warehouse to another; returns its id. Raises `Invalid`, `UnknownLocation`."""
    if from_warehouse_id == to_warehouse_id:
        raise Invalid("to", "a transfer goes to another warehouse")
    for warehouse_id in (from_warehouse_id, to_warehouse_id):
        locations.places(tx, warehouse_id)
    return store.insert(tx, from_warehouse_id, to_warehouse_id, note.strip()[:300])


def want(tx: Tx, transfer_id: str, wants: Sequence[Want]) -> None:
    """Set how many units of each variant are to be sent; 0 takes what is not loaded off the list again."""
    row = _at_sender(tx, transfer_id)
    for number, each in enumerate(wants):
        if isinstance(each.qty, bool) or not isinstance(each.qty, int) or not 0 <= each.qty <= MAX_UNITS:
            raise Invalid(f"lines[{number}].qty", f"units are a whole number from 0 to {MAX_UNITS:,}")
    known = {line.variant_id: line for line in store.lines_of(tx, row.id)}
    wanted = dict(wants)
    fresh = {variant_id: units for variant_id, units in wanted.items() if variant_id not in known and units}
    if len(known) + len(fresh) > MOST_LINES:
        raise Invalid("lines", f"a transfer has at most {MOST_LINES} lines; write another one")
    store.set_wanted(tx, {known[v].id: units for v, units in wanted.items() if v in known and known[v].wanted != units})
    store.add_lines(tx, row.id, fresh)


def load(tx: Tx, transfer_id: str, loaded: Sequence[Loaded], command_id: str) -> list[Move]:
    """Take goods from the sender's shelves onto the lorry; they are in transit from now on, and not to be sold.

    Goods that nobody asked for get a line too. Raises `NotEnoughStock` for what is promised or not there. Idempotent by
    command.
    """
    row = store.load(tx, transfer_id, lock=True)
    document = Document("warehouse_transfer", row.id)
    if repeated := crossing.repeated(tx, command_id):
        return repeated
    _require_at_sender(row)
    lines = {line.variant_id: line for line in store.lines_of(tx, row.id)}
    store.add_lines(tx, row.id, {each.variant_id: 0 for each in loaded if each.variant_id not in lines})
    lines = {line.variant_id: line for line in store.lines_of(tx, row.id)}
    transit = locations.places(tx, row.to_warehouse_id)["transit"].id
    places = locations.load(tx, [each.from_location_id for each in loaded])
    for place in places.values():
        if place.warehouse_id != row.from_warehouse_id:
            raise Invalid("from", f"{place.code} is not in the warehouse that sends this")
    steps = [
        Crossing(each.variant_id, each.qty, each.from_location_id, transit, lines[each.variant_id].id, each.lot_id)
        for each in loaded
    ]
    moved = crossing.cross(tx, steps, document, f"{transfer_number(row.number)} loaded", command_id)
    store.count(tx, "sent", _summed([(lines[each.variant_id].id, each.qty) for each in loaded]))
    if row.status == "draft":
        lifecycle.advance(tx, TRANSFER, transfer, [row.id], "loading")
    return moved


def depart(tx: Tx, transfer_id: str) -> None:
    """The lorry leaves with what is loaded. Nothing loaded: `Conflict`. It has left already: nothing happens."""
    row = store.load(tx, transfer_id, lock=True)
    if row.status not in AT_SENDER and row.status != "canceled":
        return
    if not any(line.sent for line in store.lines_of(tx, row.id)):
        raise Conflict("nothing is loaded yet")
    lifecycle.advance(tx, TRANSFER, transfer, [row.id], "sent", sets={"sent_at": tx.now})


def cancel(tx: Tx, transfer_id: str, reason: str, command_id: str) -> None:
    """Call a transfer off before it leaves; what is loaded goes to the sender's receiving. Idempotent."""
    why = check_reason(reason)
    row = store.load(tx, transfer_id, lock=True)
    if row.status == "canceled":
        return
    _require_at_sender(row)
    bring_back(tx, row, store.lines_of(tx, row.id), why, command_id)
    lifecycle.advance(tx, TRANSFER, transfer, [row.id], "canceled", sets={"ended_at": tx.now})


def bring_back(tx: Tx, row: Any, lines: Sequence[Line], reason: str, command_id: str) -> None:
    """All units of these lines that are on the way stand in the sender's receiving again."""
    wanted = {line.id for line in lines if line.on_the_way}
    transit = locations.places(tx, row.to_warehouse_id)["transit"].id
    receiving = locations.places(tx, row.from_warehouse_id)["receiving"].id
    goods = [part for part in crossing.on_the_way(tx, row.id, transit) if part.line_id in wanted]
    if not goods:
        return
    steps = [Crossing(p.variant_id, p.qty, transit, receiving, p.line_id, p.lot_id) for p in goods]
    crossing.cross(tx, steps, Document("warehouse_transfer", row.id), reason, command_id)
    units = _summed([(part.line_id, part.qty) for part in goods])
    store.count(tx, "returned", units)
    store.differ(tx, [(line_id, "returned", qty, reason, 0) for line_id, qty in units.items()], command_id)


def _summed(parts: Sequence[tuple[str, int]]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line_id, qty in parts:
        units[line_id] = units.get(line_id, 0) + qty
    return units


def _at_sender(tx: Tx, transfer_id: str) -> Any:
    row = store.load(tx, transfer_id, lock=True)
    _require_at_sender(row)
    return row


def _require_at_sender(row: Any) -> None:
    if row.status not in AT_SENDER:
        raise Conflict(f"{transfer_number(row.number)} is {TRANSFER.labels[row.status].text.lower()} already")
