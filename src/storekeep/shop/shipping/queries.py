"""Reads of parcels: lists for pages, papers to print, the way of one parcel. SELECT only."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.shipping import store
from storekeep.shop.shipping.tables import document, shipment
from storekeep.shop.shipping.tracking_fold import Step, fold


@dataclass(frozen=True, slots=True)
class Paper:
    """A kept document, ready to be printed again as it was."""

    id: str
    kind: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A kept document in a list, without its bytes."""

    id: str
    kind: str
    content_type: str
    created_at: int


def of_order(tx: Tx, order_id: str) -> Sequence[Any]:
    """The shipments of an order, oldest first."""
    return tx.rows(select(shipment).where(shipment.c.order_id == order_id).order_by(shipment.c.number))


def of_fulfillment(tx: Tx, fulfillment_id: str) -> Any | None:
    """The shipment of a fulfillment that is not canceled, if it has one."""
    s = shipment.c
    return tx.first(select(shipment).where(s.fulfillment_id == fulfillment_id, s.status != "canceled"))


def page(tx: Tx, statuses: Sequence[str], *, after: str | None = None, limit: int = 50) -> Sequence[Any]:
    """Shipments in these statuses, newest first; `after` is the id of the last one seen."""
    query = select(shipment).where(shipment.c.status.in_(statuses)).order_by(shipment.c.id.desc()).limit(limit)
    if after:
        query = query.where(shipment.c.id < after)
    return tx.rows(query)


def papers_of(tx: Tx, shipment_id: str) -> list[PaperRow]:
    """The papers of a shipment, oldest first."""
    d = document.c
    query = select(d.id, d.kind, d.content_type, d.created_at).where(d.subject_id == shipment_id).order_by(d.id)
    return [PaperRow(row.id, row.kind, row.content_type, row.created_at) for row in tx.rows(query)]


def paper(tx: Tx, document_id: str) -> Paper:
    """A paper with its bytes, exactly as it was printed first; raises `NotFound`."""
    row = tx.first(select(document).where(document.c.id == document_id))
    if row is None:
        raise NotFound("there is no such document")
    return Paper(row.id, row.kind, row.content_type, base64.b64decode(row.body_base64))


def way_of(tx: Tx, shipment_id: str) -> tuple[Step, ...]:
    """Every scan of a parcel in time order, with the status after each and why it was ignored where it was."""
    row = store.load_one(tx, shipment_id)
    if row.tracking_number is None:
        return ()
    events = store.events_of(tx, [row])[shipment_id]
    return fold(row.carrier, row.tracking_number, row.labelled_at or row.created_at, events).steps
