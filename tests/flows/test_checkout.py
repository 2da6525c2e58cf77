"""From cart to confirmed order, and the ways in which that may not work out."""

from pathlib import Path

import pytest

import make
from make import Shop
from storekeep.flows import basket, checkout
from storekeep.kernel.clock import HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.catalog import variants
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.orders.tables import order_line, order_part, sales_order
from storekeep.shop.pricing import coupons as codes


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path)


def left(shop: Shop, sku: str) -> int:
    with shop.db.read() as tx:
        return availability_of(tx, [shop.variants[sku]])[shop.variants[sku]].available


def row(shop: Shop, order_id: str):
    with shop.db.read() as tx:
        return tx.first(sales_order.select().where(sales_order.c.id == order_id))


def test_a_cart_becomes_an_order_whose_parts_sum_to_its_total(shop: Shop) -> None:
    placed = make.place(shop, make.cart(shop, {"MUG": 2, "TEA": 3}))
    assert isinstance(placed, checkout.Placed)
    assert placed.is_new
    assert placed.total_minor == 2 * 1250 + 3 * 700 + 490
    with shop.db.read() as tx:
        parts = tx.rows(order_part.select().where(order_part.c.order_id == placed.order_id))
        assert sum(part.gross_minor for part in parts) == placed.total_minor
        assert {part.rate_bp for part in parts} == {1900, 700}
        assert len(tx.rows(order_line.select().where(order_line.c.order_id == placed.order_id))) == 2
    assert row(shop, placed.order_id).status == "pending_payment"
    assert left(shop, "MUG") == 18


def test_placing_the_same_cart_again_answers_with_the_same_order(shop: Shop) -> None:
    cart_id = make.cart(shop, {"MUG": 2})
    first, second = make.place(shop, cart_id), make.place(shop, cart_id)
    assert isinstance(first, checkout.Placed)
    assert isinstance(second, checkout.Placed)
    assert (second.order_id, second.is_new) == (first.order_id, False)
    assert left(shop, "MUG") == 18


def test_paying_confirms_the_order_and_gives_the_warehouse_its_work(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 2}, paid=True)
    order = row(shop, placed.order_id)
    assert (order.status, order.payment_status, order.fulfillment_status) == ("open", "authorized", "unfulfilled")
    with shop.db.read() as tx:
        work = tx.rows(fulfillment.select())
        assert [(each.order_number, each.status) for each in work] == [(placed.number, "open")]


def test_every_problem_is_named_at_once(shop: Shop) -> None:
    with shop.db.begin(actor="shopper") as tx:
        cart_id = basket.open_cart(tx, "token")
        basket.put(tx, cart_id, shop.variants["MUG"], 21, add=True)
        basket.use_code(tx, cart_id, "nothing")
        problems = checkout.hold(tx, cart_id, checkout.Details("not an address", "DE", None, {}))
    found = {(problem.code, problem.path) for problem in problems}
    assert ("email_invalid", "email") in found
    assert ("method_missing", "delivery") in found
    assert ("address_incomplete", "city") in found
    assert ("coupon_invalid", "code") in found
    assert "out_of_stock" in {problem.code for problem in problems}


def test_the_last_unit_goes_to_one_buyer_and_the_other_is_told(shop: Shop) -> None:
    make.stock(shop, {"LAST": (900, 100, 1)})
    with shop.db.begin() as tx:
        ids = []
        for n in range(2):
            cart_id = basket.open_cart(tx, f"racer {n}", "DE")
            basket.put(tx, cart_id, shop.variants["LAST"], 1, add=True)
            ids.append(cart_id)
    with shop.db.begin() as tx:
        for cart_id in ids:
            from storekeep.shop.orders import carts

            carts.save_details(
                tx, cart_id, email="a@example.com", ship_to=make.ADDRESS, country="DE", delivery_code="standard-home"
            )
    with shop.db.begin() as tx:
        answers = checkout.place(tx, [checkout.PlaceOrder(cart_id, provider="memory") for cart_id in ids])
    assert isinstance(answers[0], checkout.Placed)
    assert isinstance(answers[1], checkout.NotPlaced)
    assert answers[1].problems[0].code == "out_of_stock"
    assert answers[1].problems[0].data == {"available": 0, "wanted": 1}


def test_a_seen_price_holds_for_an_hour_and_then_asks(shop: Shop, clock: VirtualClock) -> None:
    cart_id = make.cart(shop, {"MUG": 1})
    with shop.db.begin(actor="owner") as tx:
        variants.set_prices(tx, {shop.variants["MUG"]: 1500})
    with shop.db.read() as tx:
        assert basket.price(tx, cart_id).quote.goods_list_minor == 1250
    clock.sleep(HOUR)
    answer = make.place(shop, cart_id)
    assert isinstance(answer, checkout.NotPlaced)
    assert [(p.code, p.data) for p in answer.problems] == [("price_changed", {"old": 1250, "new": 1500})]
    with shop.db.begin() as tx:
        basket.accept_prices(tx, cart_id)
    assert isinstance(make.place(shop, cart_id), checkout.Placed)


def test_a_total_that_is_not_the_one_on_the_button_is_refused(shop: Shop) -> None:
    answer = make.place(shop, make.cart(shop, {"MUG": 1}), seen_total_minor=1)
    assert isinstance(answer, checkout.NotPlaced)
    assert [problem.code for problem in answer.problems] == ["price_changed"]


def test_a_code_is_counted_once_per_order_and_refused_when_used_up(shop: Shop) -> None:
    with shop.db.begin(actor="owner") as tx:
        codes.create_codes(tx, [codes.NewCode("ONCE", 1000, max_uses=1)])
    one, two = make.cart(shop, {"MUG": 1}, code="once"), make.cart(shop, {"MUG": 1}, code="ONCE")
    with shop.db.begin() as tx:
        first, second = checkout.place(tx, [checkout.PlaceOrder(c, provider="memory") for c in (one, two)])
    assert isinstance(first, checkout.Placed)
    assert isinstance(second, checkout.NotPlaced)
    assert second.problems[0].code == "coupon_used"
    assert left(shop, "MUG") == 20 - 1 - 0 or left(shop, "MUG") == 18


def test_goods_to_a_country_without_our_tax_cost_the_listed_price(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 2}, country="GB")
    order = row(shop, placed.order_id)
    assert (order.tax_minor, order.total_minor, order.prices_include_tax) == (0, 2500 + 1990, False)


def test_an_old_cart_line_of_a_closed_product_is_named(shop: Shop) -> None:
    cart_id = make.cart(shop, {"MUG": 1})
    with shop.db.begin(actor="owner") as tx:
        from storekeep.shop.catalog import products
        from storekeep.shop.catalog.tables import variant

        product_id = tx.scalar(variant.select().with_only_columns(variant.c.product_id).where(variant.c.sku == "MUG"))
        products.archive(tx, [product_id])
    answer = make.place(shop, cart_id)
    assert isinstance(answer, checkout.NotPlaced)
    assert answer.problems[0].code == "item_unavailable"
