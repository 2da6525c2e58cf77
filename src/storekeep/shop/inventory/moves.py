"""Posting moves: the one place where goods change places, and where every count of them is written.

`post` is the only writer of `stock_move` and of the units in `stock_balance`, and has `costing` write the layers with
them; beside it, only blocking a bin and the status of a lot change what is on hand to be sold. Locks are taken in the
house's order: availability, location, lot, balance, the warehouse's sequence row, cost pool. The sequence comes late
and under its row's lock: seq order is commit order.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import ahead, costing, locations, lots, store
from storekeep.shop.inventory.errors import LocationClosed, NotEnoughStock
from storekeep.shop.inventory.model import NO_LOT, Location, Move, MoveDraft, check_units
from storekeep.shop.inventory.tables import stock_balance, stock_move, warehouse

_OF_COMMANDS = (
    select(*(stock_move.c[name] for name in Move.__slots__))
    .where(among(stock_move.c.command_id, listed("commands")))
    .order_by(stock_move.c.command_id, stock_move.c.line_no)
)
_BALANCE = ("variant_id", "location_id", "lot_id")
_TAKE_SEQS = (
    update(warehouse)
    .where(warehouse.c.id == bindparam("of_id"))
    .values(last_seq=warehouse.c.last_seq + bindparam("by_count"))
    .returning(warehouse.c.last_seq)
)


def post(
    tx: Tx,
    drafts: Sequence[MoveDraft],
    *,
    reserved: Mapping[store.Key, int] | None = None,
    assigned: Mapping[store.BalanceKey, int] | None = None,
) -> list[Move]:
    """Post moves and every cache they touch; returns them in the order of the drafts.

    Idempotent by (command_id, line_no): a repeat returns the first moves and changes nothing. `reserved` (variant,
    warehouse) and `assigned` (variant, location, lot) change in the same statements as the goods, so that no row is
    ever in breach on the way. Raises `NotEnoughStock` when an owned place would fall below zero at any point of the
    list, `LocationClosed`, `UnknownLocation`, `UnknownLot`, `UnknownVariant`, `Invalid`.
    """
    first = {(m.command_id, m.line_no): m for m in of_commands(tx, [draft.command_id for draft in drafts])}
    fresh = [draft for draft in drafts if (draft.command_id, draft.line_no) not in first]
    if not fresh:
        return [first[draft.command_id, draft.line_no] for draft in drafts]
    _check(fresh)
    stock = store.lock_stock(tx, [draft.variant_id for draft in fresh])
    places = locations.load(
        tx, [at for draft in fresh for at in (draft.from_location_id, draft.to_location_id)], keep=True
    )
    _check_places(fresh, places)
    withheld = lots.withheld(tx, {draft.lot_id: draft.variant_id for draft in fresh if draft.lot_id is not None})
    changes = _availability_changes(tx, stock, fresh, places, withheld, reserved or {})
    balances = _walk_balances(tx, fresh, places, assigned or {})
    store.change_availability(tx, changes, guarded=False)
    seqs = _take_seqs(tx, fresh, places)
    _write_balances(tx, fresh, balances, seqs)
    ids = [tx.new_id() for _ in fresh]
    costs = costing.Costs(tx, fresh, places)
    values = [costs.carry(*one) for one in zip(fresh, ids, seqs, strict=True)]
    rows = [_row(tx, d, places, at, seq, value) for d, at, seq, value in zip(fresh, ids, seqs, values, strict=True)]
    tx.insert_many(stock_move, rows)
    costs.write()
    for row in rows:
        move = Move(**{name: row[name] for name in Move.__slots__})
        first[move.command_id, move.line_no] = move
    ahead.serve(tx, (variant_id for (variant_id, _), (came, kept) in changes.items() if came > kept))
    return [first[draft.command_id, draft.line_no] for draft in drafts]


def of_commands(tx: Tx, command_ids: Sequence[str]) -> list[Move]:
    """The moves that these commands have posted, in line order; empty for a command that is new."""
    return [Move(*tuple(row)) for row in tx.rows(_OF_COMMANDS, {"commands": set(command_ids)})]


def _check(drafts: Sequence[MoveDraft]) -> None:
    seen: set[tuple[str, int]] = set()
    for draft in drafts:
        check_units(draft.qty)
        if draft.value_minor < 0:
            raise Invalid("value_minor", "goods are never worth less than nothing")
        if draft.from_location_id == draft.to_location_id:
            raise Invalid("to_location_id", "the goods are there already")
        key = (draft.command_id, draft.line_no)
        if key in seen:
            raise AssertionError(f"command {key[0]} names its line {key[1]} twice")
        seen.add(key)


def _check_places(drafts: Sequence[MoveDraft], places: Mapping[str, Location]) -> None:
    for draft in drafts:
        origin, target = places[draft.from_location_id], places[draft.to_location_id]
        if origin.warehouse_id != target.warehouse_id:
            raise Invalid("to_location_id", f"{origin.code} and {target.code} are in different warehouses")
        if not origin.is_owned and not target.is_owned:
            raise Invalid("to_location_id", f"goods cannot go from {origin.code} to {target.code}: neither is ours")
        if target.status == "closed":
            raise LocationClosed(f"{target.code} is closed; nothing can be brought there")


def _availability_changes(
    tx: Tx,
    stock: store.Stock,
    drafts: Sequence[MoveDraft],
    places: Mapping[str, Location],
    withheld: Set[str],
    reserved: Mapping[store.Key, int],
) -> dict[store.Key, tuple[int, int]]:
    """The (on hand, reserved) changes that the moves make; rows that are missing are made."""
    on_hand: dict[store.Key, int] = {}
    for draft in drafts:
        origin, target = places[draft.from_location_id], places[draft.to_location_id]
        key = (draft.variant_id, origin.warehouse_id)
        step = int(target.is_sold_from) - int(origin.is_sold_from) if draft.lot_id not in withheld else 0
        on_hand[key] = on_hand.get(key, 0) + draft.qty * step
    both = {key: (on_hand.get(key, 0), reserved.get(key, 0)) for key in {*on_hand, *reserved}}
    changes = {key: change for key, change in both.items() if any(change)}
    missing = [(v, w) for v, w in changes if w not in stock.free.get(v, {})]
    if missing:
        store.skus(tx, [v for v, _ in missing])
        store.ensure_availability(tx, missing)
    return changes


def _keys(drafts: Sequence[MoveDraft]) -> list[store.BalanceKey]:
    ends = ((d.variant_id, at, d.lot_id or NO_LOT) for d in drafts for at in (d.from_location_id, d.to_location_id))
    return sorted(set(ends))


def _walk(
    tx: Tx, drafts: Sequence[MoveDraft], places: Mapping[str, Location], balances: dict[store.BalanceKey, list[int]]
) -> None:
    """Apply the drafts in order; no owned place may fall below zero on the way, not only at the end."""
    for draft in drafts:
        origin = places[draft.from_location_id]
        lot = draft.lot_id or NO_LOT
        source = balances.setdefault((draft.variant_id, origin.id, lot), [0, 0])
        if origin.is_owned and source[0] < draft.qty:
            sku = store.skus(tx, [draft.variant_id])[draft.variant_id]
            raise NotEnoughStock(sku, origin.code, draft.qty, source[0])
        source[0] -= draft.qty
        balances.setdefault((draft.variant_id, draft.to_location_id, lot), [0, 0])[0] += draft.qty


def _walk_balances(
    tx: Tx, drafts: Sequence[MoveDraft], places: Mapping[str, Location], assigned: Mapping[store.BalanceKey, int]
) -> dict[store.BalanceKey, list[int]]:
    """The balances after the moves, (qty, assigned) by key, with their rows made and locked."""
    keys = _keys(drafts)
    found = store.lock_balances(tx, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        store.skus(tx, [key[0] for key in missing])
        for owned in (True, False):
            rest = {"qty": 0, "assigned": 0, "last_seq": 0, "is_owned": owned}
            chosen = [key for key in missing if places[key[1]].is_owned is owned]
            store.insert_missing(tx, stock_balance, _BALANCE, chosen, rest)
        found |= store.lock_balances(tx, missing)
    balances = {key: list(value) for key, value in found.items()}
    _walk(tx, drafts, places, balances)
    for key, units in assigned.items():
        balances[key][1] += units
    for key, (qty, given) in balances.items():
        variant_id, location_id, _ = key
        if places[location_id].is_owned and given > qty:
            sku = store.skus(tx, [variant_id])[variant_id]
            there = found[key]
            raise NotEnoughStock(sku, places[location_id].code, there[0] - qty, there[0] - there[1], free=True)
    return balances


def _take_seqs(tx: Tx, drafts: Sequence[MoveDraft], places: Mapping[str, Location]) -> list[int]:
    """The next numbers of each warehouse, gap-free, in the order of the drafts."""
    counts: dict[str, int] = {}
    for draft in drafts:
        home = places[draft.from_location_id].warehouse_id
        counts[home] = counts.get(home, 0) + 1
    following = {}
    for warehouse_id, count in sorted(counts.items()):
        last = tx.scalar(_TAKE_SEQS, {"of_id": warehouse_id, "by_count": count})
        following[warehouse_id] = last - count
    seqs = []
    for draft in drafts:
        home = places[draft.from_location_id].warehouse_id
        following[home] += 1
        seqs.append(following[home])
    return seqs


def _write_balances(
    tx: Tx, drafts: Sequence[MoveDraft], balances: Mapping[store.BalanceKey, Sequence[int]], seqs: Sequence[int]
) -> None:
    last: dict[store.BalanceKey, int] = {}
    for draft, seq in zip(drafts, seqs, strict=True):
        for at in (draft.from_location_id, draft.to_location_id):
            last[draft.variant_id, at, draft.lot_id or NO_LOT] = seq
    rows = [
        {"variant_id": v, "location_id": at, "lot_id": of, "qty": qty, "assigned": given, "last_seq": seq}
        for (v, at, of), seq in sorted(last.items())
        for qty, given in [balances[v, at, of]]
    ]
    store.update_many(tx, stock_balance, _BALANCE, ("qty", "assigned", "last_seq"), rows)


def _row(
    tx: Tx, draft: MoveDraft, places: Mapping[str, Location], move_id: str, seq: int, value: int
) -> dict[str, Any]:
    return {
        "id": move_id,
        "warehouse_id": places[draft.from_location_id].warehouse_id,
        "seq": seq,
        "variant_id": draft.variant_id,
        "qty": draft.qty,
        "from_location_id": draft.from_location_id,
        "to_location_id": draft.to_location_id,
        "kind": draft.kind,
        "reason": draft.reason,
        "value_minor": value,
        "document_type": draft.document_type,
        "document_id": draft.document_id,
        "line_id": draft.line_id,
        "command_id": draft.command_id,
        "line_no": draft.line_no,
        "reverses_move_id": draft.reverses_move_id,
        "actor": tx.actor,
        "posted_at": tx.now,
        "lot_id": draft.lot_id,
    }
