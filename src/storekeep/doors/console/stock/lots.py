"""One lot: where it is, which orders got units of it, and putting it on hold, releasing it or calling it back."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import (
    Staff,
    changing,
    command_id,
    new_command,
    reading,
    sentence,
    shown,
    staff_page,
)
from storekeep.doors.console.stock import handler
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import lots
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory.states import LOT
from storekeep.shop.reports import console_floor, console_lots

ACTS = ("hold", "release", "recall")
DONE = {
    "hold": "is on hold: nothing of it is sold or sent.",
    "release": "is sold again.",
    "recall": "is recalled. The orders below have units of it.",
}


def show(req: Req, me: Staff) -> Response:
    """Where the units of a lot are, and who got them."""
    return _show(req, me, Fields())


def _show(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    variant_id, lot_id = handler.variant_id(req), _lot_id(req)
    with reading(req) as tx:
        head = console_floor.variant_head(tx, variant_id)
        found = console_lots.one_lot(tx, variant_id, lot_id)
        if head is None or found is None:
            raise Problem(404, "There is no such lot.")
        context = {
            "head": head,
            "row": found,
            "places": console_lots.places_of(tx, variant_id, lot_id),
            "orders": console_lots.orders_of(tx, lot_id),
        }
    context |= {
        "status": shown(LOT.labels, found.lot.status),
        "may_change": me.may("stock.change"),
        "edges": LOT.edges[found.lot.status],
        "form": form,
        "command_id": new_command(req),
    }
    return page(req, "console/stock/lot.html", context, status=status)


def act(req: Req, me: Staff) -> Response:
    """Hold, release or recall a lot; what was picked of it is taken out again in the same moment."""
    form, lot_id = Fields(req.form), _lot_id(req)
    wanted = form.choice("act", ACTS, label="What to do")
    reason = form.text("reason", 300, label="Reason")
    with reading(req) as tx:
        found = console_lots.one_lot(tx, handler.variant_id(req), lot_id)
    if found is None:
        raise Problem(404, "There is no such lot.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if wanted == "hold":
                    lots.quarantine_lot(tx, lot_id, reason, command_id(req))
                elif wanted == "recall":
                    lots.recall_lot(tx, lot_id, reason, command_id(req))
                else:
                    lots.release_lot(tx, lot_id, reason)
        except Conflict as conflict:
            form.fail("reason", sentence(str(conflict)))
        except Refused as refused:
            refusals.to_fields(form, refused, first="reason")
    if form.errors:
        return _show(req, me, form, 422)
    url = f"{handler.URL}/{handler.variant_id(req)}/lots/{lot_id}"
    return redirect(req, url, notice=f"Lot {found.lot.code} {DONE[wanted]}")


def _lot_id(req: Req) -> str:
    lot_id = req.path_params["lot_id"]
    if not is_id(lot_id):
        raise Problem(404, "There is no such lot.")
    return lot_id


def routes(door: Door) -> list[BaseRoute]:
    """One lot and what is done with it."""
    one = handler.URL + "/{variant_id}/lots/{lot_id}"
    return [
        staff_page(door, one, show, permission="stock.read"),
        staff_page(door, one, act, permission="stock.change", methods=("POST",)),
    ]
