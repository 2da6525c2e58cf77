"""From the bin to the parcel: assigning bins, picking, undoing, finding less than expected, putting back, shipping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import bins, locations, lots, moves, shortages, store
from storekeep.shop.inventory.errors import LotNotGood, NotToBePicked
from storekeep.shop.inventory.model import (
    NO_LOT,
    Assignment,
    AssignRequest,
    CostedMove,
    Location,
    Move,
    MoveDraft,
    PickRequest,
    ShipLine,
    ShortOutcome,
    check_reason,
    check_units,
)
from storekeep.shop.inventory.tables import reservation

_Rows = list[store.ReservationRow]
SHORT_REASONS = {"missing": "missing at pick", "damaged": "damaged at pick"}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Picked goods of one document (a parcel) that leave a warehouse. Its command makes that happen once."""

    lines: tuple[ShipLine, ...]
    warehouse_id: str
    document_id: str
    command_id: str


def assign(tx: Tx, requests: Sequence[AssignRequest]) -> list[Assignment]:
    """Give fulfillment lines their bins, and return what is to be fetched from each. See `give_bins`.

    Units that are not reserved (canceled meanwhile) get none, so the units returned may be fewer than asked for.
    """
    give_bins(tx, requests)
    return bins.assignments_of(tx, [request.fulfillment_line_id for request in requests])


def give_bins(tx: Tx, requests: Sequence[AssignRequest]) -> None:
    """Give fulfillment lines their bins out of their order lines' firm reservations; a line may get several bins.

    The first bin of the walk with all the units wins. Idempotent: a line that has bins keeps them.
    """
    for request in requests:
        check_units(request.qty)
    query = and_(
        among(reservation.c.order_id, {request.order_id for request in requests}),
        among(reservation.c.order_line_id, {request.order_line_id for request in requests}),
        reservation.c.status.in_(["firm", "assigned", "picked", "consumed"]),
    )
    rows = store.locked_reservations(tx, query)
    wanted: list[bins.Wanted] = []
    firm = {row["id"]: row["qty"] for row in rows if row["status"] == "firm"}
    by_order_line: dict[str, _Rows] = {}
    given: dict[str, int] = {}
    for row in rows:
        by_order_line.setdefault(row["order_line_id"], []).append(row)
        if row["status"] != "firm":
            given[row["fulfillment_line_id"]] = given.get(row["fulfillment_line_id"], 0) + row["qty"]
    for request in requests:
        line_id = request.fulfillment_line_id
        left = request.qty - given.get(line_id, 0)
        for row in by_order_line.get(request.order_line_id, []):
            units = min(left, firm.get(row["id"], 0))
            key = (row["variant_id"], row["warehouse_id"])
            if units > 0 and key == (request.variant_id, request.warehouse_id):
                wanted.append((row, units, line_id))
                firm[row["id"]] -= units
                left -= units
    changes = store.Changes(tx)
    bins.give(tx, wanted, changes)
    changes.flush()


def pick(tx: Tx, requests: Sequence[PickRequest]) -> list[Move]:
    """Units taken from their bin to packing; on hand, reserved and assigned fall together.

    Idempotent by command. Raises `NotToBePicked` when the line has fewer units waiting at that bin.
    """
    return _carry(tx, requests, "assigned", "picked", back=False)


def unpick(tx: Tx, requests: Sequence[PickRequest]) -> list[Move]:
    """Undo picks: the units lie in their bin again and are still to be picked there. Idempotent by command."""
    return _carry(tx, requests, "picked", "assigned", back=True)


def short(
    tx: Tx, fulfillment_line_id: str, location_id: str, found_qty: int, reason: str, command_id: str
) -> ShortOutcome:
    """Only `found_qty` of the units waiting at this bin are there and good; the others leave the bin now.

    `missing`: they are adjusted out; `damaged`: they go to quarantine. The line is offered the next bins; units that
    nobody has any more are released, from the least advanced and youngest reservation on. The units found stay to be
    picked. Idempotent by command (a repeat tells the bins and the lack of now).
    """
    if reason not in SHORT_REASONS:
        raise Invalid("reason", f"the reason is one of {', '.join(SHORT_REASONS)}, not {reason}")
    repeated = moves.of_commands(tx, [command_id])
    if repeated:
        now = [a for a in bins.assignments_of(tx, [fulfillment_line_id]) if a.location_id != location_id]
        lacking = sum(move.qty for move in repeated)
        missing = max(0, lacking - sum(a.qty for a in now))
        return ShortOutcome(tuple(now), missing, (), sum(m.value_minor for m in repeated), is_repeat=True)
    rows = _waiting(tx, [fulfillment_line_id], "assigned", location_id)
    waiting = sum(row["qty"] for row in rows)
    if not 0 <= found_qty < waiting:
        raise Invalid("found_qty", f"{waiting} units are to be picked there: found must be from 0 to {waiting - 1}")
    lacking, variant_id = waiting - found_qty, rows[0]["variant_id"]
    changes, by_lot = store.Changes(tx), dict[str | None, int]()
    portions = _portions(rows, lacking)
    for row, qty in portions:
        by_lot[row["lot_id"]] = by_lot.get(row["lot_id"], 0) + qty
    lost = [changes.part(row, qty, status="firm", location_id=None, lot_id=None) for row, qty in portions]
    changes.flush()
    store.change_assigned(tx, {(variant_id, location_id, of or NO_LOT): -qty for of, qty in by_lot.items()})
    place = locations.load(tx, [location_id])[location_id]
    gone = [shortages.Leaving(variant_id, place, qty, of) for of, qty in by_lot.items()]
    room = shortages.make_room(tx, gone, SHORT_REASONS[reason])
    target = locations.places(tx, place.warehouse_id)["adjustment" if reason == "missing" else "quarantine"]
    drafts = [
        MoveDraft(
            variant_id, qty, location_id, target.id, "adjust" if reason == "missing" else "quarantine",
            SHORT_REASONS[reason], "fulfillment_line", fulfillment_line_id, command_id, number, fulfillment_line_id,
            lot_id=of,
        )
        for number, (of, qty) in enumerate(by_lot.items())
    ]  # fmt: skip
    posted = moves.post(tx, drafts)
    ids = tuple(row["id"] for row in lost)
    placed = shortages.find_other_bins(tx, shortages.Room((), tuple(dict.fromkeys((*ids, *room.unplaced)))))
    mine = tuple(a for a in placed if a.fulfillment_line_id == fulfillment_line_id)
    missing = max(0, lacking - sum(a.qty for a in mine))
    return ShortOutcome(mine, missing, room.displaced, sum(m.value_minor for m in posted))


def put_back(
    tx: Tx,
    fulfillment_line_ids: Sequence[str],
    command_id: str,
    *,
    reason: str = "fulfillment canceled",
    units: Mapping[str, int] | None = None,
) -> list[Move]:
    """Picked goods go from packing back to their bin (to receiving when it is not in use) and can be sold again.

    All picked units of the lines, or so many of each as `units` says. The reservations end as released. Idempotent by
    command.
    """
    why = check_reason(reason)
    repeated = moves.of_commands(tx, [command_id])
    if repeated:
        return repeated
    rows = _waiting(tx, fulfillment_line_ids, "picked", None)
    chosen: list[tuple[store.ReservationRow, int]] = []
    for line_id in dict.fromkeys(fulfillment_line_ids):
        mine = [row for row in rows if row["fulfillment_line_id"] == line_id]
        wanted = sum(row["qty"] for row in mine) if units is None else units.get(line_id, 0)
        chosen += _portions(mine, wanted)
    known = locations.load(tx, [row["location_id"] for row, _ in chosen])
    changes, drafts = store.Changes(tx), []
    by_warehouse: dict[str, dict[str, Location]] = {}
    for line_no, (row, qty) in enumerate(chosen):
        rooms = _rooms(tx, row["warehouse_id"], by_warehouse)
        home = known[row["location_id"]]
        target = home if home.status == "active" else rooms["receiving"]
        drafts.append(
            MoveDraft(row["variant_id"], qty, rooms["packing"].id, target.id, "unpick", why, "fulfillment_line",
                      row["fulfillment_line_id"], command_id, line_no, row["fulfillment_line_id"],
                      lot_id=row["lot_id"])
        )  # fmt: skip
        changes.part(row, qty, status="released", release_reason=why)
    posted = moves.post(tx, drafts)
    changes.flush()
    return posted


def ship(
    tx: Tx, lines: Sequence[ShipLine], warehouse_id: str, document_id: str, command_id: str
) -> list[CostedMove]:
    """Picked units leave the house: packing to customer, reservations consumed, each line at what its goods cost.

    Exactly the reservations of the fulfillment lines are consumed. Idempotent by command; raises `NotToBePicked` when
    fewer units were picked.
    """
    return ship_many(tx, [Leaving(tuple(lines), warehouse_id, document_id, command_id)])[0]


def ship_many(tx: Tx, loads: Sequence[Leaving]) -> list[list[CostedMove]]:
    """Several documents of goods that leave, each under its command. See `ship`; the moves of each, in their order."""
    for line in (line for load in loads for line in load.lines):
        check_units(line.qty)
    posted: dict[str, list[Move]] = {}
    for move in moves.of_commands(tx, [load.command_id for load in loads]):
        posted.setdefault(move.command_id, []).append(move)
    fresh = [load for load in loads if load.command_id not in posted]
    if fresh:
        lines = [line for load in fresh for line in load.lines]
        rows = _waiting(tx, [line.fulfillment_line_id for line in lines], "picked", None)
        changes, drafts = store.Changes(tx), list[MoveDraft]()
        by_line = _by_line(rows)
        rooms: dict[str, dict[str, Location]] = {}
        for load in fresh:
            drafts += _out(load, _rooms(tx, load.warehouse_id, rooms), by_line, changes)
        for move in moves.post(tx, drafts):
            posted.setdefault(move.command_id, []).append(move)
        changes.flush()
    return [_costed(load, posted.get(load.command_id, [])) for load in loads]


def _out(
    load: Leaving, rooms: Mapping[str, Location], by_line: Mapping[str, _Rows], changes: store.Changes
) -> list[MoveDraft]:
    """Consume the reservations of a load; the moves that carry its goods to the customer."""
    drafts: list[MoveDraft] = []
    for line in load.lines:
        mine = [row for row in by_line.get(line.fulfillment_line_id, []) if row["status"] == "picked"]
        units: dict[str | None, int] = {}
        for row, qty in _portions(mine, line.qty):
            changes.part(row, qty, status="consumed")
            units[row["lot_id"]] = units.get(row["lot_id"], 0) + qty
        for of, qty in units.items():
            drafts.append(
                MoveDraft(line.variant_id, qty, rooms["packing"].id, rooms["customer"].id, "ship", "sold", "shipment",
                          load.document_id, load.command_id, len(drafts), line.fulfillment_line_id, lot_id=of)
            )  # fmt: skip
    return drafts


def _costed(load: Leaving, posted: Sequence[Move]) -> list[CostedMove]:
    order_lines = {line.fulfillment_line_id: line.order_line_id for line in load.lines}
    return [CostedMove(order_lines.get(m.line_id or "", ""), m.variant_id, m.qty, m.value_minor) for m in posted]


def _carry(tx: Tx, requests: Sequence[PickRequest], before: str, after: str, *, back: bool) -> list[Move]:
    """Between bin and packing, one move per request, or as many as its units are of different lots."""
    for request in requests:
        check_units(request.qty)
    known: dict[str, list[Move]] = {}
    for move in moves.of_commands(tx, [request.command_id for request in requests]):
        known.setdefault(move.command_id, []).append(move)
    fresh = list({r.command_id: r for r in requests if r.command_id not in known}.values())
    rows = _waiting(tx, [request.fulfillment_line_id for request in fresh], before, None) if fresh else []
    changes, drafts = store.Changes(tx), []
    reserved: dict[store.Key, int] = {}
    assigned: dict[store.BalanceKey, int] = {}
    rooms: dict[str, dict[str, Location]] = {}
    by_line = _by_line(rows)
    for request in fresh:
        mine = [r for r in by_line.get(request.fulfillment_line_id, [])
                if (r["location_id"], r["status"]) == (request.location_id, before)
                and request.lot_id in (None, r["lot_id"])]  # fmt: skip
        units: dict[str | None, int] = {}
        for row, qty in _portions(mine, request.qty):
            part = changes.part(row, qty, status=after)
            sign = qty if back else -qty
            at, key = store.lot_key(row), (row["variant_id"], row["warehouse_id"])
            assigned[at], reserved[key] = assigned.get(at, 0) + sign, reserved.get(key, 0) + sign
            units[row["lot_id"]] = units.get(row["lot_id"], 0) + qty
            if part is not row:
                by_line[request.fulfillment_line_id].append(part)
        packing = _rooms(tx, mine[0]["warehouse_id"], rooms)["packing"].id
        origin, target = (packing, request.location_id) if back else (request.location_id, packing)
        kind, why = ("unpick", "pick undone") if back else ("pick", "picked for an order")
        drafts += [
            MoveDraft(mine[0]["variant_id"], qty, origin, target, kind, why, "fulfillment_line",
                      request.fulfillment_line_id, request.command_id, number, request.fulfillment_line_id, lot_id=of)
            for number, (of, qty) in enumerate(units.items())
        ]  # fmt: skip
    if back:
        _refuse_unsold(tx, drafts)
    for move in moves.post(tx, drafts, reserved=reserved, assigned=assigned) if drafts else []:
        known.setdefault(move.command_id, []).append(move)
    changes.flush()
    return [move for request in requests for move in known[request.command_id]]


def _refuse_unsold(tx: Tx, drafts: Sequence[MoveDraft]) -> None:
    """Units whose lot is not good any more cannot lie in their bin and still be promised."""
    withheld = lots.withheld(tx, {draft.lot_id: draft.variant_id for draft in drafts if draft.lot_id is not None})
    if withheld:
        one = lots.load(tx, sorted(withheld)[:1])[min(withheld)]
        raise LotNotGood(f"lot {one.code} is {one.status} now ({one.status_reason}); leave it at the pack station")


def _by_line(rows: _Rows) -> dict[str, _Rows]:
    """Reservations by fulfillment line: a parcel may have hundreds."""
    found: dict[str, _Rows] = {}
    for row in rows:
        found.setdefault(row["fulfillment_line_id"], []).append(row)
    return found


def _rooms(
    tx: Tx, warehouse_id: str, known: dict[str, dict[str, Location]]
) -> dict[str, Location]:
    """The places of a warehouse, read once per command."""
    if warehouse_id not in known:
        known[warehouse_id] = locations.places(tx, warehouse_id)
    return known[warehouse_id]


def _waiting(tx: Tx, fulfillment_line_ids: Sequence[str], status: str, location_id: str | None) -> _Rows:
    """The lines' reservations in a status, their stock locked."""
    where = [among(reservation.c.fulfillment_line_id, set(fulfillment_line_ids)), reservation.c.status == status]
    if location_id is not None:
        where.append(reservation.c.location_id == location_id)
    rows = store.locked_reservations(tx, and_(*where))
    if not rows and location_id is not None:
        raise NotToBePicked("nothing is to be picked for this line at this bin")
    return rows


def _portions(rows: Sequence[store.ReservationRow], qty: int) -> list[tuple[store.ReservationRow, int]]:
    """`qty` units out of these reservations, oldest first; `NotToBePicked` when they have fewer."""
    there = sum(row["qty"] for row in rows)
    if there < qty:
        raise NotToBePicked(f"{qty} units were asked for, and {there} of this line are waiting here")
    parts = []
    for row in rows:
        units = min(qty, row["qty"])
        if units:
            parts.append((row, units))
            qty -= units
    return parts
