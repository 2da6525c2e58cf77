"""Goods between two warehouses: somebody loads what stands in one, drives, and not all of it arrives in the other.

A play whose dice say so has a second warehouse, opened by its first lorry. Orders come from either house then, and the
pickers walk in both. Units fall off, break, or were never loaded; now and then one too many is on the pallet. Whoever
unloads tells of each unit what became of it, and presses twice when in doubt.
"""

from typing import Any

from sqlalchemy import select

from storekeep.flows import receive, transfers
from storekeep.kernel.clock import HOUR
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.inventory import crossing, locations, origins, putaway, queries, warehouses
from storekeep.shop.inventory.crossing import Source
from storekeep.shop.inventory.model import PutawayLine
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.inventory.sourcing import RULES
from storekeep.shop.inventory.tables import location, stock_balance
from storekeep.shop.reports import console_floor
from storekeep.shop.transfers import queries as papers
from storekeep.shop.transfers.model import Arrived, Fate, Loaded, Want
from storekeep.shop.transfers.states import AT_SENDER
from storekeep.shop.transfers.tables import transfer
from storekeep.world.simulator.play import Life

CODE, BINS, LINES = "NORTH", 12, 6
WHO = "hand"
#: Longer than a lorry takes, and what of a shelf it takes along at the most: a third.
ROAD, SHARE = 6 * HOUR, 3
WHY = ("fell off the pallet", "the count at the gate was wrong", "wet boxes")


class Lorry:
    """Who drives between the houses."""

    def drive(self, life: Life) -> None:
        """Bring what was left standing to its end, then carry something over, in the direction that the dice say."""
        if not life.chance(life.play.trouble.lorry_goes):
            return
        houses = life.read(lambda tx: [row.id for row in queries.warehouses(tx)])
        if len(houses) < 2:
            life.write("owner", _open)
            life.note("warehouses opened")
            houses = life.read(lambda tx: [row.id for row in queries.warehouses(tx)])
        self._change_rule(life)
        for row in life.read(_under_way):
            self._attempt(life, row.id, row.status)
        start, end = houses[:2] if life.rng.random() < 0.7 else houses[1::-1]
        self._carry(life, start, end)
        command = f"{life.name} away {life.now}"
        life.write(WHO, lambda tx: _put_away(tx, command))

    def _change_rule(self, life: Life) -> None:
        if life.rng.randrange(4) == 0:
            rule = life.rng.choice(RULES)
            life.write("owner", lambda tx: origins.save_rule(tx, rule))

    def _carry(self, life: Life, start: str, end: str) -> None:
        found = life.read(lambda tx: _free(tx, start))
        if not found:
            return
        chosen = [life.rng.choice(found) for _ in range(LINES)]
        goods = list({(one.variant_id, one.location_id, one.lot_id): one for one in chosen}.values())
        wants = {one.variant_id: max(1, one.free // SHARE) for one in goods}
        command = f"{life.name} {life.now}"
        lines = [Want(variant_id, units) for variant_id, units in wants.items()]
        transfer_id = life.write(WHO, lambda tx: transfers.draft(tx, start, end, "", command, lines))
        life.note("transfers written")
        for n, one in enumerate(goods):
            what = Loaded(one.variant_id, life.rng.randint(1, max(1, one.free // SHARE)), one.location_id, one.lot_id)
            self._load(life, transfer_id, what, f"{command} load {n}")
        self._attempt(life, transfer_id, "loading")

    def _load(self, life: Life, transfer_id: str, what: Loaded, command: str) -> None:
        times = 2 if life.chance(life.play.trouble.mis_scan) else 1
        for _ in range(times):
            try:
                life.write(WHO, lambda tx: transfers.load(tx, transfer_id, [what], command))
            except StorekeepError as refusal:
                life.note(f"not loaded: {type(refusal).__name__}")

    def _attempt(self, life: Life, transfer_id: str, status: str) -> None:
        """On with it from where it is; what cannot leave is called off."""
        try:
            if status in AT_SENDER:
                if not life.read(lambda tx: any(line.sent for line in papers.lines_of(tx, transfer_id))):
                    life.write(WHO, lambda tx: transfers.cancel(tx, transfer_id, "nothing to send", transfer_id))
                    life.note("transfers called off")
                    return
                life.write(WHO, lambda tx: transfers.depart(tx, transfer_id))
            life.dawdle(ROAD)
            self._unload(life, transfer_id)
        except StorekeepError as refusal:
            life.note(f"transfer not ended: {type(refusal).__name__}")

    def _unload(self, life: Life, transfer_id: str) -> None:
        """Count what is there; what the dice took on the way is lost, or was never sent."""
        trouble, command = life.play.trouble, f"{life.name} off {transfer_id} {life.now}"
        row = life.read(lambda tx: papers.load(tx, transfer_id))
        if row.status not in ("sent", "part_received"):
            return
        parts = life.read(lambda tx: _parts(tx, row))
        for n, part in enumerate(parts):
            lost = life.rng.randint(1, part.qty) if life.chance(trouble.lorry_loses) else 0
            broken = life.rng.randint(0, part.qty - lost) if life.chance(trouble.lorry_breaks) else 0
            more = 1 if life.chance(trouble.lorry_brings_more) and not part.lot_id else 0
            if lost:
                life.note("fault: units lost on the way", lost)
            self._arrive(life, transfer_id, part, part.qty - lost - broken, more, f"{command} {n}")
            if broken:
                life.note("fault: units broken on the way", broken)
                what = Arrived(part.variant_id, broken, True, None, part.lot_id, life.rng.choice(WHY))
                self._tell(life, transfer_id, what, f"{command} {n} bad")
        lines = life.read(lambda tx: papers.lines_of(tx, transfer_id))
        fates = [
            Fate(line.id, life.rng.choice(("lost", "lost", "returned")), life.rng.choice(WHY))
            for line in lines
            if line.on_the_way
        ]
        for _ in range(2 if life.chance(trouble.double_click) else 1):
            life.write(WHO, lambda tx: transfers.finish(tx, transfer_id, fates, f"{command} end"))
        life.note("transfers ended")

    def _arrive(self, life: Life, transfer_id: str, part: Any, units: int, more: int, command: str) -> None:
        if units + more == 0:
            return
        if more:
            life.note("fault: more than was sent")
        what = Arrived(part.variant_id, units + more, False, None, part.lot_id, "one too many" if more else "")
        self._tell(life, transfer_id, what, command)

    def _tell(self, life: Life, transfer_id: str, what: Arrived, command: str) -> None:
        for _ in range(2 if life.chance(life.play.trouble.double_click) else 1):
            life.write(WHO, lambda tx: transfers.arrive(tx, transfer_id, what, command))


def _open(tx: Tx) -> None:
    if len(queries.warehouses(tx)) < 2:
        house = warehouses.add(tx, WarehouseDraft(CODE, "North", "Europe/Berlin", "DE", "24103", cutoff_hour=12))
        locations.add_bins(tx, house, [BinDraft(f"N-{n:02}", n) for n in range(1, BINS + 1)])
        origins.save_cost(tx, house, origins.ParcelCost(390, 1290))


def _under_way(tx: Tx) -> Any:
    t = transfer.c
    query = select(t.id, t.status).where(t.status.in_(("draft", "loading", "sent", "part_received")))
    return tx.rows(query.order_by(t.id).limit(5))


def _free(tx: Tx, house: str) -> list[Source]:
    """Where more than a few units stand in a house, by their key."""
    b, at = stock_balance.c, location.c
    query = (
        select(b.variant_id)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(at.warehouse_id == house, at.kind == "bin", at.status == "active", b.qty - b.assigned > SHARE)
        .distinct()
        .order_by(b.variant_id)
    )
    found = crossing.sources(tx, house, [row.variant_id for row in tx.rows(query)])
    return [one for key in sorted(found) for one in found[key] if one.free > SHARE]


def _parts(tx: Tx, row: Any) -> list[crossing.OnTheWay]:
    transit = locations.places(tx, row.to_warehouse_id)["transit"].id
    return sorted(crossing.on_the_way(tx, row.id, transit), key=lambda part: (part.line_id, part.lot_id or ""))


def _put_away(tx: Tx, command: str) -> None:
    """What came by lorry goes to the bins that are proposed for it."""
    by_house: dict[str, list[Any]] = {}
    for row in console_floor.to_put_away(tx, limit=50):
        by_house.setdefault(row.warehouse_id, []).append(row)
    for house, rows in sorted(by_house.items()):
        bins = putaway.suggest(tx, house, [row.variant_id for row in rows], {row.variant_id: row.qty for row in rows})
        lines = [
            PutawayLine(row.variant_id, row.qty, bins[row.variant_id].id, row.location_id, row.lot_id)
            for row in rows
            if row.variant_id in bins
        ]
        if lines:
            receive.put_away(tx, lines, house, f"{command} {house}")
