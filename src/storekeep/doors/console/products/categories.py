"""Categories: the list, a new one, changing and removing."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.catalog import CategoryDraft, categories, queries
from storekeep.shop.catalog.model import slugify

URL = "/console/products/categories"


def show(req: Req, me: Staff) -> Response:
    """All categories in their order, with the form for another."""
    return _list(req, Fields())


def _list(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        rows = queries.categories(tx)
    return page(req, "console/products/categories.html", {"rows": rows, "form": form}, status=status)


def create(req: Req, me: Staff) -> Response:
    """Make a category; its address comes from its name unless one is typed."""
    form = Fields(req.form)
    draft = _draft(form)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                categories.create(tx, [draft])
        except Refused as refused:
            refusals.to_fields(form, refused, first="name")
    if form.errors:
        return _list(req, form, 422)
    return redirect(req, URL, notice=f"{draft.name} is added.")


def edit(req: Req, me: Staff) -> Response:
    """One category."""
    row = _row(req)
    start = {"name": row.name, "slug": row.slug, "description": row.description, "position": str(row.position)}
    return page(req, "console/products/category.html", {"form": Fields.of(start), "category": row})


def save(req: Req, me: Staff) -> Response:
    """Change a category."""
    row, form = _row(req), Fields(req.form)
    draft = _draft(form)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                categories.update(tx, [(row.id, draft)])
        except Refused as refused:
            refusals.to_fields(form, refused, first="name")
    if form.errors:
        return page(req, "console/products/category.html", {"form": form, "category": row}, status=422)
    return redirect(req, URL, notice="Saved.")


def remove(req: Req, me: Staff) -> Response:
    """Remove a category without products; otherwise the reason is said."""
    row = _row(req)
    with changing(req, me) as tx:
        categories.remove(tx, [row.id])
    return redirect(req, URL, notice=f"{row.name} is removed.")


def _draft(form: Fields) -> CategoryDraft:
    name = form.text("name", 120, label="Name")
    slug = form.text("slug", 80, label="Web address", required=False).lower()
    description = form.text("description", 2_000, label="Description", required=False, multiline=True)
    position = form.integer("position", label="Place", maximum=100_000, required=False, default=-1)
    return CategoryDraft(slug or slugify(name), name, description, None if position < 0 else position)


def _row(req: Req) -> queries.CategoryCount:
    with reading(req) as tx:
        rows = queries.categories(tx)
    row = next((row for row in rows if row.id == req.path_params["category_id"]), None)
    if row is None:
        raise Problem(404, "There is no such category.")
    return row


def routes(door: Door) -> list[BaseRoute]:
    """List, make, change, remove."""
    may = "catalog.change"
    return [
        staff_page(door, URL, show, permission="catalog.read"),
        staff_page(door, URL, create, permission=may, methods=("POST",)),
        staff_page(door, URL + "/{category_id}", edit, permission=may),
        staff_page(door, URL + "/{category_id}", save, permission=may, methods=("POST",)),
        staff_page(door, URL + "/{category_id}/remove", remove, permission=may, methods=("POST",)),
    ]
