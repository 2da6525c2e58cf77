"""One variant in one place: count it, carry it elsewhere, set it aside, throw it away. And when to buy it again."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.console.stock import handler
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import receive
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import locations, policies, queries
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.errors import NotEnoughStock, UnknownLocation
from storekeep.shop.inventory.model import MAX_UNITS, Step
from storekeep.shop.reports import console_floor, console_lots

ACTS = [("transfer", "Carry to another bin"), ("set_aside", "Set aside, not for sale"), ("scrap", "Throw away")]


def show(req: Req, me: Staff) -> Response:
    """What lies in a place, and the forms to change it."""
    return _show(req, Fields.of({"act": "transfer"}))


def _show(req: Req, form: Fields, status: int = 200) -> Response:
    variant_id, location_id = handler.variant_id(req), _location_id(req)
    with reading(req) as tx:
        head = console_floor.variant_head(tx, variant_id)
        if head is None:
            raise Problem(404, "There is no such variant.")
        place = locations.load(tx, [location_id])[location_id]
        there = [row for row in queries.balances_of(tx, [variant_id]) if row.location_id == location_id]
        lots = console_lots.lots_of(tx, variant_id, with_empty=True) if head.tracking == "lot" else []
        bins = console_floor.bins_of(tx, place.warehouse_id)
    wanted = _lot_id(req) or next((row.lot_id for row in there if row.lot_id), None)
    here = [row for row in there if row.lot_id == wanted]
    context = {
        "lots": [(each.lot, sum(row.qty for row in there if row.lot_id == each.lot.id)) for each in lots],
        "lot_id": wanted,
        "head": head,
        "place": place,
        "qty": here[0].qty if here else 0,
        "assigned": here[0].assigned if here else 0,
        "bins": [row.code for row in bins if row.id != location_id],
        "acts": ACTS,
        "form": form,
        "command_id": new_command(req),
    }
    return page(req, "console/stock/place.html", context, status=status)


def count(req: Req, me: Staff) -> Response:
    """Set a place to what was counted there. If it is not what the person saw, 409 says what moved."""
    form, variant_id = Fields(req.form), handler.variant_id(req)
    seen = form.integer("seen", label="The quantity you saw", maximum=MAX_UNITS)
    counted = form.integer("counted", label="Counted", maximum=MAX_UNITS)
    reason = form.text("reason", 300, label="Reason")
    if not form.errors and counted == seen:
        form.fail("counted", f"The books say {seen} already.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                at, command, lot_id = _location_id(req), command_id(req), _lot_id(req)
                receive.adjust(
                    tx, [Correction(variant_id, at, counted - seen, reason, command, lot_id, expected_qty=seen)]
                )
        except Refused as refused:
            refusals.to_fields(form, refused, {"delta": "counted", "qty": "counted", "lot": "counted"}, first="counted")
    if form.errors:
        return _show(req, form, 422)
    return redirect(req, _back(req), notice=f"Corrected to {counted}. The move is among those below.")


def carry(req: Req, me: Staff) -> Response:
    """Carry units to another place, set them aside, or throw them away."""
    form = Fields(req.form)
    act = form.choice("act", [name for name, _ in ACTS], label="What to do")
    qty = form.integer("qty", label="Units", minimum=1, maximum=MAX_UNITS)
    target = form.text("target", 40, label="The other bin", identifier=True).upper() if act == "transfer" else ""
    why = form.text("why", 300, label="Reason", required=act != "transfer")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                _carry(tx, req, act, qty, target, why)
        except UnknownLocation:
            form.fail("target", f"There is no bin {target}.")
        except NotEnoughStock as short:
            form.fail("qty", sentence(str(short)))
        except Refused as refused:
            refusals.to_fields(form, refused, {"location": "target", "reason": "why", "lot": "qty"}, first="qty")
    if form.errors:
        return _show(req, form, 422)
    said = {"transfer": f"{qty} carried to {target}.", "set_aside": f"{qty} set aside.", "scrap": f"{qty} written off."}
    return redirect(req, _back(req), notice=said[act])


def _carry(tx: Tx, req: Req, act: str, qty: int, target: str, why: str) -> None:
    variant_id, location_id, command = handler.variant_id(req), _location_id(req), command_id(req)
    lot_id = _lot_id(req)
    if act == "transfer":
        step = Step(variant_id, location_id, locations.by_code(tx, target).id, qty, lot_id)
        receive.transfer(tx, [step], command)
    elif act == "set_aside":
        receive.set_aside(tx, variant_id, location_id, qty, why, command, lot_id=lot_id)
    else:
        receive.scrap(tx, variant_id, location_id, qty, why, command, lot_id=lot_id)


def reorder(req: Req, me: Staff) -> Response:
    """When to buy again, up to how many, and how many are never sold online."""
    form, variant_id = Fields(req.form), handler.variant_id(req)
    point = form.integer("reorder_point", label="Reorder point", maximum=MAX_UNITS)
    up_to = form.integer("order_up_to", label="Order up to", maximum=MAX_UNITS)
    buffer = form.integer("buffer", label="Kept back", maximum=MAX_UNITS, required=False)
    if not form.errors and up_to < point:
        form.fail("order_up_to", "Order up to at least the reorder point.")
    if form.errors:
        return handler.detail(req, me, form, 422)
    warehouse_id = req.form.get("warehouse_id")
    with changing(req, me) as tx:
        if warehouse_id not in locations.warehouse_ids(tx):
            raise Problem(404, "There is no such warehouse.")
        policies.set_reorder(tx, variant_id, warehouse_id, point, up_to)
        policies.set_buffer(tx, variant_id, warehouse_id, buffer)
    return redirect(req, _back(req), notice="Saved.")


def find(req: Req, me: Staff) -> Response:
    """Go to the place that a typed or scanned code names."""
    with reading(req) as tx:
        place = locations.by_code(tx, refusals.asked(req, "code", 40))
    if not place.is_owned:
        raise Problem(404, f"{place.code} is not one of our shelves.")
    return redirect(req, f"{_back(req)}/at/{place.id}")


def _lot_id(req: Req) -> str | None:
    """The lot that the page or its form is about, if any."""
    lot_id = req.form.get("lot_id") or req.query.get("lot", "")
    if lot_id and not is_id(lot_id):
        raise Problem(404, "There is no such lot.")
    return lot_id or None


def _location_id(req: Req) -> str:
    location_id = req.path_params["location_id"]
    if not is_id(location_id):
        raise Problem(404, "There is no such place.")
    return location_id


def _back(req: Req) -> str:
    return f"{handler.URL}/{handler.variant_id(req)}"


def routes(door: Door) -> list[BaseRoute]:
    """One place of a variant, and its reorder point."""
    one, may = handler.URL + "/{variant_id}", "stock.change"
    return [
        staff_page(door, one + "/reorder", reorder, permission=may, methods=("POST",)),
        staff_page(door, one + "/at", find, permission=may),
        staff_page(door, one + "/at/{location_id}", show, permission=may),
        staff_page(door, one + "/at/{location_id}/count", count, permission=may, methods=("POST",)),
        staff_page(door, one + "/at/{location_id}/carry", carry, permission=may, methods=("POST",)),
    ]
