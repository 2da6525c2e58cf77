"""Goods in and corrections: what moves on the shelves moves in the books, once per command."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from warehouse import Work, accounts, available, mails, open_shop, units_at

from make import Shop
from storekeep.flows import receive
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict
from storekeep.kernel.tables import audit_entry
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.payments import attempts


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return open_shop(db, clock, tmp_path)


def bin_of(shop: Shop, code: str) -> str:
    with shop.db.read() as tx:
        return locations.by_code(tx, code).id


def bowls_bin(shop: Shop) -> str:
    return bin_of(shop, "A-02-1")


def audits(shop: Shop, action: str) -> int:
    with shop.db.read() as tx:
        return int(tx.scalar(select(func.count()).where(audit_entry.c.action == action)))


def test_arriving_goods_are_valued_and_can_be_sold_once_they_are_put_away(shop: Shop) -> None:
    before, receipts = accounts(shop).get("2050", 0), audits(shop, "goods.received")
    for _ in range(2):
        with shop.db.begin(actor="staff:x") as tx:
            home = warehouses(tx)[0].id
            receive.receive(tx, [ReceiveLine(shop.variants["BOWL"], 4, 810)], home, "delivery 1", "from the potter")
    assert accounts(shop)["2050"] == before - 3240
    assert (units_at(shop, "BOWL", "receiving"), available(shop, "BOWL")) == (4, 2)
    for _ in range(2):
        with shop.db.begin(actor="staff:x") as tx:
            line = PutawayLine(shop.variants["BOWL"], 4, locations.by_code(tx, "C-01-1").id)
            receive.put_away(tx, [line], home, "put away 1")
    assert (units_at(shop, "BOWL", "receiving"), available(shop, "BOWL")) == (0, 6)
    assert (audits(shop, "goods.received") - receipts, audits(shop, "goods.put_away")) == (1, 1)


def test_a_correction_needs_the_count_that_was_seen_and_posts_its_value(shop: Shop) -> None:
    variant, at = shop.variants["BOWL"], bowls_bin(shop)
    with pytest.raises(Conflict, match="holds 2"), shop.db.begin(actor="staff:x") as tx:
        receive.adjust(tx, [Correction(variant, at, -1, "count", "count 1", expected_qty=5)])
    for _ in range(2):
        with shop.db.begin(actor="staff:x") as tx:
            receive.adjust(tx, [Correction(variant, at, -1, "count", "count 2", expected_qty=2)])
    assert accounts(shop)["5100"] == 800
    assert available(shop, "BOWL") == 1


def test_a_correction_that_takes_an_orders_goods_shortens_the_order_and_tells_the_buyer(shop: Shop) -> None:
    work = Work(shop, {"BOWL": 2, "TEA": 1})
    with shop.db.begin(actor="staff:x") as tx:
        broken = Correction(shop.variants["BOWL"], bowls_bin(shop), -1, "broken", "count 1", expected_qty=2)
        receive.adjust(tx, [broken])
    assert work.line("BOWL").dropped == 1
    assert [line.canceled for line in work.order_lines()] == [1, 0]
    assert mails(shop, "canceled") == 1
    work.pick_all()
    work.pack_all()
    shop.work()
    assert work.ship().is_done
    assert work.order.status == "completed"


def test_goods_lost_before_anybody_started_cancel_the_whole_order(shop: Shop) -> None:
    work = Work(shop, {"BOWL": 2})
    with shop.db.begin(actor="staff:x") as tx:
        receive.scrap(tx, shop.variants["BOWL"], bowls_bin(shop), 2, "broken shelf", "scrap 1")
    shop.work()
    assert (work.row.status, work.order.status, work.order.payment_status) == ("canceled", "canceled", "voided")
    assert accounts(shop)["5100"] == 1600


def test_money_that_was_taken_already_goes_back_for_what_will_not_come(shop: Shop) -> None:
    work = Work(shop, {"BOWL": 2, "TEA": 1})
    with shop.db.begin(actor="owner") as tx:
        attempts.request_capture(tx, work.order_id, work.order.total_minor)
    shop.work()
    assert work.order.payment_status == "paid"
    with shop.db.begin(actor="staff:x") as tx:
        receive.set_aside(tx, shop.variants["BOWL"], bowls_bin(shop), 1, "chipped", "aside 1")
    shop.work()
    order = work.order
    assert order.given_back_minor == 1989
    assert order.received_minor - order.given_back_minor == order.owed_minor
    assert units_at(shop, "BOWL", "quarantine") == 1
    work.pick_all()
    work.pack_all()
    shop.work()
    assert work.ship().is_done
    books = accounts(shop, work.order_id)
    assert not {"1100", "2300", "2400"} & set(books)
    assert books["1200"] == order.owed_minor


def test_free_goods_are_carried_and_promised_ones_stay(shop: Shop) -> None:
    variant, origin, target = shop.variants["BOWL"], bowls_bin(shop), bin_of(shop, "D-01-1")
    for _ in range(2):
        with shop.db.begin(actor="staff:x") as tx:
            receive.transfer(tx, [(variant, origin, target, 1)], "carry 1")
    assert (available(shop, "BOWL"), audits(shop, "goods.transferred")) == (2, 1)
    with pytest.raises(Conflict), shop.db.begin(actor="staff:x") as tx:
        receive.transfer(tx, [(variant, origin, target, 2)], "carry 2")
