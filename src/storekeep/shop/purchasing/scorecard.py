"""How a supplier keeps its word: days from sending to arrival, share on time, share delivered, share refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from storekeep.kernel.clock import DAY, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.purchasing.model import LeadTime
from storekeep.shop.purchasing.queries import lead_times
from storekeep.shop.purchasing.states import OPEN
from storekeep.shop.purchasing.tables import purchase_order, purchase_order_line

#: Orders sent this long ago still count.
LOOK_BACK = 365 * DAY
#: The bars of the distribution: up to so many days.
STEPS = (3, 7, 14, 21, 28, 42, 60, 90)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many deliveries took more than the bar before and up to `upto` days (None: more than the last)."""

    upto: int | None
    count: int
    share_bp: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Of a year's orders; shares in basis points, None where there is nothing to judge by. Days are calendar days.

    `awaited` lines have not come, `overdue` of them are past their promised day. On time means on the promised day of
    the terms, as confirmed: on the day of the supplier's last answer. `fill_bp` is units that came of units ordered on
    orders that are over, `refused_bp` units refused or sent back of units that came.
    """

    deliveries: int
    awaited: int
    overdue: int
    quartiles: tuple[int, int, int] | None
    bars: tuple[Bar, ...]
    on_time_bp: int | None
    as_confirmed_bp: int | None
    fill_bp: int | None
    refused_bp: int | None


def score(tx: Tx, supplier_id: str, zone: str) -> Scorecard:
    """The scorecard of one supplier. Whole days in the shop's time zone `zone`."""
    rows = lead_times(tx, supplier_id, sent_since=tx.now - LOOK_BACK)
    came = [row for row in rows if row.received_at is not None]
    waits = [row for row in rows if row.received_at is None]
    today = day_of(tx.now, zone)
    answered = [row for row in came if row.confirmed_on is not None]
    fill, refused = _units(tx, supplier_id)
    days = sorted(row.days for row in came)
    return Scorecard(
        deliveries=len(came),
        awaited=len(waits),
        overdue=sum(1 for row in waits if (row.confirmed_on or row.promised_on) < today),
        quartiles=(_at(days, 1), _at(days, 2), _at(days, 3)) if days else None,
        bars=_bars(days),
        on_time_bp=_share(sum(_day(row, zone) <= row.promised_on for row in came), len(came)),
        as_confirmed_bp=_share(sum(_day(row, zone) <= str(row.confirmed_on) for row in answered), len(answered)),
        fill_bp=fill,
        refused_bp=refused,
    )


def _units(tx: Tx, supplier_id: str) -> tuple[int | None, int | None]:
    o, line = purchase_order.c, purchase_order_line.c
    over = o.status.not_in(sorted(OPEN))
    # What was tolerated above the order makes no other line whole.
    good = case((line.received < line.ordered, line.received), else_=line.ordered)
    query = (
        select(
            func.sum(case((over, line.ordered), else_=0)).label("ordered"),
            func.sum(case((over, good), else_=0)).label("good"),
            func.sum(line.received + line.rejected).label("came"),
            func.sum(line.rejected + line.returned).label("bad"),
        )
        .join_from(purchase_order, purchase_order_line, line.purchase_order_id == o.id)
        .where(o.supplier_id == supplier_id, o.sent_at >= tx.now - LOOK_BACK, o.status != "canceled")
    )
    row = tx.rows(query)[0]
    return _share(int(row.good or 0), int(row.ordered or 0)), _share(int(row.bad or 0), int(row.came or 0))


def _share(part: int, whole: int) -> int | None:
    return part * 10_000 // whole if whole else None


def _at(days: Sequence[int], quarter: int) -> int:
    """The nearest-rank quartile: the smallest value that at least so many quarters of all do not exceed."""
    return days[-(-len(days) * quarter // 4) - 1]


def _bars(days: Sequence[int]) -> tuple[Bar, ...]:
    bars, before = [], 0
    for upto in (*STEPS, None):
        within = len(days) if upto is None else sum(each <= upto for each in days)
        bars.append(Bar(upto, within - before, (within - before) * 10_000 // len(days) if days else 0))
        before = within
    while bars and not bars[-1].count:
        bars.pop()
    return tuple(bars)


def _day(row: LeadTime, zone: str) -> str:
    return day_of(int(row.received_at or 0), zone)
