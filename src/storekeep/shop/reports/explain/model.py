"""What an explanation is: numbers, each with the rows that make it and what the shop's pages say."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from storekeep.kernel.clock import Instant
from storekeep.kernel.errors import Invalid

#: Beyond this no order's number goes; a database would refuse it in worse words.
_LARGEST = 10**15


@dataclass(frozen=True, slots=True)
class Row:
    """One row and what it adds: units, or minor units of the number's currency. `source` names the row itself."""

    amount: int
    text: str
    source: str
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a page shows (`said`), and the rows that make it. `currency` is empty for units."""

    name: str
    said: int
    rows: tuple[Row, ...]
    currency: str = ""

    @property
    def made(self) -> int:
        """What the rows come to."""
        return sum(row.amount for row in self.rows)

    @property
    def is_equal(self) -> bool:
        return self.made == self.said

    def running(self) -> list[int]:
        """The sum after each row."""
        return list(accumulate(row.amount for row in self.rows))


@dataclass(frozen=True, slots=True)
class Explanation:
    """All numbers of one subject: a SKU, a SKU at a location, an order, the payments of an order."""

    subject: str
    numbers: tuple[Number, ...]

    @property
    def is_equal(self) -> bool:
        return all(number.is_equal for number in self.numbers)

    def as_json(self) -> dict[str, Any]:
        """The explanation as plain data; amounts of money in minor units, times in microseconds since the epoch."""
        return {
            "subject": self.subject,
            "equal": self.is_equal,
            "numbers": [
                {
                    "name": number.name,
                    "currency": number.currency or None,
                    "rows_make": number.made,
                    "page_says": number.said,
                    "equal": number.is_equal,
                    "rows": [
                        {"amount": row.amount, "sum": total, "text": row.text, "source": row.source, "at": row.at}
                        for row, total in zip(number.rows, number.running(), strict=True)
                    ],
                }
                for number in self.numbers
            ],
        }


def number(name: str, said: int, rows: Iterable[Row], currency: str = "") -> Number:
    """A number of rows that add something; rows of nothing explain nothing."""
    return Number(name, int(said), tuple(row for row in rows if row.amount), currency)


def order_number(text: str) -> int:
    """What somebody typed as an order's number; `Invalid` when it cannot be one."""
    typed = text.strip().removeprefix("#")
    if not (typed.isascii() and typed.isdecimal() and int(typed[:20]) < _LARGEST):
        raise Invalid("which", f"{text!r} is no order number; it looks like 1042")
    return int(typed)
