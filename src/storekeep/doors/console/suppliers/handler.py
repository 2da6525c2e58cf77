"""The pages of suppliers: the list, one with its scorecard and price list, and the forms."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, sentence, staff_page
from storekeep.doors.console.refusals import asked
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog.lookups import is_id, resolve_codes
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.purchasing import queries, scorecard, suppliers
from storekeep.shop.purchasing.model import PriceBreak, SupplierDraft, TermsDraft, parse_price, price_text

URL = "/console/suppliers"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Price breaks that the form of terms offers beside the first price.
TIERS = (2, 3)


def show(req: Req, me: Staff) -> Response:
    """Suppliers by code."""
    text, after = asked(req, "q"), asked(req, "after", 32)
    status = "archived" if req.query.get("status") == "archived" else "active"
    with reading(req) as tx:
        found = queries.suppliers(tx, status=status, text=text, after=after)
    context = {"found": found, "text": text, "status": status, "is_first": not after}
    return page(req, "console/suppliers/page.html", context)


def new(req: Req, me: Staff) -> Response:
    """The empty form."""
    with reading(req) as tx:
        form = Fields.of({"currency": site.load(tx).currency, "minimum_order": "0"})
    return _form(req, form, None)


def _form(req: Req, form: Fields, row: Any, status: int = 200) -> Response:
    context = {"form": form, "row": row, "days": list(enumerate(DAYS, 1))}
    return page(req, "console/suppliers/form.html", context, status=status)


def add(req: Req, me: Staff) -> Response:
    """Add a supplier."""
    form = Fields(req.form)
    draft = _read(req, form)
    supplier_id = ""
    if not form.errors:
        supplier_id = _kept(req, me, form, lambda tx: suppliers.add(tx, draft)) or ""
    if form.errors:
        return _form(req, form, None, 422)
    return redirect(req, f"{URL}/{supplier_id}", notice=f"{draft.name} is a supplier now. Add what it sells.")


def edit(req: Req, me: Staff) -> Response:
    """The form of a supplier."""
    with reading(req) as tx:
        row = suppliers.load(tx, _id(req))
    values: dict[str, Any] = {
        "code": row.code, "name": row.name, "email": row.email, "currency": row.currency,
        "minimum_order": format_plain(row.minimum_order_minor, row.currency), "order_days": tuple(row.order_days),
    }  # fmt: skip
    return _form(req, Fields.of(values), row)


def change(req: Req, me: Staff) -> Response:
    """Change a supplier."""
    form, supplier_id = Fields(req.form), _id(req)
    draft = _read(req, form)
    if not form.errors:
        _kept(req, me, form, lambda tx: suppliers.change(tx, supplier_id, draft))
    if form.errors:
        with reading(req) as tx:
            row = suppliers.load(tx, supplier_id)
        return _form(req, form, row, 422)
    return redirect(req, f"{URL}/{supplier_id}", notice="Saved.")


def _read(req: Req, form: Fields) -> SupplierDraft:
    with reading(req) as tx:
        currency = site.load(tx).currency
    return SupplierDraft(
        form.text("code", 32, label="Code", identifier=True),
        form.text("name", 120, label="Name"),
        form.email("email", label="E-mail for orders"),
        form.text("currency", 3, label="Currency"),
        form.money("minimum_order", currency, label="Smallest order", required=False),
        "".join(form.values("order_days")),
    )


def _kept(req: Req, me: Staff, form: Fields, act: Any) -> Any:
    try:
        with changing(req, me) as tx:
            return act(tx)
    except Conflict as reason:
        form.fail("code", sentence(str(reason)))
    except Refused as refused:
        refusals.to_fields(form, refused, {"minimum_order": "minimum_order", "lines": "sku"}, first="code")
    return None


def set_status(req: Req, me: Staff) -> Response:
    """Archive, or take up again."""
    status, supplier_id = req.form.get("status"), _id(req)
    with changing(req, me) as tx:
        suppliers.set_status(tx, supplier_id, status)
    said = "Archived: nothing new is bought there." if status == "archived" else "Taken up again."
    return redirect(req, f"{URL}/{supplier_id}", notice=said)


def one(req: Req, me: Staff) -> Response:
    """A supplier: scorecard, open orders, and what it sells. `?sku=` opens the form with the terms that are known."""
    values = {"moq": "1", "pack_multiple": "1", "lead_days": "7", "is_preferred": "1"}
    sku = clean_sku(asked(req, "sku", 64))
    if sku:
        with reading(req) as tx:
            values |= _known(tx, _id(req), sku)
    return _one(req, me, Fields.of(values))


def _one(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    supplier_id, after = _id(req), clean_sku(asked(req, "after", 64))
    with reading(req) as tx:
        row = suppliers.load(tx, supplier_id)
        shop = site.load(tx)
        context: dict[str, Any] = {
            "row": row,
            "score": scorecard.score(tx, supplier_id, shop.timezone),
            "sells": queries.price_list(tx, supplier_id, after=after),
            "orders": queries.listed(tx, supplier_id=supplier_id, limit=8).rows,
            "is_first": not after,
        }
    context |= {
        "form": form,
        "tiers": TIERS,
        "order_days": [DAYS[int(day) - 1] for day in row.order_days],
        "price": lambda e4: price_text(e4, row.currency),
        "may_change": me.may("purchasing.change"),
    }
    return page(req, "console/suppliers/one.html", context, status=status)


def _known(tx: Tx, supplier_id: str, sku: str) -> dict[str, str]:
    """The terms of a SKU as the form wants them; empty for one that there is not."""
    facts = resolve_codes(tx, [sku]).get(sku)
    if facts is None:
        return {}
    terms = suppliers.terms_of(tx, supplier_id, [facts.variant_id]).get(facts.variant_id)
    if terms is None:
        return {"sku": facts.sku}
    currency = site.load(tx).currency
    values = {name: str(getattr(terms, name)) for name in ("supplier_sku", "moq", "pack_multiple", "lead_days")}
    for n, each in enumerate(terms.breaks[: 1 + len(TIERS)], 1):
        values |= {f"from_{n}": str(each.from_qty), f"price_{n}": price_text(each.unit_price_e4, currency)}
    return {**values, "sku": facts.sku, "is_preferred": "1" if terms.is_preferred else ""}


def set_terms(req: Req, me: Staff) -> Response:
    """Add or change what the supplier asks for one SKU."""
    form, supplier_id = Fields(req.form), _id(req)
    with reading(req) as tx:
        currency = suppliers.load(tx, supplier_id).currency
        sku = form.text("sku", 64, label="SKU", identifier=True)
        facts = resolve_codes(tx, [sku]).get(sku) if sku else None
    if sku and facts is None:
        form.fail("sku", f"There is no SKU {sku}.")
    draft = TermsDraft(
        facts.variant_id if facts is not None else "",
        form.text("supplier_sku", 64, label="Their number", required=False, identifier=True),
        _breaks(req, form, currency),
        form.integer("moq", label="Smallest order", minimum=1, maximum=suppliers.MOST_UNITS),
        form.integer("pack_multiple", label="Pack", minimum=1, maximum=suppliers.MOST_UNITS),
        form.integer("lead_days", label="Lead time", minimum=1, maximum=suppliers.LONGEST_LEAD),
        form.checked("is_preferred"),
    )
    if not form.errors:
        _kept_terms(req, me, form, supplier_id, draft)
    if form.errors:
        return _one(req, me, form, 422)
    return redirect(req, f"{URL}/{supplier_id}#sells", notice=f"The terms for {sku.upper()} are kept.")


def _kept_terms(req: Req, me: Staff, form: Fields, supplier_id: str, draft: TermsDraft) -> None:
    names = {"breaks": "price_1", "price": "price_1", "variant_id": "sku"}
    try:
        with changing(req, me) as tx:
            suppliers.set_terms(tx, supplier_id, [draft])
    except Refused as refused:
        refusals.to_fields(form, refused, names, first="sku")


def _breaks(req: Req, form: Fields, currency: str) -> tuple[PriceBreak, ...]:
    found = []
    for n in (1, *TIERS):
        text = req.form.get(f"price_{n}").strip()
        if not text and n > 1:
            continue
        try:
            price = parse_price(text, currency)
        except ValueError as reason:
            form.fail(f"price_{n}", str(reason))
            continue
        at = 1 if n == 1 else form.integer(f"from_{n}", label="From", minimum=2, maximum=suppliers.MOST_UNITS)
        found.append(PriceBreak(at, price))
    return tuple(found)


def drop_terms(req: Req, me: Staff) -> Response:
    """The supplier does not sell this any more."""
    supplier_id, variant_id = _id(req), req.form.get("variant_id")
    if not is_id(variant_id):
        raise Problem(400, "The form came without its goods. Open the page again and send it from there.")
    with changing(req, me) as tx:
        suppliers.drop_terms(tx, supplier_id, variant_id)
    return redirect(req, f"{URL}/{supplier_id}#sells", notice="Taken off the price list.")


def _id(req: Req) -> str:
    found = req.path_params["supplier_id"]
    if not is_id(found):
        raise Problem(404, "There is no such supplier.")
    return str(found)


def routes(door: Door) -> list[BaseRoute]:
    """List, one, and the forms."""
    may, change_it, post = "purchasing.read", "purchasing.change", ("POST",)
    here = URL + "/{supplier_id}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=change_it),
        staff_page(door, f"{URL}/new", add, permission=change_it, methods=post),
        staff_page(door, here, one, permission=may),
        staff_page(door, f"{here}/edit", edit, permission=change_it),
        staff_page(door, f"{here}/edit", change, permission=change_it, methods=post),
        staff_page(door, f"{here}/status", set_status, permission=change_it, methods=post),
        staff_page(door, f"{here}/terms", set_terms, permission=change_it, methods=post),
        staff_page(door, f"{here}/terms/drop", drop_terms, permission=change_it, methods=post),
    ]
