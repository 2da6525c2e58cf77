"""A discount code counts, or the buyer is told why it does not; the quote is there in both cases."""

import pytest

from storekeep.shop.pricing import DiscountCode, normalize_code, quote

from .carts import NOW, discount, line, request


def test_codes_are_compared_without_case_and_blanks() -> None:
    for typed in ("spring", " Spring ", "SPR ING", "ＳＰＲＩＮＧ"):
        assert normalize_code(typed) == "SPRING"
        result = quote(request(line(), code=typed, discounts=(discount(1000),)))
        assert (result.discount_minor, result.problems) == (100, ())


@pytest.mark.parametrize("typed", [None, "", "   "])
def test_no_code_is_no_problem(typed: str | None) -> None:
    result = quote(request(line(), code=typed, discounts=(discount(1000),)))
    assert (result.discount_minor, result.discount_code, result.problems) == (0, None, ())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (discount(code="OTHER"), "coupon_invalid"),
        (discount(is_active=False), "coupon_invalid"),
        (discount(starts_at=NOW + 1), "coupon_invalid"),
        (discount(ends_at=NOW), "coupon_expired"),
        (discount(max_uses=5, used_count=5), "coupon_used"),
        (discount(min_goods_minor=1001), "coupon_not_eligible"),
    ],
)
def test_a_code_that_does_not_count_leaves_the_quote_without_the_discount(code: DiscountCode, expected: str) -> None:
    result = quote(request(line(), code="SPRING", discounts=(code,)))
    assert [problem.code for problem in result.problems] == [expected]
    assert result.problems[0].path == "code"
    assert (result.discount_minor, result.total_minor, result.discount_code) == (0, 1000, None)


@pytest.mark.parametrize(
    "code",
    [
        discount(starts_at=NOW),
        discount(ends_at=NOW + 1),
        discount(max_uses=5, used_count=4),
        discount(min_goods_minor=1000),
    ],
)
def test_changing_exactly_the_named_condition_makes_the_code_count(code: DiscountCode) -> None:
    result = quote(request(line(), code="SPRING", discounts=(code,)))
    assert (result.discount_minor, result.discount_code, result.problems) == (250, code, ())


def test_a_cart_that_is_too_small_hears_how_much_is_missing() -> None:
    code = discount(min_goods_minor=3000)
    (problem,) = quote(request(line(1, 2590), code="SPRING", discounts=(code,))).problems
    assert "4.10 short of 30.00 EUR" in problem.text
    assert problem.data["short_minor"] == 410
    assert problem.action == "add_goods"


@pytest.mark.parametrize("percent_bp", [-1, 10_001])
def test_a_code_cannot_take_more_than_everything(percent_bp: int) -> None:
    with pytest.raises(ValueError):
        discount(percent_bp)
