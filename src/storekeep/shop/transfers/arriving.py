"""At the receiver's: what comes off the lorry, in which state, and what became of what did not.

Goods are booked in as they are counted, in parts if need be. What is still on the way when the count is over is lost or
was never sent, line by line and with a reason: a difference never goes away by itself.
"""

from collections.abc import Sequence
from typing import Any

from storekeep.kernel import lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import adjusting, correcting, crossing, locations, moves
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.crossing import OnTheWay
from storekeep.shop.inventory.model import Document, Location, Step, check_reason, check_units
from storekeep.shop.transfers import sending, store
from storekeep.shop.transfers.errors import MoreThanSent, StillOnTheWay
from storekeep.shop.transfers.model import Arrived, Fate, Line, Worth, transfer_number
from storekeep.shop.transfers.states import ON_THE_WAY, TRANSFER
from storekeep.shop.transfers.tables import transfer

FATES = ("lost", "returned")


def arrive(tx: Tx, transfer_id: str, arrived: Arrived, command_id: str) -> list[Worth]:
    """Book in what came off the lorry; returns what is worth more now because it had not been sent.

    More than was sent raises `MoreThanSent` unless a reason is given: then the rest is booked in as found, and is
    damaged when the units are. Raises `Invalid` for a place of another warehouse. Idempotent by command.
    """
    check_units(arrived.qty)
    row = store.load(tx, transfer_id, lock=True)
    if moves.of_commands(tx, [f"{command_id} good", f"{command_id} more"]):
        return []
    if row.status not in ON_THE_WAY:
        raise Conflict(f"{transfer_number(row.number)} is {TRANSFER.labels[row.status].text.lower()}")
    rooms = locations.places(tx, row.to_warehouse_id)
    target = _target(tx, arrived, rooms)
    why = check_reason(arrived.reason) if arrived.is_damaged else arrived.reason.strip()[:500]
    arrived, parts = _parts(crossing.on_the_way(tx, row.id, rooms["transit"].id), arrived)
    came = sum(part.qty for part in parts)
    line = next((line for line in store.lines_of(tx, row.id) if line.variant_id == arrived.variant_id), None)
    if came < arrived.qty and not why:
        here = 0 if line is None else line.received + line.damaged
        sku = variants_by_ids(tx, [arrived.variant_id])[arrived.variant_id].sku
        raise MoreThanSent(sku, 0 if line is None else line.sent, here, arrived.qty)
    if line is None:
        store.add_lines(tx, row.id, {arrived.variant_id: 0})
        line = next(each for each in store.lines_of(tx, row.id) if each.variant_id == arrived.variant_id)
    document = Document("warehouse_transfer", row.id, line.id)
    if parts:
        steps = [Step(p.variant_id, rooms["transit"].id, target.id, p.qty, p.lot_id) for p in parts]
        kind = "quarantine" if arrived.is_damaged else "transfer"
        adjusting.carry(
            tx, steps, kind, why or f"{transfer_number(row.number)} arrived", f"{command_id} good", document
        )
        store.count(tx, "damaged" if arrived.is_damaged else "received", {line.id: came})
        if arrived.is_damaged:
            store.differ(tx, [(line.id, "damaged", came, why, 0)], command_id)
    worth = _found(tx, arrived, line, arrived.qty - came, target, why, command_id, document)
    if row.status == "sent":
        lifecycle.advance(tx, TRANSFER, transfer, [row.id], "part_received")
    return worth


def _target(tx: Tx, arrived: Arrived, rooms: dict[str, Location]) -> Location:
    if arrived.is_damaged or arrived.to_location_id is None:
        return rooms["quarantine" if arrived.is_damaged else "receiving"]
    place = locations.load(tx, [arrived.to_location_id])[arrived.to_location_id]
    if place.warehouse_id != rooms["receiving"].warehouse_id or place.kind not in ("bin", "receiving"):
        raise Invalid("to", f"{place.code} is no bin of the warehouse that receives this")
    return place


def _parts(on_the_way: Sequence[OnTheWay], arrived: Arrived) -> tuple[Arrived, list[OnTheWay]]:
    """What arrived with its lot, and the units on the way that it is; fewer when more came than was sent."""
    mine = [part for part in on_the_way if part.variant_id == arrived.variant_id]
    of_lots = {part.lot_id for part in mine}
    if arrived.lot_id is None and len(of_lots) > 1:
        raise Invalid("lot", "it is on the way in several lots; say which one this is")
    if arrived.lot_id is None and len(of_lots) == 1:
        arrived = arrived._replace(lot_id=next(iter(of_lots)))
    parts, left = [], arrived.qty
    for part in mine:
        if left and arrived.lot_id == part.lot_id:
            units = min(left, part.qty)
            left -= units
            parts.append(OnTheWay(part.line_id, part.variant_id, part.lot_id, units))
    return arrived, parts


def _found(
    tx: Tx, arrived: Arrived, line: Line, more: int, target: Location, why: str, command_id: str, document: Document
) -> list[Worth]:
    """Units that nobody sent: found here, at average cost."""
    if more <= 0:
        return []
    command = f"{command_id} more"
    extra = Correction(arrived.variant_id, target.id, more, why, command, arrived.lot_id, document=document)
    done = correcting.correct(tx, [extra])
    store.count(tx, "extra", {line.id: more})
    store.differ(tx, [(line.id, "extra", more, why, done.values[0])], command_id)
    return [Worth(done.moves[0].id, done.values[0])]


def finish(tx: Tx, transfer_id: str, fates: Sequence[Fate], command_id: str) -> list[Worth]:
    """The count at the receiver's is over; returns what was written off.

    Every line with units still on the way needs its fate: `StillOnTheWay` names those without. Idempotent.
    """
    row = store.load(tx, transfer_id, lock=True)
    if row.status in ("received", "closed_with_loss"):
        return []
    if row.status not in ON_THE_WAY:
        raise Conflict(f"{transfer_number(row.number)} has not left yet")
    open_lines = [line for line in store.lines_of(tx, row.id) if line.on_the_way]
    told = {fate.line_id: fate for fate in fates}
    for number, fate in enumerate(fates):
        if fate.kind not in FATES:
            raise Invalid(f"lines[{number}].kind", "what did not come is lost, or was never sent")
        check_reason(fate.reason)
    silent = [line for line in open_lines if line.id not in told]
    if silent:
        units = sum(line.on_the_way for line in silent)
        raise StillOnTheWay(f"{units} units on {len(silent)} lines have not come; say of each line what became of them")
    written_off: list[Worth] = []
    # One crossing for each reason, so that each move says its own.
    for line in [line for line in open_lines if told[line.id].kind == "returned"]:
        sending.bring_back(tx, row, [line], check_reason(told[line.id].reason), f"{command_id} {line.id}")
    lost = [line for line in open_lines if told[line.id].kind == "lost"]
    if lost:
        written_off = _write_off(tx, row, lost, told, command_id)
    ended = "closed_with_loss" if any(line.lost for line in store.lines_of(tx, row.id)) else "received"
    lifecycle.advance(tx, TRANSFER, transfer, [row.id], ended, sets={"ended_at": tx.now})
    return written_off


def _write_off(tx: Tx, row: Any, lost: Sequence[Line], told: dict[str, Fate], command_id: str) -> list[Worth]:
    """What never came leaves the books; lot by lot, at average cost."""
    transit = locations.places(tx, row.to_warehouse_id)["transit"].id
    ids = {line.id for line in lost}
    parts = [part for part in crossing.on_the_way(tx, row.id, transit) if part.line_id in ids]
    done = correcting.correct(tx, [
        Correction(part.variant_id, transit, -part.qty, told[part.line_id].reason, f"{command_id} lost {number}",
                   part.lot_id, document=Document("warehouse_transfer", row.id, part.line_id))
        for number, part in enumerate(parts)
    ])  # fmt: skip
    written_off = [Worth(move.id, value) for move, value in zip(done.moves, done.values, strict=True)]
    values: dict[str, int] = {}
    for part, value in zip(parts, done.values, strict=True):
        values[part.line_id] = values.get(part.line_id, 0) + value
    store.count(tx, "lost", {line.id: line.on_the_way for line in lost})
    store.differ(
        tx,
        [(x.id, "lost", x.on_the_way, check_reason(told[x.id].reason), values[x.id]) for x in lost],
        command_id,
    )
    return written_off
