"""Conversations for the inbox, and customers with what they ordered."""

from typing import Any

from sqlalchemy import and_, func, literal, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.access.tables import staff
from storekeep.shop.customers import queries as customers
from storekeep.shop.customers.tables import customer
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports.console_office.paging import PAGE_SIZE, Listed, cut
from storekeep.shop.support.tables import conversation, message, note, remedy

#: tab -> what it says
TABS = {"open": "Open", "waiting": "Waiting for the customer", "resolved": "Resolved", "cases": "Cases"}


def tab_counts(tx: Tx) -> dict[str, int]:
    """How many conversations stand under each tab that is still work; the resolved ones are not counted."""
    table = conversation.c
    query = select(table.kind, table.status, func.count(literal(1)).label("n"))
    rows = tx.rows(query.where(table.status != "resolved").group_by(table.kind, table.status))
    found = {(row.kind, row.status): row.n for row in rows}
    return {
        "open": found.get(("customer", "open"), 0),
        "waiting": found.get(("customer", "waiting_customer"), 0),
        "cases": found.get(("case", "open"), 0) + found.get(("case", "waiting_customer"), 0),
    }


def conversations(
    tx: Tx, *, tab: str, text: str = "", assignee_id: str | None = None, after: str = "", size: int = PAGE_SIZE
) -> Listed:
    """One tab of the inbox. Open ones begin with who has waited longest, all others with the newest.

    `after` is what the page before gave as `next_after`; anything else begins at the top. One statement.
    """
    table = conversation.c
    moment = func.coalesce(table.waiting_since, table.created_at) if tab == "open" else table.created_at
    query = (
        select(
            conversation,
            moment.label("listed_at"),
            staff.c.name.label("assignee"),
            sales_order.c.number.label("order_number"),
        )
        .outerjoin(staff, staff.c.id == table.assignee_id)
        .outerjoin(sales_order, sales_order.c.id == table.order_id)
        .limit(size + 1)
    )
    query = _in_tab(query, tab)
    if assignee_id is not None:
        query = query.where(table.assignee_id == assignee_id)
    if text.strip():
        query = query.where(_about(text.strip()))
    if place := _place(after):
        query = query.where(_behind(moment, place, rising=tab == "open"))
    ordered = (moment, table.number) if tab == "open" else (moment.desc(), table.number.desc())
    return cut(tx.rows(query.order_by(*ordered)), lambda row: f"{row.listed_at}.{row.number}", size)


def _place(after: str) -> tuple[int, int] | None:
    at, _, number = after.partition(".")
    fits = all(part.isascii() and part.isdigit() and len(part) < 18 for part in (at, number))
    return (int(at), int(number)) if fits else None


def _behind(moment: Any, place: tuple[int, int], *, rising: bool) -> Any:
    at, number = place
    table = conversation.c
    if rising:
        return or_(moment > at, and_(moment == at, table.number > number))
    return or_(moment < at, and_(moment == at, table.number < number))


def _in_tab(query: Any, tab: str) -> Any:
    table = conversation.c
    if tab == "cases":
        return query.where(table.kind == "case", table.status != "resolved")
    if tab == "resolved":
        return query.where(table.status == "resolved")
    status = "waiting_customer" if tab == "waiting" else "open"
    return query.where(table.kind == "customer", table.status == status)


def _about(text: str) -> Any:
    table, bare = conversation.c, text.removeprefix("#")
    ways = [
        table.email.startswith(text.lower(), autoescape=True),
        table.name.icontains(text, autoescape=True),
        table.subject.icontains(text, autoescape=True),
    ]
    if bare.isascii() and bare.isdigit() and len(bare) < 16:
        ways += [table.number == int(bare), sales_order.c.number == int(bare)]
    return or_(*ways)


def conversation_by_number(tx: Tx, number: int) -> Any | None:
    """A conversation with its assignee's name."""
    query = select(conversation, staff.c.name.label("assignee"))
    query = query.outerjoin(staff, staff.c.id == conversation.c.assignee_id)
    return tx.first(query.where(conversation.c.number == number))


def said(tx: Tx, conversation_id: str) -> tuple[Any, ...]:
    """Messages and notes of a conversation as they were written; `direction` is in, out or note."""
    messages = select(
        message.c.id, message.c.written_at, message.c.direction, message.c.author, message.c.body, message.c.mail_id
    ).where(message.c.conversation_id == conversation_id)
    notes = select(note.c.id, note.c.written_at, literal("note").label("direction"), note.c.author, note.c.body).where(
        note.c.conversation_id == conversation_id
    )
    entries = [(row.written_at, row.id, row) for row in (*tx.rows(messages), *tx.rows(notes))]
    return tuple(row for _, _, row in sorted(entries, key=lambda entry: entry[:2]))


def remedies_of(tx: Tx, conversation_id: str) -> tuple[Any, ...]:
    """What was done for the customer in this conversation."""
    table = remedy
    return tuple(tx.rows(select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.id)))


def people(tx: Tx, text: str, after: str = "", size: int = PAGE_SIZE) -> Listed:
    """Customers by e-mail address with how many orders they have; `after` is the last address seen. Two statements."""
    found = customers.find(tx, text, after=after or None, limit=size)
    ids = [row.id for row in found.rows]
    order = sales_order.c
    count = select(order.customer_id, func.count(literal(1)).label("n"), func.max(order.placed_at).label("last_at"))
    rows = tx.rows(count.where(order.customer_id.in_(ids)).group_by(order.customer_id)) if ids else []
    known = {row.customer_id: row for row in rows}
    shown = tuple((row, known[row.id].n if row.id in known else 0, _last(known.get(row.id))) for row in found.rows)
    return Listed(shown, found.next_after or "")


def _last(row: Any) -> int | None:
    return None if row is None else int(row.last_at)


def person(tx: Tx, customer_id: str) -> Any | None:
    """One customer."""
    return tx.first(select(customer).where(customer.c.id == customer_id))


def orders_of_person(tx: Tx, customer_id: str, limit: int = 100) -> tuple[Any, ...]:
    """Their newest orders."""
    order = sales_order.c
    return tuple(
        tx.rows(select(sales_order).where(order.customer_id == customer_id).order_by(order.number.desc()).limit(limit))
    )


def talks_of_person(tx: Tx, email: str, limit: int = 50) -> tuple[Any, ...]:
    """Their newest conversations."""
    table = conversation.c
    return tuple(tx.rows(select(conversation).where(table.email == email).order_by(table.number.desc()).limit(limit)))
