"""The SQL that writes fulfillments, their lines and the scan log; the only writer of these tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import lifecycle, numbers
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.kernel.jsontext import dump, load
from storekeep.shop.fulfillment.model import NewFulfillment as NewFulfillment
from storekeep.shop.fulfillment.model import NewLine as NewLine
from storekeep.shop.fulfillment.model import ScanAnswer, Scanned, Taken, WorkLine
from storekeep.shop.fulfillment.states import FULFILLMENT, OPEN
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line, scan_log

_LINE = [fulfillment_line.c[name] for name in WorkLine.__slots__]
_LOCKED = select(fulfillment).where(among(fulfillment.c.id, listed("ids"))).order_by(fulfillment.c.id).with_for_update()
_ORDERS = select(fulfillment.c.order_id).where(among(fulfillment.c.id, listed("ids")))
_LINES = (
    select(*_LINE)
    .where(among(fulfillment_line.c.fulfillment_id, listed("fulfillments")))
    .order_by(fulfillment_line.c.id)
)
COUNTERS = ("picked", "packed", "dropped")
_COUNTING = {
    name: update(fulfillment_line)
    .where(fulfillment_line.c.id == bindparam("of_id"))
    .values({name: fulfillment_line.c[name] + bindparam("by_units")})
    for name in COUNTERS
}


def create(tx: Tx, wanted: Sequence[NewFulfillment]) -> list[str]:
    """Write fulfillments with their lines, open, each with a number; returns their ids in order.

    Equal order lines within one fulfillment are added up. Raises `Invalid` for one without units.
    """
    taken = numbers.take(tx, "fulfillment", len(wanted))
    heads: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for each, number in zip(wanted, taken, strict=True):
        heads.append(_head(tx, each, number))
        lines += _lines(tx, each, heads[-1]["id"])
    tx.insert_many(fulfillment, heads)
    tx.insert_many(fulfillment_line, lines)
    ids = [head["id"] for head in heads]
    lifecycle.begin(tx, FULFILLMENT, ids)
    return ids


def _head(tx: Tx, wanted: NewFulfillment, number: int) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "number": number,
        "order_id": wanted.order_id,
        "order_number": wanted.order_number,
        "warehouse_id": wanted.warehouse_id,
        "kind": wanted.kind,
        "status": FULFILLMENT.initial,
        "promised_on": wanted.promised_on,
        "claimed_by": None,
        "claimed_at": None,
        "weight_g": None,
        "created_at": tx.now,
        "packed_at": None,
        "handed_over_at": None,
    }


def _lines(tx: Tx, wanted: NewFulfillment, fulfillment_id: str) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for line in wanted.lines:
        if line.qty <= 0:
            raise Invalid("qty", f"{line.sku}: a fulfillment line needs at least 1 unit, not {line.qty}")
        if line.order_line_id in rows:
            rows[line.order_line_id]["qty"] += line.qty
            continue
        rows[line.order_line_id] = {
            "id": tx.new_id(),
            "fulfillment_id": fulfillment_id,
            "order_line_id": line.order_line_id,
            "variant_id": line.variant_id,
            "sku": line.sku,
            "title": line.title,
            "qty": line.qty,
            "picked": 0,
            "packed": 0,
            "dropped": 0,
        }
    if not rows:
        raise Invalid("lines", f"a fulfillment of order {wanted.order_number} needs at least one line")
    return list(rows.values())


def lock(tx: Tx, fulfillment_ids: Iterable[str]) -> dict[str, Any]:
    """Lock fulfillments in id order and return their rows by id; a missing one raises `NotFound`."""
    wanted = sorted(set(fulfillment_ids))
    found = {row.id: row for row in tx.rows(_LOCKED, {"ids": wanted})}
    if len(found) < len(wanted):
        raise NotFound("there is no such fulfillment")
    return found


def load_one(tx: Tx, fulfillment_id: str) -> Any:
    """A fulfillment's row; raises `NotFound`."""
    row = tx.first(select(fulfillment).where(fulfillment.c.id == fulfillment_id))
    if row is None:
        raise NotFound("there is no such fulfillment")
    return row


def orders_of(tx: Tx, fulfillment_ids: Iterable[str]) -> list[str]:
    """The orders that these fulfillments belong to, so that they can be locked first."""
    return sorted({row.order_id for row in tx.rows(_ORDERS, {"ids": fulfillment_ids})})


def line(tx: Tx, line_id: str) -> WorkLine:
    """A line; raises `NotFound`."""
    row = tx.first(select(*_LINE).where(fulfillment_line.c.id == line_id))
    if row is None:
        raise NotFound("there is no such line of work")
    return WorkLine(**row._mapping)


def live_of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The fulfillments of an order that have not left and were not canceled, locked, oldest first."""
    f = fulfillment.c
    query = select(fulfillment).where(f.order_id == order_id, f.status.in_(sorted(OPEN)))
    return tx.rows(query.order_by(f.id).with_for_update())


def lines_of(tx: Tx, fulfillment_ids: Iterable[str]) -> dict[str, list[WorkLine]]:
    """The lines of fulfillments by fulfillment, in the order in which they were written."""
    found: dict[str, list[WorkLine]] = {each: [] for each in fulfillment_ids}
    for row in tx.rows(_LINES, {"fulfillments": found}):
        found[row.fulfillment_id].append(WorkLine(*tuple(row)))
    return found


def advance(tx: Tx, fulfillment_ids: Sequence[str], to: str, **sets: Any) -> None:
    """Move fulfillments to a status, all or none; raises `IllegalMove`."""
    lifecycle.advance(tx, FULFILLMENT, fulfillment, fulfillment_ids, to, sets=sets)


def set_packed(tx: Tx, grams: Mapping[str, int]) -> None:
    """The parcels of these fulfillments are closed and were weighed (grams)."""
    if grams:
        advance(tx, list(grams), "packed", packed_at=tx.now)
        statement = update(fulfillment).where(fulfillment.c.id == bindparam("of_id"))
        rows = [{"of_id": each, "to_grams": weight} for each, weight in sorted(grams.items())]
        tx.conn.execute(statement.values(weight_g=bindparam("to_grams")), rows)


def count(tx: Tx, column: str, units: Mapping[str, int]) -> None:
    """Add units (negative to take back) to one counter of lines: picked, packed or dropped.

    The table's CHECKs have the last word.
    """
    if column not in COUNTERS:
        raise ValueError(f"{column} is not a counter of a fulfillment line")
    rows = [{"of_id": line_id, "by_units": n} for line_id, n in sorted(units.items()) if n]
    if rows:
        tx.conn.execute(_COUNTING[column], rows)


def drop(tx: Tx, units: Mapping[str, int]) -> None:
    """Units of lines that will never be sent."""
    count(tx, "dropped", units)


def empty(tx: Tx, fulfillment_id: str) -> None:
    """The picked goods of a fulfillment are back in their bins."""
    mine = fulfillment_line.c.fulfillment_id == fulfillment_id
    tx.run(update(fulfillment_line).where(mine).values(picked=0, packed=0))


def reduce(tx: Tx, order_id: str, units: Mapping[str, int]) -> None:
    """Units of order lines will not be sent after all: take them off the order's open work.

    A fulfillment with nothing left to send is canceled. Raises `Conflict` when open work has fewer units.
    """
    live = [row.id for row in live_of_order(tx, order_id) if row.status == "open" and row.kind == "sale"]
    left, dropped, due = dict(units), dict[str, int](), dict[str, int]()
    for fulfillment_id, lines in lines_of(tx, live).items():
        for line in lines:
            take = min(left.get(line.order_line_id, 0), line.to_pick)
            if take:
                dropped[line.id] = take
                left[line.order_line_id] -= take
            due[fulfillment_id] = due.get(fulfillment_id, 0) + line.due - take
    if any(left.values()):
        raise Conflict("some of these units are not open work any more; look at the order again")
    drop(tx, dropped)
    advance(tx, [each for each in live if due[each] == 0], "canceled")


def known_answers(tx: Tx, scan_ids: Sequence[str]) -> dict[str, ScanAnswer]:
    """The answers that these scans got when they came first."""
    query = select(scan_log.c.answer).where(among(scan_log.c.scan_id, set(scan_ids)))
    found = [read_answer(row.answer) for row in tx.rows(query)]
    return {answer.scan_id: answer for answer in found}


def read_answer(stored: str) -> ScanAnswer:
    """An answer as it stands in the log."""
    fields = load(stored)
    return ScanAnswer(**{**fields, "taken": tuple(Taken(**each) for each in fields["taken"])})


def fresh_scans(
    scans: Mapping[str, Sequence[Scanned]], known: Mapping[str, ScanAnswer]
) -> dict[str, list[Scanned]]:
    """The scans of each fulfillment that have no answer yet, each once; those without any are left out."""
    seen = set(known)
    fresh: dict[str, list[Scanned]] = {}
    for fulfillment_id, own in scans.items():
        for scan in own:
            if scan.scan_id not in seen:
                seen.add(scan.scan_id)
                fresh.setdefault(fulfillment_id, []).append(scan)
    return fresh


def log_scans(tx: Tx, station: str, answers: Sequence[tuple[str, str, ScanAnswer]]) -> None:
    """Append scans, (fulfillment, code, answer) each, under the transaction's actor and time."""
    tx.insert_many(
        scan_log,
        [
            {
                "id": tx.new_id(),
                "scan_id": answer.scan_id,
                "fulfillment_id": fulfillment_id,
                "fulfillment_line_id": answer.line_id,
                "station": station,
                "code": code[:200],
                "is_right": answer.is_right,
                "answer": dump(answer),
                "actor": tx.actor,
                "scanned_at": tx.now,
            }
            for fulfillment_id, code, answer in answers
        ],
    )
