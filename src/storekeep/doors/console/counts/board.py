"""What is to be counted and what counts found; asking for a count, and taking the next one."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, changing, reading, shown, staff_page
from storekeep.doors.console.refusals import asked
from storekeep.doors.web import Door, Problem, Req, page, redirect
from storekeep.flows import count
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.shop import site
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import count_classes, count_queries, locations
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.states import COUNT_LINE, COUNT_TASK
from storekeep.shop.reports import console_counts

URL = "/console/counts"
#: Bins of the list of what is due that one page shows.
SHOWN = 100
KINDS = {
    "cycle": "Calendar", "full": "Full count", "zero_check": "Zero check", "short_pick": "Short pick",
    "recount": "Counted anew",
}  # fmt: skip
STAGES = (("open", "To count"), ("recount", "To count again"), ("review", "To decide"))


def task_status(status: str) -> Any:
    return shown(COUNT_TASK.labels, status)


def line_status(status: str) -> Any:
    return shown(COUNT_LINE.labels, status)


def names(tx: Tx) -> Mapping[str, str]:
    """Actors by the names that the staff has."""
    return {f"staff:{row.id}": row.name for row in staff.everyone(tx)}


def show(req: Req, me: Staff) -> Response:
    """What waits, what is due by class, and what the last 30 days found by bin and person."""
    stage, after = asked(req, "stage", 20), asked(req, "after", 20)
    stage = stage if stage in dict(STAGES) else "open"
    with reading(req) as tx:
        rules = count.load_rules(tx)
        due = count_queries.due_counts(tx, rules)
        waiting = console_counts.waiting(tx)
        context: dict[str, Any] = {
            "tasks": console_counts.tasks(tx, stage, after=after),
            "total": console_counts.total(tx),
            "sorted_at": count_classes.sorted_at(tx),
            "places": console_counts.by_place(tx),
            "people": console_counts.by_person(tx),
            "names": names(tx),
            "currency": site.load(tx).currency,
        }
    context |= {
        "rules": rules,
        "suspects": due["suspects"],
        "grades": [(letter, due[letter]) for letter in "ABC"],
        "waiting": waiting,
        "stage": stage,
        "tabs": [(label, f"{URL}?stage={name}#waiting", name == stage, waiting[name]) for name, label in STAGES],
        "is_first": not after,
        "kinds": KINDS,
        "status_of": task_status,
    }
    return page(req, "console/counts/board.html", context)


def due(req: Req, me: Staff) -> Response:
    """The bins that are due, all or of one class or on suspicion; each can be asked for at once."""
    wanted = asked(req, "class", 10)
    wanted = wanted if wanted in ("A", "B", "C", "suspects") else ""
    with reading(req) as tx:
        rules = count.load_rules(tx)
        bins = count_queries.due_bins(tx, rules, which=wanted, limit=SHOWN)
        there = count_queries.due_counts(tx, rules)
    more = (there[wanted] if wanted else sum(there.values())) - len(bins)
    context = {"bins": bins, "more": more, "wanted": wanted, "rules": rules}
    return page(req, "console/counts/due.html", context)


def lines(req: Req, me: Staff) -> Response:
    """Settled counts: the rows under every figure of the board."""
    place, person, only = asked(req, "bin", 40), asked(req, "person", 100), asked(req, "only", 20)
    after = asked(req, "after", 40)
    with reading(req) as tx:
        since = tx.now - console_counts.PERIOD if req.query.get("lately") else None
        found = console_counts.settled(
            tx, place=place, person=person, only=only, since=since, after=after if is_id(after) else ""
        )
        context = {"found": found, "names": names(tx), "currency": site.load(tx).currency}
    context |= {"place": place, "person": person, "only": only, "lately": since is not None, "kinds": KINDS,
                "is_first": not after, "status_of": line_status}  # fmt: skip
    return page(req, "console/counts/lines.html", context)


def ask_for(req: Req, me: Staff) -> Response:
    """Ask for the count of a place: everything in it, or one variant there."""
    location_id, variant_id, lot_id = (req.form.get(name) for name in ("location_id", "variant_id", "lot_id"))
    if (variant_id and not is_id(variant_id)) or (lot_id and not is_id(lot_id)):
        raise Problem(404, "There is no such variant.")
    with changing(req, me) as tx:
        if not location_id:
            location_id = locations.by_code(tx, req.form.get("code").strip()[:40]).id
        elif not is_id(location_id):
            raise Problem(404, "There is no such place.")
        draft = TaskDraft(
            location_id, "cycle", f"asked for by {me.name}", "by hand",
            (variant_id,) if variant_id and not lot_id else (), is_whole=not (variant_id or lot_id),
            lot_ids=(lot_id,) if lot_id else (),
        )  # fmt: skip
        try:
            made = count.open_tasks(tx, [draft])
        except Refused as refused:
            raise Problem(409, str(refused).capitalize() + ".") from refused
    return redirect(req, f"{URL}/{made[0]}")


def take_next(req: Req, me: Staff) -> Response:
    """Take the next count as one's own."""
    with changing(req, me) as tx:
        taken = count.claim(tx)
    if not taken:
        return redirect(req, URL, notice="Nothing is left that you could count.")
    return redirect(req, f"{URL}/{taken[0]}")


def routes(door: Door) -> list[BaseRoute]:
    """The board, its lists, asking and taking."""
    return [
        staff_page(door, URL, show, permission="stock.read"),
        staff_page(door, URL, ask_for, permission="stock.count", methods=("POST",)),
        staff_page(door, f"{URL}/due", due, permission="stock.read"),
        staff_page(door, f"{URL}/lines", lines, permission="stock.read"),
        staff_page(door, f"{URL}/next", take_next, permission="stock.count", methods=("POST",)),
    ]
