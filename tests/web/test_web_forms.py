"""Reading forms: edge cases of parsing, sums of money, and texts that are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.doors.web.forms import (
    BadForm,
    Fields,
    Form,
    holds_card_number,
    parse_money,
    parse_urlencoded,
    passes_luhn,
)


def test_repeated_names_keep_all_values_and_get_gives_the_last() -> None:
    form = parse_urlencoded(b"a=1&a=2&b=&c=%C3%A9+x")
    assert form.all("a") == ("1", "2")
    assert (form.get("a"), form.get("b"), form.get("c"), form.get("d", "-")) == ("2", "", "é x", "-")
    assert "b" in form
    assert "d" not in form


@pytest.mark.parametrize("body", [b"a=%FF", b"a=\xff", b"&".join(b"a=1" for _ in range(1002))])
def test_a_body_that_is_no_form_is_named_as_such(body: bytes) -> None:
    with pytest.raises(BadForm):
        parse_urlencoded(body)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("47.90", 4790),
        ("47,9", 4790),
        ("47", 4700),
        (" 1 234,56 ", 123456),
        ("1,234.56", 123456),
        ("1.234,56", 123456),
        ("1,234,567", 123456700),
        ("0", 0),
        ("-3.50", -350),
        ("−3.50", -350),
        ("1'000.00", 100000),
        ("0.05", 5),
    ],
)
def test_a_sum_is_understood_as_people_write_it(typed: str, minor: int) -> None:
    assert parse_money(typed, "EUR") == minor


@pytest.mark.parametrize(
    "typed", ["", "abc", "1.234", "1,234", "4.999", "1..2", "1e5", "٣", "12,34,56", "--1", "9" * 16, "1.2.3,4", "NaN"]
)
def test_what_is_no_sum_or_could_be_two_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_money(typed, "EUR")


def test_a_currency_without_decimals_takes_whole_numbers_only() -> None:
    assert parse_money("4790", "JPY") == 4790
    with pytest.raises(ValueError):
        parse_money("47.9", "JPY")


@given(st.integers(min_value=0, max_value=10**13))
def test_a_sum_written_plainly_comes_back_exactly(minor: int) -> None:
    assert parse_money(f"{minor // 100}.{minor % 100:02d}", "EUR") == minor


@pytest.mark.parametrize("text", ["4242 4242 4242 4242", "my card 4242424242424242 thanks", "3782-822463-10005"])
def test_a_card_number_is_refused_and_not_shown_again(text: str) -> None:
    fields = Fields(Form.of({"note": text}))
    fields.text("note", 200)
    assert "card number" in fields.error("note")
    assert fields.value("note") == ""


@pytest.mark.parametrize("text", ["4242 4242 4242 4241", "call 0316 123456", "order 1042", "12345678901234567890"])
def test_other_numbers_are_no_card_numbers(text: str) -> None:
    assert not holds_card_number(text)


def test_an_identifier_field_takes_an_ean_that_happens_to_pass_the_check() -> None:
    ean = next(str(n) for n in range(4006381333000, 4006381333100) if passes_luhn(str(n)))
    fields = Fields(Form.of({"ean": ean, "note": ean}))
    assert fields.text("ean", identifier=True) == ean
    fields.text("note")
    assert set(fields.errors) == {"note"}


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u200b"])
def test_control_and_hidden_characters_are_refused(char: str) -> None:
    fields = Fields(Form.of({"name": f"Ada{char}Nutmeg"}))
    fields.text("name", label="Your name")
    assert fields.error("name").startswith("Your name contains control")


def test_line_breaks_are_welcome_in_long_texts_only() -> None:
    fields = Fields(Form.of({"note": "one\r\ntwo", "name": "one\ntwo"}))
    assert fields.text("note", multiline=True) == "one\ntwo"
    fields.text("name")
    assert set(fields.errors) == {"name"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Quantity is missing."),
        ("two", "must be a whole number"),
        ("1.5", "must be a whole number"),
        ("-1", "between 0 and 99"),
        ("100", "between 0 and 99"),
        ("9" * 40, "must be a whole number"),
        ("٣", "must be a whole number"),
    ],
)
def test_a_wrong_quantity_is_named_and_kept(typed: str, sentence: str) -> None:
    fields = Fields(Form.of({"quantity": typed}))
    assert fields.integer("quantity", label="Quantity", maximum=99, default=1) == 1
    assert sentence in fields.error("quantity")
    assert fields.value("quantity") == typed


@pytest.mark.parametrize(
    ("address", "is_fine"),
    [("a@b.example", True), ("a@b", False), ("a b@c.example", False), ("a@b.example\nBcc: x", False)],
)
def test_an_email_address_is_one_address(address: str, is_fine: bool) -> None:
    fields = Fields(Form.of({"email": address}))
    fields.email("email")
    assert (not fields.errors) is is_fine


def test_a_choice_that_is_not_offered_is_refused() -> None:
    fields = Fields(Form.of({"delivery": "rocket"}))
    assert fields.choice("delivery", ["home", "shop"], default="home") == "home"
    assert "not offered" in fields.error("delivery")


def test_a_date_that_does_not_exist_is_refused() -> None:
    fields = Fields(Form.of({"on": "2026-02-30", "ok": "2028-02-29", "odd": "20280229"}))
    assert (fields.date("on"), fields.date("ok"), fields.date("odd")) == ("", "2028-02-29", "")
    assert set(fields.errors) == {"on", "odd"}
