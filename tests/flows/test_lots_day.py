"""Lots through the flows: scanned at the bin, called back out of trays and boxes, expired at midnight, returned."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warehouse import Work, open_shop

import make
from make import Shop
from storekeep.flows import chores, lots, receive, take_back
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.kernel.tables import audit_entry
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory import locations
from storekeep.shop.inventory import lots as shelved
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import availability_of, balances_of, warehouses
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.orders.tables import order_line
from storekeep.shop.payments import refunds
from storekeep.shop.reports.verify.run import run
from storekeep.shop.returns.tables import goods_return_line

GTIN = "04012345678901"


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Any:
    made = open_shop(db, clock, tmp_path)
    make.stock(made, {"PILL": (900, 300, 0)})
    with db.begin("owner") as tx:
        pill = made.variants["PILL"]
        variants.update(tx, [VariantChange(pill, tracking="lot", min_days_at_ship=10, barcode=GTIN[1:])])
        home, at = warehouses(tx)[0].id, [locations.by_code(tx, code).id for code in ("A-01-1", "B-01-1")]
        arrived = ((3, at[0], "p1", "2027-01-31"), (6, at[1], "p2", "2027-05-31"))
        lines = [ReceiveLine(pill, qty, 300, place, code, day) for qty, place, code, day in arrived]
        receive.receive(tx, lines, home, "pills", "delivery")
    yield made
    with db.read() as tx:
        assert [(one.id, one.offenders, one.reason) for one in run(tx).results if one.status != "ok"] == []


def lot(shop: Shop, code: str) -> shelved.Lot:
    with shop.db.read() as tx:
        return shelved.by_code(tx, shop.variants["PILL"], code)


def recall(shop: Shop, code: str) -> None:
    with shop.db.begin("staff:lead") as tx:
        lots.recall_lot(tx, lot(shop, code).id, "wrong dose", "recall 1")
    shop.work()


def test_money_that_was_being_taken_for_units_recalled_out_of_the_box_goes_back(shop: Shop) -> None:
    work = Work(shop, {"PILL": 9})
    work.claim()
    for code, qty in (("P1", 3), ("P2", 6)):
        assert work.scan(f"(01){GTIN}(10){code}", qty).is_right
    for code, qty in (("P1", 3), ("P2", 6)):
        assert work.pack(f"(01){GTIN}(10){code}", qty).is_right
    work.close()  # the whole sum is to be captured, and nobody has asked the bank yet
    recall(shop, "p1")
    with shop.db.read() as tx:
        back = [(row.amount_minor, row.status) for row in refunds.of_order(tx, work.order_id)]
    assert back == [(3 * 900, "succeeded")]
    kept = work.order.received_minor - work.order.given_back_minor
    assert kept == work.order.owed_minor
    (paid,) = shop.provider.payments()
    assert paid.captured_minor - paid.refunded_minor == kept


def available(shop: Shop) -> int:
    with shop.db.read() as tx:
        return availability_of(tx, [shop.variants["PILL"]])[shop.variants["PILL"]].available


def test_a_picker_scans_the_goods_and_then_their_lot(shop: Shop) -> None:
    work = Work(shop, {"PILL": 5})
    work.claim()
    asked = work.scan("PILL", 3)
    assert (asked.kind, asked.qty) == ("right", 0)
    assert asked.text == "PILL: now scan its lot, lot P1, expires 2027-01-31."
    assert "scanned lot P2 of PILL" in work.scan("p2").text
    assert work.scan("P9").kind == "wrong"
    assert work.scan("p1", 2).text.startswith("2 of 5 PILL picked. Expected at A-01-1: 1 × PILL (Pill, lot P1")
    work.undo()
    assert work.scan(f"(01){GTIN}(17)270131(10)P1", 3).is_right
    assert work.scan(f"(01){GTIN}(10)P1").kind == "wrong"
    assert work.scan(f"]C101{GTIN}1727053110P2", 2).kind == "done"
    work.pack("PILL", 2)
    work.pack(f"(01){GTIN}(10)P1", 3)
    work.close()
    shop.work()
    assert work.ship().is_done


def test_a_recall_takes_its_units_out_of_trays_and_boxes_and_others_are_fetched(shop: Shop) -> None:
    boxed, in_tray, waiting = (Work(shop, {"PILL": 1, "TEA": 1}) for _ in range(3))
    for work in (boxed, in_tray, waiting):
        work.claim()
    for work in (boxed, in_tray):
        work.scan("TEA")
        work.scan("P1")
    boxed.pack_all()
    shop.work()
    recall(shop, "P1")
    assert [work.row.status for work in (boxed, in_tray, waiting)] == ["picking"] * 3
    for work in (boxed, in_tray):
        assert (work.line("PILL").picked, work.line("PILL").packed, work.line("TEA").picked) == (0, 0, 1)
    assert not boxed.ship().is_done
    for work in (boxed, in_tray, waiting):
        assert work.scan("P1").kind == "wrong"
        assert work.scan("P2").is_right
    waiting.scan("TEA")
    for work in (boxed, in_tray, waiting):
        work.pack_all()
    shop.work()
    assert all(work.ship().is_done for work in (boxed, in_tray, waiting))
    assert available(shop) == 3


def test_what_no_other_lot_has_is_taken_off_the_order_and_paid_back(shop: Shop) -> None:
    recall(shop, "P2")
    work = Work(shop, {"PILL": 2, "TEA": 1})
    work.claim()
    work.scan("TEA")
    work.scan("P1", 2)
    work.pack_all()
    shop.work()
    recall(shop, "P1")
    assert (work.row.status, work.line("PILL").due, work.line("PILL").picked) == ("picked", 0, 0)
    work.pack_all() if work.line("TEA").to_pack else work.close()
    shop.work()
    assert work.ship().is_done


def test_midnight_takes_off_sale_what_the_new_day_does_not_allow(shop: Shop, clock: VirtualClock) -> None:
    keeper = chores.Housekeeper(shop.db)
    keeper.step()
    assert (lot(shop, "P1").status, available(shop)) == ("ok", 9)
    clock.sleep(60 * DAY)  # 22 January: 9 days are left, 10 are asked for
    keeper.step()
    assert (lot(shop, "P1").status, available(shop)) == ("quarantined", 6)
    assert lot(shop, "P1").status_reason == "fewer than 10 days were left on 2027-01-22"
    clock.sleep(9 * DAY + 13 * HOUR + 30 * 60_000_000)  # 22:30 in Greenwich on the last day
    keeper.step()
    assert lot(shop, "P1").status == "quarantined"
    clock.sleep(HOUR)  # 00:30 in Berlin
    keeper.step()
    assert (lot(shop, "P1").status, lot(shop, "P1").status_reason) == ("expired", "its last day was before 2027-02-01")
    with pytest.raises(Conflict, match="it cannot become"), shop.db.begin() as tx:
        lots.release_lot(tx, lot(shop, "P1").id, "still fine")


def test_lots_that_go_together_leave_one_tray_and_one_box_for_one_reason_each(shop: Shop) -> None:
    with shop.db.begin("owner") as tx:
        home, place = warehouses(tx)[0].id, locations.by_code(tx, "B-02-1").id
        late = [ReceiveLine(shop.variants["PILL"], 9, 300, place, "p3", "2029-05-31")]
        receive.receive(tx, late, home, "more pills", "delivery")
    boxed, in_tray = Work(shop, {"PILL": 2, "TEA": 1}), Work(shop, {"PILL": 4})
    boxed.claim()
    boxed.scan("TEA")
    boxed.scan("P1", 2)
    boxed.pack_all()
    in_tray.claim()
    in_tray.scan("P1")
    in_tray.scan("P2", 3)
    shop.work()
    with shop.db.begin("worker") as tx:
        assert lots.expire_lots(tx, "2028-01-01") == 2
    shop.work()
    assert [lot(shop, code).status for code in ("P1", "P2", "P3")] == ["expired", "expired", "ok"]
    for work in (boxed, in_tray):
        assert (work.row.status, work.line("PILL").picked, work.line("PILL").packed) == ("picking", 0, 0)
    with shop.db.read() as tx:
        told = [
            (row.lot_id, row.qty, row.reason)
            for row in tx.rows(select(stock_move).where(stock_move.c.kind == "unpick").order_by(stock_move.c.id))
        ]
        reopened = tx.rows(select(audit_entry.c.after).where(audit_entry.c.action == "fulfillment.reopened"))
    one, two = lot(shop, "P1").id, lot(shop, "P2").id
    assert sorted(told, key=str) == sorted(
        [(one, 2, "lot P1 expired"), (one, 1, "lot P1 expired"), (two, 3, "lot P2 expired")], key=str
    )
    assert ["lot P1 expired" in row.after for row in reopened] == [True], "only one box was closed"
    in_tray.scan("P3", 4)
    boxed.scan("P3", 2)
    for work in (boxed, in_tray):
        work.pack_all()
    shop.work()
    assert boxed.ship().is_done
    assert in_tray.ship().is_done


def test_goods_come_back_in_the_lots_in_which_they_left(shop: Shop) -> None:
    work = Work(shop, {"PILL": 4})
    work.claim()
    work.scan("P1", 3)
    work.scan("P2")
    work.pack_all()
    shop.work()
    assert work.ship().is_done
    with shop.db.begin("staff:agent") as tx:
        line_id = tx.scalar(select(order_line.c.id).where(order_line.c.order_id == work.order_id))
        take_back.approve_return(tx, work.order_id, {line_id: 4}, reason="too many", command_id="r")
        line = tx.rows(select(goods_return_line))[0]
        assert take_back.receive(tx, line.return_id, {line.id: 4}, "in") == 1200
    recall(shop, "P1")
    with shop.db.read() as tx:
        home = locations.by_code(tx, "B-01-1").id
    with pytest.raises(Invalid, match="Lot P1 is recalled"), shop.db.begin("staff:agent") as tx:
        take_back.dispose(tx, line.id, 4, "restock", "d", bin_id=home)
    with shop.db.begin("staff:agent") as tx:
        take_back.dispose(tx, line.id, 3, "scrap", "d1")
        take_back.dispose(tx, line.id, 1, "restock", "d2", bin_id=home)
        there = balances_of(tx, [shop.variants["PILL"]])
    assert [(row.location_code, row.qty) for row in there] == [("B-01-1", 6)]
    assert available(shop) == 6
