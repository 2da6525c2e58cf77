"""A fresh link to an order by mail. The answer is the same whether there is such an order or not."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door, Fields, Req, page, route
from storekeep.kernel.clock import MINUTE
from storekeep.kernel.db import Tx
from storekeep.shop.notify import mails
from storekeep.shop.reports import storefront

TEMPLATE = "store/find_order/page.html"
#: A link is mailed at most once in this time, however often the form is sent.
PAUSE = 10 * MINUTE


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """The address of the form."""
    db = front.house.db

    def find(req: Req) -> Response:
        return page(req, TEMPLATE, {"form": Fields(), "is_sent": False})

    def send(req: Req) -> Response:
        form = Fields(req.form)
        number = form.integer("number", label="Order number", minimum=1, maximum=999_999_999)
        email = form.email("email")
        if form.errors:
            return page(req, TEMPLATE, {"form": form, "is_sent": False}, status=422)
        with db.begin(actor="shopper") as tx:
            _mail_link(tx, front, number, email)
        return page(req, TEMPLATE, {"form": form, "is_sent": True})

    return [route(door, "/orders/find", find), route(door, "/orders/find", send, methods=("POST",), guard="origin")]


def _mail_link(tx: Tx, front: Front, number: int, email: str) -> None:
    order = storefront.order_by_number(tx, number)
    if order is None or order.email.casefold() != email.casefold():
        return
    shop = front.facts(tx).shop
    link = front.house.services.order_link(order.id, order.number, tx.now)
    body = (
        f"Hello {order.name},\n\nhere is the link to your order {order.number}:\n{link}\n\n"
        "Whoever has this link can see the order, so please keep it to yourself. "
        f"If you did not ask for it, nothing happened; you can ignore this mail.\n\nKind regards\n{shop.name}\n"
    )
    key = f"order_link:{order.id}:{tx.now // PAUSE}"
    subject = f"The link to your order {order.number}"
    mails.queue(tx, [mails.MailDraft(key, "order_link", order.email, subject, body, order.id)])
