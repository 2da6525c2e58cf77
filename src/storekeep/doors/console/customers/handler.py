"""Customers by name or e-mail address, one customer, and the search box on top of every page."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, shown, staff_page, typed
from storekeep.doors.console.refusals import to_fields
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.customers import people as verbs
from storekeep.shop.orders import states
from storekeep.shop.reports.console_office import is_id, order_list, people
from storekeep.shop.support.states import CONVERSATION

_URL = "/console/customers"


def show(req: Req, me: Staff) -> Response:
    """Customers by address, with how many orders they have."""
    text, after = typed(req), typed(req, "after", 300)
    with reading(req) as tx:
        listed = people.people(tx, text, after)
    kept = {"q": text} if text else {}
    context = {
        "rows": listed.rows,
        "q": text,
        "next_url": f"{_URL}?{urlencode({**kept, 'after': listed.next_after})}" if listed.next_after else "",
        "first_url": f"{_URL}?{urlencode(kept)}" if after else "",
    }
    return page(req, "console/customers/page.html", context)


def show_one(req: Req, me: Staff) -> Response:
    """One customer: orders, conversations, and what colleagues wrote about them."""
    return _one(req, me, None)


def change(req: Req, me: Staff) -> Response:
    """Change name, phone and the note."""
    customer_id = _id(req)
    form = Fields(req.form)
    name = form.text("name", 120, label="Name")
    phone = form.text("phone", 40, label="Phone", required=False)
    note = form.text("note", 2000, label="Note", required=False, multiline=True)
    if form.errors:
        return _one(req, me, form, 422)
    try:
        with changing(req, me) as tx:
            verbs.change(tx, customer_id, name=name, phone=phone, note=note)
    except Refused as refused:
        to_fields(form, refused, first="name")
        return _one(req, me, form, 422)
    return redirect(req, f"{_URL}/{customer_id}", notice="Customer changed.")


def _one(req: Req, me: Staff, form: Fields | None, status: int = 200) -> Response:
    customer_id = _id(req)
    with reading(req) as tx:
        person = people.person(tx, customer_id)
        if person is None:
            raise Problem(404, "There is no such customer.")
        orders = people.orders_of_person(tx, customer_id)
        talks = people.talks_of_person(tx, person.email) if me.may("support.read") else ()
    context = {
        "person_row": person,
        "orders": [(row, shown(states.ORDER, row.status), shown(states.PAYMENT, row.payment_status)) for row in orders],
        "talks": [(row, shown(CONVERSATION.labels, row.status)) for row in talks],
        "form": form or Fields.of({"name": person.name, "phone": person.phone, "note": person.note}),
        "may_change": me.may("customers.change"),
    }
    return page(req, "console/customers/one.html", context, status=status)


def search(req: Req, me: Staff) -> Response:
    """Where a typed text leads: an order's number, a tracking number or a SKU go straight there; else both lists."""
    text = typed(req)
    if not text:
        return redirect(req, "/console/orders")
    bare = text.removeprefix("#")
    with reading(req) as tx:
        if bare.isascii() and bare.isdigit() and len(bare) < 16 and order_list.exists(tx, int(bare)):
            return redirect(req, f"/console/orders/{bare}")
        number = order_list.number_by_tracking(tx, text)
        if number is not None:
            return redirect(req, f"/console/orders/{number}#parcels")
        variant_id = order_list.variant_by_code(tx, text)
    if variant_id is not None and me.may("stock.read"):
        return redirect(req, f"/console/stock/{variant_id}")
    with reading(req) as tx:
        orders = order_list.orders(tx, order_list.Wanted(text=text), size=10)
        found = people.people(tx, text, size=10)
    context = {
        "q": text,
        "orders": [(row, shown(states.ORDER, row.status)) for row in orders.rows],
        "more_orders": f"/console/orders?{urlencode({'q': text})}" if orders.next_after else "",
        "people": found.rows if me.may("customers.read") else (),
        "more_people": f"{_URL}?{urlencode({'q': text})}" if found.next_after else "",
    }
    return page(req, "console/customers/search.html", context)


def _id(req: Req) -> str:
    value = req.path_params["customer_id"]
    if not is_id(value):
        raise Problem(404, "There is no such customer.")
    return value


def routes(door: Door) -> list[BaseRoute]:
    return [
        staff_page(door, "/console/search", search, permission="orders.read"),
        staff_page(door, _URL, show, permission="customers.read"),
        staff_page(door, _URL + "/{customer_id}", show_one, permission="customers.read"),
        staff_page(door, _URL + "/{customer_id}", change, permission="customers.change", methods=("POST",)),
    ]
