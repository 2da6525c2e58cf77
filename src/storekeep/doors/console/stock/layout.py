"""How the warehouse is laid out: zones, what a bin may hold, faces to pick from, and what is to be refilled now."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.console.stock import bins
from storekeep.doors.console.stock.handler import URL
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import receive
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.lookups import is_id, resolve_codes
from storekeep.shop.inventory import layout, locations, queries
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.layout import BinFacts
from storekeep.shop.inventory.model import MAX_UNITS, Step
from storekeep.shop.reports import console_floor

REFILLS = URL + "/refills"


def show(req: Req, me: Staff) -> Response:
    """What is to be carried from the reserve to the faces, along the walk."""
    return _refills(req, Fields())


def _refills(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        houses = queries.warehouses(tx)
        asked = req.query.get("warehouse") or req.form.get("warehouse")
        house = next((row for row in houses if row.id == asked), houses[0] if houses else None)
        found = layout.refills(tx, house.id) if house is not None else []
        titles = console_floor.titles_of(tx, [each.variant_id for each in found])
    context: dict[str, Any] = {"found": found, "titles": titles, "house": house, "houses": houses, "form": form,
                               "new_command": lambda: new_command(req)}  # fmt: skip
    return page(req, "console/stock/refills.html", context, status=status)


def carry(req: Req, me: Staff) -> Response:
    """Units were carried to the face that was scanned; another bin than the face is refused."""
    form = Fields(req.form)
    ids = [req.form.get(name) for name in ("variant_id", "from_id", "face_id")]
    lot_id = req.form.get("lot_id") or None
    if not all(is_id(each) for each in ids) or (lot_id and not is_id(lot_id)):
        raise Problem(400, "The form came without its goods. Open the page again and send it from there.")
    variant_id, start, face = ids
    qty = form.integer(f"qty-{face}-{start}", label="Units", minimum=1, maximum=MAX_UNITS)
    code = form.text(f"bin-{face}-{start}", 40, label="Bin", identifier=True).upper()
    if not form.errors:
        try:
            with changing(req, me) as tx:
                place = locations.load(tx, [face])[face]
                if place.code != code:
                    form.fail(f"bin-{face}-{start}", f"That is {code}; carry it to {place.code}.")
                else:
                    receive.transfer(tx, [Step(variant_id, start, face, qty, lot_id)], command_id(req))
        except NotEnoughStock as short:
            form.fail(f"qty-{face}-{start}", sentence(str(short)))
    if form.errors:
        return _refills(req, form, 422)
    house = req.form.get("warehouse")
    back = f"{REFILLS}?warehouse={house}" if is_id(house) else REFILLS
    return redirect(req, back, notice=f"{qty} carried to {code}.")


def set_facts(req: Req, me: Staff) -> Response:
    """What a bin is for and may hold."""
    form, place_id = Fields(req.form), _bin_id(req)
    role = form.choice("role", layout.ROLES, label="What it is for")
    zone = req.form.get("zone_id")
    units, grams, millilitres = (
        form.integer(name, label=label, minimum=1, maximum=10**9, required=False, default=0) or None
        for name, label in (("max_units", "Units"), ("max_weight_g", "Weight"), ("max_volume_ml", "Volume"))
    )
    said = BinFacts(zone or None, role, units, grams, millilitres, form.checked("one_variant"))
    if zone and not is_id(zone):
        form.fail("zone_id", "There is no such zone.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                layout.set_facts(tx, place_id, said)
        except Refused as refused:
            refusals.to_fields(form, refused, first="role")
    if form.errors:
        return bins.contents_page(req, form, 422)
    return redirect(req, f"{URL}/bins/{place_id}", notice="Saved.")


def set_face(req: Req, me: Staff) -> Response:
    """A variant is picked from this bin, or not any more."""
    form, place_id = Fields(req.form), _bin_id(req)
    code = form.text("sku", 200, label="Item", identifier=True)
    least = form.integer("least", label="Refill below", maximum=MAX_UNITS)
    most = form.integer("most", label="Up to", maximum=MAX_UNITS)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                facts = resolve_codes(tx, [code]).get(code)
                if facts is None:
                    form.fail("sku", f"Nothing here bears {code[:60]}.")
                else:
                    layout.set_face(tx, facts.variant_id, place_id, least, most)
        except Refused as refused:
            refusals.to_fields(form, refused, {"location": "sku"}, first="sku")
    if form.errors:
        return bins.contents_page(req, form, 422)
    return redirect(req, f"{URL}/bins/{place_id}", notice="Saved.")


def add_zone(req: Req, me: Staff) -> Response:
    """Another part of a warehouse."""
    form, house = Fields(req.form), req.form.get("warehouse_id")
    code = form.text("zone_code", 20, label="Code", identifier=True)
    name = form.text("zone_name", 80, label="Name")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if house not in locations.warehouse_ids(tx):
                    raise Problem(404, "There is no such warehouse.")
                layout.add_zone(tx, house, code, name)
        except Conflict as taken:
            form.fail("zone_code", sentence(str(taken)))
    if form.errors:
        return bins.list_page(req, form, 422)
    return redirect(req, f"{URL}/bins?warehouse={house}", notice=f"Zone {code.upper()} is there.")


def _bin_id(req: Req) -> str:
    found = req.path_params["location_id"]
    if not is_id(found):
        raise Problem(404, "There is no such place.")
    return str(found)


def routes(door: Door) -> list[BaseRoute]:
    """Refills, zones, and what a bin is for."""
    change, one = "stock.change", URL + "/bins/{location_id}"
    return [
        staff_page(door, REFILLS, show, permission="stock.read"),
        staff_page(door, REFILLS, carry, permission=change, methods=("POST",)),
        staff_page(door, URL + "/bins/zones", add_zone, permission=change, methods=("POST",)),
        staff_page(door, one + "/facts", set_facts, permission=change, methods=("POST",)),
        staff_page(door, one + "/face", set_face, permission=change, methods=("POST",)),
    ]
