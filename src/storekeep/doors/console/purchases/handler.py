"""The pages of purchase orders: the list, one, and writing new ones."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import listed
from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence, shown, staff_page
from storekeep.doors.console.purchases import acts
from storekeep.doors.console.refusals import asked, outcome
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import purchase
from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.kernel.jsontext import load
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id, variants_by_ids
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.queries import to_reorder
from storekeep.shop.purchasing import orders, queries, suppliers
from storekeep.shop.purchasing.model import Want, line_value, price_text
from storekeep.shop.purchasing.states import COUNTED, INVOICE, OPEN, PURCHASE_ORDER, RECEIPT
from storekeep.shop.purchasing.tables import purchase_order_version

URL = acts.URL
#: The tabs of the list: what is under way comes first.
VIEWS: dict[str, tuple[str, Sequence[str]]] = {
    "": ("Under way", sorted(COUNTED)),
    "draft": ("To approve and send", ["draft", "approved"]),
    "open": ("Expected", sorted(OPEN)),
    "received": ("To be charged", ["received"]),
    "all": ("All", ()),
}
#: More lines than this of one order are not shown; an order has a few hundred at most.
SHOWN, LONGEST_LIST = 1_000, 500


def show(req: Req, me: Staff) -> Response:
    """Orders, newest first."""
    view = req.query.get("status", "")
    view = view if view in VIEWS else ""
    supplier_id, after = req.query.get("supplier"), req.query.get("after")
    with reading(req) as tx:
        found = queries.listed(
            tx, statuses=VIEWS[view][1], supplier_id=supplier_id if supplier_id and is_id(supplier_id) else None,
            after=after if after and is_id(after) else None,
        )  # fmt: skip
    kept = f"&supplier={supplier_id}" if supplier_id and is_id(supplier_id) else ""
    context = {
        "rows": [(row, shown(PURCHASE_ORDER.labels, row.status)) for row in found.rows],
        "tabs": [(label, f"{URL}?status={name}{kept}", name == view, None) for name, (label, _) in VIEWS.items()],
        "next_url": f"?status={view}{kept}&after={found.next_after}" if found.next_after else "",
        "first_url": f"{URL}?status={view}{kept}" if after else "",
    }
    return page(req, "console/purchases/page.html", context)


def one(req: Req, me: Staff) -> Response:
    """One order: its lines, what came, what was charged, its versions, and what can be done now."""
    return detail(req, me, Fields())


def detail(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    """The page of an order; `form` carries what was typed into it."""
    with reading(req) as tx:
        row = orders.by_number(tx, acts.number(req))
        lines = orders.lines_of(tx, [row.id])[:SHOWN]
        v = purchase_order_version.c
        versions = select(v.version, v.reason, v.made_at, v.actor).where(v.purchase_order_id == row.id)
        context: dict[str, Any] = {
            "row": row,
            "supplier": suppliers.load(tx, row.supplier_id),
            "facts": variants_by_ids(tx, [line.variant_id for line in lines]),
            "total_minor": orders.total_of(lines),
            "receipts": queries.receipts(tx, purchase_order_id=row.id).rows,
            "invoices": queries.invoices(tx, purchase_order_id=row.id).rows,
            "versions": tx.rows(versions.order_by(v.version.desc())),
            "timeline": _history(tx, row.id),
        }
    context |= {
        "lines": [(line, load(line.reasons), line_value(line.ordered, line.unit_price_e4)) for line in lines],
        "open_units": orders.open_units,
        "price": lambda e4: price_text(e4, row.currency),
        "label": shown(PURCHASE_ORDER.labels, row.status),
        "of_receipt": lambda word: shown(RECEIPT.labels, word),
        "of_invoice": lambda word: shown(INVOICE.labels, word),
        "acts": acts.possible(row.status, me),
        "is_below": context["total_minor"] < context["supplier"].minimum_order_minor,
        "form": form,
        "new_command": lambda: new_command(req),
    }
    return page(req, "console/purchases/one.html", context, status=status)


def _history(tx: Tx, order_id: str) -> list[dict[str, Any]]:
    """The steps of an order, the latest first."""
    names = {f"staff:{row.id}": row.name for row in staff.everyone(tx)}
    t = tables.status_change.c
    steps = tx.rows(select(t.to_status, t.changed_at, t.actor).where(t.subject_id == order_id).order_by(t.id.desc()))
    return [
        {"what": label.text, "note": "", "at": step.changed_at, "who": names.get(step.actor, step.actor),
         "icon": label.icon, "tone": "plain" if label.tone == "idle" else label.tone}
        for step in steps
        for label in [PURCHASE_ORDER.labels[step.to_status]]
    ]  # fmt: skip


# --- writing ---


def new(req: Req, me: Staff) -> Response:
    """The form of new orders; `?from=reorder` fills it with what is to be bought again and is not on order yet."""
    supplier_id = req.query.get("supplier", "")
    values = {"supplier": supplier_id if is_id(supplier_id) else "", "lines": ""}
    if req.query.get("from") == "reorder":
        with reading(req) as tx:
            values["lines"] = "\n".join(_to_reorder(tx))
    elif sku := asked(req, "sku", 64):
        values["lines"] = f"{sku} "
    return _form(req, Fields.of(values))


def _to_reorder(tx: Tx) -> list[str]:
    """What the reorder list asks for beyond what is on order, as lines of the form."""
    rows = to_reorder(tx, limit=LONGEST_LIST)
    coming = queries.on_order(tx, [row.variant_id for row in rows])
    found = []
    for row in rows:
        known = coming.get((row.variant_id, row.warehouse_id))
        wanted = row.suggested - (known.units if known is not None else 0)
        if wanted > 0:
            found.append(f"{row.sku} {wanted}")
    return found


def _form(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        rows = queries.suppliers(tx, limit=500).rows
    context = {
        "form": form,
        "suppliers": [(row.id, f"{row.code}: {row.name}") for row in rows],
        "command_id": new_command(req),
    }
    return page(req, "console/purchases/new.html", context, status=status)


def write(req: Req, me: Staff) -> Response:
    """Write one draft to the supplier named, or one to each preferred supplier."""
    form = Fields(req.form)
    supplier_id = req.form.get("supplier")
    text = form.text("lines", 40_000, label="The list", multiline=True, identifier=True)
    note = form.text("note", 1000, label="Note", required=False, multiline=True)
    made, left = [], []
    try:
        with changing(req, me) as tx:
            rows = listed.rows_of(tx, form, "lines", LONGEST_LIST) if text else []
            wants = [Want(variant_id, units) for variant_id, units in rows]
            if not form.errors:
                home = locations.warehouse_ids(tx)[0]
                if is_id(supplier_id):
                    made = [purchase.create(tx, supplier_id, home, wants, command_id(req), note=note)]
                else:
                    done = purchase.create_per_supplier(tx, home, wants, command_id(req), note=note)
                    made, left = list(done.order_ids), list(done.without_supplier)
                numbers = queries.numbers_of(tx, made)
                skus = [facts.sku for facts in variants_by_ids(tx, left).values()]
    except Refused as refused:
        for problem in refused.problems:
            form.fail("lines", sentence(problem.text))
    except Conflict as reason:
        form.fail("supplier", sentence(str(reason)))
    if not form.errors and not made:
        form.fail("lines", "Nobody sells these to us yet. Add terms at a supplier first.")
    if form.errors:
        return _form(req, form, 422)
    said = f"Written: {', '.join(f'PO-{each}' for each in numbers)}."
    if skus:
        said += f" Nobody sells us {', '.join(sorted(skus)[:10])}{' and more' if len(skus) > 10 else ''}."
    return redirect(req, f"{URL}/{numbers[0]}" if len(numbers) == 1 else f"{URL}?status=draft", notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """List, new, one, and what can be done to it."""
    may, change_it = "purchasing.read", "purchasing.change"
    here = URL + "/{number}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=change_it),
        staff_page(door, f"{URL}/new", write, permission=change_it, methods=("POST",)),
        staff_page(door, here, one, permission=may),
        *(
            staff_page(door, f"{here}/{name}", _doing(name), permission=change_it, methods=("POST",))
            for name in acts.ACTS
        ),
    ]


def _doing(name: str) -> Any:
    def act(req: Req, me: Staff) -> Response:
        form = Fields(req.form)
        notice = outcome(form, name, lambda: acts.ACTS[name](req, me, form))
        if form.errors:
            return detail(req, me, form, 422)
        return redirect(req, f"{URL}/{acts.number(req)}", notice=notice)

    act.__name__ = name
    if name not in acts.ACTS:
        raise Problem(404, "There is no such act.")
    return act
