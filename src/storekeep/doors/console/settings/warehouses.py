"""Warehouses: where the goods stand, what a parcel from each costs, and by which rule an order's goods are chosen."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, sentence, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import origins, queries, warehouses
from storekeep.shop.inventory.origins import MAX_PARCEL_MINOR, ParcelCost
from storekeep.shop.inventory.place import WarehouseDraft
from storekeep.shop.inventory.warehouses import Warehouse

URL = "/console/settings/warehouses"
#: rule -> (what it is called, what it does)
RULES = {
    "parcels": ("Fewest parcels", "As few warehouses as possible send. Among equals the fuller one."),
    "cost": ("Cheapest", "The parcels together cost least, by the prices set with each warehouse."),
    "distance": ("Nearest", "Each unit from the nearest warehouse: same country first, then the postcode that agrees "
                 "longest from its front with the buyer's."),
    "stock": ("Most stock", "Each product from the warehouse that has most of it, so that shelves empty evenly."),
}  # fmt: skip


def show(req: Req, me: Staff) -> Response:
    """All warehouses, and the rule."""
    with reading(req) as tx:
        houses = queries.warehouses(tx)
        said = origins.load_settings(tx)
    context = {
        "houses": [(house, said.costs.get(house.id, ParcelCost())) for house in houses],
        "form": Fields.of({"rule": said.rule}),
        "rules": [(name, *words, "") for name, words in RULES.items()],
    }
    return page(req, "console/settings/warehouses.html", context)


def choose(req: Req, me: Staff) -> Response:
    """Change the rule; orders that are placed already keep their plan."""
    with changing(req, me) as tx:
        rule = req.form.get("rule")
        if rule not in RULES:
            raise Problem(400, "There is no such rule.")
        origins.save_rule(tx, rule)
    return redirect(req, URL, notice=f"Goods are chosen by “{RULES[rule][0].lower()}” from now on.")


def new(req: Req, me: Staff) -> Response:
    """The form for another warehouse."""
    with reading(req) as tx:
        shop = site.load(tx)
    values = {"timezone": shop.timezone, "country": shop.base_country, "cutoff_hour": "14", "home": "0", "abroad": "0"}
    return _form(req, Fields.of(values), None)


def edit(req: Req, me: Staff) -> Response:
    """One warehouse as it is."""
    with reading(req) as tx:
        house = _house(tx, req)
        cost, currency = origins.load_settings(tx).costs.get(house.id, ParcelCost()), site.load(tx).currency
    values = {
        "name": house.name, "timezone": house.timezone, "country": house.country, "postcode": house.postcode,
        "cutoff_hour": str(house.cutoff_hour), "home": format_plain(cost.home_minor, currency),
        "abroad": format_plain(cost.abroad_minor, currency),
    }  # fmt: skip
    return _form(req, Fields.of(values), house)


def _form(req: Req, form: Fields, house: Warehouse | None, status: int = 200) -> Response:
    return page(req, "console/settings/warehouse.html", {"form": form, "house": house}, status=status)


def save(req: Req, me: Staff) -> Response:
    """Open a warehouse or change one."""
    form, house = Fields(req.form), None
    with reading(req) as tx:
        currency = site.load(tx).currency
        if "warehouse_id" in req.path_params:
            house = _house(tx, req)
    draft = WarehouseDraft(
        house.code if house is not None else form.text("code", 20, label="Code", identifier=True),
        form.text("name", 80, label="Name"),
        form.text("timezone", 60, label="Time zone"),
        form.text("country", 2, label="Country"),
        form.text("postcode", 20, label="Postcode"),
        form.integer("cutoff_hour", label="Same day until", maximum=23),
    )
    cost = ParcelCost(
        form.money("home", currency, label="A parcel at home", maximum=MAX_PARCEL_MINOR),
        form.money("abroad", currency, label="A parcel abroad", maximum=MAX_PARCEL_MINOR),
    )
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if house is None:
                    house_id = warehouses.add(tx, draft)
                else:
                    house_id = house.id
                    warehouses.change(tx, house_id, draft)
                origins.save_cost(tx, house_id, cost)
        except Conflict as taken:
            form.fail("code", sentence(str(taken)))
        except Refused as refused:
            refusals.to_fields(form, refused, {"home_minor": "home", "abroad_minor": "abroad"}, first="name")
    if form.errors:
        return _form(req, form, house, 422)
    said = f"{draft.name} is saved." if house is not None else f"{draft.name} is open. Give it its bins next."
    return redirect(req, URL if house is not None else f"/console/stock/bins?warehouse={house_id}", notice=said)


def _house(tx: Tx, req: Req) -> Warehouse:
    warehouse_id = req.path_params["warehouse_id"]
    if not is_id(warehouse_id):
        raise Problem(404, "There is no such warehouse.")
    return warehouses.load(tx, warehouse_id)


def routes(door: Door) -> list[BaseRoute]:
    """List with the rule, new, change."""
    may, one = "settings.change", URL + "/{warehouse_id}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, URL, choose, permission=may, methods=("POST",)),
        staff_page(door, f"{URL}/new", new, permission=may),
        staff_page(door, f"{URL}/new", save, permission=may, methods=("POST",)),
        staff_page(door, one, edit, permission=may),
        staff_page(door, one, save, permission=may, methods=("POST",)),
    ]
