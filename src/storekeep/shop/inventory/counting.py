"""The stamp that a count gets, and what becomes of it. Which places are counted: `count_tasks.py`.

A count says how many units lay in a place at one number of the warehouse's ledger (`at_seq`). What is posted is the
difference to the balance at that number, as a delta: moves before it are in the balance, moves after it stand on their
own, so nobody has to stop working. Lines are locked before stock, in the order of their ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.kernel import lifecycle
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, IllegalMove, Invalid
from storekeep.shop.inventory import correcting, locations, store
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
from storekeep.shop.inventory.count_tasks import Line, lock_lines
from storekeep.shop.inventory.model import NO_LOT, Document, check_reason
from storekeep.shop.inventory.states import COUNT_LINE
from storekeep.shop.inventory.tables import count_line, stock_move, warehouse


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody counted for a line. `seen_seq`: the ledger's number when they began; `is_sure`: asked already."""

    line_id: str
    units: int
    seen_seq: int | None = None
    is_sure: bool = False


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
    there = store.lock_balances(tx, [_key(line) for line in lines.values()])
    at = {row.id: row.last_seq for row in tx.rows(select(warehouse.c.id, warehouse.c.last_seq))}
    _check_moved(tx, entries, lines)
    worth = correcting.worth_of(tx, keys)
    told, rows = [], []
    for entry in entries:
        line = lines[entry.line_id]
        home = homes[line.location_id]
        expected, given = there.get(_key(line), (0, 0))
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


def _key(line: Line) -> store.BalanceKey:
    return line.variant_id, line.location_id, line.lot_id or NO_LOT


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
    query = select(m.variant_id, m.from_location_id, m.to_location_id, m.lot_id, m.seq).where(
        among(m.variant_id, {lines[name].variant_id for name in seen}), m.seq > min(seen.values())
    )
    moved = tx.rows(query)
    for name, since in seen.items():
        line = lines[name]
        for row in moved:
            same = (row.variant_id, row.lot_id) == (line.variant_id, line.lot_id)
            if row.seq > since and same and line.location_id in (row.from_location_id, row.to_location_id):
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
                                  f"count:{line.id}", line.lot_id or NO_LOT, document=Document("count_line", line.id))
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
