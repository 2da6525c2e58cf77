"""A shop with many stories behind it, all told through the flows: the sound shop that faults are planted in."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import (
    batch_pick,
    cancel,
    dispatch,
    expire,
    floor,
    packing,
    receive,
    reply,
    resolve,
    send_again,
    take_back,
    waves,
)
from storekeep.flows.resolve import RefundWish
from storekeep.kernel import inbox
from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.jsontext import dump
from storekeep.shop.access import passwords, sessions, staff
from storekeep.shop.access.staff import NewStaff
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.cartround import tote_code
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders.tables import order_line
from storekeep.shop.pricing import coupons
from storekeep.shop.returns.tables import goods_return_line
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support import conversations, notes

NOTE = "This customer calls every week; be patient and check the photo first."
GOODS = {"MUG": (1250, 333, 40), "BOWL": (1990, 777, 20), "TEA": (700, 301, 90)}


class Stories:
    """Tells stories to a shop. `tell` tells them all."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.shop: Shop = make.shop(db, clock, folder, GOODS)
        self.db, self.clock, self._count = db, clock, 0
        hashed = passwords.hash_password("a long enough pass phrase")
        with db.begin(actor="owner") as tx:
            people = [NewStaff("hand@example.com", "Hand", "warehouse", hashed),
                      NewStaff("gone@example.com", "Gone", "agent", hashed)]  # fmt: skip
            self.hand, self.gone = staff.create(tx, people)
            sessions.start(tx, self.hand)
            sessions.start(tx, self.gone)
            staff.disable(tx, self.gone)

    def tell(self) -> None:
        """Everything that a shop lives through in a few days."""
        self.goods_come_and_are_counted()
        delivered = self.sent({"MUG": 2, "TEA": 3})
        self.scans(delivered, "accepted", "in_transit", "delivered")
        self.sent({"BOWL": 1})
        self.problem_and_refund(self.sent({"MUG": 3, "BOWL": 1}))
        self.goods_come_back(self.sent({"TEA": 4, "MUG": 1}))
        self.sent_again(self.sent({"BOWL": 2}))
        self.canceled_in_all_ways()
        self.never_paid()
        self.work_in_every_stage()
        self.short_at_the_bin()
        self.a_code_is_used()
        self.batches_in_every_stage()
        make.order(self.shop, {"MUG": 1, "TEA": 1})
        make.cart(self.shop, {"BOWL": 1})
        self.shop.work()

    def command(self) -> str:
        self._count += 1
        return f"command {self._count}"

    def act(self) -> Any:
        return self.db.begin(actor=f"staff:{self.hand}")

    # --- goods ---

    def goods_come_and_are_counted(self) -> None:
        mug, tea = self.shop.variants["MUG"], self.shop.variants["TEA"]
        with self.act() as tx:
            home, bins = warehouses(tx)[0].id, [locations.by_code(tx, f"B-0{n}-1").id for n in (1, 2)]
            receive.receive(tx, [ReceiveLine(mug, 7, 357)], home, self.command(), "delivery 12")
            receive.put_away(tx, [PutawayLine(mug, 7, bins[0])], home, self.command())
        with self.act() as tx:
            receive.transfer(tx, mug, bins[0], bins[1], 3, self.command())
            receive.adjust(tx, mug, bins[0], -1, "broken in the bin", 4, self.command())
            receive.adjust(tx, tea, bins[0], 2, "found behind the shelf", 0, self.command())
            receive.scrap(tx, tea, bins[0], 1, "torn bag", self.command())
            receive.set_aside(tx, mug, bins[1], 1, "chipped", self.command())

    # --- the warehouse ---

    def work_of(self, order_id: str) -> Any:
        with self.db.read() as tx:
            query = select(fulfillment).where(fulfillment.c.order_id == order_id).order_by(fulfillment.c.number.desc())
            return tx.rows(query)[0]

    def picked(self, work_id: str) -> None:
        with self.act() as tx:
            floor.claim(tx, self.hand, [work_id])
        for line in self.lines(work_id):
            with self.act() as tx:
                assert floor.scan(tx, work_id, line.sku, self.command(), line.qty - line.dropped - line.picked).is_right

    def packed(self, work_id: str) -> None:
        self.picked(work_id)
        for line in self.lines(work_id):
            with self.act() as tx:
                assert packing.scan(tx, work_id, line.sku, self.command(), line.qty - line.dropped).is_right
        with self.act() as tx:
            packing.close(tx, work_id)

    def left(self, work_id: str) -> None:
        self.packed(work_id)
        self.shop.work()
        with self.act() as tx:
            assert dispatch.ship(tx, [work_id], self.command())[0].is_done
        self.shop.work()

    def lines(self, work_id: str) -> Any:
        with self.db.read() as tx:
            return tx.rows(select(fulfillment_line).where(fulfillment_line.c.fulfillment_id == work_id))

    def sent(self, wanted: dict[str, int]) -> str:
        order_id = make.order(self.shop, wanted, paid=True).order_id
        self.left(self.work_of(order_id).id)
        return order_id

    def scans(self, order_id: str, *milestones: str) -> None:
        with self.db.read() as tx:
            parcel = tx.rows(select(shipment).where(shipment.c.order_id == order_id))[-1]
        codes = {"swallow": {"accepted": "S20", "in_transit": "S30", "delivered": "S70"},
                 "northline": {"accepted": "PUP", "in_transit": "HUB", "delivered": "POD"}}[parcel.carrier]  # fmt: skip
        told = []
        for milestone in milestones:
            self.clock.sleep(HOUR)
            body = {"tracking_number": parcel.tracking_number, "code": codes[milestone], "text": "", "place": "Hub",
                    "at": self.clock.now()}  # fmt: skip
            told.append(inbox.Arrival(f"carrier:{parcel.carrier}", self.command(), "carrier.scan", dump(body), {}))
        with self.db.begin(actor="carrier") as tx:
            inbox.store(tx, told[::-1])
        self.shop.work()

    def work_in_every_stage(self) -> None:
        for stage in ("open", "picking", "picked", "packed"):
            work_id = self.work_of(make.order(self.shop, {"MUG": 1, "TEA": 2}, paid=True).order_id).id
            if stage == "picking":
                with self.act() as tx:
                    floor.claim(tx, self.hand, [work_id])
                    floor.scan(tx, work_id, "TEA", self.command(), 2)
                with self.act() as tx:
                    floor.undo_last(tx, work_id, self.command())
                    floor.scan(tx, work_id, "TEA", self.command(), 1)
            elif stage == "picked":
                self.picked(work_id)
            elif stage == "packed":
                self.packed(work_id)
                self.shop.work()

    def batches_in_every_stage(self) -> None:
        """One batch is planned, one released, one half walked, one done and one taken back."""
        ids = [[self.work_of(make.order(self.shop, {"TEA": 1, "MUG": 1}, paid=True).order_id).id for _ in range(2)]
               for _ in range(5)]  # fmt: skip
        with self.db.begin(actor="lead") as tx:
            made = waves.plan(tx, [waves.Wish("multi_item", tuple(own)) for own in ids])
            waves.release(tx, made[1:])
            waves.cancel(tx, made[4:])
        for batch, share in ((made[2], 1), (made[3], 4)):
            with self.db.begin(actor=f"staff:{self.hand}") as tx:
                batch_pick.start(tx, self.hand, batch)
                number = batches.lock(tx, [batch])[batch].number
                for task in batches.tasks_of(tx, [batch])[batch][:share]:
                    for code in (task.location_code, task.sku, tote_code(number, task.tote_no)):
                        batch_pick.scan(tx, batch, code, f"{task.line_id} {code}", 1)

    def a_code_is_used(self) -> None:
        with self.db.begin(actor="owner") as tx:
            coupons.create_codes(tx, [coupons.NewCode("AUTUMN", 1337)])
        self.left(self.work_of(make.order(self.shop, {"MUG": 3, "TEA": 1}, paid=True, code="AUTUMN").order_id).id)
        canceled = make.order(self.shop, {"TEA": 2}, code="AUTUMN").order_id
        with self.db.begin(actor="shopper") as tx:
            cancel.cancel_order(tx, canceled, reason="never mind", command_id=self.command())
        self.shop.work()

    def short_at_the_bin(self) -> None:
        work_id = self.work_of(make.order(self.shop, {"BOWL": 2, "MUG": 1}, paid=True).order_id).id
        with self.act() as tx:
            floor.claim(tx, self.hand, [work_id])
        bowl = next(line for line in self.lines(work_id) if line.sku == "BOWL")
        with self.act() as tx:
            floor.short(tx, bowl.id, 0, "missing", self.command())
        self.shop.work()

    # --- customers ---

    def units(self, order_id: str, sku: str, count: int) -> dict[str, int]:
        with self.db.read() as tx:
            wanted = select(order_line.c.id).where(order_line.c.order_id == order_id, order_line.c.sku == sku)
            return {tx.scalar(wanted): count}

    def problem_and_refund(self, order_id: str) -> None:
        mugs = self.units(order_id, "MUG", 1)
        with self.db.begin(actor="shopper") as tx:
            heard = reply.report_problem(tx, order_id, mugs, "damaged", "The handle is off.", self.command())
        with self.act() as tx:
            notes.write(tx, NOTE, self.command(), conversation_id=heard.conversation_id, order_id=order_id)
            seen = conversations.lock(tx, heard.conversation_id).version
            reply.agent_replies(tx, heard.conversation_id, "We are sorry; money is on its way.", self.command(), seen)
        with self.act() as tx:
            resolve.refund(tx, order_id, RefundWish(mugs), reason="damaged", command_id=self.command(),
                           conversation_id=heard.conversation_id)  # fmt: skip
        self.shop.work()
        with self.act() as tx:
            resolve.refund(tx, order_id, RefundWish(goodwill_minor=321), reason="sorry", command_id=self.command())
        self.shop.work()

    def goods_come_back(self, order_id: str) -> None:
        with self.act() as tx:
            wish = self.units_in(tx, order_id, "TEA", 3)
            applied = take_back.approve_return(tx, order_id, wish, reason="too much", command_id=self.command())
        with self.db.read() as tx:
            row = tx.first(select(goods_return_line).where(goods_return_line.c.return_id == applied.remedy_id))
            assert row is not None
            shelf = locations.by_code(tx, "A-03-1").id
        with self.act() as tx:
            take_back.receive(tx, applied.remedy_id, {row.id: 3}, self.command())
        for outcome in ("restock", "quarantine", "scrap"):
            with self.act() as tx:
                bin_id = shelf if outcome == "restock" else None
                take_back.dispose(tx, row.id, 1, outcome, self.command(), bin_id=bin_id)
        with self.act() as tx:
            resolve.refund(tx, order_id, RefundWish(wish), reason="came back", command_id=self.command())
        self.shop.work()
        with self.act() as tx:
            more = self.units_in(tx, order_id, "TEA", 1)
            take_back.approve_return(tx, order_id, more, reason="the last one too", command_id=self.command())

    def units_in(self, tx: Any, order_id: str, sku: str, count: int) -> dict[str, int]:
        wanted = select(order_line.c.id).where(order_line.c.order_id == order_id, order_line.c.sku == sku)
        return {tx.scalar(wanted): count}

    def sent_again(self, order_id: str) -> None:
        with self.act() as tx:
            bowls = self.units_in(tx, order_id, "BOWL", 1)
            send_again.reship(tx, order_id, bowls, reason="lost on the way", command_id=self.command())
        self.left(self.work_of(order_id).id)
        with self.act() as tx:
            send_again.reship(tx, order_id, bowls, reason="lost again", command_id=self.command())
        called_off = self.sent({"TEA": 2})
        with self.act() as tx:
            wish = self.units_in(tx, called_off, "TEA", 1)
            send_again.reship(tx, called_off, wish, reason="torn", command_id=self.command())
        with self.act() as tx:
            dispatch.cancel_fulfillment(tx, self.work_of(called_off).id, "the customer wants the money")

    def canceled_in_all_ways(self) -> None:
        whole = make.order(self.shop, {"MUG": 1}, paid=True).order_id
        part = make.order(self.shop, {"TEA": 5, "MUG": 2}, paid=True).order_id
        picking = make.order(self.shop, {"BOWL": 1, "TEA": 1}, paid=True).order_id
        self.picked(self.work_of(picking).id)
        with self.db.begin(actor="shopper") as tx:
            cancel.cancel_order(tx, whole, reason="changed my mind", command_id=self.command())
            units = self.units_in(tx, part, "TEA", 2)
            cancel.cancel_units(tx, part, units, reason="too many", command_id=self.command())
            cancel.cancel_order(tx, picking, reason="too late", command_id=self.command())
        self.shop.work()
        self.left(self.work_of(part).id)

    def never_paid(self) -> None:
        late = make.order(self.shop, {"MUG": 1}).order_id
        make.order(self.shop, {"TEA": 1})
        self.clock.sleep(45 * MINUTE)
        with self.db.begin(actor="worker") as tx:
            expire.ask_overdue(tx)
        self.shop.work()
        self.clock.sleep(HOUR)
        with self.db.begin(actor="worker") as tx:
            assert late in expire.expire_unpaid(tx)
            expire.expire_holds(tx)
        self.clock.sleep(DAY)
