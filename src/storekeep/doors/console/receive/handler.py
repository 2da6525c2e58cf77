"""The pages of arriving goods."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import receive
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id, resolve_codes, variants_by_ids
from storekeep.shop.inventory import locations, queries
from storekeep.shop.inventory.errors import LocationClosed, LotNotGood, NotEnoughStock, UnknownLocation
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.reports import console_floor, console_lots

URL = "/console/receive"
MOST_UNITS = 1_000_000


def show(req: Req, me: Staff) -> Response:
    """Find the SKU that arrived, and see what waits for its bin. A code that names one SKU leads straight to it."""
    text = refusals.asked(req, "q")
    with reading(req) as tx:
        exact = resolve_codes(tx, [text]).get(text) if text else None
        found = console_floor.variants_named(tx, text) if text and exact is None else []
        waiting = console_floor.to_put_away(tx)
        pictures = console_floor.pictures_of(tx, [row.id for row in found])
    if exact is not None:
        return redirect(req, f"{URL}/{exact.variant_id}")
    context = {"text": text, "found": [(row, pictures.get(row.id)) for row in found], "waiting": waiting}
    return page(req, "console/receive/page.html", context)


def form_of(req: Req, me: Staff) -> Response:
    """The form for one SKU, with its usual cost and bin."""
    return _form(req, None)


def _form(req: Req, form: Fields | None, status: int = 200) -> Response:
    with reading(req) as tx:
        facts = _variant(tx, req)
        currency = site.load(tx).currency
        house = _warehouse(tx)
        balances = queries.balances_of(tx, [facts.variant_id], warehouse_id=house)
        bins = console_floor.bins_of(tx, house)
        pictures = console_floor.pictures_of(tx, [facts.variant_id])
        dates = console_lots.tracking_of(tx, facts.variant_id)
    if form is None:
        form = Fields.of({"cost": format_plain(facts.cost_minor, currency), "reason": "Delivery"})
    context: dict[str, Any] = {
        "facts": facts,
        "form": form,
        "balances": balances,
        "dates": dates,
        "picture": pictures.get(facts.variant_id),
        "bins": [row.code for row in bins if row.kind == "bin" and row.status == "active"],
        "command_id": new_command(req),
    }
    return page(req, "console/receive/form.html", context, status=status)


def take_in(req: Req, me: Staff) -> Response:
    """Book goods in at their cost, into a bin or, without one, into receiving."""
    form = Fields(req.form)
    with reading(req) as tx:
        facts = _variant(tx, req)
        currency = site.load(tx).currency
    qty = form.integer("qty", label="Units", minimum=1, maximum=MOST_UNITS)
    cost = form.money("cost", currency, label="Cost of one", maximum=10**9)
    code = form.text("bin", 40, label="Bin", required=False, identifier=True).upper()
    reason = form.text("reason", 300, label="Where it comes from")
    lot = form.text("lot_code", 40, label="Lot", required=False, identifier=True)
    expires_on = form.date("expires_on", label="Expiry", required=False)
    supplier = form.text("supplier", 200, label="Supplier", required=False)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                home = _bin(tx, code) if code else None
                line = ReceiveLine(
                    facts.variant_id, qty, cost, home, lot or None, expires_on or None, supplier or None
                )
                receive.receive(tx, [line], _warehouse(tx), command_id(req), reason)
        except (UnknownLocation, LocationClosed) as reason_why:
            form.fail("bin", sentence(str(reason_why)))
        except LotNotGood as reason_why:
            form.fail("lot_code", sentence(str(reason_why)))
        except Refused as refused:
            names = {"unit_cost": "cost", "lines": "qty", "location": "bin"}
            refusals.to_fields(form, refused, names, first="qty")
    if form.errors:
        return _form(req, form, 422)
    said = f"{qty} × {facts.sku} are in {code}." if code else f"{qty} × {facts.sku} wait in receiving."
    return redirect(req, URL, notice=said)


def put_away(req: Req, me: Staff) -> Response:
    """Bring goods from receiving to a bin, where they are sold from."""
    form = Fields(req.form)
    variant_id, origin, lot_id = req.form.get("variant_id"), req.form.get("location_id"), req.form.get("lot_id")
    if not is_id(variant_id) or not is_id(origin) or (lot_id and not is_id(lot_id)):
        raise Problem(400, "The form came without its goods. Open the page again and send it from there.")
    qty = form.integer("qty", label="Units", minimum=1, maximum=MOST_UNITS)
    code = form.text("bin", 40, label="Bin", identifier=True).upper()
    if not form.errors:
        try:
            with changing(req, me) as tx:
                place = locations.load(tx, [origin])[origin]
                line = PutawayLine(variant_id, qty, _bin(tx, code), origin, lot_id or None)
                receive.put_away(tx, [line], place.warehouse_id, command_id(req))
        except (UnknownLocation, LocationClosed) as reason:
            form.fail("bin", sentence(str(reason)))
        except NotEnoughStock as reason:
            form.fail("qty", sentence(str(reason)))
        except Refused as refused:
            refusals.to_fields(form, refused, {"lines": "qty", "location": "bin"}, first="qty")
    if form.errors:
        return _put_away_page(req, form, (variant_id, origin, lot_id), 422)
    return redirect(req, URL, notice=f"{qty} put into {code}.")


def put_away_form(req: Req, me: Staff) -> Response:
    """One SKU that waits in receiving: how many go to which bin."""
    named = ("variant_id", "location_id", "lot_id")
    return _put_away_page(req, None, tuple(req.query.get(name, "") for name in named))


def _put_away_page(req: Req, form: Fields | None, goods: tuple[str, ...], status: int = 200) -> Response:
    """`goods` are variant, place and lot (empty: none)."""
    with reading(req) as tx:
        waiting = console_floor.to_put_away(tx, limit=1000)
        row = next((row for row in waiting if (row.variant_id, row.location_id, row.lot_id or "") == goods), None)
        if row is None:
            raise Problem(404, "These goods do not wait in receiving any more.")
        bins = [each.code for each in console_floor.bins_of(tx, row.warehouse_id) if each.kind == "bin"]
        pictures = console_floor.pictures_of(tx, [goods[0]])
    if form is None:
        form = Fields.of({"qty": str(row.qty), "bin": row.usual_bin or ""})
    context = {
        "row": row,
        "form": form,
        "bins": bins,
        "command_id": new_command(req),
        "picture": pictures.get(goods[0]),
    }
    return page(req, "console/receive/put_away.html", context, status=status)


def _variant(tx: Tx, req: Req) -> Any:
    variant_id = req.path_params["variant_id"]
    found = variants_by_ids(tx, [variant_id]) if is_id(variant_id) else {}
    if not found:
        raise Problem(404, "There is no such variant.")
    return found[variant_id]


def _warehouse(tx: Tx) -> str:
    houses = locations.warehouse_ids(tx)
    if not houses:
        raise Problem(404, "There is no warehouse yet. Open one first.")
    return houses[0]


def _bin(tx: Tx, code: str) -> str:
    place = locations.by_code(tx, code)
    if place.kind != "bin":
        raise UnknownLocation(f"{place.code} is not a bin")
    return place.id


def routes(door: Door) -> list[BaseRoute]:
    """Find, put away, book in."""
    may = "floor.receive"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/put-away", put_away_form, permission=may),
        staff_page(door, f"{URL}/put-away", put_away, permission=may, methods=("POST",)),
        staff_page(door, URL + "/{variant_id}", form_of, permission=may),
        staff_page(door, URL + "/{variant_id}", take_in, permission=may, methods=("POST",)),
    ]
