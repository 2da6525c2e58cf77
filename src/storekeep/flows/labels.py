"""Buying and voiding labels: recorded first, called outside any transaction, folded after.

The handlers of the label lane of the outbox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from storekeep.flows import dispatch
from storekeep.kernel.bulk import among
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
from storekeep.shop.shipping.slips import RenderSlip, SlipContent, SlipLine, render_slip
from storekeep.shop.site import profile
from storekeep.shop.site.profile import ShopProfile

#: The sides of the usual box, in millimetres.
BOX = (300, 200, 150)


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


def rate_request(shop: ShopProfile, house: Any, ship_to: str, grams: int, ready_at: Instant) -> RateRequest:
    """What a parcel's price depends on: from this warehouse to that address, ready at the pack station."""
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
    return buy_labels(db, carriers, [job], slip=slip)[0]


def buy_labels(
    db: Database,
    carriers: Mapping[str, Carrier] | None,
    jobs: Sequence[Job],
    *,
    slip: RenderSlip = render_slip,
) -> list[Outcome]:
    """Several labels: recorded together, bought one by one, and folded together by carrier. See `buy_label`."""
    wanted = [job.body["purchase_id"] for job in jobs]
    with db.begin(actor="worker") as tx:
        errands = _record(tx, carriers, wanted)
    refuse_inside_transaction()
    outcomes: dict[str, Outcome] = {}
    bought: dict[str, list[tuple[_Errand, LabelBought, bytes]]] = {}
    for purchase_id, errand in errands.items():
        if isinstance(errand, str):
            outcomes[purchase_id] = Dead(errand)
            continue
        try:
            label = _find(errand) if errand.was_asked else None
            if label is None:
                label = errand.carrier.buy(errand.request, errand.key)
        except CarrierError as error:
            outcomes[purchase_id] = _no_label(db, errand, error)
            continue
        paper = slip(_numbered(errand.slip, label.tracking_number))
        bought.setdefault(errand.carrier.code, []).append((errand, label, paper))
    for code, parcels in bought.items():
        with db.begin(actor=f"carrier:{code}") as tx:
            _bought(tx, parcels)
    return [outcomes.get(purchase_id, Done()) for purchase_id in wanted]


def _record(
    tx: Tx, carriers: Mapping[str, Carrier] | None, purchase_ids: Sequence[str]
) -> dict[str, _Errand | str]:
    """Write down that the carriers are asked now. Settled purchases are left out; a text says that nobody can be asked.

    A purchase that was sent and has no answer is unknown from here on, until its carrier tells by its key.
    """
    known_orders = orders.lock(tx, shipments.orders_of_purchases(tx, purchase_ids))
    rows = shipments.lock_purchases(tx, purchase_ids)
    purchases = {each: row for each, row in rows.items() if row.status in {"pending", "sent", "unknown"}}
    parcels = {row.id: row for row in shipments.load_many(tx, [each.shipment_id for each in purchases.values()])}
    known = rates.carriers(tx) if carriers is None else carriers
    errands: dict[str, _Errand | str] = {}
    going: dict[str, tuple[Any, Any, Carrier]] = {}
    for each, purchase in purchases.items():
        parcel = parcels[purchase.shipment_id]
        carrier = known.get(parcel.carrier)
        if carrier is None:
            errands[each] = f"no carrier {parcel.carrier} is set up"
        else:
            going[each] = (purchase, parcel, carrier)
    for before, after in (("pending", "sent"), ("sent", "unknown")):
        shipments.move_purchases(tx, [each for each, (row, _, _) in going.items() if row.status == before], after)
    return errands | _errands(tx, going, known_orders)


def _errands(
    tx: Tx, going: Mapping[str, tuple[Any, Any, Carrier]], known: Mapping[str, Any]
) -> dict[str, _Errand]:
    """What each carrier is asked for: by purchase its row, its parcel and its carrier."""
    if not going:
        return {}
    shop = profile.load(tx)
    homes = select(fulfillment.c.id, warehouse).join(warehouse, warehouse.c.id == fulfillment.c.warehouse_id)
    of = [parcel.fulfillment_id for _, parcel, _ in going.values()]
    houses = {row[0]: row for row in tx.rows(homes.where(among(fulfillment.c.id, of)))}
    lines: dict[str, list[Any]] = {}
    for line in orders.lines_of(tx, list(known)):
        lines.setdefault(line.order_id, []).append(line)
    errands = {}
    for each, (purchase, parcel, carrier) in going.items():
        order, house = known[parcel.order_id], houses[parcel.fulfillment_id]
        rate = rate_request(shop, house, parcel.ship_to, parcel.weight_g, purchase.created_at)
        errands[each] = _Errand(
            purchase_id=each,
            shipment_id=parcel.id,
            order_id=order.id,
            key=purchase.idempotency_key,
            carrier=carrier,
            request=LabelRequest(rate, parcel.service, str(order.number)),
            slip=_slip(shop, order, lines.get(order.id, []), parcel, rate.origin),
            was_asked=purchase.status != "pending",
        )
    return errands


def _slip(shop: ShopProfile, order: Any, ordered: Sequence[Any], parcel: Any, sender: Address) -> SlipContent:
    inside: dict[str, int] = {}
    for sku, _, qty in shipments.contents_of(parcel):
        inside[sku] = inside.get(sku, 0) + qty
    lines = tuple(
        SlipLine(line.sku, line.title, line.option_label, line.ordered, inside.get(line.sku, 0))
        for line in ordered
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


def _bought(tx: Tx, answers: Sequence[tuple[_Errand, LabelBought, bytes]]) -> None:
    """Fold what a carrier sold: the cost of each label, and its papers for the parcels that still wait for one."""
    orders.lock(tx, [errand.order_id for errand, _, _ in answers])
    purchases = shipments.lock_purchases(tx, [errand.purchase_id for errand, _, _ in answers])
    new = [answer for answer in answers if purchases[answer[0].purchase_id].status in {"sent", "unknown"}]
    shipments.purchases_bought(
        tx, {errand.purchase_id: (label.price_minor, label.tracking_number) for errand, label, _ in new}
    )
    ledger.post(
        tx,
        [
            recipes.label_bought(
                errand.order_id, errand.shipment_id, f"label:{errand.purchase_id}", label.price_minor, label.currency
            )
            for errand, label, _ in new
        ],
    )
    parcels = {row.id: row for row in shipments.load_many(tx, [errand.shipment_id for errand, _, _ in new])}
    labels: dict[str, tuple[int, str, str]] = {}
    papers: list[shipments.NewDocument] = []
    for errand, label, paper in new:
        if parcels[errand.shipment_id].status != "label_pending":
            # Called off while the carrier was asked: the label was paid for, so it is handed back.
            dispatch.request_void(tx, {errand.purchase_id: errand.shipment_id})
            continue
        labels[errand.shipment_id] = (label.price_minor, label.currency, label.tracking_number)
        papers.append(shipments.NewDocument("label", errand.shipment_id, label.label_pdf))
        papers.append(shipments.NewDocument("packing_slip", errand.shipment_id, paper))
    shipments.labelled(tx, labels)
    shipments.keep_documents(tx, papers)


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
