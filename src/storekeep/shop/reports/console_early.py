"""What the console shows of goods sold before they are here, of orders that wait, and of what runs low. SELECT only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.queries import decode_after, encode_after
from storekeep.shop.customers.tables import stock_signup
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders.tables import order_line, order_wait, sales_order
from storekeep.shop.purchasing.model import OnOrder
from storekeep.shop.purchasing.queries import on_order

_W, _O, _R, _L = order_wait.c, sales_order.c, reservation.c, order_line.c


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of a variant that an order waits for, and when its next delivery is expected."""

    variant_id: str
    sku: str
    title: str
    qty: int
    next_on: str | None


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits, with what is missing; nothing is missing of a pre-order before its day."""

    row: Row[Any]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """One page of them, the earliest promise first."""

    rows: tuple[WaitingOrder, ...]
    next_after: str | None


def waiting_orders(tx: Tx, *, variant_id: str = "", after: str | None = None, limit: int = 50) -> WaitingPage:
    """Orders that wait, all or those that miss a variant. Raises `Invalid` for an `after` that is not ours."""
    query = (
        select(_O.id, _O.number, _O.name, _O.status, _O.payment_status, _O.placed_at, _O.promised_on, _W.ready_on,
               _W.first_ready_on)
        .join_from(order_wait, sales_order, _O.id == _W.order_id)
        .where(_W.ended_at.is_(None))
        .order_by(_W.ready_on, _O.id)
    )  # fmt: skip
    if variant_id:
        query = query.where(
            select(_R.id).where(_R.order_id == _O.id, _R.variant_id == variant_id, _R.status == "waiting").exists()
        )
    if after:
        day, last = decode_after(after, (str, str))
        query = query.where(or_(_W.ready_on > day, and_(_W.ready_on == day, _O.id > last)))
    found = tx.rows(query.limit(limit + 1))
    shown = found[:limit]
    missing = _missing(tx, [row.id for row in shown])
    following = encode_after([shown[-1].ready_on, shown[-1].id]) if len(found) > limit else None
    return WaitingPage(tuple(WaitingOrder(row, tuple(missing.get(row.id, ()))) for row in shown), following)


def count_waiting(tx: Tx) -> int:
    """How many orders wait."""
    return int(tx.scalar(select(func.count()).select_from(order_wait).where(_W.ended_at.is_(None))))


def _missing(tx: Tx, order_ids: Sequence[str]) -> dict[str, list[Missing]]:
    query = (
        select(_R.order_id, _L.variant_id, _L.sku, _L.title, _L.option_label, func.sum(_R.qty).label("qty"))
        .join_from(reservation, order_line, _L.id == _R.order_line_id)
        .where(among(_R.order_id, list(order_ids)), _R.status == "waiting")
        .group_by(_R.order_id, _L.variant_id, _L.sku, _L.title, _L.option_label)
        .order_by(_R.order_id, _L.sku)
    )
    rows = tx.rows(query) if order_ids else ()
    coming = next_days(on_order(tx, sorted({row.variant_id for row in rows})) if rows else {})
    found: dict[str, list[Missing]] = {}
    for row in rows:
        title = f"{row.title} {row.option_label}".rstrip()
        one = Missing(row.variant_id, row.sku, title, int(row.qty), coming.get(row.variant_id))
        found.setdefault(row.order_id, []).append(one)
    return found


def next_days(coming: Mapping[tuple[str, str], OnOrder]) -> dict[str, str]:
    """Variant -> the first day on which a delivery is expected."""
    days: dict[str, str] = {}
    for (variant_id, _), each in coming.items():
        if each.next_on is not None:
            days[variant_id] = min(each.next_on, days.get(variant_id, each.next_on))
    return days


def units_coming(tx: Tx, variant_ids: Sequence[str]) -> dict[str, int]:
    """Variant -> units on order."""
    found: dict[str, int] = {}
    for (variant_id, _), each in (on_order(tx, variant_ids) if variant_ids else {}).items():
        found[variant_id] = found.get(variant_id, 0) + each.units
    return found


def people_waiting(tx: Tx, variant_ids: Sequence[str]) -> dict[str, int]:
    """Variant -> people who confirmed that they want to be told when it is back."""
    s = stock_signup.c
    query = select(s.variant_id, func.count().label("people")).where(
        among(s.variant_id, list(variant_ids)), s.status == "confirmed"
    )
    return {row.variant_id: row.people for row in tx.rows(query.group_by(s.variant_id))} if variant_ids else {}


def sold_ahead(tx: Tx, variant_id: str) -> Sequence[Row[Any]]:
    """The reservations of a variant that is still to come, in the order in which goods go to them."""
    query = (
        select(_R.id, _R.status, _R.qty, _R.promised_on, _R.created_at, _R.expires_at, _O.number)
        .outerjoin_from(reservation, sales_order, _O.id == _R.order_id)
        .where(_R.variant_id == variant_id, _R.status.in_(("ahead", "waiting")))
        .order_by(_R.status.desc(), _R.promised_on, _R.created_at, _R.id)
        .limit(200)
    )
    return tx.rows(query)
