"""Sent mail: every mail with its text, and sending one again."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import (
    Staff,
    StatusView,
    changing,
    command_id,
    new_command,
    reading,
    staff_page,
    typed,
)
from storekeep.doors.console.refusals import to_fields
from storekeep.doors.web import Door, Fields, Problem, Req, download, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.notify import mails, queries
from storekeep.shop.reports.console_office import is_id, order_list
from storekeep.shop.site import profile

STATUSES = {
    "queued": StatusView("Waiting", "info", "half", "The worker sends it within seconds."),
    "sent": StatusView("Sent", "good", "tick"),
    "failed": StatusView("Failed", "bad", "octagon", "It will not be tried again by itself."),
}
_URL = "/console/mail"


def show(req: Req, me: Staff) -> Response:
    """Mails newest first, by status and by a word in address or subject."""
    status = req.query.get("status", "")
    status = status if status in STATUSES else ""
    text = typed(req)
    after = req.query.get("after", "")
    with reading(req) as tx:
        shop = profile.load(tx)
        listed = queries.listed(tx, status=status or None, text=text, after=after if is_id(after) else None)
    kept = {name: value for name, value in (("status", status), ("q", text)) if value}
    here = f"{_URL}?{urlencode(kept)}" if kept else _URL
    chips = [("All", _link({**kept, "status": ""}), not status, None)]
    chips += [(view.label, _link({**kept, "status": key}), key == status, None) for key, view in STATUSES.items()]
    context = {
        "rows": listed.rows,
        "tabs": chips,
        "q": text,
        "status": status,
        "statuses": STATUSES,
        "is_demo": shop.is_demo,
        "is_filtered": bool(kept),
        "next_url": _link({**kept, "after": listed.next_after}) if listed.next_after else "",
        "first_url": here if after else "",
    }
    return page(req, "console/mail/page.html", context)


def show_one(req: Req, me: Staff) -> Response:
    """One mail as it was written."""
    return _one(req, me, Fields())


def resend(req: Req, me: Staff) -> Response:
    """Send it again as a new mail, to the same address or another; sending the form twice mails once."""
    mail_id = req.path_params["mail_id"]
    if not is_id(mail_id):
        raise Problem(404, "There is no such mail.")
    form = Fields(req.form)
    address = form.email("to_address")
    if form.errors:
        return _one(req, me, form, 422)
    try:
        with changing(req, me) as tx:
            fresh = mails.resend(tx, mail_id, command_id(req), address)
    except Refused as refused:
        to_fields(form, refused, first="to_address")
        return _one(req, me, form, 422)
    return redirect(req, f"{_URL}/{fresh}", notice=f"On its way again, to {address}.")


def _one(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    mail_id = req.path_params["mail_id"]
    with reading(req) as tx:
        row = queries.one(tx, mail_id) if is_id(mail_id) else None
        number = order_list.number_of(tx, row.order_id) if row is not None and row.order_id else None
        shop = profile.load(tx)
        files = mails.attachments_of(tx, [mail_id]).get(mail_id, ()) if row is not None else ()
    if row is None:
        raise Problem(404, "There is no such mail.")
    if not form.errors:
        form = Fields.of({"to_address": row.to_address})
    context = {
        "mail": row,
        "status_view": STATUSES[row.status],
        "order_number": number,
        "files": [(n, file.filename, len(file.body)) for n, file in enumerate(files, start=1)],
        "form": form,
        "may_resend": me.may("mail.resend"),
        "is_demo": shop.is_demo,
        "command_id": req.form.get("command_id") or new_command(req),
    }
    return page(req, "console/mail/one.html", context, status=status)


def attachment(req: Req, me: Staff) -> Response:
    """A file that went with a mail; PDFs open in the browser."""
    mail_id, n = req.path_params["mail_id"], req.path_params["n"]
    with reading(req) as tx:
        files = mails.attachments_of(tx, [mail_id]).get(mail_id, []) if is_id(mail_id) else []
    if not n.isascii() or not n.isdecimal() or not 1 <= int(n) <= len(files):
        raise Problem(404, "There is no such file.")
    file = files[int(n) - 1]
    return download(file.body, file.filename, file.media_type, inline=file.media_type == "application/pdf")


def _link(wanted: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{_URL}?{query}" if query else _URL


def routes(door: Door) -> list[BaseRoute]:
    return [
        staff_page(door, _URL, show, permission="mail.read"),
        staff_page(door, _URL + "/{mail_id}", show_one, permission="mail.read"),
        staff_page(door, _URL + "/{mail_id}/files/{n}", attachment, permission="mail.read"),
        staff_page(door, _URL + "/{mail_id}/resend", resend, permission="mail.resend", methods=("POST",)),
    ]
