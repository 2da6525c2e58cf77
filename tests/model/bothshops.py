"""The real shop and the one on paper side by side: everything is done to both, and both must agree.

What the model allows must be done, what it forbids must be refused and leave everything as it was.
"""

import copy
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agreeing import GOODS, TAX, Agreeing, Ids, Opened
from shopfloor import ShopWithFloor
from shopmodel import MINUTE, No
from sqlalchemy import select
from witness import Told, WitnessedProvider

from storekeep.doors.webhooks.routes import hear_payment
from storekeep.flows import house, settle, telling
from storekeep.flows.chores import Housekeeper
from storekeep.flows.services import Services
from storekeep.kernel import tables as kernel
from storekeep.kernel.clock import SECOND, VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.ids import SeededIds
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import payment, payment_attempt, refund
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from templates import share_compiled


class BothShops(Agreeing):
    """`both` does a thing to both; `work` lets the shop's worker run and tells the paper what the provider said."""

    def __init__(self, url: str, opened: Opened, tally: Counter[tuple[str, str]]) -> None:
        self.opened, self.tally = opened, tally
        self.clock = VirtualClock(opened.now)
        self.db = Database(url, clock=self.clock, ids=SeededIds(self.clock, seed=1), synchronous="OFF")
        share_compiled(self.db)
        self.provider = WitnessedProvider(self.clock.now)
        with self.db.read() as tx:
            secret = telling.link_secret(tx)
        carriers = demo_carriers(lambda content: b"%PDF-label " + content.tracking_number.encode())
        services = Services(
            self.db, {"memory": self.provider}, "memory", DemoMailer(), carriers, secret, "http://127.0.0.1:8000"
        )
        self.house = house.build(services, name="test", rng=random.Random(5), media_folder=Path("/nowhere"))
        self.housekeeper = Housekeeper(self.db)
        self.paper = ShopWithFloor(
            {sku: (price, TAX[sku]) for sku, (price, _, _) in GOODS.items()},
            {sku: units for sku, (_, _, units) in GOODS.items()},
        )
        self.carts: list[str] = []
        self.ids: list[Ids] = []
        self._commands = 0

    def command(self) -> str:
        self._commands += 1
        return f"command {self._commands}"

    @property
    def now(self) -> int:
        return self.clock.now()

    def both(self, on_paper: Callable[[ShopWithFloor], Any], really: Callable[[Tx], Any], who: str = "hand") -> Any:
        """Do it on paper and really; returns (what the paper says, what the shop says), or None when both refuse."""
        self.clock.sleep(SECOND)
        before = copy.deepcopy(self.paper)
        expected: Any = None
        why_not = ""
        try:
            expected = on_paper(self.paper)
        except No as no:
            self.paper, why_not = before, str(no) or "no"
        try:
            with self.db.begin(actor=f"staff:{self.opened.hand}" if who == "hand" else who) as tx:
                answer = really(tx)
        except StorekeepError as refusal:
            if not why_not:
                raise AssertionError("the shop refused what is right") from refusal
            self.tally[really.__qualname__.split(".")[-3], "refused"] += 1
            return None
        self.tally[really.__qualname__.split(".")[-3], "done"] += 1
        assert not why_not, f"the shop did what it must refuse: {why_not}"
        self.notice()
        return expected, answer

    # --- what happens by itself ---------------------------------------------------------------------------------------

    def time_passes(self, minutes: int) -> None:
        """The clock goes on, and the shop's chores are done once."""
        self.clock.sleep(minutes * MINUTE)
        self.housekeeper.step()
        self.paper.expire_holds(self.now)
        with self.db.read() as tx:
            expired = {row.id for row in tx.rows(select(sales_order.c.id).where(sales_order.c.status == "expired"))}
        for number, ids in enumerate(self.ids):
            if ids.order in expired and not self.paper.orders[number].is_expired:
                assert self.paper.may_expire(number, self.now), "an order expired before its time, or with money"
                self.paper.expire(number)
            assert not self.paper.must_expire(number, self.now), "an unpaid order holds its goods for too long"
        self.work()

    def work(self) -> None:
        """The worker empties the queues."""
        self.house.worker.drain()
        self.notice()
        with self.db.read() as tx:
            waiting = set(tx.rows(select(kernel.outbox.c.subject_id).where(
                kernel.outbox.c.kind == "label.buy", kernel.outbox.c.status != "done")))  # fmt: skip
        assert not waiting, "labels are bought at once"
        for order in self.paper.orders:
            for work in order.works:
                work.has_label = work.has_label or work.status == "packed"

    def hear(self, *, twice: bool = False, drop: bool = False, backwards: bool = False) -> None:
        """The provider's webhooks arrive at the shop's door."""
        told = self.provider.deliveries(twice=twice, drop=drop)
        for body, headers in told[::-1] if backwards else told:
            hear_payment(self.house, "memory", body, {name.lower(): value for name, value in headers.items()})

    def notice(self) -> None:
        """Write on paper what the provider told the shop, in order, and what the shop asked of it."""
        self._notice_requests()
        for told in self.provider.heard():
            self._write_down(told)

    def _notice_requests(self) -> None:
        with self.db.read() as tx:
            asked = tx.rows(select(refund).order_by(refund.c.number))
            pages = tx.rows(
                select(payment_attempt.c.id, payment_attempt.c.payment_id, payment.c.order_id, payment.c.amount_minor)
                .join(payment, payment.c.id == payment_attempt.c.payment_id)
                .order_by(payment_attempt.c.id)
            )
        numbers = {ids.order: n for n, ids in enumerate(self.ids)}
        for row in pages:
            order = self.paper.orders[numbers[row.order_id]]
            if row.payment_id not in order.payments:
                assert row.amount_minor == order.due, "a payment page asks for what is due"
                self.paper.open_page(numbers[row.order_id], row.payment_id, row.amount_minor)
                self.ids[numbers[row.order_id]].attempts[row.id] = row.payment_id
        for row in asked:
            if row.id not in self.paper.orders[numbers[row.order_id]].refunds:
                self.paper.asked_back(numbers[row.order_id], [(row.id, row.amount_minor)])

    def _write_down(self, told: Told) -> None:
        if told.operation == "refund":
            number = next(n for n, order in enumerate(self.paper.orders) if told.about in order.refunds)
            if told.answer is None:
                self.paper.refund_refused(number, told.about)
            else:
                self.paper.refund_told(number, told.about, told.answer.ref, told.answer.status == "succeeded")
        elif told.operation == "payment":
            number = next(n for n, ids in enumerate(self.ids) if told.about in ids.attempts)
            page, shown = self.ids[number].attempts[told.about], told.answer
            self.paper.told(number, page, shown.capturable_minor, shown.captured_minor, self.now)
            for given in shown.refunds:
                self.paper.refund_told(number, given.refund_id, given.ref, given.status == "succeeded")

    def come_to_rest(self) -> None:
        """Nothing fails any more, all payments are looked at, and time passes until nobody waits for anything."""
        self.provider.is_well_again()
        self.hear()
        for number in [each for ids in self.ids for each in ids.attempts.values()]:
            settle.observe(self.house.services, number)
        self.notice()
        for _ in range(6):
            self.time_passes(90)
            with self.db.read() as tx:
                queues = (kernel.outbox, kernel.inbox)
                if not any(tx.first(select(queue.c.id).where(queue.c.status == "due")) for queue in queues):
                    break

    def the_bank_agrees(self) -> None:
        """What the provider's own book has taken and given back is what the shop's orders say."""
        book = self.provider.payments()
        assert sum(shown.captured_minor for shown in book) == sum(order.received for order in self.paper.orders)
        given = sum(one.amount_minor for shown in book for one in shown.refunds if one.status == "succeeded")
        late = sum(order.given_back for order in self.paper.orders)
        assert given == late, "each refund that went out is known"

    # --- real ids -----------------------------------------------------------------------------------------------------

    def meet(self, tx: Tx, order_id: str) -> None:
        """Remember an order that is new."""
        if all(ids.order != order_id for ids in self.ids):
            rows = tx.rows(select(order_line).where(order_line.c.order_id == order_id))
            self.ids.append(Ids(order_id, {row.sku: row.id for row in rows}))

    def known_pages(self) -> list[tuple[int, str]]:
        """Open payment pages whose address the shop has, oldest first: (order, session)."""
        numbers = {ids.order: n for n, ids in enumerate(self.ids)}
        is_open = {shown.session_ref for shown in self.provider.payments() if shown.session_status == "open"}
        with self.db.read() as tx:
            query = select(payment.c.order_id, payment.c.session_ref).where(payment.c.session_ref.is_not(None))
            rows = tx.rows(query.order_by(payment.c.id))
        return [(numbers[row.order_id], row.session_ref) for row in rows if row.session_ref in is_open]

    def lines(self, order: int, units: Mapping[str, int]) -> dict[str, int]:
        return {self.ids[order].lines[sku]: n for sku, n in units.items()}

    def parcel(self, order: int, number: int) -> str:
        with self.db.read() as tx:
            query = select(fulfillment.c.id).where(fulfillment.c.order_id == self.ids[order].order)
            return str(tx.rows(query.order_by(fulfillment.c.number))[number].id)

    def parcel_line(self, order: int, number: int, sku: str) -> str:
        w = fulfillment_line.c
        with self.db.read() as tx:
            query = select(w.id).where(w.fulfillment_id == self.parcel(order, number), w.sku == sku)
            return str(tx.scalar(query))

    def returned(self, order: int, number: int) -> tuple[str, dict[str, str]]:
        """A return's id, and its lines by SKU."""
        skus = {line: sku for sku, line in self.ids[order].lines.items()}
        with self.db.read() as tx:
            mine = select(goods_return.c.id).where(goods_return.c.order_id == self.ids[order].order)
            return_id = tx.rows(mine.order_by(goods_return.c.number))[number].id
            rows = tx.rows(select(goods_return_line).where(goods_return_line.c.return_id == return_id))
        return return_id, {skus[row.order_line_id]: row.id for row in rows}
