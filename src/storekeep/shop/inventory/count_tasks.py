"""Tasks of counting: which place is counted and why, line by line, and whose turn it is.

A line is one variant in one place, and one lot of it where it has lots: what differs is a lot's, and stays with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update

from storekeep.kernel import lifecycle, numbers, prepared
from storekeep.kernel.bulk import among, insert_statement
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.shop.inventory import locations, lots, store
from storekeep.shop.inventory.lots import Lot, NewLot
from storekeep.shop.inventory.model import NO_LOT, check_reason
from storekeep.shop.inventory.states import COUNT_LINE, COUNT_LIVE, COUNT_TASK, COUNT_TASK_LIVE
from storekeep.shop.inventory.tables import COUNT_KINDS, count_line, count_task, stock_balance

Line = Row[Any]
#: The kinds of place in which people count.
PLACES = frozenset({"bin", "receiving", "quarantine"})


#: A variant, and one of its lots where it has lots.
Goods = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A place to count: everything that the books have there, and these variants and lots even if they have none.

    Not `is_whole`: these alone. Of a variant that is named and tracks lots, those of its lots are counted that lie
    there, and the one that came or went last.
    """

    location_id: str
    kind: str
    reason: str
    scope: str = ""
    variant_ids: tuple[str, ...] = ()
    is_blind: bool = True
    is_whole: bool = True
    lot_ids: tuple[str, ...] = ()


def open_tasks(tx: Tx, drafts: Sequence[TaskDraft], *, must: bool = True) -> list[str]:
    """Open a task per draft; returns their ids in order, None of them twice.

    Unless it `must` be, a draft of nothing is left out. What waits for a count already is not asked for again: a draft
    of which nothing is left returns the task that has it. Raises `Invalid` for a place that is not counted, or where
    there is nothing to count.
    """
    places = locations.load(tx, [draft.location_id for draft in drafts])
    for draft in drafts:
        if draft.kind not in COUNT_KINDS:
            raise Invalid("kind", f"a count is one of {', '.join(COUNT_KINDS)}")
        if places[draft.location_id].kind not in PLACES:
            raise Invalid("location", f"{places[draft.location_id].code} is not a place that is counted")
        check_reason(draft.reason)
    wanted = _wanted(tx, drafts)
    if not must:
        pairs = [pair for pair in zip(drafts, wanted, strict=True) if pair[1]]
        drafts, wanted = [draft for draft, _ in pairs], [goods for _, goods in pairs]
    for draft, goods in zip(drafts, wanted, strict=True):
        if not goods:
            code = places[draft.location_id].code
            raise Invalid("location", f"the books have nothing in {code}; open the count from the goods that lie there")
    if not drafts:
        return []
    fresh = numbers.take(tx, "count", len(drafts))
    tasks = [
        {"id": tx.new_id(), "number": number, "warehouse_id": places[draft.location_id].warehouse_id,
         "location_id": draft.location_id, "kind": draft.kind, "scope": draft.scope, "reason": draft.reason.strip(),
         "is_blind": draft.is_blind, "status": COUNT_TASK.initial, "opened_by": tx.actor, "opened_at": tx.now,
         "claimed_by": None, "claimed_at": None, "closed_at": None}
        for draft, number in zip(drafts, fresh, strict=True)
    ]  # fmt: skip
    tx.insert_many(count_task, tasks)
    asked = zip(tasks, drafts, wanted, strict=True)
    made = _insert_lines(
        tx, [(str(task["id"]), draft.location_id, one) for task, draft, goods in asked for one in goods]
    )
    kept = [str(task["id"]) for task in tasks if task["id"] in made]
    tx.run(delete(count_task).where(among(count_task.c.id, {str(task["id"]) for task in tasks} - made)))
    lifecycle.begin(tx, COUNT_TASK, kept)
    waiting = _waiting_at(tx, [draft.location_id for draft in drafts])
    return list(dict.fromkeys(str(task["id"]) if task["id"] in made else waiting[draft.location_id]
                              for task, draft in zip(tasks, drafts, strict=True)))  # fmt: skip


def _wanted(tx: Tx, drafts: Sequence[TaskDraft]) -> list[list[Goods]]:
    """What to count for each draft."""
    named = {each for draft in drafts for each in draft.variant_ids}
    by_lot = lots.tracked(tx, named)
    known = lots.load(tx, [each for draft in drafts for each in draft.lot_ids])
    b = stock_balance.c
    query = select(b.location_id, b.variant_id, b.lot_id, b.qty).where(
        among(b.location_id, {draft.location_id for draft in drafts}), or_(b.qty > 0, among(b.variant_id, by_lot))
    )
    there: dict[str, dict[str, list[tuple[str | None, int]]]] = {}
    for row in tx.rows(query.order_by(b.last_seq)):
        lot_id = None if row.lot_id == NO_LOT else row.lot_id
        there.setdefault(row.location_id, {}).setdefault(row.variant_id, []).append((lot_id, row.qty))
    found = []
    for draft in drafts:
        here = there.get(draft.location_id, {})
        goods: set[Goods] = {(known[each].variant_id, each) for each in draft.lot_ids}
        lying: list[str | None]
        for variant_id in {*(here if draft.is_whole else ()), *draft.variant_ids}:
            lying = [lot_id for lot_id, qty in here.get(variant_id, ()) if qty > 0]
            if variant_id in by_lot and variant_id in draft.variant_ids:
                lying += [lot_id for lot_id, _ in here.get(variant_id, ()) if lot_id][-1:]
            elif not lying and variant_id in draft.variant_ids:
                lying = [None]
            goods |= {(variant_id, lot_id) for lot_id in lying}
        found.append(sorted(goods, key=lambda each: (each[0], each[1] or "")))
    return found


def _insert_lines(tx: Tx, keys: Iterable[tuple[str, str, Goods]]) -> set[str]:
    """Lines for (task, place, goods) that nobody counts yet; returns the tasks that got some."""
    nothing = dict.fromkeys(
        ("at_seq", "variance", "value_minor", "at_seq_1", "counted_1", "variance_1", "counter_1", "counted_1_at",
         "counted_2", "counter_2", "counted_2_at", "reason", "approver", "settled_at", "move_id")
    )  # fmt: skip
    rows = [
        {"id": tx.new_id(), "task_id": task, "location_id": place, "variant_id": variant_id, "lot_id": lot_id,
         "status": COUNT_LINE.initial, **nothing}
        for task, place, (variant_id, lot_id) in sorted(keys, key=lambda key: (key[1], key[2][0], key[2][1] or ""))
    ]  # fmt: skip
    if not rows:
        return set()
    statement, shape = insert_statement(count_line, tuple(rows[0]), tx.dialect)
    tx.conn.exec_driver_sql(f"{statement} ON CONFLICT DO NOTHING", shape(rows))
    query = select(count_line.c.id, count_line.c.task_id).where(among(count_line.c.id, [row["id"] for row in rows]))
    found = tx.rows(query.order_by(count_line.c.id))
    lifecycle.begin(tx, COUNT_LINE, [row.id for row in found])
    return {row.task_id for row in found}


def _waiting_at(tx: Tx, location_ids: Sequence[str]) -> dict[str, str]:
    t = count_task.c
    query = select(t.location_id, t.id).where(among(t.location_id, set(location_ids)), t.status.in_(COUNT_TASK_LIVE))
    return {row.location_id: row.id for row in tx.rows(query.order_by(t.id))}


def add_goods(tx: Tx, task_id: str, variant_id: str, lot_id: str | None = None) -> str:
    """Something lies there that the books do not have there: a line for it. Returns the line; it may be there already.

    Goods that are told apart by lot need theirs. Raises `Conflict` when the task is past counting.
    """
    task = _still_open(tx, task_id)
    sku, by_lot = store.skus(tx, [variant_id])[variant_id], bool(lots.tracked(tx, [variant_id]))
    if by_lot is (lot_id is None):
        wanted = "is told apart by lot; say which one lies there" if by_lot else "is not told apart by lot"
        raise Invalid("lot", f"{sku} {wanted}")
    if lot_id is not None:
        lots.withheld(tx, {lot_id: variant_id})
    _insert_lines(tx, [(task_id, task.location_id, (variant_id, lot_id))])
    c = count_line.c
    query = select(c.id, c.task_id).where(
        c.location_id == task.location_id, c.variant_id == variant_id, c.status.in_(COUNT_LIVE),
        c.lot_id.is_(None) if lot_id is None else c.lot_id == lot_id,
    )  # fmt: skip
    row = tx.first(query)
    if row is None or row.task_id != task_id:
        raise Conflict("another count of this place asks for it already")
    return str(row.id)


def find_lot(tx: Tx, task_id: str, variant_id: str, code: str, expires_on: str | None) -> Lot:
    """The lot that stands on goods at a place that is counted; see `lots.found` for one that nobody has booked in."""
    task = _still_open(tx, task_id)
    return lots.found(tx, NewLot(variant_id, code, expires_on), task.warehouse_id)


def _still_open(tx: Tx, task_id: str) -> Line:
    task = lock_tasks(tx, [task_id])[task_id]
    if task.status != "open":
        raise Conflict(f"count {task.number} is {COUNT_TASK.labels[task.status].text.lower()}; open a new one")
    return task


def lock_tasks(tx: Tx, task_ids: Sequence[str]) -> dict[str, Line]:
    """These tasks, locked in the order of their ids; `NotFound` names the first that does not exist."""
    return _found(tx.rows(prepared.rows_of(count_task, "id", lock=True), {"wanted": sorted(set(task_ids))}), task_ids)


def lock_lines(tx: Tx, line_ids: Sequence[str]) -> dict[str, Line]:
    """These lines, locked in the order of their ids; `NotFound` names the first that does not exist."""
    return _found(tx.rows(prepared.rows_of(count_line, "id", lock=True), {"wanted": sorted(set(line_ids))}), line_ids)


def _found(rows: Sequence[Line], wanted: Sequence[str]) -> dict[str, Line]:
    found = {row.id: row for row in rows}
    for name in wanted:
        if name not in found:
            raise NotFound(f"there is no count {name}")
    return found


def claim(tx: Tx, task_ids: Sequence[str], who: str) -> None:
    """Somebody goes to count these. Raises `Conflict` when somebody else has one, or when nothing is left to count."""
    for task in lock_tasks(tx, task_ids).values():
        if task.status not in ("open", "recount"):
            raise Conflict(f"count {task.number}: {COUNT_TASK.labels[task.status].text.lower()}")
        if task.claimed_by not in (None, who):
            raise Conflict(f"somebody else counts {task.number} now")
    claimed = {"claimed_by": who, "claimed_at": tx.now}
    tx.run(update(count_task).where(among(count_task.c.id, task_ids)).values(**claimed))


def give_back(tx: Tx, task_id: str) -> None:
    """Nobody goes there now; what was counted stays counted."""
    lock_tasks(tx, [task_id])
    tx.run(update(count_task).where(count_task.c.id == task_id).values(claimed_by=None, claimed_at=None))


def call_off(tx: Tx, task_id: str, reason: str) -> None:
    """What nobody has counted yet is not counted any more. Raises `Conflict` when everything was."""
    task = lock_tasks(tx, [task_id])[task_id]
    c = count_line.c
    left = [row.id for row in tx.rows(select(c.id).where(c.task_id == task_id, c.status == "open"))]
    if not left:
        raise Conflict(f"count {task.number} has nothing left that could be called off")
    sets = {"settled_at": tx.now, "reason": check_reason(reason)}
    lifecycle.advance(tx, COUNT_LINE, count_line, left, "canceled", sets=sets)
    follow(tx, [task_id])


def follow(tx: Tx, task_ids: Sequence[str]) -> None:
    """Bring tasks to where their lines are; one that goes on to another person or is over is nobody's."""
    tasks, c = lock_tasks(tx, task_ids), count_line.c
    found: dict[str, set[str]] = {}
    for row in tx.rows(select(c.task_id, c.status).where(among(c.task_id, list(tasks))).distinct()):
        found.setdefault(row.task_id, set()).add(row.status)
    going: dict[str, list[str]] = {}
    for task in tasks.values():
        to = _stage(found.get(task.id, set()))
        if to != task.status:
            going.setdefault(to, []).append(task.id)
    for to, ids in sorted(going.items()):
        closed = tx.now if to in ("done", "canceled") else None
        sets = {"closed_at": closed, "claimed_by": None, "claimed_at": None}
        lifecycle.advance(tx, COUNT_TASK, count_task, ids, to, sets=sets)


def _stage(statuses: set[str]) -> str:
    for status in ("open", "recount", "review"):
        if status in statuses:
            return status
    return "canceled" if statuses <= {"canceled"} else "done"


def next_due(tx: Tx, who: str, limit: int) -> list[str]:
    """What this person should count next: their own first, then suspicion before the calendar, the oldest first.

    A second count is offered only to somebody who did not make the first one of any line of it.
    """
    t, c = count_task.c, count_line.c
    mine_before = select(c.id).where(c.task_id == t.id, c.status == "recount", c.counter_1 == who).exists()
    waits = or_(t.status == "open", and_(t.status == "recount", ~mine_before))
    query = (
        select(t.id, t.kind, t.claimed_by, t.opened_at)
        .where(waits, or_(t.claimed_by.is_(None), t.claimed_by == who))
        .order_by(t.claimed_by.is_(None), t.kind.in_(("cycle", "full")), t.opened_at, t.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [row.id for row in tx.rows(query)]
