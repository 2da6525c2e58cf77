"""The quote adds up, whatever is in the cart, and says what is wrong instead of failing."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.kernel.money import round_half_up
from storekeep.shop.pricing import (
    PriceRules,
    Quote,
    QuoteRequest,
    TaxRule,
    add_tax,
    allocate_discount,
    extract_tax,
    quote,
    refund_share,
    tax_totals,
)

from .carts import NOW, RULES, carts, discount, line, request


def codes_of(result: Quote) -> list[str]:
    return [problem.code for problem in result.problems]


def totals(result: Quote) -> tuple[int, ...]:
    return (
        result.goods_list_minor,
        result.discount_minor,
        result.shipping_minor,
        result.tax_minor,
        result.total_minor,
    )


@given(carts())
def test_the_parts_add_up_to_the_totals(cart: QuoteRequest) -> None:
    result = quote(cart)
    goods = [part for part in result.parts if part.kind == "goods"]
    shipping = [part for part in result.parts if part.kind == "shipping"]
    assert result.goods_list_minor == sum(part.list_minor for part in goods)
    assert result.discount_minor == sum(part.discount_minor for part in result.parts)
    assert result.shipping_minor == sum(part.list_minor for part in shipping)
    assert result.tax_minor == sum(part.tax_minor for part in result.parts)
    assert result.total_minor == sum(part.gross_minor for part in result.parts)
    listed = result.goods_list_minor - result.discount_minor + result.shipping_minor
    assert result.total_minor == listed + (0 if result.prices_include_tax else result.tax_minor)
    assert sum(one.tax_minor for one in tax_totals(result.parts)) == result.tax_minor
    assert sum(one.net_minor for one in tax_totals(result.parts)) == result.total_minor - result.tax_minor
    assert result.problems == ()


@given(carts())
def test_no_amount_of_any_part_is_negative(cart: QuoteRequest) -> None:
    for part in quote(cart).parts:
        assert 0 <= part.discount_minor <= part.list_minor
        assert min(part.net_minor, part.tax_minor, part.gross_minor) >= 0
        assert part.net_minor + part.tax_minor == part.gross_minor


@given(carts(), st.randoms(use_true_random=False))
def test_totals_do_not_depend_on_the_order_of_the_lines(cart: QuoteRequest, random: object) -> None:
    shuffled = list(cart.lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = quote(cart), quote(replace(cart, lines=tuple(shuffled)))
    assert totals(before) == totals(after)
    assert set(before.parts) == set(after.parts)


@given(carts())
def test_the_same_cart_gives_the_same_quote(cart: QuoteRequest) -> None:
    assert quote(cart) == quote(replace(cart))


@given(carts(), st.data())
def test_refunding_every_unit_in_any_steps_gives_back_the_total(cart: QuoteRequest, data: st.DataObject) -> None:
    result = quote(cart)
    left = {at: part.qty for at, part in enumerate(result.parts)}
    refunded = tax = 0
    while left:
        at = data.draw(st.sampled_from(sorted(left)))
        n = data.draw(st.integers(1, left[at]))
        part = result.parts[at]
        share = refund_share(part, part.qty, part.qty - left[at], n)
        assert share.net_minor + share.tax_minor == share.gross_minor
        assert min(share.net_minor, share.tax_minor) >= 0
        refunded += share.gross_minor
        tax += share.tax_minor
        left[at] -= n
        if left[at] == 0:
            del left[at]
    assert refunded == result.total_minor
    assert tax == result.tax_minor


@given(st.integers(0, 10**9), st.integers(0, 3000))
def test_tax_is_rounded_half_up_from_the_exact_rate(amount: int, rate_bp: int) -> None:
    rate = Fraction(rate_bp, 10_000)
    assert extract_tax(amount, rate_bp) == round_half_up(amount * rate / (1 + rate))
    assert add_tax(amount, rate_bp) == round_half_up(amount * rate)


@given(st.integers(0, 10**9), st.integers(0, 3000))
def test_taking_out_the_tax_that_was_added_gives_the_net_amount_again(net: int, rate_bp: int) -> None:
    gross = net + add_tax(net, rate_bp)
    assert gross - extract_tax(gross, rate_bp) == net


def test_half_a_minor_unit_of_tax_is_rounded_up() -> None:
    assert (add_tax(2, 2500), add_tax(1, 2500)) == (1, 0)
    assert (extract_tax(3, 2000), extract_tax(2, 2000)) == (1, 0)


def test_a_tie_between_lines_of_different_tax_is_not_decided_by_the_order_of_the_lines() -> None:
    taxed, free = line(1, 5, id="line-1"), line(1, 5, id="line-2", tax="zero")
    tenth = discount(1000)
    one = quote(request(taxed, free, code="SPRING", discounts=(tenth,)))
    other = quote(request(free, taxed, code="SPRING", discounts=(tenth,)))
    assert one.discount_minor == 1
    assert set(one.parts) == set(other.parts)


def test_ten_at_23_90_with_a_quarter_off_cost_179_25_and_refund_to_179_25() -> None:
    result = quote(request(line(10, 2390), code="SPRING", discounts=(discount(2500),)))
    assert totals(result) == (23_900, 5_975, 0, 2_988, 17_925)
    part = result.parts[0]
    assert sum(refund_share(part, 10, done, 1).gross_minor for done in range(10)) == 17_925


def test_one_minor_unit_of_discount_over_ten_lines_lands_on_the_oldest_line() -> None:
    lines = [line(1, 10, id=f"line-{at}") for at in range(10)]
    result = quote(request(*reversed(lines), code="SPRING", discounts=(discount(100),)))
    assert {part.line_id: part.discount_minor for part in result.parts if part.discount_minor} == {"line-0": 1}
    assert result.total_minor == 99


def test_the_same_listed_price_includes_tax_in_one_country_and_lacks_it_in_another() -> None:
    home = quote(request(line(1, 12_000), country="AT"))
    abroad = quote(request(line(1, 12_000), country="US"))
    export = quote(request(line(1, 12_000), country="NO"))
    assert (home.prices_include_tax, home.tax_minor, home.total_minor) == (True, 2_000, 12_000)
    assert (abroad.prices_include_tax, abroad.tax_minor, abroad.total_minor) == (False, 990, 12_990)
    assert (export.tax_minor, export.total_minor, export.problems) == (0, 12_000, ())


def test_shipping_is_taxed_by_its_own_class() -> None:
    result = quote(request(line(1, 1200, g=900), method_code="weight"))
    shipping = result.parts[-1]
    assert (shipping.kind, shipping.rate_bp, shipping.gross_minor, shipping.tax_minor) == ("shipping", 1000, 390, 35)
    assert [(one.label, one.tax_minor) for one in tax_totals(result.parts)] == [("VAT 20 %", 200), ("VAT 10 %", 35)]


def test_a_full_discount_makes_an_order_of_nothing() -> None:
    result = quote(request(line(3, 999), line(1, 1, id="line-2"), code="SPRING", discounts=(discount(10_000),)))
    assert totals(result) == (2_998, 2_998, 0, 0, 0)


def test_an_empty_cart_costs_nothing_not_even_delivery() -> None:
    result = quote(request(method_code="flat"))
    assert (result.parts, result.total_minor, result.problems) == ((), 0, ())


def test_a_country_that_is_not_sold_to_is_named() -> None:
    result = quote(request(line(), country="AQ", method_code="flat"))
    assert codes_of(result) == ["address_undeliverable"]
    assert result.problems[0].data["country"] == "AQ"
    assert (result.total_minor, result.shipping_minor) == (1000, 0)


def test_a_cart_in_the_wrong_currency_is_refused_with_both_currencies() -> None:
    (problem,) = quote(request(line(), country="CH")).problems
    assert problem.code == "address_undeliverable"
    assert "CHF" in problem.text
    assert "EUR" in problem.text


def test_a_missing_tax_rate_stops_the_order_instead_of_being_taken_for_zero() -> None:
    result = quote(request(line(1, tax="luxury"), line(1, id="line-2", tax="luxury")))
    assert codes_of(result) == ["tax_unknown"]
    assert result.problems[0].severity == "stop"


@pytest.mark.parametrize(
    ("qty", "code"), [(1000, "quantity_over_limit"), (0, "quantity_invalid"), (-3, "quantity_invalid")]
)
def test_an_impossible_quantity_is_a_problem_at_its_line(qty: int, code: str) -> None:
    result = quote(request(line(2, 500), line(qty, id="line-2")))
    assert codes_of(result) == [code]
    assert result.problems[0].path == "lines.line-2.qty"
    assert result.total_minor == 1000 + max(qty, 0) * 1000


def test_all_problems_come_at_once() -> None:
    result = quote(request(line(5000), country="AT", method_code="gone", code="NOPE"))
    assert codes_of(result) == ["quantity_over_limit", "coupon_invalid", "method_stale"]


def test_a_discount_larger_than_the_goods_cannot_be_allocated() -> None:
    with pytest.raises(ValueError):
        allocate_discount(11, [("a", 5), ("b", 5)])


def test_more_units_than_were_ordered_cannot_be_refunded() -> None:
    part = quote(request(line(2))).parts[0]
    with pytest.raises(ValueError):
        refund_share(part, 2, 1, 2)


def test_rules_that_contradict_each_other_are_refused() -> None:
    twice = (TaxRule("AT", "standard", 2000, "A"), TaxRule("AT", "standard", 1000, "B"))
    with pytest.raises(ValueError):
        PriceRules(RULES.countries, twice, RULES.methods)


def test_time_plays_a_part_only_through_the_request() -> None:
    cart = request(line(), code="SPRING", discounts=(discount(1000, ends_at=NOW + 1),))
    assert quote(cart).discount_minor == 100
    assert quote(replace(cart, now=NOW + 1)).discount_minor == 0
