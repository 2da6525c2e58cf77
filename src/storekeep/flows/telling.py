"""Mails about orders: composed from the order's own snapshot, with its signed link, and queued in the transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.flows.services import order_link
from storekeep.kernel import settings
from storekeep.kernel.db import Tx
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.orders import store
from storekeep.shop.site import profile

LINK_SECRET = "site.link_secret"  # noqa: S105 - the name of a setting


def link_secret(tx: Tx) -> str:
    """The secret under every signed link of this shop; made once, when it is first needed."""
    secret = settings.read(tx, LINK_SECRET)
    if secret is None:
        secret = tx.ids.secret()
        settings.write(tx, LINK_SECRET, secret)
    return str(secret)


def mail_orders(
    tx: Tx, template: str, about: Sequence[tuple[Any, str]], facts: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Queue one mail per (order row, key); `facts` adds what the template needs beyond the order, by order id.

    A key that was used before sends nothing again.
    """
    if not about:
        return
    shop, secret = profile.load(tx), link_secret(tx)
    lines: dict[str, list[Any]] = {}
    for line in store.lines_of(tx, [order.id for order, _ in about]):
        lines.setdefault(line.order_id, []).append(line)
    drafts = []
    for order, key in about:
        known = {
            "shop": shop,
            "order": order,
            "lines": lines.get(order.id, []),
            "link": order_link(shop.public_url, secret, order.id, order.number, tx.now),
            **(facts or {}).get(order.id, {}),
        }
        subject, body = compose(template, known)
        drafts.append(mails.MailDraft(key, template, order.email, subject, body, order.id, None))
    mails.queue(tx, drafts)
