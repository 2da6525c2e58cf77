"""The door: what is ready leaves the house, and revenue and cost are booked; what was called off comes back.

Nothing leaves without a label and, unless it goes out on terms, without its money. The unit of outcome is the
fulfillment: each is shipped whole or refused with its reason, and a refusal holds up none of the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.flows import replacements, revenue, telling, tracking
from storekeep.kernel import audit, outbox
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import WorkLine
from storekeep.shop.fulfillment.states import DONE
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory import picking, reservations
from storekeep.shop.inventory.model import ShipLine
from storekeep.shop.inventory.picking import Leaving
from storekeep.shop.orders import store as orders
from storekeep.shop.orders import timeline
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.shipping import store as shipments
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.site import profile

#: Tenders that may leave before the money is here.
ON_TERMS = ("manual", "cash_on_delivery")
CALLED_OFF = ("canceled", "expired")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A packed parcel at the door. `why_not` is empty when it may leave."""

    fulfillment_id: str
    number: int
    order_id: str
    order_number: int
    promised_on: str | None
    carrier: str
    service_label: str
    tracking_number: str | None
    why_not: str


@dataclass(frozen=True, slots=True)
class CarrierLoad:
    """What waits for one carrier: parcels that may leave, and those that may not with the reason."""

    carrier: str
    ready: tuple[Waiting, ...]
    held: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class ShipResult:
    """What became of one fulfillment: it left (now or before), or the reason why it stays."""

    fulfillment_id: str
    is_done: bool
    text: str
    is_new: bool = False
    shipment_id: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True)
class _Load:
    """A fulfillment on its way out, with everything that its bookings need."""

    row: Any
    order: Any
    parcel: Any
    lines: tuple[WorkLine, ...]


def ready(tx: Tx, *, limit: int = 500) -> list[CarrierLoad]:
    """Packed parcels per carrier, the most urgent promise first, with what holds up those that may not leave yet."""
    f, s = fulfillment.c, shipment.c
    query = (
        select(fulfillment)
        .where(f.status == "packed")
        .order_by(f.promised_on.is_(None), f.promised_on, f.number)
        .limit(limit)
    )
    rows = tx.rows(query)
    parcels = {
        row.fulfillment_id: row
        for row in tx.rows(select(shipment).where(s.fulfillment_id.in_([r.id for r in rows]), s.status != "canceled"))
    }
    found = tx.rows(select(sales_order).where(sales_order.c.id.in_([row.order_id for row in rows])))
    known = {row.id: row for row in found}
    loads: dict[str, tuple[list[Waiting], list[Waiting]]] = {}
    for row in rows:
        parcel = parcels.get(row.id)
        why = _why_not(row, known[row.order_id], parcel)
        carrier = parcel.carrier if parcel else ""
        waiting = Waiting(
            row.id,
            row.number,
            row.order_id,
            row.order_number,
            row.promised_on,
            carrier,
            parcel.service_label if parcel else "",
            parcel.tracking_number if parcel else None,
            why,
        )
        loads.setdefault(carrier, ([], []))[1 if why else 0].append(waiting)
    return [CarrierLoad(carrier, tuple(go), tuple(stay)) for carrier, (go, stay) in sorted(loads.items())]


def _why_not(row: Any, order: Any, parcel: Any | None) -> str:
    """What keeps a fulfillment from leaving; empty when nothing does."""
    if order.status in CALLED_OFF and row.kind == "sale":
        return f"order {order.number} was {order.status}"
    if row.status != "packed":
        return f"it is {row.status.replace('_', ' ')}, not packed"
    if parcel is None or parcel.status == "draft":
        return "it has no label; close the parcel again to buy one"
    if parcel.status != "labelled":
        return "its label is not bought yet"
    if row.kind == "sale" and order.tender not in ON_TERMS:
        missing = order.owed_minor - order.received_minor + order.given_back_minor
        if missing > 0:
            return f"its money is not captured yet: {telling.money(missing, order.currency)} are open"
    return ""


def ship(tx: Tx, fulfillment_ids: Sequence[str], command_id: str) -> list[ShipResult]:
    """Hand parcels to their carriers: goods leave, revenue and cost are booked, the buyer gets the tracking mail.

    Answers per fulfillment in the order asked; those that may not leave are refused with the reason, all others are
    done. One that left before is done, once, whatever command asks. A replacement books its cost only.
    """
    wanted = list(dict.fromkeys(fulfillment_ids))
    rows, known = lock_work(tx, wanted)
    parcels = shipments.live_of(tx, wanted)
    lines = fulfillments.lines_of(tx, wanted)
    results: dict[str, ShipResult] = {}
    going: list[_Load] = []
    for each in wanted:
        row, parcel = rows[each], parcels.get(each)
        if row.status == "handed_over":
            results[each] = _done(row, parcel, is_new=False)
        elif why := _why_not(row, known[row.order_id], parcel):
            results[each] = ShipResult(each, False, f"Fulfillment {row.number} stays: {why}.")
        else:
            going.append(_Load(row, known[row.order_id], parcel, tuple(line for line in lines[each] if line.packed)))
            results[each] = _done(row, parcel, is_new=True)
    if going:
        _hand_over(tx, going, command_id)
    return [results[each] for each in wanted]


def _done(row: Any, parcel: Any, *, is_new: bool) -> ShipResult:
    text = "Handed over." if is_new else "It was handed over before."
    return ShipResult(row.id, True, text, is_new, parcel.id, parcel.tracking_number)


def _hand_over(tx: Tx, loads: Sequence[_Load], command_id: str) -> None:
    fulfillments.advance(tx, [load.row.id for load in loads], "handed_over", handed_over_at=tx.now)
    shipments.move(tx, [load.parcel.id for load in loads], "handed_over", handed_over_at=tx.now)
    currency = profile.load(tx).currency
    ledger.post(tx, _costs(tx, loads, currency))
    sales = [revenue.Sale(load.row.id, load.order, load.lines) for load in loads if load.row.kind == "sale"]
    revenue.book(tx, sales)
    touched = sorted({load.order.id for load in loads})
    timeline.record(tx, [_happening(load) for load in loads])
    audit.record(
        tx,
        [
            audit.Entry("fulfillment.handed_over", "fulfillment", load.row.id, None, {"command_id": command_id})
            for load in loads
        ],
    )
    orders.refresh(tx, touched)
    tracking.refold(tx, [load.parcel.id for load in loads])
    tracking.mail_parcels(tx, "shipped", [load.parcel for load in loads])


def _costs(tx: Tx, loads: Sequence[_Load], currency: str) -> list[ledger.EntryDraft | None]:
    """Move the goods out and name what each load of them costs."""
    leaving = [
        Leaving(
            tuple(ShipLine(line.id, line.order_line_id, line.variant_id, line.packed) for line in load.lines),
            load.row.warehouse_id,
            load.parcel.id,
            f"ship:{load.row.id}",
        )
        for load in loads
    ]
    drafts = []
    for load, moved in zip(loads, picking.ship_many(tx, leaving), strict=True):
        cost, key = sum(move.value_minor for move in moved), f"cost:{load.row.id}"
        drafts.append(recipes.cost_of_shipment(load.order.id, load.row.id, key, cost, currency))
    return drafts


def _happening(load: _Load) -> timeline.Happening:
    units = sum(line.packed for line in load.lines)
    what = "a replacement" if load.row.kind == "reship" else f"{units} unit{'s' if units > 1 else ''}"
    facts = {"shipment_id": load.parcel.id, "tracking_number": load.parcel.tracking_number}
    text = f"{load.parcel.service_label} took {what} (tracking number {load.parcel.tracking_number})"
    return timeline.Happening(load.order.id, "shipment.handed_over", text, facts)


def lock_work(tx: Tx, fulfillment_ids: Iterable[str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Lock the orders of these fulfillments, then the fulfillments; both rows by id. A missing one is `NotFound`."""
    wanted = list(fulfillment_ids)
    known_orders = orders.lock(tx, fulfillments.orders_of(tx, wanted))
    return fulfillments.lock(tx, wanted), known_orders


def called_off(tx: Tx, row: Any, order: Any) -> str:
    """What a scanner says when the order was canceled meanwhile, after booking picked goods back; empty otherwise."""
    if row.status != "canceled" and (order.status not in CALLED_OFF or row.kind != "sale"):
        return ""
    if row.status not in DONE:
        cancel_fulfillment(tx, row.id, f"order {order.status}")
    return f"Stop: order {row.order_number} was canceled. Put everything you picked for it back where it came from."


def cancel_fulfillment(tx: Tx, fulfillment_id: str, reason: str) -> None:
    """Call a fulfillment off before it leaves: picked goods go back, the rest is released, the label is voided.

    Canceling it again changes nothing. Raises `IllegalMove` when it was handed over. Money is the caller's business.
    """
    row = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    if row.status == "canceled":
        return
    lines = fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id]
    fulfillments.advance(tx, [fulfillment_id], "canceled")
    picked = [line.id for line in lines if line.picked]
    if picked:
        picking.put_back(tx, picked, f"put_back:{fulfillment_id}", reason=reason)
        fulfillments.empty(tx, fulfillment_id)
    waiting: Mapping[str, int] = {line.order_line_id: line.to_pick for line in lines if line.to_pick}
    if waiting:
        reservations.release_order(tx, row.order_id, waiting, reason)
    _give_parcels_up(tx, {fulfillment_id: reason})
    if row.kind == "reship":
        replacements.recount(tx, row.order_id)
    before = {"status": row.status}
    after = {"status": "canceled", "reason": reason}
    audit.record(tx, [audit.Entry("fulfillment.canceled", "fulfillment", fulfillment_id, before, after)])


def reopen(tx: Tx, reasons: Mapping[str, str]) -> None:
    """Open closed boxes again, each fulfillment for its reason: the label is given up, and what was taken out is to be
    picked anew.

    Raises `IllegalMove` when a parcel has left. The caller has counted what is not in the boxes any more.
    """
    if not reasons:
        return
    rows = fulfillments.lock(tx, reasons)
    fulfillments.advance(tx, list(rows), "picking", packed_at=None)
    _give_parcels_up(tx, reasons)
    happened = [
        timeline.Happening(
            row.order_id, "fulfillment.reopened", f"Parcel {row.number} was opened again: {reasons[each]}"
        )
        for each, row in rows.items()
    ]
    timeline.record(tx, happened)
    entries = [
        audit.Entry("fulfillment.reopened", "fulfillment", each, {"status": row.status},
                    {"status": "picking", "reason": reasons[each]})
        for each, row in rows.items()
    ]  # fmt: skip
    audit.record(tx, entries)


def _give_parcels_up(tx: Tx, reasons: Mapping[str, str]) -> None:
    """The parcels of these fulfillments will not leave. A label that was not asked for yet never will be; a bought one
    is handed back. One on its way is voided when it arrives (see `packing.buy_label`)."""
    parcels = shipments.live_of(tx, list(reasons))
    shipments.move(tx, [parcel.id for parcel in parcels.values()], "canceled")
    why = {parcel.id: reasons[each] for each, parcel in parcels.items()}
    pending: dict[str, list[str]] = {}
    bought: dict[str, str] = {}
    for purchase in shipments.purchases_of(tx, list(why)):
        if purchase.status == "pending":
            pending.setdefault(why[purchase.shipment_id], []).append(purchase.id)
        elif purchase.status == "bought":
            bought[purchase.id] = purchase.shipment_id
    # A statement per reason: one for an order or a lot, a few when the lots of a day expire.
    for reason, some in sorted(pending.items()):
        shipments.move_purchases(tx, some, "sent")
        shipments.move_purchases(tx, some, "refused", failure=f"not asked for: {reason}")
    request_void(tx, bought)


def request_void(tx: Tx, unused: Mapping[str, str]) -> None:
    """Queue the handing back of unused labels: purchase id -> shipment id."""
    messages = [
        outbox.Message("label.void", f"label.void:{each}", {"purchase_id": each}, "label", shipment_id)
        for each, shipment_id in unused.items()
    ]
    outbox.send(tx, messages)
