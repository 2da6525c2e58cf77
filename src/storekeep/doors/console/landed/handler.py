"""The pages of landed costs: the bills, one with its shares, and the form for a bill of a delivery."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import landed_cost
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop import site
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.purchasing import landed, landed_queries
from storekeep.shop.purchasing.landed import Bill

URL = "/console/landed"


def show(req: Req, me: Staff) -> Response:
    """The bills, newest first, and the deliveries that one may be for."""
    after = req.query.get("after")
    with reading(req) as tx:
        rows, following = landed_queries.bills(tx, after=after if after and is_id(after) else None)
        latest = landed_queries.latest_deliveries(tx)
    context = {
        "rows": rows,
        "latest": latest,
        "kinds": landed.KINDS,
        "bases": landed.BASES,
        "next_url": f"?after={following}" if following else "",
        "first_url": URL if after else "",
        "may_bill": me.may("purchasing.bill"),
    }
    return page(req, "console/landed/page.html", context)


def new(req: Req, me: Staff) -> Response:
    """The form for a bill of one delivery."""
    return _form(req, Fields.of({"kind": "freight", "basis": "value"}), req.query.get("delivery", ""))


def _form(req: Req, form: Fields, typed: str, status: int = 200) -> Response:
    with reading(req) as tx:
        row = _delivery(tx, typed)
        known, _ = landed_queries.bills(tx, receipt_id=row.id)
    context = {
        "row": row,
        "known": known,
        "form": form,
        "kinds": list(landed.KINDS.items()),
        "bases": [
            ("value", "Value: dear goods carry more", True),
            ("weight", "Weight: heavy goods carry more", True),
            ("units", "Units: each carries the same", True),
        ],
        "names": landed.KINDS,
        "command_id": new_command(req),
    }
    return page(req, "console/landed/new.html", context, status=status)


def record(req: Req, me: Staff) -> Response:
    """Book the bill: onto the goods that are still here, and to costs for those that are gone."""
    form, typed = Fields(req.form), req.form.get("delivery")
    with reading(req) as tx:
        row = _delivery(tx, typed)
        currency = site.load(tx).currency
    amount = form.money("amount", currency, label="Amount", minimum=1, maximum=landed.MOST)
    bill = Bill(
        form.choice("kind", list(landed.KINDS), label="A kind"),
        -amount if req.form.get("is_credit") == "1" else amount,
        form.choice("basis", list(landed.BASES), label="A basis"),
        form.text("charged_by", 120, label="Who charges it"),
        form.text("reference", 60, label="Number of the bill"),
        form.text("note", 500, label="Note", required=False),
    )
    number = 0
    if not form.errors:
        try:
            with changing(req, me) as tx:
                landed_id = landed_cost.record(tx, row.id, bill, command_id(req))
                number = landed_queries.number_of(tx, landed_id)
        except Conflict as reason:
            form.fail("reference", sentence(str(reason)))
        except Refused as refused:
            refusals.to_fields(form, refused, {}, first="amount")
    if form.errors:
        return _form(req, form, typed, 422)
    return redirect(req, f"{URL}/{number}", notice=f"Booked as LC-{number}.")


def one(req: Req, me: Staff) -> Response:
    """One bill with the share of each line, and where it went."""
    typed = req.path_params["number"]
    with reading(req) as tx:
        row = landed_queries.by_number(tx, int(typed)) if _is_number(typed) else None
        if row is None:
            raise Problem(404, "There is no such bill.")
        lines = landed_queries.lines_of(tx, row.id)
        names = {f"staff:{each.id}": each.name for each in staff.everyone(tx)}
    parts = ("amount_minor", "stock_minor", "sold_minor", "lost_minor", "sent_back_minor")
    context: dict[str, Any] = {
        "row": row,
        "lines": lines,
        "sums": {name: sum(int(getattr(line, name)) for line in lines) for name in parts},
        "kinds": landed.KINDS,
        "bases": landed.BASES,
        "who": names.get(row.actor, row.actor),
        "may_deliver": me.may("floor.receive"),
        "may_ledger": me.may("ledger.read"),
    }
    return page(req, "console/landed/one.html", context)


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= 12


def _delivery(tx: Tx, typed: str) -> Any:
    number = typed.upper().removeprefix("GR").lstrip("-# ")
    row = landed_queries.delivery(tx, int(number)) if _is_number(number) else None
    if row is None:
        raise Problem(404, "There is no delivery of this number; it stands on its page, like GR-12.")
    return row


def routes(door: Door) -> list[BaseRoute]:
    """List, form, booking, one."""
    return [
        staff_page(door, URL, show, permission="purchasing.read"),
        staff_page(door, URL + "/new", new, permission="purchasing.bill"),
        staff_page(door, URL + "/new", record, permission="purchasing.bill", methods=("POST",)),
        staff_page(door, URL + "/{number}", one, permission="purchasing.read"),
    ]
