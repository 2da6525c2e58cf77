"""The ground on which every fault story begins: a shop with an order in every stage, built once, copied for each try.

Nothing waits in its queues, so whatever moves afterwards is the story's own doing.
"""

import copy
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

import make
from storekeep.flows import dispatch, floor, house, packing, receive, reply, send_again, take_back
from storekeep.kernel.clock import Instant, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from storekeep.shop.access.tables import staff
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders.tables import order_line
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.payments.tables import payment
from storekeep.shop.pricing import coupons
from storekeep.shop.returns.tables import goods_return_line
from storekeep.shop.shipping.tables import shipment

GOODS = {
    "MUG": (1250, 333, 40),
    "BOWL": (1990, 777, 20),
    "TEA": (700, 301, 90),
    "LAMP": (4900, 2100, 2),
    "VASE": (2900, 1100, 3),
}
#: What the orders are of that are not of two mugs and three teas, by stage
WANTED = {"paid": {"MUG": 3, "TEA": 3}, "picking": {"MUG": 2, "TEA": 3, "VASE": 3}}
HAND = "0192f000-0000-7000-8000-000000000001"
#: The form of a password hash, of no password.
NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43


@dataclass(slots=True)
class Facts:
    """What stories need to know of the ground: carts, orders, their work and lines, places, people."""

    variants: dict[str, str] = field(default_factory=dict)
    carts: list[str] = field(default_factory=list)
    #: Order ids by stage
    orders: dict[str, str] = field(default_factory=dict)
    #: Fulfillment ids by stage
    work: dict[str, str] = field(default_factory=dict)
    payments: dict[str, str] = field(default_factory=dict)
    parcels: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    #: stage -> SKU -> order line id, fulfillment line id
    lines: dict[str, dict[str, str]] = field(default_factory=dict)
    work_lines: dict[str, dict[str, str]] = field(default_factory=dict)
    returns: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    bins: dict[str, str] = field(default_factory=dict)
    conversation: str = ""
    warehouse: str = ""


@dataclass(slots=True)
class Ground:
    """The prepared shop: its facts, when it was ready, and the provider's book as it was then."""

    facts: Facts
    at: Instant
    secret: str
    _provider: MemoryProvider

    def provider(self, clock: VirtualClock) -> MemoryProvider:
        """A copy of the provider with its book, on another clock."""
        memo: dict[int, Any] = {id(self._clock()): clock}
        return copy.deepcopy(self._provider, memo)

    def _clock(self) -> Any:
        return self._provider._clock.__self__


def lay(url: str, clock: VirtualClock, folder: Path) -> Ground:
    """Build the ground in a migrated, empty database."""
    db = Database(url, clock=clock, ids=SeededIds(clock, seed=11), synchronous="OFF")
    builder = _Builder(db, clock, folder)
    builder.build()
    db.close()
    return Ground(builder.facts, clock.now(), builder.shop.house.services.link_secret, builder.shop.provider)


class _Builder:
    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.db, self.facts, self.count = db, Facts(), 0
        self.shop = make.shop(db, clock, folder, GOODS)
        self.shop.house = house.build(
            self.shop.house.services, name="ground", rng=random.Random(3), media_folder=folder
        )

    def build(self) -> None:
        facts = self.facts
        facts.variants = self.shop.variants
        with self.db.begin(actor="owner") as tx:
            row = {"id": HAND, "email": "hand@example.com", "name": "Hand", "password_hash": NO_PASSWORD,
                   "role": "warehouse", "status": "active", "refund_limit_minor": 0, "created_at": tx.now}  # fmt: skip
            tx.insert_many(staff, [row])
            coupons.create_codes(tx, [coupons.NewCode("AUTUMN", 1000, max_uses=5)])
            facts.warehouse = warehouses(tx)[0].id
            facts.bins = {code: locations.by_code(tx, code).id for code in ("A-01-1", "A-02-1", "B-01-1", "B-02-1")}
            # The second place that mugs lie in, so that a short pick can be sent on.
            more = [ReceiveLine(facts.variants["MUG"], 3, 333, facts.bins["B-01-1"])]
            receive.receive(tx, more, facts.warehouse, "more mugs", "delivery 2")
        facts.carts = [make.cart(self.shop, {"MUG": 1, "TEA": n}, code="AUTUMN" if n == 2 else None) for n in (1, 2, 3)]
        facts.orders["unpaid"] = make.order(self.shop, {"LAMP": 1, "TEA": 2}).order_id
        for stage in ("paid", "picking", "picked", "packed", "shipped", "returning", "returned", "resent"):
            self.until(stage)
        for stage, order_id in facts.orders.items():
            self.note(stage, order_id)
        with self.db.begin(actor="shopper") as tx:
            heard = reply.contact(tx, "nora@example.com", "Nora", "Do you sell lids?", None, "lids")
            facts.conversation = heard.conversation_id
        self.shop.work()
        self.shop.provider.deliveries(drop=True)

    def command(self) -> str:
        self.count += 1
        return f"ground {self.count}"

    def act(self) -> Any:
        return self.db.begin(actor=f"staff:{HAND}")

    def until(self, stage: str) -> None:
        """An order of mugs and tea, and while it is picked of vases, brought this far."""
        wanted = WANTED.get(stage, {"MUG": 2, "TEA": 3})
        order_id = make.order(self.shop, wanted, paid=True).order_id
        self.facts.orders[stage] = order_id
        work_id = self.work_of(order_id)
        if stage == "paid":
            return
        with self.act() as tx:
            floor.claim(tx, HAND, [work_id])
        if stage == "picking":
            return
        self.pick(work_id)
        if stage == "picked":
            return
        self.pack(work_id)
        if stage == "packed":
            return
        with self.act() as tx:
            assert dispatch.ship(tx, [work_id], self.command())[0].is_done
        self.shop.work()
        if stage in ("returning", "returned"):
            self.comes_back(stage, order_id)
        if stage == "resent":
            self.goes_again(order_id)

    def pick(self, work_id: str) -> None:
        for row in self.lines(work_id):
            with self.act() as tx:
                assert floor.scan(tx, work_id, row.sku, self.command(), row.qty).is_right

    def pack(self, work_id: str) -> None:
        for row in self.lines(work_id):
            with self.act() as tx:
                assert packing.scan(tx, work_id, row.sku, self.command(), row.qty).is_right
        with self.act() as tx:
            packing.close(tx, work_id)
        self.shop.work()

    def comes_back(self, stage: str, order_id: str) -> None:
        with self.act() as tx:
            applied = take_back.approve_return(
                tx, order_id, self.units(tx, order_id, {"TEA": 2, "MUG": 1}), reason="too much",
                command_id=self.command(),
            )  # fmt: skip
            rows = tx.rows(
                select(goods_return_line.c.id, order_line.c.sku)
                .join(order_line, order_line.c.id == goods_return_line.c.order_line_id)
                .where(goods_return_line.c.return_id == applied.remedy_id)
            )
        lines = {row.sku: row.id for row in rows}
        self.facts.returns[stage] = (applied.remedy_id, lines)
        if stage == "returned":
            with self.act() as tx:
                take_back.receive(tx, applied.remedy_id, {lines["TEA"]: 2, lines["MUG"]: 1}, self.command())
        self.shop.work()

    def goes_again(self, order_id: str) -> None:
        with self.act() as tx:
            wish = self.units(tx, order_id, {"TEA": 1})
            send_again.reship(tx, order_id, wish, reason="torn", command_id=self.command())
        work_id = self.work_of(order_id)
        with self.act() as tx:
            floor.claim(tx, HAND, [work_id])
        self.pick(work_id)
        self.pack(work_id)

    # --- looking ---

    def units(self, tx: Any, order_id: str, wanted: dict[str, int]) -> dict[str, int]:
        rows = tx.rows(select(order_line.c.id, order_line.c.sku).where(order_line.c.order_id == order_id))
        return {row.id: wanted[row.sku] for row in rows if row.sku in wanted}

    def work_of(self, order_id: str) -> str:
        with self.db.read() as tx:
            f = fulfillment.c
            return str(tx.rows(select(f.id).where(f.order_id == order_id).order_by(f.number.desc()))[0].id)

    def lines(self, work_id: str) -> Any:
        with self.db.read() as tx:
            w = fulfillment_line.c
            return tx.rows(select(fulfillment_line).where(w.fulfillment_id == work_id).order_by(w.id))

    def note(self, stage: str, order_id: str) -> None:
        """Remember everything about an order by its stage."""
        facts = self.facts
        with self.db.read() as tx:
            of = order_line.c.order_id == order_id
            facts.lines[stage] = {row.sku: row.id for row in tx.rows(select(order_line).where(of))}
            facts.payments[stage] = tx.scalar(select(payment.c.id).where(payment.c.order_id == order_id))
            s = shipment.c
            found = tx.rows(select(shipment).where(s.order_id == order_id).order_by(s.number))
            if found:
                facts.parcels[stage] = (found[-1].id, found[-1].carrier, found[-1].tracking_number)
        if stage != "unpaid":
            facts.work[stage] = self.work_of(order_id)
            facts.work_lines[stage] = {row.sku: row.id for row in self.lines(facts.work[stage])}
