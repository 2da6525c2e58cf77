"""What goods cost: layers that arrivals bring and that whatever leaves uses up, oldest first, each at its own average.

The shop's method rules what an arrival does. Under FIFO it is a layer of its own; under average cost it and all older
goods of its variant in that warehouse become one pooled layer. So a change of method touches no value: goods on hand
keep the layers they have, and the next arrival goes by the new method. A departure need not know the method.

The lock on the warehouse's sequence row, which whoever moves goods or adjusts their value holds, guards the layers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.kernel import settings
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.money import divide_half_even
from storekeep.shop.inventory import store
from storekeep.shop.inventory.model import Location, MoveDraft
from storekeep.shop.inventory.tables import cost_entry, cost_layer, cost_pool, stock_move

#: The setting that says how arrivals are valued, and what it may say.
METHOD = "costing.method"
AVERAGE, FIFO = "average", "fifo"
METHODS = {AVERAGE: "Average cost", FIFO: "First in, first out"}

_P, _L = cost_pool.c, cost_layer.c
_HELD = (
    select(
        _P.variant_id, _P.warehouse_id, _P.qty.label("pool_qty"), _P.value_minor.label("pool_value"),
        _L.id, _L.qty, _L.value_minor, _L.is_pooled,
    )
    .outerjoin_from(
        cost_pool,
        cost_layer,
        (_L.variant_id == _P.variant_id) & (_L.warehouse_id == _P.warehouse_id) & _L.is_open,
    )
    .where(among(_P.variant_id, listed("variants")), among(_P.warehouse_id, listed("warehouses")))
    .order_by(_P.variant_id, _P.warehouse_id, _L.seq)
)  # fmt: skip
_BROUGHT = select(stock_move.c.id).where(among(stock_move.c.document_id, listed("documents")))
_LEFT = ("qty", "value_minor", "is_open")


def method(tx: Tx) -> str:
    """How the shop values what arrives: `average` (until it says otherwise) or `fifo`."""
    return str(settings.read(tx, METHOD, AVERAGE))


def choose_method(tx: Tx, wanted: str) -> None:
    """Value arrivals by this method from now on; goods on hand keep their layers and value. `Invalid` for another."""
    if wanted not in METHODS:
        raise Invalid("method", f"choose one of {', '.join(METHODS)}")
    settings.write(tx, METHOD, wanted)


class Layer:
    """What is left of an arrival, while moves are being worked out."""

    __slots__ = ("id", "is_pooled", "qty", "value")

    def __init__(self, layer_id: str, qty: int, value: int, *, is_pooled: bool) -> None:
        self.id, self.qty, self.value, self.is_pooled = layer_id, qty, value, is_pooled

    def row(self) -> dict[str, Any]:
        return {"id": self.id, "qty": self.qty, "value_minor": self.value, "is_open": self.qty > 0}


class Costs:
    """The layers that some moves touch, in memory; `carry` each move in order, then `write`, after the moves."""

    def __init__(self, tx: Tx, drafts: Sequence[MoveDraft], places: Mapping[str, Location]) -> None:
        self._tx, self._places = tx, places
        crossing = [d for d in drafts if self._sides(d)[0] is not self._sides(d)[1]]
        self._keys = sorted({(d.variant_id, places[d.from_location_id].warehouse_id) for d in crossing})
        self._pools: dict[store.Key, list[int]] = {}
        self._layers: dict[store.Key, list[Layer]] = {}
        #: New layers with their place, and those that were there and change.
        self._made: dict[str, tuple[Layer, dict[str, Any]]] = {}
        self._changed: dict[str, Layer] = {}
        self._entries: list[dict[str, Any]] = []
        self._load(self._keys)
        if missing := [key for key in self._keys if key not in self._pools]:
            store.insert_missing(tx, cost_pool, ("variant_id", "warehouse_id"), missing, {"qty": 0, "value_minor": 0})
            self._load(missing)
        owned = sorted({d.own_document for d in crossing if d.own_document is not None})
        self._own = {row.id for row in tx.rows(_BROUGHT, {"documents": owned})} if owned else set()

    def _sides(self, draft: MoveDraft) -> tuple[bool, bool]:
        return self._places[draft.from_location_id].is_owned, self._places[draft.to_location_id].is_owned

    def _load(self, keys: Sequence[store.Key]) -> None:
        if not keys:
            return
        for row in self._tx.rows(_HELD, {"variants": {v for v, _ in keys}, "warehouses": {w for _, w in keys}}):
            key = (row.variant_id, row.warehouse_id)
            self._pools[key] = [row.pool_qty, row.pool_value]
            held = self._layers.setdefault(key, [])
            if row.id is not None:
                held.append(Layer(row.id, row.qty, row.value_minor, is_pooled=row.is_pooled))

    def carry(self, draft: MoveDraft, move_id: str, seq: int) -> int:
        """What a move's goods are worth: what they cost on the way in, what their layers give on the way out; or 0."""
        was_ours, is_ours = self._sides(draft)
        if was_ours is is_ours:
            return 0
        key = (draft.variant_id, self._places[draft.from_location_id].warehouse_id)
        pool = self._pools[key]
        if is_ours:
            value, units = draft.value_minor, draft.qty
            self._arrive(key, move_id, seq, units, value)
        else:
            value, units = -self._take(key, move_id, draft), -draft.qty
        pool[0] += units
        pool[1] += value
        return abs(value)

    def _arrive(self, key: store.Key, move_id: str, seq: int, qty: int, value: int) -> None:
        held = self._layers[key]
        is_pooled = method(self._tx) == AVERAGE
        if is_pooled and len(held) == 1 and held[0].is_pooled:
            self._change(move_id, held[0], qty, value)
            return
        if is_pooled:
            for old in held:
                qty, value = qty + old.qty, value + old.value
                self._change(move_id, old, -old.qty, -old.value)
            held.clear()
        layer = Layer(move_id, 0, 0, is_pooled=is_pooled)
        home = {"variant_id": key[0], "warehouse_id": key[1], "seq": seq, "is_pooled": is_pooled}
        self._made[layer.id] = (layer, home)
        self._change(move_id, layer, qty, value)
        held.append(layer)

    def _take(self, key: store.Key, move_id: str, draft: MoveDraft) -> int:
        """Take units from the layers, the oldest first; returns their value."""
        left, total = draft.qty, 0
        held = self._layers[key]
        if draft.own_document is not None:
            held = sorted(held, key=lambda one: one.id not in self._own)
        for layer in held:
            qty = min(left, layer.qty)
            if qty:
                value = divide_half_even(layer.value * qty, layer.qty)
                self._change(move_id, layer, -qty, -value)
                left, total = left - qty, total + value
        if left:
            raise AssertionError(f"the layers of {key} lack {left} units")
        self._layers[key] = [layer for layer in self._layers[key] if layer.qty]
        return total

    def _change(self, move_id: str, layer: Layer, qty: int, value: int) -> None:
        layer.qty += qty
        layer.value += value
        if layer.id not in self._made:
            self._changed[layer.id] = layer
        self._entries.append({"move_id": move_id, "layer_id": layer.id, "qty": qty, "value_minor": value})

    def write(self) -> None:
        """Write pools, layers and entries, each kind at once. The moves must be there."""
        tx = self._tx
        rows = [{"variant_id": v, "warehouse_id": w, "qty": self._pools[v, w][0], "value_minor": self._pools[v, w][1]}
                for v, w in self._keys]  # fmt: skip
        store.update_many(tx, cost_pool, ("variant_id", "warehouse_id"), ("qty", "value_minor"), rows)
        if self._made:
            tx.insert_many(cost_layer, [{**layer.row(), **home} for layer, home in self._made.values()])
        store.update_many(tx, cost_layer, ("id",), _LEFT, [self._changed[one].row() for one in sorted(self._changed)])
        if self._entries:
            tx.insert_many(cost_entry, self._entries)
