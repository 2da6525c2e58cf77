"""Goods go back to their supplier: out at what they cost, off 2050 or what we owe at what they came in at."""

from typing import Any

from sqlalchemy import update

from storekeep.flows import once, supplier_invoices
from storekeep.kernel import audit, lookup
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem, Refused
from storekeep.shop.inventory import locations, lots, returning
from storekeep.shop.inventory.model import check_reason, check_units
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.purchasing import invoices, orders, receiving
from storekeep.shop.purchasing.model import cleared
from storekeep.shop.purchasing.states import BOOKED
from storekeep.shop.purchasing.tables import receipt_line, supplier_return
from storekeep.shop.site import profile


def send_back(
    tx: Tx, receipt_line_id: str, qty: int, reason: str, command_id: str, *, from_location_id: str | None = None
) -> str:
    """Send units of a posted receipt line back; returns the return's id. From quarantine unless a place is named.

    Units that no invoice charged come off 2050 first; for the others the supplier owes us what they were booked in at
    (2000). The difference to what they cost is purchase price variance. Raises `Refused` for more than came and is
    still here, `NotEnoughStock`. Idempotent by command.
    """
    why = check_reason(reason)
    check_units(qty)
    known_line = _line(tx, receipt_line_id)
    row = receiving.load(tx, known_line.receipt_id)
    if row.purchase_order_id is not None:
        orders.load(tx, row.purchase_order_id, lock=True)
    line = _line(tx, receipt_line_id, lock=True)
    asked = [receipt_line_id, qty, why, from_location_id]
    if (known := once.answer(tx, "supplier.return", command_id, asked)) is not None:
        return str(known)
    _check(row, line, qty)
    return_id = tx.new_id()
    place = from_location_id or locations.places(tx, row.warehouse_id)["quarantine"].id
    lot_id = lots.by_code(tx, line.variant_id, line.lot_code).id if line.lot_code else None
    key = f"supplier-return:{return_id}"
    move = returning.return_out(tx, line.variant_id, qty, place, return_id, key, why, lot_id=lot_id, receipt_id=row.id)
    grni, payable = _credit(tx, line, qty)
    entry = recipes.sent_back(
        return_id, key, profile.load(tx).currency,
        cost=move.value_minor, not_invoiced=grni, payable=payable, note=why,
    )  # fmt: skip
    ledger.post(tx, [entry])
    made = {"id": return_id, "receipt_line_id": line.id, "variant_id": line.variant_id, "qty": qty, "reason": why,
            "cost_minor": move.value_minor, "grni_minor": grni, "payable_minor": payable, "made_at": tx.now,
            "actor": tx.actor}  # fmt: skip
    tx.insert_many(supplier_return, [made])
    if line.purchase_order_line_id is not None:
        orders.count(tx, "returned", {line.purchase_order_line_id: qty})
        supplier_invoices.close_if_settled(tx, row.purchase_order_id)
    facts = {"receipt_line_id": line.id, "qty": qty, "cost_minor": move.value_minor, "reason": why}
    audit.record(tx, [audit.Entry("goods.sent_back", "supplier_return", return_id, None, facts)])
    once.remember(tx, "supplier.return", command_id, asked, return_id)
    return return_id


def _line(tx: Tx, line_id: str, *, lock: bool = False) -> Any:
    return lookup.one(tx, receipt_line, line_id, "line of a receipt", lock=lock)


def _check(row: Any, line: Any, qty: int) -> None:
    receiving.require(row, "posted")
    left = line.counted - line.returned if line.disposition in BOOKED else 0
    if qty > left:
        text = f"{left} units of this line can go back, not {qty}"
        raise Refused([Problem("too_many_units", text, path="qty", data={"left": left})])


def _credit(tx: Tx, line: Any, qty: int) -> tuple[int, int]:
    """What comes off 2050 for units not charged yet, and what the supplier owes us for the others; counted on the line.

    A charged unit is worth what it was booked in at: the invoice's difference has gone to variance already.
    """
    open_units = line.counted - line.billed - line.uncharged
    open_minor = line.value_minor - line.billed_minor - line.uncharged_minor
    first = min(qty, open_units)
    grni = cleared(first, open_units, open_minor) if first else 0
    rest = qty - first
    payable = cleared(rest, line.billed, line.billed_minor) if rest else 0
    tx.run(update(receipt_line).where(receipt_line.c.id == line.id).values(returned=receipt_line.c.returned + qty))
    invoices.charge(tx, "uncharged", [(line.id, first, grni)] if first else [])
    return grni, payable
