"""Reads for the floor: work by promised time, the pick list of a fulfillment, what was scanned. SELECT only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, or_, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.fulfillment.model import ScanAnswer, Stop, WorkLine
from storekeep.shop.fulfillment.store import lines_of, read_answer
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line, scan_log
from storekeep.shop.inventory.tables import location, lot, reservation

#: A fulfillment without a promise comes after all promised ones.
NO_PROMISE = "9999-12-31"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A line of a work list, with how far the work is, in units."""

    id: str
    number: int
    order_id: str
    order_number: int
    warehouse_id: str
    kind: str
    status: str
    promised_on: str | None
    claimed_by: str | None
    created_at: int
    line_count: int
    units: int
    picked: int
    packed: int

    @property
    def cursor(self) -> str:
        """The place of this row for the next page."""
        return f"{self.promised_on or NO_PROMISE}~{self.id}"


@dataclass(frozen=True, slots=True)
class Logged:
    """A scan of the log."""

    scan_id: str
    station: str
    code: str
    is_right: bool
    actor: str
    scanned_at: int
    answer: ScanAnswer


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that a fulfillment's page shows: the row, its lines, where the goods wait, the scans newest last."""

    row: Any
    lines: tuple[WorkLine, ...]
    stops: tuple[Stop, ...]
    scans: tuple[Logged, ...]


def work_list(
    tx: Tx,
    statuses: Sequence[str],
    *,
    warehouse_id: str | None = None,
    claimed_by: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[WorkRow]:
    """Fulfillments in these statuses, the most urgent promise first; `after` is the cursor of the last row seen."""
    f, line = fulfillment.c, fulfillment_line.c
    promised = func.coalesce(f.promised_on, NO_PROMISE)
    sums = (
        select(
            line.fulfillment_id,
            func.count().label("line_count"),
            cast(func.sum(line.qty - line.dropped), BigInteger).label("units"),
            cast(func.sum(line.picked), BigInteger).label("picked"),
            cast(func.sum(line.packed), BigInteger).label("packed"),
        )
        .group_by(line.fulfillment_id)
        .subquery()
    )
    query = (
        select(
            f.id, f.number, f.order_id, f.order_number, f.warehouse_id, f.kind, f.status, f.promised_on, f.claimed_by,
            f.created_at, sums.c.line_count, sums.c.units, sums.c.picked, sums.c.packed,
        )
        .join_from(fulfillment, sums, sums.c.fulfillment_id == f.id)
        .where(f.status.in_(statuses))
        .order_by(promised, f.id)
        .limit(limit)
    )  # fmt: skip
    if warehouse_id is not None:
        query = query.where(f.warehouse_id == warehouse_id)
    if claimed_by is not None:
        query = query.where(f.claimed_by == claimed_by)
    if after:
        day, _, row_id = after.partition("~")
        query = query.where(or_(promised > day, and_(promised == day, f.id > row_id)))
    return [WorkRow(*tuple(row)) for row in tx.rows(query)]


def counts(tx: Tx) -> dict[str, int]:
    """How many fulfillments stand in each status that has work left."""
    query = select(fulfillment.c.status, func.count().label("n")).where(
        fulfillment.c.status.in_(("open", "picking", "picked", "packed"))
    )
    return {row.status: int(row.n) for row in tx.rows(query.group_by(fulfillment.c.status))}


def stops_of(tx: Tx, fulfillment_ids: Sequence[str]) -> dict[str, list[Stop]]:
    """Where the units of these fulfillments wait to be picked, along the walk."""
    found: dict[str, list[Stop]] = {each: [] for each in fulfillment_ids}
    r = reservation.c
    query = (
        select(
            fulfillment_line.c.fulfillment_id,
            r.fulfillment_line_id,
            r.variant_id,
            r.location_id,
            location.c.code,
            func.sum(r.qty).label("qty"),
            location.c.walk_sequence,
            r.lot_id,
            lot.c.code,
            lot.c.expires_on,
        )
        .join_from(reservation, fulfillment_line, fulfillment_line.c.id == r.fulfillment_line_id)
        .join(location, location.c.id == r.location_id)
        .outerjoin(lot, lot.c.id == r.lot_id)
        .where(r.status == "assigned", among(fulfillment_line.c.fulfillment_id, fulfillment_ids))
        .group_by(
            fulfillment_line.c.fulfillment_id, r.fulfillment_line_id, r.variant_id, r.location_id, location.c.code,
            location.c.walk_sequence, r.lot_id, lot.c.code, lot.c.expires_on,
        )
        .order_by(location.c.walk_sequence, location.c.code, r.fulfillment_line_id, lot.c.expires_on, lot.c.code)
    )  # fmt: skip
    for fulfillment_id, line_id, variant_id, location_id, code, qty, walk, *of in map(tuple, tx.rows(query)):
        found[fulfillment_id].append(
            Stop(line_id, variant_id, location_id, code, int(qty), walk, of[0], of[1] or "", of[2])
        )
    return found


def of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The fulfillments of an order, oldest first."""
    return tx.rows(select(fulfillment).where(fulfillment.c.order_id == order_id).order_by(fulfillment.c.number))


def by_number(tx: Tx, number: int) -> Any:
    """The fulfillment with this number; raises `NotFound`."""
    row = tx.first(select(fulfillment).where(fulfillment.c.number == number))
    if row is None:
        raise NotFound(f"there is no fulfillment {number}")
    return row


def scans_of(tx: Tx, fulfillment_id: str, limit: int = 200) -> list[Logged]:
    """The last scans on a fulfillment, oldest first."""
    s = scan_log.c
    query = select(scan_log).where(s.fulfillment_id == fulfillment_id).order_by(s.id.desc()).limit(limit)
    return [
        Logged(row.scan_id, row.station, row.code, row.is_right, row.actor, row.scanned_at, read_answer(row.answer))
        for row in reversed(tx.rows(query))
    ]


def standing_at(tx: Tx, fulfillment_id: str) -> str | None:
    """The code of the bin that was scanned last on this pick, if any was."""
    return standing_at_many(tx, [fulfillment_id]).get(fulfillment_id)


def standing_at_many(tx: Tx, fulfillment_ids: Sequence[str]) -> dict[str, str]:
    """The code of the bin that was scanned last on each of these picks; those without any are missing."""
    s = scan_log.c
    query = (
        select(s.fulfillment_id, s.answer)
        .where(
            among(s.fulfillment_id, fulfillment_ids), s.station == "pick", s.is_right, s.fulfillment_line_id.is_(None)
        )
        .order_by(s.fulfillment_id, s.id)
    )
    found = {row.fulfillment_id: row.answer for row in tx.rows(query)}
    codes = {each: read_answer(answer).location_code for each, answer in found.items()}
    return {each: code for each, code in codes.items() if code}


def last_done(tx: Tx, fulfillment_id: str, station: str) -> ScanAnswer | None:
    """The last scan at a station that moved units and was not undone."""
    s = scan_log.c
    query = select(s.answer).where(s.fulfillment_id == fulfillment_id, s.station == station, s.is_right)
    undone: set[str] = set()
    for row in tx.rows(query.where(s.fulfillment_line_id.is_not(None)).order_by(s.id.desc()).limit(1000)):
        answer = read_answer(row.answer)
        if answer.undoes:
            undone.add(answer.undoes)
        elif answer.qty and answer.scan_id not in undone:
            return answer
    return None


def detail(tx: Tx, fulfillment_id: str) -> Detail:
    """A fulfillment with lines, stops and scans; raises `NotFound`."""
    row = tx.first(select(fulfillment).where(fulfillment.c.id == fulfillment_id))
    if row is None:
        raise NotFound("there is no such fulfillment")
    lines = lines_of(tx, [fulfillment_id])[fulfillment_id]
    stops = stops_of(tx, [fulfillment_id])[fulfillment_id]
    return Detail(row, tuple(lines), tuple(stops), tuple(scans_of(tx, fulfillment_id)))
