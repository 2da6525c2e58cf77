"""Buying and voiding labels: recorded first, called outside any transaction, folded after.

The handlers of the label lane of the outbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from storekeep.flows import dispatch
from storekeep.kernel.clock import Instant, day_of
from storekeep.kernel.db import Database, Tx, refuse_inside_transaction
from storekeep.kernel.queue import Again, Dead, Done, Job, Outcome
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.tables import warehouse
from storekeep.shop.orders import store as orders
from storekeep.shop.orders import timeline
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.shipping import rates
from storekeep.shop.shipping import store as shipments
from storekeep.shop.shipping.carriers.base import Carrier, CarrierError, LabelBought, LabelRequest, RateRequest
from storekeep.shop.shipping.model import Address, Parcel
from storekeep.shop.shipping.slips import SlipContent, SlipLine, render_slip
from storekeep.shop.site import profile

#: The sides of the usual box, in millimetres.
BOX = (300, 200, 150)
RenderSlip = Callable[[SlipContent], bytes]


@dataclass(frozen=True, slots=True)
class _Errand:
    """A purchase to make: everything read before the call, so that nothing is read during it."""

    purchase_id: str
    shipment_id: str
    order_id: str
    key: str
    carrier: Carrier
    request: LabelRequest
    slip: SlipContent
    was_asked: bool


def rate_request(tx: Tx, house: Any, ship_to: str, grams: int, ready_at: Instant) -> RateRequest:
    """What a parcel's price depends on: from this warehouse to that address, ready at the pack station."""
    shop = profile.load(tx)
    lines = [*shop.address_lines, "", ""]
    origin = Address(
        name=shop.legal_name or shop.name,
        line1=lines[0],
        line2=", ".join(line for line in lines[1:] if line),
        city="",
        postcode="" if shop.address_lines else house.postcode,
        region="",
        country=house.country,
        phone=shop.phone,
    )
    return RateRequest(origin, shipments.address_of(ship_to), Parcel(grams, *BOX), ready_at, house.timezone)


def buy_label(
    db: Database, carriers: Mapping[str, Carrier] | None, job: Job, *, slip: RenderSlip = render_slip
) -> Outcome:
    """Outbox `label.buy`: buy a parcel's label, once. Without `carriers` the rate cards' own table carriers are asked.

    Bought: the parcel is labelled and its papers are kept. Refused: it is a draft again, with the reason. No answer:
    the purchase is unknown until the carrier, asked by the same key, says what happened.
    """
    with db.begin(actor="worker") as tx:
        errand = _record(tx, carriers, job.body["purchase_id"])
    if errand is None:
        return Done()
    if isinstance(errand, str):
        return Dead(errand)
    refuse_inside_transaction()
    try:
        bought = _find(errand) if errand.was_asked else None
        if bought is None:
            bought = errand.carrier.buy(errand.request, errand.key)
    except CarrierError as error:
        return _no_label(db, errand, error)
    paper = slip(_numbered(errand.slip, bought.tracking_number))
    with db.begin(actor=f"carrier:{errand.carrier.code}") as tx:
        _bought(tx, errand, bought, paper)
    return Done()


def _record(tx: Tx, carriers: Mapping[str, Carrier] | None, purchase_id: str) -> _Errand | str | None:
    """Write down that the carrier is asked now; None when the purchase is settled, a text when nobody can be asked."""
    purchase = shipments.lock_purchase(tx, purchase_id)
    if purchase.status not in {"pending", "sent", "unknown"}:
        return None
    parcel = shipments.load_one(tx, purchase.shipment_id)
    carrier = (rates.carriers(tx) if carriers is None else carriers).get(parcel.carrier)
    if carrier is None:
        return f"no carrier {parcel.carrier} is set up"
    if purchase.status == "pending":
        shipments.move_purchase(tx, purchase_id, "sent")
    elif purchase.status == "sent":
        shipments.move_purchase(tx, purchase_id, "unknown")
    home = select(fulfillment.c.warehouse_id).where(fulfillment.c.id == parcel.fulfillment_id).scalar_subquery()
    house = tx.first(select(warehouse).where(warehouse.c.id == home))
    order = orders.lock(tx, [parcel.order_id])[parcel.order_id]
    rate = rate_request(tx, house, parcel.ship_to, parcel.weight_g, purchase.created_at)
    request = LabelRequest(rate, parcel.service, str(order.number))
    slip = _slip(tx, order, parcel, rate.origin)
    was_asked = purchase.status != "pending"
    return _Errand(
        purchase_id, parcel.id, order.id, purchase.idempotency_key, carrier, request, slip, was_asked
    )


def _slip(tx: Tx, order: Any, parcel: Any, sender: Address) -> SlipContent:
    shop = profile.load(tx)
    inside: dict[str, int] = {}
    for sku, _, qty in shipments.contents_of(parcel):
        inside[sku] = inside.get(sku, 0) + qty
    lines = tuple(
        SlipLine(line.sku, line.title, line.option_label, line.ordered, inside.get(line.sku, 0))
        for line in orders.lines_of(tx, [order.id])
    )
    hint = f"Something is wrong, or you changed your mind? You have {shop.return_days} days: {shop.public_url}"
    return SlipContent(
        shop_name=shop.name,
        shop_address=sender,
        order_number=str(order.number),
        ordered_on=day_of(order.placed_at, shop.timezone),
        recipient=shipments.address_of(parcel.ship_to),
        lines=lines,
        returns_hint=hint,
        service_label=parcel.service_label,
    )


def _numbered(content: SlipContent, tracking_number: str) -> SlipContent:
    return replace(content, tracking_number=tracking_number)


def _find(errand: _Errand) -> LabelBought | None:
    """What became of a purchase whose answer was lost. None: it was not made, so the same key may buy now."""
    found = errand.carrier.find_purchase(errand.key)
    if found.answer == "cannot_tell":
        raise CarrierError("unknown_outcome", "cannot_tell", "The carrier cannot say whether it sold this label.")
    return found.bought


def _no_label(db: Database, errand: _Errand, error: CarrierError) -> Outcome:
    """A definite no is told to the pack station; anything else is asked again."""
    is_final = error.kind in {"input", "unsupported"}
    with db.begin(actor=f"carrier:{errand.carrier.code}") as tx:
        purchase = shipments.lock_purchase(tx, errand.purchase_id)
        if purchase.status not in {"sent", "unknown"}:
            return Done()
        if is_final:
            shipments.move_purchase(tx, errand.purchase_id, "refused", failure=error.message)
            if shipments.load_one(tx, errand.shipment_id).status == "label_pending":
                shipments.move(tx, [errand.shipment_id], "draft")
            text = f"{errand.carrier.name} refused the label: {error.message}"
            timeline.record(tx, [timeline.Happening(errand.order_id, "label.refused", text)])
        elif purchase.status == "sent" and error.kind == "unknown_outcome":
            shipments.move_purchase(tx, errand.purchase_id, "unknown", failure=error.message)
    return Done() if is_final else Again(f"{errand.carrier.name}: {error.message}")


def _bought(tx: Tx, errand: _Errand, bought: LabelBought, paper: bytes) -> None:
    orders.lock(tx, [errand.order_id])
    purchase = shipments.lock_purchase(tx, errand.purchase_id)
    if purchase.status not in {"sent", "unknown"}:
        return
    shipments.move_purchase(
        tx,
        errand.purchase_id,
        "bought",
        cost_minor=bought.price_minor,
        tracking_number=bought.tracking_number,
        failure=None,
    )
    key = f"label:{errand.purchase_id}"
    ledger.post(
        tx, [recipes.label_bought(errand.order_id, errand.shipment_id, key, bought.price_minor, bought.currency)]
    )
    if shipments.load_one(tx, errand.shipment_id).status != "label_pending":
        # Called off while the carrier was asked: the label was paid for, so it is handed back.
        dispatch.request_void(tx, errand.purchase_id, errand.shipment_id)
        return
    shipments.move(
        tx,
        [errand.shipment_id],
        "labelled",
        tracking_number=bought.tracking_number,
        cost_minor=bought.price_minor,
        currency=bought.currency,
        labelled_at=tx.now,
    )
    label = shipments.NewDocument("label", errand.shipment_id, bought.label_pdf)
    shipments.keep_documents(tx, [label, shipments.NewDocument("packing_slip", errand.shipment_id, paper)])


def void_label(db: Database, carriers: Mapping[str, Carrier] | None, job: Job) -> Outcome:
    """Outbox `label.void`: hand an unused label back; its cost is taken back once the carrier says it is voided."""
    with db.begin(actor="worker") as tx:
        purchase = shipments.lock_purchase(tx, job.body["purchase_id"])
        parcel = shipments.load_one(tx, purchase.shipment_id)
        known = rates.carriers(tx) if carriers is None else carriers
    if purchase.status != "bought":
        return Done()
    carrier = known.get(parcel.carrier)
    if carrier is None:
        return Dead(f"no carrier {parcel.carrier} is set up")
    refuse_inside_transaction()
    try:
        answer = carrier.void(purchase.tracking_number, job.key)
    except CarrierError as error:
        return Again(f"{carrier.name}: {error.message}")
    if answer.answer == "refused":
        return Dead(f"{carrier.name} does not take the label back: {answer.reason}")
    if answer.answer == "pending":
        return Again(answer.reason or f"{carrier.name} has not decided yet", counts=False)
    with db.begin(actor=f"carrier:{carrier.code}") as tx:
        if shipments.lock_purchase(tx, purchase.id).status == "bought":
            shipments.move_purchase(tx, purchase.id, "voided")
            key = f"label_voided:{purchase.id}"
            back = recipes.label_bought(parcel.order_id, parcel.id, key, -purchase.cost_minor, parcel.currency)
            ledger.post(tx, [back])
    return Done()
