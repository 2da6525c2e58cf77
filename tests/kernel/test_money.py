"""Money: exact sums, named roundings, and amounts that survive being written down and read back."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.kernel.money import (
    EXPONENTS,
    LARGEST_MINOR,
    CurrencyMismatch,
    Money,
    NotAnAmount,
    UnknownCurrency,
    divide_half_even,
    divide_half_up,
    exponent,
    format_plain,
    parse_money,
    round_half_even,
    round_half_up,
    spread,
    telescoping_share,
)

amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
currencies = st.sampled_from(sorted(EXPONENTS))


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("EUR", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("CLF", 4),
        ("UGX", 0),
        ("ISK", 0),
        ("VND", 0),
        ("HUF", 2),
        ("TWD", 2),
        ("MGA", 2),
        ("XOF", 0),
        ("XCG", 2),
        ("ZWG", 2),
    ],
)
def test_the_decimals_of_a_currency_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["", "eur", "EURO", "DEM", "XAU"])
def test_an_unknown_currency_is_named(code: str) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        exponent(code)
    assert caught.value.currency == code


def test_two_currencies_never_meet_in_a_sum_or_a_comparison() -> None:
    euro, yen = Money(100, "EUR"), Money(100, "JPY")
    for meet in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro >= yen):
        with pytest.raises(CurrencyMismatch):
            meet()
    assert euro != yen


@given(amounts, amounts)
def test_adding_and_taking_away_again_gives_the_same_amount(one: int, other: int) -> None:
    assert Money(one, "EUR") + Money(other, "EUR") - Money(other, "EUR") == Money(one, "EUR")
    assert -Money(one, "EUR") + Money(one, "EUR") == Money(0, "EUR")


@pytest.mark.parametrize("factor", [0.5, True, "2"])
def test_money_is_multiplied_by_exact_numbers_only(factor: object) -> None:
    with pytest.raises(TypeError):
        Money(100, "EUR").times(factor, "half_up")  # type: ignore[arg-type]


@pytest.mark.parametrize("minor", [1.0, True, Decimal(1)])
def test_minor_units_are_plain_integers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "factor", "half_up", "half_even", "down"),
    [
        (5, Fraction(1, 2), 3, 2, 2),
        (-5, Fraction(1, 2), -3, -2, -2),
        (7, Decimal("0.5"), 4, 4, 3),
        (-7, Decimal("0.5"), -4, -4, -3),
        (3, 4, 12, 12, 12),
        (199, Decimal("1.333"), 265, 265, 265),
    ],
)
def test_each_rounding_does_what_its_name_says(
    minor: int, factor: int | Fraction | Decimal, half_up: int, half_even: int, down: int
) -> None:
    assert Money(minor, "EUR").times(factor, "half_up").minor == half_up
    assert Money(minor, "EUR").times(factor, "half_even").minor == half_even
    assert Money(minor, "EUR").times(factor, "down").minor == down


@given(amounts, st.integers(1, 10**6))
def test_rounding_is_to_the_nearest_and_half_up_has_no_favourite_sign(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    up, even = round_half_up(exact), round_half_even(exact)
    assert abs(exact - up) <= Fraction(1, 2)
    assert round_half_up(-exact) == -up
    assert even == round(exact)
    assert up == divide_half_up(numerator, denominator)
    assert even == divide_half_even(numerator, denominator)
    if abs(exact - up) == Fraction(1, 2):
        assert abs(up) > abs(exact)


weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=12)


@given(weights, st.data())
def test_a_spread_amount_adds_up_and_stays_within_each_line(lines: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(lines)))
    shares = spread(total, lines)
    assert sum(shares) == total
    assert all(0 <= share <= line for share, line in zip(shares, lines, strict=True))
    assert spread(-total, lines) == [-share for share in shares]


@given(weights.filter(any), st.integers(-(10**9), 10**9))
def test_every_share_is_within_one_minor_unit_of_its_exact_part(lines: list[int], total: int) -> None:
    for share, line in zip(spread(total, lines), lines, strict=True):
        assert abs(share - Fraction(total * line, sum(lines))) < 1


def test_the_largest_remainders_get_what_is_left_and_ties_go_by_position() -> None:
    assert spread(1, [1] * 10) == [1] + [0] * 9
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [5, 3, 9]) == [3, 2, 5]
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(0, []) == []


def test_an_amount_without_anything_to_carry_it_is_refused() -> None:
    for lines in ([], [0, 0], [3, -1]):
        with pytest.raises(ValueError):
            spread(1, lines)


@given(amounts, st.integers(1, 60), st.data())
def test_units_taken_in_any_steps_carry_the_whole_amount(total: int, units: int, data: st.DataObject) -> None:
    done, taken = 0, 0
    while done < units:
        n = data.draw(st.integers(1, units - done))
        share = telescoping_share(total, units, done, n)
        assert share * total >= 0
        taken += share
        done += n
    assert taken == total


def test_a_hundred_over_three_units_is_33_34_33() -> None:
    assert [telescoping_share(100, 3, done, 1) for done in range(3)] == [33, 34, 33]
    assert [telescoping_share(-100, 3, done, 1) for done in range(3)] == [-33, -34, -33]


@pytest.mark.parametrize(("units", "done", "n"), [(3, 2, 2), (3, -1, 1), (3, 0, -1), (0, 0, 0)])
def test_more_units_than_there_are_cannot_be_taken(units: int, done: int, n: int) -> None:
    with pytest.raises(ValueError):
        telescoping_share(100, units, done, n)


@given(amounts, currencies)
def test_every_currency_survives_being_written_and_read(minor: int, currency: str) -> None:
    text = format_plain(minor, currency)
    assert parse_money(text, currency, negative=True) == minor
    assert parse_money(text.replace(".", ","), currency, negative=True) == minor
    assert parse_money(str(Money(minor, currency)), currency, negative=True) == minor
    assert Fraction(text) * 10 ** exponent(currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12,50", "EUR", 1250),
        (" 12,5 ", "EUR", 1250),
        ("12", "EUR", 1200),
        (",5", "EUR", 50),
        ("0", "EUR", 0),
        ("1 234,50", "EUR", 123450),
        ("1\u202f234,50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("1,234.50", "USD", 123450),
        ("1'234.50", "CHF", 123450),
        ("1,234,567", "USD", 123456700),
        ("12.50 EUR", "EUR", 1250),
        ("EUR 12.50", "EUR", 1250),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("", "EUR", "Enter an amount"),
        ("  ", "EUR", "Enter an amount"),
        ("abc", "EUR", "not an amount"),
        ("12.50.3", "EUR", "not an amount"),
        ("1e5", "EUR", "not an amount"),
        ("٣", "EUR", "not an amount"),
        (".", "EUR", "missing"),
        ("12.", "EUR", "missing"),
        ("1,23,456", "EUR", "not an amount"),
        ("1,234", "EUR", "at most 2 decimals"),
        ("12.505", "EUR", "at most 2 decimals"),
        ("12.5", "JPY", "no decimals"),
        ("1.000", "JPY", "no decimals"),
        ("-3", "EUR", "negative"),
        ("−3", "EUR", "negative"),
        ("12.50 USD", "EUR", "USD"),
        ("9" * 40, "EUR", "too large"),
        ("9" * 5000, "EUR", "too large"),
        ("10000000000000.01", "EUR", "too large"),
    ],
)
def test_what_is_not_an_amount_is_refused_with_a_reason(text: str, currency: str, reason: str) -> None:
    with pytest.raises(NotAnAmount) as caught:
        parse_money(text, currency)
    assert reason in caught.value.reason
    assert caught.value.text == text


@given(st.text(max_size=12), currencies)
def test_any_text_is_an_amount_or_refused_as_one(text: str, currency: str) -> None:
    try:
        minor = parse_money(text, currency)
    except NotAnAmount:
        return
    assert 0 <= minor <= LARGEST_MINOR
    assert any(char in "0123456789" for char in text)
