"""POST /tell-me from a product page, and the signed page where a wish is confirmed or ended."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect, route
from storekeep.flows import back_in_stock
from storekeep.kernel import links
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.links import LinkCheck
from storekeep.shop.catalog.lookups import is_id, resolve_codes, variants_by_ids
from storekeep.shop.catalog.model import VariantFacts
from storekeep.shop.customers import signups

TEMPLATE = "store/tell_me/page.html"
UNKNOWN = "This link leads to no wish of ours. Use the link from your mail."


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of the form, and those of one wish."""
    db = front.house.db

    def ask(req: Req) -> Response:
        """The answer is the same whether the address has asked before or not."""
        form = Fields(req.form)
        named = form.text("variant", 80, identifier=True)
        email = form.email("email")
        with db.read() as tx:
            facts = _variant(tx, named)
        if not form.errors:
            try:
                with db.begin(actor="shopper") as tx:
                    back_in_stock.sign_up(tx, facts.variant_id, email)
            except Invalid as refused:
                problem = refused.problems[0]
                if problem.path != "email":
                    back = f"/products/{facts.slug}?variant={facts.sku}"
                    return redirect(req, back, notice=problem.text)
                form.fail("email", problem.text)
        context = {"form": form, "facts": facts, "wish": None, "is_sent": not form.errors}
        return page(req, TEMPLATE, context, status=422 if form.errors else 200)

    def show(req: Req) -> Response:
        with db.read() as tx:
            wish = signups.load(tx, _signup_id(tx, front, req))
            facts = variants_by_ids(tx, [wish.variant_id])[wish.variant_id]
        context = {"form": Fields(), "facts": facts, "wish": wish, "is_sent": False, "here": req.path}
        return page(req, TEMPLATE, context)

    def decide(req: Req) -> Response:
        """A button, not the link itself: mail programs open links to look at them."""
        with db.begin(actor="shopper") as tx:
            signup_id = _signup_id(tx, front, req)
            if req.form.get("answer") == "yes":
                signups.confirm(tx, signup_id)
            else:
                signups.end(tx, signup_id)
        return redirect(req, req.path)

    one = "/tell-me/{signup_id}/{token}"
    return [
        route(door, "/tell-me", ask, methods=("POST",), guard="origin"),
        route(door, one, show),
        route(door, one, decide, methods=("POST",), guard="origin"),
    ]


def _variant(tx: Tx, named: str) -> VariantFacts:
    found = variants_by_ids(tx, [named]) if is_id(named) else resolve_codes(tx, [named] if named else [])
    if named not in found or not found[named].is_sellable:
        raise Problem(404, "This product is not in the shop.")
    return found[named]


def _signup_id(tx: Tx, front: Front, req: Req) -> str:
    """The wish of the address; one answer for a forged link and for a wish that there is not."""
    signup_id, token = req.path_params["signup_id"], req.path_params["token"]
    secret = front.house.services.link_secret
    seen = links.check(secret, back_in_stock.PURPOSE, signup_id[:40], token[:200], tx.now)
    if not is_id(signup_id) or seen is LinkCheck.FORGED:
        raise Problem(404, UNKNOWN)
    if seen is LinkCheck.EXPIRED:
        raise Problem(410, "This link is more than a year old. Ask again on the product's page.")
    return str(signup_id)
