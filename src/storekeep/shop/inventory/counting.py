"""Counting places: tasks and their lines, the stamp that a count gets, and what becomes of it.

A count says how many units lay in a place at one number of the warehouse's ledger (`at_seq`). What is posted is the
difference to the balance at that number, as a delta: moves before it are in the balance, moves after it stand on their
own, so nobody has to stop working. Lines are locked before stock, in the order of their ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update

from storekeep.kernel import lifecycle, numbers, prepared
from storekeep.kernel.bulk import among, insert_statement
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, IllegalMove, Invalid, NotFound
from storekeep.shop.inventory import correcting, locations, lots, store
from storekeep.shop.inventory.count_rules import (
    MOST_COUNTED,
    AnotherPerson,
    CountRules,
    MovedMeanwhile,
    Unlikely,
    after_first,
    after_second,
    is_unlikely,
)
from storekeep.shop.inventory.model import NO_LOT, check_reason
from storekeep.shop.inventory.states import COUNT_LINE, COUNT_LIVE, COUNT_TASK, COUNT_TASK_LIVE
from storekeep.shop.inventory.tables import COUNT_KINDS, count_line, count_task, stock_balance, stock_move, warehouse

Line = Row[Any]
#: The kinds of place in which people count.
PLACES = frozenset({"bin", "receiving", "quarantine"})


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A place to count: everything that the books have there, and these variants even if they have none.

    Not `is_whole`: these variants alone.
    """

    location_id: str
    kind: str
    reason: str
    scope: str = ""
    variant_ids: tuple[str, ...] = ()
    is_blind: bool = True
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody counted for a line. `seen_seq`: the ledger's number when they began; `is_sure`: asked already."""

    line_id: str
    units: int
    seen_seq: int | None = None
    is_sure: bool = False


def open_tasks(tx: Tx, drafts: Sequence[TaskDraft], *, must: bool = True) -> list[str]:
    """Open a task per draft; returns their ids in order, None of them twice.

    Goods told apart by lot are left out, corrected where they lie; so is, unless it `must` be, a draft of nothing.
    A variant and place that wait for a count already are not asked for again: a draft of which nothing is left returns
    the task that has them. Raises `Invalid` for a place that is not counted, or where there is nothing to count.
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
        drafts, wanted = [draft for draft, _ in pairs], [variants for _, variants in pairs]
    for draft, variants in zip(drafts, wanted, strict=True):
        if not variants:
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
        tx, [(str(task["id"]), draft.location_id, one) for task, draft, variants in asked for one in variants]
    )
    kept = [str(task["id"]) for task in tasks if task["id"] in made]
    tx.run(delete(count_task).where(among(count_task.c.id, {str(task["id"]) for task in tasks} - made)))
    lifecycle.begin(tx, COUNT_TASK, kept)
    waiting = _waiting_at(tx, [draft.location_id for draft in drafts])
    return list(dict.fromkeys(str(task["id"]) if task["id"] in made else waiting[draft.location_id]
                              for task, draft in zip(tasks, drafts, strict=True)))  # fmt: skip


def _wanted(tx: Tx, drafts: Sequence[TaskDraft]) -> list[list[str]]:
    """The variants to count for each draft, in a fixed order."""
    b = stock_balance.c
    query = select(b.location_id, b.variant_id).where(
        among(b.location_id, {draft.location_id for draft in drafts if draft.is_whole}), b.qty > 0, b.lot_id == NO_LOT
    )
    there: dict[str, set[str]] = {}
    for row in tx.rows(query):
        there.setdefault(row.location_id, set()).add(row.variant_id)
    by_lot = lots.tracked(tx, {each for draft in drafts for each in draft.variant_ids}.union(*there.values()))
    return [
        sorted({*(there.get(draft.location_id, ()) if draft.is_whole else ()), *draft.variant_ids} - by_lot)
        for draft in drafts
    ]


def _insert_lines(tx: Tx, keys: Iterable[tuple[str, str, str]]) -> set[str]:
    """Lines for (task, place, variant) that nobody counts yet; returns the tasks that got some."""
    nothing = dict.fromkeys(
        ("at_seq", "variance", "value_minor", "at_seq_1", "counted_1", "variance_1", "counter_1", "counted_1_at",
         "counted_2", "counter_2", "counted_2_at", "reason", "approver", "settled_at", "move_id")
    )  # fmt: skip
    rows = [
        {"id": tx.new_id(), "task_id": task, "location_id": place, "variant_id": variant_id,
         "status": COUNT_LINE.initial, **nothing}
        for task, place, variant_id in sorted(keys, key=lambda key: key[1:])
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


def add_variant(tx: Tx, task_id: str, variant_id: str) -> str:
    """Something lies there that the books do not have there: a line for it. Returns the line; it may be there already.

    Raises `Conflict` when the task is past counting.
    """
    task = lock_tasks(tx, [task_id])[task_id]
    if task.status != "open":
        raise Conflict(f"count {task.number} is {COUNT_TASK.labels[task.status].text.lower()}; open a new one")
    store.skus(tx, [variant_id])
    if lots.tracked(tx, [variant_id]):
        raise Invalid("code", "these goods have lots; count them lot by lot on their stock page")
    _insert_lines(tx, [(task_id, task.location_id, variant_id)])
    c = count_line.c
    query = select(c.id, c.task_id).where(
        c.location_id == task.location_id, c.variant_id == variant_id, c.status.in_(COUNT_LIVE)
    )
    row = tx.first(query)
    if row is None or row.task_id != task_id:
        raise Conflict("another count of this place asks for it already")
    return str(row.id)


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


# --- stamping ---------------------------------------------------------------------------------------------------------


def stamp(tx: Tx, entries: Sequence[Entry], rules: CountRules) -> list[str]:
    """Take counts: each is compared with the balance at the ledger's number of this moment, and the line moves on.

    Returns the status of each line: `posted` (the caller posts it with `settle` in this transaction), `recount` or
    `review`. Raises `Conflict` for a line that is not waiting for a count, `AnotherPerson` when its first counter would
    count it again, `MovedMeanwhile` when units moved there since `seen_seq`, `Unlikely` unless `is_sure`.
    """
    lines = lock_lines(tx, [entry.line_id for entry in entries])
    _check_entries(entries, lines, tx.actor)
    places = locations.load(tx, [line.location_id for line in lines.values()])
    homes = {place.id: place.warehouse_id for place in places.values()}
    keys = sorted({(line.variant_id, homes[line.location_id]) for line in lines.values()})
    store.ensure_availability(tx, keys)
    store.lock_stock(tx, [v for v, _ in keys])  # from here on nobody moves these variants
    there = store.lock_balances(tx, [(line.variant_id, line.location_id, NO_LOT) for line in lines.values()])
    at = {row.id: row.last_seq for row in tx.rows(select(warehouse.c.id, warehouse.c.last_seq))}
    _check_moved(tx, entries, lines)
    worth = correcting.worth_of(tx, keys)
    told, rows = [], []
    for entry in entries:
        line = lines[entry.line_id]
        home = homes[line.location_id]
        expected, given = there.get((line.variant_id, line.location_id, NO_LOT), (0, 0))
        if not entry.is_sure and is_unlikely(entry.units, expected):
            raise Unlikely(f"{entry.units:,} units are many more than expected")
        variance = entry.units - expected
        value = correcting.value_of(worth[line.variant_id, home], variance)
        is_first = line.status == "open"
        told.append(
            after_first(rules, variance, value, given > 0)
            if is_first
            else after_second(rules, variance, value, line.variance_1)
        )
        rows.append(_stamped(tx, line, entry.units, at[home], variance, value))
    store.update_many(tx, count_line, ("id",), _STAMP, rows)
    _advance_counted(tx, lines, dict(zip([entry.line_id for entry in entries], told, strict=True)))
    return told


_STAMP = ("at_seq", "variance", "value_minor", "at_seq_1", "counted_1", "variance_1", "counter_1", "counted_1_at",
          "counted_2", "counter_2", "counted_2_at")  # fmt: skip


def _stamped(tx: Tx, line: Line, units: int, seq: int, variance: int, value: int) -> dict[str, Any]:
    row = {name: getattr(line, name) for name in _STAMP}
    row |= {"id": line.id, "at_seq": seq, "variance": variance, "value_minor": value}
    if line.status == "open":
        return row | {"at_seq_1": seq, "counted_1": units, "variance_1": variance, "counter_1": tx.actor,
                      "counted_1_at": tx.now}  # fmt: skip
    return row | {"counted_2": units, "counter_2": tx.actor, "counted_2_at": tx.now}


def _check_entries(entries: Sequence[Entry], lines: Mapping[str, Line], who: str) -> None:
    if len(lines) != len(entries):
        raise Invalid("lines", "a line was counted twice in one go")
    for entry in entries:
        line = lines[entry.line_id]
        if isinstance(entry.units, bool) or not 0 <= entry.units <= MOST_COUNTED:
            raise Invalid("counted", "a count is a whole number of units, 0 or more")
        if line.status not in ("open", "recount"):
            raise Conflict(f"this was counted already: {COUNT_LINE.labels[line.status].text.lower()}")
        if line.status == "recount" and line.counter_1 == who:
            raise AnotherPerson("you counted this first; somebody else counts it again")


def _check_moved(tx: Tx, entries: Sequence[Entry], lines: Mapping[str, Line]) -> None:
    """Whoever counted while goods were carried to or from the place may have seen them or not."""
    seen = {entry.line_id: entry.seen_seq for entry in entries if entry.seen_seq is not None}
    if not seen:
        return
    m = stock_move.c
    query = select(m.variant_id, m.from_location_id, m.to_location_id, m.seq).where(
        among(m.variant_id, {lines[name].variant_id for name in seen}), m.seq > min(seen.values())
    )
    moved = tx.rows(query)
    for name, since in seen.items():
        line = lines[name]
        for row in moved:
            if row.seq > since and row.variant_id == line.variant_id and line.location_id in tuple(row)[1:3]:
                raise MovedMeanwhile("units were moved here while you counted; look again and count again")


def _advance_counted(tx: Tx, lines: Mapping[str, Line], told: Mapping[str, str]) -> None:
    """Every step has its line in the history, also those that take no time."""
    first = [name for name in told if lines[name].status == "open"]
    again = [name for name in told if lines[name].status == "recount"]
    lifecycle.advance(tx, COUNT_LINE, count_line, first, "counted")
    lifecycle.advance(tx, COUNT_LINE, count_line, [name for name in first if told[name] == "recount"], "recount")
    lifecycle.advance(tx, COUNT_LINE, count_line, again, "review")


# --- settling ---------------------------------------------------------------------------------------------------------


def settle(tx: Tx, line_ids: Sequence[str], reason: str, approver: str | None = None) -> correcting.Corrected:
    """Post counts: every difference becomes one move of that many units, whatever happened at the place meanwhile.

    Raises `NotEnoughStock` when more would go than the place holds by now, `IllegalMove`.
    """
    lines = lock_lines(tx, line_ids)
    for line in lines.values():
        if not COUNT_LINE.allows(line.status, "posted"):
            raise IllegalMove(COUNT_LINE.name, line.id, line.status, "posted")
    differing = [line for line in lines.values() if line.variance]
    done = correcting.correct(
        tx,
        [
            correcting.Correction(line.variant_id, line.location_id, line.variance, f"counted: {reason}",
                                  "count_line", line.id, f"count:{line.id}")
            for line in differing
        ],
    )  # fmt: skip
    sets = {"settled_at": tx.now, "approver": approver, "reason": reason}
    lifecycle.advance(tx, COUNT_LINE, count_line, line_ids, "posted", sets=sets)
    rows = [
        {"id": line.id, "move_id": move.id, "value_minor": value}
        for line, move, value in zip(differing, done.moves, done.values, strict=True)
    ]
    store.update_many(tx, count_line, ("id",), ("move_id", "value_minor"), rows)
    return done


def skip_recount(tx: Tx, line_ids: Sequence[str]) -> None:
    """Nobody else is there to count again: these lines wait for a decision on the one count they have."""
    waiting = [line.id for line in lock_lines(tx, line_ids).values() if line.status == "recount"]
    lifecycle.advance(tx, COUNT_LINE, count_line, waiting, "review")


def reject(tx: Tx, line_ids: Sequence[str], reason: str, approver: str) -> None:
    """The counts are not believed; the books stay. Raises `IllegalMove`."""
    sets = {"settled_at": tx.now, "approver": approver, "reason": check_reason(reason)}
    lifecycle.advance(tx, COUNT_LINE, count_line, line_ids, "rejected", sets=sets)


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
