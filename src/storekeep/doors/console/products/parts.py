"""What a kit consists of: typed as a list of SKUs and units on the variant's page."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import listed, refusals
from storekeep.doors.console.frame import Staff, changing, reading, sentence, staff_page
from storekeep.doors.console.products import handler, variants
from storekeep.doors.web import Door, Fields, Req, redirect
from storekeep.doors.web.filters import plural
from storekeep.flows import kits
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.kits import MOST_PARTS, Part

FIELD = variants.PARTS


def save(req: Req, me: Staff) -> Response:
    """Make the variant a kit of the parts that are listed; an empty list makes it goods again."""
    form = Fields(req.form)
    form.text(FIELD, 4000, label="The list", required=False, multiline=True, identifier=True)
    with reading(req) as tx:
        found = handler.load(tx, req)
        row = handler.variant_of(found, req.path_params["variant_id"])
        wanted = [Part(variant_id, units) for variant_id, units in listed.rows_of(tx, form, FIELD, MOST_PARTS)]
    if not form.errors:
        try:
            with changing(req, me) as tx:
                kits.change(tx, row.id, wanted)
        except Refused as refused:
            refusals.to_fields(form, refused, {"qty": FIELD, "sku": FIELD}, first=FIELD)
        except Conflict as reason:
            form.fail(FIELD, sentence(str(reason)))
    if form.errors:
        return variants.parts_again(req, form)
    count = plural(len(wanted), "part", "parts")
    said = f"{row.sku} is a kit of {count} now." if wanted else f"{row.sku} is no kit any more."
    return redirect(req, f"{handler.URL}/{found.product.id}/variants/{row.id}", notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """Where the list is sent to."""
    address = handler.URL + "/{product_id}/variants/{variant_id}/parts"
    return [staff_page(door, address, save, permission="catalog.change", methods=("POST",))]
