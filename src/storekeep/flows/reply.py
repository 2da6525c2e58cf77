"""People write and are answered: a problem with an order, the contact form, the customer's page, the agent's reply.

A message, its mail and the order's timeline are one transaction. Notes never pass through here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from storekeep.flows.telling import link_secret
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Problem, Refused
from storekeep.shop.customers.model import clean_email, clean_name
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.orders import store, tables, timeline
from storekeep.shop.site import profile
from storekeep.shop.support import conversations, letters
from storekeep.shop.support.model import ABOUT_GOODS, REASONS, NewConversation, Said, check_body, check_reason


@dataclass(frozen=True, slots=True)
class Heard:
    """A first message that was kept: its conversation, and the address of the customer's page of it."""

    conversation_id: str
    number: int
    link: str
    is_new: bool


def report_problem(
    tx: Tx, order_id: str, lines: Mapping[str, int], reason: str, text: str, command_id: str
) -> Heard:
    """A shopper says from the order's page what is wrong, with units by order line: a conversation opens.

    Goods that are wrong or damaged need to be named, at most what was sent of them. Raises `Invalid` or `Refused` with
    every field in the way. Idempotent by command.
    """
    check_reason(reason)
    order = store.lock(tx, [order_id])[order_id]
    if known := _heard_before(tx, command_id):
        return known
    if reason == "other" and not text.strip():
        raise Invalid("text", "Write a few words about what is wrong.")
    named = _named_goods(tx, order_id, reason, {line_id: units for line_id, units in lines.items() if units})
    body = check_body("\n\n".join(part for part in (REASONS[reason], named, text.strip()) if part), "text")
    draft = NewConversation(order.email, order.name, f"{REASONS[reason]}, order {order.number}", reason, order_id)
    heard = _open(tx, draft, body, command_id, greet=order.name, about=f"order {order.number}")
    data = {"conversation_id": heard.conversation_id, "reason": reason, "units": dict(lines)}
    what = f"The customer wrote: {REASONS[reason].lower()} (conversation {heard.number})"
    timeline.record(tx, [timeline.Happening(order_id, "problem.reported", what, data)])
    return heard


def contact(tx: Tx, email: str, name: str, text: str, order_number: int | None, command_id: str) -> Heard:
    """Somebody fills in the contact form. The order is put beside it only when the address is the order's own.

    Raises `Invalid` for an address or a text that does not fit, `Refused` for a card number. Idempotent by command.
    """
    address, who, body = clean_email(email), clean_name(name), check_body(text, "text")
    if known := _heard_before(tx, command_id):
        return known
    order = None
    if order_number is not None:
        o = tables.sales_order.c
        order = tx.first(select(o.id, o.number, o.name).where(o.number == order_number, func.lower(o.email) == address))
        if order is None:
            body = check_body(f"{body}\n\n(Order number as typed: {order_number}; it does not go with this address.)")
    about = f"order {order.number}" if order is not None else "your question"
    subject = f"Your message about {about}"
    draft = NewConversation(address, who, subject, "other", order.id if order is not None else None)
    heard = _open(tx, draft, body, command_id, greet=order.name if order is not None else "", about=about)
    if order is not None:
        _note_on_order(tx, order.id, "conversation.opened", f"The customer wrote (conversation {heard.number})", heard)
    return heard


def customer_writes(tx: Tx, conversation_id: str, body: str, command_id: str) -> Said:
    """The customer answers on the page of the conversation; it is open again. Idempotent by command."""
    said = conversations.receive(tx, conversation_id, body, command_id)
    row = conversations.lock(tx, conversation_id)
    if said.is_new and row.order_id is not None:
        _note_on_order(tx, row.order_id, "customer.wrote", f"The customer wrote (conversation {row.number})", said)
    return said


def agent_replies(
    tx: Tx, conversation_id: str, body: str, command_id: str, seen_version: int, *, override: bool = False
) -> Said:
    """An agent answers: the message is kept and mailed with the signed link to the conversation.

    Raises `Conflict` naming who wrote meanwhile unless `override` ("send anyway"), `Refused` for a card number.
    Idempotent by command: the second click mails nothing.
    """
    text = check_body(body)
    row = conversations.lock(tx, conversation_id)
    if known := conversations.command_done(tx, command_id):
        return known
    conversations.refuse_stale(tx, row, seen_version, override=override)
    shop = profile.load(tx)
    facts = {
        "shop_name": shop.name,
        "name": row.name,
        "agent_name": conversations.author_name(tx, tx.actor),
        "subject": row.subject,
        "body": text,
        "reply_link": conversations.link(shop.public_url, link_secret(tx), row.id, row.number, tx.now),
    }
    subject, letter = compose("agent_reply", facts)
    draft = mails.MailDraft(f"reply:{command_id}", "agent_reply", row.email, subject, letter, row.order_id, row.id)
    mail_id = mails.queue(tx, [draft])[0]
    said = conversations.reply(
        tx, conversation_id, text, command_id, seen_version, mail_id=mail_id, override=override
    )
    if row.order_id is not None:
        _note_on_order(tx, row.order_id, "customer.answered", f"We answered (conversation {row.number})", said)
    return said


def _heard_before(tx: Tx, command_id: str) -> Heard | None:
    known = conversations.command_done(tx, command_id)
    if known is None:
        return None
    row = conversations.lock(tx, known.conversation_id)
    return Heard(row.id, row.number, _link(tx, row.id, row.number), is_new=False)


def _link(tx: Tx, conversation_id: str, number: int) -> str:
    return conversations.link(profile.load(tx).public_url, link_secret(tx), conversation_id, number, tx.now)


def _open(tx: Tx, draft: NewConversation, body: str, command_id: str, *, greet: str, about: str) -> Heard:
    """Open the conversation with its first message, and acknowledge it once."""
    opened = conversations.open_many(tx, [draft])[0]
    conversations.receive(tx, opened.id, body, command_id)
    link = _link(tx, opened.id, opened.number)
    subject, letter = letters.acknowledgement(profile.load(tx).name, greet, about, opened.number, link)
    key = f"acknowledged:{opened.id}"
    mails.queue(
        tx, [mails.MailDraft(key, "acknowledgement", draft.email, subject, letter, draft.order_id, opened.id)]
    )
    return Heard(opened.id, opened.number, link, is_new=True)


def _named_goods(tx: Tx, order_id: str, reason: str, units: Mapping[str, int]) -> str:
    """The goods in words, checked against the order."""
    known = {line.id: line for line in store.lines_of(tx, [order_id])}
    problems = []
    if reason in ABOUT_GOODS and not units:
        problems.append(Problem("lines_missing", "Choose which goods this is about.", path="lines"))
    for line_id, count in units.items():
        line = known.get(line_id)
        path = f"lines.{line_id}"
        if line is None:
            problems.append(Problem("line_unknown", "This line is not part of the order.", path=path))
            continue
        most = line.fulfilled + line.replaced if reason in ABOUT_GOODS else line.ordered - line.canceled
        if not 0 < count <= most:
            said = "were sent to you" if reason in ABOUT_GOODS else "are part of the order"
            text = f"{line.title}: {most} {said}, not {count}."
            problems.append(Problem("too_many_units", text, path=path, data={"at_most": most}))
    if problems:
        raise Refused(problems)
    return "\n".join(f"{units[line.id]} x {_title(line)} ({line.sku})" for line in known.values() if line.id in units)


def _title(line: Any) -> str:
    return f"{line.title} {line.option_label}".rstrip()


def _note_on_order(tx: Tx, order_id: str, kind: str, text: str, said: Heard | Said) -> None:
    data = {"conversation_id": said.conversation_id}
    timeline.record(tx, [timeline.Happening(order_id, kind, text, data)])
