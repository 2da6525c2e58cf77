"""The pages of the discount codes."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.clock import Instant, start_of_day
from storekeep.kernel.errors import Refused
from storekeep.shop import pricing, site
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.pricing import queries
from storekeep.shop.reports import console_floor

LIST = "console/codes/page.html"
ONE = "console/codes/uses.html"


def show(req: Req, me: Staff) -> Response:
    """All codes, newest first, with the form for another one."""
    return _list(req, me, Fields.of({"minimum": "0.00"}))


def _list(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    after = req.query.get("after")
    with reading(req) as tx:
        found = queries.codes_listed(tx, after=after if after and is_id(after) else None)
        shop = site.load(tx)
    context = {"codes": found.codes, "next_after": found.next_after, "after": after, "form": form,
               "currency": shop.currency}  # fmt: skip
    return page(req, LIST, context, status=status)


def create(req: Req, me: Staff) -> Response:
    """Make a code; what does not fit is said at its field."""
    form = Fields(req.form)
    with reading(req) as tx:
        shop = site.load(tx)
    code = form.text("code", 40, label="Code")
    percent = form.integer("percent", label="Per cent off", minimum=1, maximum=100)
    minimum = form.money("minimum", shop.currency, label="Least value of goods", maximum=10**9, required=False)
    last_day = form.date("last_day", label="Last day", required=False)
    uses = form.integer("max_uses", label="Number of uses", minimum=1, maximum=10**9, required=False)
    if not form.errors:
        ends_at = _end_of(last_day, shop.timezone) if last_day else None
        draft = pricing.NewCode(code, percent * 100, minimum, None, ends_at, uses or None)
        try:
            with changing(req, me) as tx:
                pricing.create_codes(tx, [draft])
        except Refused as refused:
            names = {"percent_bp": "percent", "min_goods_minor": "minimum", "ends_at": "last_day"}
            refusals.to_fields(form, refused, names, first="code")
    if form.errors:
        return _list(req, me, form, 422)
    return redirect(req, "/console/codes", notice=f"The code {pricing.normalize_code(code)} can be used now.")


def _end_of(day: str, timezone: str) -> Instant:
    """The first moment after a day of the shop."""
    return start_of_day((date.fromisoformat(day) + timedelta(days=1)).isoformat(), timezone)


def uses(req: Req, me: Staff) -> Response:
    """One code and the orders that its number of uses is made of."""
    code_id, after = _code_id(req), req.query.get("after")
    with reading(req) as tx:
        code = console_floor.code_by_id(tx, code_id)
        if code is None:
            raise Problem(404, "There is no such discount code.")
        found = console_floor.uses_of_code(tx, code_id, after=after if after and is_id(after) else None)
        shop = site.load(tx)
    return page(req, ONE, {"code": code, "uses": found, "after": after, "currency": shop.currency})


def switch(req: Req, me: Staff) -> Response:
    """Switch a code off or on."""
    is_active = req.form.get("to") == "on"
    with changing(req, me) as tx:
        pricing.set_active(tx, [_code_id(req)], is_active)
    done = "The code can be used again." if is_active else "The code is switched off. Orders that used it keep it."
    return redirect(req, "/console/codes", notice=done)


def _code_id(req: Req) -> str:
    code_id = req.path_params["code_id"]
    if not is_id(code_id):
        raise Problem(404, "There is no such discount code.")
    return code_id


def routes(door: Door) -> list[BaseRoute]:
    """List, make, look into, switch."""
    may = "catalog.change"
    return [
        staff_page(door, "/console/codes", show, permission=may),
        staff_page(door, "/console/codes", create, permission=may, methods=("POST",)),
        staff_page(door, "/console/codes/{code_id}", uses, permission=may),
        staff_page(door, "/console/codes/{code_id}/switch", switch, permission=may, methods=("POST",)),
    ]
