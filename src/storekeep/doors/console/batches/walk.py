"""The screen of a walk: one instruction at a time, big, with the answer to the last scan. Each scan is a form post."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.batches.words import KINDS, OUTCOMES, batch_id_of, metres
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.pick.handler import found_empty, scanned
from storekeep.doors.console.pick.view import Heard
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import batch_pick
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.fulfillment import batch_queries
from storekeep.shop.fulfillment.batch_queries import BatchDetail
from storekeep.shop.fulfillment.cartround import ONE_TOTE, BatchAnswer, Task, tote_code
from storekeep.shop.fulfillment.states import PICK_BATCH, TO_PICK
from storekeep.shop.inventory import count_queries
from storekeep.shop.reports import console_floor

URL = "/console/batches"
SCREEN = "console/batches/walk.html"
_SAID = {"right": ("good", "Right"), "done": ("good", "Done"), "wrong": ("bad", "Wrong"), "stop": ("bad", "Stop")}


def start(req: Req, me: Staff) -> Response:
    """Take the batch named by the form, or the next one that is released."""
    wanted = req.form.get("batch_id")
    if wanted and not is_id(wanted):
        raise Problem(404, "There is no such batch.")
    try:
        with changing(req, me) as tx:
            taken = batch_pick.start(tx, me.id, wanted or None)
    except Conflict as reason:
        return redirect(req, URL, notice=sentence(str(reason)))
    if taken is None:
        return redirect(req, URL, notice="No batch is released.")
    return redirect(req, f"{URL}/{taken}/walk")


def screen(req: Req, me: Staff) -> Response:
    """Where to go and what to take, with the answer to the scan that the address names."""
    with reading(req) as tx:
        logged = batch_queries.detail(tx, batch_id_of(req)).scans
    answer = next((each for each in logged if each.scan_id == req.query.get("scan")), None)
    return _screen(req, me, answer, Fields())


def _screen(req: Req, me: Staff, answer: BatchAnswer | None, form: Fields, status: int = 200) -> Response:
    batch_id = batch_id_of(req)
    with reading(req) as tx:
        detail = batch_queries.detail(tx, batch_id)
        pictures = console_floor.pictures_of(tx, [task.variant_id for task in detail.tasks])
        emptied = _emptied(tx, answer, detail)
    last = detail.scans[0] if detail.scans else None
    here = last.here if last is not None else None
    at_hand = [task for task in detail.tasks if task.location_id == here]
    stop = at_hand or _at_first(detail.tasks)
    held = last.held if last is not None else None
    if held is not None and not any(held.fits(task) for task in at_hand):  # nobody wants it any more
        held = None
    there = [task for task in stop if task.variant_id == (held.variant_id if held else stop[0].variant_id)]
    now = [task for task in there if (held.fits(task) if held else task.lot_id == there[0].lot_id)]
    row = detail.row
    context: dict[str, Any] = {
        "batch": row, "kind": KINDS[row.kind], "is_mine": row.picker in (None, me.id), "now": now, "held": held,
        "is_here": bool(stop) and stop[0].location_id == here, "is_sorted": row.kind not in ONE_TOTE,
        "tote_code": tote_code, "put_now": min(held.qty, now[0].qty) if held and now else 0,
        "qty": sum(task.qty for task in now), "there": sum(task.qty for task in there),
        "picture": pictures.get(now[0].variant_id) if now else None,
        "following": _following(detail.tasks, now), "totes": detail.totes, "outcomes": OUTCOMES,
        "off": [tote for tote in detail.totes if tote.outcome == "called_off"],
        "left": sum(task.qty for task in detail.tasks), "planned": sum(one.qty for one in detail.plan),
        "walk": metres(row.walk_mm), "heard": None if answer is None else _heard(answer), "form": form,
        "scan_id": new_command(req), "undo_command": new_command(req), "short_command": new_command(req),
        "can_undo": row.status == "in_progress" and any(one.puts or one.held for one in detail.scans),
        "emptied": emptied, "empty_command": new_command(req),
        "binless": [tote for tote in detail.totes if tote.outcome == "open" and tote.status in TO_PICK],
        "label": shown(PICK_BATCH.labels, row.status), "may_pack": me.may("floor.pack"),
    }  # fmt: skip
    return page(req, SCREEN, context, status=status, fragment="work")


def _at_first(tasks: tuple[Task, ...]) -> list[Task]:
    return [task for task in tasks if task.location_id == tasks[0].location_id]


def _following(tasks: tuple[Task, ...], now: list[Task]) -> list[tuple[str, str, int]]:
    """The stops after this one: bin, goods, units of all totes together."""
    found: dict[tuple[str, str], int] = {}
    for task in tasks:
        if task not in now:
            found[task.location_code, task.told] = found.get((task.location_code, task.told), 0) + task.qty
    return [(code, goods, qty) for (code, goods), qty in found.items()]


def _emptied(tx: Tx, answer: BatchAnswer | None, detail: BatchDetail) -> tuple[str, str, str] | None:
    """(variant, place, SKU) when the books have nothing left of what was just taken there: is it so?

    Not for goods with lots, which are not counted from here.
    """
    if answer is None or not answer.is_right or not answer.puts or answer.undoes:
        return None
    put = answer.puts[-1]
    if put.lot_id is not None:
        return None
    stop = next((s for s in detail.plan if (s.line_id, s.location_code) == (put.line_id, put.location_code)), None)
    if stop is None:
        return None
    units, _ = count_queries.balance_now(tx, stop.variant_id, stop.location_id)
    return None if units else (stop.variant_id, stop.location_id, stop.sku)


def empty(req: Req, me: Staff) -> Response:
    """Whether the bin is empty, as the books say: a no has it counted."""
    said = found_empty(req, me)
    return redirect(req, f"{URL}/{batch_id_of(req)}/walk", notice=said)


def _heard(answer: BatchAnswer) -> Heard:
    text, mark, expected = answer.text.partition("Expected")
    return Heard(*_SAID[answer.kind], text.strip(), f"{mark}{expected}")


def scan(req: Req, me: Staff) -> Response:
    """One scan: a bin, a SKU or barcode, a tote. The same `scan_id` gets the first answer again."""
    code, scan_id = scanned(req), _scan_id(req)
    form = Fields(req.form)
    qty = form.integer("qty", label="Units per scan", minimum=1, maximum=100_000, required=False, default=1)
    if not code:
        form.fail("scan-code", "Scan or type a code.")
    if form.errors:
        return _screen(req, me, BatchAnswer("wrong", " ".join(form.errors.values()), scan_id), form, 422)
    with changing(req, me) as tx:
        answer = batch_pick.scan(tx, batch_id_of(req), code, scan_id, qty)
    if req.wants_fragment:
        return _screen(req, me, answer, Fields())
    return redirect(req, f"{URL}/{batch_id_of(req)}/walk?scan={scan_id}")


def undo(req: Req, me: Staff) -> Response:
    """Put down what is in hand, or take the units of the last scan out of their tote again."""
    scan_id = _scan_id(req)
    with changing(req, me) as tx:
        batch_pick.undo_last(tx, batch_id_of(req), scan_id)
    return redirect(req, f"{URL}/{batch_id_of(req)}/walk?scan={scan_id}")


def short(req: Req, me: Staff) -> Response:
    """Fewer units are in the bin than all totes together need."""
    form = Fields(req.form)
    good = form.integer("found_qty", label="Good units found", maximum=1_000_000)
    reason = form.choice("reason", ("missing", "damaged"), label="What is wrong")
    location_id, variant_id = req.form.get("location_id"), req.form.get("variant_id")
    if not is_id(location_id) or not is_id(variant_id):
        raise Problem(400, "The form came without its bin. Open the page again and send it from there.")
    said = ""
    if not form.errors:
        try:
            with changing(req, me) as tx:
                said = batch_pick.short(tx, batch_id_of(req), location_id, variant_id, good, reason, command_id(req))
        except Conflict as refused:
            form.fail("found_qty", sentence(str(refused)))
        except Refused as refused:
            refusals.to_fields(form, refused, first="found_qty")
    if form.errors:
        return _screen(req, me, None, form, 422)
    return redirect(req, f"{URL}/{batch_id_of(req)}/walk", notice=said)


def end(req: Req, me: Staff) -> Response:
    """Stop here: what is not picked goes back to the list."""
    with changing(req, me) as tx:
        batch_pick.end(tx, batch_id_of(req))
    return redirect(req, f"{URL}/{batch_id_of(req)}", notice="Ended. What was not picked is on the list again.")


def _scan_id(req: Req) -> str:
    scan_id = req.form.get("scan_id") or new_command(req)
    if not 8 <= len(scan_id) <= 64 or not scan_id.replace("-", "").isalnum():
        raise Problem(400, "The scan came without a usable number.")
    return scan_id


def routes(door: Door) -> list[BaseRoute]:
    """Start, the screen and what it sends."""
    may, one = "floor.pick", URL + "/{batch_id}"
    posts = ((f"{URL}/start", start), (one + "/scan", scan), (one + "/undo", undo), (one + "/short", short),
             (one + "/empty", empty), (one + "/end", end))  # fmt: skip
    return [
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
        staff_page(door, one + "/walk", screen, permission=may),
    ]
