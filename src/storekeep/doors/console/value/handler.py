"""The pages of the value of stock: all goods by value, the layers behind one, and how arrivals are valued."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.console.refusals import asked
from storekeep.doors.console.stock.handler import KINDS
from storekeep.doors.web import Door, Problem, Req, page, redirect
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import costing, queries
from storekeep.shop.purchasing import landed
from storekeep.shop.reports import console_floor, console_value

URL = "/console/value"
METHODS = {
    "average": ("Average cost", "All units of an item cost the same: each arrival is mixed into what is there."),
    "fifo": ("First in, first out", "Each arrival keeps its own cost, and the oldest units are used up first."),
}


def show(req: Req, me: Staff) -> Response:
    """All goods, the dearest first, with the sum that the ledger must say too."""
    text, after = asked(req, "q"), _after(req)
    with reading(req) as tx:
        rows, following = console_value.worth(tx, text=text, after=after)
        context = {"rows": rows, "totals": console_value.totals(tx), "method": costing.method(tx)}
    place = "~".join(str(part) for part in following) if following else ""
    context |= {
        "text": text,
        "next_url": f"?q={text}&after={place}" if place else "",
        "first_url": URL if after else "",
        "methods": METHODS,
        "may_choose": me.may("settings.change"),
    }
    return page(req, "console/value/page.html", context)


def _after(req: Req) -> tuple[int, str, str] | None:
    parts = req.query.get("after", "").split("~")
    if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 19):
        return None
    return (int(parts[0]), parts[1], parts[2]) if is_id(parts[1]) and is_id(parts[2]) else None


def choose(req: Req, me: Staff) -> Response:
    """Value what arrives from now on by another method."""
    to = req.form.get("method")
    if to not in METHODS:
        raise Problem(400, "Goods are valued at average cost, or first in, first out.")
    with changing(req, me) as tx:
        costing.choose_method(tx, to)
    return redirect(req, URL, notice=f"{METHODS[to][0]}: from the next arrival on.")


def one(req: Req, me: Staff) -> Response:
    """One item in one warehouse: its layers, and the moves that made its value."""
    variant_id = req.path_params["variant_id"]
    before = req.query.get("before", "")
    seq = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    with reading(req) as tx:
        head = console_floor.variant_head(tx, variant_id) if is_id(variant_id) else None
        houses = queries.warehouses(tx)
        if head is None or not houses:
            raise Problem(404, "There is no such item.")
        house = next((row for row in houses if row.id == req.query.get("warehouse")), houses[0])
        layers = console_value.layers_of(tx, variant_id, house.id)
        moves, following = console_value.flow_of(tx, variant_id, house.id, before=seq)
        context: dict[str, Any] = {
            "head": head,
            "house": house,
            "houses": houses,
            "layers": layers,
            "moves": moves,
            "added": console_value.added_to(tx, variant_id, house.id) if seq is None else (),
            "method": METHODS[costing.method(tx)][0],
            "names": {f"staff:{row.id}": row.name for row in staff.everyone(tx)},
        }
    context |= {
        "units": sum(layer.row.qty for layer in layers),
        "value": sum(layer.row.value_minor for layer in layers),
        "kinds": KINDS,
        "bill_kinds": landed.KINDS,
        "next_url": f"?warehouse={house.id}&before={following}#moves" if following else "",
        "first_url": f"?warehouse={house.id}#moves" if seq is not None else "",
        "may_deliver": me.may("floor.receive"),
        "may_bill": me.may("purchasing.read"),
    }
    return page(req, "console/value/one.html", context)


def routes(door: Door) -> list[BaseRoute]:
    """List, method, one."""
    return [
        staff_page(door, URL, show, permission="ledger.read"),
        staff_page(door, URL, choose, permission="settings.change", methods=("POST",)),
        staff_page(door, URL + "/{variant_id}", one, permission="ledger.read"),
    ]
