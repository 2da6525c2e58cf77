"""The customer's side of a conversation: read it, and add to it."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect, route
from storekeep.flows import reply
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Forbidden, NotFound, Refused
from storekeep.shop.support import conversations, queries

TEMPLATE = "store/conversation/page.html"


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message: who wrote it, when, what."""

    who: str
    is_ours: bool
    at: Instant
    body: str


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of a conversation."""
    db = front.house.db

    def opened(tx: Tx, req: Req) -> "tuple[str, int, str, str]":
        number = req.path_params["number"]
        known = number.isascii() and number.isdigit() and len(number) <= 9
        try:
            secret, token = front.house.services.link_secret, req.path_params["token"][:200]
            row = conversations.by_link(tx, secret, int(number) if known else 0, token)
        except NotFound:
            raise Problem(404, "This link does not lead to a conversation. Use the link from our mail.") from None
        except Forbidden as expired:
            raise Problem(410, str(expired)) from None
        return row.id, row.number, row.subject, row.status

    def drawn(req: Req, form: Fields, status: int = 200) -> Response:
        with db.read() as tx:
            conversation_id, number, subject, state = opened(tx, req)
            shop = front.facts(tx).shop.name
            messages = [
                MessageView(
                    "You" if row.direction == "in" else f"{row.author_name or 'We'} from {shop}",
                    row.direction == "out",
                    row.written_at,
                    row.body,
                )
                for row in queries.messages_of(tx, conversation_id)
            ]
        context = {
            "messages": messages,
            "subject": subject,
            "number": number,
            "state": state,
            "form": form,
            "command_id": req.form.get("command_id") or db.ids.new(),
        }
        return page(req, TEMPLATE, context, status=status)

    def show(req: Req) -> Response:
        return drawn(req, Fields())

    def write(req: Req) -> Response:
        form = Fields(req.form)
        body = form.text("body", 10_000, label="Your message", multiline=True)
        command_id = form.text("command_id", 80, identifier=True)
        if form.errors:
            return drawn(req, form, 422)
        try:
            with db.begin(actor="shopper") as tx:
                reply.customer_writes(tx, opened(tx, req)[0], body, command_id)
        except Refused as refusal:
            form.fail("body", refusal.problems[0].text)
            return drawn(req, form, 422)
        return redirect(req, req.path, notice="Your message is with us.")

    address = "/conversations/{number}/{token}"
    return [route(door, address, show), route(door, address, write, methods=("POST",))]
