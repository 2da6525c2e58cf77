"""The pages of transfers. One field takes a scanner: a bin says where, an item is loaded from it or put into it."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.transfers import view
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import door_lots, transfers
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, NotFound, Refused
from storekeep.shop.catalog.lookups import is_id, resolve_codes
from storekeep.shop.inventory import locations
from storekeep.shop.inventory import queries as stock
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.inventory.model import MAX_UNITS, Location
from storekeep.shop.transfers import queries
from storekeep.shop.transfers.errors import MoreThanSent
from storekeep.shop.transfers.model import Arrived, Fate, Loaded, Want
from storekeep.shop.transfers.states import AT_SENDER, LIVE, ON_THE_WAY, TRANSFER

URL = "/console/transfers"
#: More at one scan is a bar code in the wrong field.
MOST_AT_ONCE = 1_000_000
VIEWS = {
    "": ("Under way", LIVE),
    "ended": ("Ended", ("received", "closed_with_loss")),
    "canceled": ("Canceled", ("canceled",)),
}
KINDS = {
    "damaged": "Damaged",
    "lost": "Lost on the way",
    "returned": "Back at the sender's",
    "extra": "More than was sent",
}
FATES = [("lost", "Lost on the way"), ("returned", "Never left the sender's")]


def show(req: Req, me: Staff) -> Response:
    """Transfers by status, and the form for another one."""
    return _list(req, Fields())


def _list(req: Req, form: Fields, status: int = 200) -> Response:
    name = req.query.get("status", "")
    name = name if name in VIEWS else ""
    after = req.query.get("after")
    with reading(req) as tx:
        found = queries.listed(tx, VIEWS[name][1], after=after if after and is_id(after) else None)
        houses = [(row.id, row.name) for row in stock.warehouses(tx)]
    context = {
        "rows": [(row, shown(TRANSFER.labels, row.status)) for row in found.rows],
        "houses": houses,
        "tabs": [(label, f"{URL}?status={key}", key == name, None) for key, (label, _) in VIEWS.items()],
        "next_url": f"?status={name}&after={found.next_after}" if found.next_after else "",
        "first_url": f"{URL}?status={name}" if after else "",
        "form": form,
        "command_id": new_command(req),
    }
    return page(req, "console/transfers/page.html", context, status=status)


def begin(req: Req, me: Staff) -> Response:
    """Write a transfer."""
    form = Fields(req.form)
    with reading(req) as tx:
        houses = [row.id for row in stock.warehouses(tx)]
    start = form.choice("from", houses, label="Where from")
    end = form.choice("to", houses, label="Where to")
    note = form.text("note", 300, label="Note", required=False)
    if not form.errors and start == end:
        form.fail("to", "A transfer goes to another warehouse.")
    if form.errors:
        return _list(req, form, 422)
    with changing(req, me) as tx:
        transfer_id = transfers.draft(tx, start, end, note, command_id(req))
    return redirect(req, f"{URL}/{transfer_id}")


def one(req: Req, me: Staff) -> Response:
    """A transfer as far as it is."""
    return _one(req, Fields())


def _one(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        found = view.load(tx, _id(req))
        at = _place(tx, req.query.get("at", "") or req.form.get("at", ""))
    stage = "sender" if found.row.status in AT_SENDER else "receiver" if found.row.status in ON_THE_WAY else "ended"
    house = found.start if stage == "sender" else found.end
    context: dict[str, Any] = {
        "found": found,
        "row": found.row,
        "label": shown(TRANSFER.labels, found.row.status),
        "at": at if at is not None and at.warehouse_id == house.id else None,
        "form": form,
        "new_command": lambda: new_command(req),
        "kinds": KINDS,
        "fates": FATES,
    }
    return page(req, f"console/transfers/{stage}.html", context, status=status)


def _place(tx: Tx, code: str) -> Location | None:
    """The bin of this code, if it is one of ours to load from or put into."""
    if not code.strip() or len(code) > 40:
        return None
    try:
        place = locations.by_code(tx, code)
    except UnknownLocation:
        return None
    return place if place.kind == "bin" else None


# --- at the sender's ---


def want(req: Req, me: Staff, form: Fields) -> str:
    """How many of a SKU are to be sent."""
    code = form.text("sku", 200, label="Item", identifier=True)
    qty = form.integer("wanted", label="Units", maximum=MAX_UNITS)
    if form.errors:
        return ""
    with changing(req, me) as tx:
        facts = resolve_codes(tx, [code]).get(code)
        if facts is None:
            form.fail("sku", f"Nothing here bears {code[:60]}.")
            return ""
        transfers.want(tx, _id(req), [Want(facts.variant_id, qty)])
    return f"{qty} × {facts.sku} are to be sent." if qty else f"{facts.sku} is off the list."


def load(req: Req, me: Staff, form: Fields) -> str:
    """One scan at the sender's: a bin, or an item that is taken from it."""
    with changing(req, me) as tx:
        scanned = _scanned(tx, req, form)
        if form.errors or isinstance(scanned, str):
            return scanned if isinstance(scanned, str) else ""
        facts, qty, lot_id, at = scanned
        if at is None:
            form.fail("code", f"{facts.sku}: scan the bin first that you take it from.")
            return ""
        transfers.load(tx, _id(req), [Loaded(facts.variant_id, qty, at.id, lot_id)], command_id(req))
    return f"{qty} × {facts.sku} loaded from {at.code}."


def depart(req: Req, me: Staff, form: Fields) -> str:
    """The lorry leaves."""
    with changing(req, me) as tx:
        transfers.depart(tx, _id(req))
    return "It has left. Scan what arrives at the other end."


def cancel(req: Req, me: Staff, form: Fields) -> str:
    """Call it off."""
    reason = form.text("cancel_reason", 300, label="Why")
    if not form.errors:
        with changing(req, me) as tx:
            transfers.cancel(tx, _id(req), reason, command_id(req))
    return "Canceled. What was loaded waits in the sender's receiving to be put away."


# --- at the receiver's ---


def arrive(req: Req, me: Staff, form: Fields) -> str:
    """One scan at the receiver's: a bin to put things into, or an item that came."""
    is_damaged = form.choice("condition", ("good", "damaged"), required=False, default="good") == "damaged"
    reason = form.text("reason", 300, label="Why", required=False)
    if is_damaged and not reason and not form.errors:
        form.fail("reason", "Say what is wrong with it: the reason is kept.")
    if form.errors:
        return ""
    with changing(req, me) as tx:
        scanned = _scanned(tx, req, form)
        if form.errors or isinstance(scanned, str):
            return scanned if isinstance(scanned, str) else ""
        facts, qty, lot_id, at = scanned
        what = Arrived(facts.variant_id, qty, is_damaged, None if at is None or is_damaged else at.id, lot_id, reason)
        try:
            transfers.arrive(tx, _id(req), what, command_id(req))
        except MoreThanSent as more:
            form.fail("reason", sentence(str(more)))
            return ""
    where = "set aside" if is_damaged else "in receiving" if at is None else f"in {at.code}"
    return f"{qty} × {facts.sku} {'is' if qty == 1 else 'are'} {where}."


def finish(req: Req, me: Staff, form: Fields) -> str:
    """Everything is off the lorry; each line that is short has its fate."""
    fates = []
    with reading(req) as tx:
        lines = [each for each in view.load(tx, _id(req)).lines if each.line.on_the_way]
    for each in lines:
        kind = form.choice(f"fate-{each.line.id}", [name for name, _ in FATES], label=f"What became of {each.sku}")
        reason = form.text(f"why-{each.line.id}", 300, label="Why")
        fates.append(Fate(each.line.id, kind, reason))
    if form.errors:
        return ""
    with changing(req, me) as tx:
        transfers.finish(tx, _id(req), fates, command_id(req))
    return "Every unit is accounted for."


def _scanned(tx: Tx, req: Req, form: Fields) -> tuple[Any, int, str | None, Location | None] | str:
    """What was scanned: (item, units, lot, the bin scanned before), or "" for a bin, kept for the next scan."""
    code = form.text("code", 200, label="Code", identifier=True)
    qty = form.integer("qty", label="Units", minimum=1, maximum=MOST_AT_ONCE, required=False, default=1)
    lot_code = form.text("lot_code", 40, label="Lot", required=False, identifier=True)
    if form.errors:
        return ""
    facts, (on_it, _) = door_lots.read(tx, code)
    if facts is None:
        if _place(tx, code) is None:
            form.fail("code", f"Nothing here bears {code[:60]}, neither an item nor a bin.")
        return ""
    lot_id = None
    if lot_code or on_it:
        lot_id = view.lot_named(tx, facts.variant_id, lot_code or on_it or "")
        if lot_id is None:
            form.fail("lot_code", f"{facts.sku} has no lot {(lot_code or on_it or '').upper()}.")
    return facts, qty, lot_id, _place(tx, req.form.get("at", ""))


ACTS: Mapping[str, tuple[Callable[[Req, Staff, Fields], str], str]] = {
    "want": (want, "sku"),
    "load": (load, "code"),
    "depart": (depart, "code"),
    "cancel": (cancel, "cancel_reason"),
    "arrive": (arrive, "code"),
    "finish": (finish, "code"),
}


def _doing(name: str) -> Callable[[Req, Staff], Response]:
    act, first = ACTS[name]

    def run(req: Req, me: Staff) -> Response:
        form, said = Fields(req.form), ""
        try:
            said = act(req, me, form)
        except Refused as refused:
            names = {"lot": "lot_code", "reason": "reason" if name == "arrive" else first, "to": "code", "from": "code"}
            refusals.to_fields(form, refused, names, first=first)
        except (Conflict, NotFound) as reason:
            form.fail(first, sentence(str(reason)))
        if form.errors:
            return _one(req, form, 422)
        at = req.form.get("code") if not said and name in ("load", "arrive") else req.form.get("at", "")
        return redirect(req, f"{URL}/{_id(req)}" + (f"?at={_clean(at)}" if at else ""), notice=said)

    run.__name__ = name
    return run


def _clean(code: str) -> str:
    """A bin's code as a part of an address."""
    return "".join(char for char in code.strip().upper() if char.isalnum() or char in "-_.")[:40]


def _id(req: Req) -> str:
    found = req.path_params["transfer_id"]
    if not is_id(found):
        raise Problem(404, "There is no such transfer.")
    return str(found)


def routes(door: Door) -> list[BaseRoute]:
    """List, begin, one, and its acts."""
    may, here = "floor.receive", URL + "/{transfer_id}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/open", begin, permission=may, methods=("POST",)),
        staff_page(door, here, one, permission=may),
        *(staff_page(door, f"{here}/{name}", _doing(name), permission=may, methods=("POST",)) for name in ACTS),
    ]
