"""The shop's profile: who it is, what it sells in, and the few numbers that its policies hang on.

One frozen value under one setting, so that every reader sees it whole, and every change is audited by the settings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from storekeep.kernel import settings
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem
from storekeep.kernel.money import EXPONENTS
from storekeep.shop.site.errors import InvalidFields

KEY = "shop.profile"
_EMAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class ShopProfile:
    """The profile with the values that a new shop starts from. `address_lines` are printed as they stand."""

    name: str = "My shop"
    legal_name: str = ""
    address_lines: tuple[str, ...] = ()
    email: str = "shop@example.com"
    phone: str = ""
    currency: str = "EUR"
    timezone: str = "UTC"
    base_country: str = "AT"
    public_url: str = "http://127.0.0.1:8000"
    sender: str = "shop@example.com"
    return_days: int = 30
    unpaid_minutes: int = 30
    hold_minutes: int = 10
    silent_days: int = 5
    price_lock_minutes: int = 60
    handling_days: int = 1
    is_demo: bool = False
    demo_world_on: bool = False

    @property
    def mail_domain(self) -> str:
        """The domain of the sender, for message ids."""
        return self.sender.rpartition("@")[2].lower()


#: field -> (label, smallest, largest)
NUMBERS: Mapping[str, tuple[str, int, int]] = {
    "return_days": ("The days for returns", 0, 365),
    "unpaid_minutes": ("The minutes an order may stay unpaid", 5, 43_200),
    "hold_minutes": ("The minutes a cart holds its goods", 1, 120),
    "silent_days": ("The days without a scan before a parcel becomes a case", 1, 60),
    "price_lock_minutes": ("The minutes a cart keeps its prices", 0, 10_080),
    "handling_days": ("The days for packing", 0, 30),
}
#: field -> (label, longest, required)
TEXTS: Mapping[str, tuple[str, int, bool]] = {
    "name": ("The shop's name", 80, True),
    "legal_name": ("The legal name", 160, False),
    "phone": ("The telephone number", 40, False),
}


def load(tx: Tx) -> ShopProfile:
    """The profile; what was never set has its starting value, what an older version stored too much is left out."""
    stored = settings.read(tx, KEY, {})
    known = {one.name for one in fields(ShopProfile)}
    values = {name: value for name, value in stored.items() if name in known}
    if "address_lines" in values:
        values["address_lines"] = tuple(values["address_lines"])
    return ShopProfile(**values)


def is_set_up(tx: Tx) -> bool:
    """Whether somebody has saved a profile yet; before that the owner is led through the first steps."""
    return settings.read(tx, KEY) is not None


def save(tx: Tx, changes: Mapping[str, Any]) -> ShopProfile:
    """Change fields of the profile by name and return the whole. Raises `InvalidFields`, one problem per field."""
    cleaned = {name: _clean(value) for name, value in changes.items()}
    problems = [problem for name, value in cleaned.items() for problem in _check(name, value)]
    if problems:
        raise InvalidFields(problems)
    whole = replace(load(tx), **cleaned)
    settings.write(tx, KEY, {**asdict(whole), "address_lines": list(whole.address_lines)})
    return whole


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return tuple(line.strip() if isinstance(line, str) else line for line in value)
    return value


def _check(name: str, value: Any) -> Iterator[Problem]:
    text = _complaint(name, value)
    if text:
        yield Problem(code="invalid", text=text, path=name)


def _complaint(name: str, value: Any) -> str:
    if name in NUMBERS:
        label, smallest, largest = NUMBERS[name]
        fits = type(value) is int and smallest <= value <= largest
        return "" if fits else f"{label} must be a whole number from {smallest} to {largest}."
    if name in ("is_demo", "demo_world_on"):
        return "" if isinstance(value, bool) else "This is on or off."
    if name == "address_lines":
        fits = isinstance(value, tuple) and len(value) <= 6 and all(_fits(line, 120) for line in value)
        return "" if fits else "The address has at most 6 lines of at most 120 characters."
    if not isinstance(value, str):
        return "There is no such setting." if name not in _CHECKS and name not in TEXTS else "This must be a text."
    if name in TEXTS:
        label, longest, required = TEXTS[name]
        if required and not value:
            return f"{label} is missing."
        return "" if _fits(value, longest) else f"{label} has at most {longest} characters on one line."
    check = _CHECKS.get(name)
    return check(value) if check is not None else "There is no such setting."


def _fits(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and (value.isprintable() or not value)


def _email(value: str) -> str:
    fits = len(value) <= 254 and value.isascii() and _EMAIL.fullmatch(value)
    return "" if fits else "This is not an e-mail address. It looks like shop@example.com."


def _currency(value: str) -> str:
    return "" if value in EXPONENTS else "This is not a currency code in use. It looks like EUR."


def _timezone(value: str) -> str:
    return "" if value in available_timezones() else "This is not a time zone. It looks like Europe/Vienna."


def _country(value: str) -> str:
    fits = len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()
    return "" if fits else "A country is two capital letters, like AT."


def _public_url(value: str) -> str:
    wrong = "The address starts with https:// and has no path, like https://shop.example.com."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return wrong
    bare = not parts.path and not parts.query and not parts.fragment and "@" not in parts.netloc
    fits = parts.scheme in ("http", "https") and parts.hostname and bare and port != 0 and _fits(value, 200)
    if not fits or any(char.isspace() for char in value):
        return wrong
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return "Outside this machine the address must start with https://."
    return ""


_CHECKS: Mapping[str, Any] = {
    "email": _email,
    "sender": _email,
    "currency": _currency,
    "timezone": _timezone,
    "base_country": _country,
    "public_url": _public_url,
}
