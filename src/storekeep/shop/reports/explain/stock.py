"""Units and value of goods: the moves behind a balance, the bins and reservations behind what can be sold."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.tables import (
    availability,
    cost_adjustment,
    cost_entry,
    cost_layer,
    cost_pool,
    location,
    lot,
    reservation,
    stock_balance,
    stock_move,
    warehouse,
)
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.purchasing.tables import landed_cost
from storekeep.shop.reports.explain.model import Explanation, Number, Row, number


def stock(tx: Tx, which: str, currency: str) -> Explanation:
    """`SKU@LOCATION`: the moves that make the balance of a place. `SKU`: what each warehouse has, keeps and can sell.

    `currency` is the shop's, for the value of the goods. Raises `NotFound` for an unknown SKU or location.
    """
    typed = which.strip()
    goods = _variant(tx, typed)
    if goods is not None:
        return Explanation(f"stock of {goods.sku}", tuple(_everywhere(tx, goods.id, currency)))
    sku, at, code = typed.rpartition("@")
    goods = _variant(tx, sku) if at else None
    if goods is None:
        raise NotFound(f"there is no SKU {sku if at else typed!r}")
    place = tx.first(select(location).where(location.c.code == code.strip()))
    if place is None:
        place = tx.first(select(location).where(location.c.code == code.strip().upper()))
    if place is None:
        raise NotFound(f"there is no location {code!r}")
    return Explanation(f"stock of {goods.sku} at {place.code}", tuple(_at(tx, goods.id, place)))


def _variant(tx: Tx, sku: str) -> Any:
    return tx.first(select(variant.c.id, variant.c.sku).where(variant.c.sku == sku.strip().upper()))


def _moves(tx: Tx, variant_id: str, place: Any = None) -> Sequence[Any]:
    """The moves of a variant by number, with their two places."""
    m, source, target = stock_move.c, location.alias("source"), location.alias("target")
    query = (
        select(
            stock_move,
            source.c.code.label("from_code"), source.c.is_owned.label("from_owned"),
            source.c.is_sellable.label("from_sells"), source.c.status.label("from_status"),
            target.c.code.label("to_code"), target.c.is_owned.label("to_owned"),
            target.c.is_sellable.label("to_sells"), target.c.status.label("to_status"), lot.c.code.label("lot_code"),
            lot.c.status.label("lot_status"),
        )
        .join_from(stock_move, source, source.c.id == m.from_location_id)
        .join(target, target.c.id == m.to_location_id)
        .outerjoin(lot, lot.c.id == m.lot_id)
        .where(m.variant_id == variant_id)
        .order_by(m.warehouse_id, m.seq)
    )  # fmt: skip
    if place is not None:
        query = query.where(or_(m.from_location_id == place.id, m.to_location_id == place.id))
    return tx.rows(query)


def _row(move: Any, amount: int) -> Row:
    reason = f", {move.reason}" if move.reason else ""
    of = f" of lot {move.lot_code}" if move.lot_code else ""
    text = f"no. {move.seq}: {move.kind} {move.qty}{of} from {move.from_code} to {move.to_code}{reason}"
    return Row(amount, text, f"stock_move {move.id}", move.posted_at)


def _at(tx: Tx, variant_id: str, place: Any) -> list[Number]:
    b = stock_balance.c
    # One row, or one for each lot that lies there.
    stored = tx.rows(select(b.qty, b.assigned).where(b.variant_id == variant_id, b.location_id == place.id))
    moves = _moves(tx, variant_id, place)
    units = [_row(move, move.qty if move.to_location_id == place.id else -move.qty) for move in moves]
    found = [number(f"units at {place.code}", sum(row.qty for row in stored), units)]
    if place.is_owned:
        r = reservation.c
        query = _reservations().where(r.variant_id == variant_id, r.location_id == place.id, r.status == "assigned")
        assigned = [_kept(row) for row in tx.rows(query)]
        found.append(number("assigned to orders", sum(row.assigned for row in stored), assigned))
    return found


def _reservations() -> Any:
    r, o = reservation.c, sales_order.c
    return select(reservation, o.number).outerjoin(sales_order, o.id == r.order_id).order_by(r.id)


def _kept(row: Any) -> Row:
    whose = f"order {row.number}" if row.number is not None else "a cart"
    return Row(row.qty, f"{row.status} for {whose}", f"reservation {row.id}", row.created_at)


def _everywhere(tx: Tx, variant_id: str, currency: str) -> list[Number]:
    found: list[Number] = []
    moves = _moves(tx, variant_id)
    a, p, r = availability.c, cost_pool.c, reservation.c
    shelves = {row.warehouse_id: row for row in tx.rows(select(availability).where(a.variant_id == variant_id))}
    pools = {row.warehouse_id: row for row in tx.rows(select(cost_pool).where(p.variant_id == variant_id))}
    open_ones = r.status.in_(("cart", "firm", "assigned"))
    kept = tx.rows(_reservations().where(r.variant_id == variant_id, open_ones))
    for house in tx.rows(select(warehouse.c.id, warehouse.c.code).order_by(warehouse.c.code)):
        here = [move for move in moves if move.warehouse_id == house.id]
        mine = [_kept(row) for row in kept if row.warehouse_id == house.id]
        shelf, pool, added = shelves.get(house.id), pools.get(house.id), _added(tx, variant_id, house)
        found += _in_house(house, here, mine, shelf, pool, currency, added)
        found.append(_layers(tx, variant_id, house, pool, currency))
    return found


def _in_house(
    house: Any, moves: list[Any], kept: list[Row], shelf: Any, pool: Any, currency: str, added: list[Row]
) -> list[Number]:
    sold_from = [_row(move, _in_and_out(move, "sells")) for move in moves]
    on_hand, reserved, buffer = (shelf.on_hand_sellable, shelf.reserved, shelf.buffer) if shelf else (0, 0, 0)
    bins = number(f"on hand in {house.code}, to be sold", on_hand, sold_from)
    keeps = number(f"reserved in {house.code}", reserved, kept)
    rest = [
        Row(bins.made, "on hand", "above"),
        Row(-keeps.made, "reserved", "above"),
        Row(-buffer, "buffer", "availability"),
    ]
    owned = [_row(move, _in_and_out(move, "owned")) for move in moves]
    worth = [Row((1 if move.to_owned else -1) * move.value_minor, _row(move, 1).text, f"stock_move {move.id}",
                 move.posted_at) for move in moves if move.to_owned != move.from_owned] + added  # fmt: skip
    units, value = (pool.qty, pool.value_minor) if pool else (0, 0)
    return [
        bins,
        keeps,
        number(f"available in {house.code}", on_hand - reserved - buffer, rest),
        number(f"units of ours in {house.code}", units, owned),
        number(f"what they are worth in {house.code}", value, worth, currency),
    ]


def _added(tx: Tx, variant_id: str, house: Any) -> list[Row]:
    """What raised the value without a move: freight and duty."""
    a, y, c = cost_adjustment.c, cost_layer.c, landed_cost.c
    query = (
        select(a.id, a.value_minor, a.posted_at, c.number, c.kind, c.charged_by)
        .join_from(cost_adjustment, cost_layer, y.id == a.layer_id)
        .outerjoin(landed_cost, c.id == a.document_id)
        .where(y.variant_id == variant_id, y.warehouse_id == house.id)
        .order_by(a.id)
    )
    return [
        Row(row.value_minor, f"{row.kind} of {row.charged_by}, LC-{row.number}", f"cost_adjustment {row.id}",
            row.posted_at)
        for row in tx.rows(query)
    ]  # fmt: skip


def _layers(tx: Tx, variant_id: str, house: Any, pool: Any, currency: str) -> Number:
    """The value again, by the layers that hold it."""
    y, m, e = cost_layer.c, stock_move.c, cost_entry.c
    query = (
        select(y.id, y.seq, y.qty, y.value_minor, y.is_pooled, m.kind, m.reason, m.posted_at, e.qty.label("came"))
        .join_from(cost_layer, stock_move, m.id == y.id)
        .join(cost_entry, (e.move_id == m.id) & (e.layer_id == y.id))
        .where(y.variant_id == variant_id, y.warehouse_id == house.id, y.is_open)
        .order_by(y.seq)
    )
    rows = []
    for layer in tx.rows(query):
        more = " and what arrived after it, at average cost" if layer.is_pooled else f" of {layer.came}"
        text = f"{layer.qty} left{more}: {layer.kind} no. {layer.seq}, {layer.reason}"
        rows.append(Row(layer.value_minor, text, f"cost_layer {layer.id}", layer.posted_at))
    return number(f"the layers that hold it in {house.code}", pool.value_minor if pool else 0, rows, currency)


def _in_and_out(move: Any, kind: str) -> int:
    """What a move adds to the places that are sold from, or to those that are ours. A bad lot is nowhere sold from."""
    if kind == "owned":
        ends = (move.from_owned, move.to_owned)
    elif move.lot_status not in (None, "ok"):
        ends = (False, False)
    else:
        ends = (
            move.from_sells and move.from_status == "active",
            move.to_sells and move.to_status == "active",
        )
    return int(move.qty) * (int(bool(ends[1])) - int(bool(ends[0])))
