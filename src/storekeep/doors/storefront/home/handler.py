"""GET /: cached whole for everyone."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.home.view import load
from storekeep.doors.web import Door, Req, public_page, route


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of this page."""

    def home(req: Req) -> Response:
        with front.house.db.read() as tx:
            facts, bands = front.facts(tx), front.bands(tx)

        def view() -> dict[str, object]:
            with front.house.db.read() as tx:
                return {"view": load(tx, facts, bands)}

        return public_page(req, "store/home/page.html", view, revision=f"{facts.revision}:{bands.digest}")

    return [route(door, "/", home)]
