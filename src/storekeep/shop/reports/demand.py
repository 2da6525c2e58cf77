"""What was asked for week by week, and when the shelf was empty, per variant and warehouse; and what stands there now.

A few set-based queries each; SELECT only. What the figures leave out:

- Nobody writes down what a shopper wanted and was refused, so that is not in the units; the weeks in which it can have
  happened are masked instead. What we could not find after it was sold *is* in them: it was wanted.
- There is no history of availability. It is worked out backwards from today's, by the moves into and out of bins that
  are sold from and by the reservations made and released, each by the day on which it happened. A week is masked
  when nothing could be sold at the end of one of its days. Bins count as blocked, and units as kept back, as they are
  today; a day within which the shelf was empty and full again is not seen.
- Weeks are 7 x 24 hours back from the last local Monday, so in the other half of the year they begin an hour off.
- A line that was planned for several warehouses is shared out by the units reserved there; one that never was reserved
  counts for the first warehouse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from storekeep.kernel.clock import DAY, HOUR, Instant, local, start_of_day
from storekeep.kernel.db import Tx
from storekeep.shop.replenishment.model import WEEK, WEEKS, History, Key, Shelf

#: A sale that is undone within this time was none.
SECOND_THOUGHTS: Instant = 48 * HOUR
#: How reasons begin when it was we who could not send what was wanted.
OUR_FAULT = ("not found in the warehouse", "damaged in the warehouse", "set aside (", "thrown away (")

_ASKED = """WITH kept AS (
SELECT order_line_id, warehouse_id, CAST(SUM(qty) AS BIGINT) AS qty FROM reservation
WHERE order_line_id IS NOT NULL AND created_at >= :early{of_one} GROUP BY order_line_id, warehouse_id
), undone AS (
SELECT p.order_line_id, CAST(SUM(l.units) AS BIGINT) AS units FROM order_adjustment a
JOIN sales_order o ON o.id = a.order_id
JOIN order_adjustment_line l ON l.adjustment_id = a.id
JOIN order_part p ON p.id = l.part_id AND p.order_line_id IS NOT NULL
WHERE a.kind = 'cancellation' AND a.made_at >= :early AND a.made_at <= o.placed_at + :thoughts AND NOT ({ours})
GROUP BY p.order_line_id
), wanted AS (
SELECT l.variant_id, l.ordered - COALESCE(u.units, 0) AS units, (o.placed_at - :early) / :week AS week,
k.warehouse_id, k.qty, CAST(SUM(k.qty) OVER (PARTITION BY l.id) AS BIGINT) AS in_all
FROM sales_order o JOIN order_line l ON l.order_id = o.id LEFT JOIN undone u ON u.order_line_id = l.id
LEFT JOIN kept k ON k.order_line_id = l.id
WHERE o.placed_at >= :early AND o.placed_at < :until AND o.status <> 'expired'{of_line}
)
SELECT variant_id, COALESCE(warehouse_id, :home) AS warehouse_id, week,
SUM(CASE WHEN qty IS NULL OR qty = in_all THEN units ELSE (2 * units * qty + in_all) / (2 * in_all) END) AS units
FROM wanted WHERE units > 0 GROUP BY variant_id, COALESCE(warehouse_id, :home), week"""

#: Picking lowers what lies in the bins and what is reserved alike, so it changes nothing that can be sold.
_DAYS = """WITH places AS (
SELECT variant_id, warehouse_id, ROW_NUMBER() OVER (ORDER BY variant_id, warehouse_id) AS place
FROM availability WHERE TRUE{of_one}
), events AS (
SELECT m.variant_id, m.warehouse_id, (m.posted_at - :early) / :day AS day,
m.qty * (CASE WHEN t.kind = 'bin' AND t.is_sellable AND t.status = 'active' THEN 1 ELSE 0 END
- CASE WHEN f.kind = 'bin' AND f.is_sellable AND f.status = 'active' THEN 1 ELSE 0 END) AS change
FROM stock_move m JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
WHERE m.posted_at >= :early AND m.kind NOT IN ('pick', 'unpick') AND (f.kind = 'bin' OR t.kind = 'bin'){of_move}
UNION ALL SELECT variant_id, warehouse_id, (created_at - :early) / :day, -qty
FROM reservation WHERE created_at >= :early{of_one}
UNION ALL SELECT variant_id, warehouse_id, (updated_at - :early) / :day, qty FROM reservation
WHERE status = 'released' AND updated_at >= :early{of_one}
)
SELECT p.place * :span + e.day AS at, SUM(e.change) AS change
FROM events e JOIN places p ON p.variant_id = e.variant_id AND p.warehouse_id = e.warehouse_id
GROUP BY p.place * :span + e.day ORDER BY at DESC"""

_FREE = """SELECT variant_id, warehouse_id, on_hand_sellable - reserved - buffer AS free
FROM availability WHERE TRUE{of_one} ORDER BY variant_id, warehouse_id"""

#: More days than a history has: place and day in one number, which sorts far quicker than two ids of text.
_SPAN = 4096

_SHELVES = """SELECT v.id AS variant_id, v.sku, v.price_minor, v.cost_minor, p.category_id,
w.id AS warehouse_id, COALESCE(h.on_hand, 0) AS on_hand,
COALESCE(a.reserved, 0) + COALESCE(e.waiting, 0) AS reserved,
COALESCE(h.in_transit, 0) AS in_transit, r.reorder_point, r.order_up_to
FROM variant v JOIN product p ON p.id = v.product_id CROSS JOIN warehouse w
LEFT JOIN availability a ON a.variant_id = v.id AND a.warehouse_id = w.id
LEFT JOIN sell_ahead e ON e.variant_id = v.id AND e.warehouse_id = w.id
LEFT JOIN reorder_policy r ON r.variant_id = v.id AND r.warehouse_id = w.id
LEFT JOIN (SELECT b.variant_id, l.warehouse_id,
SUM(CASE WHEN l.kind IN ('bin', 'receiving') THEN b.qty ELSE 0 END) AS on_hand,
SUM(CASE WHEN l.kind = 'transit' THEN b.qty ELSE 0 END) AS in_transit
FROM stock_balance b JOIN location l ON l.id = b.location_id
WHERE l.kind IN ('bin', 'receiving', 'transit') AND b.qty <> 0 GROUP BY b.variant_id, l.warehouse_id
) h ON h.variant_id = v.id AND h.warehouse_id = w.id
WHERE v.status = 'active' AND p.status <> 'archived' AND NOT v.is_kit
AND (a.variant_id IS NOT NULL OR r.variant_id IS NOT NULL)
ORDER BY v.id, w.id"""


@dataclass(frozen=True, slots=True)
class Stocked:
    """A variant that is sold, in a warehouse that has or had it; units on order are not known here."""

    key: Key
    sku: str
    category_id: str
    price_minor: int
    cost_minor: int
    shelf: Shelf
    reorder: tuple[int, int] | None


def last_monday(now: Instant, zone: str) -> str:
    """The local Monday, as ISO text, that begins the week of an instant."""
    today = local(now, zone).date()
    return (today - timedelta(days=today.weekday())).isoformat()


def history(tx: Tx, zone: str, *, weeks: int = WEEKS, variant_id: str | None = None) -> History:
    """Units asked for in the whole weeks before this one, and the weeks in which the shelf was empty; of one variant
    or of all."""
    monday = last_monday(tx.now, zone)
    until = start_of_day(monday, zone)
    early = until - weeks * WEEK
    return History(until, monday, weeks, _asked(tx, early, until, variant_id), _masked(tx, early, weeks, variant_id))


def _of(tx: Tx, statement: str, variant_id: str | None, params: dict[str, Any]) -> Any:
    """The rows of a statement about one variant or all."""
    one = "" if variant_id is None else "CAST(:variant AS uuid)" if tx.dialect == "postgresql" else ":variant"
    for mark, column in (("{of_line}", "l.variant_id"), ("{of_move}", "m.variant_id"), ("{of_one}", "variant_id")):
        statement = statement.replace(mark, f" AND {column} = {one}" if one else "")
    return tx.sql(statement, params | ({"variant": variant_id} if one else {}))


def _asked(tx: Tx, early: Instant, until: Instant, variant_id: str | None) -> dict[Key, dict[int, int]]:
    home = tx.sql("SELECT id FROM warehouse ORDER BY code LIMIT 1")
    if not home:
        return {}
    ours = " OR ".join(f"a.reason LIKE :ours{n}" for n in range(len(OUR_FAULT)))
    params: dict[str, Any] = {"early": early, "until": until, "week": WEEK, "thoughts": SECOND_THOUGHTS}
    params |= {f"ours{n}": f"{words}%" for n, words in enumerate(OUR_FAULT)}
    place = "CAST(:home AS uuid)" if tx.dialect == "postgresql" else ":home"
    statement = _ASKED.replace("{ours}", ours).replace(":home", place)
    found: dict[Key, dict[int, int]] = {}
    for row in _of(tx, statement, variant_id, params | {"home": home[0].id}):
        found.setdefault((str(row.variant_id), str(row.warehouse_id)), {})[int(row.week)] = int(row.units)
    return found


def _masked(tx: Tx, early: Instant, weeks: int, variant_id: str | None) -> dict[Key, frozenset[int]]:
    """From today's free units back, day by day: the level before a day's changes stood since the change before."""
    params = {"early": early, "day": DAY, "span": _SPAN}
    changes: dict[int, list[tuple[int, int]]] = {}
    for row in _of(tx, _DAYS, variant_id, params):
        place, day = divmod(int(row[0]), _SPAN)
        changes.setdefault(place, []).append((day, int(row[1])))
    found: dict[Key, frozenset[int]] = {}
    for place, row in enumerate(_of(tx, _FREE, variant_id, {}), 1):
        empty = _empty_weeks(int(row.free), changes.get(place, []), 7 * weeks)
        if empty:
            found[str(row.variant_id), str(row.warehouse_id)] = frozenset(empty)
    return found


def _empty_weeks(free: int, changes: Sequence[tuple[int, int]], days: int) -> set[int]:
    """The weeks with a day at whose end nothing was free; `changes` are (day, units), the latest first."""
    empty: set[int] = set()
    until, level = days, free
    for day, units in (*changes, (0, 0)):
        # The level stood at the end of `day` and of every day up to the one before `until`.
        if level <= 0 and day < until:
            empty.update(range(day // 7, (until - 1) // 7 + 1))
        until, level = min(until, day), level - units
    return empty


def shelves(tx: Tx) -> list[Stocked]:
    """What is sold, per warehouse that has or had it or has a reorder point for it; by id."""
    return [
        Stocked(
            (str(row.variant_id), str(row.warehouse_id)), row.sku, str(row.category_id), row.price_minor,
            row.cost_minor, Shelf(int(row.on_hand), 0, int(row.in_transit), int(row.reserved)),
            None if row.reorder_point is None else (row.reorder_point, row.order_up_to),
        )
        for row in tx.sql(_SHELVES)
    ]  # fmt: skip


def week_of(history: History, week: int) -> str:
    """The local Monday, as ISO text, on which a week of a history begins."""
    return (date.fromisoformat(history.until_day) - timedelta(days=7 * (history.weeks - week))).isoformat()

