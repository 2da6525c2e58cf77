"""Reading the file, row by row: every row is understood, or rejected with its number and the reason.

The columns are those of the UCI "Online Retail" set. Prices are decimals in pounds; a row's total is quantity x price,
rounded half up to the penny, and a negative one is the mirror image of its positive twin.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from storekeep.kernel.clock import Instant, to_instant
from storekeep.kernel.errors import StorekeepError

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
ZONE = "Europe/London"
MAX_UNITS = 1_000_000
MAX_PRICE = Decimal(10_000_000)
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M")
_WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?")
_INVOICE = re.compile(r"([A-Z]?)\d{1,12}")
_GZIP_MAGIC = b"\x1f\x8b"


class UnusableFile(StorekeepError):
    """The file cannot be opened, or is no table with the columns of the set."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that was understood. `number` counts the file's rows from 2, below its head; the total is in pennies."""

    number: int
    invoice: str
    letter: str
    code: str
    description: str
    qty: int
    at: Instant
    day: str
    total_minor: int
    price: Decimal
    customer: str
    country: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that went into no ledger, as it stood in the file, with the reason.

    Quantity and total are 0 where the row could not be understood.
    """

    number: int
    reason: str
    fields: tuple[str, ...]
    qty: int = 0
    total_minor: int = 0


class Malformed(ValueError):
    """A row that cannot be understood; the message is the reason."""


def read(path: Path, until: str | None = None) -> Iterator[Row | Reject]:
    """The rows of a plain or gzip CSV file in the order of the file; rows after the local day `until` are left out.

    Raises `UnusableFile` when there is no such file or its head lacks a column.
    """
    try:
        with _opened(path) as lines:
            yield from _rows(csv.reader(lines), path, until)
    except (OSError, EOFError, csv.Error) as failure:
        raise UnusableFile(f"{path} cannot be read: {failure}") from failure


def _opened(path: Path) -> io.TextIOWrapper:
    with open(path, "rb") as start:
        packed = start.read(2) == _GZIP_MAGIC
    stream = gzip.open(path, "rb") if packed else open(path, "rb")  # noqa: SIM115 - closed by the wrapper
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")


def _rows(table: Iterator[list[str]], path: Path, until: str | None) -> Iterator[Row | Reject]:
    head = [name.strip() for name in next(table, [])]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise UnusableFile(f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
    places = {name: head.index(name) for name in COLUMNS}
    for number, fields in enumerate(table, 2):
        if not fields:
            continue
        if len(fields) != len(head):
            yield Reject(number, f"it has {len(fields)} fields, not {len(head)}", tuple(fields))
            continue
        try:
            if until is not None and _moment(fields[places["InvoiceDate"]].strip())[1] > until:
                continue
            yield understand(number, {name: fields[place].strip() for name, place in places.items()})
        except Malformed as reason:
            yield Reject(number, str(reason), tuple(fields))


def understand(number: int, fields: Mapping[str, str]) -> Row:
    """A row from its trimmed fields by column; raises `Malformed` with the reason."""
    invoice = fields["InvoiceNo"].upper()
    form = _INVOICE.fullmatch(invoice)
    if form is None:
        raise Malformed(f"InvoiceNo {fields['InvoiceNo'][:40]!r} is not a number with at most one letter before it")
    code = " ".join(fields["StockCode"].split()).upper()
    if not code or len(code) > 40 or not code.isprintable():
        raise Malformed("StockCode is missing" if not code else "StockCode is too long or cannot be printed")
    qty = _quantity(fields["Quantity"])
    price = _price(fields["UnitPrice"])
    at, day = _moment(fields["InvoiceDate"])
    return Row(
        number=number,
        invoice=invoice,
        letter=form[1],
        code=code,
        description=_clean(fields["Description"]),
        qty=qty,
        at=at,
        day=day,
        total_minor=rounded(qty * price),
        price=price,
        customer=_customer(fields["CustomerID"]),
        country=_country(fields["Country"]),
    )


def rounded(pounds: Decimal) -> int:
    """Pennies, half a penny away from zero."""
    return int((pounds * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _quantity(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise Malformed(f"Quantity {text[:40]!r} is not a whole number")
    qty = int(text.partition(".")[0])
    if qty == 0:
        raise Malformed("Quantity is 0")
    if abs(qty) > MAX_UNITS:
        raise Malformed(f"Quantity {qty:,} is more than a line may have ({MAX_UNITS:,})")
    return qty


@lru_cache(maxsize=4096)
def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise Malformed(f"UnitPrice {text[:40]!r} is not a number") from None
    if not price.is_finite() or abs(price) > MAX_PRICE:
        raise Malformed(f"UnitPrice {text[:40]!r} is out of reason")
    return price


@lru_cache(maxsize=4096)
def _moment(text: str) -> tuple[Instant, str]:
    for form in _FORMATS:
        try:
            naive = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return to_instant(naive.replace(tzinfo=ZoneInfo(ZONE))), naive.date().isoformat()
    raise Malformed(f"InvoiceDate {text[:40]!r} is not a date with a time")


def _customer(text: str) -> str:
    number = text.removesuffix(".0")
    if number and not (number.isascii() and number.isalnum() and len(number) <= 20):
        raise Malformed(f"CustomerID {text[:40]!r} is not a number")
    return number


def _country(text: str) -> str:
    if not text or len(text) > 60 or not text.isprintable():
        raise Malformed("Country is missing" if not text else "Country is too long or cannot be printed")
    return text


def _clean(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]
