"""Reads for the pages of transfers, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from storekeep.kernel.db import Tx
from storekeep.shop.inventory.tables import warehouse
from storekeep.shop.transfers.store import lines_of as lines_of
from storekeep.shop.transfers.store import load as load
from storekeep.shop.transfers.tables import transfer, transfer_difference, transfer_line


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `next_after` leads to the next and is None on the last."""

    rows: tuple[Any, ...]
    next_after: str | None


def listed(tx: Tx, statuses: Sequence[str], *, after: str | None = None, limit: int = 50) -> Page:
    """Transfers with their ends and units (wanted, sent, here, gone), the newest first."""
    t, x = transfer.c, transfer_line.c
    start, end = warehouse.alias("start"), warehouse.alias("ending")

    def total(*columns: Any) -> Any:
        amount = sum(columns[1:], columns[0])
        return func.coalesce(select(func.sum(amount)).where(x.transfer_id == t.id).scalar_subquery(), 0)

    query = (
        select(transfer, start.c.name.label("from_name"), end.c.name.label("to_name"), total(x.wanted).label("wanted"),
               total(x.sent).label("sent"), total(x.received, x.damaged).label("here"),
               total(x.lost, x.returned).label("gone"))
        .join_from(transfer, start, start.c.id == t.from_warehouse_id)
        .join(end, end.c.id == t.to_warehouse_id)
        .where(t.status.in_(list(statuses)))
        .order_by(t.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        query = query.where(t.id < after)
    rows = tx.rows(query)
    return Page(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def differences(tx: Tx, transfer_id: str) -> Sequence[Row[Any]]:
    """What did not arrive as it was sent, in the order in which it was decided."""
    d, x = transfer_difference.c, transfer_line.c
    query = (
        select(transfer_difference, x.variant_id)
        .join_from(transfer_difference, transfer_line, x.id == d.transfer_line_id)
        .where(x.transfer_id == transfer_id)
        .order_by(d.id)
    )
    return tx.rows(query)


def inbound(tx: Tx, variant_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """(variant, warehouse) -> units that are on the way to it from our other warehouses."""
    t, x = transfer.c, transfer_line.c
    way = x.sent - x.received - x.damaged - x.lost - x.returned
    query = (
        select(x.variant_id, t.to_warehouse_id, func.sum(way))
        .join_from(transfer_line, transfer, t.id == x.transfer_id)
        .where(x.variant_id.in_(list(set(variant_ids))), way > 0)
        .group_by(x.variant_id, t.to_warehouse_id)
    )
    return {(variant_id, house): int(units) for variant_id, house, units in map(tuple, tx.rows(query))}
