"""The checklist of a new shop."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, staff_page
from storekeep.doors.web import Door, Req, page
from storekeep.shop import site
from storekeep.shop.reports import console_floor
from storekeep.shop.site.profile import is_set_up


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and whether it is done."""

    title: str
    text: str
    url: str
    label: str
    is_done: bool
    is_needed: bool = True


def show(req: Req, me: Staff) -> Response:
    """Name and address, countries and taxes, delivery, a product with stock, staff."""
    with reading(req) as tx:
        done = console_floor.first_steps(tx)
        shop = site.load(tx)
        named = is_set_up(tx) and bool(shop.address_lines)
    steps = [
        Step("Name and address", "Who you are: on the shop, in mails, on packing slips. Returns go to this address.",
             "/console/settings", "Fill in", named),
        Step("Countries and taxes", "Where you send to, and the tax rates there.", "/console/settings/countries",
             "Look at them", done["countries"] and done["taxes"]),
        Step("Delivery", "What sending costs and how long it takes.", "/console/settings/delivery", "Look at it",
             done["delivery"]),
        Step("A product", "A title, a price, a picture; then show it in the shop.", "/console/products/new",
             "Make the first", done["product"]),
        Step("Its goods", "What lies on the shelf, so that it can be sold.", "/console/receive", "Receive goods",
             done["stock"]),
        Step("People", "Others who pick, pack or answer mail, each with a role of their own.", "/console/staff/new",
             "Add somebody", done["staff"], is_needed=False),
    ]  # fmt: skip
    waiting = [step for step in steps if step.is_needed and not step.is_done]
    context = {"steps": steps, "now": waiting[0] if waiting else None, "left": len(waiting)}
    return page(req, "console/welcome/page.html", context)


def routes(door: Door) -> list[BaseRoute]:
    """One page."""
    return [staff_page(door, "/console/welcome", show, permission="settings.change")]
