"""Delivery options: what reaches the buyer, at which price, or why not."""

import pytest
from hypothesis import given

from storekeep.shop.pricing import QuoteRequest, delivery_options, quote

from .carts import carts, discount, line, request


def prices(cart: QuoteRequest) -> dict[str, int | None]:
    return {option.method.code: option.amount_minor for option in delivery_options(cart)}


def test_only_methods_of_the_buyers_zone_are_offered() -> None:
    assert prices(request(line())) == {"flat": 490, "weight": 390, "value": 590}
    assert prices(request(line(), country="US")) == {"abroad": 1900}
    assert prices(request(line(), country="AQ")) == {}


@pytest.mark.parametrize(("weight_g", "amount"), [(0, 390), (1000, 390), (1001, 690), (5000, 690), (5001, None)])
def test_a_weight_band_holds_up_to_and_including_its_limit(weight_g: int, amount: int | None) -> None:
    assert prices(request(line(g=weight_g)))["weight"] == amount


@pytest.mark.parametrize(("price", "amount"), [(5000, 590), (5001, 290), (10**9, 290)])
def test_a_value_band_without_limit_holds_for_all_that_is_above(price: int, amount: int) -> None:
    assert prices(request(line(1, price)))["value"] == amount


def test_delivery_is_free_from_the_threshold_on_counted_after_the_discount() -> None:
    assert prices(request(line(1, 9_999)))["flat"] == 490
    assert prices(request(line(1, 10_000)))["flat"] == 0
    reduced = request(line(1, 10_000), code="SPRING", discounts=(discount(1),), method_code="flat")
    assert prices(reduced)["flat"] == 490
    assert quote(reduced).shipping_minor == 490


def test_free_delivery_is_a_part_of_zero() -> None:
    part = quote(request(line(1, 10_000), method_code="flat")).parts[-1]
    assert (part.kind, part.gross_minor) == ("shipping", 0)


def test_goods_that_are_too_heavy_are_told_the_weight_and_the_limit() -> None:
    heavy = request(line(3, 50_000, g=10_250), method_code="flat")
    option = delivery_options(heavy)[0]
    assert (option.available, option.amount_minor) == (False, None)
    assert "30.75 kg" in option.reason
    assert "up to 30 kg" in option.reason
    (problem,) = quote(heavy).problems
    assert (problem.code, problem.path, problem.data["method"]) == ("method_unavailable", "method", "flat")
    assert option.reason in problem.text


def test_a_method_of_another_zone_is_unavailable_and_a_deleted_one_is_stale() -> None:
    other = quote(request(line(), method_code="abroad"))
    assert [one.code for one in other.problems] == ["method_unavailable"]
    assert "does not go to this country" in other.problems[0].text
    gone = quote(request(line(), method_code="pigeon"))
    assert [one.code for one in gone.problems] == ["method_stale"]
    assert (other.shipping_minor, gone.shipping_minor, gone.method) == (0, 0, None)


@given(carts())
def test_the_price_offered_is_the_price_charged(cart: QuoteRequest) -> None:
    result = quote(cart)
    if result.method is not None:
        assert prices(cart)[result.method.code] == result.shipping_minor
