"""The pages of the picker. Each scan is a form post; without script each one loads the page again."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.pick import view as views
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import count, floor
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.fulfillment import batches, queries
from storekeep.shop.fulfillment.model import ScanAnswer
from storekeep.shop.fulfillment.states import FULFILLMENT
from storekeep.shop.inventory import count_queries
from storekeep.shop.reports import console_floor

URL = "/console/pick"
SCREEN = "console/pick/screen.html"


def show(req: Req, me: Staff) -> Response:
    """Work by promised time: mine first, then what nobody has, then what others have."""
    after = cursor(req)
    with reading(req) as tx:
        mine = queries.work_list(tx, ["picking"], claimed_by=me.id)
        rows = queries.work_list(tx, ["open"], after=after, limit=51)
        others = [row for row in queries.work_list(tx, ["picking"]) if row.claimed_by != me.id]
        counts = queries.counts(tx)
        batch_of = batches.live_of(tx, [row.id for row in rows])
        names = {row.id: row.name for row in staff.everyone(tx)} if others else {}
    context = {
        "mine": mine,
        "rows": rows[:50],
        "next_after": rows[49].cursor if len(rows) > 50 else "",
        "is_first": after is None,
        "others": [(row, names.get(row.claimed_by, "Somebody")) for row in others],
        "counts": counts,
        "batch_of": batch_of,
        "status_of": lambda status: shown(FULFILLMENT.labels, status),
    }
    return page(req, "console/pick/page.html", context)


def scanned(req: Req) -> str:
    """The code as it was scanned, without the control characters that some guns add."""
    return "".join(char for char in req.form.get("code") if char.isprintable()).strip()[:200]


def cursor(req: Req) -> str | None:
    """Where the page before ended; one that no list gave is left aside."""
    after = req.query.get("after", "")
    day, _, last = after.partition("~")
    return after if len(day) == 10 and is_id(last) else None


def claim(req: Req, me: Staff) -> Response:
    """Take the work named by the form, or the most urgent one."""
    wanted = req.form.get("fulfillment_id")
    if wanted and not is_id(wanted):
        raise Problem(404, "There is no such work.")
    try:
        with changing(req, me) as tx:
            taken = floor.claim(tx, me.id, [wanted] if wanted else None)
    except Conflict as reason:
        return redirect(req, URL, notice=sentence(str(reason)))
    if not taken:
        return redirect(req, URL, notice="Nothing is left to pick.")
    return redirect(req, f"{URL}/{taken[0].fulfillment_id}")


def screen(req: Req, me: Staff) -> Response:
    """The bin to go to, with the answer to the scan that the address names."""
    fulfillment_id = _id(req)
    with reading(req) as tx:
        logged = queries.scans_of(tx, fulfillment_id, 20)
    answer = next((each.answer for each in logged if each.scan_id == req.query.get("scan")), None)
    return _screen(req, me, answer, Fields())


def _screen(req: Req, me: Staff, answer: ScanAnswer | None, form: Fields, status: int = 200) -> Response:
    fulfillment_id = _id(req)
    with reading(req) as tx:
        detail = queries.detail(tx, fulfillment_id)
        at = queries.standing_at(tx, fulfillment_id)
        undo = queries.last_done(tx, fulfillment_id, "pick") is not None
        pictures = console_floor.pictures_of(tx, [line.variant_id for line in detail.lines])
        emptied = None if answer is None or not answer.taken else _emptied(tx, answer, detail)
    work = views.view(detail, at, me.id, pictures, undo)
    context: dict[str, Any] = {
        "work": work,
        "heard": None if answer is None else views.heard(answer),
        "form": form,
        "short_command": new_command(req),
        "undo_command": new_command(req),
        "scan_id": new_command(req),
        "label": shown(FULFILLMENT.labels, work.status),
        "may_pack": me.may("floor.pack"),
        "emptied": emptied,
        "empty_command": new_command(req),
    }
    return page(req, SCREEN, context, status=status, fragment="work")


def _emptied(tx: Tx, answer: ScanAnswer, detail: queries.Detail) -> tuple[str, str, str] | None:
    """(variant, place, SKU) when the books have nothing left of what was just taken there: is it so?

    Not for goods with lots, which are not counted from here.
    """
    line = next((each for each in detail.lines if each.id == answer.line_id), None)
    if line is None or answer.kind not in ("right", "done") or answer.taken[-1].lot_id is not None:
        return None
    place = answer.taken[-1].location_id
    units, _ = count_queries.balance_now(tx, line.variant_id, place)
    return None if units else (line.variant_id, place, line.sku)


def empty(req: Req, me: Staff) -> Response:
    """Whether the bin is empty, as the books say: a no has it counted."""
    return redirect(req, f"{URL}/{_id(req)}", notice=found_empty(req, me))


def found_empty(req: Req, me: Staff) -> str:
    """Book the form's answer to "is none left?"; returns what to tell the picker."""
    variant_id, location_id = req.form.get("variant_id"), req.form.get("location_id")
    if not is_id(variant_id) or not is_id(location_id):
        raise Problem(400, "The form came without its bin. Open the page again and send it from there.")
    is_empty = req.form.get("is_empty") == "yes"
    try:
        with changing(req, me) as tx:
            count.found_empty(tx, variant_id, location_id, is_empty, command_id(req))
    except Conflict as moved:
        return sentence(str(moved))
    return "Noted: it is empty." if is_empty else "Noted. Somebody counts it; go on."


def scan(req: Req, me: Staff) -> Response:
    """One scan: the code of a bin, a SKU or a barcode. The same `scan_id` gets the first answer again."""
    code, scan_id = scanned(req), _scan_id(req)
    form = Fields(req.form)
    qty = form.integer("qty", label="Units per scan", minimum=1, maximum=100_000, required=False, default=1)
    if not code:
        form.fail("scan-code", "Scan or type a code.")
    if form.errors:
        return _screen(req, me, ScanAnswer("wrong", " ".join(form.errors.values()), scan_id), form, 422)
    with changing(req, me) as tx:
        answer = floor.scan(tx, _id(req), code, scan_id, qty)
    if req.wants_fragment:
        return _screen(req, me, answer, Fields())
    return redirect(req, f"{URL}/{_id(req)}?scan={scan_id}")


def undo(req: Req, me: Staff) -> Response:
    """Put the units of the last right scan back."""
    scan_id = _scan_id(req)
    with changing(req, me) as tx:
        floor.undo_last(tx, _id(req), scan_id)
    return redirect(req, f"{URL}/{_id(req)}?scan={scan_id}")


def short(req: Req, me: Staff) -> Response:
    """Fewer units are there and good than expected: other bins are named, or the order is told."""
    form = Fields(req.form)
    good = form.integer("found_qty", label="Good units found", maximum=1_000_000)
    reason = form.choice("reason", ("missing", "damaged"), label="What is wrong")
    line_id, location_id = req.form.get("line_id"), req.form.get("location_id")
    if not is_id(line_id) or not (is_id(location_id) or not location_id):
        raise Problem(400, "The form came without its line. Open the page again and send it from there.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                answer = floor.short(tx, line_id, good, reason, command_id(req), location_id=location_id or None)
        except Refused as refused:
            refusals.to_fields(form, refused, first="found_qty")
    if form.errors:
        return _screen(req, me, None, form, 422)
    if answer.is_canceled:
        return redirect(req, URL, notice=answer.text)
    return redirect(req, f"{URL}/{_id(req)}", notice=answer.text)


def release(req: Req, me: Staff) -> Response:
    """Give the work back to the list."""
    with changing(req, me) as tx:
        floor.release_claim(tx, _id(req))
    return redirect(req, URL, notice="Given back. What was picked stays in its tray.")


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
    """Work list, claim, the screen and what it sends."""
    may, one = "floor.pick", URL + "/{fulfillment_id}"
    posts = ((f"{URL}/claim", claim), (one + "/scan", scan), (one + "/undo", undo), (one + "/short", short),
             (one + "/empty", empty), (one + "/release", release))  # fmt: skip
    return [
        staff_page(door, URL, show, permission=may),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
        staff_page(door, one, screen, permission=may),
    ]
