"""One order with all that hangs on it, in a fixed number of statements however large it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, literal, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.access.tables import staff
from storekeep.shop.customers.tables import customer
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import (
    order_adjustment,
    order_event,
    order_kit,
    order_line,
    order_part,
    order_wait,
    sales_order,
)
from storekeep.shop.payments.tables import (
    ATTEMPT_OPEN,
    ledger_entry,
    payment,
    payment_attempt,
    payment_event,
    posting,
    refund,
)
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.tables import document, shipment, tracking_event
from storekeep.shop.support.tables import conversation, note, remedy


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Rows of one order, each list oldest first. Events, attempts and scans carry the id of what they belong to."""

    order: Any
    lines: tuple[Any, ...]
    #: The kits that were bought, by id
    kits: Mapping[str, Any]
    parts: tuple[Any, ...]
    adjustments: tuple[Any, ...]
    payments: tuple[Any, ...]
    attempts: tuple[Any, ...]
    payment_events: tuple[Any, ...]
    refunds: tuple[Any, ...]
    works: tuple[Any, ...]
    parcels: tuple[Any, ...]
    papers: tuple[Any, ...]
    scans: tuple[Any, ...]
    timeline: tuple[Any, ...]
    notes: tuple[Any, ...]
    conversations: tuple[Any, ...]
    returns: tuple[Any, ...]
    remedies: tuple[Any, ...]
    mails: tuple[Any, ...]
    customer: Any
    order_count: int
    #: How it waits for goods, None when it does not
    wait: Any


def by_number(tx: Tx, number: int) -> Any | None:
    """The order's row."""
    return tx.first(select(sales_order).where(sales_order.c.number == number))


def by_id(tx: Tx, order_id: str) -> Any | None:
    """The order's row, by its id."""
    return tx.first(select(sales_order).where(sales_order.c.id == order_id))


def load(tx: Tx, number: int) -> OrderPage | None:
    """Everything about one order, or None when there is none with this number."""
    order = by_number(tx, number)
    if order is None:
        return None
    of_order = order.id

    def rows(table: Any, *by: Any) -> tuple[Any, ...]:
        return tuple(tx.rows(select(table).where(table.c.order_id == of_order).order_by(*by)))

    pays = select(payment.c.id).where(payment.c.order_id == of_order)
    parcels = select(shipment.c.id).where(shipment.c.order_id == of_order)
    return OrderPage(
        order=order,
        lines=rows(order_line, order_line.c.position),
        kits={row.id: row for row in rows(order_kit, order_kit.c.position)},
        parts=rows(order_part, order_part.c.kind, order_part.c.id),
        adjustments=rows(order_adjustment, order_adjustment.c.id),
        payments=rows(payment, payment.c.id),
        attempts=rows(payment_attempt, payment_attempt.c.n),
        payment_events=tuple(tx.rows(_of(payment_event, payment_event.c.payment_id, pays))),
        refunds=rows(refund, refund.c.number),
        works=rows(fulfillment, fulfillment.c.number),
        parcels=rows(shipment, shipment.c.number),
        papers=_papers(tx, of_order),
        scans=tuple(tx.rows(_of(tracking_event, tracking_event.c.shipment_id, parcels))),
        timeline=tuple(tx.rows(_timeline(of_order))),
        notes=tuple(tx.rows(_notes(of_order))),
        conversations=rows(conversation, conversation.c.number),
        returns=_returns(tx, of_order),
        remedies=rows(remedy, remedy.c.id),
        mails=rows(mail, mail.c.id),
        customer=tx.first(select(customer).where(customer.c.id == order.customer_id)),
        order_count=_orders_of(tx, order),
        wait=tx.first(
            select(order_wait).where(order_wait.c.order_id == order.id, order_wait.c.ended_at.is_(None))
        ),
    )


def _of(table: Any, column: Any, owners: Any) -> Any:
    by = table.c.recorded_at if table is payment_event else table.c.scanned_at
    return select(table).where(column.in_(owners)).order_by(by, table.c.id)


def _papers(tx: Tx, order_id: str) -> tuple[Any, ...]:
    """Labels and packing slips without their bodies; they belong to a parcel, its work, or the order."""
    parcels = select(shipment.c.id).where(shipment.c.order_id == order_id)
    works = select(fulfillment.c.id).where(fulfillment.c.order_id == order_id)
    table = document.c
    query = select(table.id, table.kind, table.content_type, table.subject_id, table.created_at)
    mine = or_(table.subject_id.in_(parcels), table.subject_id.in_(works), table.subject_id == order_id)
    return tuple(tx.rows(query.where(mine).order_by(table.id)))


def paper(tx: Tx, order_id: str, document_id: str) -> Any | None:
    """One paper of an order with its body, or None when it is not this order's."""
    if document_id not in {row.id for row in _papers(tx, order_id)}:
        return None
    return tx.first(select(document).where(document.c.id == document_id))


def _timeline(order_id: str) -> Any:
    return select(order_event).where(order_event.c.order_id == order_id).order_by(order_event.c.id.desc()).limit(200)


def _notes(order_id: str) -> Any:
    talks = select(conversation.c.id).where(conversation.c.order_id == order_id)
    mine = or_(note.c.order_id == order_id, note.c.conversation_id.in_(talks))
    return select(note).where(mine).order_by(note.c.id.desc()).limit(100)


def _returns(tx: Tx, order_id: str) -> tuple[Any, ...]:
    line = goods_return_line.c
    query = (
        select(goods_return, func.sum(line.qty).label("units"), func.sum(line.received).label("received"))
        .join(goods_return_line, line.return_id == goods_return.c.id)
        .where(goods_return.c.order_id == order_id)
        .group_by(*goods_return.c)
        .order_by(goods_return.c.number)
    )
    return tuple(tx.rows(query))


def _orders_of(tx: Tx, order: Any) -> int:
    same = sales_order.c.customer_id == order.customer_id if order.customer_id else sales_order.c.email == order.email
    return int(tx.scalar(select(func.count(literal(1))).select_from(sales_order).where(same)))


def postings_of(tx: Tx, order_id: str) -> tuple[Any, ...]:
    """Every posting that names the order, with its entry, oldest first."""
    entry = ledger_entry.c
    query = (
        select(posting, entry.kind, entry.occurred_at, entry.note, entry.source_type)
        .join(ledger_entry, entry.id == posting.c.entry_id)
        .where(posting.c.order_id == order_id)
        .order_by(entry.occurred_at, entry.id, posting.c.n)
    )
    return tuple(tx.rows(query))


def balances_of(tx: Tx, order_id: str) -> dict[str, int]:
    """What the order's postings sum to per account, debit positive."""
    total = func.sum(posting.c.amount_minor).label("amount")
    query = select(posting.c.account, total).where(posting.c.order_id == order_id).group_by(posting.c.account)
    return {row.account: int(row.amount) for row in tx.rows(query)}


def open_page_of(tx: Tx, order_id: str) -> Any | None:
    """The open payment attempt of an order, if it has one."""
    table = payment_attempt
    return tx.first(select(table).where(and_(table.c.order_id == order_id, table.c.status.in_(ATTEMPT_OPEN))))


def names_of_staff(tx: Tx, actors: Sequence[str]) -> dict[str, str]:
    """`staff:<id>` -> name, for the actors that are people."""
    ids = sorted({actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:")})
    if not ids:
        return {}
    return {f"staff:{row.id}": row.name for row in tx.rows(select(staff.c.id, staff.c.name).where(staff.c.id.in_(ids)))}
