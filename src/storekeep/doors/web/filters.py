"""How money, numbers and moments look. The only place that turns them into text for a page.

Money comes as an integer of minor units, moments as microseconds since the epoch (UTC). Words and signs
come from CLDR through Babel; the minus is U+2212; a value that does not apply is an en dash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision
from markupsafe import Markup

NOT_APPLICABLE = "–"
_DASH = Markup("–")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US


def as_datetime(instant: int) -> datetime:
    """The UTC moment behind an instant, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=instant)


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Formats:
    """The shop's way of writing: locale, time zone, and a clock for relative times."""

    now: Callable[[], int]
    locale: str = "en_GB"
    timezone: str = "UTC"

    def money_text(self, minor: int | None, currency: str) -> str:
        """`€47.90` as plain text, for mails, titles and button labels."""
        if minor is None:
            return NOT_APPLICABLE
        value = Decimal(minor).scaleb(-get_currency_precision(currency))
        return _signed(format_currency(value, currency, locale=self.locale))

    def money(self, minor: int | None, currency: str) -> Markup:
        """`<data value="4790">€47.90</data>`; None is an en dash."""
        if minor is None:
            return _DASH
        return Markup('<data class="money" value="{}">{}</data>').format(minor, self.money_text(minor, currency))

    def amount(self, minor: int | None, currency: str) -> Markup:
        """The sum without its currency, for columns whose head names it."""
        if minor is None:
            return _DASH
        places = get_currency_precision(currency)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        text = _signed(format_decimal(Decimal(minor).scaleb(-places), pattern, locale=self.locale))
        return Markup('<data class="money" value="{}">{}</data>').format(minor, text)

    def integer(self, value: int | None) -> str:
        """`1,204`; None is an en dash."""
        return NOT_APPLICABLE if value is None else _signed(format_decimal(value, locale=self.locale))

    def percent(self, basis_points: int | None) -> str:
        """Basis points as per cent: 2000 is `20 %`, 1250 is `12.5 %`."""
        if basis_points is None:
            return NOT_APPLICABLE
        number = format_decimal(Decimal(basis_points) / 100, "#,##0.##", locale=self.locale)
        return _signed(number) + "\N{NO-BREAK SPACE}%"

    def _local(self, instant: int) -> datetime:
        return as_datetime(instant).astimezone(ZoneInfo(self.timezone))

    def _time(self, instant: int, text: str) -> Markup:
        utc = as_datetime(instant)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            utc.strftime("%Y-%m-%dT%H:%M:%SZ"), utc.strftime("%Y-%m-%d %H:%M:%S UTC"), text
        )

    def moment(self, instant: int | None) -> Markup:
        """`Tue 24 Nov, 14:05` in shop time, with the year when it is not this year's."""
        if instant is None:
            return _DASH
        local = self._local(instant)
        year = "" if local.year == self._local(self.now()).year else " y"
        return self._time(instant, format_datetime(local, f"EEE d MMM{year}, HH:mm", locale=self.locale))

    def when(self, instant: int | None) -> Markup:
        """Console time: relative within 24 hours either way, else `moment`. Never on a cached page."""
        if instant is None:
            return _DASH
        gone = self.now() - instant
        if abs(gone) >= _DAY_US:
            return self.moment(instant)
        if abs(gone) < _MINUTE_US:
            return self._time(instant, "just now")
        amount, unit = divmod(abs(gone), _HOUR_US)[0], "h"
        if amount == 0:
            amount, unit = abs(gone) // _MINUTE_US, "min"
        span = f"{amount}\N{NO-BREAK SPACE}{unit}"
        return self._time(instant, f"{span} ago" if gone > 0 else f"in {span}")

    def clock(self, instant: int | None) -> Markup:
        """`14:05` in shop time."""
        if instant is None:
            return _DASH
        return self._time(instant, format_datetime(self._local(instant), "HH:mm", locale=self.locale))

    def day(self, value: int | str | None) -> Markup:
        """`Tuesday 24 November` from an instant (shop time) or a date `YYYY-MM-DD`."""
        if value is None or value == "":
            return _DASH
        on = date.fromisoformat(value) if isinstance(value, str) else self._local(value).date()
        year = "" if on.year == self._local(self.now()).year else " y"
        text = format_date(on, f"EEEE d MMMM{year}", locale=self.locale)
        return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), text)

    def short_day(self, value: int | str | None) -> Markup:
        """`Tue 24 Nov` from an instant (shop time) or a date `YYYY-MM-DD`."""
        if value is None or value == "":
            return _DASH
        on = date.fromisoformat(value) if isinstance(value, str) else self._local(value).date()
        text = format_date(on, "EEE d MMM", locale=self.locale)
        return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), text)


def sku(value: str | None) -> Markup:
    """A SKU, bin or tracking number: monospace, selected whole with one click."""
    return _DASH if not value else Markup('<code class="code">{}</code>').format(value)


def plural(count: int, one: str, many: str) -> str:
    """`plural(1, "item", "items")` is `1 item`."""
    return f"{count}\N{NO-BREAK SPACE}{one if count == 1 else many}"
