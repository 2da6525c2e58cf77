"""The pages of suppliers' invoices: the list, taking one, and matching it with order and goods."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import supplier_invoices
from storekeep.kernel.clock import day_of
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id, variants_by_ids
from storekeep.shop.purchasing import invoices, orders, queries, suppliers
from storekeep.shop.purchasing.model import InvoiceLine, parse_price, price_text
from storekeep.shop.purchasing.states import INVOICE

URL = "/console/bills"
VIEWS = {"": "All", "open": "To match", "matched": "Matched", "void": "Void"}


def show(req: Req, me: Staff) -> Response:
    """Invoices, newest first."""
    name, after = req.query.get("status", "open"), req.query.get("after")
    name = name if name in VIEWS else "open"
    with reading(req) as tx:
        found = queries.invoices(tx, status=name or None, after=after if after and is_id(after) else None)
    context = {
        "rows": [(row, shown(INVOICE.labels, row.status)) for row in found.rows],
        "tabs": [(label, f"{URL}?status={key}", key == name, None) for key, label in VIEWS.items()],
        "next_url": f"?status={name}&after={found.next_after}" if found.next_after else "",
        "first_url": f"{URL}?status={name}" if after else "",
    }
    return page(req, "console/bills/page.html", context)


def new(req: Req, me: Staff) -> Response:
    """The form for an invoice of one order, filled with what came and was not charged yet."""
    number = _number(req.query.get("order", ""))
    with reading(req) as tx:
        row = orders.by_number(tx, number)
        lines = orders.lines_of(tx, [row.id])
        units = invoices.billable(tx, [line.id for line in lines])
        today = day_of(tx.now, site.load(tx).timezone)
    values = {"day": today}
    for line in lines:
        count = sum(int(each.units) for each in units.get(line.id, ()))
        values[f"qty-{line.id}"] = str(count) if count else ""
        values[f"price-{line.id}"] = price_text(orders.price_of(line), row.currency)
    return _form(req, Fields.of(values), number)


def _form(req: Req, form: Fields, number: int, status: int = 200) -> Response:
    with reading(req) as tx:
        row = orders.by_number(tx, number)
        lines = orders.lines_of(tx, [row.id])
        context = {
            "row": row,
            "supplier": suppliers.load(tx, row.supplier_id),
            "lines": lines,
            "facts": variants_by_ids(tx, [line.variant_id for line in lines]),
            "form": form,
            "command_id": new_command(req),
        }
    return page(req, "console/bills/new.html", context, status=status)


def record(req: Req, me: Staff) -> Response:
    """Write it down as it stands there."""
    form, number = Fields(req.form), _number(req.form.get("order"))
    written = form.text("number", 60, label="The invoice's number", identifier=True)
    day = form.date("day", label="Date of the invoice")
    with reading(req) as tx:
        row = orders.by_number(tx, number)
        lines = orders.lines_of(tx, [row.id])
    charged = []
    for line in lines:
        qty = form.integer(f"qty-{line.id}", label="Units", maximum=suppliers.MOST_UNITS, required=False)
        try:
            price = parse_price(req.form.get(f"price-{line.id}") or "0", row.currency)
        except ValueError as reason:
            form.fail(f"price-{line.id}", str(reason))
            continue
        if qty:
            charged.append(InvoiceLine(line.id, qty, price))
    invoice_id = ""
    if not form.errors:
        try:
            with changing(req, me) as tx:
                invoice_id = supplier_invoices.record(tx, row.id, written, day, charged, command_id(req))
        except (Conflict, Refused) as reason:
            form.fail("number", sentence(str(reason)))
    if form.errors:
        return _form(req, form, number, 422)
    return redirect(req, f"{URL}/{invoice_id}")


def one(req: Req, me: Staff) -> Response:
    """An invoice beside the order and the goods."""
    return _one(req, me, Fields())


def _one(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        row = invoices.load(tx, _id(req))
        order = orders.load(tx, row.purchase_order_id)
        # Once it is matched its own units are charged; what it says then is what was written.
        compared = supplier_invoices.compare(tx, row.id) if row.status == "open" else []
        lines = invoices.lines_of(tx, row.id)
        of_order = {line.id: line for line in orders.lines_of(tx, [order.id])}
        ids = [line.variant_id for line in of_order.values()]
        context: dict[str, Any] = {
            "row": row,
            "order": order,
            "supplier": suppliers.load(tx, row.supplier_id),
            "compared": compared,
            "lines": lines,
            "of_order": of_order,
            "facts": variants_by_ids(tx, ids),
        }
    context |= {
        "label": shown(INVOICE.labels, row.status),
        "difference_minor": sum(line.difference_minor for line in compared),
        "too_many": any(line.too_many for line in compared),
        "is_dear": any(line.is_dear for line in compared),
        "price": lambda e4: price_text(e4, row.currency),
        "may_bill": me.may("purchasing.bill"),
        "form": form,
        "new_command": lambda: new_command(req),
    }
    return page(req, "console/bills/one.html", context, status=status)


def match(req: Req, me: Staff) -> Response:
    """It agrees, or its difference is taken with a reason: it is owed now."""
    form = Fields(req.form)
    reason = form.text("reason", 500, label="Why", required=False)
    return _end(req, me, form, "Matched: it can be paid.",
                lambda tx: supplier_invoices.match_invoice(tx, _id(req), command_id(req), reason=reason))  # fmt: skip


def void(req: Req, me: Staff) -> Response:
    """Back to the supplier."""
    form = Fields(req.form)
    reason = form.text("void_reason", 500, label="Why")
    return _end(req, me, form, "Sent back: nothing was booked.",
                lambda tx: supplier_invoices.void(tx, _id(req), reason, command_id(req)))  # fmt: skip


def _end(req: Req, me: Staff, form: Fields, said: str, act: Any) -> Response:
    if not form.errors:
        try:
            with changing(req, me) as tx:
                act(tx)
        except Refused as refused:
            for n, problem in enumerate(refused.problems):
                form.fail("reason" if problem.path == "reason" else f"line-{n}", sentence(problem.text))
        except Conflict as reason:
            form.fail("reason", sentence(str(reason)))
    if form.errors:
        return _one(req, me, form, 422)
    return redirect(req, f"{URL}/{_id(req)}", notice=said)


def _id(req: Req) -> str:
    found = req.path_params["invoice_id"]
    if not is_id(found):
        raise Problem(404, "There is no such invoice.")
    return str(found)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Problem(404, "There is no such purchase order.")
    return int(text)


def routes(door: Door) -> list[BaseRoute]:
    """List, take one, match it."""
    may, bill, here = "purchasing.read", "purchasing.bill", URL + "/{invoice_id}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=bill),
        staff_page(door, f"{URL}/new", record, permission=bill, methods=("POST",)),
        staff_page(door, here, one, permission=may),
        staff_page(door, f"{here}/match", match, permission=bill, methods=("POST",)),
        staff_page(door, f"{here}/void", void, permission=bill, methods=("POST",)),
    ]
