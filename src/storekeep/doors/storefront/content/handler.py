"""GET /pages/{slug}: what the owner wrote, cached whole."""

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Problem, Req, public_page, route
from storekeep.shop.site import pages
from storekeep.shop.site.markdown import to_html


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of such pages."""

    def content(req: Req) -> Response:
        with front.house.db.read() as tx:
            facts = front.facts(tx)

        def view() -> dict[str, object]:
            with front.house.db.read() as tx:
                row = pages.by_slug(tx, req.path_params["slug"])
            if row is None:
                raise Problem(404, "There is no such page in this shop.")
            # The renderer of the site's texts escapes everything and adds only its own tags.
            return {"title": row.title, "body": Markup(to_html(row.body_markdown)), "slug": row.slug}  # noqa: S704

        return public_page(req, "store/content/page.html", view, revision=facts.revision)

    return [route(door, "/pages/{slug}", content)]
