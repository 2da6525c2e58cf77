"""Warehouse hands: they claim work, walk and scan, miss and run short, pack, and hand over to carriers."""

from collections.abc import Sequence

from sqlalchemy import select

from storekeep.flows import dispatch, floor, packing, shortage
from storekeep.flows.floor import Claimed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.model import Scanned, Stop
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory.queries import availability_of
from storekeep.world.simulator.cast import carts
from storekeep.world.simulator.play import Life

#: How many times as often units are missing when they are the last that are not promised to others.
LAST_ONES = 10


def pick(life: Life) -> None:
    """Take the next orders, walk their bins and scan everything, now and then the wrong thing first.

    About every second time it is a cart with many orders, when there are any to be picked together.
    """
    if life.chance(0.5) and carts.walk(life):
        return
    trouble, batch = life.play.trouble, life.play.rhythm.pick_batch
    if life.chance(trouble.short_round):
        batch = life.rng.randint(1, batch)  # now and then all alone, but never so that two pickers cannot keep up

    def claim(tx: Tx) -> list[Claimed]:
        # Work taken before whose answer was lost is still ours, and comes first.
        f = fulfillment.c
        query = select(f.id).where(f.status == "picking", f.claimed_by.is_(None), ~batches.is_in_a_batch())
        query = query.order_by(f.number).limit(batch)
        mine = [row.id for row in tx.rows(query)]
        return floor.claim(tx, None, mine) if mine else floor.claim(tx, None, limit=batch)

    work = life.write("hand", claim)
    if not work:
        return
    skus = skus_of(life, work)
    free = life.read(lambda tx: availability_of(tx, list(skus)))
    easy = {}
    for each in work:
        last = min(each.stops, key=lambda stop: free[stop.variant_id].available, default=None)
        # That the books are wrong is noticed where nothing is left over.
        is_last = last is not None and free[last.variant_id].available <= 0
        short = trouble.short_pick * (LAST_ONES if is_last else 1)
        if life.chance(trouble.mis_scan + short + trouble.gives_up_work):
            _walk_with_trouble(life, each, skus, short, last)
        else:
            easy[each.fulfillment_id] = walk(life, each, skus)
    if easy:
        life.write("hand", lambda tx: floor.scan_many(tx, easy))
    life.note("picked", len(easy))


def skus_of(life: Life, work: Sequence[Claimed]) -> dict[str, str]:
    """What stands on the goods of these walks: variant -> SKU."""
    ids = sorted({stop.variant_id for each in work for stop in each.stops})
    query = select(variant.c.id, variant.c.sku).where(variant.c.id.in_(ids)).order_by(variant.c.id)
    return {row.id: row.sku for row in life.read(lambda tx: tx.rows(query))}


def walk(life: Life, work: Claimed, skus: dict[str, str]) -> list[Scanned]:
    """The scans of one walk. Another walk for the same work, because goods were taken out again, makes its own ids."""
    scans, path = [], f"{work.fulfillment_id} {life.now}"
    for n, stop in enumerate(work.stops):
        scans.append(Scanned(stop.location_code, f"{path} bin {n}"))
        scan_id = f"{path} pick {stop.line_id} {n}"
        if stop.lot_code:  # goods with lots are taken by their lot; what goods they are is scanned before
            scans.append(Scanned(skus[stop.variant_id], f"{scan_id} goods"))
        scans.append(Scanned(stop.lot_code or skus[stop.variant_id], scan_id, stop.qty))
    return scans


def _walk_with_trouble(life: Life, work: Claimed, skus: dict[str, str], short: float, last: Stop | None) -> None:
    """One of three troubles; `short` is the chance of units that are not there, which is noticed at the stop `last`."""
    trouble = life.play.trouble
    drawn = life.rng.random() * (trouble.mis_scan + short + trouble.gives_up_work)
    if drawn < trouble.mis_scan:
        life.note("fault: wrong thing scanned")
        _mis_scan(life, work, skus)
    elif drawn < trouble.mis_scan + short:
        life.note("fault: short pick")
        if last is not None:
            _run_short(life, work, last)
    else:
        life.note("fault: work given back")
        life.write("hand", lambda tx: floor.release_claim(tx, work.fulfillment_id))


def _mis_scan(life: Life, work: Claimed, skus: dict[str, str]) -> None:
    """The wrong thing first, each scan in a transaction of its own, one of them sent twice."""
    each = work.fulfillment_id
    life.write("hand", lambda tx: floor.scan(tx, each, "WRONG-THING", f"{each} miss"))
    for n, scan in enumerate(walk(life, work, skus)):

        def act(tx: Tx, scan: Scanned = scan) -> str:
            return floor.scan(tx, each, scan.code, scan.scan_id, scan.qty).kind

        said = life.write("hand", act)
        if n == 1:
            life.write("hand", act)
        if said == "stop":
            return
        life.dawdle(life.play.rhythm.think // 4)


def _run_short(life: Life, work: Claimed, stop: Stop) -> None:
    """Fewer units lie in a bin than the books say; some of what is there may be broken."""
    found = life.rng.randint(0, stop.qty - 1)
    reason = life.rng.choice(("missing", "missing", "damaged"))
    command = f"short {work.fulfillment_id} {stop.line_id} {life.now}"
    life.write(
        "hand",
        lambda tx: shortage.short(tx, stop.line_id, found, reason, command, location_id=stop.location_id),
    )


def pack(life: Life) -> None:
    """Pack what is picked: every unit over the scanner, then close the boxes."""
    rows = life.read(lambda tx: _picked(tx, life.play.rhythm.pack_batch))
    if not rows:
        return
    if life.chance(life.play.trouble.mis_scan):
        life.note("fault: wrong thing packed")
        life.write("hand", lambda tx: packing.scan(tx, rows[0], "WRONG-THING", f"{rows[0]} pack miss"))
    try:
        life.write("hand", lambda tx: _box(tx, life, rows))
        life.note("packed", len(rows))
    except StorekeepError:
        for each in rows:  # one of them was called off meanwhile; the others are packed alone
            try:
                life.write("hand", lambda tx, each=each: _box(tx, life, [each]))  # type: ignore[misc]
            except StorekeepError as refusal:
                life.note(f"not packed: {type(refusal).__name__}")


def _picked(tx: Tx, limit: int) -> list[str]:
    f = fulfillment.c
    query = select(f.id).where(f.status == "picked").order_by(f.promised_on, f.number).limit(limit)
    return [row.id for row in tx.rows(query)]


def _box(tx: Tx, life: Life, rows: Sequence[str]) -> None:
    line = fulfillment_line.c
    query = select(line.id, line.fulfillment_id, line.sku, line.picked, line.packed)
    scans: dict[str, list[Scanned]] = {each: [] for each in rows}
    for one in tx.rows(query.where(line.fulfillment_id.in_(rows), line.picked > line.packed).order_by(line.id)):
        scans[one.fulfillment_id].append(
            Scanned(one.sku, f"pack {one.id} {one.picked} {life.now}", one.picked - one.packed)
        )
    packing.scan_many(tx, {each: own for each, own in scans.items() if own})
    ready = _still_picked(tx, rows)
    if ready:
        packing.close_many(tx, dict.fromkeys(ready), carriers=life.play.carriers)


def _still_picked(tx: Tx, rows: Sequence[str]) -> list[str]:
    """Those of these fulfillments that are picked and not called off."""
    f = fulfillment.c
    query = select(f.id).where(f.id.in_(rows), f.status == "picked").order_by(f.number)
    return [row.id for row in tx.rows(query)]


def hand_over(life: Life) -> None:
    """The carriers' vans are here: everything that may leave does."""

    def ship(tx: Tx) -> int:
        ready = [waiting.fulfillment_id for load in dispatch.ready(tx) for waiting in load.ready]
        dispatch.ship(tx, ready[:200], f"van at {life.now}")
        return len(ready[:200])

    life.note("handed over", life.write("hand", ship))
