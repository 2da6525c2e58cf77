"""GET /categories/{slug}: sorted, filtered and paged by its query, cached whole."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.category.view import FILTERS, load, read
from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Problem, Req, public_page, route
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog import queries


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of this page."""

    def category(req: Req) -> Response:
        with front.house.db.read() as tx:
            facts, bands = front.facts(tx), front.bands(tx)
            row = queries.category_by_slug(tx, req.path_params["slug"])
        if row is None:
            raise Problem(404, "There is no such shelf in this shop.")
        chosen, after = read(req.query, facts.shop.currency), req.query.get("after")

        def view() -> dict[str, object]:
            try:
                with front.house.db.read() as tx:
                    return {"view": load(tx, facts, bands, row, chosen, after)}
            except Invalid as broken:
                raise Problem(404, broken.problems[0].text) from None

        revision = f"{facts.revision}:{bands.digest}"
        allowed = (*FILTERS, "after")
        return public_page(req, "store/category/page.html", view, revision=revision, allowed_query=allowed)

    return [route(door, "/categories/{slug}", category)]
