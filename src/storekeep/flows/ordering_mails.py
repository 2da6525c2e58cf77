"""Mails to suppliers: an order in words and as a PDF, a changed one, a canceled one; queued in the transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from storekeep.flows.telling import money
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.notify.mails import Attachment
from storekeep.shop.purchasing.model import line_value, order_number, price_text
from storekeep.shop.purchasing.orders import total_of
from storekeep.shop.purchasing.paper import OrderPaper, PaperLine, render_order
from storekeep.shop.site import profile


def order(tx: Tx, supplier: Any, row: Any, lines: Sequence[Any], *, changed: bool) -> None:
    """The whole order as plain text and on paper; a version is sent once."""
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
    deliver_to = (shop.legal_name or shop.name, *shop.address_lines)
    paper = OrderPaper(
        shop.name, deliver_to, shop.email, supplier.name, supplier.email, order_number(row.number), row.version,
        day_of(tx.now, shop.timezone), row.expected_on, _on_paper(lines, facts, told),
        known["total"], row.note,
    )  # fmt: skip
    name = f"{paper.number}.pdf" if row.version == 1 else f"{paper.number}-version-{row.version}.pdf"
    file = Attachment(name, "application/pdf", render_order(paper))
    _queue(tx, "purchase_order", f"purchase:{row.id}:{row.version}", supplier.email, known, (file,))


def _on_paper(
    lines: Sequence[Any], facts: Mapping[str, Any], told: Sequence[Mapping[str, Any]]
) -> tuple[PaperLine, ...]:
    return tuple(
        PaperLine(line.supplier_sku, facts[line.variant_id].sku, each["title"], line.ordered, each["price"],
                  each["total"], each["on"])
        for line, each in zip(lines, told, strict=True)
    )  # fmt: skip


def canceled(tx: Tx, supplier: Any, row: Any, reason: str) -> None:
    """The order is called off."""
    shop = profile.load(tx)
    known = {"shop_name": shop.name, "name": supplier.name, "order_number": order_number(row.number),
             "reason": reason, "reply_to": shop.email}  # fmt: skip
    _queue(tx, "purchase_order_canceled", f"purchase:{row.id}:canceled", supplier.email, known)


def _queue(
    tx: Tx, template: str, key: str, to_address: str, facts: dict[str, Any], files: tuple[Attachment, ...] = ()
) -> None:
    subject, body = compose(template, facts)
    mails.queue(tx, [mails.MailDraft(key, template, to_address, subject, body, attachments=files)])
