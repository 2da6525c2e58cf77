"""Pictures of a product: uploading, describing, putting first, taking away."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, house, reading, staff_page
from storekeep.doors.console.products import handler, picture_file
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop.catalog import MediaDraft, media

TEMPLATE = "console/products/pictures.html"


def show(req: Req, me: Staff) -> Response:
    """The pictures of a product and the form for another."""
    return _show(req, Fields())


def _show(req: Req, form: Fields, status: int = 200) -> Response:
    with reading(req) as tx:
        found = handler.load(tx, req)
    skus = {row.id: row.sku for row in found.variants}
    context = {
        "form": form,
        "product": found.product,
        "pictures": [(row, skus.get(row.variant_id, "")) for row in found.media],
        "variants": [(row.sku, f"only {row.sku} {row.option_label}".rstrip()) for row in found.variants],
    }
    return page(req, TEMPLATE, context, status=status)


def add(req: Req, me: Staff) -> Response:
    """Store a picture whose content is PNG, JPEG or WebP, at most 4 MB, with its description."""
    form = Fields(req.form)
    alt = form.text("alt", 300, label="Description")
    upload = req.form.uploads.get("picture")
    ending = ""
    if upload is None:
        form.fail("picture", "Choose a picture.")
    else:
        try:
            ending = picture_file.check(upload.data)
        except picture_file.BadPicture as reason:
            form.fail("picture", str(reason))
    with reading(req) as tx:
        found = handler.load(tx, req)
    sku = form.choice("variant_sku", [row.sku for row in found.variants], label="A variant", required=False)
    if not form.errors and upload is not None:
        name = picture_file.keep(house(req).media_folder, upload.data, ending)
        try:
            with changing(req, me) as tx:
                home = handler.load(tx, req)
                media.replace_all(tx, {home.product.id: [*_drafts(home), MediaDraft(name, alt, sku or None)]})
        except Refused as refused:
            refusals.to_fields(form, refused, {"file_name": "picture"}, first="alt")
    if form.errors:
        return _show(req, form, 422)
    return redirect(req, f"{handler.URL}/{found.product.id}/pictures", notice="The picture is added.")


def change(req: Req, me: Staff) -> Response:
    """Describe a picture anew, put it first, or take it away."""
    picture_id, act = req.path_params["picture_id"], req.form.get("do")
    with changing(req, me) as tx:
        found = handler.load(tx, req)
        rows = list(found.media)
        row = next((row for row in rows if row.id == picture_id), None)
        if row is None:
            raise Problem(404, "This picture is gone.")
        drafts = _drafts(found)
        at = rows.index(row)
        one = drafts.pop(at)
        if act == "first":
            drafts.insert(0, one)
        elif act == "describe":
            alt = " ".join(req.form.get("alt").split())
            drafts.insert(at, MediaDraft(one.file_name, alt, one.variant_sku))
        elif act != "remove":
            raise Problem(400, "Choose what to do with the picture.")
        media.replace_all(tx, {found.product.id: drafts})
    said = {"first": "It is the first picture now.", "describe": "Description saved.", "remove": "The picture is gone."}
    return redirect(req, f"{handler.URL}/{found.product.id}/pictures", notice=said[act])


def _drafts(found: Any) -> list[MediaDraft]:
    skus = {row.id: row.sku for row in found.variants}
    rows: Sequence[Any] = found.media
    return [MediaDraft(row.file_name, row.alt, skus.get(row.variant_id)) for row in rows]


def routes(door: Door) -> list[BaseRoute]:
    """Show, add, change."""
    home, may = handler.URL + "/{product_id}/pictures", "catalog.change"
    return [
        staff_page(door, home, show, permission=may),
        staff_page(door, home, add, permission=may, methods=("POST",)),
        staff_page(door, home + "/{picture_id}", change, permission=may, methods=("POST",)),
    ]
