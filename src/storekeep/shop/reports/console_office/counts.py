"""Counts that lead somewhere: for the navigation on every page, and for the work-first dashboard."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, and_, func, literal, or_, select

from storekeep.kernel.clock import DAY, Instant, day_of, start_of_day
from storekeep.kernel.db import Tx
from storekeep.kernel.tables import inbox, outbox
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.states import COUNT_TASK_LIVE
from storekeep.shop.inventory.tables import availability, count_task, location, lot, reorder_policy, stock_balance
from storekeep.shop.orders.tables import order_wait, sales_order
from storekeep.shop.payments.tables import payment_attempt, refund
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.support.tables import conversation

_WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Sales:
    """Confirmed orders placed in a span, and their totals in minor units of the shop's currency."""

    orders: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that waits for somebody, then what was sold today beside the same weekday of last week."""

    to_pick: int
    picking: int
    first_promise: str | None
    late: int
    latest_promise: str | None
    to_pack: int
    to_dispatch: int
    payments_unknown: int
    unpaid: int
    refunds_stuck: int
    low_stock: int
    unanswered: int
    waiting_since: Instant | None
    cases: int
    returns_announced: int
    returns_here: int
    dead_outbox: int
    dead_inbox: int
    today_on: str
    last_on: str
    today: Sales
    last_until_now: Sales
    last_whole_day: Sales


def nav_counts(tx: Tx) -> dict[str, int]:
    """The numbers beside the navigation's links, in one statement."""
    row = tx.rows(
        select(
            _works("open", "picking").label("to_pick"),
            _works("picked").label("to_pack"),
            _works("packed").label("to_dispatch"),
            _count(order_wait, order_wait.c.ended_at.is_(None)).label("waiting"),
            _count(goods_return, goods_return.c.status.in_(("approved", "received"))).label("returns"),
            _count(count_task, count_task.c.status.in_(COUNT_TASK_LIVE)).label("counts"),
            _count(conversation, conversation.c.status == "open").label("conversations"),
            _unknown_attempts().label("unknown"),
            _stuck_refunds().label("refunds"),
            _count(outbox, outbox.c.status == "dead").label("dead_outbox"),
            _count(inbox, inbox.c.status == "dead").label("dead_inbox"),
        )
    )[0]
    return {
        "to_pick": row.to_pick,
        "to_pack": row.to_pack,
        "to_dispatch": row.to_dispatch,
        "waiting": row.waiting,
        "returns": row.returns,
        "counts": row.counts,
        "conversations": row.conversations,
        "payments": row.unknown + row.refunds,
        "dead": row.dead_outbox + row.dead_inbox,
    }


def dashboard(tx: Tx, zone: str, currency: str) -> Dashboard:
    """The whole dashboard in four statements. Days are the shop's own (`zone`)."""
    today = day_of(tx.now, zone)
    begins = start_of_day(today, zone)
    last = day_of(begins - _WEEK + DAY // 2, zone)
    last_begins = start_of_day(last, zone)
    last_ends = start_of_day(day_of(last_begins + DAY + DAY // 2, zone), zone)
    late = is_late(today)
    row = tx.rows(_work(late))[0]
    return Dashboard(
        **row._mapping,
        today_on=today,
        last_on=last,
        today=_sales(tx, begins, tx.now + 1, currency),
        last_until_now=_sales(tx, last_begins, min(last_begins + tx.now - begins, last_ends), currency),
        last_whole_day=_sales(tx, last_begins, last_ends, currency),
    )


def is_late(today: str) -> Any:
    """Orders whose promise was for a day before `today` and that are not sent completely."""
    return and_(sales_order.c.status == "open", sales_order.c.promised_on < today)


def _work(late: Any) -> Any:
    promised = select(func.min(fulfillment.c.promised_on)).where(fulfillment.c.status.in_(("open", "picking")))
    oldest_late = select(func.min(sales_order.c.promised_on)).where(late)
    mine = and_(conversation.c.status == "open", conversation.c.kind == "customer")
    oldest_mail = select(func.min(conversation.c.waiting_since)).where(mine)
    return select(
        _works("open").label("to_pick"),
        _works("picking").label("picking"),
        promised.scalar_subquery().label("first_promise"),
        _count(sales_order, late).label("late"),
        oldest_late.scalar_subquery().label("latest_promise"),
        _works("picked").label("to_pack"),
        _works("packed").label("to_dispatch"),
        _unknown_attempts().label("payments_unknown"),
        _count(sales_order, sales_order.c.status == "pending_payment").label("unpaid"),
        _stuck_refunds().label("refunds_stuck"),
        _low_stock().label("low_stock"),
        _count(conversation, mine).label("unanswered"),
        oldest_mail.scalar_subquery().label("waiting_since"),
        _count(conversation, conversation.c.status == "open", conversation.c.kind == "case").label("cases"),
        _count(goods_return, goods_return.c.status == "approved").label("returns_announced"),
        _count(goods_return, goods_return.c.status == "received").label("returns_here"),
        _count(outbox, outbox.c.status == "dead").label("dead_outbox"),
        _count(inbox, inbox.c.status == "dead").label("dead_inbox"),
    )


def _sales(tx: Tx, begins: Instant, ends: Instant, currency: str) -> Sales:
    order = sales_order.c
    query = select(func.count(literal(1)).label("orders"), func.coalesce(func.sum(order.total_minor), 0).label("total"))
    spent = and_(order.placed_at >= begins, order.placed_at < ends, order.confirmed_at.is_not(None))
    row = tx.rows(query.where(spent, order.currency == currency))[0]
    return Sales(row.orders, int(row.total))


def _count(table: Any, *where: Any) -> ScalarSelect[Any]:
    return select(func.count(literal(1))).select_from(table).where(*where).scalar_subquery()


def _works(*statuses: str) -> ScalarSelect[Any]:
    return _count(fulfillment, fulfillment.c.status.in_(statuses))


def _unknown_attempts() -> ScalarSelect[Any]:
    return _count(payment_attempt, payment_attempt.c.status == "unknown")


def _stuck_refunds() -> ScalarSelect[Any]:
    return _count(refund, or_(refund.c.status == "failed", refund.c.status == "unknown"))


def _low_stock() -> ScalarSelect[Any]:
    """Active variants at or below their reorder point, as the reorder list counts them: owned units less reserved."""
    policy, held, place = reorder_policy.c, stock_balance.c, location.c
    owned = (
        select(func.coalesce(func.sum(held.qty), 0))
        .join_from(stock_balance, location, place.id == held.location_id)
        .outerjoin(lot, lot.c.id == held.lot_id)
        .where(
            held.variant_id == policy.variant_id,
            place.warehouse_id == policy.warehouse_id,
            place.kind.in_(["bin", "receiving", "transit"]),
            or_(lot.c.id.is_(None), lot.c.status == "ok"),
        )
        .scalar_subquery()
    )
    position = owned - func.coalesce(availability.c.reserved, 0)
    beside = and_(availability.c.variant_id == policy.variant_id, availability.c.warehouse_id == policy.warehouse_id)
    return (
        select(func.count(literal(1)))
        .select_from(reorder_policy)
        .join(variant, variant.c.id == policy.variant_id)
        .outerjoin(availability, beside)
        .where(variant.c.status == "active", position <= policy.reorder_point, policy.order_up_to > position)
        .scalar_subquery()
    )
