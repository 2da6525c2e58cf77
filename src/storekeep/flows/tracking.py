"""Where parcels are: carriers' scans are kept raw, and each parcel's status is folded anew from all of its scans.

Scans may come late, twice and out of order; any order of arrival gives the same status.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.flows import telling
from storekeep.kernel.bulk import among
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.jsontext import load
from storekeep.kernel.queue import Dead, Done, Job, Outcome
from storekeep.shop.orders import timeline
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.shipping import store as shipments
from storekeep.shop.shipping.carriers.table import normalize_number
from storekeep.shop.shipping.rates import carrier_name
from storekeep.shop.shipping.states import SHIPMENT
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.shipping.tracking_fold import ScanEvent, Tracking, fold
from storekeep.shop.support import cases

#: Exceptions that somebody has to act on, in the words of the case that they open.
TROUBLE = {
    "lost": "was declared lost",
    "damaged": "was reported damaged",
    "address": "could not be delivered to its address",
    "refused": "was refused by the recipient",
}
_STATUS_OF = {"delivered": "delivered", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as a carrier told it; `at` is when it happened. `carrier` is who told it, '' when typed by hand."""

    tracking_number: str
    code: str
    text: str
    place: str
    at: Instant
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many scans were new, and the numbers that no parcel of this carrier has."""

    new_count: int
    unknown: tuple[str, ...]


def record(tx: Tx, scans: Sequence[Scan]) -> Recorded:
    """Keep scans that are new and fold their parcels. Repeats change nothing; unknown numbers are returned."""
    numbers = {scan.tracking_number: normalize_number(scan.tracking_number) for scan in scans}
    parcels = shipments.by_tracking_number(tx, numbers.values())
    unknown: list[str] = []
    events: list[tuple[str, ScanEvent]] = []
    for scan in scans:
        parcel = parcels.get(numbers[scan.tracking_number])
        if parcel is None or (scan.carrier and scan.carrier != parcel.carrier):
            unknown.append(scan.tracking_number)
            continue
        event = ScanEvent(
            parcel.carrier, parcel.tracking_number, scan.at, scan.code.strip().upper(), scan.text, scan.place, tx.now
        )
        events.append((parcel.id, event))
    by_parcel = shipments.add_events(tx, events)
    refold(tx, sorted(by_parcel))
    return Recorded(sum(by_parcel.values()), tuple(dict.fromkeys(unknown)))


def refold(tx: Tx, shipment_ids: Sequence[str]) -> None:
    """Recompute parcels from all their scans, and act on what changed: delivered, returned, in trouble."""
    rows = tx.rows(select(shipment).where(among(shipment.c.id, shipment_ids)).order_by(shipment.c.id))
    events = shipments.events_of(tx, rows)
    rows = [row for row in rows if events[row.id] and row.tracking_number is not None]
    folded = {
        row.id: fold(row.carrier, row.tracking_number, row.labelled_at or row.created_at, events[row.id])
        for row in rows
    }
    shipments.write_tracking(tx, folded)
    _move(tx, rows, folded)
    _open_trouble(tx, rows, folded)


def _move(tx: Tx, rows: Sequence[Any], folded: Mapping[str, Tracking]) -> None:
    """The status follows the milestone once the parcel left our door; before that a scan is only kept."""
    moves: dict[str, list[Any]] = {}
    for row in rows:
        if row.status in {"handed_over", "delivered", "lost", "returned"}:
            wanted = _STATUS_OF.get(folded[row.id].milestone, "handed_over")
            if SHIPMENT.allows(row.status, wanted):
                moves.setdefault(wanted, []).append(row)
    for status, parcels in sorted(moves.items()):
        shipments.move(tx, [row.id for row in parcels], status)
    arrived = moves.get("delivered", [])
    words = {"delivered": "was delivered", "returned": "came back to us", "handed_over": "is on its way again"}
    timeline.record(
        tx,
        [
            timeline.Happening(
                row.order_id,
                f"shipment.{'corrected' if status == 'handed_over' else status}",
                f"The parcel {row.tracking_number} {words[status]}",
                {"shipment_id": row.id},
            )
            for status, parcels in sorted(moves.items())
            for row in parcels
        ],
    )
    mail_parcels(tx, "delivered", arrived)


def mail_parcels(tx: Tx, template: str, parcels: Iterable[Any]) -> None:
    """Tell the buyers about their parcels: one mail per parcel and template, ever."""
    waiting = list(parcels)
    ids = {parcel.order_id for parcel in waiting}
    known = {row.id: row for row in tx.rows(select(sales_order).where(among(sales_order.c.id, ids)))} if ids else {}
    while waiting:
        # The facts of a mail go by order, so two parcels of one order take two rounds.
        now = list({parcel.order_id: parcel for parcel in waiting}.values())
        waiting = [parcel for parcel in waiting if parcel not in now]
        about = [(known[parcel.order_id], f"{template}:{parcel.id}") for parcel in now]
        telling.mail_orders(tx, template, about, {parcel.order_id: _facts(parcel) for parcel in now})


def _facts(parcel: Any) -> dict[str, Any]:
    return {
        "carrier": carrier_name(parcel.carrier),
        "tracking_number": parcel.tracking_number,
        "expected_on": load(parcel.choice).get("arrives_on") or parcel.promised_on or "",
        "lines": [{"qty": qty, "title": title, "total": ""} for _, title, qty in load(parcel.contents)],
    }


def _open_trouble(tx: Tx, rows: Sequence[Any], folded: Mapping[str, Tracking]) -> None:
    """A parcel in trouble becomes a case, once per kind of trouble."""
    wrong = {}
    for row in rows:
        seen = folded[row.id]
        if seen.exception in TROUBLE:
            wrong[row.id] = (seen.exception, TROUBLE[seen.exception])
        elif seen.milestone in {"returning", "returned"}:
            wrong[row.id] = ("returned", "is coming back to us")
    if not wrong:
        return
    table = sales_order.c
    ids = {row.order_id for row in rows if row.id in wrong}
    known = {row.id: row for row in tx.rows(select(sales_order).where(table.id.in_(ids)))}
    cases.open_cases(
        tx,
        [
            cases.NewCase(
                f"parcel:{row.id}:{wrong[row.id][0]}",
                "damaged" if wrong[row.id][0] == "damaged" else "not_arrived",
                f"Order {known[row.order_id].number}: the parcel {wrong[row.id][1]}",
                row.order_id,
                row.id,
                known[row.order_id].email,
                known[row.order_id].name,
            )
            for row in rows
            if row.id in wrong
        ],
    )


def fold_scan(db: Database, job: Job) -> Outcome:
    """Inbox `carrier.scan`: fold one carrier's scan. A body that nobody can read, or a number that is not ours, is dead
    and visible with its reason; nothing is lost, for the raw row stays."""
    return fold_scans(db, [job])[0]


def fold_scans(db: Database, jobs: Sequence[Job]) -> list[Outcome]:
    """Several `carrier.scan` at once, those of each carrier in a transaction of their own."""
    outcomes: dict[str, Outcome] = {job.id: Done() for job in jobs}
    by_carrier: dict[str, list[tuple[Job, Scan]]] = {}
    for job in jobs:
        try:
            scan = read_scan(job.body, job.source.removeprefix("carrier:"))
        except ValueError as problem:
            outcomes[job.id] = Dead(f"this scan cannot be read: {problem}")
        else:
            by_carrier.setdefault(job.source or "carrier", []).append((job, scan))
    for carrier, own in sorted(by_carrier.items()):
        with db.begin(actor=carrier) as tx:
            unknown = set(record(tx, [scan for _job, scan in own]).unknown)
        for job, scan in own:
            if scan.tracking_number in unknown:
                text = f"no parcel of this carrier has the tracking number {scan.tracking_number}"
                outcomes[job.id] = Dead(text)
    return [outcomes[job.id] for job in jobs]


def read_scan(body: str, carrier: str) -> Scan:
    """A scan from its JSON; ValueError names the field that does not fit."""
    try:
        told = json.loads(body)
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from error
    if not isinstance(told, dict):
        raise ValueError("it is not an object")
    for name in ("tracking_number", "code"):
        if not isinstance(told.get(name), str) or not told[name].strip() or len(told[name]) > 80:
            raise ValueError(f"{name} must be a text of at most 80 characters")
    at = told.get("at")
    if isinstance(at, bool) or not isinstance(at, int) or not 0 < at < 2**62:
        raise ValueError("at must be microseconds since 1970, UTC")
    words = {name: str(told.get(name) or "")[:200] for name in ("text", "place")}
    return Scan(told["tracking_number"], told["code"], words["text"], words["place"], at, carrier)
