"""What the state machine found or was asked about, each told once more as a short story."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import make
from storekeep.flows import cancel, dispatch, floor, packing, resolve, returned_money, send_again, settle
from storekeep.flows.receive import adjust
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Refused
from storekeep.shop.access import passwords, staff
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.queries import availability_of, balances_of
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments import attempts, refunds
from storekeep.shop.reports import verify


class Story:
    """A shop and one order that was paid and left the house."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.shop, self.db, self._count = make.shop(db, clock, folder), db, 0
        with db.begin(actor="owner") as tx:
            hashed = passwords.hash_password("a long enough pass phrase")
            self.hand = staff.create(tx, [staff.NewStaff("hand@example.com", "Hand", "warehouse", hashed)])[0]

    def command(self) -> str:
        self._count += 1
        return f"command {self._count}"

    def act(self) -> Any:
        return self.db.begin(actor=f"staff:{self.hand}")

    def work_of(self, order_id: str) -> list[str]:
        with self.db.read() as tx:
            f = fulfillment.c
            return [row.id for row in tx.rows(select(f.id).where(f.order_id == order_id).order_by(f.number))]

    def sent(self, wanted: dict[str, int]) -> str:
        order_id = make.order(self.shop, wanted, paid=True).order_id
        work_id = self.work_of(order_id)[0]
        with self.act() as tx:
            floor.claim(tx, self.hand, [work_id])
            for sku, n in wanted.items():
                floor.scan(tx, work_id, sku, self.command(), n)
            for sku, n in wanted.items():
                packing.scan(tx, work_id, sku, self.command(), n)
            packing.close(tx, work_id)
        self.shop.work()
        with self.act() as tx:
            assert dispatch.ship(tx, [work_id], self.command())[0].is_done
        return order_id

    def refund(self, order_id: str, wish: RefundWish) -> None:
        with self.act() as tx:
            resolve.refund(tx, order_id, wish, reason="it broke", command_id=self.command())
        self.shop.work()

    def refunds(self, order_id: str) -> Any:
        with self.db.read() as tx:
            return refunds.of_order(tx, order_id)

    def bank_sends_back(self, refund_ref: str, order_id: str) -> None:
        self.shop.provider.fail_refund_later(refund_ref)
        self.look(order_id)

    def look(self, order_id: str) -> None:
        with self.db.read() as tx:
            payment = attempts.of_order(tx, order_id)[-1]
        settle.observe(self.shop.house.services, payment.id)

    def try_again(self, refund_id: str) -> None:
        with self.act() as tx:
            returned_money.try_again(tx, refund_id)

    def order(self, order_id: str) -> Any:
        with self.db.read() as tx:
            return tx.first(select(sales_order).where(sales_order.c.id == order_id))

    def line(self, order_id: str, sku: str) -> str:
        with self.db.read() as tx:
            mine = (order_line.c.order_id == order_id, order_line.c.sku == sku)
            return str(tx.scalar(select(order_line.c.id).where(*mine)))

    def all_is_sound(self) -> None:
        with self.db.read() as tx:
            report = verify.run(tx)
        assert report.status == "ok", report.as_text()


@pytest.fixture
def story(db: Database, clock: VirtualClock, tmp_path: Path) -> Story:
    return Story(db, clock, tmp_path)


def test_a_refund_that_went_through_at_the_second_try_stays_so_however_often_one_looks(story: Story) -> None:
    order_id = story.sent({"MUG": 2})
    story.refund(order_id, RefundWish(goodwill_minor=500))
    first = story.refunds(order_id)[0]
    story.bank_sends_back(first.provider_ref, order_id)
    assert story.refunds(order_id)[0].status == "failed"
    story.try_again(first.id)
    story.look(order_id)
    assert story.refunds(order_id)[0].status == "requested", "the bank still shows only the first try"
    story.shop.work()
    for _ in range(2):
        story.look(order_id)
        assert story.refunds(order_id)[0].status == "succeeded", "or somebody would send the money a third time"
    assert story.order(order_id).given_back_minor == 500
    story.all_is_sound()


def test_a_second_try_that_the_bank_refuses_has_failed_too(story: Story) -> None:
    order_id = story.sent({"MUG": 2})
    story.refund(order_id, RefundWish(goodwill_minor=500))
    first = story.refunds(order_id)[0]
    story.bank_sends_back(first.provider_ref, order_id)
    story.try_again(first.id)
    story.shop.provider.fail_next("refund", "refuse")
    story.shop.work()
    assert story.refunds(order_id)[0].status == "failed"
    story.try_again(first.id)
    story.shop.work()
    assert story.refunds(order_id)[0].status == "succeeded"
    story.all_is_sound()


def test_a_refund_is_not_tried_again_when_its_money_went_back_another_way(story: Story) -> None:
    order_id = story.sent({"MUG": 2})
    story.refund(order_id, RefundWish(goodwill_minor=500))
    first = story.refunds(order_id)[0]
    story.bank_sends_back(first.provider_ref, order_id)
    story.refund(order_id, RefundWish(goodwill_minor=story.order(order_id).owed_minor))
    assert story.refunds(order_id)[1].status == "succeeded"
    with story.db.read() as tx:
        left = refunds.refundable(tx, order_id)
    assert left == 500, "what came back is owed again"
    story.try_again(first.id)
    story.shop.work()
    with pytest.raises(Refused):
        story.refund(order_id, RefundWish(goodwill_minor=1))
    story.all_is_sound()


def test_no_more_is_given_up_than_is_owed_though_a_refund_came_back(story: Story) -> None:
    order_id = story.sent({"MUG": 2})
    story.refund(order_id, RefundWish(goodwill_minor=500))
    story.bank_sends_back(story.refunds(order_id)[0].provider_ref, order_id)
    with pytest.raises(Refused):
        story.refund(order_id, RefundWish(is_whole=True))
    story.all_is_sound()


def test_units_of_an_order_that_is_not_paid_yet_can_be_canceled(story: Story) -> None:
    order_id = make.order(story.shop, {"MUG": 2, "BOWL": 1}).order_id
    with story.db.begin(actor="shopper") as tx:
        cancel.cancel_units(tx, order_id, {story.line(order_id, "MUG"): 1}, reason="too many", command_id="c1")
    with story.db.read() as tx:
        mug = story.shop.variants["MUG"]
        assert availability_of(tx, [mug])[mug].reserved == 1
    make.pay(story.shop, order_id)
    order = story.order(order_id)
    assert (order.status, order.owed_minor) == ("open", order.total_minor - 1249)
    with story.db.read() as tx:
        work = tx.rows(select(fulfillment_line.c.qty).order_by(fulfillment_line.c.sku))
    assert [row.qty for row in work] == [1, 1]
    story.all_is_sound()


def test_a_claimed_replacement_keeps_its_goods_when_an_unclaimed_one_of_the_same_line_loses_them(story: Story) -> None:
    order_id = story.sent({"BOWL": 3})
    units = {story.line(order_id, "BOWL"): 1}
    for n in range(2):
        with story.act() as tx:
            send_again.reship(tx, order_id, units, reason="lost", command_id=story.command())
        if n == 0:
            with story.act() as tx:
                floor.claim(tx, story.hand, [story.work_of(order_id)[1]])
    bowl = story.shop.variants["BOWL"]
    with story.db.read() as tx:
        place = next(row for row in balances_of(tx, [bowl]) if row.kind == "bin")
    with story.act() as tx:
        adjust(tx, [Correction(bowl, place.location_id, 1 - place.qty, "recount", story.command())])
    with story.db.read() as tx:
        status = {row.id: row.status for row in tx.rows(select(fulfillment))}
    assert [status[each] for each in story.work_of(order_id)] == ["handed_over", "picking", "canceled"]
    story.all_is_sound()
