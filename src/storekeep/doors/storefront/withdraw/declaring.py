"""A withdrawal is written down: a conversation that says so in its subject, and a receipt by mail.

The receipt repeats what was typed only to the person who placed the order: to a stranger's address it is the bare fact,
so that nobody can send words of his own through this form.
"""

from dataclasses import dataclass

from storekeep.flows.services import Services
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.notify import mails
from storekeep.shop.orders import timeline
from storekeep.shop.reports import storefront
from storekeep.shop.support import conversations, queries
from storekeep.shop.support.model import NewConversation

DECLARATION = "I withdraw from the contract about the goods named here."


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was declared, by whom; `order_number` as it was typed."""

    name: str
    email: str
    order_number: str
    goods: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number of the conversation, its address, and when the declaration came in."""

    number: int
    link: str
    at: Instant


def declare(tx: Tx, services: Services, shop_name: str, said: Withdrawal, command_id: str) -> Receipt:
    """Write a withdrawal down, once per command. One for an order that we do not know is kept for a person to see."""
    known = conversations.command_done(tx, command_id)
    if known is not None:
        row = queries.thread(tx, known.conversation_id).conversation
        if row.email != said.email.strip().lower() and row.email != said.email:
            raise Conflict("This form was sent before, for another address. Load the page again.")
        return Receipt(row.number, _link(services, row.id, row.number, row.created_at), row.created_at)
    typed = said.order_number
    order = storefront.order_by_number(tx, int(typed)) if typed.isascii() and typed.isdigit() else None
    if order is not None and order.email.casefold() != said.email.casefold():
        order = None
    subject = f"Withdrawal, order {typed}"
    draft = NewConversation(said.email, said.name, subject, "other", order.id if order is not None else None)
    opened = conversations.open_many(tx, [draft])[0]
    text = f"{DECLARATION}\n\nOrder: {typed}\nGoods: {said.goods or 'all of the order'}\nName: {said.name}"
    if order is None:
        text += "\n\n(This order number does not go with this address.)"
    conversations.receive(tx, opened.id, text, command_id)
    receipt = Receipt(opened.number, _link(services, opened.id, opened.number, tx.now), tx.now)
    subject = f"Your withdrawal is with us, receipt {opened.number}"
    body = _letter(shop_name, receipt, text if order is not None else "")
    key = f"withdrawal:{opened.id}"
    mails.queue(tx, [mails.MailDraft(key, "withdrawal", said.email, subject, body, draft.order_id, opened.id)])
    if order is not None:
        what = f"The customer withdrew from the contract (conversation {opened.number})"
        data = {"conversation_id": opened.id}
        timeline.record(tx, [timeline.Happening(order.id, "withdrawal.declared", what, data)])
    return receipt


def _letter(shop_name: str, receipt: Receipt, text: str) -> str:
    said = f"{text}\n\n" if text else ""
    return (
        f"Hello,\n\nwe received your declaration of withdrawal; this is receipt {receipt.number}.\n\n{said}"
        f"You can read it and add to it here:\n{receipt.link}\n\n"
        "We tell you how to send the goods back, and your money comes back within 14 days.\n\n"
        f"Kind regards\n{shop_name}\n"
    )


def _link(services: Services, conversation_id: str, number: int, at: Instant) -> str:
    return conversations.link(services.public_url, services.link_secret, conversation_id, number, at)
