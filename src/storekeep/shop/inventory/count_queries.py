"""Reads about counting: what is due and why, how far a task is, and what a place held at any number of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Subquery, case, func, or_, select

from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.count_rules import CountRules
from storekeep.shop.inventory.states import COUNT_TASK_LIVE
from storekeep.shop.inventory.tables import (
    count_class,
    count_line,
    count_task,
    location,
    stock_balance,
    stock_move,
    warehouse,
)

#: A variant, a place, a lot (None: without one) and a number of the ledger.
KeyAt = tuple[str, str, str | None, int]
#: A loss found in one bin makes the other bins of the variant suspect for so long.
SUSPICION: Instant = 14 * DAY


@dataclass(frozen=True, slots=True)
class DueBin:
    """A place that should be counted: its class, when it was counted last (None: never), and for how long it is due.

    `suspect_of` is the variant of which fewer were found elsewhere since then. `late_bp`: 10,000 is just due.
    """

    location_id: str
    code: str
    grade: str
    counted_at: Instant | None
    late_bp: int
    suspect_of: str | None = None


def due_bins(tx: Tx, rules: CountRules, *, which: str = "", limit: int = 1_000_000) -> list[DueBin]:
    """Bins that are due or suspect and that nobody is asked to count: suspects first, then the latest ones.

    A bin is as precious as the best variant in it, by the classes of last night. One that was never counted is due.
    `which` is A, B or C (those on suspicion left out), `suspects`, or everything.
    """
    suspects = _suspects(tx)
    due = _due(tx, rules, suspects)
    query = select(due).order_by(due.c.is_calm, due.c.late.desc(), due.c.grade, due.c.code).limit(limit)
    if which:
        of_class = (due.c.is_calm == 1) & (due.c.grade == which)
        query = query.where(due.c.is_calm == 0 if which == "suspects" else of_class)
    return [
        DueBin(row.id, row.code, row.grade, row.counted_at, int(row.late), suspects.get(row.id))
        for row in tx.rows(query)
    ]


def due_counts(tx: Tx, rules: CountRules) -> dict[str, int]:
    """How many bins `due_bins` has of each class, and under `suspects`."""
    due = _due(tx, rules, _suspects(tx))
    found = dict.fromkeys(("A", "B", "C", "suspects"), 0)
    query = select(due.c.is_calm, due.c.grade, func.count()).group_by(due.c.is_calm, due.c.grade)
    for is_calm, grade, number in map(tuple, tx.rows(query)):
        found[grade if is_calm else "suspects"] += int(number)
    return found


def _due(tx: Tx, rules: CountRules, suspects: Mapping[str, str]) -> Subquery:
    b, at, k, t, c = stock_balance.c, location.c, count_class.c, count_task.c, count_line.c
    asked = select(t.id).where(t.location_id == at.id, t.status.in_(COUNT_TASK_LIVE)).exists()
    held = (
        select(at.id, at.code, func.min(func.coalesce(k.grade, "C")).label("grade"))
        .join_from(stock_balance, location, at.id == b.location_id)
        .outerjoin(count_class, (k.warehouse_id == at.warehouse_id) & (k.variant_id == b.variant_id))
        .where(at.kind == "bin", at.status != "closed", b.qty > 0, ~asked)
        .group_by(at.id, at.code)
        .subquery()
    )
    last = (
        select(c.location_id, func.max(c.settled_at).label("counted_at"))
        .where(c.status == "posted")
        .group_by(c.location_id)
        .subquery()
    )
    every = case({letter: rules.every(letter) for letter in "ABC"}, value=held.c.grade)
    late = case((last.c.counted_at.is_(None), 100_000), else_=(tx.now - last.c.counted_at) * 10_000 // every)
    is_calm = case((among(held.c.id, sorted(suspects)), 0), else_=1)
    columns = (held.c.id, held.c.code, held.c.grade, last.c.counted_at, late.label("late"), is_calm.label("is_calm"))
    every_bin = select(*columns).outerjoin_from(held, last, last.c.location_id == held.c.id).subquery()
    return select(every_bin).where((every_bin.c.late >= 10_000) | (every_bin.c.is_calm == 0)).subquery()


def _suspects(tx: Tx) -> dict[str, str]:
    """place -> the variant in it of which fewer were found elsewhere since the place was counted."""
    losses = _losses(tx)
    if not losses:
        return {}
    b, c, suspect = stock_balance.c, count_line.c, dict[str, str]()
    query = select(b.location_id, b.variant_id).where(among(b.variant_id, sorted(losses)), b.qty > 0).distinct()
    held = [(place, variant_id) for place, variant_id in map(tuple, tx.rows(query))]
    last = select(c.location_id, func.max(c.settled_at)).where(c.status == "posted").group_by(c.location_id)
    counted = dict(map(tuple, tx.rows(last.where(among(c.location_id, {place for place, _ in held})))))
    for place, variant_id in held:
        where, when = losses[variant_id]
        if where != place and (counted.get(place) or 0) < when:
            suspect[place] = min(variant_id, suspect.get(place, variant_id))
    return suspect


def bins_unasked(tx: Tx) -> list[str]:
    """Every bin with goods in it for which no count waits, along the walk."""
    b, at, t = stock_balance.c, location.c, count_task.c
    asked = select(t.id).where(t.location_id == at.id, t.status.in_(COUNT_TASK_LIVE)).exists()
    holds = select(b.location_id).where(b.location_id == at.id, b.qty > 0).exists()
    query = select(at.id).where(at.kind == "bin", at.status != "closed", holds, ~asked)
    return [row.id for row in tx.rows(query.order_by(at.walk_sequence, at.code))]


def _losses(tx: Tx) -> dict[str, tuple[str, Instant]]:
    """variant -> (place, when) of the latest loss that a count found lately."""
    c = count_line.c
    query = (
        select(c.variant_id, c.location_id, c.settled_at)
        .where(c.status == "posted", c.variance < 0, c.settled_at >= tx.now - SUSPICION)
        .order_by(c.settled_at, c.id)
    )
    return {variant_id: (place, when) for variant_id, place, when in map(tuple, tx.rows(query))}


def opened_since(tx: Tx, kind: str, by: str, since: Instant) -> int:
    """How many tasks of a kind this actor has opened since then."""
    t = count_task.c
    query = select(func.count()).where(t.kind == kind, t.opened_by == by, t.opened_at >= since)
    return int(tx.scalar(query))


def task(tx: Tx, task_id: str) -> Row[Any] | None:
    """A task with the code of its place and the ledger's number of its warehouse now."""
    t = count_task.c
    query = (
        select(count_task, location.c.code, location.c.status.label("place_status"), warehouse.c.last_seq)
        .join_from(count_task, location, location.c.id == t.location_id)
        .join(warehouse, warehouse.c.id == t.warehouse_id)
        .where(t.id == task_id)
    )
    return tx.first(query)


def lines_of(tx: Tx, task_id: str) -> Sequence[Row[Any]]:
    """The lines of a task in the order of their ids."""
    return tx.rows(select(count_line).where(count_line.c.task_id == task_id).order_by(count_line.c.id))


def line(tx: Tx, line_id: str) -> Row[Any] | None:
    """One line."""
    return tx.first(select(count_line).where(count_line.c.id == line_id))


def tasks_with(tx: Tx, line_ids: Sequence[str]) -> list[str]:
    """The tasks of these lines."""
    query = select(count_line.c.task_id).where(among(count_line.c.id, line_ids)).distinct()
    return sorted(row.task_id for row in tx.rows(query))


def balances_at(tx: Tx, keys: Sequence[KeyAt]) -> Mapping[KeyAt, int]:
    """What each (variant, place, lot) held at a number of its warehouse's ledger, from the moves alone."""
    m = stock_move.c
    places = {place for _, place, _, _ in keys}
    query = select(m.variant_id, m.lot_id, m.from_location_id, m.to_location_id, m.seq, m.qty).where(
        among(m.variant_id, {variant_id for variant_id, *_ in keys}),
        or_(among(m.from_location_id, places), among(m.to_location_id, places)),
    )
    held = dict.fromkeys(keys, 0)
    asked: dict[tuple[str, str | None], list[tuple[str, int]]] = {}
    for variant_id, place, lot_id, seq in keys:
        asked.setdefault((variant_id, lot_id), []).append((place, seq))
    for variant_id, lot_id, source, target, seq, qty in map(tuple, tx.rows(query)):
        for place, until in asked.get((variant_id, lot_id), ()):
            if seq <= until:
                held[variant_id, place, lot_id, until] += qty * ((target == place) - (source == place))
    return held


def balance_now(tx: Tx, variant_id: str, location_id: str, lot_id: str | None = None) -> tuple[int, int]:
    """(units, the ledger's number now) of a variant in a place: of one lot (`NO_LOT`: without one), or all of it."""
    b, at = stock_balance.c, location.c
    mine = (b.location_id == at.id) & (b.variant_id == variant_id)
    query = (
        select(func.coalesce(func.sum(b.qty), 0), warehouse.c.last_seq)
        .join_from(location, warehouse, warehouse.c.id == at.warehouse_id)
        .outerjoin(stock_balance, mine if lot_id is None else mine & (b.lot_id == lot_id))
        .where(at.id == location_id)
        .group_by(warehouse.c.last_seq)
    )
    for units, seq in map(tuple, tx.rows(query)):
        return int(units), int(seq)
    return 0, 0


def moved_since(tx: Tx, line_ids: Sequence[str]) -> dict[str, int]:
    """By line, the units that came to its place (less those that left) after the number of its count."""
    c, m = count_line.c, stock_move.c
    signed = case((m.to_location_id == c.location_id, m.qty), else_=-m.qty)
    query = (
        select(c.id, func.sum(signed))
        .join_from(count_line, stock_move, (m.variant_id == c.variant_id) & (m.seq > c.at_seq))
        .where(among(c.id, line_ids), (m.from_location_id == c.location_id) | (m.to_location_id == c.location_id))
        .where(m.lot_id.is_not_distinct_from(c.lot_id))
        .group_by(c.id)
    )
    return dict.fromkeys(line_ids, 0) | {name: int(units) for name, units in map(tuple, tx.rows(query))}
