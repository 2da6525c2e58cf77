"""The statistics of pickers and packers, and the wrong scans behind each number."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, staff_page
from storekeep.doors.web import Door, Req, page
from storekeep.kernel.clock import DAY, MINUTE
from storekeep.shop.access import staff
from storekeep.shop.reports import floor_work

URL = "/console/floor"
SPANS = {1: "Last 24 hours", 7: "Last 7 days", 28: "Last 28 days"}
PERMISSIONS = ("floor.override", "audit.read")
SHOWN = 50


def show(req: Req, me: Staff) -> Response:
    """Who did how much, what was scanned wrong and why, which bins were short."""
    days = next((each for each in SPANS if str(each) == req.query.get("days", "7")), 7)
    since = req.shop.db.clock.now() - days * DAY
    with reading(req) as tx:
        people = {f"staff:{row.id}": row.name for row in staff.everyone(tx)}
        found = floor_work.workers(tx, since)
        known = {each.actor for each in found}
        who = req.query.get("who", "")
        wrong = floor_work.wrong_scans(tx, since)
        listed = floor_work.wrong_scans(tx, since, actor=who, limit=SHOWN) if who in known else wrong[:SHOWN]
        shorts = floor_work.short_bins(tx, since)
    here = f"{URL}?days={days}"
    context = {
        "tabs": [(label, f"{URL}?days={each}", each == days, None) for each, label in SPANS.items()],
        "workers": found, "names": people, "causes": floor_work.causes(wrong), "wrong": listed, "shorts": shorts,
        "who": who if who in known else "", "here": here, "minute": MINUTE, "looked": floor_work.CAUSES_OF,
    }  # fmt: skip
    return page(req, "console/floor/page.html", context)


def routes(door: Door) -> list[BaseRoute]:
    """One page."""
    return [staff_page(door, URL, show, permission=PERMISSIONS)]
