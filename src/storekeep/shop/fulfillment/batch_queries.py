"""Reads for the pages of batches: lists by status, one with its totes and its walk. SELECT only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, case, cast, func, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.batches import Tote
from storekeep.shop.fulfillment.cartround import BatchAnswer, Task
from storekeep.shop.fulfillment.tables import fulfillment_line, pick_batch, pick_stop, pick_tote
from storekeep.shop.inventory.tables import location


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A line of a list of batches: lengths in mm, `units` that are meant to be sent, and how many are `picked`."""

    id: str
    number: int
    kind: str
    status: str
    cutoff_at: int | None
    picker: str | None
    walk_mm: int
    apart_mm: int
    created_at: int
    ended_at: int | None
    orders: int
    units: int
    picked: int

    @property
    def saved_mm(self) -> int:
        return max(0, self.apart_mm - self.walk_mm)


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A bin of a walk with what was planned to be taken there."""

    stop_no: int
    location_id: str
    location_code: str
    line_id: str
    variant_id: str
    sku: str
    title: str
    tote_no: int
    qty: int


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch with its totes, what is left to pick along the walk, the plan, and its last scans, the newest first."""

    row: Any
    totes: tuple[Tote, ...]
    tasks: tuple[Task, ...]
    plan: tuple[PlannedStop, ...]
    scans: tuple[BatchAnswer, ...]


def listed(tx: Tx, statuses: Sequence[str], *, after: int | None = None, limit: int = 50) -> list[BatchRow]:
    """Batches in these statuses, the newest first; `after` is the number of the last one seen."""
    b, t, line = pick_batch.c, pick_tote.c, fulfillment_line.c
    due = case((t.outcome.in_(("open", "picked")), line.qty - line.dropped), else_=0)
    query = (
        select(
            b.id, b.number, b.kind, b.status, b.cutoff_at, b.picker, b.walk_mm, b.apart_mm, b.created_at, b.ended_at,
            func.count(func.distinct(t.id)).label("orders"),
            cast(func.sum(due), BigInteger).label("units"),
            cast(func.sum(case((t.outcome.in_(("open", "picked")), line.picked), else_=0)), BigInteger).label("picked"),
        )
        .join_from(pick_batch, pick_tote, t.batch_id == b.id)
        .join(fulfillment_line, line.fulfillment_id == t.fulfillment_id)
        .where(b.status.in_(statuses))
        .group_by(b.id)
        .order_by(b.number.desc())
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        query = query.where(b.number < after)
    return [BatchRow(*tuple(row)) for row in tx.rows(query)]


def detail(tx: Tx, batch_id: str) -> BatchDetail:
    """Everything that a batch's pages show; raises `NotFound`."""
    row = tx.first(select(pick_batch).where(pick_batch.c.id == batch_id))
    if row is None:
        raise NotFound("there is no such batch")
    return BatchDetail(
        row,
        tuple(batches.totes_of(tx, [batch_id])[batch_id]),
        tuple(batches.tasks_of(tx, [batch_id])[batch_id]),
        _plan(tx, batch_id),
        tuple(batches.last_answers(tx, batch_id, 20)),
    )


def _plan(tx: Tx, batch_id: str) -> tuple[PlannedStop, ...]:
    s, line, t, at = pick_stop.c, fulfillment_line.c, pick_tote.c, location.c
    query = (
        select(s.stop_no, s.location_id, at.code, line.id, line.variant_id, line.sku, line.title, t.tote_no, s.qty)
        .join_from(pick_stop, fulfillment_line, line.id == s.fulfillment_line_id)
        .join(pick_tote, (t.batch_id == s.batch_id) & (t.fulfillment_id == line.fulfillment_id))
        .join(location, at.id == s.location_id)
        .where(s.batch_id == batch_id)
        .order_by(s.stop_no, at.code, t.tote_no, line.id)
    )
    return tuple(PlannedStop(*tuple(row)) for row in tx.rows(query))


def work_in_tote(tx: Tx, batch_number: int, tote_no: int) -> str | None:
    """The fulfillment whose goods lie in this tote; None when there is no such tote."""
    query = (
        select(pick_tote.c.fulfillment_id)
        .join_from(pick_tote, pick_batch, pick_batch.c.id == pick_tote.c.batch_id)
        .where(pick_batch.c.number == batch_number, pick_tote.c.tote_no == tote_no)
    )
    return tx.scalar(query)  # type: ignore[no-any-return]


def totes_holding(tx: Tx, fulfillment_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The tote that each of these works was picked into last: (batch number, tote number)."""
    t, b = pick_tote.c, pick_batch.c
    query = (
        select(t.fulfillment_id, b.number, t.tote_no)
        .join_from(pick_tote, pick_batch, b.id == t.batch_id)
        .where(t.fulfillment_id.in_(fulfillment_ids), t.outcome.in_(("open", "picked")))
        .order_by(b.number)
    )
    return {row.fulfillment_id: (row.number, row.tote_no) for row in tx.rows(query)}
