"""A made-up past for measuring: years of orders, reservations and moves of a shop whose shelves run empty now and then.

The rows are those that orders leave behind as far as restocking reads them; money, parcels and papers are left out.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from storekeep.kernel.clock import DAY, HOUR, Instant
from storekeep.kernel.db import Database, Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.tables import availability, location, stock_balance, stock_move, warehouse
from storekeep.shop.inventory.tables import reservation as reserved
from storekeep.shop.orders.tables import order_line, sales_order

#: Weeks after which a delivery comes that was ordered when three weeks of demand were left.
LEAD_WEEKS, LOW_WEEKS, FULL_WEEKS = 2, 2, 7
LINES_PER_ORDER = 3


@dataclass
class _Shelf:
    """One variant: its mean demand a week, what lies there, and what comes when."""

    variant_id: str
    bin_id: str
    sku: str
    mean: float
    on_hand: int
    coming: dict[int, int] = field(default_factory=dict)


@dataclass
class _Rows:
    orders: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)


class Past:
    """Writes `weeks` weeks that end at `until` into an opened shop, week by week; the same seed makes the same past."""

    def __init__(self, tx: Tx, until: Instant, weeks: int, seed: int = 7) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - the same past in every run
        self._start, self._weeks = until - weeks * 7 * DAY, weeks
        home = tx.rows(select(warehouse.c.id, warehouse.c.last_seq))[0]
        self._home, self._seq = home.id, home.last_seq
        places = {row.kind: row.id for row in tx.rows(select(location.c.kind, location.c.id))}
        self._packing, self._customer, self._supplier = places["packing"], places["customer"], places["supplier"]
        on_shelf = tx.rows(
            select(stock_balance.c.variant_id, stock_balance.c.location_id, variant.c.sku)
            .join_from(stock_balance, variant, variant.c.id == stock_balance.c.variant_id)
            .where(stock_balance.c.is_owned, stock_balance.c.qty > 0)
            .order_by(variant.c.sku)
        )
        self._shelves = []
        for row in on_shelf:
            mean = min(60.0, self._rng.lognormvariate(0.6, 1.2))
            self._shelves.append(_Shelf(row.variant_id, row.location_id, row.sku, mean, int(FULL_WEEKS * mean) + 1))
        self._number = 1_000_000

    def write(self, db: Database) -> int:
        """All weeks, one transaction each, and then the caches of today; returns the order lines written."""
        count = 0
        for week in range(self._weeks):
            with db.begin(actor="bench") as tx:
                rows = self._week(tx, week)
                for table, found in ((sales_order, rows.orders), (order_line, rows.lines), (reserved, rows.kept),
                                     (stock_move, rows.moves)):  # fmt: skip
                    tx.insert_many(table, found)
                count += len(rows.lines)
        with db.begin(actor="bench") as tx:
            for shelf in self._shelves:
                tx.run(update(availability).where(availability.c.variant_id == shelf.variant_id)
                       .values(on_hand_sellable=shelf.on_hand, reserved=0))  # fmt: skip
                tx.run(update(stock_balance).where(stock_balance.c.variant_id == shelf.variant_id)
                       .where(stock_balance.c.location_id == shelf.bin_id)
                       .values(qty=shelf.on_hand))  # fmt: skip
            tx.run(update(warehouse).where(warehouse.c.id == self._home).values(last_seq=self._seq))
        return count

    def _week(self, tx: Tx, week: int) -> _Rows:
        rows, sold = _Rows(), []
        begin = self._start + week * 7 * DAY
        for shelf in self._shelves:
            came = shelf.coming.pop(week, 0)
            if came:
                rows.moves.append(self._move(tx, shelf, came, "receive", begin + HOUR, self._supplier, shelf.bin_id))
                shelf.on_hand += came
            wanted = self._wanted(shelf.mean)
            units = min(wanted, shelf.on_hand)
            if units:
                sold.append((shelf, units))
                shelf.on_hand -= units
            if shelf.on_hand < LOW_WEEKS * shelf.mean and not shelf.coming:
                shelf.coming[week + LEAD_WEEKS] = max(1, int(FULL_WEEKS * shelf.mean) - shelf.on_hand)
        self._rng.shuffle(sold)
        for first in range(0, len(sold), LINES_PER_ORDER):
            placed = begin + 2 * HOUR + self._rng.randrange(6 * 24) * HOUR
            self._order(tx, rows, sold[first : first + LINES_PER_ORDER], placed)
        return rows

    def _wanted(self, mean: float) -> int:
        """Lumpy demand: two weeks of five without any, the others as geometric as that leaves them."""
        if self._rng.random() < 0.4:
            return 0
        return int(self._rng.expovariate(0.6 / mean))

    def _order(self, tx: Tx, rows: _Rows, sold: Sequence[tuple[_Shelf, int]], placed: Instant) -> None:
        self._number += 1
        order_id = tx.new_id()
        rows.orders.append(self._head(tx, order_id, placed))
        for place, (shelf, units) in enumerate(sold, 1):
            line_id, work_id = tx.new_id(), tx.new_id()
            rows.lines.append({
                "id": line_id, "order_id": order_id, "position": place, "variant_id": shelf.variant_id,
                "sku": shelf.sku, "title": shelf.sku, "option_label": "", "unit_price_minor": 1000, "weight_g": 300,
                "ordered": units, "canceled": 0, "fulfilled": units, "returned": 0, "refunded": 0, "replaced": 0,
            })  # fmt: skip
            rows.kept.append({
                "id": tx.new_id(), "variant_id": shelf.variant_id, "warehouse_id": self._home, "qty": units,
                "status": "consumed", "cart_id": None, "order_id": order_id, "order_line_id": line_id,
                "fulfillment_line_id": work_id, "location_id": shelf.bin_id, "release_reason": None,
                "expires_at": None, "created_at": placed, "updated_at": placed + DAY,
            })  # fmt: skip
            later = placed + 20 * HOUR
            rows.moves.append(self._move(tx, shelf, units, "pick", later, shelf.bin_id, self._packing))
            rows.moves.append(self._move(tx, shelf, units, "ship", later, self._packing, self._customer))

    def _head(self, tx: Tx, order_id: str, placed: Instant) -> dict[str, Any]:
        sums = dict.fromkeys(
            ("goods_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor", "owed_minor",
             "received_minor", "given_back_minor", "authorized_minor"), 0)  # fmt: skip
        return {
            "id": order_id, "number": self._number, "cart_id": tx.new_id(), "customer_id": None, "channel": "web",
            "email": "shopper@example.com", "name": "Pat Placeholder", "ship_to": "{}", "country": "DE",
            "currency": "EUR", "prices_include_tax": True, "tax_rounding": "line", "delivery_code": "standard-home",
            "delivery_label": "Standard", "promised_on": None, "discount_code": None, "tender": "card", "version": 1,
            **sums, "status": "completed", "payment_status": "paid", "fulfillment_status": "fulfilled",
            "placed_at": placed, "confirmed_at": placed, "expires_at": None, "expired_at": None,
            "updated_at": placed + DAY,
        }  # fmt: skip

    def _move(
        self, tx: Tx, shelf: _Shelf, units: int, kind: str, at: Instant, start: str, end: str
    ) -> dict[str, Any]:
        self._seq += 1
        return {
            "id": tx.new_id(), "warehouse_id": self._home, "seq": self._seq, "variant_id": shelf.variant_id,
            "qty": units, "from_location_id": start, "to_location_id": end, "kind": kind, "reason": "bench",
            "value_minor": 0, "document_type": "bench", "document_id": tx.new_id(), "line_id": None,
            "command_id": f"bench:{self._seq}", "line_no": 1, "reverses_move_id": None, "actor": "bench",
            "posted_at": at,
        }  # fmt: skip
