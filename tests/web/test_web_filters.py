"""How money, numbers and moments are written."""

from __future__ import annotations

import pytest
from make_web import NOW

from storekeep.doors.web.filters import Formats, plural, sku

HOUR = 3_600_000_000
FORMATS = Formats(now=lambda: NOW, timezone="Europe/Vienna")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (4790, "EUR", "€47.90"),
        (0, "EUR", "€0.00"),
        (-500, "EUR", "−€5.00"),
        (123456789, "EUR", "€1,234,567.89"),
        (4790, "JPY", "JP¥4,790"),
        (1234, "KWD", "KWD1.234"),
        (None, "EUR", "–"),
    ],
)
def test_money_is_written_from_minor_units(minor: int | None, currency: str, text: str) -> None:
    assert plain(FORMATS.money_text(minor, currency)) == text


def test_money_on_a_page_carries_its_exact_value() -> None:
    assert FORMATS.money(4790, "EUR") == '<data class="money" value="4790">€47.90</data>'
    assert FORMATS.amount(-123456, "EUR") == '<data class="money" value="-123456">−1,234.56</data>'


def test_the_locale_decides_where_signs_stand() -> None:
    assert plain(Formats(now=lambda: NOW, locale="de_AT").money_text(479000, "EUR")) == "€ 4.790,00"


def test_a_sum_beyond_floating_point_stays_exact() -> None:
    assert FORMATS.money_text(9_007_199_254_740_993, "EUR").endswith("409.93")


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (0, "just now"),
        (5 * 60_000_000, "5 min ago"),
        (3 * HOUR, "3 h ago"),
        (-2 * HOUR, "in 2 h"),
        (48 * HOUR, "Sat 21 Nov, 15:05"),
    ],
)
def test_console_times_are_relative_within_a_day(ago: int, text: str) -> None:
    assert f">{text}</time>" in plain(FORMATS.when(NOW - ago))


def test_a_moment_shows_shop_time_and_carries_utc() -> None:
    shown = FORMATS.moment(NOW)
    assert 'datetime="2026-11-23T14:05:00Z"' in shown
    assert ">Mon 23 Nov, 15:05</time>" in shown


def test_a_day_takes_an_instant_or_a_date_and_names_another_year() -> None:
    assert ">Tuesday 24 November</time>" in FORMATS.day("2026-11-24")
    assert ">Tuesday 24 November</time>" in FORMATS.day(NOW + 10 * HOUR)
    assert "2027" in FORMATS.day("2027-01-04")


def test_what_does_not_apply_is_a_dash() -> None:
    assert {
        FORMATS.integer(None),
        str(FORMATS.when(None)),
        str(FORMATS.day(None)),
        str(sku(None)),
        FORMATS.percent(None),
    } == {"–"}


def test_numbers_and_rates() -> None:
    assert (FORMATS.integer(-1204), plain(FORMATS.percent(2000)), plain(FORMATS.percent(1250))) == (
        "−1,204",
        "20 %",
        "12.5 %",
    )
    assert (plain(plural(1, "item", "items")), plain(plural(0, "item", "items"))) == ("1 item", "0 items")


def test_a_sku_is_escaped() -> None:
    assert sku("<b>") == '<code class="code">&lt;b&gt;</code>'
