"""The pack station: every unit is scanned into the box; then a service is chosen, and label and money are asked for.

The label is bought by the worker (`flows.labels`), and the money is captured by it, both before the parcel may leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.flows import dispatch, labels
from storekeep.flows.floor import codes_by_warehouse
from storekeep.flows.labels import buy_label as buy_label
from storekeep.flows.labels import void_label as void_label
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.shop.fulfillment import queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import ScanAnswer, Scanned, WorkLine
from storekeep.shop.fulfillment.picklist import PackRound
from storekeep.shop.inventory.tables import warehouse
from storekeep.shop.orders import store as orders
from storekeep.shop.orders import timeline
from storekeep.shop.payments import attempts
from storekeep.shop.shipping import queries as papers
from storekeep.shop.shipping import rates
from storekeep.shop.shipping import store as shipments
from storekeep.shop.shipping.carriers.base import Carrier, RateRequest
from storekeep.shop.shipping.services import Choice, NoServiceOffered, choose
from storekeep.shop.site import profile

#: What an empty box with its filling weighs, when nobody put the parcel on a scale.
BOX_G = 100
MAX_WEIGHT_G = 1_000_000
#: Without a promise any arrival is in time, so the cheapest service wins.
ANY_DAY = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed parcel. `label_key` names the outbox row that buys its label, None when it has one already."""

    shipment_id: str
    carrier: str
    service: str
    service_label: str
    price_minor: int
    arrives_on: str
    meets_promise: bool
    weight_g: int
    label_key: str | None


def scan(tx: Tx, fulfillment_id: str, code: str, scan_id: str, qty: int = 1) -> ScanAnswer:
    """One unit (or `qty` equal ones) into the box. See `scan_all`."""
    return scan_all(tx, fulfillment_id, [Scanned(code, scan_id, qty)])[0]


def scan_all(tx: Tx, fulfillment_id: str, scans: Sequence[Scanned]) -> list[ScanAnswer]:
    """Answer scans at the pack station in order; a thing that was not picked for this order is refused and logged.

    Idempotent by scan id. On an order that was canceled the answer is stop, and its goods are booked back.
    """
    return scan_many(tx, {fulfillment_id: scans})[fulfillment_id]


def scan_many(tx: Tx, scans: Mapping[str, Sequence[Scanned]]) -> dict[str, list[ScanAnswer]]:
    """Scans into several boxes, by fulfillment. See `scan_all`."""
    rows, known_orders = dispatch.lock_work(tx, scans)
    known = fulfillments.known_answers(tx, [one.scan_id for own in scans.values() for one in own])
    fresh = fulfillments.fresh_scans(scans, known)
    answers: dict[str, list[ScanAnswer]] = {}
    going: dict[str, Sequence[Scanned]] = {}
    for each, new in fresh.items():
        row = rows[each]
        if stop := dispatch.called_off(tx, row, known_orders[row.order_id]):
            answers[each] = [ScanAnswer("stop", stop, one.scan_id) for one in new]
        elif row.status != "picked":
            text = "The box is closed already." if row.status in {"packed", "handed_over"} else "It is not picked yet."
            kind = "done" if row.status in {"packed", "handed_over"} else "wrong"
            answers[each] = [ScanAnswer(kind, text, one.scan_id) for one in new]
        else:
            going[each] = new
    if going:
        answers |= _pack(tx, rows, going)
    log = [
        (each, one.code, answer)
        for each, new in fresh.items()
        for one, answer in zip(new, answers[each], strict=True)
    ]
    fulfillments.log_scans(tx, "pack", log)
    known |= {answer.scan_id: answer for own in answers.values() for answer in own}
    return {each: [known[one.scan_id] for one in own] for each, own in scans.items()}


def _pack(tx: Tx, rows: Mapping[str, Any], scans: Mapping[str, Sequence[Scanned]]) -> dict[str, list[ScanAnswer]]:
    lines, codes = fulfillments.lines_of(tx, scans), codes_by_warehouse(tx, rows, scans)
    answers: dict[str, list[ScanAnswer]] = {}
    units: dict[str, int] = {}
    for each, own in scans.items():
        round_ = PackRound(lines[each], codes[rows[each].warehouse_id])
        answers[each] = [round_.answer(one) for one in own]
        for answer in answers[each]:
            if answer.line_id is not None:
                units[answer.line_id] = units.get(answer.line_id, 0) + answer.qty
    fulfillments.count(tx, "packed", units)
    return answers


def undo_last(tx: Tx, fulfillment_id: str, scan_id: str) -> ScanAnswer:
    """Take the last scanned units out of the box again. Idempotent by scan id; `Conflict` when nothing is in it."""
    known = fulfillments.known_answers(tx, [scan_id])
    if known:
        return known[scan_id]
    row = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    last = queries.last_done(tx, fulfillment_id, "pack")
    if row.status not in {"picked", "picking"} or last is None or last.line_id is None:
        raise Conflict("nothing in an open box can be undone")
    lines = fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id]
    line = next(line for line in lines if line.id == last.line_id)
    fulfillments.count(tx, "packed", {line.id: -last.qty})
    left = sum(each.to_pack for each in lines) + last.qty
    text = f"Undone: take {last.qty} × {line.sku} out of the box."
    answer = ScanAnswer(
        "right", text, scan_id, line.id, line.sku, line.title, "", last.qty, line.to_pack + last.qty, left,
        undoes=last.scan_id,
    )  # fmt: skip
    fulfillments.log_scans(tx, "pack", [(fulfillment_id, "undo", answer)])
    return answer


def close(
    tx: Tx, fulfillment_id: str, weight_g: int | None = None, *, carriers: Mapping[str, Carrier] | None = None
) -> Closed:
    """Close the box: choose the cheapest service that keeps the promise, ask for its label and for the order's money.

    `weight_g` is the scale's reading in grams; without one the lines' weights and the box are added up. `carriers` must
    only compute their rates (table carriers do; they are the default). Closing a closed box returns what was chosen;
    when the carrier had refused its label, a service is chosen anew. Raises `Refused` when something is not in the box
    yet or no service takes the parcel.
    """
    return close_many(tx, {fulfillment_id: weight_g}, carriers=carriers)[fulfillment_id]


def close_many(
    tx: Tx, weights: Mapping[str, int | None], *, carriers: Mapping[str, Carrier] | None = None
) -> dict[str, Closed]:
    """Close several boxes, all or none; `weights` has the scale's reading of each, or None. See `close`."""
    rows, known_orders = dispatch.lock_work(tx, weights)
    for row in rows.values():
        if stop := dispatch.called_off(tx, row, known_orders[row.order_id]):
            raise Conflict(stop)
    lines, parcels = fulfillments.lines_of(tx, weights), shipments.live_of(tx, weights)
    left = [each for each in weights if each not in parcels or parcels[each].status == "draft"]
    grams = _weights(tx, {each: (rows[each], lines[each], weights[each] or rows[each].weight_g) for each in left})
    fresh = [each for each in left if each not in parcels]
    for each in fresh:
        _check_packed(rows[each], lines[each])
    fulfillments.set_packed(tx, {each: grams[each] for each in fresh})
    chosen = _chosen(tx, [(rows[each], known_orders[rows[each].order_id], lines[each], grams[each]) for each in left],
                     carriers)  # fmt: skip
    ids = dict(zip(fresh, shipments.create(tx, [chosen[each] for each in fresh]), strict=True))
    for each in left:
        if each in parcels:
            ids[each] = parcels[each].id
            shipments.choose_again(tx, ids[each], chosen[each])
    purchases = shipments.request_labels(tx, list(ids.values()))
    _ask_for_money(tx, [known_orders[rows[each].order_id] for each in left if rows[each].kind == "sale"])
    timeline.record(
        tx,
        [
            timeline.Happening(
                chosen[each].order_id,
                "fulfillment.packed",
                f"Packed for {chosen[each].service_label}, {grams[each]} g",
                {"shipment_id": ids[each]},
            )
            for each in left
        ],
    )
    now = shipments.live_of(tx, left) if left else {}
    return {
        each: _closed(now[each], shipments.label_key(purchases[ids[each]]))
        if each in now
        else _closed(parcels[each], None)
        for each in weights
    }


def _check_packed(row: Any, lines: Sequence[WorkLine]) -> None:
    if row.status != "picked":
        raise Conflict(f"fulfillment {row.number} is {row.status}; only a picked one can be closed")
    missing = [line for line in lines if line.packed < line.due]
    if missing:
        problems = [
            Problem("not_packed", f"{line.due - line.packed} × {line.sku} ({line.title}) is not in the box yet",
                    path=f"lines.{line.id}")
            for line in missing
        ]  # fmt: skip
        raise Refused(problems)


def _weights(tx: Tx, boxes: Mapping[str, tuple[Any, Sequence[WorkLine], int | None]]) -> dict[str, int]:
    """Grams of each box, (row, lines, weighed): what the scale says, or the lines' weights with the box."""
    for _, _, weighed in boxes.values():
        if weighed is not None and (isinstance(weighed, bool) or not 0 < weighed <= MAX_WEIGHT_G):
            raise Invalid("weight_g", f"a parcel weighs from 1 g to {MAX_WEIGHT_G:,} g, not {weighed}")
    computed = sorted({row.order_id for row, _, weighed in boxes.values() if weighed is None})
    unit = {line.id: int(line.weight_g) for line in orders.lines_of(tx, computed)} if computed else {}
    return {
        each: BOX_G + sum(unit[line.order_line_id] * line.packed for line in lines) if weighed is None else weighed
        for each, (_, lines, weighed) in boxes.items()
    }


def _chosen(
    tx: Tx,
    boxes: Sequence[tuple[Any, Any, Sequence[WorkLine], int]],
    carriers: Mapping[str, Carrier] | None,
) -> dict[str, shipments.NewShipment]:
    """The cheapest service that keeps the promise for each box, (fulfillment, order, lines, grams)."""
    if not boxes:
        return {}
    shop = profile.load(tx)
    asked = rates.carriers(tx) if carriers is None else carriers
    homes = sorted({row.warehouse_id for row, _, _, _ in boxes})
    houses = {house.id: house for house in tx.rows(select(warehouse).where(warehouse.c.id.in_(homes)))}
    return {
        row.id: _choose(
            row, order, lines, asked,
            labels.rate_request(shop, houses[row.warehouse_id], order.ship_to, grams, tx.now),
        )
        for row, order, lines, grams in boxes
    }  # fmt: skip


def _choose(
    row: Any, order: Any, lines: Sequence[WorkLine], carriers: Mapping[str, Carrier], request: RateRequest
) -> shipments.NewShipment:
    offers = rates.offers(carriers, request)
    try:
        choice = choose(offers, row.promised_on or ANY_DAY)
    except NoServiceOffered as nobody:
        raise Refused([Problem("no_service", str(nobody), path="service", data=nobody.reasons)]) from nobody
    offer = choice.offer
    return shipments.NewShipment(
        order_id=order.id,
        fulfillment_id=row.id,
        carrier=offer.carrier,
        service=offer.service,
        service_label=offer.label,
        choice=_explained(choice),
        weight_g=request.parcel.weight_g,
        ship_to=order.ship_to,
        contents=tuple((line.sku, line.title, line.packed) for line in lines if line.packed),
        currency=offer.currency,
        promised_on=row.promised_on,
    )


def _explained(choice: Choice) -> dict[str, Any]:
    offer = choice.offer
    return {
        "carrier": offer.carrier,
        "service": offer.service,
        "price_minor": offer.price_minor,
        "arrives_on": offer.arrives_on,
        "meets_promise": choice.meets_promise,
        "not_taken": list(choice.rejections),
    }


def _ask_for_money(tx: Tx, of: Sequence[Any]) -> None:
    """Capture what each order still owes, as far as it is set aside; the rest holds the parcel at the door."""
    parts = {}
    for order in of:
        due = order.owed_minor - order.received_minor + order.given_back_minor
        part = min(due, order.authorized_minor)
        if part > 0:
            parts[order.id] = part
    attempts.request_captures(tx, parts)


def _closed(parcel: Any, label_key: str | None) -> Closed:
    choice = shipments.choice_of(parcel)
    return Closed(
        parcel.id,
        parcel.carrier,
        parcel.service,
        parcel.service_label,
        choice["price_minor"],
        choice["arrives_on"],
        choice["meets_promise"],
        parcel.weight_g,
        label_key,
    )


def reprint(tx: Tx, fulfillment_id: str) -> list[papers.Paper]:
    """The parcel's label and packing slip as they were printed first; audited. `Conflict` while there is none."""
    parcel = papers.of_fulfillment(tx, fulfillment_id)
    rows = papers.papers_of(tx, parcel.id) if parcel is not None else []
    if parcel is None or not rows:
        raise Conflict("there is nothing to print yet: the label is not bought")
    audit.record(tx, [audit.Entry("label.reprinted", "shipment", parcel.id, None, {"papers": len(rows)})])
    return [papers.paper(tx, row.id) for row in rows]
