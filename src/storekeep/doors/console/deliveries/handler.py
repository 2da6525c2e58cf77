"""The pages of deliveries: those at the door, and one from its first scan until it is in the books."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.deliveries import view
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.refusals import outcome
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import door_lots, receipts, send_back
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, NotFound, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.purchasing import landed_queries, orders, queries, receiving
from storekeep.shop.purchasing.model import Counted, Part
from storekeep.shop.purchasing.receiving import MOST_COUNTED
from storekeep.shop.purchasing.states import CONDITIONS, DISPOSITIONS, RECEIPT

URL = "/console/deliveries"
#: The names of the fields of a decision.
SHORT = {"accept": "Accept", "hold": "Hold", "return": "Send back", "refuse": "Refuse"}
VIEWS = {"": ("At the door", ["open", "counted"]), "posted": ("Booked in", ["posted"]), "void": ("Void", ["void"])}


def show(req: Req, me: Staff) -> Response:
    """Deliveries by status, and the field that begins one."""
    return _list(req, Fields())


def _list(req: Req, form: Fields, status: int = 200) -> Response:
    name = req.query.get("status", "")
    name = name if name in VIEWS else ""
    after = req.query.get("after")
    with reading(req) as tx:
        found = queries.receipts(tx, statuses=VIEWS[name][1], after=after if after and is_id(after) else None)
        expected = queries.listed(tx, statuses=["sent", "confirmed", "part_received"], limit=8).rows
    context = {
        "rows": [(row, shown(RECEIPT.labels, row.status)) for row in found.rows],
        "expected": expected if not name else (),
        "tabs": [(label, f"{URL}?status={key}", key == name, None) for key, (label, _) in VIEWS.items()],
        "next_url": f"?status={name}&after={found.next_after}" if found.next_after else "",
        "first_url": f"{URL}?status={name}" if after else "",
        "form": form,
        "command_id": new_command(req),
    }
    return page(req, "console/deliveries/page.html", context, status=status)


def begin(req: Req, me: Staff) -> Response:
    """Begin to count: the delivery of the order that was scanned, or with an empty field one that nobody ordered."""
    form = Fields(req.form)
    code = form.text("code", 40, label="Order", required=False, identifier=True)
    note = form.text("delivery_note", 200, label="Delivery note", required=False, identifier=True)
    number = code.upper().removeprefix("PO").lstrip("-# ")
    if code and not (number.isascii() and number.isdigit() and len(number) <= 12):
        form.fail("code", "Scan the order's number, like PO-1001; leave it empty for goods without an order.")
    receipt_id = ""
    if not form.errors:
        try:
            with changing(req, me) as tx:
                row = orders.by_number(tx, int(number)) if code else None
                home = row.warehouse_id if row is not None else locations.warehouse_ids(tx)[0]
                receipt_id = receipts.open_receipt(
                    tx, home, command_id(req), purchase_order_id=None if row is None else row.id, delivery_note=note
                )
        except (Conflict, NotFound) as reason:
            form.fail("code", sentence(str(reason)))
    if form.errors:
        return _list(req, form, 422)
    return redirect(req, f"{URL}/{receipt_id}")


def one(req: Req, me: Staff) -> Response:
    """A delivery as far as it is."""
    return _one(req, Fields())


def _one(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        found = view.load(tx, _id(req))
        bills, _ = landed_queries.bills(tx, receipt_id=found.row.id)
    context: dict[str, Any] = {
        "found": found,
        "row": found.row,
        "bills": bills,
        "label": shown(RECEIPT.labels, found.row.status),
        "form": form,
        "new_command": lambda: new_command(req),
        "dispositions": DISPOSITIONS,
        "short": SHORT,
        "conditions": CONDITIONS,
    }
    return page(req, f"console/deliveries/{found.row.status}.html", context, status=status)


# --- counting ---


def scan(req: Req, me: Staff, form: Fields) -> str:
    """One scan; the wedge types the code and Enter."""
    code = form.text("code", 200, label="Code", identifier=True)
    qty = form.integer("qty", label="Units", minimum=1, maximum=MOST_COUNTED, required=False, default=1)
    condition = form.choice("condition", list(CONDITIONS), required=False, default="good")
    lot = form.text("lot_code", 40, label="Lot", required=False, identifier=True)
    day = form.date("expires_on", label="Expires on", required=False)
    if form.errors:
        return ""
    with changing(req, me) as tx:
        said = receipts.scan(
            tx, _id(req), code, command_id(req), qty=qty, condition=condition, lot_code=lot or None,
            expires_on=day or None,
        )  # fmt: skip
    if said.kind == "unknown":
        form.fail("code", said.text)
    return said.text


def unknown(req: Req, me: Staff, form: Fields) -> str:
    """Count a thing that the catalogue does not know."""
    text = form.text("scanned", 200, label="What it is", identifier=True)
    qty = form.integer("unknown_qty", label="Units", minimum=1, maximum=MOST_COUNTED)
    if not form.errors:
        with changing(req, me) as tx:
            receipts.count(tx, _id(req), [Counted(None, qty, "good", text)], command_id(req))
    return f"{qty} of an unknown thing counted."


def recount(req: Req, me: Staff, form: Fields) -> str:
    """Correct a line."""
    qty = form.integer("counted", label="Counted", maximum=MOST_COUNTED)
    if not form.errors:
        with changing(req, me) as tx:
            receipts.recount(tx, _id(req), _line_id(req), qty, command_id(req))
    return f"Corrected to {qty}."


def finish(req: Req, me: Staff, form: Fields) -> str:
    """The count is done."""
    with changing(req, me) as tx:
        receipts.finish_count(tx, _id(req), command_id(req))
    return "Counted. Look at what differs."


# --- deciding ---


def decide(req: Req, me: Staff, form: Fields) -> str:
    """What becomes of the units of one line."""
    line_id = _line_id(req)
    names = {name: f"{name}-{line_id}" for name in DISPOSITIONS}
    units = {
        name: form.integer(field, label=name.capitalize(), maximum=MOST_COUNTED, required=False)
        for name, field in names.items()
    }
    reason = form.text(f"reason-{line_id}", 500, label="Why", required=False)
    if form.errors:
        return ""
    parts = [Part(name, count) for name, count in units.items() if count]
    try:
        with changing(req, me) as tx:
            receipts.decide(tx, _id(req), line_id, parts, command_id(req), reason=reason)
    except Refused as refused:
        for problem in refused.problems:
            field = f"reason-{line_id}" if problem.path == "reason" else names["accept"]
            form.fail(field, sentence(problem.text))
    return "Decided."


def post(req: Req, me: Staff, form: Fields) -> str:
    """Book it in; a bin beside a line takes its goods straight there."""
    with changing(req, me) as tx:
        bins, named = _bins(tx, req, form), _lots(tx, req, form)
        if not form.errors:
            if named:
                door_lots.name_lots(tx, _id(req), named, f"{command_id(req)}-lots")
            receipts.post(tx, _id(req), command_id(req), bins=bins)
    return "Booked in."


def _bins(tx: Tx, req: Req, form: Fields) -> dict[str, str]:
    found = {}
    for line in receiving.lines_of(tx, _id(req)):
        name = f"bin-{line.variant_id}"
        code = form.text(name, 40, label="Bin", required=False, identifier=True)
        if not code:
            continue
        try:
            place = locations.by_code(tx, code)
        except UnknownLocation as reason:
            form.fail(name, sentence(str(reason)))
            continue
        if place.kind != "bin":
            form.fail(name, f"{place.code} is not a bin.")
        found[line.variant_id] = place.id
    return found


def _lots(tx: Tx, req: Req, form: Fields) -> dict[str, door_lots.Printed]:
    """The lots that were written beside lines; those of lines without such a field are left as they are."""
    found: dict[str, door_lots.Printed] = {}
    for line in receiving.lines_of(tx, _id(req)):
        code = form.text(f"lot-{line.id}", 40, label="Lot", required=False, identifier=True)
        day = form.date(f"expires-{line.id}", label="Expires on", required=False)
        if code or day:
            found[line.id] = (code or None, day or None)
    return found


def void(req: Req, me: Staff, form: Fields) -> str:
    """Throw the count away."""
    reason = form.text("void_reason", 500, label="Why")
    if not form.errors:
        with changing(req, me) as tx:
            receipts.void(tx, _id(req), reason, command_id(req))
    return "Void: nothing was booked in."


def back(req: Req, me: Staff, form: Fields) -> str:
    """Units of a booked line leave for the supplier, from quarantine."""
    line_id = _line_id(req)
    qty = form.integer(f"back-{line_id}", label="Units", minimum=1, maximum=MOST_COUNTED)
    reason = form.text(f"why-{line_id}", 500, label="Why")
    if form.errors:
        return ""
    with changing(req, me) as tx:
        send_back.send_back(tx, line_id, qty, reason, command_id(req))
    return f"{qty} sent back."


ACTS: Mapping[str, tuple[Callable[[Req, Staff, Fields], str], str]] = {
    "scan": (scan, "code"),
    "unknown": (unknown, "scanned"),
    "recount": (recount, "counted"),
    "finish": (finish, "code"),
    "decide": (decide, "post"),
    "post": (post, "post"),
    "void": (void, "void_reason"),
    "back": (back, "back"),
}


def _doing(name: str) -> Callable[[Req, Staff], Response]:
    act, first = ACTS[name]

    def run(req: Req, me: Staff) -> Response:
        form = Fields(req.form)
        notice = outcome(form, first, lambda: act(req, me, form))
        if form.errors:
            return _one(req, form, 422)
        return redirect(req, f"{URL}/{_id(req)}", notice=notice)

    run.__name__ = name
    return run


def _id(req: Req) -> str:
    found = req.path_params["receipt_id"]
    if not is_id(found):
        raise Problem(404, "There is no such receipt.")
    return str(found)


def _line_id(req: Req) -> str:
    found = req.form.get("line_id")
    if not is_id(found):
        raise Problem(400, "The form came without its line. Open the page again and send it from there.")
    return found


def routes(door: Door) -> list[BaseRoute]:
    """List, begin, one, and its acts."""
    may, here = "floor.receive", URL + "/{receipt_id}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/open", begin, permission=may, methods=("POST",)),
        staff_page(door, here, one, permission=may),
        *(staff_page(door, f"{here}/{name}", _doing(name), permission=may, methods=("POST",)) for name in ACTS),
    ]
