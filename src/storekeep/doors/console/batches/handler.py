"""The release screen and the page of one batch."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.batches import walk
from storekeep.doors.console.batches.words import KINDS, OUTCOMES, batch_id_of, metres, minutes
from storekeep.doors.console.frame import Staff, changing, reading, sentence, shown, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import waves
from storekeep.flows.waves import Wish
from storekeep.kernel.clock import DAY, HOUR, Instant, day_of, start_of_day
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.fulfillment import batch_queries, hall, proposing
from storekeep.shop.fulfillment.batch_queries import BatchDetail, PlannedStop
from storekeep.shop.fulfillment.states import FULFILLMENT, PICK_BATCH
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.reports import console_floor

URL = "/console/batches"
MOST = 200


def show(req: Req, me: Staff) -> Response:
    """What is on the floor, and what could be picked together next."""
    return _page(req, Fields())


def _page(req: Req, form: Fields, status: int = 200) -> Response:
    promised, totes = req.query.get("promised", ""), req.query.get("totes", "")
    size = int(totes) if totes.isascii() and totes.isdigit() and 1 <= int(totes[:4]) <= 60 else proposing.TOTES
    with reading(req) as tx:
        houses = warehouses(tx)
        house = next((row for row in houses if row.id == req.query.get("warehouse")), houses[0] if houses else None)
        found = []
        if house is not None:
            up_to = promised if _is_day(promised) else None
            found = waves.propose(tx, house.id, promised_to=up_to, totes=size)
        live = batch_queries.listed(tx, ["planned", "released", "in_progress"], limit=100)
        ended = batch_queries.listed(tx, ["done", "canceled"], after=_after(req), limit=21)
        names = {row.id: row.name for row in staff.everyone(tx)}
    cutoff = _next_cutoff(req.shop.db.clock.now(), house) if house is not None else None
    context = {
        "proposals": found, "live": live, "ended": ended[:20], "names": names, "kinds": KINDS, "form": form,
        "next_after": ended[19].number if len(ended) > 20 else "", "is_first": _after(req) is None,
        "houses": houses, "house": house, "promised": promised if _is_day(promised) else "", "totes": size,
        "cutoff": cutoff, "metres": metres, "minutes": minutes, "wish_of": _wish_text, "look": waves.LOOK,
        "status_of": lambda it: shown(PICK_BATCH.labels, it), "speed": hall.WALKING_MM_PER_S,
        "sums": _sums(found),
    }  # fmt: skip
    return page(req, "console/batches/page.html", context, status=status)


def _sums(found: list[proposing.Proposal]) -> dict[str, int]:
    return {
        "orders": sum(len(each.works) for each in found),
        "lines": sum(each.lines for each in found),
        "walk_mm": sum(each.route.walk_mm for each in found),
        "saved_mm": sum(each.route.saved_mm for each in found),
        "seconds": sum(each.seconds for each in found),
    }


def _is_day(text: str) -> bool:
    form = Fields.of({"day": text})
    form.date("day", required=False)
    return bool(text) and not form.errors


def _after(req: Req) -> int | None:
    text = req.query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _next_cutoff(now: Instant, house: Any) -> Instant:
    """The next time that a warehouse's vans are loaded."""
    zone, hours = str(house.timezone), int(house.cutoff_hour) * HOUR
    at = start_of_day(day_of(now, zone), zone) + hours
    return at if at > now else start_of_day(day_of(now + DAY, zone), zone) + hours


def _wish_text(proposal: proposing.Proposal) -> str:
    """A proposal as the form carries it: its kind and its work."""
    return ",".join([proposal.kind, *(work.fulfillment_id for work in proposal.works)])


def plan(req: Req, me: Staff) -> Response:
    """Make batches of the chosen proposals: planned for later, or released to the floor at once."""
    form = Fields(req.form)
    wishes = [_wish(text) for text in req.form.all("wish")[:MOST]]
    if not wishes:
        form.fail("wish", "Choose at least one proposal.")
        return _page(req, form, 422)
    try:
        with changing(req, me) as tx:
            if form.checked("for_cutoff"):
                home = next((row for row in warehouses(tx) if row.id == req.form.get("warehouse_id")), None)
                at = _next_cutoff(tx.now, home) if home is not None else None
                wishes = [Wish(wish.kind, wish.fulfillment_ids, at) for wish in wishes]
            made = waves.plan(tx, wishes)
            if req.form.get("act") == "release":
                made = waves.release(tx, made)
    except (Conflict, Refused) as reason:
        return redirect(req, URL, notice=sentence(str(reason)))
    word = "released" if req.form.get("act") == "release" else "planned"
    if len(made) == 1:
        return redirect(req, f"{URL}/{made[0]}", notice=f"The batch is {word}.")
    return redirect(req, URL, notice=f"{len(made)} batches are {word}.")


def _wish(text: str) -> Wish:
    kind, *ids = text.split(",")
    if kind not in KINDS or not ids or not all(is_id(each) for each in ids):
        raise Problem(400, "The form came without its orders. Open the page again and send it from there.")
    return Wish(kind, tuple(ids))


def one(req: Req, me: Staff) -> Response:
    """One batch: its totes, its walk, what it saves."""
    return _one(req, me, Fields())


def _one(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    batch_id = batch_id_of(req)
    with reading(req) as tx:
        detail = batch_queries.detail(tx, batch_id)
        names = {row.id: row.name for row in staff.everyone(tx)}
    units = sum(stop.qty for stop in detail.plan)
    context = {
        "batch": detail.row, "totes": detail.totes, "plan": _at_stops(detail), "names": names, "form": form,
        "kind": KINDS[detail.row.kind], "metres": metres, "outcomes": OUTCOMES,
        "status": shown(PICK_BATCH.labels, detail.row.status),
        "work_status": lambda it: shown(FULFILLMENT.labels, it),
        "minutes": minutes(hall.seconds(detail.row.walk_mm, len({s.location_id for s in detail.plan}), units)),
        "saved_mm": max(0, detail.row.apart_mm - detail.row.walk_mm), "units": units,
        "may_walk": me.may("floor.pick") and detail.row.picker in (None, me.id),
    }  # fmt: skip
    return page(req, "console/batches/batch.html", context, status=status)


@dataclass(slots=True)
class AtStop:
    """What is taken of a variant at a stop: for which totes, units planned, units left and of which lots."""

    stop: PlannedStop
    totes: list[int]
    planned: int
    left: int
    lots: list[str]


def _at_stops(detail: BatchDetail) -> list[AtStop]:
    found: dict[tuple[str, str], AtStop] = {}
    for stop in detail.plan:
        at = found.setdefault((stop.location_id, stop.variant_id), AtStop(stop, [], 0, 0, []))
        at.planned += stop.qty
        at.totes = sorted({*at.totes, stop.tote_no})
    for task in detail.tasks:
        if (key := (task.location_id, task.variant_id)) in found:
            found[key].left += task.qty
            found[key].lots += [task.lot_text] if task.lot_text and task.lot_text not in found[key].lots else []
    return list(found.values())


def release(req: Req, me: Staff) -> Response:
    """Put a planned batch on the floor."""
    with changing(req, me) as tx:
        made = waves.release(tx, [batch_id_of(req)])
    said = "Released; any picker can take it." if made else "None of its orders can be picked any more; it is canceled."
    return redirect(req, f"{URL}/{batch_id_of(req)}", notice=said)


def cancel(req: Req, me: Staff) -> Response:
    """Take a batch back that nobody has started."""
    with changing(req, me) as tx:
        waves.cancel(tx, [batch_id_of(req)])
    return redirect(req, URL, notice="Canceled. Its orders are on the list again.")


def join(req: Req, me: Staff) -> Response:
    """A late order joins this batch, by its number."""
    form = Fields(req.form)
    typed = form.text("order", 20, label="Order number").lstrip("#")
    if not form.errors and not (typed.isascii() and typed.isdigit()):
        form.fail("order", f"“{typed}” is not an order number.")
    tote = 0
    if not form.errors:
        try:
            with changing(req, me) as tx:
                found = [work for work in console_floor.work_of_order(tx, int(typed[:15])) if work.status == "open"]
                if found:
                    tote = waves.join(tx, batch_id_of(req), found[0].id)
        except (Conflict, Refused) as reason:
            form.fail("order", sentence(str(reason)))
        if not tote and not form.errors:
            form.fail("order", f"Order {typed[:15]} has no work that nobody has claimed.")
    if form.errors:
        return _one(req, me, form, 422)
    return redirect(req, f"{URL}/{batch_id_of(req)}", notice=f"Order #{typed} joined with tote {tote}.")


def routes(door: Door) -> list[BaseRoute]:
    """Proposals, one batch, and its walk."""
    may, one_url = "floor.pick", URL + "/{batch_id}"
    posts = ((f"{URL}/plan", plan), (one_url + "/release", release), (one_url + "/cancel", cancel),
             (one_url + "/join", join))  # fmt: skip
    return [
        staff_page(door, URL, show, permission=may),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
        *walk.routes(door),
        staff_page(door, one_url, one, permission=may),
    ]


