"""GET /products/{slug}: cached whole, one entry per variant."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.product.view import ProductView, load
from storekeep.doors.storefront.shown import promise_day
from storekeep.doors.web import Door, Fields, Problem, Req, public_page, route
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.queries import product_page
from storekeep.shop.pricing import rules as price_rules
from storekeep.shop.reports import shelves
from storekeep.shop.reports.shelves import Shelf

TEMPLATE = "store/product/page.html"


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of this page."""

    def product(req: Req) -> Response:
        slug, wanted = req.path_params["slug"], req.query.get("variant", "")[:80]
        with front.house.db.read() as tx:
            facts, there = front.facts(tx), shelves.of_product(tx, slug)
            book = price_rules.kept(tx, facts.shop.currency)
            moving = (facts.revision, str(book.revision), promise_day(tx), *(one.told for one in there.values()))

        def view() -> dict[str, object]:
            with front.house.db.read() as tx:
                return {"view": view_of(tx, front, slug, wanted, door.public_origin, there), "form": Fields()}

        return public_page(
            req, TEMPLATE, view, revision=":".join(moving), allowed_query=("variant",), fragment="product"
        )

    return [route(door, "/products/{slug}", product)]


def view_of(
    tx: Tx, front: Front, slug: str, wanted: str, origin: str, there: Mapping[str, Shelf] | None = None
) -> ProductView:
    """The page of a product; 404 when the shop does not show it, 410 when it did once."""
    page = product_page(tx, slug)
    if page is None or not page.variants:
        gone = product_page(tx, slug, also_hidden=True)
        if gone is not None and gone.product.status == "archived":
            raise Problem(410, f"{gone.product.title} is no longer sold.")
        raise Problem(404, "There is no such product in this shop.")
    if there is None:
        there = shelves.of_product(tx, slug)
    facts = front.facts(tx)
    book = price_rules.kept(tx, facts.shop.currency)
    return load(tx, facts, book, front.bands(tx), page, there, wanted, origin)
