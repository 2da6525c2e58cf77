"""The order's addresses: the page itself, the ways to and back from payment, canceling, and "something is wrong"."""

import logging
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.order.link import LinkExpired, order_of
from storekeep.doors.storefront.order.payment import OPENING
from storekeep.doors.storefront.order.view import of_story
from storekeep.doors.web import Door, Fields, Form, Problem, Req, page, redirect, redirect_out, route
from storekeep.flows import cancel, reply, settle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.reports import storefront
from storekeep.shop.support import conversations
from storekeep.shop.support.model import REASONS

log = logging.getLogger("storekeep.storefront")

TEMPLATE = "store/order/page.html"
RESUMABLE = frozenset({"requires_action", "declined"})


class OrderPages:
    """The addresses of one order; `front` is the storefront they belong to."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._house = front.house
        self._db = front.house.db

    def show(self, req: Req) -> Response:
        """GET: where the order is."""
        return self._page(req, Fields())

    def paid(self, req: Req) -> Response:
        """GET, back from the payment page: it shows, and sees to it that we look; it decides nothing."""
        return self._come_back(req, "paid")

    def back(self, req: Req) -> Response:
        """GET, back from the payment page without paying."""
        return self._come_back(req, "back")

    def pay(self, req: Req) -> Response:
        """GET: on to the payment page, as soon as the provider has opened it."""
        with self._db.read() as tx:
            order = order_of(tx, self._front, req)
            attempt = storefront.newest_attempt(tx, order.id)
        if order.status != "pending_payment" or attempt is None:
            return redirect(req, _here(req))
        if attempt.status in OPENING or attempt.status == "unknown":
            self._house.worker.run_keys([f"payment.open:{attempt.id}"])
            with self._db.read() as tx:
                attempt = storefront.newest_attempt(tx, order.id)
        return self._out(req, attempt)

    def pay_again(self, req: Req) -> Response:
        """POST: back to the payment page that is open, or to a new one."""
        with self._db.begin(actor="shopper") as tx:
            order = order_of(tx, self._front, req)
            attempt = storefront.newest_attempt(tx, order.id)
            if attempt is None or attempt.status not in RESUMABLE or not attempt.redirect_url:
                try:
                    settle.pay_again(tx, order.id, self._house.services.provider)
                except Conflict:
                    return redirect(req, _here(req), notice="There is nothing to pay on this order now.")
        return redirect(req, f"{_here(req)}/pay")

    def cancel(self, req: Req) -> Response:
        """POST: cancel what was not picked yet; the second press changes nothing."""
        with self._db.begin(actor="shopper") as tx:
            order = order_of(tx, self._front, req)
            command_id = f"shopper-cancel:{order.id}"
            try:
                refund = cancel.cancel_order(tx, order.id, reason="canceled by the shopper", command_id=command_id)
            except (Conflict, Refused) as refusal:
                raise Problem(409, f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.") from None
        money = " What you paid is on its way back to you." if refund else ""
        return redirect(req, _here(req), notice=f"Order {order.number} is canceled.{money}")

    def problem(self, req: Req) -> Response:
        """POST: something is wrong; a conversation opens."""
        form = Fields(req.form)
        command_id = form.text("command_id", 80, identifier=True)
        reason = form.choice("reason", tuple(REASONS), label="What is wrong")
        text = form.text("text", 4000, label="What happened", required=False, multiline=True)
        units = {
            name.removeprefix("qty-"): form.integer(name, label="How many", maximum=999, required=False)
            for name in req.form.values
            if name.startswith("qty-")
        }
        if form.errors:
            return self._page(req, form, status=422)
        try:
            with self._db.begin(actor="shopper") as tx:
                order = order_of(tx, self._front, req)
                heard = reply.report_problem(tx, order.id, units, reason, text, command_id)
        except Refused as refusal:
            for one in refusal.problems:
                form.fail(one.path.replace("lines.", "qty-"), one.text)
            return self._page(req, form, status=422)
        path = heard.link.removeprefix(self._house.services.public_url)
        return redirect(req, path, notice="We have your message. You find our answer here and in your mail.")

    def _come_back(self, req: Req, how: str) -> Response:
        with self._db.begin(actor="shopper") as tx:
            order = order_of(tx, self._front, req)
            attempt = storefront.newest_attempt(tx, order.id)
            waits = order.status == "pending_payment" and attempt is not None
            key = settle.ask_to_observe(tx, attempt.payment_id, f"came {how}") if waits and attempt else None
        if key is None:
            return redirect(req, _here(req))
        if not self._house.worker.run_keys([key]) and attempt is not None:
            self._look_again(attempt.payment_id)
        return self._page(req, Fields(), came_back=how)

    def _look_again(self, payment_id: str) -> None:
        """This minute's look is done or under way, but the shopper may have paid since. The page shows in any case."""
        try:
            settle.observe(self._house.services, payment_id)
        except Exception:
            log.exception("looking at payment %s failed; the worker looks again", payment_id)

    def _out(self, req: Req, attempt: Any) -> Response:
        """To the payment page; to the order's page while there is none to go to."""
        url = (attempt.redirect_url or "") if attempt is not None and attempt.status in RESUMABLE else ""
        if url.startswith(("http://", "https://")):
            return redirect_out(req, url)
        return redirect(req, _here(req))

    def _page(self, req: Req, form: Fields, *, came_back: str = "", status: int = 200) -> Response:
        with self._db.read() as tx:
            order = order_of(tx, self._front, req)
            story = storefront.order_story(tx, order)
            country = storefront.country_name(tx, order.country)
            days = self._front.facts(tx).shop.return_days
            talks = self._talks(tx, story.conversations)
            view = of_story(story, talks, country=country, came_back=came_back, return_days=days)
        if came_back and not view.is_pending:
            return redirect(req, _here(req))
        context = {
            "view": view,
            "form": form if form.errors else Fields(Form.of({"reason": ""})),
            "here": _here(req),
            "command_id": req.form.get("command_id") or self._db.ids.new(),
        }
        return page(req, TEMPLATE, context, status=status)

    def _talks(self, tx: Tx, rows: Any) -> list[tuple[str, str, str]]:
        services = self._house.services
        said = {"open": "We are on it", "waiting_customer": "We answered", "resolved": "Settled"}
        return [
            (
                row.subject,
                said.get(row.status, ""),
                conversations.link("", services.link_secret, row.id, row.number, tx.now),
            )
            for row in rows
        ]


def _here(req: Req) -> str:
    return f"/orders/{req.path_params['number']}/{req.path_params['token']}"


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The addresses of an order."""
    pages = OrderPages(front)
    base = "/orders/{number}/{token}"

    def guarded(run: Callable[[Req], Response]) -> Callable[[Req], Response]:
        """An expired link gets its own page, with the way to a new one."""

        def answer(req: Req) -> Response:
            try:
                return run(req)
            except LinkExpired:
                context = {"form": Fields.of({"number": req.path_params["number"]})}
                return page(req, "store/order/expired.html", context, status=410)

        answer.__name__ = run.__name__
        return answer

    return [
        route(door, base, guarded(pages.show)),
        route(door, f"{base}/paid", guarded(pages.paid)),
        route(door, f"{base}/back", guarded(pages.back)),
        route(door, f"{base}/pay", guarded(pages.pay)),
        route(door, f"{base}/pay", guarded(pages.pay_again), methods=("POST",)),
        route(door, f"{base}/cancel", guarded(pages.cancel), methods=("POST",)),
        route(door, f"{base}/problem", guarded(pages.problem), methods=("POST",)),
    ]
