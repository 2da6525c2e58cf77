"""The SQL that writes batches, their totes and stops, and every scan that was made on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storekeep.kernel import lifecycle, numbers
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.kernel.jsontext import dump
from storekeep.shop.fulfillment.cartround import BatchAnswer, Task, read_answer
from storekeep.shop.fulfillment.hall import Route
from storekeep.shop.fulfillment.states import LIVE_BATCH, PICK_BATCH
from storekeep.shop.fulfillment.tables import (
    batch_scan,
    fulfillment,
    fulfillment_line,
    pick_batch,
    pick_stop,
    pick_tote,
)
from storekeep.shop.inventory.tables import location, lot, reservation

ON_THE_FLOOR = ("released", "in_progress")


@dataclass(frozen=True, slots=True)
class NewBatch:
    """Work that shall be picked in one walk; the first fulfillment gets tote 1. `cutoff_at` makes it a wave."""

    warehouse_id: str
    kind: str
    fulfillment_ids: tuple[str, ...]
    cutoff_at: int | None = None


@dataclass(frozen=True, slots=True)
class Tote:
    """A tote of a batch with the work that it is for; `outcome` is open, picked, left or called_off."""

    id: str
    batch_id: str
    fulfillment_id: str
    tote_no: int
    outcome: str
    number: int
    order_id: str
    order_number: int
    promised_on: str | None
    status: str


def create(tx: Tx, wanted: Sequence[NewBatch]) -> list[str]:
    """Write planned batches with their totes; returns their ids in order."""
    taken = numbers.take(tx, "pick_batch", len(wanted))
    heads: list[dict[str, Any]] = []
    totes: list[dict[str, Any]] = []
    for each, number in zip(wanted, taken, strict=True):
        heads.append(
            {
                "id": tx.new_id(),
                "number": number,
                "warehouse_id": each.warehouse_id,
                "kind": "wave" if each.cutoff_at is not None and each.kind == "multi_item" else each.kind,
                "status": PICK_BATCH.initial,
                "cutoff_at": each.cutoff_at,
                "picker": None,
                "released_by": None,
                "walk_mm": 0,
                "s_shape_mm": 0,
                "apart_mm": 0,
                "unplaced_stops": 0,
                "created_at": tx.now,
                "released_at": None,
                "started_at": None,
                "ended_at": None,
            }
        )
        totes += [_tote(tx, heads[-1]["id"], work, n) for n, work in enumerate(each.fulfillment_ids, 1)]
    tx.insert_many(pick_batch, heads)
    tx.insert_many(pick_tote, totes)
    ids = [str(head["id"]) for head in heads]
    lifecycle.begin(tx, PICK_BATCH, ids)
    return ids


def _tote(tx: Tx, batch_id: str, fulfillment_id: str, tote_no: int) -> dict[str, Any]:
    return {"id": tx.new_id(), "batch_id": batch_id, "fulfillment_id": fulfillment_id, "tote_no": tote_no,
            "outcome": "open"}  # fmt: skip


def add(tx: Tx, batch_id: str, fulfillment_id: str) -> int:
    """One more tote on a locked batch; returns its number."""
    last = tx.scalar(select(func.max(pick_tote.c.tote_no)).where(pick_tote.c.batch_id == batch_id))
    number = int(last or 0) + 1
    tx.insert_many(pick_tote, [_tote(tx, batch_id, fulfillment_id, number)])
    return number


def lock(tx: Tx, batch_ids: Iterable[str]) -> dict[str, Any]:
    """Lock batches in id order and return their rows by id; a missing one raises `NotFound`.

    The lock lets `follow` refer to them: a story that holds stock must not wait for a scan that waits for that stock.
    """
    wanted = sorted(set(batch_ids))
    query = select(pick_batch).where(among(pick_batch.c.id, wanted)).order_by(pick_batch.c.id)
    found = {row.id: row for row in tx.rows(query.with_for_update(key_share=True))}
    if len(found) < len(wanted):
        raise NotFound("there is no such batch")
    return found


def next_released(tx: Tx) -> str | None:
    """The batch to be picked next, locked: the nearest cut-off first, then the oldest."""
    b = pick_batch.c
    query = (
        select(b.id)
        .where(b.status == "released")
        .order_by(b.cutoff_at.is_(None), b.cutoff_at, b.number)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return tx.scalar(query)  # type: ignore[no-any-return]


def advance(tx: Tx, batch_ids: Sequence[str], to: str, **sets: Any) -> None:
    """Move batches to a status, all or none; raises `IllegalMove`."""
    lifecycle.advance(tx, PICK_BATCH, pick_batch, batch_ids, to, sets=sets)


def totes_of(tx: Tx, batch_ids: Iterable[str]) -> dict[str, list[Tote]]:
    """The totes of batches by batch, in order of their numbers."""
    found: dict[str, list[Tote]] = {each: [] for each in batch_ids}
    t, f = pick_tote.c, fulfillment.c
    query = (
        select(t.id, t.batch_id, t.fulfillment_id, t.tote_no, t.outcome, f.number, f.order_id, f.order_number,
               f.promised_on, f.status)
        .join_from(pick_tote, fulfillment, f.id == t.fulfillment_id)
        .where(among(t.batch_id, list(found)))
        .order_by(t.batch_id, t.tote_no)
    )  # fmt: skip
    for row in tx.rows(query):
        found[row.batch_id].append(Tote(*tuple(row)))
    return found


def live_of(tx: Tx, fulfillment_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The live batch of each of these works that is in one: (its id, its number)."""
    t, b = pick_tote.c, pick_batch.c
    query = (
        select(t.fulfillment_id, b.id, b.number)
        .join_from(pick_tote, pick_batch, b.id == t.batch_id)
        .where(among(t.fulfillment_id, set(fulfillment_ids)), t.outcome == "open")
    )
    return {row.fulfillment_id: (row.id, row.number) for row in tx.rows(query)}


def is_in_a_batch() -> Any:
    """The condition that a row of `fulfillment` waits in a live batch."""
    return exists().where(pick_tote.c.fulfillment_id == fulfillment.c.id, pick_tote.c.outcome == "open")


def settle(tx: Tx, outcomes: Mapping[str, str]) -> None:
    """What became of totes, by tote id."""
    for outcome in sorted(set(outcomes.values())):
        ids = [each for each, its in outcomes.items() if its == outcome]
        tx.run(update(pick_tote).where(among(pick_tote.c.id, ids)).values(outcome=outcome))


def set_route(tx: Tx, batch_id: str, route: Route, tasks: Sequence[Task]) -> None:
    """Write the plan of what is still to be walked; stops that were passed keep their numbers, and come before."""
    s = pick_stop.c
    waiting = and_(reservation.c.fulfillment_line_id == s.fulfillment_line_id, reservation.c.status == "assigned")
    again = and_(waiting, reservation.c.location_id == s.location_id)
    tx.run(delete(pick_stop).where(s.batch_id == batch_id, exists().where(again)))
    passed = int(tx.scalar(select(func.max(s.stop_no)).where(s.batch_id == batch_id)) or 0)
    stop_no = {place: n for n, place in enumerate(route.location_ids, passed + 1)}
    units: dict[tuple[str, str], int] = {}
    for task in tasks:  # a stop is a bin; of goods in several lots it has as many tasks
        units[task.location_id, task.line_id] = units.get((task.location_id, task.line_id), 0) + task.qty
    tx.insert_many(
        pick_stop,
        [
            {"id": tx.new_id(), "batch_id": batch_id, "stop_no": stop_no[place], "location_id": place,
             "fulfillment_line_id": line_id, "qty": qty}
            for (place, line_id), qty in units.items()
        ],
    )  # fmt: skip
    lengths = {"walk_mm": route.walk_mm, "s_shape_mm": route.s_shape_mm, "apart_mm": route.apart_mm,
               "unplaced_stops": route.unplaced}  # fmt: skip
    tx.run(update(pick_batch).where(pick_batch.c.id == batch_id).values(**lengths))


def follow(tx: Tx) -> None:
    """Units of batches on the floor that were given other bins since: their bins become stops at the end of the walk.

    For stories that move reserved goods without knowing of batches; it takes no lock that a scan may hold.
    """
    r, t, b, line, s = reservation.c, pick_tote.c, pick_batch.c, fulfillment_line.c, pick_stop.c
    planned = exists().where(
        s.batch_id == b.id, s.fulfillment_line_id == r.fulfillment_line_id, s.location_id == r.location_id
    )
    query = (
        select(b.id, r.fulfillment_line_id, r.location_id, func.sum(r.qty).label("units"))
        .join_from(pick_batch, pick_tote, t.batch_id == b.id)
        .join(fulfillment_line, line.fulfillment_id == t.fulfillment_id)
        .join(reservation, r.fulfillment_line_id == line.id)
        .where(b.status.in_(ON_THE_FLOOR), t.outcome == "open", r.status == "assigned", ~planned)
        .group_by(b.id, r.fulfillment_line_id, r.location_id)
        .order_by(b.id, r.location_id, r.fulfillment_line_id)
    )
    missing = tx.rows(query)
    if not missing:
        return
    lasts = select(s.batch_id, func.max(s.stop_no).label("last")).where(among(s.batch_id, {row.id for row in missing}))
    last = {row.batch_id: int(row.last) for row in tx.rows(lasts.group_by(s.batch_id))}
    rows = []
    for row in missing:
        last[row.id] = last.get(row.id, 0) + 1
        rows.append({"id": tx.new_id(), "batch_id": row.id, "stop_no": last[row.id], "location_id": row.location_id,
                     "fulfillment_line_id": row.fulfillment_line_id, "qty": int(row.units)})  # fmt: skip
    maker = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    tx.conn.execute(maker(pick_stop).on_conflict_do_nothing(), rows)


def tasks_of(tx: Tx, batch_ids: Sequence[str]) -> dict[str, list[Task]]:
    """What is still to be taken for the open totes of batches, along the walk; a bin off the plan comes last.

    At a bin it goes lot by lot, and then tote by tote.
    """
    found: dict[str, list[Task]] = {each: [] for each in batch_ids}
    r, t, line, at, s, of = reservation.c, pick_tote.c, fulfillment_line.c, location.c, pick_stop.c, lot.c
    planned = and_(s.batch_id == t.batch_id, s.fulfillment_line_id == r.fulfillment_line_id,
                   s.location_id == r.location_id)  # fmt: skip
    stop_no = func.coalesce(s.stop_no, literal(1_000_000)).label("stop_no")
    columns = [t.batch_id, t.fulfillment_id, t.tote_no, line.id, line.variant_id, line.sku, line.title, r.location_id,
               at.code, at.walk_sequence, r.lot_id, of.code.label("lot_code"), of.expires_on]  # fmt: skip
    query = (
        select(*columns, stop_no, func.sum(r.qty).label("units"))
        .join_from(pick_tote, fulfillment_line, line.fulfillment_id == t.fulfillment_id)
        .join(reservation, r.fulfillment_line_id == line.id)
        .join(location, at.id == r.location_id)
        .outerjoin(pick_stop, planned)
        .outerjoin(lot, of.id == r.lot_id)
        .where(among(t.batch_id, list(found)), t.outcome == "open", r.status == "assigned")
        .group_by(*columns, s.stop_no)
        .order_by(t.batch_id, stop_no, at.walk_sequence, at.code, func.coalesce(of.expires_on, ""),
                  func.coalesce(of.code, ""), t.tote_no, line.id)
    )  # fmt: skip
    for row in tx.rows(query):
        found[row.batch_id].append(
            Task(row.stop_no, row.location_id, row.code, row.id, row.fulfillment_id, row.tote_no, row.variant_id,
                 row.sku, row.title, int(row.units), row.lot_id, row.lot_code or "", row.expires_on)
        )  # fmt: skip
    return found


def known_answers(tx: Tx, scan_ids: Iterable[str]) -> dict[str, BatchAnswer]:
    """The answers that these scans got when they came first."""
    query = select(batch_scan.c.answer).where(among(batch_scan.c.scan_id, set(scan_ids)))
    found = [read_answer(row.answer) for row in tx.rows(query)]
    return {answer.scan_id: answer for answer in found}


def last_answers(tx: Tx, batch_id: str, limit: int = 1) -> list[BatchAnswer]:
    """The last scans of a batch, the newest first; the newest one knows where the picker stands and what is in hand."""
    query = select(batch_scan.c.answer).where(batch_scan.c.batch_id == batch_id).order_by(batch_scan.c.id.desc())
    return [read_answer(row.answer) for row in tx.rows(query.limit(limit))]


def log_scans(tx: Tx, batch_id: str, answers: Sequence[tuple[str, BatchAnswer]]) -> None:
    """Append scans, (code, answer) each, under the transaction's actor and time."""
    tx.insert_many(
        batch_scan,
        [
            {
                "id": tx.new_id(),
                "scan_id": answer.scan_id,
                "batch_id": batch_id,
                "fulfillment_id": answer.puts[0].fulfillment_id if answer.puts else None,
                "code": code[:200],
                "is_right": answer.is_right,
                "answer": dump(answer),
                "actor": tx.actor,
                "scanned_at": tx.now,
            }
            for code, answer in answers
        ],
    )


def is_live(status: str) -> bool:
    """Whether a batch of this status still has work."""
    return status in LIVE_BATCH


