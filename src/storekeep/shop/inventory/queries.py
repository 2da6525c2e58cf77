"""Reads of the goods ledger for pages and flows: what is available, where it is, what moved, what to buy, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from storekeep.kernel import prepared
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.errors import UnknownVariant
from storekeep.shop.inventory.model import Available
from storekeep.shop.inventory.states import OPEN
from storekeep.shop.inventory.tables import (
    availability,
    cost_pool,
    location,
    lot,
    reorder_policy,
    reservation,
    stock_balance,
    stock_move,
    warehouse,
)

NOTHING = Available(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One line of a variant's ledger, places by code; `owned_change` is what it did to the units we own."""

    id: str
    seq: int
    qty: int
    kind: str
    reason: str
    from_code: str
    to_code: str
    owned_change: int
    value_minor: int
    document_type: str
    document_id: str
    actor: str
    posted_at: Instant


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Units of a variant in one place."""

    variant_id: str
    sku: str
    location_id: str
    location_code: str
    kind: str
    status: str
    is_owned: bool
    is_sellable: bool
    qty: int
    assigned: int
    lot_id: str | None = None
    lot_code: str | None = None
    expires_on: str | None = None
    lot_status: str | None = None

    @property
    def is_on_hand(self) -> bool:
        """Whether these units count as on hand: in a bin that is sold from, of a lot that is good."""
        return self.is_sellable and self.status == "active" and self.lot_status in (None, "ok")


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """Who has reserved units of a variant."""

    id: str
    status: str
    qty: int
    cart_id: str | None
    order_id: str | None
    order_line_id: str | None
    location_code: str | None
    expires_at: Instant | None
    created_at: Instant


@dataclass(frozen=True, slots=True)
class StockRow:
    """One line of the stock list: a variant in a warehouse."""

    variant_id: str
    sku: str
    warehouse_id: str
    on_hand: int
    reserved: int
    buffer: int
    available: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class ReorderRow:
    """A variant to buy: `owned` units of ours less `reserved` ones are at or below the reorder point."""

    variant_id: str
    sku: str
    warehouse_id: str
    owned: int
    reserved: int
    reorder_point: int
    order_up_to: int
    suggested: int


@dataclass(frozen=True, slots=True)
class Why:
    """The rows under a variant's numbers in one warehouse: the sums of the rows are the numbers."""

    numbers: Available
    balances: tuple[BalanceRow, ...]
    reservations: tuple[ReservationRow, ...]


def availability_of(
    tx: Tx, variant_ids: Sequence[str], warehouse_id: str | None = None
) -> dict[str, Available]:
    """What can be sold of each variant, over all warehouses or in one; every id asked for is in the answer."""
    found = dict.fromkeys(variant_ids, NOTHING)
    for row in tx.rows(prepared.rows_of(availability, "variant_id", order=("variant_id",)), {"wanted": list(found)}):
        if warehouse_id is not None and row.warehouse_id != warehouse_id:
            continue
        so_far = found[row.variant_id]
        found[row.variant_id] = Available(
            so_far.on_hand + row.on_hand_sellable,
            so_far.reserved + row.reserved,
            so_far.buffer + row.buffer,
            so_far.available + max(0, row.on_hand_sellable - row.reserved - row.buffer),
        )
    return found


def free_units(tx: Tx, variant_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """variant -> warehouse -> units that can be sold, for `sourcing.plan`; read without a lock."""
    a = availability.c
    free = (a.on_hand_sellable - a.reserved - a.buffer).label("free")
    query = select(a.variant_id, a.warehouse_id, free).where(a.variant_id.in_(set(variant_ids)))
    found: dict[str, dict[str, int]] = {}
    for row in tx.rows(query):
        found.setdefault(row.variant_id, {})[row.warehouse_id] = max(0, row.free)
    return found


def moves_of(
    tx: Tx, variant_id: str, *, before_id: str | None = None, limit: int = 50, location_id: str | None = None
) -> list[MoveRow]:
    """A variant's ledger, newest first; `before_id` is the last id of the page before."""
    m, start, end = stock_move.c, location.alias("start"), location.alias("ending")
    query = (
        select(stock_move, start.c.code, end.c.code, start.c.is_owned, end.c.is_owned)
        .join_from(stock_move, start, start.c.id == m.from_location_id)
        .join(end, end.c.id == m.to_location_id)
        .where(m.variant_id == variant_id)
        .order_by(m.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(m.id < before_id)
    if location_id is not None:
        query = query.where((m.from_location_id == location_id) | (m.to_location_id == location_id))
    return [_move(row) for row in tx.rows(query)]


def _move(row: Row[Any]) -> MoveRow:
    from_code, to_code, from_owned, to_owned = tuple(row)[-4:]
    return MoveRow(
        row.id, row.seq, row.qty, row.kind, row.reason, from_code, to_code,
        row.qty * (int(to_owned) - int(from_owned)), row.value_minor, row.document_type, row.document_id, row.actor,
        row.posted_at,
    )  # fmt: skip


def balances_of(
    tx: Tx, variant_ids: Sequence[str], *, warehouse_id: str | None = None, owned_only: bool = True
) -> list[BalanceRow]:
    """Where these variants are, by SKU and along the walk; places without a unit are left out."""
    b, at = stock_balance.c, location.c
    query = _balances().where(b.variant_id.in_(set(variant_ids))).order_by(variant.c.sku, at.walk_sequence, at.code)
    query = query.order_by(lot.c.expires_on, lot.c.code)
    if warehouse_id is not None:
        query = query.where(at.warehouse_id == warehouse_id)
    if owned_only:
        query = query.where(b.is_owned)
    return [BalanceRow(*tuple(row)) for row in tx.rows(query)]


def contents_of(tx: Tx, location_id: str) -> list[BalanceRow]:
    """What lies in a place, by SKU."""
    query = _balances().where(stock_balance.c.location_id == location_id)
    query = query.order_by(variant.c.sku, lot.c.expires_on, lot.c.code)
    return [BalanceRow(*tuple(row)) for row in tx.rows(query)]


def _balances() -> Any:
    b, at = stock_balance.c, location.c
    return (
        select(b.variant_id, variant.c.sku, at.id, at.code, at.kind, at.status, b.is_owned, at.is_sellable, b.qty,
               b.assigned, lot.c.id, lot.c.code, lot.c.expires_on, lot.c.status)
        .join_from(stock_balance, location, at.id == b.location_id)
        .join(variant, variant.c.id == b.variant_id)
        .outerjoin(lot, lot.c.id == b.lot_id)
        .where(b.qty != 0)
    )  # fmt: skip


def stock_list(
    tx: Tx, *, after_sku: str = "", limit: int = 50, warehouse_id: str | None = None, starts_with: str = ""
) -> list[StockRow]:
    """Variants with stock rows, by SKU; `after_sku` is the last SKU of the page before."""
    a, pool = availability.c, cost_pool.c
    query = (
        select(a.variant_id, variant.c.sku, a.warehouse_id, a.on_hand_sellable, a.reserved, a.buffer,
               func.coalesce(pool.value_minor, 0).label("value"))
        .join_from(availability, variant, variant.c.id == a.variant_id)
        .outerjoin(cost_pool, (pool.variant_id == a.variant_id) & (pool.warehouse_id == a.warehouse_id))
        .where(variant.c.sku > after_sku)
        .order_by(variant.c.sku, a.warehouse_id)
        .limit(limit)
    )  # fmt: skip
    if warehouse_id is not None:
        query = query.where(a.warehouse_id == warehouse_id)
    if starts_with:
        query = query.where(variant.c.sku.startswith(starts_with.strip().upper(), autoescape=True))
    return [
        StockRow(v, sku, w, on_hand, reserved, buffer, max(0, on_hand - reserved - buffer), value)
        for v, sku, w, on_hand, reserved, buffer, value in map(tuple, tx.rows(query))
    ]


def to_reorder(tx: Tx, *, after_sku: str = "", limit: int = 50) -> list[ReorderRow]:
    """Active variants whose position (owned and good, less reserved) is at or below the reorder point, by SKU.

    The suggestion fills up to `order_up_to`. Goods in quarantine or of lots that are not good do not count; goods in
    receiving do.
    """
    p, b, at, a = reorder_policy.c, stock_balance.c, location.c, availability.c
    owned = (
        select(func.coalesce(func.sum(b.qty), 0))
        .join_from(stock_balance, location, at.id == b.location_id)
        .outerjoin(lot, lot.c.id == b.lot_id)
        .where(b.variant_id == p.variant_id, at.warehouse_id == p.warehouse_id,
               at.kind.in_(["bin", "receiving", "transit"]), lot.c.id.is_(None) | (lot.c.status == "ok"))
        .scalar_subquery()
    )  # fmt: skip
    reserved = func.coalesce(a.reserved, 0)
    query = (
        select(p.variant_id, variant.c.sku, p.warehouse_id, owned.label("owned"), reserved.label("reserved"),
               p.reorder_point, p.order_up_to)
        .join_from(reorder_policy, variant, variant.c.id == p.variant_id)
        .outerjoin(availability, (a.variant_id == p.variant_id) & (a.warehouse_id == p.warehouse_id))
        .where(variant.c.status == "active", owned - reserved <= p.reorder_point, p.order_up_to > owned - reserved)
        .where(variant.c.sku > after_sku)
        .order_by(variant.c.sku, p.warehouse_id)
        .limit(limit)
    )  # fmt: skip
    return [
        ReorderRow(v, sku, w, int(owned), held, point, up_to, up_to - (int(owned) - held))
        for v, sku, w, owned, held, point, up_to in map(tuple, tx.rows(query))
    ]


def reservations_of(tx: Tx, variant_id: str, warehouse_id: str | None = None, limit: int = 200) -> list[ReservationRow]:
    """The open reservations of a variant, oldest first."""
    r = reservation.c
    query = (
        select(r.id, r.status, r.qty, r.cart_id, r.order_id, r.order_line_id, location.c.code, r.expires_at,
               r.created_at)
        .join_from(reservation, location, location.c.id == r.location_id, isouter=True)
        .where(r.variant_id == variant_id, r.status.in_(sorted(OPEN)))
        .order_by(r.created_at, r.id)
        .limit(limit)
    )
    if warehouse_id is not None:
        query = query.where(r.warehouse_id == warehouse_id)
    return [ReservationRow(*tuple(row)) for row in tx.rows(query)]


def why(tx: Tx, variant_id: str, warehouse_id: str) -> Why:
    """The rows under a variant's numbers: balances that are sold from add up to on hand, open ones to reserved."""
    return Why(
        availability_of(tx, [variant_id], warehouse_id)[variant_id],
        tuple(balances_of(tx, [variant_id], warehouse_id=warehouse_id)),
        tuple(reservations_of(tx, variant_id, warehouse_id)),
    )


def value_on_hand(tx: Tx, variant_ids: Sequence[str] | None = None) -> int:
    """What the goods we own are worth: what is left in their cost layers."""
    query = select(func.coalesce(func.sum(cost_pool.c.value_minor), 0))
    if variant_ids is not None:
        query = query.where(cost_pool.c.variant_id.in_(set(variant_ids)))
    return int(tx.scalar(query))


def shipped_value(tx: Tx, line_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """(units, value) that left for each fulfillment line, so that a return can come back at what it left with."""
    m = stock_move.c
    query = (
        select(m.line_id, func.sum(m.qty), func.sum(m.value_minor))
        .where(m.line_id.in_(set(line_ids)), m.kind == "ship")
        .group_by(m.line_id)
    )
    return {line: (int(units), int(value)) for line, units, value in map(tuple, tx.rows(query))}


_WAREHOUSES = select(warehouse).order_by(warehouse.c.code)


def warehouses(tx: Tx) -> list[Row[Any]]:
    """Every warehouse row, by code."""
    return list(tx.rows(_WAREHOUSES))

def variant_by_sku(tx: Tx, sku: str) -> str:
    """The variant with this SKU, however it was typed; `UnknownVariant` otherwise."""
    found = tx.scalar(select(variant.c.id).where(variant.c.sku == func.upper(sku.strip())))
    if found is None:
        raise UnknownVariant(f"there is no SKU {sku.strip() or '(empty)'}")
    return str(found)
