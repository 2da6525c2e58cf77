"""Reads of suggestions, runs and policies for the board, paged by key. SELECT only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.replenishment.model import Key
from storekeep.shop.replenishment.states import TAKEN
from storekeep.shop.replenishment.tables import replenishment_run, replenishment_suggestion

_S, _R = replenishment_suggestion.c, replenishment_run.c
#: What was ordered and has not come after so long will not come.
AWAITED: Instant = 120 * DAY


@dataclass(frozen=True, slots=True)
class Group:
    """The open suggestions of one supplier: their number, units and value, and how many a person must size."""

    supplier_id: str | None
    name: str
    lines: int
    units: int
    value_minor: int
    to_ask: int


def groups(tx: Tx) -> list[Group]:
    """Suppliers with open suggestions, by name; those without a supplier come first."""
    query = (
        select(
            _S.supplier_id, _S.supplier_name, func.count().label("lines"), func.sum(_S.qty).label("units"),
            func.sum(_S.qty * _S.unit_cost_minor).label("value"), func.count().filter(_S.qty == 0).label("to_ask"),
        )
        .where(_S.status == "open")
        .group_by(_S.supplier_id, _S.supplier_name)
        .order_by(_S.supplier_name)
    )  # fmt: skip
    return [
        Group(row.supplier_id, row.supplier_name, row.lines, int(row.units), int(row.value), row.to_ask)
        for row in tx.rows(query)
    ]


def open_lines(tx: Tx, supplier_name: str, *, after: tuple[str, str] = ("", ""), limit: int = 50) -> Sequence[Row[Any]]:
    """The open suggestions for one supplier by SKU; `after` is (SKU, id) of the last row of the page before."""
    query = select(replenishment_suggestion).where(_S.status == "open", _S.supplier_name == supplier_name)
    if after[1]:
        query = query.where(or_(_S.sku > after[0], and_(_S.sku == after[0], _S.id > after[1])))
    return tx.rows(query.order_by(_S.sku, _S.id).limit(limit))


def open_of(
    tx: Tx, supplier_name: str | None = None, *, supplier_ids: Collection[str] | None = None, limit: int = 20_000
) -> Sequence[Row[Any]]:
    """All open suggestions with a quantity, of a supplier, of several, or of all, in the order of their ids."""
    query = select(_S.id, _S.variant_id, _S.warehouse_id, _S.qty, _S.inputs, _S.supplier_id, _S.supplier_name,
                   _S.unit_cost_minor).where(_S.status == "open", _S.qty > 0)  # fmt: skip
    if supplier_name is not None:
        query = query.where(_S.supplier_name == supplier_name)
    if supplier_ids is not None:
        query = query.where(among(_S.supplier_id, supplier_ids))
    return tx.rows(query.order_by(_S.id).limit(limit))


def latest_of(tx: Tx, key: Key, limit: int = 10) -> Sequence[Row[Any]]:
    """The last suggestions for one variant in one warehouse, newest first."""
    query = select(replenishment_suggestion).where(_S.variant_id == key[0], _S.warehouse_id == key[1])
    return tx.rows(query.order_by(_S.id.desc()).limit(limit))


def last_run(tx: Tx) -> Row[Any] | None:
    """The latest run."""
    return tx.first(select(replenishment_run).order_by(_R.ran_at.desc(), _R.id.desc()).limit(1))


def awaited(tx: Tx) -> dict[Key, int]:
    """Units of accepted suggestions without a supplier that have not arrived, as far as the shop's own rows can tell.

    For each variant and warehouse the newest acceptance counts against the deliveries after it, with the earlier ones
    before it likewise; the most that any of these sums leaves open is awaited. After 120 days nothing is awaited.
    """
    taken = select(_S.variant_id, _S.warehouse_id, _S.decided_at, _S.taken_qty).where(
        _S.status.in_(sorted(TAKEN)), _S.decided_at >= tx.now - AWAITED, _S.supplier_id.is_(None)
    )
    orders: dict[Key, list[tuple[Instant, int]]] = {}
    for row in tx.rows(taken.order_by(_S.decided_at)):
        orders.setdefault((row.variant_id, row.warehouse_id), []).append((row.decided_at, row.taken_qty))
    if not orders:
        return {}
    m = stock_move.c
    came = select(m.variant_id, m.warehouse_id, m.posted_at, m.qty).where(
        m.kind == "receive", m.posted_at >= min(first[0][0] for first in orders.values())
    )
    receipts: dict[Key, list[tuple[Instant, int]]] = {}
    for row in tx.rows(came):
        receipts.setdefault((row.variant_id, row.warehouse_id), []).append((row.posted_at, row.qty))
    return {key: left for key, each in orders.items() if (left := _left(each, receipts.get(key, [])))}


def _left(orders: Sequence[tuple[Instant, int]], receipts: Sequence[tuple[Instant, int]]) -> int:
    """The most that the orders from some moment on leave open after the deliveries from then on."""
    most = 0
    for at, _ in orders:
        ordered = sum(qty for when, qty in orders if when >= at)
        most = max(most, ordered - sum(qty for when, qty in receipts if when >= at))
    return most
