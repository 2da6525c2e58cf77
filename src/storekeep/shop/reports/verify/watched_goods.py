"""What a watcher knows of goods: every balance, cost pool, layer and counter, carried forward move by move."""

from collections.abc import Iterator
from typing import Any

from storekeep.shop.reports.verify.eyes import Eyes
from storekeep.shop.reports.verify.levels import NO_LOT
from storekeep.shop.reports.verify.model import Offender
from storekeep.shop.reports.verify.watched_layers import Layers

#: The id of an invariant, and a row that breaks it.
Told = tuple[str, Offender]

_ABSENT = object()


class Memory:
    """Dictionaries whose changes can be taken back until they are kept."""

    def __init__(self) -> None:
        self._before: list[tuple[dict[Any, Any], Any, Any]] = []

    def put(self, of: dict[Any, Any], key: Any, value: Any) -> None:
        self._before.append((of, key, of.get(key, _ABSENT)))
        of[key] = value

    def take_back(self) -> None:
        """Everything as it was when it was last kept."""
        for of, key, value in reversed(self._before):
            if value is _ABSENT:
                of.pop(key, None)
            else:
                of[key] = value
        self._before.clear()

    def keep(self) -> None:
        self._before.clear()


_MOVES = """SELECT id, warehouse_id, seq, variant_id, qty, from_location_id, to_location_id, value_minor, lot_id
FROM stock_move WHERE [new] ORDER BY [row]"""

_SHELVES = """SELECT a.variant_id, a.warehouse_id, a.on_hand_sellable, a.reserved,
(SELECT COALESCE(SUM(b.qty), 0) FROM stock_balance b JOIN location l ON l.id = b.location_id
LEFT JOIN lot t ON t.id = b.lot_id
WHERE b.variant_id = a.variant_id AND l.warehouse_id = a.warehouse_id AND l.is_sellable AND l.status = 'active'
AND (t.id IS NULL OR t.status = 'ok')),
(SELECT COALESCE(SUM(r.qty), 0) FROM reservation r WHERE r.variant_id = a.variant_id
AND r.warehouse_id = a.warehouse_id AND r.status IN ('cart', 'firm', 'assigned'))
FROM availability a WHERE a.variant_id IN [?] ORDER BY a.variant_id, a.warehouse_id"""


class Goods:
    """The goods ledger carried forward: what each balance, pool and counter must be after the moves seen so far."""

    def __init__(self, eyes: Eyes, memory: Memory) -> None:
        self._memory = memory
        self._places: dict[Any, Any] = {}
        rows = eyes.rows("SELECT variant_id, location_id, lot_id, qty, last_seq FROM stock_balance")
        self._balances: dict[Any, Any] = {(row[0], row[1], str(row[2])): (row[3], row[4]) for row in rows}
        rows = eyes.rows("SELECT variant_id, warehouse_id, qty, value_minor FROM cost_pool")
        self._pools: dict[Any, Any] = {(row[0], row[1]): (row[2], row[3]) for row in rows}
        self._layers = Layers(eyes, memory)
        self._numbers: dict[Any, Any] = dict(eyes.rows("SELECT id, last_seq FROM warehouse"))

    def look(self, eyes: Eyes, moves_since: Any, reservations_since: Any, adjusted_since: Any) -> Iterator[Told]:
        """The faults of the moves, reservations and adjustments of value written after these positions (or None)."""
        balances: dict[Any, None] = {}
        pools: dict[Any, None] = {}
        houses: dict[Any, None] = {}
        crossed: dict[Any, tuple[int, int]] = {}
        if moves_since is not None:
            for move in eyes.rows(_MOVES, moves_since):
                yield from self._carry(eyes, move, balances, pools, crossed)
                houses[move[1]] = None
        for key, value in self._layers.added(eyes, adjusted_since):
            units, worth = self._pools.get(key, (0, 0))
            self._memory.put(self._pools, key, (units, worth + value))
            pools[key] = None
        if moves_since is not None:
            variants = list({key[0]: None for key in balances})
            yield from self._same_balances(eyes, variants, balances)
            yield from self._same_numbers(eyes, houses)
        if pools:
            yield from self._same_pools(eyes, list({key[0]: None for key in pools}), pools)
        yield from self._layers.look(eyes, crossed)
        touched = {key[0]: None for key in balances}
        if reservations_since is not None:
            new = eyes.rows("SELECT variant_id FROM reservation WHERE [new] ORDER BY [row]", reservations_since)
            touched.update((row[0], None) for row in new)
        yield from _shelves(eyes, list(touched))
        yield from _awaited(eyes, list(touched))

    def _place(self, eyes: Eyes, location: Any) -> Any:
        if location not in self._places:
            for row in eyes.rows("SELECT id, warehouse_id, is_owned FROM location"):
                self._places[row[0]] = (row[1], bool(row[2]))
        return self._places[location]

    def _carry(
        self, eyes: Eyes, move: Any, balances: dict[Any, None], pools: dict[Any, None], crossed: dict[Any, Any]
    ) -> Iterator[Told]:
        """One move: its number, the two balances, and the cost pool when it goes in or out."""
        name, house, seq, variant, qty, source, target, value, lot = move
        put = self._memory.put
        expected = self._numbers.get(house, 0) + 1
        if seq != expected:
            text = "a number is missing before it"
            yield "K3", Offender(f"stock_move of warehouse {house} {seq}", text, str(expected), str(seq))
        put(self._numbers, house, seq)
        is_owned = []
        for location, change in ((source, -qty), (target, qty)):
            home, owned = self._place(eyes, location)
            is_owned.append(owned)
            if home != house:
                text = "it goes between places that are not those of its warehouse"
                yield "G2", Offender(f"stock_move {name}", text, str(house), str(home))
            key = (variant, location, str(lot or NO_LOT))
            level = self._balances.get(key, (0, 0))[0] + change
            put(self._balances, key, (level, seq))
            balances[key] = None
            if owned and level < 0:
                subject = f"stock_balance {_named(key)} {seq}"
                yield "G3", Offender(subject, "the place fell below nothing at this number", "at least 0", str(level))
        if is_owned[0] == is_owned[1]:
            if value:
                yield "G7", Offender(f"stock_move {name}", "a move within the house has a value", "0", str(value))
            return
        pools[variant, house] = None
        units, worth = self._pools.get((variant, house), (0, 0))
        sign = 1 if is_owned[1] else -1
        put(self._pools, (variant, house), (units + sign * qty, worth + sign * value))
        crossed[name] = (sign * qty, sign * value)

    def _same_balances(self, eyes: Eyes, variants: list[Any], touched: dict[Any, None]) -> Iterator[Told]:
        asked = """SELECT variant_id, location_id, lot_id, qty, last_seq, assigned, is_owned FROM stock_balance
        WHERE variant_id IN [?] ORDER BY variant_id, location_id, lot_id"""
        stored = {(row[0], row[1], str(row[2])): row[3:] for row in eyes.rows(asked, variants)}
        for key in touched:
            expected = self._balances[key]
            qty, last, assigned, owned = stored.get(key, (0, 0, 0, False))
            subject = f"stock_balance {_named(key)}"
            if (qty, last) != expected:
                self._memory.put(self._balances, key, (qty, last))
            if qty != expected[0]:
                yield "G1", Offender(subject, "the units are not the sum of the moves", str(expected[0]), str(qty))
            if last != expected[1]:
                text = "the last number is not that of the latest move"
                yield "G1", Offender(subject, text, str(expected[1]), str(last))
            if owned and not 0 <= assigned <= qty:
                yield "G1", Offender(subject, "more is assigned than there is", str(qty), str(assigned))

    def _same_pools(self, eyes: Eyes, variants: list[Any], touched: dict[Any, None]) -> Iterator[Told]:
        asked = """SELECT variant_id, warehouse_id, qty, value_minor FROM cost_pool WHERE variant_id IN [?]
        ORDER BY variant_id, warehouse_id"""
        stored = {(row[0], row[1]): (row[2], row[3]) for row in eyes.rows(asked, variants)}
        for key in touched:
            expected, found = self._pools[key], stored.get(key, (0, 0))
            if found != expected:
                self._memory.put(self._pools, key, found)
                told = [f"{units} units worth {worth}" for units, worth in (expected, found)]
                text = "its units and value are not what came in less what went out"
                yield "G7", Offender(f"cost_pool {key[0]} {key[1]}", text, *told)

    def _same_numbers(self, eyes: Eyes, touched: dict[Any, None]) -> Iterator[Told]:
        for house, code, last in eyes.rows("SELECT id, code, last_seq FROM warehouse ORDER BY code"):
            if house in touched and last != self._numbers[house]:
                text = "its last number is not that of its latest move"
                yield "K3", Offender(f"warehouse {code} {house}", text, str(self._numbers[house]), str(last))
                self._memory.put(self._numbers, house, last)


_AWAITED = """SELECT s.variant_id, s.limit_units, s.waiting,
(SELECT COALESCE(SUM(r.qty), 0) FROM reservation r WHERE r.variant_id = s.variant_id
AND r.status IN ('ahead', 'waiting')),
(SELECT COALESCE(SUM(r.qty), 0) FROM reservation r WHERE r.variant_id = s.variant_id AND r.status = 'waiting'),
(SELECT COALESCE(MAX(a.on_hand_sellable - a.reserved - a.buffer), 0) FROM availability a
WHERE a.variant_id = s.variant_id)
FROM sell_ahead s WHERE s.variant_id IN [?] ORDER BY s.variant_id"""


def _awaited(eyes: Eyes, variants: list[Any]) -> Iterator[Told]:
    if not variants:
        return
    for variant, limit, waiting, kept, orders, free in eyes.rows(_AWAITED, variants):
        subject = f"sell_ahead {variant}"
        if waiting != kept:
            text = "its waiting units are not those of carts and orders"
            yield "B1", Offender(subject, text, str(kept), str(waiting))
        if waiting > limit:
            yield "B1", Offender(subject, "more waits than may wait", str(limit), str(waiting))
        if orders and free > 0:
            text = "an order waits while goods that it may have are free"
            yield "B1", Offender(subject, text, "0", str(free))


def _named(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if part != NO_LOT)


def _shelves(eyes: Eyes, variants: list[Any]) -> Iterator[Told]:
    if not variants:
        return
    for variant, house, on_hand, reserved, stands, kept in eyes.rows(_SHELVES, variants):
        subject = f"availability {variant} {house}"
        if on_hand != stands:
            text = "on hand is not what stands in the bins that are sold from"
            yield "G4", Offender(subject, text, str(stands), str(on_hand))
        if reserved != kept:
            text = "reserved is not the sum of the open reservations"
            yield "G4", Offender(subject, text, str(kept), str(reserved))
        if not 0 <= reserved <= on_hand:
            yield "G4", Offender(subject, "more is reserved than there is", str(on_hand), str(reserved))
