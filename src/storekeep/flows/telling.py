"""Mails about orders: composed from the order's own snapshot, with its signed link, and queued in the transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.flows.services import order_link
from storekeep.kernel import settings
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import load
from storekeep.kernel.money import format_plain
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import TEMPLATES, compose
from storekeep.shop.orders import store
from storekeep.shop.site import profile
from storekeep.shop.site.profile import ShopProfile

LINK_SECRET = "site.link_secret"  # noqa: S105 - the name of a setting


def link_secret(tx: Tx) -> str:
    """The secret under every signed link of this shop; made once, when it is first needed."""
    secret = settings.read(tx, LINK_SECRET)
    if secret is None:
        secret = tx.ids.secret()
        settings.write(tx, LINK_SECRET, secret)
    return str(secret)


def mail_orders(
    tx: Tx,
    template: str,
    about: Sequence[tuple[Any, str]],
    facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Queue one mail per (order row, key). A key that was used before sends nothing again.

    `facts` adds, by order id, what the template needs beyond the order; amounts in minor units under `refund_minor` and
    `amount_minor` become text in the order's currency.
    """
    if not about:
        return
    shop, secret = profile.load(tx), link_secret(tx)
    added = facts or {}
    lines: dict[str, list[Any]] = {}
    if "lines" in TEMPLATES[template]:
        listed = [order.id for order, _ in about if "lines" not in added.get(order.id, {})]
        for line in store.lines_of(tx, listed) if listed else ():
            lines.setdefault(line.order_id, []).append(line)
    bundled = [line.kit_id for own in lines.values() for line in own if line.kit_id]
    kits = store.kits(tx, bundled) if bundled else {}
    drafts = []
    for order, key in about:
        link = order_link(shop.public_url, secret, order.id, order.number, tx.now)
        known = {**_facts(shop, order, lines.get(order.id, []), kits, link), **_texts(order, added.get(order.id, {}))}
        subject, body = compose(template, known)
        drafts.append(mails.MailDraft(key, template, order.email, subject, body, order.id, None))
    mails.queue(tx, drafts)


def money(minor: int, currency: str) -> str:
    """An amount as a mail writes it: "12.50 EUR"."""
    return f"{format_plain(minor, currency)} {currency}"


def _facts(
    shop: ShopProfile, order: Any, lines: Sequence[Any], kits: Mapping[str, Any], link: str
) -> dict[str, Any]:
    currency = order.currency
    address = load(order.ship_to)
    parts = ("name", "line1", "line2", "postcode", "city", "region", "country")
    return {
        "shop_name": shop.name,
        "name": order.name,
        "order_number": order.number,
        "order_link": link,
        "shop_link": shop.public_url,
        "lines": [
            {
                "qty": line.ordered,
                "title": f"{line.title} {line.option_label}".rstrip()
                + (f" (part of {kits[line.kit_id].title})" if line.kit_id else ""),
                "total": money(line.unit_price_minor * line.ordered, currency),
            }
            for line in lines
        ],
        "shipping": money(order.shipping_minor, currency),
        "total": money(order.total_minor, currency),
        "amount": money(order.total_minor, currency),
        "address": "\n".join(address[part] for part in parts if address.get(part)),
        "delivery": order.delivery_label,
        "refund": "",
        "reason": "",
        "outcome": "",
        "ready_on": "",
    }


def _texts(order: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    texts = dict(facts)
    for name in ("refund", "amount"):
        minor = texts.pop(f"{name}_minor", None)
        if minor is not None:
            texts[name] = money(minor, order.currency) if minor else ""
    return texts
