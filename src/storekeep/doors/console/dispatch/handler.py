"""The page of the loading door."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.web import Door, Problem, Req, page, redirect
from storekeep.flows import dispatch
from storekeep.shop.catalog.lookups import is_id

URL = "/console/dispatch"


def show(req: Req, me: Staff) -> Response:
    """Packed parcels per carrier: those that may leave, and those that wait, each with the reason."""
    with reading(req) as tx:
        loads = dispatch.ready(tx)
    context = {
        "loads": loads,
        "ready_count": sum(len(load.ready) for load in loads),
        "held_count": sum(len(load.held) for load in loads),
        "command_id": new_command(req),
        "sentence": sentence,
    }
    return page(req, "console/dispatch/page.html", context)


def hand_over(req: Req, me: Staff) -> Response:
    """The chosen parcels leave; one that may not is named with its reason, the others go."""
    chosen = [one for one in req.form.all("fulfillment_id") if is_id(one)]
    if not chosen:
        return redirect(req, URL, notice="Nothing was chosen, so nothing left.")
    if len(chosen) > 500:
        raise Problem(400, "Hand over at most 500 parcels at a time.")
    with changing(req, me) as tx:
        results = dispatch.ship(tx, chosen, command_id(req))
    gone = sum(1 for result in results if result.is_done)
    kept = [sentence(result.text) for result in results if not result.is_done]
    said = f"{gone} {'parcel' if gone == 1 else 'parcels'} handed over."
    if kept:
        said += f" {len(kept)} stayed: {' '.join(kept[:3])}"
    return redirect(req, URL, notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """Show and hand over."""
    return [
        staff_page(door, URL, show, permission="floor.pack"),
        staff_page(door, URL, hand_over, permission="floor.pack", methods=("POST",)),
    ]
