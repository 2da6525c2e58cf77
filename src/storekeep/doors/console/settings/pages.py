"""The pages that the shop writes: terms, privacy, returns, contact; with a preview before they are shown."""

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop import site
from storekeep.shop.catalog.model import slugify
from storekeep.shop.site import pages
from storekeep.shop.site.markdown import LONGEST

URL = "/console/settings/pages"


def show(req: Req, me: Staff) -> Response:
    """All pages in the order of the footer."""
    with reading(req) as tx:
        rows = pages.listed(tx)
    return page(req, "console/settings/pages.html", {"rows": rows})


def new(req: Req, me: Staff) -> Response:
    """An empty page."""
    return _form(req, Fields.of({"position": "0"}), None)


def edit(req: Req, me: Staff) -> Response:
    """One page as it is."""
    slug = req.path_params["slug"]
    with reading(req) as tx:
        row = pages.by_slug(tx, slug) if slug.isprintable() else None
    if row is None:
        raise Problem(404, "There is no such page.")
    form = Fields.of({"title": row.title, "body": row.body_markdown, "position": str(row.position)})
    return _form(req, form, row.slug)


def _form(req: Req, form: Fields, slug: str | None, status: int = 200, preview: str = "") -> Response:
    # to_html escapes everything first and adds only tags of its own.
    shown = Markup(site.to_html(preview)) if preview else ""  # noqa: S704
    context = {"form": form, "slug": slug, "preview": shown, "longest": LONGEST}
    return page(req, "console/settings/page_form.html", context, status=status)


def save(req: Req, me: Staff) -> Response:
    """Show what it will look like, or save it."""
    form, slug = Fields(req.form), req.path_params.get("slug")
    title = form.text("title", 120, label="Title")
    body = form.text("body", LONGEST, label="Text", required=False, multiline=True)
    position = form.integer("position", label="Place", maximum=10_000, required=False)
    address = slug or form.text("slug", 80, label="Web address", required=False).lower() or slugify(title)
    if req.form.get("do") == "preview":
        return _form(req, form, slug, preview=body)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                if slug is None and pages.by_slug(tx, address) is not None:
                    form.fail("slug", f"There is a page {address} already.")
                else:
                    pages.put(tx, [pages.PageDraft(address, title, body, position)])
        except Refused as refused:
            refusals.to_fields(form, refused, {"body_markdown": "body"}, first="title")
    if form.errors:
        return _form(req, form, slug, 422)
    return redirect(req, URL, notice=f"{title} is saved and shown.")


def remove(req: Req, me: Staff) -> Response:
    """Take a page away."""
    with changing(req, me) as tx:
        pages.remove(tx, req.path_params["slug"])
    return redirect(req, URL, notice="The page is gone.")


def routes(door: Door) -> list[BaseRoute]:
    """List, new, change, remove."""
    may, one = "settings.change", URL + "/page/{slug}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=may),
        staff_page(door, f"{URL}/new", save, permission=may, methods=("POST",)),
        staff_page(door, one, edit, permission=may),
        staff_page(door, one, save, permission=may, methods=("POST",)),
        staff_page(door, one + "/remove", remove, permission=may, methods=("POST",)),
    ]
