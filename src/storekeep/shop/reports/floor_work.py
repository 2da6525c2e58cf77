"""What pickers and packers did, from their scans: lines an hour, wrong scans, short bins, and what lies behind them.

Time counts while somebody scans: gaps of up to ten minutes between two scans of one person at one station. SELECT only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Subquery, case, cast, func, literal, select, union_all

from storekeep.kernel.clock import HOUR, MINUTE, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import load
from storekeep.kernel.tables import audit_entry
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment.tables import batch_scan, fulfillment, pick_batch, scan_log
from storekeep.shop.inventory.tables import location, stock_move

#: A longer gap between two scans is a pause.
PAUSE = 10 * MINUTE
#: Wrong scans that are looked at for their causes, the latest ones.
CAUSES_OF = 2_000
SHORT_REASONS = {"missing at pick": "missing", "damaged at pick": "damaged"}

#: What a wrong answer says, and the cause it stands for; the first that fits.
_CAUSES = (
    ("which no product or bin has", "A code that nothing has"),
    ("scanned bin ", "Another bin"),
    ("Not this one", "Another item"),
    ("does not belong in the box", "Another item"),
    ("does not belong into tote", "Another tote"),
    ("Nothing is in hand", "A tote before the item"),
    ("Scan the bin first", "An item before its bin"),
    ("into a tote first", "The next thing before the tote"),
    ("Only ", "More units than wanted"),
    ("in the box already", "More units than wanted"),
    ("Claim this work first", "Work not claimed"),
    ("not picked yet", "Work not picked yet"),
)


@dataclass(frozen=True, slots=True)
class Worker:
    """One person at one station (pick or pack). `busy` is in microseconds; units are unknown (None) for packers."""

    actor: str
    station: str
    scans: int
    wrong: int
    lines: int
    units: int | None
    shorts: int
    busy: Instant

    @property
    def lines_per_hour(self) -> int | None:
        """Whole lines an hour; None for less than ten minutes of work, of which no pace can be told."""
        return None if self.busy < 10 * MINUTE else self.lines * HOUR // self.busy

    @property
    def wrong_share(self) -> int:
        """Wrong scans of all, in basis points."""
        return 10_000 * self.wrong // self.scans if self.scans else 0


@dataclass(frozen=True, slots=True)
class ShortBin:
    """Units of a SKU that were not there, or not good, when somebody came to a bin for them."""

    location_id: str
    location_code: str
    variant_id: str
    sku: str
    reason: str
    times: int
    units: int


@dataclass(frozen=True, slots=True)
class WrongScan:
    """A scan that was refused: of an order, or on a batch before it was clear for which one."""

    station: str
    code: str
    said: str
    cause: str
    actor: str
    scanned_at: Instant
    order_number: int | None
    batch_number: int | None


def _scans(since: Instant) -> Subquery:
    """Every scan that a hand made: those of orders, and those of batches (their puts stand in both, at one instant)."""
    s, b = scan_log.c, batch_scan.c
    single = select(s.actor, s.station, s.is_right, s.scanned_at, s.id).where(s.scanned_at >= since)
    walked = select(b.actor, literal("pick").label("station"), b.is_right, b.scanned_at, b.id)
    return union_all(single, walked.where(b.scanned_at >= since)).subquery("scans")


def workers(tx: Tx, since: Instant) -> list[Worker]:
    """Everybody who scanned since then, pickers first, the busiest first."""
    scans = _scans(since)
    at = scans.c.scanned_at
    gap = at - func.lag(at).over(partition_by=(scans.c.actor, scans.c.station), order_by=(at, scans.c.id))
    gaps = select(scans.c.actor, scans.c.station, scans.c.is_right, gap.label("gap")).subquery("gaps")
    busy = func.coalesce(func.sum(case((gaps.c.gap <= PAUSE, gaps.c.gap), else_=0)), 0)
    wrong = func.sum(case((gaps.c.is_right, 0), else_=1))
    query = select(gaps.c.actor, gaps.c.station, func.count(), cast(wrong, BigInteger), cast(busy, BigInteger))
    rows = [tuple(row) for row in tx.rows(query.group_by(gaps.c.actor, gaps.c.station))]
    picked, packed, shorts = _picked(tx, since), _packed(tx, since), _shorts(tx, since)
    found = []
    for actor, station, count, bad, microseconds in rows:
        lines, units = picked.get(actor, (0, 0)) if station == "pick" else (packed.get(actor, 0), None)
        short = shorts.get(actor, 0) if station == "pick" else 0
        found.append(Worker(actor, station, int(count), int(bad), lines, units, short, int(microseconds)))
    return sorted(found, key=lambda each: (each.station != "pick", -each.lines, each.actor))


def _picked(tx: Tx, since: Instant) -> dict[str, tuple[int, int]]:
    """(lines, units) that each actor took out of bins, less what was undone."""
    m = stock_move.c
    units = func.sum(case((m.kind == "pick", m.qty), else_=-m.qty))
    query = select(m.actor, func.count(func.distinct(m.line_id)), cast(units, BigInteger)).where(
        m.kind.in_(("pick", "unpick")), m.posted_at >= since, m.document_type == "fulfillment_line"
    )
    return {actor: (int(lines), int(n)) for actor, lines, n in map(tuple, tx.rows(query.group_by(m.actor)))}


def _packed(tx: Tx, since: Instant) -> dict[str, int]:
    s = scan_log.c
    query = select(s.actor, func.count(func.distinct(s.fulfillment_line_id))).where(
        s.station == "pack", s.is_right, s.scanned_at >= since
    )
    return {actor: int(lines) for actor, lines in map(tuple, tx.rows(query.group_by(s.actor)))}


def _shorts(tx: Tx, since: Instant) -> dict[str, int]:
    a = audit_entry.c
    query = select(a.actor, func.count()).where(a.action == "pick.short", a.recorded_at >= since)
    return {actor: int(n) for actor, n in map(tuple, tx.rows(query.group_by(a.actor)))}


def short_bins(tx: Tx, since: Instant, limit: int = 20) -> list[ShortBin]:
    """Where goods were short, the most units first."""
    m, at, v = stock_move.c, location.c, variant.c
    units = cast(func.sum(m.qty), BigInteger)
    query = (
        select(at.id, at.code, v.id, v.sku, m.reason, func.count(), units)
        .join_from(stock_move, location, at.id == m.from_location_id)
        .join(variant, v.id == m.variant_id)
        .where(m.reason.in_(SHORT_REASONS), m.posted_at >= since)
        .group_by(at.id, at.code, v.id, v.sku, m.reason)
        .order_by(units.desc(), at.code, v.sku)
        .limit(limit)
    )
    return [
        ShortBin(place, code, variant_id, sku, SHORT_REASONS[reason], int(times), int(n))
        for place, code, variant_id, sku, reason, times, n in map(tuple, tx.rows(query))
    ]


def wrong_scans(tx: Tx, since: Instant, *, actor: str | None = None, limit: int = CAUSES_OF) -> list[WrongScan]:
    """The latest wrong scans, the newest first."""
    s, b = scan_log.c, batch_scan.c
    nothing = cast(literal(None), BigInteger)
    single = (
        select(s.station, s.code, s.answer, s.actor, s.scanned_at, fulfillment.c.order_number, nothing, s.id)
        .join_from(scan_log, fulfillment, fulfillment.c.id == s.fulfillment_id)
        .where(~s.is_right, s.scanned_at >= since)
    )
    walked = (
        select(literal("pick"), b.code, b.answer, b.actor, b.scanned_at, nothing, pick_batch.c.number, b.id)
        .join_from(batch_scan, pick_batch, pick_batch.c.id == b.batch_id)
        .where(~b.is_right, b.scanned_at >= since)
    )
    if actor is not None:
        single, walked = single.where(s.actor == actor), walked.where(b.actor == actor)
    found: list[tuple[Any, ...]] = []
    for query, order in ((single, s.id), (walked, b.id)):
        found += [tuple(row) for row in tx.rows(query.order_by(order.desc()).limit(limit))]
    found.sort(key=lambda row: (row[4], row[7]), reverse=True)
    return [_wrong(*row[:7]) for row in found[:limit]]


def _wrong(
    station: str, code: str, answer: str, actor: str, at: Instant, order: int | None, batch: int | None
) -> WrongScan:
    text = str(load(answer)["text"])
    said = text.partition(" Expected")[0]
    cause = next((cause for mark, cause in _CAUSES if mark in said), "Stopped or done already")
    return WrongScan(station, code, said, cause, actor, at, order, batch)


def causes(wrong: Sequence[WrongScan]) -> list[tuple[str, str, int]]:
    """(station, cause, how often) of wrong scans, the most frequent first."""
    counted = Counter((each.station, each.cause) for each in wrong)
    return [(station, cause, n) for (station, cause), n in sorted(counted.items(), key=lambda it: (-it[1], it[0]))]
