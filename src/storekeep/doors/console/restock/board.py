"""The board: open suggestions by supplier; the buyer changes quantities, orders or dismisses lines, or looks again."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import (
    Staff,
    actor,
    changing,
    command_id,
    house,
    new_command,
    reading,
    staff_page,
)
from storekeep.doors.console.restock.view import lines
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.doors.web.filters import plural
from storekeep.flows import restock
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.replenishment import queries, suggestions
from storekeep.shop.replenishment.model import Pick
from storekeep.shop.replenishment.policies import MOST_UNITS
from storekeep.shop.reports import console_floor

URL = "/console/restock"
PAGE = 50


def show(req: Req, me: Staff) -> Response:
    """The open suggestions of one supplier, and how many the others have."""
    return _show(req, me, None)


def _show(req: Req, me: Staff, form: Fields | None, status: int = 200) -> Response:
    name = req.form.get("supplier") if form is not None else refusals.asked(req, "supplier", 120)
    after = (refusals.asked(req, "after", 64), refusals.asked(req, "after_id", 36))
    if not is_id(after[1]):
        after = ("", "")
    with reading(req) as tx:
        groups = queries.groups(tx)
        chosen = next((group for group in groups if group.name == name), groups[0] if groups else None)
        rows = queries.open_lines(tx, chosen.name, after=after, limit=PAGE + 1) if chosen is not None else []
        titles = console_floor.titles_of(tx, [row.variant_id for row in rows])
        last = queries.last_run(tx)
    shown = lines(rows[:PAGE], titles)
    if form is None:
        filled: dict[str, Any] = {f"qty-{one.row.id}": str(one.row.qty or "") for one in shown}
        form = Fields.of(filled | {"pick": [one.row.id for one in shown if one.row.qty]})
    context = {
        "groups": groups,
        "chosen": chosen,
        "lines": shown,
        "form": form,
        "last": last,
        "next_url": _after(chosen.name if chosen else "", rows[PAGE - 1]) if len(rows) > PAGE else "",
        "is_first": not after[1],
        "group_url": lambda group: f"{URL}?{urlencode({'supplier': group.name})}",
        "may_change": me.may("stock.change"),
        "command_id": new_command(req),
    }
    return page(req, "console/restock/page.html", context, status=status)


def _after(supplier: str, row: Any) -> str:
    return f"{URL}?{urlencode({'supplier': supplier, 'after': row.sku, 'after_id': row.id})}"


def decide(req: Req, me: Staff) -> Response:
    """Order the ticked lines, order all lines of the supplier as suggested, or dismiss one."""
    act, _, one = req.form.get("act").partition(":")
    if act == "dismiss" and is_id(one):
        with changing(req, me) as tx:
            suggestions.dismiss(tx, [one], "")
        return redirect(req, _back(req), notice="Dismissed. It comes back at the next look if it is still needed.")
    form = Fields(req.form)
    if act == "all":
        with changing(req, me) as tx:
            picks = [Pick(row.id, row.qty) for row in queries.open_of(tx, req.form.get("supplier"))]
            done = _ordered(tx, req, picks)
        return redirect(req, URL, notice=_said(done))
    if act != "order":
        raise Problem(400, "The form came without saying what to do.")
    picks = [
        Pick(chosen, form.integer(f"qty-{chosen}", label="The quantity", minimum=1, maximum=MOST_UNITS))
        for chosen in dict.fromkeys(form.values("pick"))
        if is_id(chosen)
    ]
    if not picks:
        form.fail("pick", "Tick at least one line.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                done = _ordered(tx, req, picks)
        except Refused as refused:
            refusals.to_fields(form, refused, first="pick")
        else:
            return redirect(req, _back(req), notice=_said(done))
    return _show(req, me, form, 422)


def _ordered(tx: Tx, req: Req, picks: list[Pick]) -> restock.Ordered:
    return restock.order(tx, picks, command_id(req))


def _said(done: restock.Ordered) -> str:
    return f"{plural(done.lines, 'line', 'lines')} ordered, {plural(done.units, 'unit', 'units')} in all."


def _back(req: Req) -> str:
    return f"{URL}?{urlencode({'supplier': req.form.get('supplier')})}"


def again(req: Req, me: Staff) -> Response:
    """Look at everything now, as the night does."""
    done = restock.suggest(house(req).db, command_id(req), actor=actor(me))
    said = f"Looked at {plural(done.looked_at, 'SKU', 'SKUs')}: {done.made} new, {done.kept} as before."
    return redirect(req, URL, notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """The board and its acts."""
    return [
        staff_page(door, URL, show, permission="stock.read"),
        staff_page(door, f"{URL}/decide", decide, permission="stock.change", methods=("POST",)),
        staff_page(door, f"{URL}/again", again, permission="stock.change", methods=("POST",)),
    ]
