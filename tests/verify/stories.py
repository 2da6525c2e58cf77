"""A shop with many stories behind it, all told through the flows: the sound shop that faults are planted in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import (
    back_in_stock,
    batch_pick,
    cancel,
    count,
    dispatch,
    expire,
    floor,
    kits,
    landed_cost,
    lots,
    packing,
    purchase,
    receipts,
    receive,
    reply,
    resolve,
    restock,
    send_again,
    send_back,
    supplier_invoices,
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
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.kits import Part as KitPart
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.customers import signups
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.cartround import tote_code
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import ahead, costing, count_queries, count_tasks, locations
from storekeep.shop.inventory import lots as shelved
from storekeep.shop.inventory import policies as hand_set
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.inventory.promises import PolicyDraft
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders.tables import order_line
from storekeep.shop.pricing import coupons
from storekeep.shop.purchasing import orders, receiving, suppliers
from storekeep.shop.purchasing.landed import Bill
from storekeep.shop.purchasing.model import (
    Counted,
    InvoiceLine,
    Part,
    PriceBreak,
    SupplierDraft,
    TermsDraft,
    Want,
)
from storekeep.shop.replenishment import advice, queries, suggestions
from storekeep.shop.replenishment.model import Pick
from storekeep.shop.returns.tables import goods_return_line
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support import conversations, notes
from verify import stories_between

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
        self.bins_are_counted()
        self.goods_with_lots()
        self.lots_are_counted()
        self.what_to_order()
        self.batches_in_every_stage()
        self.sold_before_it_is_here()
        make.order(self.shop, {"MUG": 1, "TEA": 1})
        make.cart(self.shop, {"BOWL": 1})
        self.shop.work()
        self.goods_are_bought()
        stories_between.tell(self)
        self.a_kit_is_sold()
        self.shop.work()

    def command(self) -> str:
        self._count += 1
        return f"command {self._count}"

    def act(self) -> Any:
        return self.db.begin(actor=f"staff:{self.hand}")

    # --- goods ---

    def goods_with_lots(self) -> None:
        """Two lots of tea bags that are sold, one on hold, and one that was called back and came home."""
        make.stock(self.shop, {"BAGS": (500, 200, 0)})
        bags = self.shop.variants["BAGS"]
        with self.act() as tx:
            variants.update(tx, [VariantChange(bags, tracking="lot")])
            home, at = warehouses(tx)[0].id, locations.by_code(tx, "C-01-1").id
            arrived = (("L1", "2027-03-31", 6), ("L2", "2027-06-30", 20), ("L3", "2027-05-31", 4), ("L4", None, 5))
            lines = [ReceiveLine(bags, units, 200, at, code, day, "Tea house") for code, day, units in arrived]
            receive.receive(tx, lines, home, self.command(), "delivery 21")
        self.sent({"BAGS": 4})
        with self.act() as tx:
            for code, verb in (("L3", lots.quarantine_lot), ("L4", lots.recall_lot)):
                verb(tx, shelved.by_code(tx, bags, code).id, "glass in it", self.command())
        work_id = self.work_of(make.order(self.shop, {"BAGS": 5}, paid=True).order_id).id
        with self.act() as tx:
            floor.claim(tx, self.hand, [work_id])

    def sold_before_it_is_here(self) -> None:
        """One order waits for all, one for the rest, one was served, one was canceled, and a cart holds its place."""
        make.stock(self.shop, {"LAMP": (3900, 1500, 1), "SOON": (9900, 4000, 0)})
        lamp, soon = self.shop.variants["LAMP"], self.shop.variants["SOON"]
        with self.act() as tx:
            home = warehouses(tx)[0].id
            ahead.set_policy(tx, PolicyDraft(lamp, home, "backorder", 12, 9))
            ahead.set_policy(tx, PolicyDraft(soon, home, "preorder", 4, ships_on="2027-01-11"))
        make.order(self.shop, {"LAMP": 2}, paid=True)
        gone = make.order(self.shop, {"LAMP": 1, "MUG": 1}, paid=True)
        make.order(self.shop, {"LAMP": 3}, paid=True)
        make.order(self.shop, {"SOON": 1, "MUG": 1}, paid=True)
        with self.act() as tx:
            cancel.cancel_order(tx, gone.order_id, reason="too long", command_id=self.command())
            receive.receive(tx, [ReceiveLine(lamp, 2, 1500, locations.by_code(tx, "D-01-1").id)], home, self.command(),
                            "half of them")  # fmt: skip
        self.shop.work()
        make.cart(self.shop, {"LAMP": 1})
        make.stock(self.shop, {"JUG": (2900, 1100, 0)})
        jug = self.shop.variants["JUG"]
        with self.act() as tx:
            wishes = [back_in_stock.sign_up(tx, jug, f"{who}@example.com") for who in ("ann", "ben", "cem", "dora")]
            for wish in wishes[:3]:
                signups.confirm(tx, wish)
            signups.end(tx, wishes[2])
            receive.receive(tx, [ReceiveLine(jug, 1, 1100, locations.by_code(tx, "D-02-1").id)], home, self.command(),
                            "one jug")  # fmt: skip
        with self.act() as tx:
            back_in_stock.tell(tx)

    def a_kit_is_sold(self) -> None:
        """Two sets of three cups and a pot, at a price that does not divide by four."""
        make.stock(self.shop, {"CUP": (500, 200, 20), "POT": (1900, 800, 5), "SET": (2999, 0, 0)})
        own = self.shop.variants
        with self.act() as tx:
            kits.change(tx, own["SET"], [KitPart(own["CUP"], 3), KitPart(own["POT"], 1)])
        self.sent({"SET": 2})

    def goods_come_and_are_counted(self) -> None:
        mug, tea = self.shop.variants["MUG"], self.shop.variants["TEA"]
        with self.act() as tx:
            home, bins = warehouses(tx)[0].id, [locations.by_code(tx, f"B-0{n}-1").id for n in (1, 2)]
            receive.receive(tx, [ReceiveLine(mug, 7, 357)], home, self.command(), "delivery 12")
            receive.put_away(tx, [PutawayLine(mug, 7, bins[0])], home, self.command())
        with self.act() as tx:
            receive.transfer(tx, [(mug, bins[0], bins[1], 3)], self.command())
            receive.adjust(tx, [Correction(mug, bins[0], -1, "broken in the bin", self.command(), expected_qty=4)])
            receive.adjust(tx, [Correction(tea, bins[0], 2, "found behind the shelf", self.command(), expected_qty=0)])
            receive.scrap(tx, tea, bins[0], 1, "torn bag", self.command())
            receive.set_aside(tx, mug, bins[1], 1, "chipped", self.command())

    def bins_are_counted(self) -> None:
        """One agrees, one is a unit short, one is decided, one is not believed, one waits, one is called off."""
        places = ["A-01-1", "A-03-1", "B-01-1", "B-02-1", "A-02-1"]
        with self.act() as tx:
            drafts = [TaskDraft(locations.by_code(tx, code).id, "cycle", "their turn") for code in places]
            tasks = count.open_tasks(tx, drafts)
            lines = [count_queries.lines_of(tx, task)[0] for task in tasks]
            held = [count_queries.balance_now(tx, line.variant_id, line.location_id)[0] for line in lines]
        for n, off in enumerate((0, -1, 30, 40)):
            with self.act() as tx:
                count.count_lines(tx, [Entry(lines[n].id, held[n] + off, is_sure=True)], self.command())
        for n in (2, 3):
            with self.db.begin(actor="staff:second") as tx:
                count.count_lines(tx, [Entry(lines[n].id, held[n] + 60 + n, is_sure=True)], self.command())
        with self.db.begin(actor="staff:boss") as tx:
            count.approve(tx, [lines[2].id], "they came without a paper", self.command())
            count.reject(tx, [lines[3].id], "the wrong bin", self.command(), count_again=True)
            count_tasks.call_off(tx, tasks[4], "no time")
        with self.act() as tx:
            again = count.open_tasks(tx, [TaskDraft(locations.by_code(tx, places[4]).id, "full", "the year ends")])
            waits = count_queries.lines_of(tx, again[0])[0]
            count.claim(tx, again)
            count.count_lines(tx, [Entry(waits.id, 77, is_sure=True)], self.command())

    def lots_are_counted(self) -> None:
        """A unit of a lot on hold is missing, a lot turns up that nobody knows, and one count is not believed."""
        bags = self.shop.variants["BAGS"]
        with self.act() as tx:
            task = count.open_tasks(tx, [TaskDraft(locations.by_code(tx, "C-01-1").id, "cycle", "its turn")])[0]
            found = count.found_there(tx, task, bags, "L9", "2027-07-31")
            wanted = {shelved.by_code(tx, bags, code).id: units for code, units in (("L3", 3), ("L4", 5), ("L2", 50))}
            lines = {row.id: wanted[row.lot_id] for row in count_queries.lines_of(tx, task) if row.lot_id in wanted}
            entries = [Entry(each, units, is_sure=True) for each, units in {**lines, found: 2}.items()]
            told = {each.line_id: each.status for each in count.count_lines(tx, entries, self.command())}
        doubted = next(each for each, status in told.items() if status == "recount")
        with self.db.begin(actor="staff:second") as tx:
            count.count_lines(tx, [Entry(doubted, 60, is_sure=True)], self.command())
        with self.db.begin(actor="staff:boss") as tx:
            count.reject(tx, [doubted], "the wrong lot", self.command(), count_again=True)
        count.sort_goods(self.db)

    def goods_are_bought(self) -> None:
        """One order that came with too much, broken things and two invoices; one that is on its way; one written."""
        mug, bowl, bags = (self.shop.variants[sku] for sku in ("MUG", "BOWL", "BAGS"))
        with self.act() as tx:
            home = warehouses(tx)[0].id
            maker = suppliers.add(tx, SupplierDraft("MAKER", "Maker", "maker@example.com", "EUR"))
            suppliers.set_terms(tx, maker, [TermsDraft(mug, "M-1", (PriceBreak(1, 3_335_000),), 6, 6),
                                            TermsDraft(bowl, "", (PriceBreak(1, 7_770_000),)),
                                             TermsDraft(bags, "", (PriceBreak(1, 2_000_000),))])  # fmt: skip
        came, coming = (self._bought(maker, home, {mug: 12, bowl: 10, bags: 6}) for _ in range(2))
        counts = [Counted(mug, 14), Counted(bowl, 8), Counted(bowl, 2, "damaged"),
                  Counted(bags, 6, lot_code="L5", expires_on="2027-08-31")]
        receipt_id = self._counted(came, home, counts)
        with self.db.read() as tx:
            found = {(line.finding, line.variant_id): line for line in receiving.lines_of(tx, receipt_id)}
        for key, parts in ((("over", mug), [Part("accept", 1), Part("refuse", 1)]),
                           (("damaged", bowl), [Part("return", 2)])):  # fmt: skip
            with self.act() as tx:
                receipts.decide(tx, receipt_id, found[key].id, parts, self.command(), reason="looked at it")
        with self.act() as tx:
            receipts.post(tx, receipt_id, self.command())
        with self.act() as tx:
            send_back.send_back(tx, found["damaged", bowl].id, 1, "cracked", self.command())
        for n, units in enumerate(({mug: 13, bowl: 4}, {bowl: 5})):
            with self.act() as tx:
                lines = {line.variant_id: line for line in orders.lines_of(tx, [came])}
                told = [InvoiceLine(lines[one].id, qty, lines[one].unit_price_e4 + 100) for one, qty in units.items()]
                bill = supplier_invoices.record(tx, came, f"R-{n}", "2026-11-30", told, self.command())
                if n == 0:
                    supplier_invoices.match_invoice(tx, bill, self.command(), reason="dearer")
        self._counted(coming, home, [Counted(mug, 6)])
        with self.act() as tx:
            purchase.create(tx, maker, home, [Want(mug, 6)], self.command())
        self.freight_comes_late(receipt_id, mug)

    def freight_comes_late(self, receipt_id: str, mug: str) -> None:
        """Freight for goods that are there, a turn to FIFO, an arrival at another price, a loss, and duty after it."""
        with self.act() as tx:
            landed_cost.record(tx, receipt_id, Bill("freight", 2999, "value", "Carrier", "F-1"), self.command())
            costing.choose_method(tx, costing.FIFO)
        with self.act() as tx:
            receive.receive(tx, [ReceiveLine(mug, 9, 415)], warehouses(tx)[0].id, self.command(), "dearer now")
            place = locations.by_code(tx, "B-01-1").id
            receive.scrap(tx, mug, place, 2, "fell down", self.command())
        with self.act() as tx:
            landed_cost.record(tx, receipt_id, Bill("duty", 1001, "units", "Customs", "D-1"), self.command())
            landed_cost.record(tx, receipt_id, Bill("duty", -101, "units", "Customs", "D-2"), self.command())

    def _bought(self, maker: str, home: str, wanted: dict[str, int]) -> str:
        with self.act() as tx:
            wants = [Want(each, qty) for each, qty in wanted.items()]
            order_id = purchase.create(tx, maker, home, wants, self.command())
            purchase.approve(tx, order_id, self.command())
            purchase.send(tx, order_id, self.command())
        return order_id

    def _counted(self, order_id: str, home: str, counts: list[Counted]) -> str:
        with self.act() as tx:
            receipt_id = receipts.open_receipt(tx, home, self.command(), purchase_order_id=order_id)
            receipts.count(tx, receipt_id, counts, self.command())
            receipts.finish_count(tx, receipt_id, self.command())
        return receipt_id

    # --- the warehouse ---

    def work_of(self, order_id: str) -> Any:
        with self.db.read() as tx:
            query = select(fulfillment).where(fulfillment.c.order_id == order_id).order_by(fulfillment.c.number.desc())
            return tx.rows(query)[0]

    def picked(self, work_id: str) -> None:
        with self.act() as tx:
            stops = floor.claim(tx, self.hand, [work_id])[0].stops
        for line in self.lines(work_id):
            lots = [(stop.lot_code, stop.qty) for stop in stops if stop.line_id == line.id and stop.lot_code]
            for code, qty in lots or [(line.sku, line.qty - line.dropped - line.picked)]:
                with self.act() as tx:
                    assert floor.scan(tx, work_id, code, self.command(), qty).is_right

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

    def what_to_order(self) -> None:
        """Hand-set levels: one line is ordered, one in another quantity, one dismissed. Then a past is made up, so that
        levels are learned; those lines are left to decide."""
        with self.act() as tx:
            for sku in ("MUG", "BOWL", "TEA"):
                hand_set.set_reorder(tx, self.shop.variants[sku], warehouses(tx)[0].id, 500, 777)
        for status in ("accepted", "edited", "dismissed"):
            restock.suggest(self.db, self.command(), actor="owner")
            with self.act() as tx:
                row = queries.open_of(tx)[0]
                if status == "dismissed":
                    suggestions.dismiss(tx, [row.id], "the season is over")
                else:
                    restock.order(tx, [Pick(row.id, row.qty + (status == "edited"))], self.command())
        with self.db.read() as tx:
            facts = restock.gather(tx)
        units = {item.key: {week: 900 + 7 * week for week in range(30)} for item in facts.items}
        past = replace(facts.history, weeks=30, units=units, masked={})
        with self.db.begin(actor="worker") as tx:
            suggestions.keep(tx, advice.advise(replace(facts, history=past)), past.until_day, self.command())

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
