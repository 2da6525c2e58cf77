"""Reads for the inbox and one conversation. SELECT only; notes are read by their own function, never with messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, String, cast, column, func, literal, or_, select, table

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.access.tables import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.support.states import OPEN
from storekeep.shop.support.tables import conversation, message

#: The neighbour's table by name: a conversation is found by the number of the order beside it.
_ORDER = table("sales_order", column("id"), column("number"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: behind this moment and id."""

    at: Instant
    id: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the inbox; `next_after` leads to the next and is None on the last."""

    rows: tuple[Row[Any], ...]
    next_after: Place | None


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation with its messages, oldest first, each with the author's name."""

    conversation: Row[Any]
    messages: tuple[Row[Any], ...]


def inbox(
    tx: Tx,
    *,
    status: str | None = None,
    assignee_id: str | None = None,
    unassigned: bool = False,
    text: str = "",
    after: Place | None = None,
    limit: int = 50,
) -> InboxPage:
    """Conversations by status and colleague, with assignee's name and order number; a page at a time, by key.

    Open ones begin with who has waited longest, all others with the latest. `text` finds a part of the name, e-mail
    or subject, or the number of the conversation or of its order.
    """
    c = conversation.c
    # Open ones by how long somebody waits; the others by what happened last.
    moment = func.coalesce(c.waiting_since, c.updated_at) if status == "open" else c.updated_at
    query = _listed().add_columns(moment.label("listed_at"))
    if status is not None:
        query = query.where(c.status == status)
    if assignee_id is not None:
        query = query.where(c.assignee_id == assignee_id)
    elif unassigned:
        query = query.where(c.assignee_id.is_(None))
    if text.strip():
        query = query.where(_matches(text.strip()))
    if after is not None:
        query = query.where(_behind(moment, c.id, after, rising=status == "open"))
    order = (moment, c.id) if status == "open" else (moment.desc(), c.id.desc())
    rows = tx.rows(query.order_by(*order).limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return InboxPage(tuple(rows[:limit]), Place(last.listed_at, last.id) if last is not None else None)


def counts(tx: Tx) -> dict[str, int]:
    """How many conversations stand at each status, for the dashboard."""
    c = conversation.c
    found = {row.status: int(row.n) for row in tx.rows(select(c.status, func.count().label("n")).group_by(c.status))}
    return {status: found.get(status, 0) for status in (*sorted(OPEN), "resolved")}


def thread(tx: Tx, conversation_id: str) -> Thread:
    """One conversation with its messages. `NotFound` when there is none."""
    row = tx.first(_listed().where(conversation.c.id == conversation_id)) if is_id(conversation_id) else None
    if row is None:
        raise NotFound("There is no such conversation.")
    return Thread(row, tuple(messages_of(tx, conversation_id)))


def thread_by_number(tx: Tx, number: int) -> Thread:
    """One conversation by its number, with its messages. `NotFound` when there is none."""
    row = tx.first(_listed().where(conversation.c.number == number))
    if row is None:
        raise NotFound("There is no such conversation.")
    return Thread(row, tuple(messages_of(tx, row.id)))


def messages_of(tx: Tx, conversation_id: str) -> Sequence[Row[Any]]:
    """The messages of a conversation, oldest first; `author_name` is set for colleagues."""
    m = message.c
    author = select(staff.c.name).where(m.author == _staff_actor()).correlate(message).scalar_subquery()
    query = select(message, author.label("author_name")).where(m.conversation_id == conversation_id)
    return tx.rows(query.order_by(m.id))


def of_order(tx: Tx, order_id: str) -> Sequence[Row[Any]]:
    """The conversations about an order, latest first."""
    c = conversation.c
    return tx.rows(_listed().where(c.order_id == order_id).order_by(c.id.desc()))


def _staff_actor() -> ColumnElement[str]:
    return literal("staff:").concat(cast(staff.c.id, String))


def _listed() -> Any:
    c = conversation.c
    joined = conversation.outerjoin(staff, staff.c.id == c.assignee_id).outerjoin(_ORDER, _ORDER.c.id == c.order_id)
    return select(conversation, staff.c.name.label("assignee_name"), _ORDER.c.number.label("order_number")).select_from(
        joined
    )


def _matches(text: str) -> ColumnElement[bool]:
    c = conversation.c
    # SQLite folds ASCII letters only, so other letters are looked for as typed and with their usual capitals too.
    forms = {text, text.lower(), text.title(), text.upper()}
    wanted: list[ColumnElement[bool]] = [
        found.contains(form, autoescape=True) for found in (c.name, c.subject) for form in forms
    ]
    wanted.append(func.lower(c.name).contains(text.lower(), autoescape=True))
    wanted.append(c.email.contains(text.lower(), autoescape=True))
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= 15:
        wanted += [c.number == int(digits), _ORDER.c.number == int(digits)]
    return or_(*wanted)


def _behind(moment: Any, key: Any, after: Place, *, rising: bool) -> ColumnElement[bool]:
    if rising:
        return or_(moment > after.at, (moment == after.at) & (key > after.id))
    return or_(moment < after.at, (moment == after.at) & (key < after.id))
