"""The goods ledger summed once for a run: every move by variant and place, and all that must agree with it.

In a quick run only the moves of the touched variants are summed, and what a place or a cost pool held at a newer number
is worked out backwards from there, so that only the newer moves are walked: older numbers were looked at in their day.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Offender
from storekeep.shop.reports.verify.scope import Scope, ask
from storekeep.shop.reports.verify.sql import Found, Rule, rows_of

_SUMS = """SELECT variant_id, from_location_id, to_location_id, lot_id, SUM(qty) AS qty, MAX(seq) AS seq,
SUM(value_minor) AS value FROM stock_move GROUP BY variant_id, from_location_id, to_location_id, lot_id"""
_ADDED = """SELECT l.variant_id, l.warehouse_id, SUM(a.value_minor) FROM cost_adjustment a
JOIN cost_layer l ON l.id = a.layer_id GROUP BY l.variant_id, l.warehouse_id"""
_SLICES = dict.fromkeys(
    ("stock_move", "stock_balance", "availability", "cost_pool", "cost_layer"), "variant_id IN [variants]"
)

_NEWER = """WITH newer AS MATERIALIZED (SELECT warehouse_id, seq FROM stock_move WHERE id >= [floor])
SELECT m.id, m.variant_id, m.warehouse_id, m.seq, m.qty, m.from_location_id, m.to_location_id, m.value_minor, m.lot_id
FROM (SELECT warehouse_id, MIN(seq) AS first FROM newer GROUP BY warehouse_id) n
JOIN stock_move m ON m.warehouse_id = n.warehouse_id AND m.seq >= n.first ORDER BY m.warehouse_id, m.seq DESC"""

#: What a balance names as the lot of goods that have none.
NO_LOT = "00000000-0000-0000-0000-000000000000"

#: A variant and a warehouse.
Key = tuple[str, str]
#: A variant, a place and a lot.
Place = tuple[str, str, str]


class Levels:
    """What all moves of the touched variants come to: (units, last number, value) by variant, place and lot."""

    def __init__(self, tx: Tx, scope: Scope) -> None:
        rows = tx.sql("SELECT id, code, warehouse_id, is_owned, is_sellable, status FROM location")
        self.places = {str(row.id): row for row in rows}
        self.withheld = {str(row.id) for row in tx.sql("SELECT id FROM lot WHERE status <> 'ok'")}
        self.sums: dict[Place, tuple[int, int, int]] = {}
        for row in rows_of(tx, scope, _SUMS, _SLICES):
            for place, sign in ((str(row.from_location_id), -1), (str(row.to_location_id), 1)):
                key = (str(row.variant_id), place, str(row.lot_id or NO_LOT))
                units, last, value = self.sums.get(key, (0, 0, 0))
                self.sums[key] = (
                    units + sign * int(row.qty), max(last, row.seq), value + sign * int(row.value)
                )  # fmt: skip

    def newer(self, tx: Tx, scope: Scope) -> list[Any]:
        """The moves of a quick run that are to be walked, the newest first."""
        found = ask(tx, scope, _NEWER)
        return [
            row
            for row in found
            if (str(row.variant_id), str(row.to_location_id), str(row.lot_id or NO_LOT)) in self.sums
        ]

    def pools(self) -> dict[Key, tuple[int, int]]:
        """Units and value of what is ours, by variant and warehouse."""
        found: dict[Key, tuple[int, int]] = {}
        for (variant, place, _), (units, _, value) in self.sums.items():
            if self.places[place].is_owned:
                key = (variant, str(self.places[place].warehouse_id))
                before = found.get(key, (0, 0))
                found[key] = (before[0] + units, before[1] + value)
        return found


def _levels(tx: Tx, scope: Scope) -> Levels:
    if scope.levels is None:
        scope.levels = Levels(tx, scope)
    found: Levels = scope.levels
    return found


def _stored(tx: Tx, scope: Scope, table: str, other: str, column: str) -> dict[Key, int]:
    statement = f"SELECT variant_id, {other}, {column} FROM {table}"  # noqa: S608
    return {(str(row[0]), str(row[1])): row[2] for row in rows_of(tx, scope, statement, _SLICES)}


def _balances(tx: Tx, scope: Scope, column: str) -> dict[Place, int]:
    statement = f"SELECT variant_id, location_id, lot_id, {column} FROM stock_balance"  # noqa: S608
    return {(str(row[0]), str(row[1]), str(row[2])): row[3] for row in rows_of(tx, scope, statement, _SLICES)}


def _compared(rule: Rule, expected: Mapping[Any, int], found: Mapping[Any, int]) -> Found:
    keys = sorted(key for key in expected.keys() | found.keys() if expected.get(key, 0) != found.get(key, 0))
    return [
        Offender(f"{rule.subject} {_named(key)}", rule.text, str(expected.get(key, 0)), str(found.get(key, 0)))
        for key in keys[:SHOWN]
    ], len(keys)


def _named(key: tuple[str, ...]) -> str:
    """The parts of a key; that goods have no lot is not worth a word."""
    return " ".join(part for part in key if part != NO_LOT)


def balances(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G1: the units of each balance are the sum of its moves."""
    expected = {key: units for key, (units, _, _) in _levels(tx, scope).sums.items()}
    return _compared(rule, expected, _balances(tx, scope, "qty"))


def last_numbers(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G1: the last number of each balance is that of its latest move."""
    stored = _balances(tx, scope, "last_seq")
    sums = _levels(tx, scope).sums
    both = stored.keys() & sums.keys()  # a balance that no move made is told by its units
    return _compared(rule, {key: sums[key][1] for key in both}, {key: stored[key] for key in both})


def on_hand(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G4: on hand is what stands in the bins that are sold from, of lots that are good."""
    levels = _levels(tx, scope)
    expected: dict[Key, int] = {}
    for (variant, place, lot), (units, _, _) in levels.sums.items():
        home = levels.places[place]
        if home.is_sellable and home.status == "active" and lot not in levels.withheld:
            key = (variant, str(home.warehouse_id))
            expected[key] = expected.get(key, 0) + units
    return _compared(rule, expected, _stored(tx, scope, "availability", "warehouse_id", "on_hand_sellable"))


def pool_units(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G7: the units of each cost pool are what is on hand."""
    expected = {key: units for key, (units, _) in _levels(tx, scope).pools().items()}
    return _compared(rule, expected, _stored(tx, scope, "cost_pool", "warehouse_id", "qty"))


def pool_values(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G7: the value of each cost pool is what came in less what went out, and what was added without a move."""
    expected = {key: value for key, (_, value) in _levels(tx, scope).pools().items()}
    for row in rows_of(tx, scope, _ADDED, _SLICES):
        key = (str(row[0]), str(row[1]))
        expected[key] = expected.get(key, 0) + int(row[2])
    return _compared(rule, expected, _stored(tx, scope, "cost_pool", "warehouse_id", "value_minor"))


def _listed(rule: Rule, told: Iterator[tuple[str, str, str]]) -> Found:
    offenders = [Offender(f"{rule.subject} {name}", rule.text, expected, found) for name, expected, found in told]
    return sorted(offenders, key=lambda one: one.subject)[:SHOWN], len(offenders)


def below_nothing(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """G3: no place of ours fell below nothing at one of the newer numbers."""
    levels = _levels(tx, scope)

    def walk() -> Iterator[tuple[str, str, str]]:
        at = {key: units for key, (units, _, _) in levels.sums.items()}
        for move in levels.newer(tx, scope):
            variant, lot = str(move.variant_id), str(move.lot_id or NO_LOT)
            for place, back in ((str(move.to_location_id), -move.qty), (str(move.from_location_id), move.qty)):
                key = (variant, place, lot)
                if at[key] < 0 and levels.places[place].is_owned:
                    yield f"{_named(key)} {move.seq}", "at least 0", str(at[key])
                at[key] += back

    return _listed(rule, walk())


def is_average(worth: int, units: int, qty: int, value: int) -> bool:
    """Whether `value` is the whole number nearest to worth * qty / units, the even one of two."""
    off = 2 * abs(worth * qty - value * units)
    return off < units or (off == units and value % 2 == 0)
