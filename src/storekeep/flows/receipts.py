"""Goods at the door: counted blind, compared with the order, decided on line by line, and booked in once.

Booking in posts goods and money through `receive`: what came stands on 2050 until its invoice is matched. Each verb is
one transaction of the caller, idempotent by its command id, and audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from storekeep.flows import door_lots, once, receive, supplier_invoices
from storekeep.kernel import audit, lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Problem, Refused
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.inventory.model import ReceiveLine, check_reason
from storekeep.shop.purchasing import orders, receiving, suppliers
from storekeep.shop.purchasing.model import E4, Counted, Part, line_value, most_taken, order_number, receipt_number
from storekeep.shop.purchasing.states import BOOKED, OPEN, PURCHASE_ORDER
from storekeep.shop.purchasing.tables import purchase_order


@dataclass(frozen=True, slots=True)
class Scan:
    """The answer to a scan: `kind` is counted or unknown; `text` is for the screen."""

    kind: str
    text: str


def open_receipt(
    tx: Tx,
    warehouse_id: str,
    command_id: str,
    *,
    purchase_order_id: str | None = None,
    supplier_id: str | None = None,
    delivery_note: str = "",
) -> str:
    """Begin to count a delivery of an order, or one that nobody ordered; returns the receipt's id.

    An order has one delivery at the door at a time: a second call joins the first. Raises `Conflict` for an order that
    expects nothing. Idempotent by command.
    """
    row = None if purchase_order_id is None else orders.load(tx, purchase_order_id, lock=True)
    asked = [warehouse_id, purchase_order_id, supplier_id, delivery_note]
    if (known := once.answer(tx, "receipt.open", command_id, asked)) is not None:
        return str(known)
    if row is not None:
        if row.status not in OPEN:
            text = f"{order_number(row.number)} is {row.status.replace('_', ' ')}: nothing is expected on it"
            raise Conflict(f"{text}. Receive these goods without an order, and decide on each of them")
        if row.warehouse_id != warehouse_id:
            raise Conflict(f"{order_number(row.number)} is to be delivered to another warehouse")
        supplier_id = row.supplier_id
        if (busy := receiving.under_way(tx, row.id)) is not None:
            once.remember(tx, "receipt.open", command_id, asked, busy.id)
            return str(busy.id)
    elif supplier_id is not None:
        suppliers.load(tx, supplier_id)
    locations.places(tx, warehouse_id)
    receipt_id = receiving.open_receipt(tx, warehouse_id, purchase_order_id, supplier_id, delivery_note)
    facts = {"purchase_order_id": purchase_order_id, "delivery_note": delivery_note}
    audit.record(tx, [audit.Entry("receipt.opened", "receipt", receipt_id, None, facts)])
    once.remember(tx, "receipt.open", command_id, asked, receipt_id)
    return receipt_id


# --- counting ---------------------------------------------------------------------------------------------------------


def count(tx: Tx, receipt_id: str, counts: Sequence[Counted], command_id: str) -> None:
    """Add counted units, many at once. Idempotent by command."""
    row = receiving.load(tx, receipt_id, lock=True)
    asked = [receipt_id, [list(astuple(each)) for each in counts]]
    if once.answer(tx, "receipt.count", command_id, asked) is not None:
        return
    receiving.add(tx, row, door_lots.cleaned(tx, counts))
    once.remember(tx, "receipt.count", command_id, asked, True)


def scan(
    tx: Tx,
    receipt_id: str,
    code: str,
    scan_id: str,
    *,
    qty: int = 1,
    condition: str = "good",
    lot_code: str | None = None,
    expires_on: str | None = None,
) -> Scan:
    """Count what bears this code, a SKU or a bar code, which may tell the lot and its expiry too (GS1).

    A code that nobody knows counts nothing and says so. Idempotent by scan.
    """
    row = receiving.load(tx, receipt_id, lock=True)
    asked = [receipt_id, code, qty, condition, lot_code, expires_on]
    if (known := once.answer(tx, "receipt.scan", scan_id, asked)) is not None:
        return Scan(*known)
    receiving.require(row, "open")
    facts, on_it = door_lots.read(tx, code)
    if facts is None:
        said = Scan("unknown", f"Nothing here bears {code.strip()[:60]}. Count it as unknown, or scan again.")
    else:
        lot, day = (lot_code, expires_on) if lot_code else (on_it[0], expires_on or on_it[1])
        counted = door_lots.cleaned(tx, [Counted(facts.variant_id, qty, condition, code.strip(), lot, day)])
        receiving.add(tx, row, counted)
        word = " damaged" if condition == "damaged" else ""
        of_lot = f", lot {counted[0].lot_code}" if counted[0].lot_code else ""
        said = Scan("counted", f"{qty}{word} x {facts.sku}, {facts.full_title}{of_lot}.")
    once.remember(tx, "receipt.scan", scan_id, asked, [said.kind, said.text])
    return said


def recount(tx: Tx, receipt_id: str, line_id: str, qty: int, command_id: str) -> None:
    """Set a line that was counted wrong; 0 takes it out. Idempotent by command."""
    row = receiving.load(tx, receipt_id, lock=True)
    if once.answer(tx, "receipt.recount", command_id, [line_id, qty]) is not None:
        return
    line = _line(tx, receipt_id, line_id)
    receiving.recount(tx, row, line, qty)
    change = audit.Entry("receipt.recounted", "receipt", receipt_id, {"qty": line.counted}, {"qty": qty})
    audit.record(tx, [change])
    once.remember(tx, "receipt.recount", command_id, [line_id, qty], True)


def finish_count(tx: Tx, receipt_id: str, command_id: str) -> None:
    """The count is done: compare it with the order, and accept what is good and expected. Idempotent by command."""
    row, lines = _locked(tx, receipt_id)
    if once.answer(tx, "receipt.compare", command_id, receipt_id) is not None:
        return
    known = {line.variant_id for line in lines}
    strange = [each.variant_id for each in receiving.lines_of(tx, receipt_id) if each.variant_id not in known]
    receiving.compare(tx, row, lines, _prices(tx, row, [each for each in strange if each is not None]))
    audit.record(tx, [audit.Entry("receipt.counted", "receipt", receipt_id)])
    once.remember(tx, "receipt.compare", command_id, receipt_id, True)


def _prices(tx: Tx, row: Any, variant_ids: Sequence[str]) -> dict[str, int]:
    """What goods that were not ordered are booked in at: the supplier's price of one, else the catalogue's cost."""
    facts = variants_by_ids(tx, variant_ids)
    terms = suppliers.terms_of(tx, row.supplier_id, variant_ids) if row.supplier_id else {}
    return {
        each: terms[each].breaks[0].unit_price_e4 if each in terms else facts[each].cost_minor * E4
        for each in variant_ids
    }


# --- deciding ---------------------------------------------------------------------------------------------------------


def decide(tx: Tx, receipt_id: str, line_id: str, parts: Sequence[Part], command_id: str, *, reason: str = "") -> None:
    """Say what becomes of a line's units: accept, hold, return or refuse; parts may differ. Idempotent by command.

    A reason is asked for where goods are damaged, were not ordered, or are more than were.
    """
    row = receiving.load(tx, receipt_id, lock=True)
    asked = [line_id, [[part.disposition, part.qty] for part in parts], reason]
    if once.answer(tx, "receipt.decide", command_id, asked) is not None:
        return
    line = _line(tx, receipt_id, line_id)
    receiving.decide(tx, row, line, parts, reason)
    facts = {"finding": line.finding, "parts": asked[1], "reason": reason.strip()[:500]}
    audit.record(tx, [audit.Entry("receipt.decided", "receipt", receipt_id, None, facts)])
    once.remember(tx, "receipt.decide", command_id, asked, True)


def post(tx: Tx, receipt_id: str, command_id: str, *, bins: Mapping[str, str] | None = None) -> int:
    """Book a counted delivery in: goods and money at once, exactly once; returns the value that came in.

    Accepted goods go to receiving, or by variant to the bins named; held ones and those to be sent back to quarantine;
    refused ones never were ours. Raises `Conflict` while a line waits for a decision, and `Refused` where goods that
    are told apart by lot have none (`door_lots.name_lots`). Idempotent by command.
    """
    row, order_lines = _locked(tx, receipt_id)
    asked = [receipt_id, sorted((bins or {}).items())]
    if (known := once.answer(tx, "receipt.post", command_id, asked)) is not None:
        return int(known)
    receiving.require(row, "counted")
    lines = receiving.lines_of(tx, receipt_id)
    if waiting := receiving.undecided(lines):
        raise Conflict(f"{len(waiting)} lines of {receipt_number(row.number)} wait for a decision")
    _check_over(tx, lines, {line.id: line for line in order_lines})
    door_lots.require(tx, receiving.booked(lines))
    values = _book(tx, row, lines, bins or {})
    receiving.mark_posted(tx, row, values)
    _count_on(tx, row, lines)
    value = sum(values.values())
    audit.record(tx, [audit.Entry("receipt.posted", "receipt", receipt_id, None, {"value_minor": value})])
    once.remember(tx, "receipt.post", command_id, asked, value)
    return value


def void(tx: Tx, receipt_id: str, reason: str, command_id: str) -> None:
    """Throw a count away before anything was booked. Idempotent by command."""
    why = check_reason(reason)
    row = receiving.load(tx, receipt_id, lock=True)
    if once.answer(tx, "receipt.void", command_id, [receipt_id, why]) is not None:
        return
    receiving.void(tx, row, why)
    audit.record(tx, [audit.Entry("receipt.void", "receipt", receipt_id, row.status, {"reason": why})])
    once.remember(tx, "receipt.void", command_id, [receipt_id, why], True)


def _check_over(tx: Tx, lines: Sequence[Any], order_lines: Mapping[str, Any]) -> None:
    """More than ordered and tolerated comes in only where somebody said why."""
    came: dict[str, int] = {}
    for line in lines:
        if line.purchase_order_line_id:
            came[line.purchase_order_line_id] = came.get(line.purchase_order_line_id, 0) + line.counted
    decided = {line.purchase_order_line_id for line in lines if line.decision_reason}
    over = []
    for line_id, units in came.items():
        wanted = order_lines[line_id]
        most = most_taken(wanted.ordered, wanted.tolerance_bp)
        if wanted.received + wanted.rejected + units > most and line_id not in decided:
            over.append(wanted)
    if over:
        facts = variants_by_ids(tx, [line.variant_id for line in over])
        raise Refused([
            Problem("over", f"more of {facts[line.variant_id].sku} than ordered; say why on its line", path="lines")
            for line in over
        ])  # fmt: skip


def _book(tx: Tx, row: Any, lines: Sequence[Any], bins: Mapping[str, str]) -> dict[str, int]:
    """Post the goods that come into the house; receipt line -> value."""
    ours = receiving.booked(lines)
    values = {line.id: line_value(line.counted, line.unit_price_e4) for line in ours}
    if not ours:
        return {}
    _check_bins(tx, row, bins)
    aside = locations.places(tx, row.warehouse_id)["quarantine"].id
    supplier = suppliers.load(tx, row.supplier_id).name if row.supplier_id else None
    arriving = [
        ReceiveLine(
            line.variant_id, line.counted, line.unit_price_e4 // E4,
            bins.get(line.variant_id) if line.disposition == "accept" else aside,
            line.lot_code, line.expires_on, supplier, value_minor=values[line.id],
        )
        for line in ours
    ]  # fmt: skip
    reason = f"receipt {receipt_number(row.number)}"
    if row.purchase_order_id:
        reason += f" of {order_number(orders.load(tx, row.purchase_order_id).number)}"
    receive.receive(tx, arriving, row.warehouse_id, f"receipt:{row.id}", reason, document_id=row.id)
    return values


def _check_bins(tx: Tx, row: Any, bins: Mapping[str, str]) -> None:
    for place in locations.load(tx, list(bins.values())).values():
        if place.kind != "bin" or place.warehouse_id != row.warehouse_id:
            raise UnknownLocation(f"{place.code} is not a bin of this warehouse")


def _count_on(tx: Tx, row: Any, lines: Sequence[Any]) -> None:
    """Write what came on the order's lines, and move the order on."""
    if not row.purchase_order_id:
        return
    units: dict[str, dict[str, int]] = {"received": {}, "rejected": {}}
    for line in lines:
        if line.purchase_order_line_id:
            counter = units["received" if line.disposition in BOOKED else "rejected"]
            counter[line.purchase_order_line_id] = counter.get(line.purchase_order_line_id, 0) + line.counted
    for name, counter in units.items():
        orders.count(tx, name, counter)
    order = orders.load(tx, row.purchase_order_id)
    left = sum(orders.open_units(line) for line in orders.lines_of(tx, [order.id]))
    status = "received" if left == 0 else "part_received" if units["received"] else order.status
    if status != order.status:
        lifecycle.advance(tx, PURCHASE_ORDER, purchase_order, [order.id], status)
    supplier_invoices.close_if_settled(tx, order.id)


def _locked(tx: Tx, receipt_id: str) -> tuple[Any, Sequence[Any]]:
    """The receipt and its order's lines; the order is locked first, as everybody does who needs both."""
    order_id = receiving.load(tx, receipt_id).purchase_order_id
    lines: Sequence[Any] = ()
    if order_id is not None:
        orders.load(tx, order_id, lock=True)
        lines = orders.lines_of(tx, [order_id])
    return receiving.load(tx, receipt_id, lock=True), lines


def _line(tx: Tx, receipt_id: str, line_id: str) -> Any:
    line = next((each for each in receiving.lines_of(tx, receipt_id) if each.id == line_id), None)
    if line is None:
        raise Conflict("This line is not there any more. Load the page again.")
    return line
