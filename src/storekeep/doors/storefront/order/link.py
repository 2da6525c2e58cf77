"""Opening an order by its signed link, without saying more to a stranger than there is to say."""

from typing import Any

from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Problem, Req
from storekeep.kernel import links
from storekeep.kernel.db import Tx
from storekeep.kernel.links import LinkCheck
from storekeep.shop.reports import storefront

UNKNOWN = "This link does not lead to an order. Use the link from your confirmation mail."
_NOBODY = "00000000-0000-7000-8000-000000000000"


class LinkExpired(Exception):
    """The link was ours, but its time is over."""


def order_of(tx: Tx, front: Front, req: Req) -> Any:
    """The order of the address. A forged link and an order that does not exist get the same answer after the same work.

    Raises `Problem` 404 for those, and `LinkExpired` for a link of ours that is too old.
    """
    number, token = req.path_params["number"], req.path_params["token"]
    known = number.isascii() and number.isdigit() and len(number) <= 9
    order = storefront.order_by_number(tx, int(number)) if known else None
    subject = order.id if order is not None else _NOBODY
    seen = links.check(front.house.services.link_secret, "order", subject, token[:200], tx.now)
    if order is None or seen is LinkCheck.FORGED:
        raise Problem(404, UNKNOWN)
    if seen is LinkCheck.EXPIRED:
        raise LinkExpired
    return order
