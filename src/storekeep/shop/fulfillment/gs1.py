"""What a GS1 element string says: item, lot and expiry, as it stands under a bar code or as a scanner sends it. Pure.

GS1 General Specifications, section 3: (01) is the item's number with its check digit, (10) the lot, (17) the expiry as
YYMMDD where day 00 is the last of the month. A lot ends at the separator or with the string. Other elements are left.
"""

import re
from calendar import monthrange
from dataclasses import dataclass

#: What separates an element of variable length from the next one.
SEPARATOR = "\x1d"
#: Symbology identifiers that scanners put in front: GS1-128, DataMatrix, QR, DataBar.
_PREFIX = re.compile(r"^\](?:C1|d2|Q3|e0)")
_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]*)")
#: Elements of two digits whose length is fixed, digits of the element included (General Specifications, 7.8.5).
_FIXED = {"00": 20, "01": 16, "02": 16, "11": 8, "12": 8, "13": 8, "15": 8, "16": 8, "17": 8, "20": 4}


@dataclass(frozen=True, slots=True)
class Gs1:
    """The elements that matter here. `item` has 14 digits."""

    item: str
    lot: str = ""
    expires_on: str | None = None

    @property
    def barcodes(self) -> tuple[str, ...]:
        """How the item's number may stand in the catalogue: with 14, 13, 12 or 8 digits."""
        return tuple(self.item[14 - n :] for n in (14, 13, 12, 8) if not self.item[: 14 - n].strip("0"))


def parse(code: str) -> Gs1 | None:
    """The item, lot and expiry of an element string; None for anything else."""
    text = code.strip()
    elements = _bracketed(text) if text.startswith("(") else _raw(_PREFIX.sub("", text))
    item = elements.get("01", "") if elements else ""
    if len(item) != 14 or not item.isdigit() or _check_digit(item[:13]) != item[13]:
        return None
    return Gs1(item, elements.get("10", "").upper(), _day(elements.get("17", "")))


def _bracketed(text: str) -> dict[str, str]:
    found = {name: value.strip() for name, value in _BRACKETS.findall(text)}
    return found if "".join(f"({name}){value}" for name, value in found.items()) == text.replace(" ", "") else {}


def _raw(text: str) -> dict[str, str]:
    """Elements as a scanner sends them: fixed ones by their length, the others up to the separator."""
    found: dict[str, str] = {}
    while text:
        name, length = text[:2], _FIXED.get(text[:2])
        end = length if length is not None else (text + SEPARATOR).index(SEPARATOR)
        if not name.isdigit() or len(text) < end or len(name) < 2:
            return {}
        found[name], text = text[2:end], text[end:].removeprefix(SEPARATOR)
    return found


def _day(digits: str) -> str | None:
    """A YYMMDD of this century; day 00 is the last day of the month."""
    if len(digits) != 6 or not digits.isdigit():
        return None
    year, month, day = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12 or day > (last := monthrange(year, month)[1]):
        return None
    return f"{year}-{month:02}-{day or last:02}"


def _check_digit(digits: str) -> str:
    """The last digit of an item number: weights 3 and 1 from the right, up to the next ten."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return str(-total % 10)
