"""The screen of whoever counts: go to the bin and scan it, scan an item, type how many. It works without script.

Of goods that are told apart by lot, each lot is counted by itself, scanned after the item or with it (`scanning.py`).
What the books say is told only after a count is taken. A keyboard wedge ends its code with Enter, so each step is a
form with one field, which has the focus.
"""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.counts.board import KINDS, URL, line_status, names, task_status
from storekeep.doors.console.counts.scanning import Scanned, step
from storekeep.doors.console.frame import (
    Staff,
    actor,
    changing,
    command_id,
    new_command,
    reading,
    sentence,
    staff_page,
)
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import count
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Refused
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import count_queries, count_tasks, counting
from storekeep.shop.inventory.count_rules import MovedMeanwhile, Unlikely, read_units
from storekeep.shop.reports import console_counts, console_floor


def show(req: Req, me: Staff) -> Response:
    """One place to count, step by step."""
    return _show(req, me, Fields(), Scanned(*(refusals.asked(req, name, 64) for name in ("at", "code", "lot", "line"))))


def _show(
    req: Req, me: Staff, form: Fields, scanned: Scanned, status: int = 200, *, unsure: int | None = None
) -> Response:
    with reading(req) as tx:
        task = _task(tx, req)
        lines = console_counts.lines_of(tx, task.id)
        mine = [row for row in lines if _is_mine(row, actor(me))]
        now = step(tx, scanned, task, lines, mine)
        context: dict[str, Any] = {
            "task": task,
            "mine": mine,
            "done": [row for row in lines if row not in mine],
            "step": now,
            "scanned": scanned,
            "pictures": console_floor.pictures_of(tx, [row.variant_id for row in lines]),
            "names": names(tx),
            "currency": site.load(tx).currency,
        }
    if now.stranger is not None and now.stranger.expires_on and not form.errors:
        form = Fields.of({"expires_on": now.stranger.expires_on})
    context |= {
        "form": form,
        "unsure": unsure,
        "command_id": new_command(req),
        "kinds": KINDS,
        "label": task_status(task.status),
        "status_of": line_status,
        "me_actor": actor(me),
    }
    return page(req, "console/counts/hand.html", context, status=status)


def _is_mine(row: Any, who: str) -> bool:
    """Whether this line waits for this person: nobody makes the second count of their own first one."""
    return bool(row.status == "open" or (row.status == "recount" and row.counter_1 != who))


def take(req: Req, me: Staff) -> Response:
    """The number that was typed for one item."""
    form = Fields(req.form)
    line_id, seen = req.form.get("line_id"), req.form.get("seen_seq")
    if not is_id(line_id) or not seen.isdecimal() or len(seen) > 15:
        raise Problem(400, "The form came without its item. Open the page again and send it from there.")
    with reading(req) as tx:
        task = _task(tx, req)
    units = 0
    try:
        units = read_units(req.form.get("counted"))
        entry = counting.Entry(line_id, units, int(seen), is_sure=req.form.get("sure") == str(units))
        with changing(req, me) as tx:
            if task.status in ("open", "recount"):
                count.claim(tx, [task.id])
            told = count.count_lines(tx, [entry], command_id(req))[0]
    except Unlikely as doubt:
        return _again(req, me, form, sentence(str(doubt)), unsure=units)
    except MovedMeanwhile as moved:
        return _again(req, me, form, sentence(str(moved)))
    except Refused as refused:
        refusals.to_fields(form, refused, first="counted")
        return _again(req, me, form, "")
    return redirect(req, f"{URL}/{task.id}?at={task.code}", notice=_said(req, told))


def _again(req: Req, me: Staff, form: Fields, text: str, *, unsure: int | None = None) -> Response:
    """The same item once more: the fields of the form stand for the address."""
    if text:
        form.fail("counted", text)
    return _show(req, me, form, Scanned(req.form.get("at")[:64], line_id=req.form.get("line_id")), 422, unsure=unsure)


def _said(req: Req, told: count.Told) -> str:
    """What became of the count; the difference is told once it is booked, not while somebody else is to count."""
    if told.status == "recount":
        return "Taken. Somebody else counts it again."
    if told.status == "review":
        return "Taken. The two counts are looked at now."
    with reading(req) as tx:
        line = count_queries.line(tx, told.line_id)
    if line is None or line.variance == 0:
        return "Taken. The books say the same."
    return f"Taken. The books had {abs(line.variance)} {'fewer' if line.variance > 0 else 'more'}; that is booked."


def found(req: Req, me: Staff) -> Response:
    """Something lies there that the books do not have there: it gets a line of its own, and its lot is made if new."""
    variant_id, code = req.form.get("variant_id"), req.form.get("lot_code").strip()
    if not is_id(variant_id):
        raise Problem(404, "There is no such variant.")
    form = Fields(req.form)
    try:
        with changing(req, me) as tx:
            task = _task(tx, req)
            count.claim(tx, [task.id])
            line_id = count.found_there(tx, task.id, variant_id, code, req.form.get("expires_on").strip() or None)
    except Invalid as refused:
        refusals.to_fields(form, refused, {"lot_code": "expires_on", "lot": "expires_on"}, first="expires_on")
        again = Scanned(*(req.form.get(name)[:64] for name in ("at", "code", "lot_code")))
        return _show(req, me, form, again, 422)
    return redirect(req, f"{URL}/{task.id}?at={task.code}&line={line_id}")


def give_back(req: Req, me: Staff) -> Response:
    """Somebody else may count the rest."""
    with changing(req, me) as tx:
        task = _task(tx, req)
        if task.claimed_by not in (None, actor(me)) and not me.may("stock.approve"):
            raise Conflict("somebody else counts it; only they or whoever decides counts can give it back")
        count_tasks.give_back(tx, task.id)
    return redirect(req, URL, notice="Given back. What was counted stays counted.")


def call_off(req: Req, me: Staff) -> Response:
    """What is not counted yet is not counted any more."""
    form = Fields(req.form)
    reason = form.text("reason", 300, label="Reason")
    if form.errors:
        return _show(req, me, form, Scanned(), 422)
    with changing(req, me) as tx:
        task = _task(tx, req)
        count_tasks.call_off(tx, task.id, reason)
    return redirect(req, URL, notice=f"The count of {task.code} is called off.")


def _task(tx: Tx, req: Req) -> Any:
    task_id = req.path_params["task_id"]
    found_task = count_queries.task(tx, task_id) if is_id(task_id) else None
    if found_task is None:
        raise Problem(404, "There is no such count.")
    return found_task


def routes(door: Door) -> list[BaseRoute]:
    """One task and what its forms send."""
    one, may = URL + "/{task_id}", "stock.count"
    posts = ((f"{one}/count", take), (f"{one}/found", found), (f"{one}/give-back", give_back))
    return [
        staff_page(door, one, show, permission=("stock.count", "stock.approve", "stock.read")),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
        staff_page(door, f"{one}/call-off", call_off, permission="stock.approve", methods=("POST",)),
    ]
