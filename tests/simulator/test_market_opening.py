"""Opening the shop of a simulation: everything it needs to sell, in an empty database only."""

from collections import Counter

import pytest
import sqlalchemy as sa

from storekeep.flows import basket, checkout
from storekeep.flows.checkout import Details, Placed
from storekeep.kernel.db import Database
from storekeep.shop.catalog import categories
from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import CategoryDraft
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.inventory import policies
from storekeep.shop.inventory.errors import UnknownVariant
from storekeep.shop.inventory.policies import Reorder
from storekeep.shop.inventory.queries import to_reorder
from storekeep.shop.inventory.tables import reorder_policy, stock_balance
from storekeep.shop.pricing.tables import discount_code
from storekeep.shop.reports import verify
from storekeep.shop.site import profile
from storekeep.world.simulator.market import (
    Demand,
    NotEmpty,
    Shelves,
    ShopSpec,
    is_simulated,
    open_shop,
    refuse_unless_empty,
    shelves_of,
)
from storekeep.world.simulator.market.model import Visit
from storekeep.world.simulator.market.shoppers import COUNTRIES

SPEC = ShopSpec(skus=60, orders_per_year=2_000)


def demand_for(db: Database, days: int = 3) -> Demand:
    return Demand(SPEC, db.clock.now(), days, 1)


def buy(db: Database, shelves: Shelves, visit: Visit, method: str) -> checkout.PlaceAnswer:
    """The visit as a browser would make it, up to the order."""
    with db.begin(actor="shopper") as tx:
        cart_id = basket.open_cart(tx, f"token of {visit.key} {method}", visit.country)
        for sku, qty, *_ in [line for line in visit.lines if line.sku in shelves.by_sku]:
            basket.put(tx, cart_id, shelves.variant_id(sku), qty, add=True)
        checkout.hold(tx, cart_id, Details(visit.email, visit.country, method, visit.address))
    with db.begin(actor="shopper") as tx:
        return checkout.place(tx, [checkout.PlaceOrder(cart_id, provider="memory")])[0]


def test_the_shop_has_all_its_goods_on_their_shelves(db: Database) -> None:
    demand = demand_for(db)
    shelves = demand.open(db)
    assert (len(shelves.by_sku), shelves.currency) == (60, "EUR")
    with db.read() as tx:
        rows = tx.rows(
            sa.select(variant.c.sku, variant.c.price_minor, stock_balance.c.location_id, stock_balance.c.qty)
            .join_from(stock_balance, variant, variant.c.id == stock_balance.c.variant_id)
            .where(stock_balance.c.qty > 0)
        )
        assert tx.scalar(sa.select(sa.func.count()).where(product.c.status == "active")) == 60 + len(demand.sets)
        units = Counter[str]()
        for row in rows:  # one of each, or one for each of its lots
            units[row.sku] += row.qty
        assert units == {good.sku: good.opening_stock for good in demand.goods}
        assert len(rows) > len(units)
        assert all(shelves[row.sku].bin_id == row.location_id for row in rows)
        assert all(shelves[row.sku].price_minor == row.price_minor for row in rows)
        assert len({row.location_id for row in rows}) == 60
        assert to_reorder(tx, limit=200) == []


def test_it_buys_again_before_it_runs_out(db: Database) -> None:
    demand = demand_for(db)
    demand.open(db)
    with db.read() as tx:
        rows = tx.rows(sa.select(reorder_policy))
    assert len(rows) == 60
    for good in demand.goods:
        assert 0 < good.reorder_point < good.order_up_to
        assert good.cost_minor < good.price_minor
        assert good.reorder_point < good.opening_stock <= good.order_up_to


def test_its_books_and_its_goods_are_clean(db: Database) -> None:
    demand_for(db).open(db)
    with db.read() as tx:
        found = verify.run(tx)
    assert [one.id for one in found.results if one.offenders] == []
    assert found.status == "ok"


def test_codes_wait_for_shoppers(db: Database) -> None:
    demand = demand_for(db)
    demand.open(db)
    with db.read() as tx:
        codes = {row.code: row for row in tx.rows(sa.select(discount_code))}
    assert codes["WELCOME10"].percent_bp == 1_000
    assert codes["FIRST15"].max_uses == 20
    assert set(codes) == {"WELCOME10", "FIRST15", *(one.code for one in demand.promotions)}
    assert all(codes[one.code].starts_at < codes[one.code].ends_at for one in demand.promotions)


def test_visitors_from_every_country_can_order_what_they_came_for(db: Database) -> None:
    demand = Demand(ShopSpec(skus=60, orders_per_year=2_000, cover_weeks=40, up_to_weeks=60), db.clock.now(), 150, 1)
    shelves = demand.open(db)
    first: dict[tuple[str, str], Visit] = {}
    for day in demand.days:
        for visit in demand.visits(day):
            first.setdefault((visit.country, visit.method), visit)
    assert {country for country, _ in first} == set(COUNTRIES)
    answers = [buy(db, shelves, visit, method) for (_, method), visit in sorted(first.items())]
    assert [answer for answer in answers if not isinstance(answer, Placed)] == []
    with db.read() as tx:
        assert verify.run(tx).status == "ok"


def test_the_shop_says_that_it_is_a_simulated_one(db: Database) -> None:
    with db.read() as tx:
        assert not is_simulated(tx)
    shelves = demand_for(db).open(db)
    with db.read() as tx:
        assert is_simulated(tx)
        assert profile.load(tx).is_demo
        assert shelves_of(tx) == shelves


def test_it_opens_in_an_empty_database_only(db: Database) -> None:
    demand = demand_for(db)
    demand.open(db)
    with pytest.raises(NotEmpty, match="shop in this database already"):
        demand.open(db)
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(product)) == 60 + len(demand.sets)


def test_a_shop_with_orders_is_told_so(db: Database) -> None:
    demand = demand_for(db, days=30)
    shelves = demand.open(db)
    visit = next(visit for day in demand.days for visit in demand.visits(day) if visit.country == "DE")
    assert isinstance(buy(db, shelves, visit, "standard-home"), Placed)
    with db.read() as tx, pytest.raises(NotEmpty, match="holds orders"):
        refuse_unless_empty(tx)


def test_a_shop_that_somebody_has_begun_to_set_up_is_left_alone(db: Database) -> None:
    with db.begin(actor="owner") as tx:
        profile.save(tx, {"name": "Real Pots"})
    with pytest.raises(NotEmpty):
        open_shop(db, SPEC, 1)
    with db.read() as tx:
        assert profile.load(tx).name == "Real Pots"
        assert not is_simulated(tx)
        with pytest.raises(NotEmpty, match="not opened by a simulation"):
            shelves_of(tx)


def test_an_opening_that_fails_leaves_nothing(db: Database) -> None:
    with db.begin(actor="owner") as tx:  # a name that the simulation wants for itself, and no shop yet
        categories.create(tx, [CategoryDraft("mugs-and-cups", "Mugs")])
    with pytest.raises(InvalidFields):
        open_shop(db, SPEC, 1)
    with db.read() as tx:
        refuse_unless_empty(tx)


def test_the_same_seed_opens_the_same_shop(db: Database) -> None:
    assert demand_for(db).goods == demand_for(db).goods
    assert demand_for(db).goods != Demand(SPEC, db.clock.now(), 3, 2).goods


def test_many_reorder_points_are_set_and_changed_at_once(db: Database) -> None:
    shelves = demand_for(db).open(db)
    here = shelves.warehouse_id
    skus = sorted(shelves.by_sku)
    wanted = [Reorder(shelves.variant_id(sku), here, n, 2 * n) for n, sku in enumerate(skus)]
    with db.begin(actor="owner") as tx:
        policies.set_reorders(tx, wanted)
        policies.set_reorders(tx, wanted)
        rows = tx.rows(sa.select(reorder_policy))
        nobody = [Reorder(shelves.warehouse_id, here, 1, 2)]
        with pytest.raises(UnknownVariant):
            policies.set_reorders(tx, [*wanted[:1], *nobody])
    assert sorted(Reorder(*tuple(row)) for row in rows) == sorted(wanted)
