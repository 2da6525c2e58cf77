"""Costs that land on goods after they arrived: freight, duty. Each share follows the goods it is for.

A bill often comes when some of the goods are gone. Its share of an arrival is then walked through all that happened to
the layers since, just as if it had been in their value from the first day: what left took its part along, by units,
rounded half to even. The rest is added to the layers that hold the goods now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from storekeep.kernel import prepared
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.money import divide_half_even
from storekeep.shop.inventory import store
from storekeep.shop.inventory.tables import cost_adjustment, cost_entry, cost_layer, cost_pool, stock_move, warehouse

#: What becomes of a share when its goods left by a move of this kind; by any other they were lost.
_FATES = {"ship": "sold", "return_out": "sent_back"}


@dataclass(frozen=True, slots=True)
class Landing:
    """An amount in minor units (negative: a credit) for the goods that a move brought."""

    move_id: str
    line_id: str
    amount_minor: int


@dataclass(slots=True)
class Landed:
    """Where an amount went: into layers by id (`stock`), or after goods that were sold, lost or sent back."""

    stock: dict[str, int] = field(default_factory=dict)
    sold: int = 0
    lost: int = 0
    sent_back: int = 0

    @property
    def stock_minor(self) -> int:
        return sum(self.stock.values())


def add_costs(tx: Tx, landings: Sequence[Landing], document_type: str, document_id: str) -> list[Landed]:
    """Add amounts to what goods cost; tells where each went, in order. The moves must be arrivals.

    A credit takes no layer below zero; what is beyond that counts with the goods that were sold.
    """
    moves = {row.id: row for row in tx.rows(
        select(stock_move).where(among(stock_move.c.id, [one.move_id for one in landings])))}  # fmt: skip
    houses = sorted({row.warehouse_id for row in moves.values()})
    # Whoever moves goods holds this lock too: nothing moves between what is read here and what is written.
    at_seq = {row.id: row.last_seq for row in tx.rows(prepared.rows_of(warehouse, "id", lock=True), {"wanted": houses})}
    history = _history(tx, list(moves.values()))
    layers = {row.id: row for row in tx.rows(prepared.rows_of(cost_layer, "id"), {"wanted": sorted(
        {entry.layer_id for entries in history.values() for entry in entries})})}  # fmt: skip
    left = {layer_id: row.value_minor for layer_id, row in layers.items()}
    found = []
    for one in landings:
        move = moves[one.move_id]
        landed = _walk(one.amount_minor, move, history[move.variant_id, move.warehouse_id], layers)
        for layer_id, value in landed.stock.items():
            kept = max(value, -left[layer_id])
            landed.stock[layer_id], landed.sold = kept, landed.sold + value - kept
            left[layer_id] += kept
        found.append(landed)
    rows = [
        {
            "id": tx.new_id(), "layer_id": layer_id, "at_seq": at_seq[moves[one.move_id].warehouse_id],
            "value_minor": value, "document_type": document_type, "document_id": document_id, "line_id": one.line_id,
            "actor": tx.actor, "posted_at": tx.now,
        }
        for one, landed in zip(landings, found, strict=True)
        for layer_id, value in sorted(landed.stock.items())
        if value
    ]  # fmt: skip
    _write(tx, rows, layers, left)
    return found


def _history(tx: Tx, arrivals: Sequence[Any]) -> dict[store.Key, list[Any]]:
    """The entries of the arrivals' goods from the first arrival on, in the order of the moves, by goods."""
    m, e = stock_move.c, cost_entry.c
    found: dict[store.Key, list[Any]] = {(row.variant_id, row.warehouse_id): [] for row in arrivals}
    query = (
        select(m.variant_id, m.warehouse_id, m.seq, m.kind, e.move_id, e.layer_id, e.qty)
        .join_from(stock_move, cost_entry, e.move_id == m.id)
        .where(among(m.variant_id, {v for v, _ in found}), m.seq >= min((row.seq for row in arrivals), default=0))
        .order_by(m.variant_id, m.seq, e.layer_id)
    )
    for row in tx.rows(query):
        if (row.variant_id, row.warehouse_id) in found:
            found[row.variant_id, row.warehouse_id].append(row)
    return found


def _walk(amount: int, arrival: Any, entries: Sequence[Any], layers: Mapping[str, Any]) -> Landed:
    """Follow an amount from the layer that its arrival went into to where its goods are now."""
    landed = Landed()
    since = [entry for entry in entries if entry.seq > arrival.seq]
    units = {layer_id: row.qty for layer_id, row in layers.items()}
    for entry in since:
        units[entry.layer_id] -= entry.qty
    home = next(entry.layer_id for entry in entries if entry.move_id == arrival.id and entry.qty > 0)
    landed.stock[home] = amount
    joining = {entry.move_id: entry.layer_id for entry in since if entry.qty > 0}
    for entry in since:
        there = landed.stock.get(entry.layer_id, 0)
        if entry.qty < 0 and there:
            part = divide_half_even(there * -entry.qty, units[entry.layer_id])
            landed.stock[entry.layer_id] = there - part
            if entry.move_id in joining:
                into = joining[entry.move_id]
                landed.stock[into] = landed.stock.get(into, 0) + part
            else:
                fate = _FATES.get(entry.kind, "lost")
                setattr(landed, fate, getattr(landed, fate) + part)
        units[entry.layer_id] += entry.qty
    landed.stock = {layer_id: value for layer_id, value in landed.stock.items() if value}
    return landed


def _write(tx: Tx, rows: Sequence[dict[str, Any]], layers: Mapping[str, Any], left: Mapping[str, int]) -> None:
    if not rows:
        return
    changed = sorted({str(row["layer_id"]) for row in rows})
    store.update_many(
        tx, cost_layer, ("id",), ("value_minor",), [{"id": one, "value_minor": left[one]} for one in changed]
    )
    more: dict[store.Key, int] = {}
    for row in rows:
        key = (layers[row["layer_id"]].variant_id, layers[row["layer_id"]].warehouse_id)
        more[key] = more.get(key, 0) + row["value_minor"]
    c = cost_pool.c
    pools = tx.rows(select(cost_pool).where(among(c.variant_id, {v for v, _ in more})))
    store.update_many(
        tx, cost_pool, ("variant_id", "warehouse_id"), ("value_minor",),
        [
            {"variant_id": row.variant_id, "warehouse_id": row.warehouse_id,
             "value_minor": row.value_minor + more[row.variant_id, row.warehouse_id]}
            for row in pools if (row.variant_id, row.warehouse_id) in more
        ],
    )  # fmt: skip
    tx.insert_many(cost_adjustment, list(rows))
