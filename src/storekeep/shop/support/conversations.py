"""Conversations: opened by whoever writes first, answered once per version, resolved, and open again with a reply.

Messages are append-only and their command id is unique, so that a form sent twice is kept once. `version` counts
messages and changes of status; an answer names the version its author saw.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from storekeep.kernel import audit, lifecycle, links, lookup, numbers
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.customers.model import clean_email, clean_name
from storekeep.shop.support.model import NewConversation, Opened, Said, ago, check_body, check_subject
from storekeep.shop.support.states import CONVERSATION
from storekeep.shop.support.tables import conversation, message

LINK_PURPOSE = "conversation"
LINK_LIFE: Instant = 180 * DAY


def open_many(tx: Tx, drafts: Sequence[NewConversation]) -> list[Opened]:
    """Open a conversation for each draft, waiting for us; returns their ids and numbers in order.

    The first message is kept by `receive`, whose command id makes the pair happen once. Raises `Invalid` for what is
    no e-mail address, and `Refused` for a card number in a subject.
    """
    taken = numbers.take(tx, "conversation", len(drafts))
    rows = [
        {
            "id": tx.new_id(),
            "number": number,
            "kind": "customer",
            "reason": draft.reason,
            "subject": check_subject(draft.subject),
            "order_id": draft.order_id,
            "shipment_id": draft.shipment_id,
            "email": clean_email(draft.email),
            "name": clean_name(draft.name),
            "status": CONVERSATION.initial,
            "assignee_id": None,
            "case_key": None,
            "version": 1,
            "created_at": tx.now,
            "updated_at": tx.now,
            "waiting_since": tx.now,
        }
        for draft, number in zip(drafts, taken, strict=True)
    ]
    tx.insert_many(conversation, rows)
    opened = [Opened(str(row["id"]), number) for row, number in zip(rows, taken, strict=True)]
    lifecycle.begin(tx, CONVERSATION, [each.id for each in opened])
    return opened


def receive(tx: Tx, conversation_id: str, body: str, command_id: str) -> Said:
    """Keep what the customer wrote and open the conversation again if it waited or was resolved. Idempotent by command.

    Raises `Invalid` for an empty or endless text and `Refused` for one that holds a card number.
    """
    text = check_body(body)
    row = lock(tx, conversation_id)
    if known := _said(tx, command_id, conversation_id):
        return known
    said = _write(tx, conversation_id, "in", text, command_id, None)
    waiting = tx.now if row.waiting_since is None else row.waiting_since
    _move(tx, row, "open", waiting_since=waiting)
    return said


def reply(
    tx: Tx,
    conversation_id: str,
    body: str,
    command_id: str,
    seen_version: int,
    *,
    mail_id: str | None = None,
    override: bool = False,
) -> Said:
    """Keep an agent's answer; the customer is next. Idempotent by command.

    Raises `Conflict` naming who wrote meanwhile when the conversation is past `seen_version`, unless `override`; an
    override is audited. An answer to a resolved conversation leaves it resolved.
    """
    text = check_body(body)
    row = lock(tx, conversation_id)
    if known := _said(tx, command_id, conversation_id):
        return known
    refuse_stale(tx, row, seen_version, override=override)
    said = _write(tx, conversation_id, "out", text, command_id, mail_id)
    if row.version != seen_version:
        entry = audit.Entry("conversation.answered_anyway", "conversation", conversation_id, seen_version, row.version)
        audit.record(tx, [entry])
    _move(tx, row, "resolved" if row.status == "resolved" else "waiting_customer", waiting_since=None)
    return said


def assign(tx: Tx, conversation_id: str, staff_id: str | None) -> None:
    """Give a conversation to a colleague, or back to everybody (None). Giving it to whom it belongs changes nothing."""
    row = lock(tx, conversation_id)
    if row.assignee_id == staff_id:
        return
    if staff_id is not None:
        colleague = staff.get(tx, staff_id)
        if colleague is None or colleague.status != "active":
            raise Invalid("assignee", "There is no active colleague with this id.")
    tx.run(update(conversation).where(conversation.c.id == conversation_id).values(assignee_id=staff_id))
    audit.record(
        tx, [audit.Entry("conversation.assigned", "conversation", conversation_id, row.assignee_id, staff_id)]
    )


def resolve(tx: Tx, conversation_id: str) -> None:
    """It is done; resolving it again changes nothing. Whoever writes again opens it again."""
    row = lock(tx, conversation_id)
    if row.status != "resolved":
        _move(tx, row, "resolved", waiting_since=None)


def reopen(tx: Tx, conversation_id: str) -> None:
    """Take a resolved conversation up again. Raises `IllegalMove` for one that is not resolved."""
    row = lock(tx, conversation_id)
    if row.status != "resolved":
        raise IllegalMove("conversation", conversation_id, row.status, "open")
    _move(tx, row, "open", waiting_since=tx.now)


def lock(tx: Tx, conversation_id: str) -> Any:
    """The conversation, locked; `NotFound` when there is none."""
    return lookup.one(tx, conversation, conversation_id, "conversation", lock=True)


def command_done(tx: Tx, command_id: str) -> Said | None:
    """The message that this command has kept, or None."""
    m = message.c
    row = tx.first(select(m.id, m.conversation_id).where(m.command_id == command_id))
    return None if row is None else Said(row.id, row.conversation_id, is_new=False)


def refuse_stale(tx: Tx, row: Any, seen_version: int, *, override: bool = False) -> None:
    """Raise `Conflict`, saying who did what meanwhile, when a conversation is past the version that was seen."""
    if row.version == seen_version or override:
        return
    m = message.c
    last = tx.first(
        select(m.direction, m.author, m.written_at).where(m.conversation_id == row.id).order_by(m.id.desc()).limit(1)
    )
    if last is None or last.written_at < row.updated_at:
        raise Conflict(f"The conversation changed {ago(row.updated_at, tx.now)}. Look again and decide again.")
    if last.direction == "in":
        raise Conflict(f"The customer wrote {ago(last.written_at, tx.now)}. Read it first, or send anyway.")
    who = author_name(tx, last.author)
    raise Conflict(f"{who} replied {ago(last.written_at, tx.now)}. Read it first, or send anyway.")


def author_name(tx: Tx, actor: str) -> str:
    """An actor as colleagues read it: a member of staff by name."""
    kind, _, staff_id = actor.partition(":")
    found = staff.get(tx, staff_id) if kind == "staff" and is_id(staff_id) else None
    if found is not None:
        return str(found.name)
    return {"shopper": "The customer", "staff": "A colleague"}.get(kind, "The shop")


def link(public_url: str, secret: str, conversation_id: str, number: int, now: Instant) -> str:
    """The signed address of the customer's page of a conversation, good for half a year."""
    token = links.sign(secret, LINK_PURPOSE, conversation_id, now + LINK_LIFE)
    return f"{public_url}/conversations/{number}/{token}"


def by_link(tx: Tx, secret: str, number: int, token: str) -> Any:
    """The conversation of a customer's link. `NotFound` for a forged link, `Forbidden` for one that has expired."""
    row = tx.first(select(conversation).where(conversation.c.number == number))
    seen = links.LinkCheck.FORGED if row is None else links.check(secret, LINK_PURPOSE, row.id, token, tx.now)
    if row is None or seen is links.LinkCheck.FORGED:
        raise NotFound("There is no such conversation.")
    if seen is links.LinkCheck.EXPIRED:
        raise Forbidden("This link has expired. Write to us, and you will get a new one.")
    return row


def _said(tx: Tx, command_id: str, conversation_id: str) -> Said | None:
    known = command_done(tx, command_id)
    if known is not None and known.conversation_id != conversation_id:
        raise Conflict("This form was sent before, about another conversation. Load the page again.")
    return known


def _write(tx: Tx, conversation_id: str, direction: str, body: str, command_id: str, mail_id: str | None) -> Said:
    message_id = tx.new_id()
    row = {
        "id": message_id,
        "conversation_id": conversation_id,
        "direction": direction,
        "author": tx.actor,
        "body": body,
        "mail_id": mail_id,
        "command_id": command_id,
        "written_at": tx.now,
    }
    tx.insert_many(message, [row])
    return Said(message_id, conversation_id, is_new=True)


def _move(tx: Tx, row: Any, to: str, *, waiting_since: Instant | None) -> None:
    """Count the version up, and move along the lifecycle when the status changes."""
    sets = {"version": row.version + 1, "updated_at": tx.now, "waiting_since": waiting_since}
    if row.status == to:
        tx.run(update(conversation).where(conversation.c.id == row.id).values(**sets))
    else:
        lifecycle.advance(tx, CONVERSATION, conversation, [row.id], to, sets=sets, expect=[row.status])
