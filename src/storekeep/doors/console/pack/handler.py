"""The pages of the pack station."""

import re
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, house, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.pack import boxes
from storekeep.doors.console.pick.handler import cursor, scanned
from storekeep.doors.console.pick.view import heard
from storekeep.doors.web import Door, Fields, Problem, Req, download, page, redirect
from storekeep.flows import boxing, packing
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.fulfillment import batch_queries, queries
from storekeep.shop.fulfillment.model import ScanAnswer
from storekeep.shop.fulfillment.states import FULFILLMENT
from storekeep.shop.reports import console_floor
from storekeep.shop.shipping import queries as papers

URL = "/console/pack"
SCREEN = "console/pack/screen.html"
PAPERS = {"label": "Label", "packing_slip": "Packing slip"}


def show(req: Req, me: Staff) -> Response:
    """What is picked and waits for its box; scanning an order number opens it."""
    return _list(req, Fields())


def _list(req: Req, form: Fields, status: int = 200) -> Response:
    after = cursor(req)
    with reading(req) as tx:
        rows = queries.work_list(tx, ["picked"], after=after, limit=51)
        counts = queries.counts(tx)
        totes = batch_queries.totes_holding(tx, [row.id for row in rows])
    context = {
        "totes": {each: f"T{batch}-{tote}" for each, (batch, tote) in totes.items()},
        "rows": rows[:50],
        "next_after": rows[49].cursor if len(rows) > 50 else "",
        "is_first": after is None,
        "counts": counts,
        "form": form,
    }
    return page(req, "console/pack/page.html", context, status=status)


def find(req: Req, me: Staff) -> Response:
    """Open the work that an order's number or a tote's code names, the most urgent first."""
    form = Fields(req.form)
    typed = form.text("order", 20, label="Order number or tote").lstrip("#")
    if tote := re.fullmatch(r"[Tt](\d{1,9})-(\d{1,4})", typed):
        with reading(req) as tx:
            work = batch_queries.work_in_tote(tx, int(tote[1]), int(tote[2]))
        if work is not None:
            return redirect(req, f"{URL}/{work}")
        form.fail("order", f"There is no tote {typed.upper()}.")
    if not form.errors and not (typed.isascii() and typed.isdigit()):
        form.fail("order", f"“{typed}” is not an order number.")
    if not form.errors:
        with reading(req) as tx:
            found = console_floor.work_of_order(tx, int(typed[:15]))
        if found:
            return redirect(req, f"{URL}/{found[0].id}")
        form.fail("order", f"The warehouse has no work for an order {typed[:15]}.")
    return _list(req, form, 422)


def screen(req: Req, me: Staff) -> Response:
    """One box: what belongs in it, what is missing, weight and papers."""
    with reading(req) as tx:
        logged = queries.scans_of(tx, _id(req), 20)
    answer = next((each.answer for each in logged if each.scan_id == req.query.get("scan")), None)
    return _screen(req, answer, Fields())


def _screen(
    req: Req, answer: ScanAnswer | None, form: Fields, status: int = 200, *, may_override: bool = False
) -> Response:
    fulfillment_id = _id(req)
    with reading(req) as tx:
        detail = queries.detail(tx, fulfillment_id)
        undo = queries.last_done(tx, fulfillment_id, "pack")
        pictures = console_floor.pictures_of(tx, [line.variant_id for line in detail.lines])
        parcel = papers.of_fulfillment(tx, fulfillment_id)
        label = console_floor.last_label(tx, parcel.id) if parcel is not None else None
        printed = papers.papers_of(tx, parcel.id) if parcel is not None else []
        following = queries.work_list(tx, ["picked"], limit=2)
        box = boxes.look(tx, detail.row, form.value("carton_code"))
    lines = sorted(detail.lines, key=lambda line: line.to_pack == 0)
    context: dict[str, Any] = {
        "work": detail.row,
        "lines": [(line, pictures.get(line.variant_id)) for line in lines if line.due],
        "left": sum(line.to_pack for line in detail.lines),
        "due": sum(line.due for line in detail.lines),
        "packed": sum(line.packed for line in detail.lines),
        "not_picked": sum(line.to_pick for line in detail.lines),
        "heard": None if answer is None else heard(answer),
        "can_undo": undo is not None and detail.row.status == "picked",
        "parcel": parcel,
        "label": label,
        "papers": [(PAPERS.get(each.kind, each.kind), each.id) for each in printed],
        "box": box,
        "may_override": may_override,
        "form": form,
        "scan_id": new_command(req),
        "undo_command": new_command(req),
        "status": shown(FULFILLMENT.labels, detail.row.status),
        "next_id": next((row.id for row in following if row.id != fulfillment_id), None),
    }
    return page(req, SCREEN, context, status=status, fragment="work")


def scan(req: Req, me: Staff) -> Response:
    """One unit into the box; what does not belong there is refused in red."""
    code, scan_id = scanned(req), _scan_id(req)
    if not code:
        return _screen(req, ScanAnswer("wrong", "Scan or type a code.", scan_id), Fields(), 422)
    with changing(req, me) as tx:
        answer = packing.scan(tx, _id(req), code, scan_id)
    if req.wants_fragment:
        return _screen(req, answer, Fields())
    return redirect(req, f"{URL}/{_id(req)}?scan={scan_id}")


def undo(req: Req, me: Staff) -> Response:
    """Take the last scanned unit out of the box."""
    scan_id = _scan_id(req)
    with changing(req, me) as tx:
        packing.undo_last(tx, _id(req), scan_id)
    return redirect(req, f"{URL}/{_id(req)}?scan={scan_id}")


def close(req: Req, me: Staff) -> Response:
    """Close the box, buy its label at once, and show the papers. Sending it again asks for a refused label anew."""
    form = Fields(req.form)
    grams = form.integer("weight_g", label="Weight", minimum=1, maximum=packing.MAX_WEIGHT_G, required=False)
    carton = form.text("carton_code", 40, label="Carton", required=False)
    override = form.text("override", 300, label="Reason", required=False)
    if override and not me.may("floor.override"):
        raise Problem(403, "Your role does not include this: let a parcel through whose weight is off.")
    may_override = False
    if not form.errors:
        try:
            with changing(req, me) as tx:
                closed = boxing.close(tx, _id(req), grams or None, carton_code=boxes.code_of(carton), override=override)
        except Refused as refused:
            may_override = me.may("floor.override") and any(one.code == "weight_off" for one in refused.problems)
            refusals.to_fields(form, refused, {"weight_g": "weight_g"}, first="weight_g")
            form = _at_weight(form)
        except Conflict as reason:
            form.fail("weight_g", sentence(str(reason)))
    if form.errors:
        return _screen(req, None, form, 422, may_override=may_override)
    if closed.label_key is not None:
        house(req).worker.run_keys([closed.label_key])
    return redirect(req, f"{URL}/{_id(req)}")


def _at_weight(form: Fields) -> Fields:
    """Every reason at the one field that this form has."""
    reasons = " ".join(dict.fromkeys(form.errors.values()))
    form.errors.clear()
    form.fail("weight_g", reasons)
    return form


def paper(req: Req, me: Staff) -> Response:
    """A label or packing slip exactly as it was made, for the printer."""
    document_id = req.path_params["document_id"]
    if not is_id(document_id):
        raise Problem(404, "There is no such paper.")
    with reading(req) as tx:
        parcel = papers.of_fulfillment(tx, _id(req))
        known = {each.id for each in papers.papers_of(tx, parcel.id)} if parcel is not None else set()
        if parcel is None or document_id not in known:
            raise Problem(404, "There is no such paper.")
        kept = papers.paper(tx, document_id)
    ending = "pdf" if "pdf" in kept.content_type else "bin"
    return download(kept.body, f"{kept.kind}-{parcel.number}.{ending}", kept.content_type, inline=True)


def _scan_id(req: Req) -> str:
    scan_id = req.form.get("scan_id") or new_command(req)
    if not 8 <= len(scan_id) <= 64 or not scan_id.replace("-", "").isalnum():
        raise Problem(400, "The scan came without a usable number.")
    return scan_id


def _id(req: Req) -> str:
    fulfillment_id = req.path_params["fulfillment_id"]
    if not is_id(fulfillment_id):
        raise Problem(404, "There is no such work.")
    return fulfillment_id


def routes(door: Door) -> list[BaseRoute]:
    """List, find, one box and what it sends, papers."""
    may, one = "floor.pack", URL + "/{fulfillment_id}"
    posts = ((f"{URL}/find", find), (one + "/scan", scan), (one + "/undo", undo), (one + "/close", close))
    return [
        staff_page(door, URL, show, permission=may),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
        staff_page(door, one, screen, permission=may),
        staff_page(door, one + "/papers/{document_id}", paper, permission=may),
    ]
