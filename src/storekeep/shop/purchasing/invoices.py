"""Suppliers' invoices: written down as they came, compared with order and goods, matched unit by unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import lifecycle, lookup, prepared
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.purchasing.model import InvoiceLine, cleared, line_value
from storekeep.shop.purchasing.states import BOOKED, INVOICE
from storekeep.shop.purchasing.tables import invoice_match, receipt, receipt_line, supplier_invoice
from storekeep.shop.purchasing.tables import supplier_invoice_line as _LINES  # noqa: N812 - the table that is meant here


@dataclass(frozen=True, slots=True)
class Compared:
    """An invoice line beside its order line and the goods: units and prices of all three.

    `expected_minor` is what the units came in at, as far as they came; `difference_minor` what is charged beyond it.
    """

    line_id: str
    order_line_id: str
    variant_id: str
    ordered: int
    received: int
    billed_before: int
    billable: int
    qty: int
    unit_price_e4: int
    agreed_price_e4: int
    amount_minor: int
    expected_minor: int

    @property
    def too_many(self) -> int:
        """Units charged that did not come, or were charged before or sent back."""
        return max(0, self.qty - self.billable)

    @property
    def difference_minor(self) -> int:
        return self.amount_minor - self.expected_minor

    @property
    def is_dear(self) -> bool:
        """Whether the price is not the one agreed on."""
        return self.unit_price_e4 != self.agreed_price_e4


def write(
    tx: Tx, supplier_id: str, order_id: str, number: str, day: str, currency: str, lines: Sequence[InvoiceLine]
) -> str:
    """Write an invoice down, open; returns its id. Raises `Conflict` for a number that this supplier used before."""
    i = supplier_invoice.c
    known = select(i.id).where(i.supplier_id == supplier_id, i.number == number, i.status != "void")
    if tx.scalar(known) is not None:
        raise Conflict(f"invoice {number} of this supplier is here already; the same invoice is never paid twice")
    invoice_id = tx.new_id()
    amounts = [line_value(line.qty, line.unit_price_e4) for line in lines]
    tx.insert_many(
        supplier_invoice,
        [
            {
                "id": invoice_id, "supplier_id": supplier_id, "purchase_order_id": order_id, "number": number,
                "invoice_date": day, "status": INVOICE.initial, "currency": currency, "total_minor": sum(amounts),
                "difference_minor": None, "decision_reason": None, "created_at": tx.now, "matched_at": None,
            }
        ],
    )  # fmt: skip
    tx.insert_many(
        _LINES,
        [
            {
                "id": tx.new_id(), "supplier_invoice_id": invoice_id,
                "purchase_order_line_id": line.purchase_order_line_id, "qty": line.qty,
                "unit_price_e4": line.unit_price_e4, "amount_minor": amount,
            }
            for line, amount in zip(lines, amounts, strict=True)
        ],
    )  # fmt: skip
    lifecycle.begin(tx, INVOICE, [invoice_id])
    return invoice_id


def load(tx: Tx, invoice_id: str, *, lock: bool = False) -> Any:
    """One invoice, locked when asked; `NotFound` when there is none."""
    return lookup.one(tx, supplier_invoice, invoice_id, "invoice", lock=lock)


def lines_of(tx: Tx, invoice_id: str) -> Sequence[Any]:
    """The lines of an invoice, as written."""
    return tx.rows(prepared.rows_of(_LINES, "supplier_invoice_id"), {"wanted": [invoice_id]})


def billable(tx: Tx, order_line_ids: Sequence[str], *, lock: bool = False) -> dict[str, list[Any]]:
    """The received units of order lines that no invoice has charged yet, oldest receipt first.

    Each row has `id`, `units` and `minor`: what of the value still stands on 2050.
    """
    n = receipt_line.c
    units = (n.counted - n.billed - n.uncharged).label("units")
    minor = (n.value_minor - n.billed_minor - n.uncharged_minor).label("minor")
    query = (
        select(n.id, n.purchase_order_line_id, units, minor)
        .join_from(receipt_line, receipt, receipt.c.id == n.receipt_id)
        .where(among(n.purchase_order_line_id, set(order_line_ids)), receipt.c.status == "posted")
        .where(n.disposition.in_(sorted(BOOKED)), n.counted > n.billed + n.uncharged)
        .order_by(receipt.c.posted_at, n.id)
    )
    found: dict[str, list[Any]] = {}
    for row in tx.rows(query.with_for_update(of=receipt_line) if lock else query):
        found.setdefault(row.purchase_order_line_id, []).append(row)
    return found


def compare(
    lines: Sequence[Any], order_lines: Mapping[str, Any], open_units: Mapping[str, Sequence[Any]]
) -> list[Compared]:
    """Each invoice line beside order and goods."""
    found = []
    for line in lines:
        wanted = order_lines[line.purchase_order_line_id]
        open_rows = open_units.get(wanted.id, ())
        _, expected = _take(open_rows, line.qty)
        agreed = wanted.unit_price_e4 if wanted.confirmed_price_e4 is None else wanted.confirmed_price_e4
        found.append(
            Compared(
                line.id, wanted.id, wanted.variant_id, wanted.ordered, wanted.received, wanted.billed,
                sum(int(row.units) for row in open_rows), line.qty, line.unit_price_e4, agreed, line.amount_minor,
                expected,
            )
        )  # fmt: skip
    return found


def match(tx: Tx, row: Any, compared: Sequence[Compared], open_units: Mapping[str, Sequence[Any]], reason: str) -> int:
    """Charge the units, oldest first; returns what comes off 2050. The rows must be locked and enough."""
    matches, changes = [], []
    received = 0
    for line in compared:
        taken, minor = _take(open_units.get(line.order_line_id, ()), line.qty)
        received += minor
        for line_id, qty, part in taken:
            matches.append({"id": tx.new_id(), "supplier_invoice_line_id": line.line_id, "receipt_line_id": line_id,
                            "qty": qty, "grni_minor": part})  # fmt: skip
            changes.append((line_id, qty, part))
    tx.insert_many(invoice_match, matches)
    charge(tx, "billed", changes)
    sets = {"difference_minor": row.total_minor - received, "matched_at": tx.now, "decision_reason": reason or None}
    lifecycle.advance(tx, INVOICE, supplier_invoice, [row.id], "matched", sets=sets, expect=("open",))
    return received


def charge(tx: Tx, name: str, changes: Sequence[tuple[str, int, int]]) -> None:
    """Add (line, units, value) to what is `billed` or `uncharged` of receipt lines."""
    units, value = receipt_line.c[name], receipt_line.c[f"{name}_minor"]
    change = update(receipt_line).where(receipt_line.c.id == bindparam("of_line"))
    change = change.values({units: units + bindparam("by_units"), value: value + bindparam("by_minor")})
    rows = [{"of_line": line, "by_units": qty, "by_minor": minor} for line, qty, minor in sorted(changes)]
    if rows:
        tx.conn.execute(change, rows)


def void(tx: Tx, row: Any, reason: str) -> None:
    """Send an invoice back; its number may come again."""
    sets = {"decision_reason": reason}
    lifecycle.advance(tx, INVOICE, supplier_invoice, [row.id], "void", sets=sets, expect=("open",))


def _take(rows: Sequence[Any], qty: int) -> tuple[list[tuple[str, int, int]], int]:
    """(receipt line, units, value) for up to `qty` units along the rows, and the value of them all."""
    taken, total = [], 0
    for row in rows:
        units = min(qty, int(row.units))
        if units <= 0:
            break
        part = cleared(units, int(row.units), int(row.minor))
        taken.append((str(row.id), units, part))
        qty, total = qty - units, total + part
    return taken, total
