"""One suggestion: every number that it follows from, each with the rows behind it, and the weeks that taught it."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, shown, staff_page
from storekeep.doors.console.restock.board import URL
from storekeep.doors.console.restock.view import KINDS, lines, weeks_chart, weeks_of
from storekeep.doors.web import Door, Problem, Req, page
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.replenishment import queries, suggestions
from storekeep.shop.replenishment.model import E6
from storekeep.shop.replenishment.states import SUGGESTION
from storekeep.shop.reports import console_floor, demand
from storekeep.shop.site import profile


def show(req: Req, me: Staff) -> Response:
    """A suggestion as it was worked out; the weeks are those of now, and say so when another run would see others."""
    wanted = req.path_params["suggestion_id"]
    if not is_id(wanted):
        raise Problem(404, "There is no such suggestion.")
    with reading(req) as tx:
        row = suggestions.load(tx, [wanted])[wanted]
        key = (row.variant_id, row.warehouse_id)
        line = lines([row], console_floor.titles_of(tx, [row.variant_id]))[0]
        history = demand.history(tx, profile.load(tx).timezone, variant_id=row.variant_id)
        earlier = lines(queries.latest_of(tx, key), {})
        names = {f"staff:{one.id}": one.name for one in staff.everyone(tx)}
    weeks = weeks_of(history, key)
    context = {
        "line": line,
        "inputs": line.inputs,
        "weeks": weeks[::-1],
        "chart": weeks_chart(weeks, line.inputs.level_e6 / E6 if line.is_learned else None),
        "is_older": history.until_day != line.inputs.weeks_until,
        "earlier": earlier,
        "names": names | {"worker": "the shop itself"},
        "status_of": lambda word: shown(SUGGESTION.labels, word),
        "wanted": dict(KINDS)[line.inputs.target_kind],
        "may_change": me.may("stock.change"),
    }
    return page(req, "console/restock/line.html", context)


def routes(door: Door) -> list[BaseRoute]:
    """The page of one suggestion."""
    return [staff_page(door, URL + "/{suggestion_id}", show, permission="stock.read")]
