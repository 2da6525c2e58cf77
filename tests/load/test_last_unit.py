"""Two hundred people want the last unit: exactly one gets it, and the others are told plainly."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from crowd import Crowd, carts

import make
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory import ahead
from storekeep.shop.inventory.promises import PolicyDraft
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import availability, reservation
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.reports import verify

BUYERS = 200
PLENTY = 10**6


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> make.Shop:
    return make.shop(db, clock, tmp_path, {"ALSO": (1000, 400, PLENTY)})


@pytest.fixture
def crowd(shop: make.Shop, db_url: str) -> Iterator[Crowd]:
    made = Crowd(db_url)
    yield made
    made.close()


def one_round(shop: make.Shop, crowd: Crowd, units: int, number: int) -> None:
    """Everybody wants one of a new thing and one of a common thing, some in this order and some in the other."""
    sku = f"LAST-{units}-{number}"
    make.stock(shop, {sku: (1000, 400, units)})
    rare = shop.variants[sku]
    told = crowd.rush(carts(shop.db, BUYERS, [rare, shop.variants["ALSO"]], seed=number))
    numbers = [one.number for one in told if one.number is not None]
    assert len(told) == BUYERS
    assert len(numbers) == len(set(numbers)) == units
    assert Counter(one.problems for one in told if one.number is None) == {(("out_of_stock", 0),): BUYERS - units}
    with shop.db.read() as tx:
        sold = tx.rows(sa.select(order_line.c.order_id).where(order_line.c.variant_id == rare))
        promised = tx.rows(sa.select(reservation).where(reservation.c.variant_id == rare))
        stock = tx.first(sa.select(availability).where(availability.c.variant_id == rare))
    assert len({row.order_id for row in sold}) == units
    assert {(row.status, row.qty) for row in promised} == {("firm", 1)}
    assert {row.order_id for row in promised} == {row.order_id for row in sold}
    assert stock is not None
    assert (stock.on_hand_sellable, stock.reserved) == (units, units)


def books_agree(shop: make.Shop) -> None:
    """After all rounds: every order has its two lines, and `reserved` is the sum of the reservations everywhere."""
    with shop.db.read() as tx:
        orders = tx.scalar(sa.select(sa.func.count()).select_from(sales_order))
        lines = tx.scalar(sa.select(sa.func.count()).select_from(order_line))
        promised = dict(
            tuple(row)
            for row in tx.rows(
                sa.select(reservation.c.variant_id, sa.func.sum(reservation.c.qty))
                .where(reservation.c.status == "firm")
                .group_by(reservation.c.variant_id)
            )
        )
        reserved = {row.variant_id: row.reserved for row in tx.rows(sa.select(availability)) if row.reserved}
    assert lines == 2 * orders
    assert reserved == promised
    assert reserved[shop.variants["ALSO"]] == orders


@pytest.mark.slow
@pytest.mark.parametrize("units", [1, 50])
def test_exactly_as_many_orders_as_units_are_placed(shop: make.Shop, crowd: Crowd, units: int) -> None:
    for number in range(10):
        one_round(shop, crowd, units, number)
    books_agree(shop)


@pytest.mark.long
@pytest.mark.parametrize("units", [1, 50])
def test_exactly_as_many_orders_as_units_are_placed_two_hundred_times(
    shop: make.Shop, crowd: Crowd, units: int
) -> None:
    for number in range(200):
        one_round(shop, crowd, units, number)
    books_agree(shop)


@pytest.mark.slow
def test_the_proof_would_catch_a_shop_that_reads_before_it_writes(shop: make.Shop, db_url: str) -> None:
    make.stock(shop, {"LAST": (1000, 400, 50)})
    naive = Crowd(db_url, by="naive")
    told = naive.rush(carts(shop.db, BUYERS, [shop.variants["LAST"]], seed=random.Random(3).randrange(100)))
    naive.close()
    assert len([one for one in told if one.number is not None]) > 50


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 50])
def test_exactly_as_many_are_sold_ahead_as_the_limit_allows(shop: make.Shop, crowd: Crowd, limit: int) -> None:
    """One is here and the others are to come: the last place in the limit goes to one buyer only."""
    for number in range(5):
        sku = f"AHEAD-{limit}-{number}"
        make.stock(shop, {sku: (1000, 400, 1)})
        rare = shop.variants[sku]
        with shop.db.begin(actor="owner") as tx:
            ahead.set_policy(tx, PolicyDraft(rare, warehouses(tx)[0].id, "backorder", limit, 7))
        told = crowd.rush(carts(shop.db, BUYERS, [rare, shop.variants["ALSO"]], seed=number))
        assert sum(one.number is not None for one in told) == limit + 1
        assert Counter(one.problems for one in told if one.number is None) == {
            (("out_of_stock", 0),): BUYERS - limit - 1
        }
        with shop.db.read() as tx:
            kept = tx.rows(sa.select(reservation.c.status).where(reservation.c.variant_id == rare))
            policy = ahead.policies(tx, [rare])[rare]
        assert Counter(row.status for row in kept) == {"firm": 1, "waiting": limit}
        assert (policy.waiting, policy.room) == (limit, 0)
    with shop.db.read() as tx:
        assert [one for one in verify.run(tx, ["B1", "B2", "G4"]).results if one.status != "ok"] == []
