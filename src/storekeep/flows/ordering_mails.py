"""Mails to suppliers: an order with its lines, a changed one, a canceled one; queued in the transaction."""

from collections.abc import Sequence
from typing import Any

from storekeep.flows.telling import money
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.purchasing.model import line_value, order_number, price_text
from storekeep.shop.purchasing.orders import total_of
from storekeep.shop.site import profile


def order(tx: Tx, supplier: Any, row: Any, lines: Sequence[Any], *, changed: bool) -> None:
    """The whole order as plain text; a version is sent once."""
    shop = profile.load(tx)
    facts = variants_by_ids(tx, [line.variant_id for line in lines])
    told = [
        {
            "qty": line.ordered,
            "sku": line.supplier_sku or facts[line.variant_id].sku,
            "title": facts[line.variant_id].full_title,
            "price": f"{price_text(line.unit_price_e4, row.currency)} {row.currency}",
            "total": money(line_value(line.ordered, line.unit_price_e4), row.currency),
            "on": line.expected_on,
        }
        for line in lines
    ]
    number = order_number(row.number)
    heading = f"Changed order {number}, version {row.version}" if changed else f"Order {number}"
    opening = "please deliver what is listed here."
    if changed:
        opening = f"this is version {row.version} of our order; it replaces the versions before it."
    known = {
        "shop_name": shop.name, "name": supplier.name, "order_number": order_number(row.number),
        "heading": heading, "opening": opening, "lines": told, "total": money(total_of(lines), row.currency),
        "address": "\n".join((shop.legal_name or shop.name, *shop.address_lines)), "note": row.note,
        "reply_to": shop.email,
    }  # fmt: skip
    _queue(tx, "purchase_order", f"purchase:{row.id}:{row.version}", supplier.email, known)


def canceled(tx: Tx, supplier: Any, row: Any, reason: str) -> None:
    """The order is called off."""
    shop = profile.load(tx)
    known = {"shop_name": shop.name, "name": supplier.name, "order_number": order_number(row.number),
             "reason": reason, "reply_to": shop.email}  # fmt: skip
    _queue(tx, "purchase_order_canceled", f"purchase:{row.id}:canceled", supplier.email, known)


def _queue(tx: Tx, template: str, key: str, to_address: str, facts: dict[str, Any]) -> None:
    subject, body = compose(template, facts)
    mails.queue(tx, [mails.MailDraft(key, template, to_address, subject, body)])
