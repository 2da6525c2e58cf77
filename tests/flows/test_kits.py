"""Kits from the cart to the return: sold as their parts, at shares that sum to their price."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from make import Shop
from storekeep.flows import basket, cancel, checkout, kits, receive
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog.kits import KnownPart, Part, shares
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import availability_of, warehouses
from storekeep.shop.orders import store
from storekeep.shop.orders.tables import order_kit
from storekeep.shop.reports import shelves
from storekeep.shop.reports.verify.run import run

GOODS = {"CUP": (500, 200, 20), "POT": (1900, 800, 5), "TEA": (700, 300, 50), "SET": (2999, 0, 0)}


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Any:
    made = make.shop(db, clock, tmp_path, GOODS)
    with db.begin("owner") as tx:
        kits.change(tx, made.variants["SET"], parts(made, CUP=3, POT=1))
    yield made
    with db.read() as tx:
        assert [(one.id, one.offenders) for one in run(tx).results if one.status != "ok"] == []


def parts(shop: Shop, **units: int) -> list[Part]:
    return [Part(shop.variants[sku], qty) for sku, qty in units.items()]


def lines(shop: Shop, order_id: str) -> list[tuple[str, int, int]]:
    with shop.db.read() as tx:
        return [(line.sku, line.ordered, line.unit_price_minor) for line in store.lines_of(tx, [order_id])]


def to_be_had(shop: Shop, sku: str) -> int:
    with shop.db.read() as tx:
        return shelves.of_variants(tx, [shop.variants[sku]])[shop.variants[sku]].most


def test_a_kit_is_ordered_as_its_parts_whose_prices_sum_to_its_own(shop: Shop) -> None:
    placed = make.order(shop, {"SET": 2, "CUP": 1}, paid=True)
    found = lines(shop, placed.order_id)
    assert placed.total_minor == 2 * 2999 + 500
    of_kit = [line for line in found if line != ("CUP", 1, 500)]
    assert sum(units * each for _, units, each in of_kit) == 2 * 2999
    assert sum(units for sku, units, _ in of_kit if sku == "CUP") == 6
    with shop.db.read() as tx:
        (kept,) = tx.rows(order_kit.select())
        free = availability_of(tx, [shop.variants["CUP"], shop.variants["POT"]])
    assert (kept.title, kept.qty, kept.unit_price_minor) == ("Set", 2, 2999)
    assert [free[shop.variants[sku]].available for sku in ("CUP", "POT")] == [13, 3]


def test_as_many_kits_can_be_had_as_the_scarcest_part_allows(shop: Shop) -> None:
    assert to_be_had(shop, "SET") == 5
    make.order(shop, {"CUP": 10}, paid=True)
    assert to_be_had(shop, "SET") == 3
    with shop.db.read() as tx:
        assert [shelf.band for shelf in shelves.of_product(tx, "set").values()] == ["few"]
    answer = make.place(shop, make.cart(shop, {"SET": 4}))
    assert isinstance(answer, checkout.NotPlaced)
    assert {problem.code for problem in answer.problems} == {"out_of_stock"}
    make.order(shop, {"POT": 5}, paid=True)
    assert to_be_had(shop, "SET") == 0
    with shop.db.read() as tx:
        assert [shelf.band for shelf in shelves.of_product(tx, "set").values()] == ["out"]


def test_what_an_order_bought_stays_when_the_kit_changes(shop: Shop) -> None:
    placed = make.order(shop, {"SET": 1}, paid=True)
    before = lines(shop, placed.order_id)
    with shop.db.begin("owner") as tx:
        kits.change(tx, shop.variants["SET"], parts(shop, TEA=2, POT=1))
    assert lines(shop, placed.order_id) == before
    again = make.order(shop, {"SET": 1}, paid=True)
    assert {sku for sku, _, _ in lines(shop, again.order_id)} == {"TEA", "POT"}


def test_canceling_a_kit_gives_the_whole_price_back(shop: Shop) -> None:
    placed = make.order(shop, {"SET": 3}, paid=True)
    with shop.db.begin("shopper") as tx:
        cancel.cancel_order(tx, placed.order_id, reason="changed my mind", command_id="c1")
    shop.work()
    with shop.db.begin("test") as tx:
        assert store.lock(tx, [placed.order_id])[placed.order_id].owed_minor == 0
    assert to_be_had(shop, "SET") == 5


def test_the_cart_shows_the_kit_and_not_its_parts(shop: Shop) -> None:
    cart_id = make.cart(shop, {"SET": 2})
    with shop.db.read() as tx:
        priced = basket.price(tx, cart_id)
    assert [(line.sku, line.qty) for line in priced.wanted] == [("SET", 2)]
    assert priced.count == 2
    assert {line.sku for line in priced.lines} == {"CUP", "POT"}


def test_a_kit_has_no_goods_of_its_own(shop: Shop) -> None:
    with shop.db.begin("hand") as tx, pytest.raises(Invalid, match="SET is a kit"):
        receive.receive(tx, [ReceiveLine(shop.variants["SET"], 1, 5)], warehouses(tx)[0].id, "r1", "delivery")
    with shop.db.begin("owner") as tx, pytest.raises(Conflict, match="20 of CUP are in the house"):
        kits.change(tx, shop.variants["CUP"], parts(shop, TEA=1))


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ({"CUP": 0}, "1 to 99 units"), ({"CUP": 100}, "1 to 99 units"), ({"SET": 1}, "part of itself"),
    ],
)  # fmt: skip
def test_parts_that_cannot_be_are_refused(shop: Shop, units: dict[str, int], text: str) -> None:
    with shop.db.begin("owner") as tx, pytest.raises(Invalid, match=text):
        kits.change(tx, shop.variants["SET"], parts(shop, **units))


def test_kits_are_not_made_of_kits(shop: Shop) -> None:
    make.stock(shop, {"BOX": (5000, 0, 0)})
    with shop.db.begin("owner") as tx, pytest.raises(Invalid, match="cannot be a kit itself"):
        kits.change(tx, shop.variants["BOX"], parts(shop, SET=1))
    with shop.db.begin("owner") as tx:
        kits.change(tx, shop.variants["SET"], [])
        kits.change(tx, shop.variants["BOX"], parts(shop, SET=1))
    with shop.db.begin("owner") as tx, pytest.raises(Conflict, match="a part of a kit"):
        kits.change(tx, shop.variants["SET"], parts(shop, TEA=1))


@given(
    price=st.integers(0, 10**7),
    pieces=st.lists(st.tuples(st.integers(1, 99), st.integers(0, 10**6)), min_size=1, max_size=20),
)
def test_shares_sum_to_the_price_of_the_kit_and_cover_every_unit(price: int, pieces: list[tuple[int, int]]) -> None:
    known = [KnownPart(str(n), qty, "", "", "", "", each, "", 0) for n, (qty, each) in enumerate(pieces)]
    found = shares(price, known)
    assert sum(units * each for own in found for units, each in own) == price
    assert [sum(units for units, _ in own) for own in found] == [part.qty for part in known]
    assert all(each >= 0 for own in found for _, each in own)
    assert all(max(e for _, e in own) - min(e for _, e in own) <= 1 for own in found)
