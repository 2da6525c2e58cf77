"""What can be done to a purchase order now, and the doing of it. Each act answers with a sentence for the page."""

from collections.abc import Callable, Mapping

from storekeep.doors.console.frame import Staff, changing, command_id, reading
from storekeep.doors.web import Fields, Problem, Req
from storekeep.flows import purchase
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import resolve_codes
from storekeep.shop.purchasing import orders, suppliers
from storekeep.shop.purchasing.model import Amendment, Confirmation, parse_price

URL = "/console/purchases"

#: status -> what can be done then, in the order in which it is mostly wanted.
_POSSIBLE: Mapping[str, tuple[str, ...]] = {
    "draft": ("approve", "amend", "cancel"),
    "approved": ("send", "amend", "cancel"),
    "sent": ("confirm", "receive", "amend", "cancel"),
    "confirmed": ("receive", "confirm", "amend", "cancel"),
    "part_received": ("receive", "confirm", "bill", "close"),
    "received": ("bill", "close"),
    "closed": ("bill",),
}
_NEEDS = {"receive": "floor.receive", "bill": "purchasing.bill"}


def possible(status: str, me: Staff) -> list[str]:
    """The acts that this person may do now."""
    return [each for each in _POSSIBLE.get(status, ()) if me.may(_NEEDS.get(each, "purchasing.change"))]


def number(req: Req) -> int:
    """The number of the order in this address."""
    text = str(req.path_params["number"]).upper().removeprefix("PO-")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Problem(404, "There is no such purchase order.")
    return int(text)


def _order(tx: Tx, req: Req) -> str:
    return str(orders.by_number(tx, number(req)).id)


def approve(req: Req, me: Staff, form: Fields) -> str:
    """Agree to it."""
    reason = form.text("approve_reason", 500, label="Why", required=False)
    if not form.errors:
        with changing(req, me) as tx:
            purchase.approve(tx, _order(tx, req), command_id(req), reason=reason)
    return "Approved. Send it when you are ready."


def send(req: Req, me: Staff, form: Fields) -> str:
    """Mail it to the supplier."""
    with changing(req, me) as tx:
        order_id = _order(tx, req)
        purchase.send(tx, order_id, command_id(req))
        to = suppliers.load(tx, orders.load(tx, order_id).supplier_id).email
    return f"On its way to {to}."


def confirm(req: Req, me: Staff, form: Fields) -> str:
    """What the supplier says: lines that were filled in, or one day for all others."""
    day = form.date("confirm_on", label="Comes on", required=False)
    with reading(req) as tx:
        lines = orders.lines_of(tx, [_order(tx, req)])
    answers = []
    for line in lines:
        qty = form.integer(f"qty-{line.id}", label="Units", maximum=suppliers.MOST_UNITS, required=False, default=-1)
        on = form.date(f"on-{line.id}", label="Day", required=False) or day
        usual = line.ordered if line.confirmed_qty is None else line.confirmed_qty
        if qty >= 0 or on:
            units = usual if qty < 0 else qty
            answers.append(Confirmation(line.id, units, on or line.expected_on, line.confirmed_price_e4))
    if not form.errors:
        with changing(req, me) as tx:
            purchase.confirm(tx, _order(tx, req), answers, command_id(req))
    return "Kept what the supplier says."


def amend(req: Req, me: Staff, form: Fields) -> str:
    """Change one line, add it, or take it back."""
    sku = form.text("amend_sku", 64, label="SKU", identifier=True)
    qty = form.integer("amend_qty", label="Units", maximum=suppliers.MOST_UNITS)
    reason = form.text("amend_reason", 500, label="Why")
    typed = req.form.get("amend_price").strip()
    price = None
    with reading(req) as tx:
        row = orders.by_number(tx, number(req))
        facts = resolve_codes(tx, [sku]).get(sku) if sku else None
    if typed:
        try:
            price = parse_price(typed, row.currency)
        except ValueError as wrong:
            form.fail("amend_price", str(wrong))
    if sku and facts is None:
        form.fail("amend_sku", f"There is no SKU {sku}.")
    if form.errors or facts is None:
        return ""
    with changing(req, me) as tx:
        version = purchase.amend(tx, row.id, [Amendment(facts.variant_id, qty, price)], reason, command_id(req))
    return f"Changed: this is version {version} now."


def cancel(req: Req, me: Staff, form: Fields) -> str:
    """Call it off."""
    reason = form.text("cancel_reason", 500, label="Why")
    if not form.errors:
        with changing(req, me) as tx:
            purchase.cancel(tx, _order(tx, req), reason, command_id(req))
    return "Canceled."


def close(req: Req, me: Staff, form: Fields) -> str:
    """Expect nothing more."""
    reason = form.text("close_reason", 500, label="Why")
    if not form.errors:
        with changing(req, me) as tx:
            purchase.close_short(tx, _order(tx, req), reason, command_id(req))
    return "Closed: nothing more is expected."


ACTS: Mapping[str, Callable[[Req, Staff, Fields], str]] = {
    "approve": approve,
    "send": send,
    "confirm": confirm,
    "amend": amend,
    "cancel": cancel,
    "close": close,
}
