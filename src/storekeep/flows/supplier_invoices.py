"""Suppliers' invoices: written down, compared with order and goods, and matched: 2050 is cleared to what we owe (2000).

What an invoice costs more or less than the goods were booked in at is purchase price variance (5110). Sums are without
tax. Each verb is one transaction of the caller, idempotent by its command id, and audited.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from storekeep.flows import once
from storekeep.kernel import audit, lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory.model import check_reason
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.purchasing import invoices, orders, suppliers
from storekeep.shop.purchasing.invoices import Compared
from storekeep.shop.purchasing.model import InvoiceLine, order_number
from storekeep.shop.purchasing.states import PURCHASE_ORDER
from storekeep.shop.purchasing.tables import purchase_order


def record(tx: Tx, order_id: str, number: str, day: str, lines: Sequence[InvoiceLine], command_id: str) -> str:
    """Write down what a supplier charges for an order, as it stands there; returns the invoice's id.

    Raises `Conflict` for a number that came before, `Refused` naming the lines at fault. Idempotent by command.
    """
    row = orders.load(tx, order_id, lock=True)
    asked = [order_id, number, day, [[one.purchase_order_line_id, one.qty, one.unit_price_e4] for one in lines]]
    if (known := once.answer(tx, "invoice.record", command_id, asked)) is not None:
        return str(known)
    if row.sent_at is None:
        raise Conflict(f"{order_number(row.number)} was never sent; nothing can be charged for it")
    written = " ".join(number.split())
    if not 1 <= len(written) <= 60:
        raise Invalid("number", "the invoice's number has 1 to 60 characters")
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise Invalid("day", f"there is no day {day!r}") from error
    _check_lines(lines, {line.id for line in orders.lines_of(tx, [order_id])})
    invoice_id = invoices.write(tx, row.supplier_id, order_id, written, day, row.currency, lines)
    facts = {"number": written, "purchase_order_id": order_id}
    audit.record(tx, [audit.Entry("invoice.recorded", "supplier_invoice", invoice_id, None, facts)])
    once.remember(tx, "invoice.record", command_id, asked, invoice_id)
    return invoice_id


def _check_lines(lines: Sequence[InvoiceLine], known: set[str]) -> None:
    problems = []
    seen: set[str] = set()
    for n, line in enumerate(lines):
        path = f"lines[{n}]"
        if line.purchase_order_line_id not in known or line.purchase_order_line_id in seen:
            problems.append(Problem("invalid", "name each line of the order once, and no other", path=path))
        if not 0 < line.qty <= suppliers.MOST_UNITS:
            problems.append(Problem("invalid", "a quantity is a whole number of units", path=f"{path}.qty"))
        if not 0 <= line.unit_price_e4 <= suppliers.DEAREST_E4:
            problems.append(Problem("invalid", "a price is from zero up", path=f"{path}.price"))
        seen.add(line.purchase_order_line_id)
    if not lines:
        problems.append(Problem("invalid", "an invoice charges at least one line", path="lines"))
    if problems:
        raise Refused(problems)


def compare(tx: Tx, invoice_id: str) -> list[Compared]:
    """Each line of an invoice beside what was ordered and what came. Only reads."""
    row = invoices.load(tx, invoice_id)
    lines = orders.lines_of(tx, [row.purchase_order_id])
    open_units = invoices.billable(tx, [line.id for line in lines])
    return invoices.compare(invoices.lines_of(tx, invoice_id), {line.id: line for line in lines}, open_units)


def match_invoice(tx: Tx, invoice_id: str, command_id: str, *, reason: str = "") -> int:
    """Match an invoice with order and goods, and owe it; returns what it costs beyond the goods' value.

    Units that did not come, or were charged before, cannot be matched (`Refused`). Another price than was agreed on is
    taken with a reason. Idempotent by command.
    """
    order_id = invoices.load(tx, invoice_id).purchase_order_id
    orders.load(tx, order_id, lock=True)
    row = invoices.load(tx, invoice_id, lock=True)
    if (known := once.answer(tx, "invoice.match", command_id, [invoice_id, reason])) is not None:
        return int(known)
    if row.status != "open":
        raise Conflict(f"invoice {row.number} is {row.status} already")
    lines = {line.id: line for line in orders.lines_of(tx, [order_id])}
    open_units = invoices.billable(tx, list(lines), lock=True)
    compared = invoices.compare(invoices.lines_of(tx, invoice_id), lines, open_units)
    _refuse_differences(tx, row, compared, reason)
    received = invoices.match(tx, row, compared, open_units, reason.strip()[:500])
    orders.count(tx, "billed", {line.order_line_id: line.qty for line in compared})
    entry = recipes.invoice_matched(
        invoice_id, f"invoice:{invoice_id}", row.currency, received=received, total=row.total_minor, note=row.number
    )
    ledger.post(tx, [entry])
    difference = int(row.total_minor) - received
    facts = {"total_minor": row.total_minor, "difference_minor": difference, "reason": reason.strip()[:500]}
    audit.record(tx, [audit.Entry("invoice.matched", "supplier_invoice", invoice_id, None, facts)])
    close_if_settled(tx, order_id)
    once.remember(tx, "invoice.match", command_id, [invoice_id, reason], difference)
    return difference


def _refuse_differences(tx: Tx, row: Any, compared: Sequence[Compared], reason: str) -> None:
    facts = variants_by_ids(tx, [line.variant_id for line in compared])
    problems = []
    for line in compared:
        sku, path = facts[line.variant_id].sku, f"lines.{line.order_line_id}"
        if line.too_many:
            text = f"{sku}: {line.qty} are charged, {line.billable} came and were not charged before"
            problems.append(Problem("not_received", text, path=f"{path}.qty", data={"billable": line.billable}))
        elif line.is_dear and not reason.strip():
            off = f"{format_plain(abs(line.difference_minor), row.currency)} {row.currency}"
            text = f"{sku}: the price is not the one agreed on, {off} {'more' if line.difference_minor > 0 else 'less'}"
            problems.append(Problem("price_differs", f"{text}; say why it is taken", path="reason"))
    if problems:
        raise Refused(problems)


def void(tx: Tx, invoice_id: str, reason: str, command_id: str) -> None:
    """Send an open invoice back to the supplier; nothing was booked. Idempotent by command."""
    why = check_reason(reason)
    row = invoices.load(tx, invoice_id, lock=True)
    if once.answer(tx, "invoice.void", command_id, [invoice_id, why]) is not None:
        return
    invoices.void(tx, row, why)
    audit.record(tx, [audit.Entry("invoice.void", "supplier_invoice", invoice_id, None, {"reason": why})])
    once.remember(tx, "invoice.void", command_id, [invoice_id, why], True)


def close_if_settled(tx: Tx, order_id: str) -> None:
    """An order closes by itself when everything came and everything that stayed was charged."""
    row = orders.load(tx, order_id)
    if row.status != "received":
        return
    if not invoices.billable(tx, [line.id for line in orders.lines_of(tx, [order_id])]):
        sets = {"ended_at": tx.now, "end_reason": "received and charged"}
        lifecycle.advance(tx, PURCHASE_ORDER, purchase_order, [order_id], "closed", sets=sets)
