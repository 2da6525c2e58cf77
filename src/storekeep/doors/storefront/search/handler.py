"""GET /search: the hits best first, cached whole; without a hit the page leads on."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.search.view import LONGEST, load
from storekeep.doors.web import Door, Problem, Req, public_page, route
from storekeep.kernel.errors import Invalid


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of this page."""

    def search(req: Req) -> Response:
        words = " ".join(req.query.get("q", "").split())[:LONGEST]
        after = req.query.get("after")
        with front.house.db.read() as tx:
            facts, bands = front.facts(tx), front.bands(tx)

        def view() -> dict[str, object]:
            try:
                with front.house.db.read() as tx:
                    return {"view": load(tx, facts, bands, words, after)}
            except Invalid as broken:
                raise Problem(404, broken.problems[0].text) from None

        revision = f"{facts.revision}:{bands.digest}"
        return public_page(req, "store/search/page.html", view, revision=revision, allowed_query=("q", "after"))

    return [route(door, "/search", search)]
