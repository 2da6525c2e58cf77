"""The dashboard: work first, then today's sales beside the same weekday of last week."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import HOME_URL, Staff, reading, staff_page
from storekeep.doors.console.home.view import sales_rows, tiles
from storekeep.doors.web import Door, Req, page, redirect
from storekeep.shop.catalog import queries as catalog
from storekeep.shop.reports import console_office
from storekeep.shop.site import profile


def show(req: Req, me: Staff) -> Response:
    """Every number leads to the rows that it counts."""
    with reading(req) as tx:
        shop = profile.load(tx)
        if me.may("catalog.change") and catalog.is_empty(tx):
            return redirect(req, "/console/welcome")
        seen = console_office.dashboard(tx, shop.timezone, shop.currency)
    formats = req.door.renderer.formats
    context = {"tiles": tiles(seen, me.may, formats), "sales": sales_rows(seen), "seen": seen}
    return page(req, "console/home/page.html", context)


def routes(door: Door) -> list[BaseRoute]:
    return [staff_page(door, HOME_URL, show, permission="dashboard.read")]
