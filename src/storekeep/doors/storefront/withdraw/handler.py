"""Withdrawing from a contract: two steps, no log-in, no reason, and a receipt on screen and by mail.

A number that matches no order is taken all the same; a person looks at it.
"""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.withdraw import declaring
from storekeep.doors.storefront.withdraw.declaring import Withdrawal
from storekeep.doors.web import Door, Fields, Problem, Req, page, route
from storekeep.kernel.errors import Conflict, Refused

TEMPLATE = "store/withdraw/page.html"


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of the door."""
    db = front.house.db

    def drawn(req: Req, form: Fields, step: str, status: int = 200, **more: object) -> Response:
        context = {"form": form, "step": step, "command_id": req.form.get("command_id") or db.ids.new(), **more}
        return page(req, TEMPLATE, context, status=status)

    def withdraw(req: Req) -> Response:
        return drawn(req, Fields(), "write")

    def declare(req: Req) -> Response:
        form = Fields(req.form)
        name = form.text("name", 120, label="Your name")
        email = form.email("email")
        number = form.text("order_number", 9, label="Order number")
        goods = form.text("text", 4000, label="What it is about", required=False, multiline=True)
        command_id = form.text("command_id", 80, identifier=True)
        if form.errors:
            return drawn(req, form, "write", 422)
        if not form.checked("confirmed"):
            return drawn(req, form, "confirm")
        said = Withdrawal(name, email, number, goods)
        try:
            with db.begin(actor="shopper") as tx:
                receipt = declaring.declare(tx, front.house.services, front.facts(tx).shop.name, said, command_id)
        except Conflict as refusal:
            raise Problem(409, str(refusal)) from None
        except Refused as refusal:
            for one in refusal.problems:
                form.fail(one.path or "text", one.text)
            return drawn(req, form, "write", 422)
        path = receipt.link.removeprefix(front.house.services.public_url)
        return drawn(req, form, "receipt", receipt=receipt, link=path)

    return [route(door, "/withdraw", withdraw), route(door, "/withdraw", declare, methods=("POST",))]
