"""The list of products, a new product, and a product's own page."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, new_command, reading, shown, staff_page
from storekeep.doors.console.products.fields import PRODUCT_NAMES, VARIANT_NAMES, read_product, read_variant
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Refused
from storekeep.shop import site
from storekeep.shop.catalog import ProductChange, ProductDraft, console, products, queries
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.catalog.model import slugify
from storekeep.shop.catalog.states import PRODUCT, VARIANT_LABELS
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.reports import console_floor

URL = "/console/products"
TAX_CLASSES = [("standard", "Standard"), ("reduced", "Reduced"), ("zero", "Zero")]


def show(req: Req, me: Staff) -> Response:
    """All products, newest first; by status, and found by title or the beginning of a SKU."""
    status, text = req.query.get("status", ""), refusals.asked(req, "q")
    if status not in PRODUCT.edges:
        status = ""
    with reading(req) as tx:
        try:
            found = console.all_products(tx, status=status or None, text=text, after=req.query.get("after"))
        except Invalid:
            found = console.all_products(tx, status=status or None, text=text)
        pictures = console_floor.first_pictures(tx, [row.id for row in found.rows])
    context = {
        "rows": [(row, shown(PRODUCT.labels, row.status), pictures.get(row.id)) for row in found.rows],
        "status": status,
        "text": text,
        "next_after": found.next_after,
        "is_first": not req.query.get("after"),
        "statuses": [(name, label.text) for name, label in PRODUCT.labels.items()],
    }
    return page(req, "console/products/page.html", context)


def new(req: Req, me: Staff) -> Response:
    """The form for a new product with its first variant."""
    start = {"tax_class": "standard", "weight_g": "0", "length_mm": "0", "width_mm": "0", "height_mm": "0"}
    return _new(req, Fields.of(start))


def _new(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        choices = [(row.id, row.name) for row in queries.categories(tx)]
    context = {"form": form, "categories": choices, "tax_classes": TAX_CLASSES}
    return page(req, "console/products/new.html", context, status=status)


def create(req: Req, me: Staff) -> Response:
    """Make a draft with one variant; pictures and further variants come on its own page."""
    form = Fields(req.form)
    with reading(req) as tx:
        currency = site.load(tx).currency
        category_ids = [row.id for row in queries.categories(tx)]
    values = read_product(form, category_ids)
    variant = read_variant(form, currency)
    values["slug"] = values["slug"] or slugify(values["title"]) or "product"
    if not form.errors:
        try:
            with changing(req, me) as tx:
                made = products.create(tx, [ProductDraft(variants=(variant,), **values)])[0]
        except Refused as refused:
            refusals.to_fields(form, refused, PRODUCT_NAMES | VARIANT_NAMES, first="title")
    if form.errors:
        return _new(req, form, 422)
    notice = "Made as a draft. Add pictures, then show it in the shop."
    return redirect(req, f"{URL}/{made.product_id}", notice=notice)


def edit(req: Req, me: Staff) -> Response:
    """One product: its texts, variants with prices and stock, and pictures."""
    with reading(req) as tx:
        found = load(tx, req)
    row = found.product
    texts = {
        name: getattr(row, name) for name in ("title", "slug", "summary", "description", "category_id", "tax_class")
    }
    return _edit(req, me, Fields.of({**texts, "revision": str(row.revision)}))


def _edit(req: Req, me: Staff, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        found = load(tx, req)
        categories = [(row.id, row.name) for row in queries.categories(tx)]
        stock = availability_of(tx, [row.id for row in found.variants])
    context = {
        "form": form,
        "product": found.product,
        "status": shown(PRODUCT.labels, found.product.status),
        "steps": _steps(found.product.status),
        "variants": [(row, shown(VARIANT_LABELS, row.status), stock[row.id]) for row in found.variants],
        "pictures": found.media,
        "skus": {row.id: row.sku for row in found.variants},
        "categories": categories,
        "tax_classes": TAX_CLASSES,
        "may_change": me.may("catalog.change"),
        "command_id": new_command(req),
    }
    return page(req, "console/products/product.html", context, status=status)


def _steps(status: str) -> list[tuple[str, str, str]]:
    """The buttons for a status: (where to, label, kind)."""
    show_it = ("active", "Show in the shop", "primary")
    return {
        "draft": [show_it, ("archived", "Archive", "plain")],
        "active": [("draft", "Take out of the shop", "plain"), ("archived", "Archive", "plain")],
        "archived": [show_it, ("draft", "Back to draft", "plain")],
    }[status]


def save(req: Req, me: Staff) -> Response:
    """Change texts, category or tax class; a page that somebody else overtook is refused."""
    form = Fields(req.form)
    with reading(req) as tx:
        found = load(tx, req)
        category_ids = [row.id for row in queries.categories(tx)]
    values = read_product(form, category_ids)
    revision = form.integer("revision", label="The version of this page")
    if not form.errors:
        change = ProductChange(found.product.id, expected_revision=revision, **values)
        try:
            with changing(req, me) as tx:
                products.update(tx, [change])
        except Refused as refused:
            refusals.to_fields(form, refused, PRODUCT_NAMES, first="title")
    if form.errors:
        return _edit(req, me, form, 422)
    return redirect(req, f"{URL}/{found.product.id}", notice="Saved.")


def move(req: Req, me: Staff) -> Response:
    """Show, hide or archive a product."""
    verbs = {"active": products.activate, "draft": products.withdraw, "archived": products.archive}
    verb = verbs.get(req.form.get("to"))
    if verb is None:
        raise Problem(400, "Choose what to do with the product.")
    with changing(req, me) as tx:
        product_id = load(tx, req).product.id
        verb(tx, [product_id])
    said = {"active": "The shop shows it now.", "draft": "It is out of the shop.", "archived": "Archived."}
    return redirect(req, f"{URL}/{product_id}", notice=said[req.form.get("to")])


def load(tx: Tx, req: Req) -> queries.ProductPage:
    """The product of this address; 404 otherwise."""
    product_id = req.path_params["product_id"]
    found = queries.product_by_id(tx, product_id) if is_id(product_id) else None
    if found is None:
        raise Problem(404, "There is no such product.")
    return found


def variant_of(found: queries.ProductPage, variant_id: str) -> Any:
    """One of the product's variants; 404 otherwise."""
    row = next((row for row in found.variants if row.id == variant_id), None)
    if row is None:
        raise Problem(404, "This product has no such variant.")
    return row


def routes(door: Door) -> list[BaseRoute]:
    """List, new, own page, status."""
    read, change = "catalog.read", "catalog.change"
    return [
        staff_page(door, URL, show, permission=read),
        staff_page(door, URL, create, permission=change, methods=("POST",)),
        staff_page(door, f"{URL}/new", new, permission=change),
        staff_page(door, URL + "/{product_id}", edit, permission=read),
        staff_page(door, URL + "/{product_id}", save, permission=change, methods=("POST",)),
        staff_page(door, URL + "/{product_id}/status", move, permission=change, methods=("POST",)),
    ]
