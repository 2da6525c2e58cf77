"""What the console's counting pages read: what waits, what was found, and how that goes by bin and by person.

SELECT only. Figures of a period are sums over settled lines, and every one of them has a list that shows its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select

from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.inventory.states import COUNT_TASK_LIVE
from storekeep.shop.inventory.tables import count_line, count_task, location, lot

#: The period of the board's figures; the one before it stands beside it.
PERIOD: Instant = 30 * DAY
PAGE = 50
_C, _T = count_line.c, count_task.c


@dataclass(frozen=True, slots=True)
class Found:
    """What counts found under one name in a period: lines settled, those that differed, units and money.

    `overturned` are first counts that the second one did not confirm. `fewer_before` is of the 30 days before.
    """

    key: str
    name: str
    lines: int
    differing: int
    overturned: int
    more: int
    fewer: int
    value_minor: int
    fewer_before: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows; `next_after` is the key to go on from, empty on the last."""

    rows: tuple[Any, ...]
    next_after: str = ""


def waiting(tx: Tx) -> dict[str, int]:
    """How many tasks are to be counted, counted again and decided, by status."""
    query = select(_T.status, func.count()).where(_T.status.in_(COUNT_TASK_LIVE)).group_by(_T.status)
    return {"open": 0, "recount": 0, "review": 0} | {status: int(n) for status, n in map(tuple, tx.rows(query))}


def tasks(tx: Tx, status: str, *, after: str = "", limit: int = PAGE) -> Listed:
    """Tasks in a status by number, with their place and how many lines they have."""
    lines = select(func.count()).where(_C.task_id == _T.id).scalar_subquery()
    query = (
        select(count_task, location.c.code, lines.label("lines"))
        .join_from(count_task, location, location.c.id == _T.location_id)
        .where(_T.status == status)
        .order_by(_T.number)
        .limit(limit + 1)
    )
    if after.isdecimal() and len(after) < 16:
        query = query.where(_T.number > int(after))
    rows = tuple(tx.rows(query))
    return Listed(rows[:limit], str(rows[limit - 1].number) if len(rows) > limit else "")


def _lines() -> Any:
    return (
        select(count_line, variant.c.sku, variant.c.option_label, product.c.title, location.c.code, _T.number, _T.kind,
               lot.c.code.label("lot_code"), lot.c.expires_on)
        .join_from(count_line, variant, variant.c.id == _C.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .join(location, location.c.id == _C.location_id)
        .join(count_task, _T.id == _C.task_id)
        .outerjoin(lot, lot.c.id == _C.lot_id)
    )  # fmt: skip


def lines_of(tx: Tx, task_id: str) -> Sequence[Row[Any]]:
    """The lines of a task with the names of their goods, by SKU and lot, the earliest expiry first."""
    order = (variant.c.sku, lot.c.expires_on, lot.c.code)
    return list(tx.rows(_lines().where(_C.task_id == task_id).order_by(*order)))


def keeps_days(tx: Tx, variant_id: str) -> int | None:
    """How many days such goods keep; None where nobody said."""
    days = tx.scalar(select(variant.c.shelf_life_days).where(variant.c.id == variant_id))
    return None if days is None else int(days)


def to_decide(tx: Tx, *, with_recounts: bool, after: str = "", limit: int = PAGE) -> Listed:
    """Lines that wait for a decision, oldest first.

    `with_recounts` adds those that wait for a second person, who must not see what the first one counted.
    """
    statuses = ("review", "recount") if with_recounts else ("review",)
    query = _lines().where(_C.status.in_(statuses)).order_by(_C.id).limit(limit + 1)
    if after:
        query = query.where(_C.id > after)
    return _cut(tx.rows(query), limit)


def settled(
    tx: Tx,
    *,
    place: str = "",
    person: str = "",
    only: str = "",
    since: Instant | None = None,
    after: str = "",
    limit: int = PAGE,
) -> Listed:
    """Settled counts, newest first: of a place's code, of whoever counted first; `only` is differs or overturned."""
    query = _lines().where(_C.status.in_(("posted", "rejected"))).order_by(_C.id.desc()).limit(limit + 1)
    if place:
        query = query.where(location.c.code == place.upper())
    if person:
        query = query.where(_C.counter_1 == person)
    if only == "differs":
        query = query.where(_C.status == "posted", _C.variance != 0)
    if only == "overturned":
        query = query.where(_overturned())
    if since is not None:
        query = query.where(_C.settled_at >= since)
    if after:
        query = query.where(_C.id < after)
    return _cut(tx.rows(query), limit)


def _cut(rows: Sequence[Row[Any]], limit: int) -> Listed:
    return Listed(tuple(rows[:limit]), str(rows[limit - 1].id) if len(rows) > limit else "")


def total(tx: Tx) -> Found:
    """What all counts of the last 30 days found."""
    found = _found(tx, _C.status, 1)
    return found[0] if found else Found("", "", 0, 0, 0, 0, 0, 0, 0)


def by_place(tx: Tx, limit: int = 10) -> list[Found]:
    """The places where counts of the last 30 days found the most wrong."""
    found = [each for each in _found(tx, _C.location_id, limit) if each.differing or each.fewer_before]
    codes = dict(map(tuple, tx.rows(select(location.c.id, location.c.code).where(
        location.c.id.in_([each.key for each in found])))))  # fmt: skip
    return [_named(each, codes.get(each.key, each.key)) for each in found]


def by_person(tx: Tx, limit: int = 10) -> list[Found]:
    """The people who counted first in the last 30 days, whoever found the most missing on top."""
    return _found(tx, _C.counter_1, limit)


def _named(found: Found, name: str) -> Found:
    return Found(found.key, name, found.lines, found.differing, found.overturned, found.more, found.fewer,
                 found.value_minor, found.fewer_before)  # fmt: skip


def _found(tx: Tx, by: ColumnElement[Any], limit: int) -> list[Found]:
    now = _C.settled_at >= tx.now - PERIOD

    def summed(value: Any, *where: ColumnElement[bool]) -> Any:
        condition = now
        for each in where:
            condition = condition & each
        return func.coalesce(func.sum(case((condition, value), else_=0)), 0)

    more = summed(_C.variance, _C.variance > 0)
    fewer = summed(-_C.variance, _C.variance < 0)
    overturned = summed(1, _overturned())
    before = func.coalesce(func.sum(case((~now & (_C.variance < 0), -_C.variance), else_=0)), 0)
    query = (
        select(by, summed(1), summed(1, _C.variance != 0), overturned, more, fewer,
               summed(_C.value_minor), before)
        .where(_C.status == "posted", _C.settled_at >= tx.now - 2 * PERIOD)
        .group_by(by)
        .order_by(fewer.desc(), more.desc(), overturned.desc(), by)
        .limit(limit)
    )  # fmt: skip
    rows = [tuple(row) for row in tx.rows(query)]
    return [Found(str(key), str(key), *map(int, rest)) for key, *rest in rows]


def _overturned() -> ColumnElement[bool]:
    return _C.counted_2.is_not(None) & (_C.variance != _C.variance_1)
