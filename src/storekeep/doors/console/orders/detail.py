"""One order: statuses, lines, the money box, parcels, payments, timeline, notes, mails, and what can be done now."""

import base64

from starlette.responses import Response

from storekeep.doors.console.frame import Staff, changing, command_id, house, new_command, reading, shown
from storekeep.doors.console.mail.handler import STATUSES as MAIL_STATUSES
from storekeep.doors.console.orders import acts
from storekeep.doors.console.orders.listing import URL
from storekeep.doors.console.orders.view import (
    REMEDIES,
    REMEDY_STATUSES,
    address_lines,
    entries,
    margin_box,
    money_box,
    parcels,
    people,
)
from storekeep.doors.console.refusals import to_fields
from storekeep.doors.web import Fields, Problem, Req, download, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.fulfillment.states import FULFILLMENT as WORK
from storekeep.shop.orders import states
from storekeep.shop.payments.accounts import NAMES
from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.reports import sourced
from storekeep.shop.reports.console_office import is_id, order_page
from storekeep.shop.reports.console_office.order_page import OrderPage
from storekeep.shop.returns.states import RETURN
from storekeep.shop.support import notes
from storekeep.shop.support.states import CONVERSATION


def number_of(req: Req) -> int:
    """The order's number in the address; 404 for what cannot be one."""
    text = req.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(404, "There is no order with this number.")
    return int(text)


def show(req: Req, me: Staff) -> Response:
    """The whole order on one page."""
    return _page(req, me, Fields())


def add_note(req: Req, me: Staff) -> Response:
    """Keep a note for colleagues on the order; sending the form twice keeps one."""
    number = number_of(req)
    form = Fields(req.form)
    body = form.text("note", 5000, label="Note", multiline=True)
    if form.errors:
        return _page(req, me, form, 422)
    try:
        with changing(req, me) as tx:
            order = order_page.by_number(tx, number)
            if order is None:
                raise Problem(404, "There is no order with this number.")
            notes.write(tx, body, command_id(req), order_id=order.id)
    except Refused as refused:
        to_fields(form, refused, first="note")
        return _page(req, me, form, 422)
    return redirect(req, f"{URL}/{number}#notes", notice="Note kept.")


def show_ledger(req: Req, me: Staff) -> Response:
    """The rows that this order's money is made of: its parts, its adjustments, and every posting that names it."""
    number = number_of(req)
    with reading(req) as tx:
        found = order_page.load(tx, number)
        if found is None:
            raise Problem(404, "There is no order with this number.")
        postings, balances = order_page.postings_of(tx, found.order.id), order_page.balances_of(tx, found.order.id)
        names = order_page.names_of_staff(tx, [each.actor for each in found.adjustments])
    lines = {line.id: line for line in found.lines}
    context = {
        "order": found.order,
        "parts": [(part, lines.get(part.order_line_id)) for part in found.parts],
        "adjustments": [(each, people(each.actor, names)) for each in found.adjustments],
        "accounts": [
            (code, NAMES[code], balance, [row for row in postings if row.account == code])
            for code, balance in sorted(balances.items())
        ],
        "may_open": me.may("ledger.read"),
    }
    return page(req, "console/orders/ledger.html", context)


def paper(req: Req, me: Staff) -> Response:
    """A label or slip of this order, as it was printed."""
    number, document_id = number_of(req), req.path_params["document_id"]
    with reading(req) as tx:
        order = order_page.by_number(tx, number)
        found = order_page.paper(tx, order.id, document_id) if order is not None and is_id(document_id) else None
    if found is None:
        raise Problem(404, "This order has no such paper.")
    name = f"order-{number}-{found.kind}.{'pdf' if 'pdf' in found.content_type else 'bin'}"
    return download(base64.b64decode(found.body_base64), name, found.content_type, inline="pdf" in found.content_type)


def _page(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    number = number_of(req)
    with reading(req) as tx:
        found = order_page.load(tx, number)
        if found is None:
            raise Problem(404, "There is no order with this number.")
        names = order_page.names_of_staff(tx, _actors(found))
        balances = order_page.balances_of(tx, found.order.id) if me.may("ledger.read") else {}
        choices = sourced.choices_of(tx, found.order.id)
        now = tx.now
    order = found.order
    services = house(req).services
    context = {
        "order": order,
        "status": shown(states.ORDER, order.status),
        "payment_status": shown(states.PAYMENT, order.payment_status),
        "sending": shown(states.FULFILLMENT, order.fulfillment_status),
        "lines": found.lines,
        "wait": found.wait,
        "kits": found.kits,
        "ship_to": address_lines(order),
        "box": money_box(found),
        "margin": margin_box(order.number, balances),
        "acts": acts.of(found, me),
        "parcels": parcels(found),
        "choices": choices,
        "works": [(row, shown(WORK.labels, row.status)) for row in found.works],
        "attempts": [(row, shown(ATTEMPT.labels, row.status)) for row in found.attempts],
        "refunds": [(row, shown(REFUND.labels, row.status)) for row in found.refunds],
        "returns": [(row, shown(RETURN.labels, row.status)) for row in found.returns],
        "talks": [(row, shown(CONVERSATION.labels, row.status)) for row in found.conversations],
        "remedies": [
            (row, REMEDIES.get(row.kind, row.kind), shown(REMEDY_STATUSES, row.status)) for row in found.remedies
        ],
        "mails": [(row, MAIL_STATUSES[row.status]) for row in found.mails],
        "timeline": entries(found, names),
        "notes": [(row, people(row.author, names)) for row in found.notes],
        "customer": found.customer,
        "order_count": found.order_count,
        "pay_link": services.order_link(order.id, order.number, now) if order.status == "pending_payment" else "",
        "form": form,
        "command_id": req.form.get("command_id") or new_command(req),
        "may_note": me.may("orders.change"),
    }
    return page(req, "console/orders/detail.html", context, status=status)


def _actors(found: OrderPage) -> list[str]:
    return [row.actor for row in found.timeline] + [row.author for row in found.notes]
