"""Counts that wait for a decision, and the rules that say which do."""

from dataclasses import fields as fields_of
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.counts.board import KINDS, URL, line_status, names
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import count
from storekeep.kernel.errors import Conflict, Forbidden, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import count_queries
from storekeep.shop.inventory.count_rules import CountRules
from storekeep.shop.reports import console_counts

_MONEY = ("recount_minor", "approve_minor")


def show(req: Req, me: Staff) -> Response:
    """The counts to decide, with both counts, the difference, and what moved since."""
    return _show(req, me, Fields())


def _show(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    after = refusals.asked(req, "after", 40)
    with reading(req) as tx:
        found = console_counts.to_decide(
            tx, with_recounts=me.may("stock.approve"), after=after if is_id(after) else ""
        )
        context: dict[str, Any] = {
            "found": found,
            "moved": count_queries.moved_since(tx, [row.id for row in found.rows]),
            "names": names(tx),
            "currency": site.load(tx).currency,
        }
    context |= {
        "form": form,
        "chosen": form.values("line"),
        "command_id": new_command(req),
        "kinds": KINDS,
        "status_of": line_status,
        "may_decide": me.may("stock.approve"),
        "is_first": not after,
    }
    return page(req, "console/counts/deciding.html", context, status=status)


def decide(req: Req, me: Staff) -> Response:
    """Book the chosen counts, drop them, or have them counted anew."""
    form = Fields(req.form)
    chosen = list(dict.fromkeys(req.form.all("line")))
    act = form.choice("act", ("approve", "reject", "again"), label="What to do")
    reason = form.text("reason", 300, label="Reason")
    if not chosen:
        form.fail("line", "Choose at least one count.")
    if any(not is_id(each) for each in chosen):
        raise Problem(404, "There is no such count.")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if act == "approve":
                    count.approve(tx, chosen, reason, command_id(req))
                else:
                    count.reject(tx, chosen, reason, command_id(req), count_again=act == "again")
        except (Conflict, Forbidden) as refusal:
            form.fail("line", sentence(str(refusal)))
        except Refused as refused:
            refusals.to_fields(form, refused, {"lines": "line"}, first="line")
    if form.errors:
        return _show(req, me, form, 422)
    many = f"{len(chosen)} count{'s' if len(chosen) > 1 else ''}"
    said = {"approve": f"{many} booked.", "reject": f"{many} dropped.", "again": f"{many} will be made anew."}
    return redirect(req, f"{URL}/review", notice=said[act])


def ask_for_all(req: Req, me: Staff) -> Response:
    """A full count of every bin; nothing is frozen for it."""
    form = Fields(req.form)
    reason = form.text("all_reason", 300, label="Reason")
    if form.errors:
        return _rules(req, None, 422, all_form=form)
    with changing(req, me) as tx:
        made = count.ask_for_all(tx, reason)
    bins = "1 bin is" if len(made) == 1 else f"{len(made)} bins are"
    return redirect(req, URL, notice=f"{bins} asked for.")


def rules(req: Req, me: Staff) -> Response:
    """The limits and how often each class is counted."""
    return _rules(req, None)


def _rules(
    req: Req, form: Fields | None, status: int = 200, *, all_form: Fields | None = None
) -> Response:
    with reading(req) as tx:
        now = count.load_rules(tx)
        currency = site.load(tx).currency
    if form is None:
        values = {each.name: str(getattr(now, each.name)) for each in fields_of(CountRules)}
        form = Fields.of(values | {name: format_plain(getattr(now, name), currency) for name in _MONEY})
    context = {"form": form, "all_form": all_form or Fields()}
    return page(req, "console/counts/rules.html", context, status=status)


def save_rules(req: Req, me: Staff) -> Response:
    """Change the rules; what was decided before stays."""
    form = Fields(req.form)
    with reading(req) as tx:
        currency = site.load(tx).currency
    values = {
        each.name: form.money(each.name, currency, label="Limit", maximum=1_000_000_000)
        if each.name in _MONEY
        else form.integer(each.name, label="Number", maximum=1_000_000)
        for each in fields_of(CountRules)
    }
    if not form.errors:
        try:
            with changing(req, me) as tx:
                count.save_rules(tx, CountRules(**values))
        except Refused as refused:
            refusals.to_fields(form, refused, first="recount_units")
    if form.errors:
        return _rules(req, form, 422)
    return redirect(req, URL, notice="The rules are saved.")


def routes(door: Door) -> list[BaseRoute]:
    """Decisions and rules."""
    may = "stock.approve"
    return [
        staff_page(door, f"{URL}/review", show, permission="stock.read"),
        staff_page(door, f"{URL}/review", decide, permission=may, methods=("POST",)),
        staff_page(door, f"{URL}/rules", rules, permission=may),
        staff_page(door, f"{URL}/rules", save_rules, permission=may, methods=("POST",)),
        staff_page(door, f"{URL}/all", ask_for_all, permission=may, methods=("POST",)),
    ]
