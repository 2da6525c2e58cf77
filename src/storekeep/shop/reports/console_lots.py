"""Lots as the console shows them: where each one lies, why it has its status, and which orders got units of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, case, cast, func, select

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment.tables import fulfillment_line
from storekeep.shop.inventory.lots import Lot
from storekeep.shop.inventory.tables import location, lot, reservation, stock_balance, stock_move
from storekeep.shop.orders.tables import order_line, sales_order


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot with its units: in the house, of them in bins that are sold from, and those that customers have."""

    lot: Lot
    owned: int
    in_bins: int
    sent: int


def tracking_of(tx: Tx, variant_id: str) -> Row[Any]:
    """Whether and how the goods of a variant are told apart and how long they keep."""
    v = variant.c
    query = select(v.tracking, v.shelf_life_days, v.min_days_at_ship).where(v.id == variant_id)
    row = tx.first(query)
    assert row is not None, "the caller has found the variant"
    return row


def lots_of(tx: Tx, variant_id: str, *, with_empty: bool = False, limit: int = 200) -> list[LotRow]:
    """The lots of a variant in the order in which they are picked; those with nothing in the house only when asked."""
    b, at = stock_balance.c, location.c
    is_sold_from = at.is_sellable & (at.status == "active")
    units = (
        select(
            b.lot_id,
            _units(case((b.is_owned, b.qty), else_=0)).label("owned"),
            _units(case((is_sold_from, b.qty), else_=0)).label("in_bins"),
            _units(case((at.kind == "customer", b.qty), else_=0)).label("sent"),
        )
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(b.variant_id == variant_id)
        .group_by(b.lot_id)
        .subquery()
    )
    query = (
        select(lot, units.c.owned, units.c.in_bins, units.c.sent)
        .join_from(lot, units, units.c.lot_id == lot.c.id, isouter=True)
        .where(lot.c.variant_id == variant_id)
        .order_by(lot.c.expires_on.is_(None), lot.c.expires_on, lot.c.received_at, lot.c.id)
        .limit(limit)
    )
    if not with_empty:
        query = query.where(units.c.owned > 0)
    return [
        LotRow(_lot(row), int(row.owned or 0), int(row.in_bins or 0), int(row.sent or 0)) for row in tx.rows(query)
    ]


def _units(amount: Any) -> Any:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)


def _lot(row: Row[Any]) -> Lot:
    return Lot(**{name: getattr(row, name) for name in Lot.__slots__})


def one_lot(tx: Tx, variant_id: str, lot_id: str) -> LotRow | None:
    """A lot of a variant with its units."""
    found = [row for row in lots_of(tx, variant_id, with_empty=True, limit=10_000) if row.lot.id == lot_id]
    return found[0] if found else None


def places_of(tx: Tx, variant_id: str, lot_id: str) -> Sequence[Row[Any]]:
    """Where the units of a lot are, the outside included, by code."""
    b, at = stock_balance.c, location.c
    query = (
        select(at.id, at.code, at.kind, at.status, b.is_owned, b.qty, b.assigned)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(b.variant_id == variant_id, b.lot_id == lot_id, b.qty > 0)
        .order_by(b.is_owned.desc(), at.walk_sequence, at.code)
    )
    return tx.rows(query)


@dataclass(frozen=True, slots=True)
class OrderWithLot:
    """Units of a lot that an order got, or that are on their way to it; those that came back are counted apart."""

    order_id: str
    number: int
    name: str
    email: str
    sent: int
    in_house: int
    returned: int
    last_sent_at: Instant | None


def orders_of(tx: Tx, lot_id: str) -> list[OrderWithLot]:
    """Every order that got units of a lot or has them in a tray, by number: whom a recall must reach."""
    m, line, of, o, r = stock_move.c, fulfillment_line.c, order_line.c, sales_order.c, reservation.c
    sent = (
        select(of.order_id, m.qty.label("sent"), _none().label("in_house"), _none().label("returned"), m.posted_at)
        .join_from(stock_move, fulfillment_line, line.id == m.line_id)
        .join(order_line, of.id == line.order_line_id)
        .where(m.lot_id == lot_id, m.kind == "ship")
    )
    back = (
        select(of.order_id, _none(), _none(), m.qty, _nothing())
        .join_from(stock_move, order_line, of.id == m.line_id)
        .where(m.lot_id == lot_id, m.kind == "return_in")
    )
    inside = select(r.order_id, _none(), r.qty, _none(), _nothing()).where(
        r.lot_id == lot_id, r.status.in_(("assigned", "picked"))
    )
    parts = sent.union_all(back, inside).subquery()
    query = (
        select(o.id, o.number, o.name, o.email, func.sum(parts.c.sent), func.sum(parts.c.in_house),
               func.sum(parts.c.returned), func.max(parts.c.posted_at))
        .join_from(sales_order, parts, parts.c.order_id == o.id)
        .group_by(o.id, o.number, o.name, o.email)
        .order_by(o.number)
    )  # fmt: skip
    return [
        OrderWithLot(order_id, number, name, email, int(gone), int(here), int(came), at)
        for order_id, number, name, email, gone, here, came, at in map(tuple, tx.rows(query))
    ]


def _none() -> Any:
    return cast(0, BigInteger)


def _nothing() -> Any:
    return cast(None, BigInteger)
