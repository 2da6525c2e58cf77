"""A variant of a product: adding it, changing it and its price, closing it."""

from dataclasses import asdict

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, shown, staff_page
from storekeep.doors.console.products import handler
from storekeep.doors.console.products.fields import VARIANT_NAMES, read_variant
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.flows import told_apart
from storekeep.kernel.errors import Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog import VariantChange, console, kits, variants
from storekeep.shop.catalog.states import VARIANT_LABELS

#: The field that lists what a kit consists of
PARTS = "parts"
TEMPLATE = "console/products/variant.html"


def new(req: Req, me: Staff) -> Response:
    """The form for another variant, with the measures of the last one."""
    with reading(req) as tx:
        last = handler.load(tx, req).variants[-1:]
    measures = ("weight_g", "length_mm", "width_mm", "height_mm")
    return _form(req, Fields.of({name: str(getattr(last[0], name)) if last else "0" for name in measures}))


def edit(req: Req, me: Staff) -> Response:
    """One variant as it is."""
    return _form(req, Fields.of(_values(req)))


def _values(req: Req) -> dict[str, str]:
    with reading(req) as tx:
        row = handler.variant_of(handler.load(tx, req), req.path_params["variant_id"])
        currency = site.load(tx).currency
        parts = kits.parts_of(tx, [row.id]).get(row.id, [])
    values = {name: str(getattr(row, name) or 0) for name in ("weight_g", "length_mm", "width_mm", "height_mm")}
    values |= {"by_lot": "1" if row.tracking == "lot" else "", "shelf_life_days": str(row.shelf_life_days or "")}
    values[PARTS] = "\n".join(f"{part.sku} {part.qty}" for part in parts)
    values["min_days_at_ship"] = str(row.min_days_at_ship)
    values |= {"sku": row.sku, "option_label": row.option_label, "barcode": row.barcode or ""}
    values |= {"price": format_plain(row.price_minor, currency), "cost": format_plain(row.cost_minor, currency)}
    values["was"] = format_plain(row.compare_at_minor, currency) if row.compare_at_minor else ""
    return values


def parts_again(req: Req, typed: Fields) -> Response:
    """The page with the list of parts that was refused, and what is wrong with it."""
    form = Fields.of(_values(req) | {PARTS: typed.value(PARTS)})
    form.errors = typed.errors
    return _form(req, form, 422)


def _form(req: Req, form: Fields, status: int = 200) -> Response:
    variant_id = req.path_params.get("variant_id")
    with reading(req) as tx:
        found = handler.load(tx, req)
        row = handler.variant_of(found, variant_id) if variant_id else None
        prices = console.price_history(tx, row.id, limit=20) if row is not None else []
    label = None if row is None else shown(VARIANT_LABELS, row.status)
    context = {"form": form, "product": found.product, "variant": row, "prices": prices, "status": label}
    return page(req, TEMPLATE, context, status=status)


def create(req: Req, me: Staff) -> Response:
    """Add a variant; a SKU that another variant has is said at its field."""
    form = Fields(req.form)
    with reading(req) as tx:
        found = handler.load(tx, req)
        currency = site.load(tx).currency
    draft = read_variant(form, currency)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                variants.add(tx, [(found.product.id, draft)])
        except Refused as refused:
            refusals.to_fields(form, refused, VARIANT_NAMES, first="sku")
    if form.errors:
        return _form(req, form, 422)
    return redirect(req, f"{handler.URL}/{found.product.id}", notice=f"{draft.sku.upper()} is added.")


def save(req: Req, me: Staff) -> Response:
    """Change a variant; a new price goes into its history and holds for new carts."""
    form = Fields(req.form)
    with reading(req) as tx:
        found = handler.load(tx, req)
        row = handler.variant_of(found, req.path_params["variant_id"])
        currency = site.load(tx).currency
    values = asdict(read_variant(form, currency))
    values["compare_at_minor"] = values["compare_at_minor"] or 0
    values["shelf_life_days"] = values["shelf_life_days"] or 0
    values.pop("status")
    if not form.errors:
        try:
            with changing(req, me) as tx:
                told_apart.change(tx, [VariantChange(row.id, **values)])
        except Refused as refused:
            refusals.to_fields(form, refused, VARIANT_NAMES, first="sku")
    if form.errors:
        return _form(req, form, 422)
    return redirect(req, f"{handler.URL}/{found.product.id}", notice="Saved.")


def switch(req: Req, me: Staff) -> Response:
    """Close a variant or sell it again."""
    to = req.form.get("to")
    if to not in VARIANT_LABELS:
        raise Problem(400, "A variant is active or closed.")
    with changing(req, me) as tx:
        found = handler.load(tx, req)
        row = handler.variant_of(found, req.path_params["variant_id"])
        variants.update(tx, [VariantChange(row.id, status=to)])
    said = f"{row.sku} is sold again." if to == "active" else f"{row.sku} is no longer sold."
    return redirect(req, f"{handler.URL}/{found.product.id}", notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """Add, change, close."""
    home, change = handler.URL + "/{product_id}/variants", "catalog.change"
    return [
        staff_page(door, f"{home}/new", new, permission=change),
        staff_page(door, f"{home}/new", create, permission=change, methods=("POST",)),
        staff_page(door, home + "/{variant_id}", edit, permission=change),
        staff_page(door, home + "/{variant_id}", save, permission=change, methods=("POST",)),
        staff_page(door, home + "/{variant_id}/status", switch, permission=change, methods=("POST",)),
    ]
