"""The orders that wait for goods, what runs low, and how one variant is sold before it is here."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, shown, staff_page
from storekeep.doors.console.refusals import asked, to_fields
from storekeep.doors.console.stock.handler import variant_id
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.inventory import ahead, low
from storekeep.shop.inventory.model import MAX_UNITS
from storekeep.shop.inventory.promises import LONGEST_LEAD, PolicyDraft
from storekeep.shop.inventory.queries import availability_of, warehouses
from storekeep.shop.inventory.states import RESERVATION
from storekeep.shop.orders import states
from storekeep.shop.reports import console_early, console_floor

WAITING, LOW, PAGE = "/console/waiting", "/console/low", 50
KINDS = [
    ("stopped", "Only what is here", "Sold out when the shelf is empty."),
    ("backorder", "Back-order", "Sold on when the shelf is empty, up to a limit; says how many days it takes."),
    ("preorder", "Pre-order", "Sold before its first day, up to a cap; nothing is sent before that day."),
]


def waiting(req: Req, me: Staff) -> Response:
    """The orders whose goods are still to come, the earliest promise first."""
    wanted, after = req.query.get("variant", ""), asked(req, "after", 200)
    if wanted and not is_id(wanted):
        raise Problem(404, "There is no such variant.")
    with reading(req) as tx:
        found = console_early.waiting_orders(tx, variant_id=wanted, after=after, limit=PAGE)
        head = console_floor.variant_head(tx, wanted) if wanted else None
    context = {
        "found": found,
        "head": head,
        "first_url": f"{WAITING}?variant={wanted}" if wanted else WAITING,
        "next_url": f"{WAITING}?variant={wanted}&after={found.next_after}" if found.next_after else "",
        "is_first": not after,
        "payment": lambda word: shown(states.PAYMENT, word),
    }
    return page(req, "console/early/waiting.html", context)


def running_low(req: Req, me: Staff) -> Response:
    """What can hardly be sold any more, by SKU, with what is on its way."""
    return _low(req, Fields())


def _low(req: Req, form: Fields, status: int = 200) -> Response:
    after = clean_sku(asked(req, "after", 64))
    with reading(req) as tx:
        rows = low.listed(tx, after=after, limit=PAGE + 1)
        ids = [row.variant_id for row in rows[:PAGE]]
        context = {
            "rows": rows[:PAGE],
            "count": low.count(tx),
            "default": low.default_level(tx),
            "coming": console_early.units_coming(tx, ids),
            "people": console_early.people_waiting(tx, ids),
            "early": ahead.policies(tx, ids),
        }
    if not form.errors:
        form = Fields.of({"units": str(context["default"])})
    context |= {
        "form": form,
        "next_after": rows[PAGE - 1].sku if len(rows) > PAGE else "",
        "is_first": not after,
    }
    return page(req, "console/early/low.html", context, status=status)


def set_default(req: Req, me: Staff) -> Response:
    """What is low for everything that has no level of its own."""
    form = Fields(req.form)
    units = form.integer("units", label="Low at", maximum=MAX_UNITS)
    if form.errors:
        return _low(req, form, 422)
    with changing(req, me) as tx:
        low.set_default(tx, units)
    return redirect(req, LOW, notice=f"What has {units} or fewer left is low now.")


def show(req: Req, me: Staff) -> Response:
    """One variant: how it is sold early, who waits for it, and when it is low."""
    return _one(req, me, None)


def _one(req: Req, me: Staff, form: Fields | None, status: int = 200) -> Response:
    wanted = variant_id(req)
    with reading(req) as tx:
        head = console_floor.variant_head(tx, wanted)
        if head is None:
            raise Problem(404, "There is no such variant.")
        policy, level = ahead.policies(tx, [wanted]).get(wanted), low.level_of(tx, wanted)
        context: dict[str, Any] = {
            "head": head,
            "policy": policy,
            "default": low.default_level(tx),
            "available": availability_of(tx, [wanted])[wanted].available,
            "rows": console_early.sold_ahead(tx, wanted),
            "coming": console_early.units_coming(tx, [wanted]).get(wanted, 0),
            "people": console_early.people_waiting(tx, [wanted]).get(wanted, 0),
        }
    if form is None:
        form = Fields.of({
            "kind": policy.kind if policy else "stopped",
            "limit": str(policy.limit_units) if policy and policy.kind != "stopped" else "",
            "lead_days": str(policy.lead_days) if policy and policy.kind == "backorder" else "",
            "ships_on": (policy.ships_on or "") if policy else "",
            "level": "" if level is None else str(level),
        })  # fmt: skip
    context |= {
        "form": form,
        "kinds": KINDS,
        "may_change": me.may("stock.change"),
        "kept_as": lambda word: shown(RESERVATION.labels, word),
    }
    return page(req, "console/early/variant.html", context, status=status)


def change(req: Req, me: Staff) -> Response:
    """How it is sold early. Who waits already keeps waiting."""
    form, wanted = Fields(req.form), variant_id(req)
    kind = form.choice("kind", [value for value, _, _ in KINDS], label="How it is sold")
    limit = form.integer("limit", label="Limit", minimum=1, maximum=MAX_UNITS) if kind != "stopped" else 0
    days = form.integer("lead_days", label="Days", maximum=LONGEST_LEAD) if kind == "backorder" else 0
    day = form.text("ships_on", 10, label="First day") if kind == "preorder" else None
    if not form.errors:
        try:
            with changing(req, me) as tx:
                ahead.set_policy(tx, PolicyDraft(wanted, warehouses(tx)[0].id, kind, limit, days, day))
        except Refused as refused:
            to_fields(form, refused, first="kind")
    if form.errors:
        return _one(req, me, form, 422)
    return redirect(req, f"/console/stock/{wanted}/early", notice="Saved. Who waits already keeps waiting.")


def set_level(req: Req, me: Staff) -> Response:
    """When this variant is low; an empty field is the shop's own number."""
    form, wanted = Fields(req.form), variant_id(req)
    typed = req.form.get("level").strip()
    level = form.integer("level", label="Low at", maximum=MAX_UNITS) if typed else None
    if form.errors:
        return _one(req, me, form, 422)
    with changing(req, me) as tx:
        low.set_level(tx, wanted, level)
    return redirect(req, f"/console/stock/{wanted}/early", notice="Saved.")


def routes(door: Door) -> list[BaseRoute]:
    """Waiting orders, low stock, and a variant's own page."""
    one, may = "/console/stock/{variant_id}/early", "stock.change"
    return [
        staff_page(door, WAITING, waiting, permission="orders.read"),
        staff_page(door, LOW, running_low, permission="stock.read"),
        staff_page(door, LOW, set_default, permission=may, methods=("POST",)),
        staff_page(door, one, show, permission="stock.read"),
        staff_page(door, one, change, permission=may, methods=("POST",)),
        staff_page(door, one + "/level", set_level, permission=may, methods=("POST",)),
    ]
