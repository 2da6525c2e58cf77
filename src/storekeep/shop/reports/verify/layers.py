"""The cost layers walked backwards, from what is left of them now to what each departure found.

In a quick run only the newer moves of the touched variants are walked: older ones were looked at in their day.
"""

# ruff: noqa: S608 - every query here is put together from constants of this package

from collections.abc import Iterator
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.levels import is_average
from storekeep.shop.reports.verify.model import SHOWN, Offender
from storekeep.shop.reports.verify.scope import Scope, ask
from storekeep.shop.reports.verify.sql import Found, Rule, batches_of, rows_of

_WANTED = "m.id, m.warehouse_id, m.seq, m.kind, e.layer_id, e.qty, e.value_minor"
_ALL = f"""SELECT {_WANTED} FROM stock_move m JOIN cost_entry e ON e.move_id = m.id
ORDER BY m.warehouse_id, m.seq DESC, e.layer_id"""
_NEWER = f"""WITH newer AS MATERIALIZED (SELECT warehouse_id, seq FROM stock_move WHERE id >= [floor])
SELECT {_WANTED} FROM (SELECT warehouse_id, MIN(seq) AS first FROM newer GROUP BY warehouse_id) n
JOIN stock_move m ON m.warehouse_id = n.warehouse_id AND m.seq >= n.first JOIN cost_entry e ON e.move_id = m.id
ORDER BY m.warehouse_id, m.seq DESC, e.layer_id"""
_SLICES = {"cost_layer": "variant_id IN [variants]"}


class _Walk:
    """Layers as they were just after the move at hand; `back` undoes a move."""

    def __init__(self, tx: Tx, scope: Scope) -> None:
        rows = rows_of(
            tx, scope, "SELECT id, variant_id, warehouse_id, seq, qty, value_minor FROM cost_layer", _SLICES
        )
        self.left: dict[str, list[int]] = {str(row[0]): [row[4], row[5]] for row in rows}
        self._home = {str(row[0]): (str(row[1]), str(row[2])) for row in rows}
        self.seq = {str(row[0]): int(row[3]) for row in rows}
        self._open: dict[tuple[str, str], set[str]] = {}
        for layer, (qty, _) in self.left.items():
            if qty > 0:
                self._open.setdefault(self._home[layer], set()).add(layer)
        self._later: dict[str, list[tuple[int, int]]] = {}
        adjusted = "SELECT layer_id, at_seq, value_minor FROM cost_adjustment ORDER BY at_seq, id"
        for row in rows_of(tx, scope, adjusted, {}):
            self._later.setdefault(str(row[0]), []).append((row[1], row[2]))

    def back(self, layer: str, seq: int, qty: int, value: int) -> None:
        """Undo an entry at a number of the warehouse, and the adjustments that came after it."""
        later = self._later.get(layer)
        while later and later[-1][0] >= seq:
            self.left[layer][1] -= later.pop()[1]
        held = self.left[layer]
        was_open = held[0] > 0
        held[0] -= qty
        held[1] -= value
        if was_open is not (held[0] > 0):
            self._open.setdefault(self._home[layer], set()).symmetric_difference_update((layer,))

    def older(self, layer: str) -> list[str]:
        """The layers of the same goods that came before this one and have something left."""
        mine = self._open.get(self._home[layer])
        if not mine or (len(mine) == 1 and layer in mine):
            return []
        first = self.seq[layer]
        return [one for one in mine if self.seq[one] < first]


def _moves(tx: Tx, scope: Scope, walk: _Walk) -> Iterator[list[Any]]:
    """The entries of each move, the newest move first; of other goods than the touched ones none."""
    rows: Iterator[Any] = (
        (row for batch in batches_of(tx, scope, _ALL, {}) for row in batch)
        if scope.is_whole
        else iter(ask(tx, scope, _NEWER))
    )
    held: list[Any] = []
    for row in rows:
        if held and held[0][0] != row[0]:
            yield held
            held = []
        if str(row[4]) in walk.left:
            held.append(row)
    if held:
        yield held


#: Entries that took too much or too little, and entries that left older goods behind: (row, expected, found).
Told = tuple[list[tuple[Any, str, str]], list[tuple[Any, str, str]]]


def _walked(tx: Tx, scope: Scope) -> Told:
    """Both kinds of faults from one walk, which a run takes once."""
    if scope.layers is None:
        walk = _Walk(tx, scope)
        dear: list[tuple[Any, str, str]] = []
        young: list[tuple[Any, str, str]] = []
        for entries in _moves(tx, scope, walk):
            for row in entries:
                if row[5] < 0 and row[3] != "return_out" and (older := walk.older(str(row[4]))):
                    young.append((row, f"layer {min(older)} first", f"layer {row[4]}"))
            for row in entries:
                layer, qty, value = str(row[4]), int(row[5]), int(row[6])
                walk.back(layer, row[2], qty, value)
                units, worth = walk.left[layer]
                if qty < 0 < units and not is_average(worth, units, -qty, -value):
                    dear.append((row, str(worth * -qty // units), str(-value)))
        scope.layers = (dear, young)
    found: Told = scope.layers
    return found


def _offenders(rule: Rule, told: list[tuple[Any, str, str]]) -> Found:
    shown = [
        Offender(f"{rule.subject} {row[0]} {row[4]}", rule.text, expected, found)
        for row, expected, found in told[:SHOWN]
    ]
    return shown, len(told)


def average_costs(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """V4: what left a layer left at its average cost of that moment."""
    return _offenders(rule, _walked(tx, scope)[0])


def oldest_first(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """V4: nothing left a layer while an older one had something; what goes back to its supplier may."""
    return _offenders(rule, _walked(tx, scope)[1])
