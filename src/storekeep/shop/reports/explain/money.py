"""The money of an order: what the provider told us, what the ledger booked, and what is due."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.orders.tables import order_adjustment, sales_order
from storekeep.shop.payments.tables import ledger_entry, payment_event, posting, refund
from storekeep.shop.payments.tables import payment as payments
from storekeep.shop.reports.explain.model import Explanation, Number, Row, number, order_number

#: The accounts that money comes in on: the bank, and what the provider holds for us.
CASH = ("1000", "1200")
_UNDERWAY = ("requested", "sent", "pending", "unknown")


def order_row(tx: Tx, which: str) -> Any:
    """The order with this number; `NotFound` when there is none, `Invalid` when it cannot be a number."""
    wanted = order_number(which)
    found = tx.first(select(sales_order).where(sales_order.c.number == wanted))
    if found is None:
        raise NotFound(f"there is no order {wanted}")
    return found


def cash(tx: Tx, order_id: str) -> Sequence[Any]:
    """The order's postings on the accounts of money, with their entries, oldest first."""
    p, e = posting.c, ledger_entry.c
    query = (
        select(posting, e.kind, e.occurred_at)
        .join(ledger_entry, e.id == p.entry_id)
        .where(p.order_id == order_id, p.account.in_(CASH))
        .order_by(e.occurred_at, e.id, p.n)
    )
    return tx.rows(query)


def _booked(row: Any, sign: int) -> Row:
    return Row(sign * row.amount_minor, f"{row.kind} on account {row.account}", f"ledger_entry {row.entry_id}",
               row.occurred_at)  # fmt: skip


def of_order(tx: Tx, order: Any) -> list[Number]:
    """Owed, received, given back and due of an order."""
    a = order_adjustment.c
    adjustments = tx.rows(select(order_adjustment).where(a.order_id == order.id).order_by(a.id))
    owed = [Row(order.total_minor, "the order's total", f"sales_order {order.id}", order.placed_at)]
    owed += [Row(-one.gross_minor, f"{one.kind}: {one.reason}", f"order_adjustment {one.id}", one.made_at)
             for one in adjustments]  # fmt: skip
    rows = cash(tx, order.id)
    came = [_booked(row, 1) for row in rows if row.kind == "payment.captured"]
    went = [_booked(row, -1) for row in rows if row.kind in ("refund.succeeded", "refund.failed")]
    numbers = [
        number("owed", order.owed_minor, owed, order.currency),
        number("received", order.received_minor, came, order.currency),
        number("given back", order.given_back_minor, went, order.currency),
    ]
    due = [
        Row(sign * one.made, one.name, "above") for one, sign in zip(numbers, (1, -1, 1), strict=True)
    ]
    said = order.owed_minor - order.received_minor + order.given_back_minor
    return [*numbers, number("due", said, due, order.currency)]


def payment(tx: Tx, which: str) -> Explanation:
    """The payments of an order: each amount from the provider's events, and again from the ledger."""
    order = order_row(tx, which)
    query = select(payments).where(payments.c.order_id == order.id).order_by(payments.c.id)
    rows, booked = tx.rows(query), cash(tx, order.id)
    e, r = payment_event.c, refund.c
    ids = [row.id for row in rows]
    events = tx.rows(select(payment_event).where(e.payment_id.in_(ids)).order_by(e.occurred_at, e.id))
    refunds = tx.rows(select(refund).where(r.payment_id.in_(ids)).order_by(r.number))
    found: list[Number] = []
    for place, row in enumerate(rows, start=1):
        mine = [event for event in events if event.payment_id == row.id]
        posted = [one for one in booked if one.payment_id == row.id]
        back = [one for one in refunds if one.payment_id == row.id]
        name = f"payment {place} ({row.tender} with {row.provider})" if len(rows) > 1 else f"{row.tender} payment"
        found += _of_payment(row, name, mine, posted, back)
    return Explanation(f"payments of order {order.number}", tuple(found))


def _event(row: Any, sign: int = 1) -> Row:
    return Row(sign * row.amount_minor, f"{row.kind}: {row.provider_object_id}", f"payment_event {row.id}",
               row.occurred_at)  # fmt: skip


def _of_payment(row: Any, name: str, events: list[Any], posted: list[Any], refunds: list[Any]) -> list[Number]:
    captured = [_event(one) for one in events if one.kind == "captured"]
    is_over = bool(captured) or any(one.kind == "voided" for one in events)
    set_aside = [_event(one) for one in events if one.kind == "authorized"] if not is_over else []
    back = [_event(one, 1 if one.kind == "refunded" else -1) for one in events
            if one.kind in ("refunded", "refund_failed")]  # fmt: skip
    going = [Row(one.amount_minor, f"refund {one.number}, {one.status}: {one.reason}", f"refund {one.id}",
                 one.created_at) for one in refunds if one.status in _UNDERWAY]  # fmt: skip
    came = [_booked(one, 1) for one in posted if one.kind == "payment.captured"]
    went = [_booked(one, -1) for one in posted if one.kind in ("refund.succeeded", "refund.failed")]
    return [
        number(f"{name}: authorized and still to be taken", row.authorized_minor, set_aside, row.currency),
        number(f"{name}: captured, as the provider told", row.captured_minor, captured, row.currency),
        number(f"{name}: captured, as the ledger booked", row.captured_minor, came, row.currency),
        number(f"{name}: refunded, as the provider told", row.refunded_minor, back, row.currency),
        number(f"{name}: refunded, as the ledger booked", row.refunded_minor, went, row.currency),
        number(f"{name}: refunds under way", row.refund_pending_minor, going, row.currency),
    ]
