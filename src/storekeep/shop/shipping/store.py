"""The SQL that writes shipments, label purchases, documents and scans; the only writer of these tables."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import lifecycle, numbers, outbox, prepared
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.kernel.jsontext import dump, load
from storekeep.shop.shipping.model import Address
from storekeep.shop.shipping.states import LABEL_PURCHASE, SHIPMENT
from storekeep.shop.shipping.tables import document, label_purchase, shipment, tracking_event
from storekeep.shop.shipping.tracking_fold import ScanEvent, Tracking, status_row


@dataclass(frozen=True, slots=True)
class NewShipment:
    """One parcel. `contents` are (sku, title, qty); `choice` is what was offered and why this one was taken."""

    order_id: str
    fulfillment_id: str
    carrier: str
    service: str
    service_label: str
    choice: Mapping[str, Any]
    weight_g: int
    ship_to: str
    contents: tuple[tuple[str, str, int], ...]
    currency: str
    promised_on: str | None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper to keep as it is: label or packing slip."""

    kind: str
    subject_id: str
    body: bytes
    content_type: str = "application/pdf"


def create(tx: Tx, wanted: Sequence[NewShipment]) -> list[str]:
    """Write draft shipments; returns their ids in order. A fulfillment has at most one that is not canceled."""
    taken = numbers.take(tx, "shipment", len(wanted))
    rows = [_row(tx, each, number) for each, number in zip(wanted, taken, strict=True)]
    tx.insert_many(shipment, rows)
    ids = [row["id"] for row in rows]
    lifecycle.begin(tx, SHIPMENT, ids)
    return ids


def _row(tx: Tx, new: NewShipment, number: int) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "number": number,
        "order_id": new.order_id,
        "fulfillment_id": new.fulfillment_id,
        "status": SHIPMENT.initial,
        "carrier": new.carrier,
        "service": new.service,
        "service_label": new.service_label,
        "choice": dump(dict(new.choice)),
        "tracking_number": None,
        "weight_g": new.weight_g,
        "ship_to": new.ship_to,
        "contents": dump(new.contents),
        "cost_minor": 0,
        "currency": new.currency,
        "promised_on": new.promised_on,
        "milestone": "label_created",
        "exception": "none",
        "labelled_at": None,
        "handed_over_at": None,
        "last_scan_at": None,
        "delivered_at": None,
        "created_at": tx.now,
    }


def choose_again(tx: Tx, shipment_id: str, new: NewShipment) -> None:
    """A draft whose label was refused gets another service."""
    values = {
        "carrier": new.carrier,
        "service": new.service,
        "service_label": new.service_label,
        "choice": dump(dict(new.choice)),
        "weight_g": new.weight_g,
        "currency": new.currency,
    }
    tx.run(update(shipment).where(shipment.c.id == shipment_id, shipment.c.status == "draft").values(values))


def load_one(tx: Tx, shipment_id: str) -> Any:
    """A shipment's row; raises `NotFound`."""
    for row in load_many(tx, [shipment_id]):
        return row
    raise NotFound("there is no such shipment")


def load_many(tx: Tx, shipment_ids: Sequence[str]) -> Sequence[Any]:
    """The shipments' rows, not locked; one that does not exist is missing."""
    return tx.rows(prepared.rows_of(shipment, "id"), {"wanted": list(shipment_ids)})


def live_of(tx: Tx, fulfillment_ids: Iterable[str]) -> dict[str, Any]:
    """The shipment of each fulfillment that has one that is not canceled, locked in id order."""
    s = shipment.c
    query = select(shipment).where(among(s.fulfillment_id, fulfillment_ids), s.status != "canceled")
    return {row.fulfillment_id: row for row in tx.rows(query.order_by(s.id).with_for_update())}


def move(tx: Tx, shipment_ids: Sequence[str], to: str, **sets: Any) -> None:
    """Move shipments along their lifecycle, all or none; raises `IllegalMove`."""
    lifecycle.advance(tx, SHIPMENT, shipment, shipment_ids, to, sets=sets)


def address_of(ship_to: str) -> Address:
    """The address in an order's or shipment's JSON; parts that it lacks are empty."""
    stored = load(ship_to)
    return Address(**{name: str(stored.get(name) or "") for name in Address.__slots__})


def choice_of(parcel: Any) -> dict[str, Any]:
    """Why this service: price, arrival, whether it keeps the promise, and why the others were not taken."""
    return dict(load(parcel.choice))


def contents_of(parcel: Any) -> list[tuple[str, str, int]]:
    """What lies in a parcel: (sku, title, units)."""
    return [(sku, title, int(qty)) for sku, title, qty in load(parcel.contents)]


# --- labels -----------------------------------------------------------------------------------------------------------


def request_labels(tx: Tx, shipment_ids: Sequence[str]) -> dict[str, str]:
    """Write purchases down and queue the calls to the carriers; returns the purchase's id of each shipment.

    The schema refuses a second one for a parcel while one is open or bought.
    """
    made = {shipment_id: tx.new_id() for shipment_id in shipment_ids}
    move(tx, list(made), "label_pending")
    tx.insert_many(label_purchase, [_purchase(tx, purchase_id, of) for of, purchase_id in made.items()])
    lifecycle.begin(tx, LABEL_PURCHASE, list(made.values()))
    outbox.send_new(
        tx,
        [
            outbox.Message("label.buy", label_key(purchase_id), {"purchase_id": purchase_id}, "label", shipment_id)
            for shipment_id, purchase_id in made.items()
        ],
    )
    return made


def _purchase(tx: Tx, purchase_id: str, shipment_id: str) -> dict[str, Any]:
    return {
        "id": purchase_id,
        "shipment_id": shipment_id,
        "idempotency_key": f"label:{purchase_id}",
        "status": LABEL_PURCHASE.initial,
        "cost_minor": 0,
        "tracking_number": None,
        "failure": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def label_key(purchase_id: str) -> str:
    """The key of the outbox row that buys this label."""
    return f"label.buy:{purchase_id}"


def lock_purchase(tx: Tx, purchase_id: str) -> Any:
    """A purchase's row, locked; raises `NotFound`."""
    return lock_purchases(tx, [purchase_id])[purchase_id]


def lock_purchases(tx: Tx, purchase_ids: Sequence[str]) -> dict[str, Any]:
    """The purchases' rows by id, locked in id order; a missing one raises `NotFound`."""
    rows = tx.rows(prepared.rows_of(label_purchase, "id", lock=True), {"wanted": list(purchase_ids)})
    found = {row.id: row for row in rows}
    if len(found) < len(set(purchase_ids)):
        raise NotFound("there is no such label purchase")
    return found


def orders_of_purchases(tx: Tx, purchase_ids: Sequence[str]) -> list[str]:
    """The orders that these purchases are for; they are locked before the purchases."""
    query = select(shipment.c.order_id).join(label_purchase, label_purchase.c.shipment_id == shipment.c.id)
    return sorted({row.order_id for row in tx.rows(query.where(among(label_purchase.c.id, purchase_ids)))})


def purchases_bought(tx: Tx, bought: Mapping[str, tuple[int, str]]) -> None:
    """The carrier sold these labels: by purchase (cost in minor units, tracking number)."""
    if not bought:
        return
    sets = {"updated_at": tx.now, "failure": None}
    lifecycle.advance(tx, LABEL_PURCHASE, label_purchase, list(bought), "bought", sets=sets)
    tx.conn.execute(
        prepared.change_of(label_purchase, "cost_minor", "tracking_number"),
        [
            {"of_id": each, "to_cost_minor": cost, "to_tracking_number": number}
            for each, (cost, number) in sorted(bought.items())
        ],
    )


def labelled(tx: Tx, parcels: Mapping[str, tuple[int, str, str]]) -> None:
    """These parcels have their labels: by shipment (cost in minor units, currency, tracking number)."""
    if not parcels:
        return
    move(tx, list(parcels), "labelled", labelled_at=tx.now)
    tx.conn.execute(
        prepared.change_of(shipment, "cost_minor", "currency", "tracking_number"),
        [
            {"of_id": each, "to_cost_minor": cost, "to_currency": currency, "to_tracking_number": number}
            for each, (cost, currency, number) in sorted(parcels.items())
        ],
    )


def purchases_of(tx: Tx, shipment_ids: Sequence[str]) -> Sequence[Any]:
    """The label purchases of parcels, oldest first."""
    p = label_purchase.c
    return tx.rows(select(label_purchase).where(among(p.shipment_id, shipment_ids)).order_by(p.id))


def move_purchase(tx: Tx, purchase_id: str, to: str, **sets: Any) -> None:
    """Move a purchase along its lifecycle, stamping the time; raises `IllegalMove`."""
    move_purchases(tx, [purchase_id], to, **sets)


def move_purchases(tx: Tx, purchase_ids: Sequence[str], to: str, **sets: Any) -> None:
    """Move purchases along their lifecycle together, stamping the time; raises `IllegalMove`."""
    lifecycle.advance(tx, LABEL_PURCHASE, label_purchase, purchase_ids, to, sets={"updated_at": tx.now, **sets})


def keep_documents(tx: Tx, papers: Sequence[NewDocument]) -> list[str]:
    """Keep papers as they are; returns their ids in order."""
    rows = [
        {
            "id": tx.new_id(),
            "kind": paper.kind,
            "content_type": paper.content_type,
            "sha256": hashlib.sha256(paper.body).hexdigest(),
            "body_base64": base64.b64encode(paper.body).decode(),
            "subject_id": paper.subject_id,
            "created_at": tx.now,
        }
        for paper in papers
    ]
    tx.insert_many(document, rows)
    return [str(row["id"]) for row in rows]


# --- tracking ---------------------------------------------------------------------------------------------------------


def by_tracking_number(tx: Tx, tracking_numbers: Iterable[str]) -> dict[str, Any]:
    """The shipments with these numbers, by number, locked in id order."""
    s = shipment.c
    query = select(shipment).where(among(s.tracking_number, set(tracking_numbers))).order_by(s.id)
    return {row.tracking_number: row for row in tx.rows(query.with_for_update())}


def add_events(tx: Tx, events: Sequence[tuple[str, ScanEvent]]) -> dict[str, int]:
    """Keep scans, (shipment id, event) each, that are not kept yet; returns how many were new, by shipment id."""
    fresh = {event.event_id: (shipment_id, event) for shipment_id, event in reversed(events)}
    if not fresh:
        return {}
    e = tracking_event.c
    for row in tx.rows(select(e.id).where(among(e.id, fresh))):
        del fresh[row.id]
    rows = []
    for event_id, (shipment_id, event) in fresh.items():
        meaning = status_row(event.carrier, event.code)
        rows.append(
            {
                "id": event_id,
                "shipment_id": shipment_id,
                "code": event.code,
                "text": event.text or (meaning.text if meaning else ""),
                "place": event.place,
                "milestone": (meaning.milestone or "") if meaning else "",
                "exception": meaning.exception if meaning else "none",
                "scanned_at": event.at,
                "recorded_at": event.received_at,
            }
        )
    tx.insert_many(tracking_event, rows)
    return dict(Counter(shipment_id for shipment_id, _ in fresh.values()))


def events_of(tx: Tx, shipments: Sequence[Any]) -> dict[str, list[ScanEvent]]:
    """Every kept scan of these shipments, by shipment id."""
    known = {row.id: row for row in shipments}
    found: dict[str, list[ScanEvent]] = {shipment_id: [] for shipment_id in known}
    query = select(tracking_event).where(among(tracking_event.c.shipment_id, known))
    for row in tx.rows(query):
        of = known[row.shipment_id]
        found[of.id].append(
            ScanEvent(of.carrier, of.tracking_number, row.scanned_at, row.code, row.text, row.place, row.recorded_at)
        )
    return found


def write_tracking(tx: Tx, folded: Mapping[str, Tracking]) -> None:
    """Set the tracking columns of shipments to what their scans say."""
    rows = [
        {
            "of_id": shipment_id,
            "to_milestone": seen.milestone,
            "to_exception": seen.exception,
            "to_last": seen.last_scan_at,
            "to_delivered": seen.delivered_at,
        }
        for shipment_id, seen in sorted(folded.items())
    ]
    if rows:
        statement = update(shipment).where(shipment.c.id == bindparam("of_id"))
        values: dict[str, Any] = {
            "milestone": bindparam("to_milestone"),
            "exception": bindparam("to_exception"),
            "last_scan_at": bindparam("to_last"),
            "delivered_at": bindparam("to_delivered"),
        }
        tx.conn.execute(statement.values(values), rows)
