"""Outbox and inbox by status; a dead row says why it died and can be tried again."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Problem, Req, page, redirect
from storekeep.kernel import audit, queue
from storekeep.shop.reports.console_office import is_id, queues
from storekeep.shop.reports.console_office.paging import PAGE_SIZE

_SAID = {"dead": "Dead", "running": "Running", "due": "Waiting"}
_NAMES = {"out": "Outbox", "in": "Inbox"}


def show(req: Req, me: Staff) -> Response:
    """One queue in one status, newest first."""
    status = req.query.get("status", "dead")
    status = status if status in _SAID else "dead"
    after = req.query.get("after", "")
    with reading(req) as tx:
        counts = queues.counts(tx)
        name = req.query.get("queue", "")
        if name not in _NAMES:  # where something is, when nobody said which
            name = "in" if counts.get(("in", status)) and not counts.get(("out", status)) else "out"
        listed = queues.rows(tx, name, status, after if is_id(after) else "")
    here = f"/console/queues?queue={name}&status={status}"
    tabs = [
        (f"{label}: {word.lower()}", f"/console/queues?queue={each}&status={key}", (each, key) == (name, status),
         counts.get((each, key), 0))
        for each, label in _NAMES.items()
        for key, word in _SAID.items()
    ]  # fmt: skip
    context = {
        "tabs": tabs,
        "rows": listed.rows,
        "next_url": f"{here}&after={listed.next_after}" if listed.next_after else "",
        "first_url": here if after else "",
        "queue": name,
        "status": status,
        "label": _NAMES[name],
        "may_retry": me.may("outbox.retry") and status == "dead",
    }
    return page(req, "console/queues/page.html", context)


def show_one(req: Req, me: Staff) -> Response:
    """One row with everything that it carries."""
    name, row_id = req.path_params["queue"], req.path_params["row_id"]
    if name not in _NAMES or not is_id(row_id):
        raise Problem(404, "There is no such row.")
    with reading(req) as tx:
        row = queues.one(tx, name, row_id)
    if row is None:
        raise Problem(404, "There is no such row.")
    may_retry = me.may("outbox.retry") and row.status == "dead"
    context = {"row": row, "queue": name, "label": _NAMES[name], "said": _SAID, "may_retry": may_retry}
    return page(req, "console/queues/row.html", context)


def revive(req: Req, me: Staff) -> Response:
    """Put dead rows back in line, by id; audited. A row that is not dead any more is left alone."""
    name = req.path_params["queue"]
    ids = [each for each in req.form.all("row") if is_id(each)][:PAGE_SIZE]
    if name not in _NAMES:
        raise Problem(404, "There is no such queue.")
    if not ids:
        raise Problem(400, "Nothing was chosen to try again.")
    table = queues.TABLES[name]
    with changing(req, me) as tx:
        revived = queue.revive(tx, table, ids)
        if revived:
            audit.record(tx, [audit.Entry(f"{table.name}.revived", table.name, each) for each in ids])
    said = (
        f"{revived} back in line; it is tried again within seconds." if revived else "Nothing there is dead any more."
    )
    return redirect(req, f"/console/queues?queue={name}&status=dead", notice=said)


def routes(door: Door) -> list[BaseRoute]:
    url = "/console/queues"
    return [
        staff_page(door, url, show, permission="outbox.read"),
        staff_page(door, url + "/{queue}/{row_id}", show_one, permission="outbox.read"),
        staff_page(door, url + "/{queue}/retry", revive, permission="outbox.retry", methods=("POST",)),
    ]
