"""Returns as documents: approved, received line by line, decided on, closed. Only these verbs write their tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storekeep.kernel import lifecycle, numbers
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from storekeep.shop.returns.model import NewReturn, ReturnLine
from storekeep.shop.returns.states import OPEN, OUTCOMES, RETURN
from storekeep.shop.returns.tables import goods_return, goods_return_line

_LINE = [goods_return_line.c[name] for name in ReturnLine.__slots__]
_COUNTER = {"restock": "restocked", "quarantine": "quarantined", "scrap": "scrapped"}


def approve(tx: Tx, wanted: Sequence[NewReturn]) -> dict[str, int]:
    """Write returns with their lines, approved; returns the number of each by id. Raises `Invalid` for empty ones."""
    for draft in wanted:
        if not draft.lines or any(line.qty <= 0 for line in draft.lines):
            raise Invalid("lines", "A return needs at least one unit of a line.")
    taken = numbers.take(tx, "return", len(wanted))
    given = dict(zip((draft.id for draft in wanted), taken, strict=True))
    tx.insert_many(
        goods_return,
        [
            {
                "id": draft.id,
                "number": given[draft.id],
                "order_id": draft.order_id,
                "conversation_id": draft.conversation_id,
                "status": RETURN.initial,
                "reason": draft.reason,
                "created_at": tx.now,
                "received_at": None,
                "closed_at": None,
            }
            for draft in wanted
        ],
    )
    tx.insert_many(
        goods_return_line,
        [
            {
                "id": tx.new_id(),
                "return_id": draft.id,
                "order_line_id": line.order_line_id,
                "variant_id": line.variant_id,
                "qty": line.qty,
                "received": 0,
                "restocked": 0,
                "quarantined": 0,
                "scrapped": 0,
            }
            for draft in wanted
            for line in draft.lines
        ],
    )
    lifecycle.begin(tx, RETURN, [draft.id for draft in wanted])
    return given


def load(tx: Tx, return_id: str, *, lock: bool = False) -> Any:
    """One return, locked when asked; `NotFound` when there is none."""
    query = select(goods_return).where(goods_return.c.id == return_id)
    return _found(tx.first(query.with_for_update() if lock else query))


def by_number(tx: Tx, number: int) -> Any:
    """One return by the number on the note in the parcel; `NotFound` when no return has it."""
    row = tx.first(select(goods_return).where(goods_return.c.number == number))
    if row is None:
        raise NotFound(f"There is no return {number}. Look for the order by the name on the parcel.")
    return row


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound("There is no such return.")
    return row


def lines_of(tx: Tx, return_ids: Sequence[str]) -> dict[str, list[ReturnLine]]:
    """The lines of returns by return, in the order in which they were written."""
    found: dict[str, list[ReturnLine]] = {each: [] for each in return_ids}
    query = select(*_LINE).where(among(goods_return_line.c.return_id, found)).order_by(goods_return_line.c.id)
    for row in tx.rows(query):
        found[row.return_id].append(ReturnLine(**row._mapping))
    return found


def line(tx: Tx, line_id: str) -> ReturnLine:
    """One line; `NotFound` when there is none."""
    row = tx.first(select(*_LINE).where(goods_return_line.c.id == line_id))
    if row is None:
        raise NotFound("There is no such line of a return.")
    return ReturnLine(**row._mapping)


def announced(tx: Tx, order_id: str) -> dict[str, int]:
    """Units per order line that open returns still expect."""
    r, n = goods_return.c, goods_return_line.c
    query = (
        select(n.order_line_id, func.sum(n.qty - n.received).label("units"))
        .join_from(goods_return_line, goods_return, r.id == n.return_id)
        .where(r.order_id == order_id, r.status.in_(sorted(OPEN)))
        .group_by(n.order_line_id)
    )
    return {row.order_line_id: int(row.units) for row in tx.rows(query)}


def check_receipt(row: Any, lines: Sequence[ReturnLine], units: Mapping[str, int]) -> dict[str, int]:
    """The units by line id that may be received now, zeros left out; the return must be locked.

    Raises `Conflict` for a return that is over, and `Refused` naming each line that is not part of it or of which
    more came than was announced.
    """
    if row.status not in OPEN:
        raise Conflict(f"Return {row.number} is {row.status}; nothing can be received on it any more.")
    known = {each.id: each for each in lines}
    problems = []
    for line_id, count in units.items():
        path = f"lines.{line_id}"
        if line_id not in known:
            problems.append(Problem("line_unknown", f"This line is not part of return {row.number}.", path=path))
        elif count < 0:
            problems.append(Problem("invalid", "A quantity is a whole number of units.", path=path))
        elif count > known[line_id].expected:
            left = known[line_id].expected
            text = f"{left} of {known[line_id].qty} announced units are still expected, not {count}."
            problems.append(Problem("more_than_announced", text, path=path, data={"left": left}))
    if problems:
        raise Refused(problems)
    wanted = {line_id: count for line_id, count in units.items() if count}
    if not wanted:
        raise Invalid("lines", "Say how many units came, of at least one line.")
    return wanted


def receive(tx: Tx, row: Any, units: Mapping[str, int]) -> None:
    """Count units as received (checked by `check_receipt`); the first ones move the return to received."""
    table = goods_return_line
    tx.conn.execute(
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values(received=table.c.received + bindparam("by_units")),
        [{"of_id": line_id, "by_units": count} for line_id, count in sorted(units.items())],
    )
    if row.status == "approved":
        lifecycle.advance(tx, RETURN, goods_return, [row.id], "received", sets={"received_at": tx.now})


def dispose(tx: Tx, row: Any, each: ReturnLine, units: int, outcome: str) -> bool:
    """Count what became of units of a line; the return must be locked. True when that closed the return.

    A return closes by itself when everything announced came and every unit has its outcome. Raises `Invalid` for an
    outcome that there is not, `Refused` for more units than wait.
    """
    if outcome not in OUTCOMES:
        raise Invalid("outcome", f"An outcome is one of {', '.join(OUTCOMES)}; not {outcome}.")
    if row.status != "received":
        raise Conflict(f"Return {row.number} is {row.status}; there is nothing to decide on it.")
    if not 0 < units <= each.undecided:
        text = f"{each.undecided} units of this line wait for a decision, not {units}."
        raise Refused([Problem("too_many_units", text, path="units", data={"left": each.undecided})])
    counter = goods_return_line.c[_COUNTER[outcome]]
    tx.run(update(goods_return_line).where(goods_return_line.c.id == each.id).values({counter: counter + units}))
    lines = lines_of(tx, [row.id])[row.id]
    if any(each.undecided or each.expected for each in lines):
        return False
    _close(tx, row)
    return True


def finish(tx: Tx, row: Any) -> str:
    """Nothing more is coming: close a return whose units all have their outcome, or cancel one of which nothing came.

    Returns the status it has then; finishing it again changes nothing. Raises `Conflict` while units wait for a
    decision.
    """
    if row.status not in OPEN:
        return str(row.status)
    if row.status == "approved":
        lifecycle.advance(tx, RETURN, goods_return, [row.id], "canceled", sets={"closed_at": tx.now})
        return "canceled"
    waiting = sum(each.undecided for each in lines_of(tx, [row.id])[row.id])
    if waiting:
        raise Conflict(f"{waiting} units of return {row.number} wait for a decision; decide on them first.")
    _close(tx, row)
    return "closed"


def _close(tx: Tx, row: Any) -> None:
    lifecycle.advance(tx, RETURN, goods_return, [row.id], "closed", sets={"closed_at": tx.now})
