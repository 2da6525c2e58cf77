"""How the real shop and the one on paper are compared, and the real ids behind what is on paper."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from shopfloor import ShopWithFloor
from sqlalchemy import select

import make
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access import passwords, staff
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.queries import balances_of, warehouses
from storekeep.shop.inventory.tables import availability
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import refund
from storekeep.shop.reports import verify
from storekeep.shop.returns.tables import goods_return

#: SKU: (price, cost, units at the start), and the tax of its price in basis points.
GOODS = {"MUG": (1250, 500, 6), "BOWL": (1990, 800, 4), "TEA": (333, 100, 12)}
TAX = {"MUG": 1900, "BOWL": 1900, "TEA": 700}
#: Slow, and about settings and texts that nothing here changes; they run at the end.
SLOW_CHECKS = {"A2", "K5", "W1"}
QUICK_CHECKS = [one.id for one in verify.INVARIANTS if one.id not in SLOW_CHECKS]


COUNTERS = ("ordered", "canceled", "fulfilled", "returned", "refunded", "replaced")


@dataclass(frozen=True)
class Opened:
    """A shop that was opened once, to be copied for every example."""

    variants: dict[str, str]
    bins: dict[str, str]
    home: str
    hand: str
    now: int


def open_shop(db: Database, clock: VirtualClock, folder: Path) -> Opened:
    """Goods in one bin each, and somebody who works on the floor."""
    shop = make.shop(db, clock, folder, GOODS)
    with db.begin(actor="owner") as tx:
        hashed = passwords.hash_password("a long enough pass phrase")
        hand = staff.create(tx, [staff.NewStaff("hand@example.com", "Hand", "warehouse", hashed)])[0]
        bins = {sku: locations.by_code(tx, f"A-{n:02}-1").id for n, sku in enumerate(GOODS, 1)}
        home = warehouses(tx)[0].id
    return Opened(shop.variants, bins, home, hand, clock.now())


@dataclass
class Ids:
    """The real ids of an order: its lines by SKU, parcels, returns, and the attempt of each payment."""

    order: str
    lines: dict[str, str]
    attempts: dict[str, str] = field(default_factory=dict)


class Agreeing:
    """Says whether both shops tell the same."""

    opened: Opened
    tally: Counter[tuple[str, str]]
    db: Database
    paper: ShopWithFloor
    ids: list[Ids]

    def agree(self) -> None:
        """Both shops say the same of goods, orders, lines, parcels, returns and money."""
        paper, skus = self.paper, {variant: sku for sku, variant in self.opened.variants.items()}
        with self.db.read() as tx:
            rows = tx.rows(select(availability))
            stock = {skus[row.variant_id]: (row.on_hand_sellable, row.reserved) for row in rows}
            places: dict[tuple[str, str], int] = {}
            for row in balances_of(tx, list(skus)):
                places[row.kind, row.sku] = places.get((row.kind, row.sku), 0) + row.qty
            heads = {row.id: row for row in tx.rows(select(sales_order))}
            lines = {row.id: row for row in tx.rows(select(order_line))}
            money = {row.id: row for row in tx.rows(select(refund))}
        assert stock == {sku: (paper.on_hand[sku], paper.reserved(sku)) for sku in GOODS}
        for kind, shelf in (("receiving", paper.receiving), ("quarantine", paper.quarantine)):
            assert {s: places.get((kind, s), 0) for s in GOODS} == {s: shelf.get(s, 0) for s in GOODS}, kind
        assert len(heads) == len(paper.orders)
        for order, ids in zip(paper.orders, self.ids, strict=True):
            head = heads[ids.order]
            assert (head.total_minor, head.owed_minor, head.received_minor, head.given_back_minor,
                    head.authorized_minor) == (order.total, order.owed, order.received, order.given_back,
                    order.authorized)  # fmt: skip
            assert (head.status, head.payment_status, head.fulfillment_status) == (
                order.status, order.payment_status, order.fulfillment_status)  # fmt: skip
            assert sum(asked.amount for asked in order.refunds.values()) == order.promised_back
            for sku, line in order.lines.items():
                row = lines[ids.lines[sku]]
                assert [getattr(row, name) for name in COUNTERS] == [getattr(line, name) for name in COUNTERS], sku
            for refund_id, asked in order.refunds.items():
                status = money[refund_id].status
                assert (status if status in ("succeeded", "failed") else "asked") == asked.status
        self._agree_on_parcels_and_returns()

    def remember(self) -> None:
        """Count the states that were seen."""
        for order in self.paper.orders:
            self.tally["order", order.status] += 1
            self.tally["payment", order.payment_status] += 1
            self.tally["fulfillment", order.fulfillment_status] += 1
            for asked in order.refunds.values():
                self.tally["refund", asked.status] += 1
            for work in order.works:
                self.tally[work.kind, work.status] += 1
            for back in order.returns:
                self.tally["return", back.status] += 1

    def _agree_on_parcels_and_returns(self) -> None:
        with self.db.read() as tx:
            parcels = tx.rows(select(fulfillment).order_by(fulfillment.c.number))
            work = tx.rows(select(fulfillment_line))
            backs = tx.rows(select(goods_return).order_by(goods_return.c.number))
        for order, ids in zip(self.paper.orders, self.ids, strict=True):
            mine = [parcel for parcel in parcels if parcel.order_id == ids.order]
            assert [(one.kind, one.status) for one in mine] == [(one.kind, one.status) for one in order.works]
            for parcel, written in zip(mine, order.works, strict=True):
                units = {row.sku: (row.qty - row.dropped, row.picked, row.packed) for row in work
                         if row.fulfillment_id == parcel.id and written.status != "canceled"}  # fmt: skip
                assert units == {sku: (n, written.picked.get(sku, 0), written.packed.get(sku, 0))
                                 for sku, n in written.due.items() if written.status != "canceled"}  # fmt: skip
            assert [back.status for back in backs if back.order_id == ids.order] == [b.status for b in order.returns]

    def nothing_is_broken(self, ids: list[str] | None = None) -> None:
        """`storekeep verify` finds no row at fault."""
        with self.db.read() as tx:
            report = verify.run(tx, ids)
        assert report.status == "ok", report.as_text()
