"""How figures are written for people: numbers with thin groups, money with its currency, shares in per cent, days."""

from datetime import date, timedelta

from storekeep.kernel.clock import day_of
from storekeep.kernel.money import format_plain
from storekeep.world.simulator.report.model import Figures


def number(value: int) -> str:
    """ "1,234,567" """
    return f"{value:,}"


def money(minor: int, currency: str) -> str:
    """ "1,234.50 EUR" """
    plain = format_plain(minor, currency)
    whole, dot, rest = plain.lstrip("-").partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{dot}{rest} {currency}"


def percent(rate: float | None) -> str:
    """ "97.53 %"; "none" when there was nothing to divide by."""
    return "none" if rate is None else f"{100 * rate:.2f} %"


def plural(count: int, one: str, many: str | None = None) -> str:
    """ "1 order", "2 orders" """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def date_of(figures: Figures, day: int) -> date:
    """The local date of the n-th day of a run; the first is 1."""
    return date.fromisoformat(day_of(figures.start, figures.timezone)) + timedelta(days=day - 1)


def day_name(day: date) -> str:
    """ "3 March 2028" """
    return f"{day.day} {day:%B %Y}"


def duration(seconds: float) -> str:
    """ "42 s", "8 min 05 s" """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


#: The reasons of conversations and cases.
REASONS = {
    "damaged": "damaged",
    "wrong_item": "wrong thing",
    "not_arrived": "not arrived",
    "other": "something else",
}
KINDS = {"customer": "customer wrote", "case": "shop found", "parcel": "parcel"}


def reason(name: str) -> str:
    return REASONS.get(name, name.replace("_", " "))
