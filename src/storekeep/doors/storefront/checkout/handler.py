"""The checkout: show it, keep what was typed and hold the goods, and place the order.

Placing is the one address that many press at once, so it is a coroutine: a form that carries nothing but the total
goes straight to the writer that combines orders, without a thread of its own.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storekeep.doors.storefront import visitor
from storekeep.doors.storefront.checkout import form as forms
from storekeep.doors.storefront.checkout.view import anchor, load
from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Fields, Form, Problem, Req, csrf, page, problem, redirect, route
from storekeep.doors.web.cookies import set_cart_count
from storekeep.doors.web.forms import BadForm
from storekeep.doors.web.page import read_form, read_request
from storekeep.flows import checkout
from storekeep.flows.checkout import NotPlaced, Placed, PlaceOrder
from storekeep.kernel.db import DatabaseUnusable
from storekeep.kernel.errors import Conflict
from storekeep.kernel.errors import Problem as InTheWay
from storekeep.shop.orders import carts
from storekeep.shop.reports import storefront

TEMPLATE = "store/checkout/page.html"
#: Problems of a form that is still being typed; they count only when the order is placed.
STILL_TYPING = frozenset(
    {"email_missing", "address_incomplete", "method_missing", "method_unavailable", "method_stale"}
)
_STRANGER = "The request did not come from a page of this shop."


class CheckoutPages:
    """The addresses of the checkout; `front` is the storefront they belong to."""

    def __init__(self, door: Door, front: Front) -> None:
        self._door = door
        self._front = front
        self._db = front.house.db

    def show(self, req: Req) -> Response:
        """GET /checkout. A cart that became an order leads to that order."""
        with self._db.read() as tx:
            cart = visitor.cart_of(tx, req)
            order = storefront.order_of_cart(tx, cart.id) if cart is not None else None
            if order is not None:
                return redirect(req, self._order_path(order.id, order.number))
        return self._page(req, None, ())

    def details(self, req: Req) -> Response:
        """POST /checkout/details: keep what was typed, hold the goods, price it anew."""
        fields, details = forms.read(req.form, complete=False)
        if fields.errors:
            return self._page(req, fields, (), status=422)
        with self._db.begin(actor="shopper") as tx:
            cart = visitor.open_cart_of(tx, req)
            if cart is None:
                raise Problem(409, "This cart is empty or became an order.")
            found = [one for one in checkout.hold(tx, cart.id, details) if one.code not in STILL_TYPING]
        if found:
            return self._page(req, None, found, status=422)
        if req.wants_fragment:
            return self._page(req, None, ())
        return redirect(req, "/checkout", notice="Saved. The sum is up to date.")

    async def place(self, request: Request) -> Response:
        """POST /checkout/place: details first when the form carries them, then the order, exactly one per cart."""
        try:
            typed = await read_form(request)
        except BadForm as reason:
            return await run_in_threadpool(problem, read_request(self._door, request), 400, str(reason))
        req = read_request(self._door, request, typed)
        if not csrf.is_same_origin(req.headers, (self._door.public_origin, *self._door.more_origins)):
            return await run_in_threadpool(problem, req, 403, _STRANGER)
        token = req.session_id or ""
        if forms.holds_details(typed):
            cart_id = await run_in_threadpool(self._cart_id, token)
            if cart_id is None:
                return redirect(req, "/cart")
            refused = await run_in_threadpool(self._keep_details, req, cart_id)
            if refused is not None:
                return refused
        seen = typed.get("seen_total")
        total = int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 15 else None
        provider = self._front.house.services.provider
        command = PlaceOrder("", total, provider=provider, token_hash=visitor.hash_of(token))
        try:
            answer = await asyncio.wrap_future(self._front.house.placing.submit(command))
        except DatabaseUnusable:
            return await run_in_threadpool(problem, req, 503)
        if isinstance(answer, NotPlaced):
            return await run_in_threadpool(self._refused, req, answer)
        return self._placed(req, answer)

    def _cart_id(self, token: str) -> str | None:
        with self._db.read() as tx:
            cart = carts.by_token(tx, visitor.hash_of(token))
        return None if cart is None else str(cart.id)

    def _keep_details(self, req: Req, cart_id: str) -> Response | None:
        """Keep and hold; an answer only when something is in the way. An order that is there already is no obstacle."""
        fields, details = forms.read(req.form, complete=True)
        if fields.errors:
            return self._page(req, fields, (), status=422)
        try:
            with self._db.begin(actor="shopper") as tx:
                found = checkout.hold(tx, cart_id, details)
        except Conflict:
            return None
        return self._page(req, fields, found, status=422) if found else None

    def _refused(self, req: Req, answer: NotPlaced) -> Response:
        fields = Fields(req.form) if forms.holds_details(req.form) else None
        return self._page(req, fields, answer.problems, status=409 if _is_only_a_change(answer) else 422)

    def _placed(self, req: Req, placed: Placed) -> Response:
        """To the order's way to pay; the order's page itself when nothing is to pay."""
        path = self._order_path(placed.order_id, placed.number)
        response = redirect(req, f"{path}/pay" if placed.total_minor else path)
        set_cart_count(response, 0)
        return response

    def _order_path(self, order_id: str, number: int) -> str:
        services = self._front.house.services
        return services.order_link(order_id, number, self._db.clock.now()).removeprefix(services.public_url)

    def _page(self, req: Req, fields: Fields | None, found: Sequence[InTheWay], *, status: int = 200) -> Response:
        """The checkout page with what was typed, or with what is kept when nothing was."""
        with self._db.read() as tx:
            cart = visitor.open_cart_of(tx, req)
            if cart is None:
                return redirect(req, "/cart")
            view, kept = load(tx, self._front.facts(tx), cart, found)
        if not view.lines:
            return redirect(req, "/cart")
        fields = fields or Fields.of(kept)
        if not fields.value("delivery") and kept["delivery"]:
            fields = _with_delivery(fields, kept["delivery"])
        for one in found:
            if anchor(one.path) in forms.FIELDS:
                fields.fail(anchor(one.path), one.text)
        context: dict[str, Any] = {"view": view, "form": fields, "cart_count": view.count}
        return page(req, TEMPLATE, context, status=status, fragment="checkout")


def _with_delivery(fields: Fields, code: str) -> Fields:
    """The same form with the way of delivery that the sum was made with."""
    names = [name for name in forms.FIELDS if name != "delivery"]
    filled = Fields(Form.of({**{name: fields.value(name) for name in names}, "delivery": code}))
    filled.errors.update(fields.errors)
    return filled


def _is_only_a_change(answer: NotPlaced) -> bool:
    return all(one.code == "price_changed" for one in answer.problems)


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The addresses of the checkout."""
    pages = CheckoutPages(door, front)
    return [
        route(door, "/checkout", pages.show),
        route(door, "/checkout/details", pages.details, methods=("POST",)),
        Route("/checkout/place", pages.place, methods=["POST"], name="place"),
    ]
