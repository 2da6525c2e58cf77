"""The cart: show it, add to it from a cached page, change it, use a code, agree to new prices."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront import visitor
from storekeep.doors.storefront.cart.view import CartView, load
from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.product import handler as product
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect, route
from storekeep.doors.web.cookies import set_cart_count, set_session
from storekeep.flows import basket
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop.catalog.lookups import is_id, resolve_codes, variants_by_ids
from storekeep.shop.catalog.model import VariantFacts
from storekeep.shop.orders.carts import MAX_QTY
from storekeep.shop.reports import storefront

TEMPLATE = "store/cart/page.html"
COOKIE_LIFE_S = 60 * 60 * 24 * 30


class CartPages:
    """The addresses of the cart; `front` is the storefront they belong to."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._db = front.house.db

    def show(self, req: Req) -> Response:
        """GET /cart."""
        with self._db.read() as tx:
            cart = visitor.cart_of(tx, req)
            order = storefront.order_of_cart(tx, cart.id) if cart is not None else None
            view = load(tx, self._front.facts(tx), cart) if cart is not None and order is None else None
            link = self._order_path(order.id, order.number, tx.now) if order is not None else ""
        return self._page(req, view, Fields(), order_link=link, order_number=order.number if order else 0)

    def add(self, req: Req) -> Response:
        """POST /cart/add, from a cached page: the browser's own word that it comes from us must do."""
        form = Fields(req.form)
        named = form.text("variant", 80, identifier=True)
        count = form.integer("quantity", label="Quantity", minimum=1, maximum=10**9, default=1)
        if form.error("quantity"):
            return self._product_again(req, form, named)
        with self._db.begin(actor="shopper") as tx:
            facts = _variant(tx, named)
            token, cart_id = self._cart_for_writing(tx, req)
            try:
                kept, capped = self._put(tx, cart_id, facts.variant_id, count)
            except (NotFound, Invalid) as refusal:
                raise Problem(409, f"{facts.title}: {refusal}.") from None
            total = sum(line.qty for line in basket.price(tx, cart_id).wanted)
        notice = f"{facts.title} is in your cart."
        if capped:
            notice = f"At most {kept} of {facts.title} fit into one order; {kept} are in your cart."
        response = redirect(req, "/cart", notice=notice)
        set_session(response, req.door.cookie_name, token, COOKIE_LIFE_S)
        set_cart_count(response, total)
        return response

    def change(self, req: Req) -> Response:
        """POST /cart/lines: one quantity; 0 takes the line out."""
        form = Fields(req.form)
        line_id = form.text("line", 40)
        name = f"quantity-{line_id}"
        wanted = 0 if form.checked("remove") else form.integer(name, label="Quantity", maximum=10**9)
        with self._db.begin(actor="shopper") as tx:
            cart = self._own_cart(tx, req)
            line = next((one for one in basket.price(tx, cart.id).wanted if one.id == line_id), None)
            notice = ""
            if line is not None and not form.errors:
                kept = min(wanted, MAX_QTY)
                try:
                    basket.put(tx, cart.id, line.variant_id, kept, add=False)
                except NotFound:
                    form.fail(name, f"{line.title} is no longer sold; please take it out of the cart.")
                if kept < wanted:
                    notice = f"At most {MAX_QTY} of {line.title} fit into one order."
        return self._changed(req, form, notice)

    def use_code(self, req: Req) -> Response:
        """POST /cart/code: keep a code; an empty one takes it away."""
        form = Fields(req.form)
        code = "" if form.checked("remove") else form.text("code", 40, label="Code", required=False)
        if not form.errors:
            with self._db.begin(actor="shopper") as tx:
                basket.use_code(tx, self._own_cart(tx, req).id, code)
        return self._changed(req, form, "")

    def accept(self, req: Req) -> Response:
        """POST /cart/prices: the shopper agrees to the prices of today."""
        with self._db.begin(actor="shopper") as tx:
            basket.accept_prices(tx, self._own_cart(tx, req).id)
        return self._changed(req, Fields(), "The new prices are in your cart.")

    def _cart_for_writing(self, tx: Tx, req: Req) -> tuple[str, str]:
        """The visitor's token and open cart; both new when there is none, or when it became an order."""
        cart = visitor.open_cart_of(tx, req)
        if cart is not None and req.session_id is not None:
            return req.session_id, cart.id
        token = visitor.new_token()
        return token, basket.open_cart(tx, visitor.hash_of(token))

    def _put(self, tx: Tx, cart_id: str, variant_id: str, count: int) -> tuple[int, bool]:
        """Add, up to the most that one line holds. Returns what is there now and whether that is less than asked."""
        there = next((line.qty for line in basket.price(tx, cart_id).wanted if line.variant_id == variant_id), 0)
        fits = min(count, MAX_QTY - there)
        if fits > 0:
            basket.put(tx, cart_id, variant_id, fits, add=True)
        return there + max(0, fits), fits < count

    def _own_cart(self, tx: Tx, req: Req) -> Any:
        cart = visitor.open_cart_of(tx, req)
        if cart is None:
            raise Problem(409, "This cart is empty or became an order.")
        return cart

    def _changed(self, req: Req, form: Fields, notice: str) -> Response:
        if form.errors:
            with self._db.read() as tx:
                cart = visitor.open_cart_of(tx, req)
                view = load(tx, self._front.facts(tx), cart) if cart is not None else None
            return self._page(req, view, form, status=422)
        with self._db.read() as tx:
            cart = visitor.open_cart_of(tx, req)
            count = sum(line.qty for line in basket.price(tx, cart.id).wanted) if cart is not None else 0
        response = redirect(req, "/cart", notice=notice)
        set_cart_count(response, count)
        return response

    def _product_again(self, req: Req, form: Fields, named: str) -> Response:
        with self._db.read() as tx:
            facts = _variant(tx, named)
            view = product.view_of(tx, self._front, facts.slug, facts.sku, req.door.public_origin)
        return page(req, product.TEMPLATE, {"view": view, "form": form}, status=422)

    def _order_path(self, order_id: str, number: int, now: int) -> str:
        services = self._front.house.services
        return services.order_link(order_id, number, now).removeprefix(services.public_url)

    def _page(
        self,
        req: Req,
        view: CartView | None,
        form: Fields,
        *,
        status: int = 200,
        order_link: str = "",
        order_number: int = 0,
    ) -> Response:
        context = {"view": view, "form": form, "order_link": order_link, "order_number": order_number}
        response = page(req, TEMPLATE, {**context, "cart_count": view.count if view else 0}, status=status)
        set_cart_count(response, view.count if view else 0)
        return response


def _variant(tx: Tx, named: str) -> VariantFacts:
    """The variant that a form names by SKU or id."""
    found = variants_by_ids(tx, [named]) if is_id(named) else resolve_codes(tx, [named] if named else [])
    if named not in found:
        raise Problem(404, "This product is not in the shop.")
    return found[named]


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The addresses of the cart."""
    pages = CartPages(front)

    return [
        route(door, "/cart", pages.show),
        route(door, "/cart/add", pages.add, methods=("POST",), guard="origin"),
        route(door, "/cart/lines", pages.change, methods=("POST",)),
        route(door, "/cart/code", pages.use_code, methods=("POST",)),
        route(door, "/cart/prices", pages.accept, methods=("POST",)),
    ]
