"""What a watcher knows of cost: every open layer, carried forward entry by entry.

It takes the adjustments of a transaction before its moves; no flow has both in one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from storekeep.shop.reports.verify.eyes import Eyes
from storekeep.shop.reports.verify.levels import is_average
from storekeep.shop.reports.verify.model import Offender

if TYPE_CHECKING:
    from storekeep.shop.reports.verify.watched_goods import Memory, Told

_OPEN = "SELECT id, variant_id, warehouse_id, qty, value_minor FROM cost_layer WHERE is_open"
_ENTRIES = """SELECT e.move_id, e.layer_id, e.qty, e.value_minor FROM cost_entry e JOIN stock_move m ON m.id = e.move_id
WHERE e.move_id IN [?] ORDER BY m.warehouse_id, m.seq, e.layer_id"""
_STORED = "SELECT id, qty, value_minor FROM cost_layer WHERE id IN [?]"
_ADDED = """SELECT a.id, a.layer_id, a.value_minor, l.variant_id, l.warehouse_id FROM cost_adjustment a
JOIN cost_layer l ON l.id = a.layer_id WHERE a.id IN (SELECT id FROM cost_adjustment WHERE [new]) ORDER BY a.id"""


class Layers:
    """Units and value of each layer, as they must be after the entries seen so far."""

    def __init__(self, eyes: Eyes, memory: "Memory") -> None:
        self._memory = memory
        self._left: dict[Any, Any] = {row[0]: (row[3], row[4]) for row in eyes.rows(_OPEN)}
        self._touched: dict[Any, None] = {}

    def added(self, eyes: Eyes, since: Any) -> Iterator[tuple[tuple[Any, Any], int]]:
        """The value that was added to layers after a position (None: none was), by variant and warehouse."""
        self._touched = {}
        if since is None:
            return
        for _, layer, value, variant, house in eyes.rows(_ADDED, since):
            units, worth = self._left.get(layer, (0, 0))
            self._memory.put(self._left, layer, (units, worth + value))
            self._touched[layer] = None
            yield (variant, house), value

    def look(self, eyes: Eyes, crossed: dict[Any, tuple[int, int]]) -> "Iterator[Told]":
        """The faults in the entries of new moves between us and the outside: (units, value) in by the move's id."""
        sums = dict.fromkeys(crossed, (0, 0))
        for move, layer, qty, value in eyes.rows(_ENTRIES, list(crossed)) if crossed else ():
            sums[move] = (sums[move][0] + qty, sums[move][1] + value)
            units, worth = self._left.get(layer, (0, 0))
            self._memory.put(self._left, layer, (units + qty, worth + value))
            self._touched[layer] = None
            if qty < 0 < units and not is_average(worth, units, -qty, -value):
                text = "the goods did not leave at their layer's average cost"
                yield "V4", Offender(f"cost_entry {move} {layer}", text, str(worth * -qty // units), str(-value))
        for move, expected in crossed.items():
            if sums[move] != expected:
                text = "its units and value are not those of its layers"
                yield "V3", Offender(f"stock_move {move}", text, _said(expected), _said(sums[move]))
        stored = {row[0]: (row[1], row[2]) for row in eyes.rows(_STORED, list(self._touched))} if self._touched else {}
        for layer in self._touched:
            found, expected = stored.get(layer, (0, 0)), self._left[layer]
            if found != expected:
                self._memory.put(self._left, layer, found)
                text = "what is left is not what came less what went"
                yield "V2", Offender(f"cost_layer {layer}", text, _said(expected), _said(found))


def _said(left: tuple[int, int]) -> str:
    return f"{left[0]} units worth {left[1]}"
