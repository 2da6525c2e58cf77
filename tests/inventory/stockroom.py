"""A warehouse to try things in: variants by short names, bins by code, and the caches recomputed from the ledger."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from storekeep.kernel.clock import MINUTE
from storekeep.kernel.db import Database, Tx
from storekeep.shop.catalog.tables import category, product, variant
from storekeep.shop.inventory import locations, picking, receiving, reservations
from storekeep.shop.inventory.model import (
    NO_LOT,
    AssignRequest,
    Firmed,
    FirmLine,
    FirmRequest,
    Held,
    HoldLine,
    HoldRequest,
    PickRequest,
    ReceiveLine,
    Short,
)
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.inventory.tables import (
    availability,
    cost_adjustment,
    cost_layer,
    cost_pool,
    location,
    lot,
    reservation,
    stock_balance,
    stock_move,
    warehouse,
)
from storekeep.shop.reports.verify.run import run


def add_variants(tx: Tx, names: list[str]) -> dict[str, str]:
    """A product with one variant of each name, 5.00 at cost."""
    shelf, mug = tx.new_id(), tx.new_id()
    tx.insert_many(category, [{"id": shelf, "slug": "mugs", "name": "Mugs", "description": "", "position": 0}])
    tx.insert_many(product, [{
        "id": mug, "slug": "mug", "title": "Mug", "summary": "", "description": "", "category_id": shelf,
        "tax_class": "standard", "status": "active", "revision": 0, "created_at": tx.now, "updated_at": tx.now,
    }])  # fmt: skip
    ids = {name: tx.new_id() for name in names}
    tx.insert_many(variant, [{
        "id": ids[name], "product_id": mug, "sku": name, "option_label": name, "barcode": None, "price_minor": 1200,
        "compare_at_minor": None, "cost_minor": 500, "weight_g": 300, "length_mm": 90, "width_mm": 90, "height_mm": 90,
        "position": n, "status": "active",
    } for n, name in enumerate(names)])  # fmt: skip
    return ids


class Stockroom:
    """Two mugs and a bowl, one warehouse with three bins; a second warehouse on demand."""

    def __init__(self, db: Database, names: tuple[str, ...] = ("MUG", "BOWL", "PLATE")) -> None:
        self.db, self._commands = db, 0
        with db.begin() as tx:
            self.variants = add_variants(tx, list(names))
        self.home, self.bins = self.open("MAIN", {"A-1": 10, "A-2": 20, "B-1": 30})

    def open(self, code: str, bins: Mapping[str, int]) -> tuple[str, dict[str, str]]:
        with self.db.begin() as tx:
            at = locations.open_warehouse(tx, WarehouseDraft(code, code.title(), "Europe/Berlin", "DE", "10115"))
            made = locations.add_bins(tx, at, [BinDraft(name, walk) for name, walk in bins.items()])
        return at, dict(zip(bins, made, strict=True))

    def command(self) -> str:
        self._commands += 1
        return f"command-{self._commands}"

    def id(self) -> str:
        return self.db.ids.new()

    def stock(self, name: str, qty: int, bin_code: str = "A-1", cost: int = 500) -> None:
        with self.db.begin("staff:receiver") as tx:
            line = ReceiveLine(self.variants[name], qty, cost, self.bins[bin_code])
            receiving.receive(tx, [line], self.home, self.command(), "delivery")

    def hold(self, cart_id: str, minutes: int = 10, **lines: int) -> Held | Short:
        with self.db.begin("shopper") as tx:
            asked = tuple(HoldLine(self.variants[name], qty) for name, qty in lines.items())
            return reservations.hold(tx, [HoldRequest(cart_id, asked, tx.now + minutes * MINUTE)])[0]

    def firm(self, cart_id: str | None, order_id: str, lines: Mapping[str, tuple[str, int]]) -> Firmed | Short:
        """`lines`: order line id -> (name, units)."""
        with self.db.begin("shopper") as tx:
            asked = tuple(FirmLine(line, self.variants[name], qty) for line, (name, qty) in lines.items())
            return reservations.firm(tx, [FirmRequest(cart_id, order_id, asked)])[0]

    def sell(self, name: str, qty: int) -> "Sale":
        """An order of one line, firm and with its bins."""
        sale = Sale(self.id(), self.id(), self.id(), self.variants[name], qty)
        assert isinstance(self.firm(None, sale.order_id, {sale.order_line_id: (name, qty)}), Firmed)
        self.assign(sale)
        return sale

    def assign(self, sale: "Sale") -> list[Any]:
        request = AssignRequest(sale.line_id, sale.order_id, sale.order_line_id, sale.variant_id, self.home, sale.qty)
        with self.db.begin("worker") as tx:
            return list(picking.assign(tx, [request]))

    def pick(self, sale: "Sale", bin_code: str, qty: int, command: str | None = None) -> None:
        with self.db.begin("staff:picker") as tx:
            at = self.bins[bin_code]
            picking.pick(tx, [PickRequest(sale.line_id, at, qty, command or self.command())])

    def numbers(self, name: str) -> tuple[int, int]:
        """(on hand, reserved) in the main warehouse."""
        with self.db.read() as tx:
            a = availability.c
            query = select(a.on_hand_sellable, a.reserved).where(
                a.variant_id == self.variants[name], a.warehouse_id == self.home
            )
            row = tx.first(query)
            return (row[0], row[1]) if row is not None else (0, 0)

    def units_in(self, name: str, place: str) -> int:
        with self.db.read() as tx:
            at = locations.by_code(tx, place).id
            b = stock_balance.c
            query = select(b.qty).where(b.variant_id == self.variants[name], b.location_id == at)
            return int(tx.scalar(query) or 0)


class Sale:
    def __init__(self, order_id: str, order_line_id: str, line_id: str, variant_id: str, qty: int) -> None:
        self.order_id, self.order_line_id, self.line_id = order_id, order_line_id, line_id
        self.variant_id, self.qty = variant_id, qty


def check_books(db: Database) -> None:
    """Recompute every cache from moves and reservations, and compare."""
    with db.read() as tx:
        places = {row.id: row for row in tx.rows(select(location))}
        moved, assigned, reserved, sellable = Counter[Any](), Counter[Any](), Counter[Any](), Counter[Any]()
        pools: dict[Any, list[int]] = {}
        seqs: dict[str, list[int]] = {}
        for move in tx.rows(select(stock_move).order_by(stock_move.c.warehouse_id, stock_move.c.seq)):
            _replay(move, places, moved, pools)
            seqs.setdefault(move.warehouse_id, []).append(move.seq)
        for row in tx.rows(select(reservation)):
            if row.status in ("cart", "firm", "assigned"):
                reserved[row.variant_id, row.warehouse_id] += row.qty
            if row.status == "assigned":
                assigned[row.variant_id, row.location_id, row.lot_id or NO_LOT] += row.qty
        good = {row.id for row in tx.rows(select(lot).where(lot.c.status == "ok"))} | {NO_LOT}
        for row in tx.rows(select(stock_balance)):
            key = (row.variant_id, row.location_id, row.lot_id)
            assert row.qty == moved.pop(key, 0), "a balance is the sum of its moves"
            assert row.assigned == assigned.pop(key, 0), "assigned is the sum of assigned reservations"
            place = places[row.location_id]
            if place.is_sellable and place.status == "active" and row.lot_id in good:
                sellable[row.variant_id, place.warehouse_id] += row.qty
        assert not +moved
        assert not +assigned
        for row in tx.rows(select(availability)):
            key = (row.variant_id, row.warehouse_id)
            assert (row.on_hand_sellable, row.reserved) == (sellable.pop(key, 0), reserved.pop(key, 0))
        assert not +sellable
        assert not +reserved
        kept = {(row.variant_id, row.warehouse_id): [row.qty, row.value_minor] for row in tx.rows(select(cost_pool))}
        added = select(cost_layer.c.variant_id, cost_layer.c.warehouse_id, cost_adjustment.c.value_minor)
        for row in tx.rows(added.join_from(cost_adjustment, cost_layer)):
            pools[row.variant_id, row.warehouse_id][1] += row.value_minor
        assert kept == pools, "a pool is value in and added less value out"
        assert all(units > 0 or value == 0 for units, value in pools.values()), "the last unit takes the rest"
        broken = [one for one in run(tx, ["V1", "V2", "V3", "V4"]).results if one.status != "ok"]
        assert not broken, "layers hold what pools say, and give it at their average, the oldest first"
        for row in tx.rows(select(warehouse)):
            assert seqs.get(row.id, []) == list(range(1, row.last_seq + 1)), "numbers have no gap and no repeat"
        per_variant = Counter[str]()
        for row in tx.rows(select(stock_balance)):
            per_variant[row.variant_id] += row.qty
        assert not any(per_variant.values()), "over all places, virtual ones included, the units add up to nothing"


def _replay(move: Any, places: Mapping[str, Any], moved: Any, pools: dict[Any, list[int]]) -> None:
    start, end = places[move.from_location_id], places[move.to_location_id]
    lot_id = move.lot_id or NO_LOT
    moved[move.variant_id, start.id, lot_id] -= move.qty
    moved[move.variant_id, end.id, lot_id] += move.qty
    assert not start.is_owned or moved[move.variant_id, start.id, lot_id] >= 0, "no owned place was ever below nothing"
    if start.is_owned == end.is_owned:
        assert move.value_minor == 0
        return
    pool = pools.setdefault((move.variant_id, move.warehouse_id), [0, 0])
    sign = 1 if end.is_owned else -1
    pool[0] += sign * move.qty
    pool[1] += sign * move.value_minor
