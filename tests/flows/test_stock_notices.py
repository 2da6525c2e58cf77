"""One mail a day for the owner, one mail per wish for shoppers, and none for anybody who did not ask."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import back_in_stock, low_stock, receive
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid
from storekeep.shop.customers import signups
from storekeep.shop.customers.tables import stock_signup
from storekeep.shop.inventory import locations, low
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.notify.tables import mail
from storekeep.shop.reports import verify


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 4), "BOWL": (1990, 800, 40), "GONE": (4900, 2000, 0)})


def mails(shop: Shop, template: str) -> list[Any]:
    with shop.db.read() as tx:
        return list(tx.rows(select(mail).where(mail.c.template == template).order_by(mail.c.id)))


def look(shop: Shop) -> bool:
    with shop.db.begin(actor="worker") as tx:
        return low_stock.look(tx)


def adjust(shop: Shop, sku: str, units: int, command: str) -> None:
    with shop.db.begin(actor="owner") as tx:
        place = locations.by_code(tx, "A-01-1" if sku == "MUG" else "A-02-1").id
        receive.adjust(tx, [Correction(shop.variants[sku], place, units, "counted", command)])


def wish(shop: Shop, who: str, *, yes: bool = True) -> str:
    with shop.db.begin(actor="shopper") as tx:
        found = back_in_stock.sign_up(tx, shop.variants["GONE"], who)
        if yes:
            signups.confirm(tx, found)
    return found


def goods_come(shop: Shop, units: int, command: str = "delivery") -> None:
    with shop.db.begin(actor="owner") as tx:
        line = ReceiveLine(shop.variants["GONE"], units, 500, locations.by_code(tx, "A-05-1").id)
        receive.receive(tx, [line], warehouses(tx)[0].id, command, "they came")


def tell(shop: Shop) -> int:
    with shop.db.begin(actor="worker") as tx:
        return back_in_stock.tell(tx)


def test_the_owner_hears_once_of_what_runs_low_and_again_only_of_what_is_new(shop: Shop, clock: VirtualClock) -> None:
    assert look(shop)
    (first,) = mails(shop, "low_stock")
    assert first.subject == "1 product runs low"
    assert "MUG" in first.body_text
    assert "BOWL" not in first.body_text
    for _ in range(30):  # a day and more in which nothing new is low
        clock.sleep(HOUR)
        assert not look(shop)
    adjust(shop, "BOWL", -38, "gone 1")
    clock.sleep(DAY)
    assert look(shop)
    assert not look(shop)
    second = mails(shop, "low_stock")[1]
    assert "BOWL" in second.body_text
    assert "MUG" not in second.body_text
    assert "2 in all are low now" in second.body_text


def test_what_came_back_and_runs_low_again_is_told_again_but_not_on_the_same_day(
    shop: Shop, clock: VirtualClock
) -> None:
    assert look(shop)
    adjust(shop, "MUG", 30, "found")
    look(shop)
    adjust(shop, "MUG", -31, "lost")
    assert not look(shop)
    clock.sleep(DAY)
    assert look(shop)


def test_a_variant_has_its_own_level_or_the_shops(shop: Shop) -> None:
    def found() -> list[tuple[str, int]]:
        with shop.db.read() as tx:
            assert low.count(tx) == len(low.listed(tx))
            return [(row.sku, row.level) for row in low.listed(tx)]

    assert found() == [("MUG", 5)]
    with shop.db.begin(actor="owner") as tx:
        low.set_level(tx, shop.variants["MUG"], 3)
        low.set_level(tx, shop.variants["BOWL"], 40)
    assert found() == [("BOWL", 40)]
    with shop.db.begin(actor="owner") as tx:
        low.set_level(tx, shop.variants["BOWL"], None)
        low.set_default(tx, 100)
    assert found() == [("BOWL", 100)]
    with shop.db.begin(actor="owner") as tx, pytest.raises(Invalid):
        low.set_default(tx, -1)


def test_only_a_confirmed_wish_is_told_and_only_once(shop: Shop, clock: VirtualClock) -> None:
    wish(shop, "yes@example.com")
    wish(shop, "silent@example.com", yes=False)
    ended = wish(shop, "ended@example.com")
    with shop.db.begin(actor="shopper") as tx:
        assert signups.end(tx, ended) == "ended"
    assert tell(shop) == 0
    goods_come(shop, 9)
    assert tell(shop) == 1
    clock.sleep(3 * DAY)
    assert tell(shop) == 0
    assert [one.to_address for one in mails(shop, "back_in_stock")] == ["yes@example.com"]
    assert "/tell-me/" in mails(shop, "back_in_stock")[0].body_text
    with shop.db.read() as tx:
        assert [one for one in verify.run(tx, ["B3"]).results if one.status != "ok"] == []


def test_no_more_people_are_told_than_there_are_units_and_the_first_come_first(
    shop: Shop, clock: VirtualClock
) -> None:
    for n in range(5):
        clock.sleep(HOUR)
        wish(shop, f"p{n}@example.com")
    goods_come(shop, 2)
    assert tell(shop) == 2
    assert tell(shop) == 0
    assert [one.to_address for one in mails(shop, "back_in_stock")] == ["p0@example.com", "p1@example.com"]
    clock.sleep(DAY + HOUR)
    assert tell(shop) == 2  # nobody has bought them
    goods_come(shop, 2, "more")
    assert tell(shop) == 1
    assert tell(shop) == 0


def test_asking_again_and_again_sends_one_mail_a_day_to_confirm(shop: Shop, clock: VirtualClock) -> None:
    ids = {wish(shop, who, yes=False) for who in ("Ann@Example.com", "ann@example.com ", "ann@example.com")}
    assert len(ids) == 1
    assert len(mails(shop, "stock_signup")) == 1
    clock.sleep(DAY)
    wish(shop, "ann@example.com")
    wish(shop, "ann@example.com")
    assert len(mails(shop, "stock_signup")) == 2
    with shop.db.read() as tx:
        assert [row.status for row in tx.rows(select(stock_signup.c.status))] == ["confirmed"]


def test_a_wish_for_what_can_be_bought_or_from_no_address_is_refused(shop: Shop) -> None:
    with shop.db.begin(actor="shopper") as tx, pytest.raises(Invalid, match="can be bought now"):
        back_in_stock.sign_up(tx, shop.variants["MUG"], "ann@example.com")
    for typed in ("", "ann", "ann@", "a b@example.com", "ann@example.com\nBcc: all@example.com"):
        with shop.db.begin(actor="shopper") as tx, pytest.raises(Invalid):
            back_in_stock.sign_up(tx, shop.variants["GONE"], typed)
