"""Demand and deliveries from the files of published sets, in the shapes that the replenishment room reads.

Each reader takes the folder that holds the sets and raises `NotThere` when its own is missing. Nothing is guessed: a
row that is no sale, or no order with readable dates, is left out, and the readers say which those are.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TextIO

import numpy as np

from storekeep.kernel.errors import StorekeepError
from storekeep.shop.replenishment.grid import Ints
from storekeep.shop.replenishment.leadtime import Orders

_PRODUCT = re.compile(r"^\d{5}[A-Z]{0,2}$")
_FIRST_MONDAY, _WEEKS = date(2010, 12, 6), 42
_REVERSAL = timedelta(hours=48)
_M5_DAYS = 329


class NotThere(StorekeepError):
    """A folder of data that was asked for does not exist or is empty."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Units per SKU and period, and what was counted while reading."""

    units: Ints
    note: str


def online_retail(folder: Path) -> Sales:
    """Weekly units per SKU of the UCI "Online Retail" file, 42 weeks from Monday 2010-12-06; empty weeks are 0.

    A sale is a line of a product with quantity and price above 0 on an invoice that starts with neither C nor A. In
    order of time each C line takes away the latest sale left of the same known customer, SKU and quantity within 48
    hours.
    """
    rows = sorted(_retail_rows(_only(folder / "online_retail", "*.csv*")), key=lambda row: row[0])
    kept: list[tuple[datetime, str, int] | None] = []
    open_sales: dict[tuple[str, str, int], list[tuple[int, datetime]]] = {}
    reversed_units, reversals = 0, 0
    for at, invoice, sku, quantity, price, customer in rows:
        if invoice.startswith("C"):
            waiting = open_sales.get((customer, sku, -quantity), [])
            if customer and waiting and at - waiting[-1][1] <= _REVERSAL:
                kept[waiting.pop()[0]] = None
                reversals, reversed_units = reversals + 1, reversed_units - quantity
        elif not invoice.startswith("A") and quantity > 0 and price > 0:
            open_sales.setdefault((customer, sku, quantity), []).append((len(kept), at))
            kept.append((at, sku, quantity))
    weeks: dict[str, list[int]] = {}
    for sale in kept:
        if sale is not None and 0 <= (week := (sale[0].date() - _FIRST_MONDAY).days // 7) < _WEEKS:
            weeks.setdefault(sale[1], [0] * _WEEKS)[week] += sale[2]
    note = f"{len(kept):,} sales, {reversals:,} of them reversed ({reversed_units:,} units), {len(weeks):,} SKUs"
    return Sales(np.array([weeks[sku] for sku in sorted(weeks)], dtype=np.int64), note)


def _retail_rows(path: Path) -> Iterator[tuple[datetime, str, str, int, float, str]]:
    for row in _read(path):
        sku = row["StockCode"].strip().upper()
        if _PRODUCT.match(sku):
            at = datetime.fromisoformat(row["InvoiceDate"])
            yield at, row["InvoiceNo"], sku, int(row["Quantity"]), float(row["UnitPrice"]), row["CustomerID"]


def m5(folder: Path) -> Sales:
    """Weekly units per item and store of an M5 file: its last 329 days as 47 weeks; an empty cell is 0."""
    with _open(_only(folder / "m5", "m5_*.csv*")) as lines:
        table = csv.reader(lines)
        next(table)
        days = np.array([[int(float(cell or 0)) for cell in row[-_M5_DAYS:]] for row in table], dtype=np.int64)
    return Sales(days.reshape(len(days), -1, 7).sum(axis=2), f"{len(days):,} item-stores")


def carparts(folder: Path) -> Sales:
    """Monthly units per part; parts whose record stops are left out."""
    with _open(_only(folder / "carparts", "*.csv*")) as lines:
        table = csv.reader(lines)
        next(table)
        rows = [row[1:] for row in table]
    whole = [[int(float(cell)) for cell in row] for row in rows if all(row)]
    return Sales(np.array(whole, dtype=np.int64), f"{len(whole):,} parts of {len(rows):,} without gaps")


def scms_deliveries(folder: Path) -> Orders:
    """One order per (PO, day of delivery) with a readable PO date and a lead of 0 days or more, in order of the PO
    date."""
    found: dict[tuple[str, date], tuple[date, str]] = {}
    for row in _read(_only(folder / "scms_deliveries", "*.csv*")):
        try:
            placed = datetime.strptime(row["PO Sent to Vendor Date"], "%m/%d/%y").date()  # noqa: DTZ007 - a date alone
            received = datetime.strptime(row["Delivered to Client Date"], "%d-%b-%y").date()  # noqa: DTZ007 - the same
        except ValueError:
            continue
        if received >= placed:
            key = (row["PO / SO #"], received)
            found[key] = min(found.get(key, (placed, row["Vendor"])), (placed, row["Vendor"]))
    rows = sorted((placed, po, received, vendor) for (po, received), (placed, vendor) in found.items())
    numbers = {vendor: number for number, vendor in enumerate(sorted({row[3] for row in rows}))}
    return Orders(
        np.array([numbers[row[3]] for row in rows], dtype=np.int64),
        np.array([row[0].toordinal() for row in rows], dtype=np.int64),
        np.array([row[2].toordinal() for row in rows], dtype=np.int64),
    )


def _only(folder: Path, pattern: str) -> Path:
    files = sorted(folder.glob(pattern))
    if not files:
        raise NotThere(f"there is no {pattern} in {folder}")
    return files[0]


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _read(path: Path) -> Iterator[dict[str, str]]:
    with _open(path) as lines:
        yield from csv.DictReader(lines)
