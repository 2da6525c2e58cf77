"""The pages of the returns desk."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import take_back
from storekeep.kernel.errors import Conflict, NotFound, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.reports import console_floor
from storekeep.shop.returns import queries, returns
from storekeep.shop.returns.states import OUTCOMES, RETURN

URL = "/console/returns"


def show(req: Req, me: Staff) -> Response:
    """The open returns, or those of one status."""
    return _list(req, Fields())


def _list(req: Req, form: Fields, status: int = 200) -> Response:
    wanted, after = req.query.get("status", ""), req.query.get("after")
    wanted = wanted if wanted in RETURN.edges else ""
    with reading(req) as tx:
        found = queries.listed(tx, status=wanted or None, after=after if after and is_id(after) else None)
    context = {
        "rows": [(row, shown(RETURN.labels, row.status)) for row in found.rows],
        "next_after": found.next_after,
        "is_first": not after,
        "status": wanted,
        "statuses": [(name, label.text) for name, label in RETURN.labels.items()],
        "form": form,
    }
    return page(req, "console/returns/page.html", context, status=status)


def find(req: Req, me: Staff) -> Response:
    """Open the return whose number is on the note in the parcel; RMA-33 and 33 are the same."""
    form = Fields(req.form)
    typed = form.text("number", 20, label="The return's number")
    digits = typed.upper().removeprefix("RMA").lstrip("-# ")
    if not form.errors and not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        form.fail("number", f"“{typed}” is not a return's number. It looks like RMA-33.")
    if not form.errors:
        with reading(req) as tx:
            try:
                return redirect(req, f"{URL}/{returns.by_number(tx, int(digits)).id}")
            except NotFound as reason:
                form.fail("number", sentence(str(reason)))
    return _list(req, form, 422)


def one(req: Req, me: Staff) -> Response:
    """One return: its lines, what came, and what waits for a decision."""
    return _one(req, Fields())


def _one(req: Req, form: Fields, status: int = 200) -> Response:
    return_id = _id(req)
    with reading(req) as tx:
        row = returns.load(tx, return_id)
        counters = {line.id: line for line in returns.lines_of(tx, [return_id])[return_id]}
        lines = queries.lines(tx, return_id)
        number = console_floor.order_number(tx, row.order_id)
        pictures = console_floor.pictures_of(tx, [line.variant_id for line in lines])
        bins = console_floor.usual_bins(tx, [line.variant_id for line in lines])
    context: dict[str, Any] = {
        "row": row,
        "status": shown(RETURN.labels, row.status),
        "lines": [
            (line, counters[line.id], pictures.get(line.variant_id), bins.get(line.variant_id, "")) for line in lines
        ],
        "order_number": number,
        "expected": sum(line.expected for line in counters.values()),
        "undecided": sum(line.undecided for line in counters.values()),
        "outcomes": list(OUTCOMES.items()),
        "form": form,
        "command_id": new_command(req),
        "new_command": lambda: new_command(req),
        "is_open": row.status in ("approved", "received"),
    }
    return page(req, "console/returns/return.html", context, status=status)


def receive(req: Req, me: Staff) -> Response:
    """Count units in, line by line; they go to quarantine until somebody decides."""
    form, return_id = Fields(req.form), _id(req)
    with reading(req) as tx:
        lines = returns.lines_of(tx, [return_id])[return_id]
    names = {f"received-{line.id}": line for line in lines}
    units = {
        line.id: form.integer(name, label="Units that came", maximum=1_000_000, required=False)
        for name, line in names.items()
    }
    for name, line in names.items():
        if units[line.id] > line.expected:
            form.fail(name, f"{line.expected} of these are announced, not {units[line.id]}.")
    first = next(iter(names), "problems")
    if not form.errors and not any(units.values()):
        form.fail(first, "Type how many came.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                take_back.receive(tx, return_id, {each: n for each, n in units.items() if n}, command_id(req))
        except Refused as refused:
            refusals.to_fields(form, refused, dict.fromkeys([line.id for line in lines], first), first=first)
    if form.errors:
        return _one(req, form, 422)
    return redirect(req, f"{URL}/{return_id}", notice="Counted in. Now decide on each.")


def decide(req: Req, me: Staff) -> Response:
    """What becomes of units of one line: back into a bin, kept aside, or thrown away."""
    form, return_id, line_id = Fields(req.form), _id(req), req.path_params["line_id"]
    if not is_id(line_id):
        raise Problem(404, "There is no such line.")
    qty = form.integer(f"units-{line_id}", label="Units", minimum=1, maximum=1_000_000)
    outcome = form.choice("outcome", tuple(OUTCOMES), label="What becomes of it")
    code = form.text(f"bin-{line_id}", 40, label="The bin", required=outcome == "restock", identifier=True)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                bin_id = locations.by_code(tx, code).id if outcome == "restock" else None
                closed = take_back.dispose(tx, line_id, qty, outcome, command_id(req), bin_id=bin_id)
        except UnknownLocation as reason:
            form.fail(f"bin-{line_id}", sentence(str(reason)))
        except Refused as refused:
            refusals.to_fields(form, refused, {"bin": f"bin-{line_id}"}, first=f"units-{line_id}")
    if form.errors:
        return _one(req, form, 422)
    said = {"restock": "Back in its bin, it can be sold.", "quarantine": "Kept aside.", "scrap": "Thrown away."}[
        outcome
    ]
    return redirect(req, f"{URL}/{return_id}", notice=said + (" The return is closed." if closed else ""))


def finish(req: Req, me: Staff) -> Response:
    """Nothing more is coming."""
    try:
        with changing(req, me) as tx:
            status = take_back.finish(tx, _id(req))
    except Conflict as reason:
        return redirect(req, f"{URL}/{_id(req)}", notice=sentence(str(reason)))
    return redirect(req, f"{URL}/{_id(req)}", notice=f"The return is {status}.")


def _id(req: Req) -> str:
    return_id = req.path_params["return_id"]
    if not is_id(return_id):
        raise Problem(404, "There is no such return.")
    return return_id


def routes(door: Door) -> list[BaseRoute]:
    """List, find, one return and what it sends."""
    see, may, home = ("floor.receive", "support.read"), "floor.receive", URL + "/{return_id}"
    posts = ((home + "/receive", receive), (home + "/lines/{line_id}", decide), (home + "/finish", finish))
    return [
        staff_page(door, URL, show, permission=see),
        staff_page(door, f"{URL}/find", find, permission=see, methods=("POST",)),
        staff_page(door, home, one, permission=see),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
    ]
