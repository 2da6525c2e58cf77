"""Payments, refunds and the ledger, for the accountant: every number with the rows it is made of."""

from typing import Any

from sqlalchemy import and_, func, or_, select

from storekeep.kernel.db import Tx
from storekeep.kernel.tables import outbox
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.tables import (
    ATTEMPT_OPEN,
    ledger_balance,
    ledger_entry,
    payment,
    payment_attempt,
    payment_event,
    posting,
    refund,
)
from storekeep.shop.reports.console_office.paging import PAGE_SIZE, Listed, cut

#: filter -> what it says
FILTERS = {
    "": "All",
    "unknown": "Unknown",
    "open": "Waiting",
    "authorized": "Authorized",
    "captured": "Captured",
    "refund_failed": "Refund failed",
}


def payments(tx: Tx, which: str = "", order_id: str | None = None, after: str = "", size: int = PAGE_SIZE) -> Listed:
    """Payments, newest first, each with its newest attempt's status; `after` is the last id seen. One statement."""
    pay = payment.c
    newest = (
        select(payment_attempt.c.status)
        .where(payment_attempt.c.payment_id == pay.id)
        .order_by(payment_attempt.c.n.desc())
        .limit(1)
    )
    failed = select(func.count(refund.c.id)).where(refund.c.payment_id == pay.id, refund.c.status == "failed")
    query = (
        select(
            payment,
            sales_order.c.number.label("order_number"),
            newest.scalar_subquery().label("attempt_status"),
            failed.scalar_subquery().label("failed_refunds"),
        )
        .outerjoin(sales_order, sales_order.c.id == pay.order_id)
        .order_by(pay.id.desc())
        .limit(size + 1)
    )
    query = _which(query, which)
    if order_id is not None:
        query = query.where(pay.order_id == order_id)
    if after:
        query = query.where(pay.id < after)
    return cut(tx.rows(query), lambda row: row.id, size)


def _which(query: Any, which: str) -> Any:
    pay, attempt = payment.c, payment_attempt.c
    waiting = select(attempt.payment_id).where(attempt.status.in_(ATTEMPT_OPEN))
    stuck = select(refund.c.payment_id)
    match which:
        case "unknown":
            unknown = select(attempt.payment_id).where(attempt.status == "unknown")
            asked = stuck.where(refund.c.status == "unknown")
            return query.where(or_(pay.id.in_(unknown), pay.id.in_(asked)))
        case "open":
            return query.where(pay.id.in_(waiting))
        case "authorized":
            return query.where(pay.authorized_minor > 0)
        case "captured":
            return query.where(pay.captured_minor > 0)
        case "refund_failed":
            return query.where(pay.id.in_(stuck.where(refund.c.status == "failed")))
    return query


def one_payment(tx: Tx, payment_id: str) -> Any | None:
    """A payment with the number of its order."""
    query = select(payment, sales_order.c.number.label("order_number"))
    query = query.outerjoin(sales_order, sales_order.c.id == payment.c.order_id)
    return tx.first(query.where(payment.c.id == payment_id))


def attempts_of(tx: Tx, payment_id: str) -> tuple[Any, ...]:
    """Its attempts, oldest first."""
    table = payment_attempt
    return tuple(tx.rows(select(table).where(table.c.payment_id == payment_id).order_by(table.c.n)))


def events_of(tx: Tx, payment_id: str) -> tuple[Any, ...]:
    """What the provider told us, oldest first."""
    table = payment_event
    query = select(table).where(table.c.payment_id == payment_id)
    return tuple(tx.rows(query.order_by(table.c.occurred_at, table.c.id)))


def refunds_of(tx: Tx, payment_id: str) -> tuple[Any, ...]:
    """Its refunds, oldest first."""
    return tuple(tx.rows(select(refund).where(refund.c.payment_id == payment_id).order_by(refund.c.number)))


def messages_of(tx: Tx, payment_id: str, order_id: str) -> tuple[Any, ...]:
    """What waits to be told to the provider about this order, or died on the way."""
    table = outbox.c
    about = or_(table.subject_id == order_id, table.key.startswith(f"observe:{payment_id}:", autoescape=True))
    query = select(outbox).where(and_(table.lane == "money", table.status != "done", about))
    return tuple(tx.rows(query.order_by(table.id)))


def trial_balance(tx: Tx) -> tuple[Any, ...]:
    """The balance of every account and currency, debit positive, and how many postings it is made of."""
    side = posting.c
    summed = (
        select(side.account, side.currency, func.count(side.id).label("postings"))
        .group_by(side.account, side.currency)
        .subquery()
    )
    balance = ledger_balance.c
    beside = and_(summed.c.account == balance.account, summed.c.currency == balance.currency)
    query = select(ledger_balance, func.coalesce(summed.c.postings, 0).label("postings")).outerjoin(summed, beside)
    return tuple(tx.rows(query.order_by(balance.currency, balance.account)))


def postings(tx: Tx, account: str, currency: str, after: str = "", size: int = PAGE_SIZE) -> Listed:
    """The postings of an account, newest first, with the entry of each; `after` is the last id seen. One statement."""
    side, entry = posting.c, ledger_entry.c
    query = (
        select(
            posting,
            entry.kind,
            entry.occurred_at,
            entry.note,
            sales_order.c.number.label("order_number"),
        )
        .join(ledger_entry, entry.id == side.entry_id)
        .outerjoin(sales_order, sales_order.c.id == side.order_id)
        .where(side.account == account, side.currency == currency)
        .order_by(side.id.desc())
        .limit(size + 1)
    )
    if after:
        query = query.where(side.id < after)
    return cut(tx.rows(query), lambda row: row.id, size)


def balance_of(tx: Tx, account: str, currency: str) -> int:
    """What an account holds, debit positive."""
    table = ledger_balance.c
    query = select(table.amount_minor).where(table.account == account, table.currency == currency)
    return int(tx.scalar(query) or 0)


def currencies_of(tx: Tx, account: str) -> tuple[str, ...]:
    """The currencies in which an account has a balance."""
    table = ledger_balance.c
    return tuple(
        row[0] for row in tx.rows(select(table.currency).where(table.account == account).order_by(table.currency))
    )


def entry(tx: Tx, entry_id: str) -> Any | None:
    """One ledger entry."""
    return tx.first(select(ledger_entry).where(ledger_entry.c.id == entry_id))


def sides_of(tx: Tx, entry_id: str) -> tuple[Any, ...]:
    """The postings of an entry with the numbers of their orders."""
    query = (
        select(posting, sales_order.c.number.label("order_number"))
        .outerjoin(sales_order, sales_order.c.id == posting.c.order_id)
        .where(posting.c.entry_id == entry_id)
        .order_by(posting.c.n)
    )
    return tuple(tx.rows(query))
