"""What the warehouse's tests share: a shop with goods in known bins, work on a paid order, and sums of the books."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import make
from make import Shop
from storekeep.flows import dispatch, floor, packing, receive
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access.tables import staff
from storekeep.shop.fulfillment import queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import WorkLine
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import availability_of, warehouses
from storekeep.shop.inventory.tables import location, stock_balance
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import ledger_entry, posting
from storekeep.shop.shipping import queries as parcels

#: Two bins hold mugs, so that a short pick can be sent on; a bowl is in one bin only.
GOODS = {"MUG": (1250, 500, 3), "BOWL": (1990, 800, 2), "TEA": (700, 300, 50)}
STAFF = "0192f000-0000-7000-8000-000000000001"
#: The form of a password hash, of no password.
NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43
OTHER = "0192f000-0000-7000-8000-000000000002"


def open_shop(db: Database, clock: VirtualClock, folder: Path) -> Shop:
    """A shop with 3 mugs in one bin and 2 in a bin further on, 2 bowls, and plenty of tea."""
    shop = make.shop(db, clock, folder, GOODS)
    with db.begin(actor="owner") as tx:
        further = locations.by_code(tx, "B-01-1").id
        home = warehouses(tx)[0].id
        receive.receive(tx, [ReceiveLine(shop.variants["MUG"], 2, 500, further)], home, "more mugs", "opening stock")
        rows = [
            {"id": each, "email": f"{n}@example.com", "name": f"Hand {n}", "password_hash": NO_PASSWORD,
             "role": "warehouse", "status": "active", "refund_limit_minor": 0, "created_at": tx.now}
            for n, each in enumerate((STAFF, OTHER))
        ]  # fmt: skip
        tx.insert_many(staff, rows)
    return shop


class Work:
    """The fulfillment of a paid order, and the moves that hands make on it."""

    def __init__(self, shop: Shop, wanted: dict[str, int]) -> None:
        self.shop, self.db = shop, shop.db
        self.order_id = make.order(shop, wanted, paid=True).order_id
        with self.db.read() as tx:
            self.id: str = queries.of_order(tx, self.order_id)[0].id
        self._scans = 0

    def next_scan(self) -> str:
        self._scans += 1
        return f"{self.id}:{self._scans}"

    def claim(self) -> floor.Claimed:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return floor.claim(tx, STAFF, [self.id])[0]

    def scan(self, code: str, qty: int = 1, scan_id: str | None = None) -> Any:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return floor.scan(tx, self.id, code, scan_id or self.next_scan(), qty)

    def undo(self) -> Any:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return floor.undo_last(tx, self.id, self.next_scan())

    def short(self, sku: str, found: int, reason: str = "missing", command_id: str = "short 1") -> Any:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return floor.short(tx, self.line(sku).id, found, reason, command_id)

    def pack(self, code: str, qty: int = 1) -> Any:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return packing.scan(tx, self.id, code, self.next_scan(), qty)

    def close(self, weight_g: int | None = None) -> packing.Closed:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return packing.close(tx, self.id, weight_g)

    def ship(self, command_id: str = "evening") -> dispatch.ShipResult:
        with self.db.begin(actor=f"staff:{STAFF}") as tx:
            return dispatch.ship(tx, [self.id], command_id)[0]

    def pick_all(self) -> None:
        self.claim()
        for line in self.lines():
            assert self.scan(line.sku, line.to_pick).is_right

    def pack_all(self) -> packing.Closed:
        for line in self.lines():
            assert self.pack(line.sku, line.to_pack).is_right
        return self.close()

    def to_the_door(self) -> packing.Closed:
        self.pick_all()
        closed = self.pack_all()
        self.shop.work()
        return closed

    # --- looking ---

    @property
    def row(self) -> Any:
        with self.db.read() as tx:
            return fulfillments.load_one(tx, self.id)

    @property
    def order(self) -> Any:
        with self.db.read() as tx:
            return tx.first(select(sales_order).where(sales_order.c.id == self.order_id))

    @property
    def parcel(self) -> Any:
        with self.db.read() as tx:
            return parcels.of_order(tx, self.order_id)[-1]

    def lines(self) -> list[WorkLine]:
        with self.db.read() as tx:
            return fulfillments.lines_of(tx, [self.id])[self.id]

    def line(self, sku: str) -> WorkLine:
        return next(line for line in self.lines() if line.sku == sku)

    def order_lines(self) -> Sequence[Any]:
        with self.db.read() as tx:
            return tx.rows(select(order_line).where(order_line.c.order_id == self.order_id))


def accounts(shop: Shop, order_id: str | None = None) -> dict[str, int]:
    """The sum of every account, of one order or of all; accounts at zero are left out."""
    query = select(posting.c.account, func.sum(posting.c.amount_minor)).group_by(posting.c.account)
    if order_id is not None:
        query = query.where(posting.c.order_id == order_id)
    with shop.db.read() as tx:
        return {account: int(amount) for account, amount in map(tuple, tx.rows(query)) if amount}


def entries(shop: Shop, kind: str) -> int:
    with shop.db.read() as tx:
        return int(tx.scalar(select(func.count()).where(ledger_entry.c.kind == kind)))


def units_at(shop: Shop, sku: str, kind: str) -> int:
    """Units of a SKU in all places of a kind."""
    query = (
        select(func.coalesce(func.sum(stock_balance.c.qty), 0))
        .join_from(stock_balance, location, location.c.id == stock_balance.c.location_id)
        .where(location.c.kind == kind, stock_balance.c.variant_id == shop.variants[sku])
    )
    with shop.db.read() as tx:
        return int(tx.scalar(query))


def available(shop: Shop, sku: str) -> int:
    with shop.db.read() as tx:
        return availability_of(tx, [shop.variants[sku]])[shop.variants[sku]].available


def mails(shop: Shop, template: str) -> int:
    with shop.db.read() as tx:
        return int(tx.scalar(select(func.count()).where(mail.c.template == template)))
