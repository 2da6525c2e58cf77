"""Hands with a cart: batches are planned and walked, scans come twice, bins are short, carts are left standing."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from storekeep.flows import batch_pick, waves
from storekeep.flows.waves import Wish
from storekeep.kernel.clock import HOUR
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.cartround import ONE_TOTE, Task, tote_code
from storekeep.shop.fulfillment.model import Scanned
from storekeep.shop.fulfillment.tables import fulfillment, pick_batch
from storekeep.shop.inventory.queries import warehouses
from storekeep.world.simulator.play import Life

#: How often a walk is looked at anew before the cart is left to the next hand.
ROUNDS = 6
#: Hands that pick order by order have a small cart, too.
LEAST_TOTES = 4


def walk(life: Life) -> bool:
    """Pick one batch; False when nothing can be picked together now."""
    batch_id = life.write("hand", lambda tx: _take(tx, max(LEAST_TOTES, life.play.rhythm.pick_batch)))
    if batch_id is None:
        return False
    trouble = life.play.trouble
    if life.chance(trouble.mis_scan):
        life.note("fault: wrong thing scanned on a walk")
        life.write("hand", lambda tx: batch_pick.scan(tx, batch_id, "WRONG-THING", f"{batch_id} miss {life.now}"))
    if life.chance(trouble.gives_up_work):
        life.note("fault: walk ended early")
        _scan(life, batch_id, 0, share=2)
        _quietly(life, lambda tx: batch_pick.end(tx, batch_id))
        return True
    for n in range(ROUNDS):
        if life.chance(trouble.short_pick):
            life.note("fault: short pick on a walk")
            _run_short(life, batch_id, n)
        if life.chance(trouble.leaves_cart):
            life.note("fault: cart left standing")
            _scan(life, batch_id, n, share=2)
            return True
        if not _scan(life, batch_id, n):
            break
    life.note("batches walked")
    return True


def _take(tx: Tx, size: int) -> str | None:
    """The cart that was left standing, else the next released batch, else the most urgent one that can be made."""
    b = pick_batch.c
    left = tx.scalar(select(b.id).where(b.status == "in_progress", b.picker.is_(None)).order_by(b.number).limit(1))
    found = left or batches.next_released(tx)
    if found is None:
        planned = [row.id for row in tx.rows(select(b.id).where(b.status == "planned").order_by(b.number).limit(1))]
        made = waves.release(tx, planned or _plan(tx, size))
        found = made[0] if made else None
    if found is None:
        return None
    _late_order_joins(tx, found)
    return batch_pick.start(tx, None, found)


def _plan(tx: Tx, size: int) -> list[str]:
    """Two batches of the most urgent work, the second one for later."""
    for house in warehouses(tx):
        together = [each for each in waves.propose(tx, house.id, totes=size, limit=4 * size) if len(each.works) > 1]
        if together:
            wishes = [Wish(each.kind, tuple(work.fulfillment_id for work in each.works), tx.now + HOUR if n else None)
                      for n, each in enumerate(together[:2])]  # fmt: skip
            return waves.plan(tx, wishes)[:1]
    return []


def _late_order_joins(tx: Tx, batch_id: str) -> None:
    """Every third cart takes one more order, which came in since."""
    row = batches.lock(tx, [batch_id])[batch_id]
    f = fulfillment.c
    late = tx.scalar(
        select(f.id)
        .where(f.status == "open", f.warehouse_id == row.warehouse_id, ~batches.is_in_a_batch())
        .order_by(f.number.desc())
        .limit(1)
    )
    if late is not None and row.kind in waves.JOINABLE and row.number % 3 == 0:
        waves.join(tx, batch_id, late)


def _scan(life: Life, batch_id: str, n: int, *, share: int = 1) -> bool:
    """Walk what is left, or the first part of it; every seventh batch sends each scan twice. False when it is done."""

    def look(tx: Tx) -> tuple[str, int, list[Task], bool]:
        row = tx.rows(select(pick_batch).where(pick_batch.c.id == batch_id))[0]
        held = batch_pick.in_hand(tx, batch_id)[1] is not None
        return row.kind, row.number, batches.tasks_of(tx, [batch_id])[batch_id], held

    kind, number, tasks, held = life.read(look)
    if not tasks:  # done, or what is left has no bin: others look for it one by one
        _quietly(life, lambda tx: batch_pick.end(tx, batch_id))
        return False
    stamp = f"{batch_id} {life.name} {life.now} {n}"
    if held:
        _quietly(life, lambda tx: batch_pick.undo_last(tx, batch_id, f"{stamp} undo"))
    scans = _scans(kind, number, tasks[: -(-len(tasks) // share)], stamp)
    if number % 7 == 0:
        scans = [one for each in scans for one in (each, each)]
    said = life.write("hand", lambda tx: [one.kind for one in batch_pick.scan_all(tx, batch_id, scans)])
    return said[-1] != "done"


def _scans(kind: str, number: int, tasks: Sequence[Task], stamp: str) -> list[Scanned]:
    scans: list[Scanned] = []
    at = ""
    for n, task in enumerate(tasks):
        if task.location_id != at:
            at = task.location_id
            scans.append(Scanned(task.location_code, f"{stamp} bin {n}"))
        if task.lot_code:  # goods with lots are taken by their lot; what goods they are is scanned before
            scans.append(Scanned(task.sku, f"{stamp} goods {n}"))
        scans.append(Scanned(task.lot_code or task.sku, f"{stamp} item {n}", task.qty))
        if kind not in ONE_TOTE:
            scans.append(Scanned(tote_code(number, task.tote_no), f"{stamp} tote {n}"))
    return scans


def _run_short(life: Life, batch_id: str, n: int) -> None:
    """Fewer units lie in the next bin than all the totes need."""
    tasks = life.read(lambda tx: batches.tasks_of(tx, [batch_id])[batch_id])
    if not tasks:
        return
    first = tasks[0]
    wanted = sum(t.qty for t in tasks if (t.location_id, t.variant_id) == (first.location_id, first.variant_id))
    found, reason = life.rng.randint(0, wanted - 1), life.rng.choice(("missing", "missing", "damaged"))
    command = f"short {batch_id} {life.now} {n}"
    _quietly(
        life,
        lambda tx: batch_pick.short(tx, batch_id, first.location_id, first.variant_id, found, reason, command),
    )


def _quietly(life: Life, act: Callable[[Tx], object]) -> None:
    """Do it; that somebody was quicker is no news."""
    try:
        life.write("hand", act)
    except StorekeepError as refusal:
        life.note(f"refused on a walk: {type(refusal).__name__}")
