"""The inbox in tabs, and one conversation with its order beside it and remedies one click away."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.conversations.view import offers, thread
from storekeep.doors.console.frame import (
    Staff,
    changing,
    command_id,
    new_command,
    reading,
    sentence,
    shown,
    staff_page,
    typed,
)
from storekeep.doors.console.orders.view import REMEDIES, REMEDY_STATUSES
from storekeep.doors.console.refusals import to_fields
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import reply
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.access import staff
from storekeep.shop.orders import states
from storekeep.shop.reports.console_office import is_id, order_page, people
from storekeep.shop.reports.console_office.people import TABS
from storekeep.shop.support import conversations, notes
from storekeep.shop.support.states import CONVERSATION

_URL = "/console/conversations"


def show(req: Req, me: Staff) -> Response:
    """One tab of the inbox. Open ones begin with who has waited longest, the others with the newest."""
    tab = req.query.get("tab", "open")
    kept = {
        "tab": tab if tab in TABS else "open",
        "q": typed(req),
        "mine": "1" if req.query.get("mine") == "1" else "",
    }
    after = req.query.get("after", "")
    with reading(req) as tx:
        counts = people.tab_counts(tx)
        assignee = me.id if kept["mine"] else None
        listed = people.conversations(tx, tab=kept["tab"], text=kept["q"], assignee_id=assignee, after=after)
    context = {
        "rows": [(row, shown(CONVERSATION.labels, row.status)) for row in listed.rows],
        "tabs": [
            (label, _link({**kept, "tab": key}), key == kept["tab"], counts.get(key)) for key, label in TABS.items()
        ],
        "kept": kept,
        "mine_url": _link({**kept, "mine": "" if kept["mine"] else "1"}),
        "next_url": _link({**kept, "after": listed.next_after}) if listed.next_after else "",
        "first_url": _link(kept) if after else "",
    }
    return page(req, "console/conversations/page.html", context)


def show_one(req: Req, me: Staff) -> Response:
    """One conversation."""
    return _one(req, me, Fields())


def answer(req: Req, me: Staff) -> Response:
    """Send an answer by mail, or keep a note. Whoever wrote meanwhile is named, and the text is kept."""
    number, form = _number(req), Fields(req.form)
    is_note = req.form.get("do") == "note"
    body = form.text("body", 10_000, label="Text", multiline=True)
    seen = form.integer("seen_version", label="Version", minimum=0)
    if form.errors:
        return _one(req, me, form, 422)
    try:
        with changing(req, me) as tx:
            row = _row(tx, number)
            if is_note:
                notes.write(tx, body, command_id(req), conversation_id=row.id)
            else:
                override = req.form.get("do") == "anyway"
                reply.agent_replies(tx, row.id, body, command_id(req), seen, override=override)
                if row.assignee_id is None:
                    conversations.assign(tx, row.id, me.id)
                if form.checked("resolve"):
                    conversations.resolve(tx, row.id)
    except Conflict as stale:
        form.fail("body", sentence(str(stale)))
        return _one(req, me, form, 409)
    except Refused as refused:
        to_fields(form, refused, {"note": "body", "text": "body"}, first="body")
        return _one(req, me, form, 422)
    said = "Note kept." if is_note else f"Sent to {row.email}."
    return redirect(req, f"{_URL}/{number}", notice=said)


def change(req: Req, me: Staff) -> Response:
    """Take, hand over, give back, resolve or take up again."""
    number, wanted = _number(req), req.form.get("do")
    with changing(req, me) as tx:
        row = _row(tx, number)
        if wanted == "take":
            conversations.assign(tx, row.id, me.id)
            said = "It is yours."
        elif wanted == "assign":
            to = req.form.get("assignee")
            if to and not is_id(to):
                raise Problem(400, "There is no such colleague.")
            conversations.assign(tx, row.id, to or None)
            said = "Handed over." if to else "Given back to everybody."
        elif wanted == "resolve":
            conversations.resolve(tx, row.id)
            said = "Resolved. A reply opens it again."
        elif wanted == "reopen":
            conversations.reopen(tx, row.id)
            said = "Open again."
        else:
            raise Problem(400, "This cannot be done to a conversation.")
    return redirect(req, f"{_URL}/{number}", notice=said)


def _one(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    number = _number(req)
    with reading(req) as tx:
        row = _row(tx, number)
        said = people.said(tx, row.id)
        names = order_page.names_of_staff(tx, [each.author for each in said])
        done = people.remedies_of(tx, row.id)
        head = order_page.by_id(tx, row.order_id) if row.order_id else None
        found = order_page.load(tx, head.number) if head is not None else None
        ideas = offers(tx, found, row, me) if found is not None else []
        colleagues = [each for each in staff.everyone(tx) if each.status == "active"]
    order = found.order if found is not None else None
    context = {
        "talk": row,
        "status": shown(CONVERSATION.labels, row.status),
        "messages": thread(row, said, names),
        "remedies": [(each, REMEDIES.get(each.kind, each.kind), shown(REMEDY_STATUSES, each.status)) for each in done],
        "order": order,
        "lines": found.lines if found is not None else (),
        "parcels": found.parcels if found is not None else (),
        "order_statuses": (
            [shown(states.ORDER, order.status), shown(states.PAYMENT, order.payment_status),
             shown(states.FULFILLMENT, order.fulfillment_status)] if order is not None else []
        ),
        "offers": ideas,
        "colleagues": [("", "Nobody"), *((each.id, each.name) for each in colleagues)],
        "form": form,
        "assign_form": Fields.of({"assignee": row.assignee_id or ""}),
        "command_id": req.form.get("command_id") or new_command(req),
        "seen_version": row.version if status != 422 else req.form.get("seen_version", str(row.version)),
        "is_stale": status == 409,
        "may_reply": me.may("support.reply"),
    }  # fmt: skip
    return page(req, "console/conversations/one.html", context, status=status)


def _row(tx: Tx, number: int) -> Any:
    row = people.conversation_by_number(tx, number)
    if row is None:
        raise Problem(404, "There is no conversation with this number.")
    return row


def _number(req: Req) -> int:
    text = req.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(404, "There is no conversation with this number.")
    return int(text)


def _link(kept: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{_URL}?{query}" if query else _URL


def routes(door: Door) -> list[BaseRoute]:
    """The inbox, one conversation, answering it, and what else is done to it."""
    one, post = _URL + "/{number}", ("POST",)
    return [
        staff_page(door, _URL, show, permission="support.read"),
        staff_page(door, one, show_one, permission="support.read"),
        staff_page(door, one, answer, permission="support.reply", methods=post),
        staff_page(door, one + "/do", change, permission="support.reply", methods=post),
    ]
