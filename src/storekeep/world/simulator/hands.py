"""Warehouse hands: they claim work, walk and scan, pack, hand over to carriers, and put deliveries on the shelf."""

from storekeep.flows import dispatch, floor, packing, receive
from storekeep.flows.floor import Claimed
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import queries
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import balances_of, to_reorder
from storekeep.shop.inventory.tables import location
from storekeep.world.simulator.actors import Stage

PICK_STATUSES = ("picked",)


def pick(stage: Stage) -> None:
    """Take the next order, walk its bins and scan everything, now and then the wrong thing first."""
    with stage.house.db.begin(actor="hand") as tx:
        claimed = floor.claim(tx, None)
    for work in claimed:
        _walk(stage, work)


def _walk(stage: Stage, work: Claimed) -> None:
    with stage.house.db.read() as tx:
        skus = {row.id: row.sku for row in tx.rows(variant.select().where(variant.c.id.in_(_variants(work))))}
    scans = 0
    for stop in work.stops:
        with stage.house.db.begin(actor="hand") as tx:
            for code, qty in ((stop.location_code, 1), (skus[stop.variant_id], stop.qty)):
                scans += 1
                if stage.rng.random() < 0.02:
                    floor.scan(tx, work.fulfillment_id, "WRONG-THING", f"{work.fulfillment_id} miss {scans}")
                answer = floor.scan(tx, work.fulfillment_id, code, f"{work.fulfillment_id} pick {scans}", qty)
                if answer.kind == "stop":
                    return


def _variants(work: Claimed) -> list[str]:
    return [stop.variant_id for stop in work.stops]


def pack(stage: Stage) -> None:
    """Pack what is picked: every unit over the scanner, then close the box."""
    with stage.house.db.read() as tx:
        waiting = queries.work_list(tx, PICK_STATUSES)
        rows = list(getattr(waiting, "rows", waiting))[:1]
        details = [queries.detail(tx, row.id) for row in rows]
    for found in details:
        with stage.house.db.begin(actor="hand") as tx:
            for n, line in enumerate(found.lines):
                if line.to_pack:
                    answer = packing.scan(tx, found.row.id, line.sku, f"{found.row.id} pack {n}", line.to_pack)
                    if answer.kind == "stop":
                        return
            packing.close(tx, found.row.id, carriers=stage.house.services.carriers)


def hand_over(stage: Stage) -> None:
    """The carriers' vans are here: everything that may leave does."""
    with stage.house.db.begin(actor="hand") as tx:
        ready = [waiting.fulfillment_id for load in dispatch.ready(tx) for waiting in load.ready]
        if ready:
            dispatch.ship(tx, ready[:50], f"van at {stage.now}")


def restock(stage: Stage) -> None:
    """A supplier's delivery: part of the reorder list arrives and goes to the shelf."""
    with stage.house.db.begin(actor="supplier") as tx:
        rows = to_reorder(tx, limit=200)
        chosen = stage.rng.sample(rows, min(len(rows), stage.rng.choice((1, 2, 3, 5))))
        lines = [ReceiveLine(row.variant_id, row.suggested, _cost(tx, row.variant_id), _bin(tx, row)) for row in chosen]
        if lines:
            receive.receive(tx, lines, chosen[0].warehouse_id, f"delivery at {stage.now}", "supplier delivery")


def _cost(tx: Tx, variant_id: str) -> int:
    return int(tx.scalar(variant.select().with_only_columns(variant.c.cost_minor).where(variant.c.id == variant_id)))


def _bin(tx: Tx, row: object) -> str | None:
    held = balances_of(tx, row.variant_id)  # type: ignore[attr-defined]
    for balance in held:
        if balance.is_sellable:
            return str(balance.location_id)
    free = location.select().where(location.c.kind == "bin", location.c.status == "active").limit(1)
    found = tx.first(free.order_by(location.c.walk_sequence))
    return None if found is None else str(found.id)
