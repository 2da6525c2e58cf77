"""The contact form: a conversation opens, and its page is the answer."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Fields, Req, page, redirect, route
from storekeep.flows import reply
from storekeep.kernel.errors import Refused

TEMPLATE = "store/contact/page.html"


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of the form."""
    db = front.house.db

    def drawn(req: Req, form: Fields, status: int = 200) -> Response:
        with db.read() as tx:
            shop = front.facts(tx).shop
        context = {"form": form, "shop": shop, "command_id": req.form.get("command_id") or db.ids.new()}
        return page(req, TEMPLATE, context, status=status)

    def contact(req: Req) -> Response:
        return drawn(req, Fields())

    def send(req: Req) -> Response:
        form = Fields(req.form)
        name = form.text("name", 120, label="Your name")
        email = form.email("email")
        number = form.integer("order_number", label="Order number", minimum=1, maximum=999_999_999, required=False)
        text = form.text("text", 10_000, label="Your message", multiline=True)
        command_id = form.text("command_id", 80, identifier=True)
        if not form.errors:
            try:
                with db.begin(actor="shopper") as tx:
                    heard = reply.contact(tx, email, name, text, number or None, command_id)
                path = heard.link.removeprefix(front.house.services.public_url)
                return redirect(req, path, notice="We have your message. You find our answer here and in your mail.")
            except Refused as refusal:
                for one in refusal.problems:
                    form.fail(one.path or "text", one.text)
        return drawn(req, form, 422)

    return [route(door, "/contact", contact), route(door, "/contact", send, methods=("POST",))]
