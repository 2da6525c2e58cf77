"""The bins: the list, what lies in each, blocking and closing, and adding new ones."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, staff_page
from storekeep.doors.console.stock.handler import URL
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import shortage
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import layout, locations, queries
from storekeep.shop.inventory.model import Location
from storekeep.shop.inventory.place import MOST_BAYS, BinDraft, Place
from storekeep.shop.reports import console_floor

STATUS = {"active": ("In use", "good", "tick"), "blocked": ("Blocked", "warn", "triangle"),
          "closed": ("Closed", "plain", "dash")}  # fmt: skip


def show(req: Req, me: Staff) -> Response:
    """The bins of a warehouse by code."""
    return list_page(req, Fields())


def list_page(req: Req, form: Fields, status: int = 200) -> Response:
    """The list; `form` carries what was typed into its forms."""
    text, after = refusals.asked(req, "q", 40), refusals.asked(req, "after", 40)
    with reading(req) as tx:
        houses = queries.warehouses(tx)
        asked = req.query.get("warehouse") or req.form.get("warehouse_id")
        house = next((row for row in houses if row.id == asked), houses[0] if houses else None)
        if house is None:
            raise Problem(404, "There is no warehouse yet. Open one first.")
        found = console_floor.bins_filled(tx, house.id, text=text, after=after)
        zones = layout.zones_of(tx, house.id)
        facts = layout.facts_of(tx, [row.id for row in found.rows])
    context = {"found": found, "house": house, "houses": houses, "text": text, "is_first": not after, "form": form,
               "states": STATUS, "zones": zones, "facts": facts,
               "zone_names": {row.id: row.code for row in zones}}  # fmt: skip
    return page(req, "console/stock/bins.html", context, status=status)


def add(req: Req, me: Staff) -> Response:
    """Add a bin at its place in the walk."""
    form = Fields(req.form)
    code = form.text("code", 40, label="Code", identifier=True)
    walk = form.integer("walk_sequence", label="Place in the walk", maximum=10_000_000)
    warehouse_id = req.form.get("warehouse_id")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if warehouse_id not in locations.warehouse_ids(tx):
                    raise Problem(404, "There is no such warehouse.")
                locations.add_bins(tx, warehouse_id, [BinDraft(code, walk)])
        except Conflict as taken:
            form.fail("code", f"{str(taken).capitalize()}.")
        except Refused as refused:
            refusals.to_fields(form, refused, {"bins": "code"}, first="code")
    if form.errors:
        return list_page(req, form, 422)
    return redirect(req, f"{URL}/bins?q={code.upper()}", notice=f"Bin {code.upper()} is there.")


def contents(req: Req, me: Staff) -> Response:
    """What lies in a place, and whether it is sold from."""
    return contents_page(req, Fields())


def contents_page(req: Req, form: Fields, status: int = 200, *, at: Fields | None = None) -> Response:
    """A bin; `form` and `at` carry what was typed into its forms."""
    with reading(req) as tx:
        place = _place(tx, req)
        rows = queries.contents_of(tx, place.id)
        facts, faces = layout.facts_of(tx, [place.id])[place.id], layout.faces_of(tx, place.id)
        zones = [(row.id, f"{row.code}, {row.name}") for row in layout.zones_of(tx, place.warehouse_id)]
        titles = console_floor.titles_of(tx, [row.variant_id for row in rows])
    if not form.errors:
        form = _typed(facts)
    stands = {name: str(getattr(place, name) or "") for name in ("aisle", "bay", "level")}
    context = {"place": place, "rows": rows, "titles": titles, "form": form, "states": STATUS,
               "command_id": new_command(req), "zones": zones, "faces": faces, "facts": facts,
               "roles": [("pick", "To pick from"), ("bulk", "A reserve")], "at": at or Fields.of(stands)}  # fmt: skip
    return page(req, "console/stock/bin.html", context, status=status)


def _typed(facts: layout.BinFacts) -> Fields:
    limits = {name: str(getattr(facts, name) or "") for name in ("max_units", "max_weight_g", "max_volume_ml")}
    one = "1" if facts.one_variant else ""
    return Fields.of({"role": facts.role, "zone_id": facts.zone_id or "", "one_variant": one, **limits})


def set_status(req: Req, me: Staff) -> Response:
    """Block a bin, use it again, or close it when it is empty; orders that lose their goods are told."""
    form = Fields(req.form)
    to = form.choice("to", tuple(STATUS), label="A status")
    reason = form.text("reason", 300, label="Reason")
    if form.errors:
        return contents_page(req, form, 422)
    with changing(req, me) as tx:
        place = _place(tx, req)
        displaced = locations.set_status(tx, place.id, to, reason)
        shortage.give_up(tx, displaced, f"its bin was {to} ({reason})", command_id(req))
    said = {"active": "is in use again", "blocked": "is blocked; nothing in it is sold", "closed": "is closed"}
    return redirect(req, f"{URL}/bins/{place.id}", notice=f"{place.code} {said[to]}.")


def set_place(req: Req, me: Staff) -> Response:
    """Say where a bin stands, so that walks to it are measured and planned."""
    form = Fields(req.form)
    aisle = form.text("aisle", 10, label="Aisle", identifier=True)
    bay = form.integer("bay", label="Bay", minimum=1, maximum=MOST_BAYS)
    level = form.integer("level", label="Level", minimum=1, maximum=MOST_BAYS)
    if form.errors:
        return contents_page(req, Fields(), 422, at=form)
    with changing(req, me) as tx:
        place = _place(tx, req)
        locations.set_place(tx, place.id, Place(aisle.upper(), bay, level))
    return redirect(req, f"{URL}/bins/{place.id}", notice=f"{place.code} stands there now.")


def _place(tx: Tx, req: Req) -> Location:
    location_id = req.path_params["location_id"]
    if not is_id(location_id):
        raise Problem(404, "There is no such place.")
    return locations.load(tx, [location_id])[location_id]


def routes(door: Door) -> list[BaseRoute]:
    """List, add, one bin, its status and where it stands."""
    home = f"{URL}/bins"
    return [
        staff_page(door, home, show, permission="stock.read"),
        staff_page(door, home, add, permission="stock.change", methods=("POST",)),
        staff_page(door, home + "/{location_id}", contents, permission="stock.read"),
        staff_page(door, home + "/{location_id}/status", set_status, permission="stock.change", methods=("POST",)),
        staff_page(door, home + "/{location_id}/place", set_place, permission="stock.change", methods=("POST",)),
    ]
