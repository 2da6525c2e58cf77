"""Pressing the button with nothing but the shopper's token, as the website does under load."""

from pathlib import Path

import pytest

import make
from storekeep.flows.checkout import NotPlaced, Placed, PlaceOrder
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> make.Shop:
    return make.shop(db, clock, tmp_path)


def press(shop: make.Shop, *commands: PlaceOrder) -> list[Placed | NotPlaced]:
    """All of them in one batch."""
    futures = [shop.house.placing.submit(command) for command in commands]
    shop.house.placing.step()
    return [future.result(0) for future in futures]


def by_token(number: int) -> PlaceOrder:
    return PlaceOrder("", provider="memory", token_hash=f"token-{number}")


def test_a_token_places_the_order_of_its_cart(shop: make.Shop) -> None:
    first = make.cart(shop, {"MUG": 1})
    number = shop.count
    second = make.cart(shop, {"BOWL": 1})
    answers = press(shop, by_token(shop.count), by_token(number), PlaceOrder(first, provider="memory"))
    assert all(isinstance(answer, Placed) for answer in answers)
    placed = [answer for answer in answers if isinstance(answer, Placed)]
    assert placed[1].order_id == placed[2].order_id != placed[0].order_id
    again = press(shop, PlaceOrder(second, provider="memory"), by_token(number))
    assert [answer.order_id for answer in again if isinstance(answer, Placed)] == [
        placed[0].order_id,
        placed[1].order_id,
    ]


def test_a_token_that_nobody_has_places_nothing_and_harms_nobody(shop: make.Shop) -> None:
    make.cart(shop, {"MUG": 1})
    unknown, known, other = press(shop, by_token(900), by_token(shop.count), by_token(901))
    assert isinstance(known, Placed)
    for answer in (unknown, other):
        assert isinstance(answer, NotPlaced)
        assert [problem.code for problem in answer.problems] == ["cart_gone"]
