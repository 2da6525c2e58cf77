"""Payments for accountant and agent: the list, one payment with all that the provider said, and another look or try."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, shown, staff_page
from storekeep.doors.web import Door, Problem, Req, page, redirect
from storekeep.flows import returned_money, settle
from storekeep.kernel import audit
from storekeep.shop.payments import refunds
from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.reports.console_office import is_id, money, order_page

_URL = "/console/payments"
#: What each thing that the provider told us means, and how it looks: (word, tone, icon).
EVENTS = {
    "authorized": ("The money was set aside", "good", "half"),
    "captured": ("The money was taken", "good", "tick"),
    "voided": ("The authorization was given back", "plain", "dash"),
    "declined": ("The bank declined", "bad", "octagon"),
    "refunded": ("A refund went out", "info", "tick"),
    "refund_failed": ("A refund came back", "bad", "triangle"),
}


def show(req: Req, me: Staff) -> Response:
    """Payments newest first, by what became of them; `order` narrows to one order."""
    which = req.query.get("show", "")
    which = which if which in money.FILTERS else ""
    after, number = req.query.get("after", ""), req.query.get("order", "")
    with reading(req) as tx:
        order = (
            order_page.by_number(tx, int(number))
            if number.isascii() and number.isdigit() and len(number) < 16
            else None
        )
        listed = money.payments(tx, which, order.id if order else None, after if is_id(after) else "")
    kept = {"show": which, "order": str(order.number) if order else ""}
    context = {
        "rows": [(row, shown(ATTEMPT.labels, row.attempt_status or "recorded")) for row in listed.rows],
        "tabs": [(label, _link({**kept, "show": key}), key == which, None) for key, label in money.FILTERS.items()],
        "order_number": order.number if order else None,
        "is_filtered": bool(which or order),
        "next_url": _link({**kept, "after": listed.next_after}) if listed.next_after else "",
        "first_url": _link(kept) if after else "",
    }
    return page(req, "console/payments/page.html", context)


def show_one(req: Req, me: Staff) -> Response:
    """One payment: its sums, attempts, events, refunds, and what still waits to be told to the provider."""
    payment_id = _id(req, "payment_id")
    with reading(req) as tx:
        row = money.one_payment(tx, payment_id)
        if row is None:
            raise Problem(404, "There is no such payment.")
        attempts, told = money.attempts_of(tx, payment_id), money.events_of(tx, payment_id)
        given, waiting = money.refunds_of(tx, payment_id), money.messages_of(tx, payment_id, row.order_id)
    context = {
        "payment": row,
        "attempts": [(attempt, shown(ATTEMPT.labels, attempt.status)) for attempt in attempts],
        "told": [(event, *EVENTS.get(event.kind, (event.kind, "plain", "dot"))) for event in told],
        "refunds": [(refund, shown(REFUND.labels, refund.status)) for refund in given],
        "waiting": waiting,
        "may_look": _may_look(me),
        "may_try": me.may("orders.refund"),
    }
    return page(req, "console/payments/one.html", context)


def look_again(req: Req, me: Staff) -> Response:
    """Queue a look at the provider; at most one per minute and payment, so clicking twice asks once."""
    payment_id = _id(req, "payment_id")
    if not _may_look(me):
        raise Problem(403, "Your role does not include this: look at a payment again.")
    with changing(req, me) as tx:
        if money.one_payment(tx, payment_id) is None:
            raise Problem(404, "There is no such payment.")
        key = settle.ask_to_observe(tx, payment_id, "staff")
        audit.record(tx, [audit.Entry("payment.look_again", "payment", payment_id, None, {"key": key})])
    said = "The provider is being asked; what it says will stand here within seconds."
    return redirect(req, f"{_URL}/{payment_id}", notice=said)


def try_refund(req: Req, me: Staff) -> Response:
    """Send a failed refund once more, within the person's own limit; audited."""
    refund_id = _id(req, "refund_id")
    with changing(req, me) as tx:
        row = refunds.load(tx, refund_id)
        if not me.may_refund(row.amount_minor):
            raise Problem(
                403, "This refund is above what you may give back at once. Ask a colleague with a higher limit."
            )
        if row.status != "failed":
            raise Problem(409, f"Refund {row.number} has not failed; there is nothing to try again.")
        key = returned_money.try_again(tx, refund_id)
        audit.record(tx, [audit.Entry("refund.tried_again", "refund", refund_id, None, {"key": key})])
    return redirect(req, f"{_URL}/{row.payment_id}", notice=f"Refund {row.number} is on its way again.")


def _may_look(me: Staff) -> bool:
    return me.may("payments.read") and (me.may("orders.refund") or me.may("ledger.read"))


def _id(req: Req, name: str) -> str:
    value = req.path_params[name]
    if not is_id(value):
        raise Problem(404, "There is no such payment.")
    return value


def _link(wanted: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{_URL}?{query}" if query else _URL


def routes(door: Door) -> list[BaseRoute]:
    post = ("POST",)
    return [
        staff_page(door, _URL, show, permission="payments.read"),
        staff_page(door, _URL + "/{payment_id}", show_one, permission="payments.read"),
        staff_page(door, _URL + "/{payment_id}/look", look_again, permission="payments.read", methods=post),
        staff_page(door, _URL + "/refunds/{refund_id}/again", try_refund, permission="orders.refund", methods=post),
    ]
