"""Invented invoices, covering every quirk that a file can have, and helpers to write and play them."""

import csv
import gzip
import io
from pathlib import Path

from storekeep.world.simulator.replay import run
from storekeep.world.simulator.replay.planning import Plan
from storekeep.world.simulator.replay.reading import COLUMNS
from storekeep.world.simulator.replay.report import Outcome

Line = tuple[str, ...]

#: A quiet week of a shop that never was. The comments say what each row is here for.
LINES: tuple[Line, ...] = (
    ("900001", "10001", "BLUE TEAPOT", "4", "2010-12-01 09:00:00", "2.50", "501", "United Kingdom"),
    ("900001", "10002a", "MUG RED", "10", "2010-12-01 09:00:00", "1.25", "501", "United Kingdom"),
    ("900001", "10002A", "MUG, RED", "2", "2010-12-01 09:00:00", "1.25", "501", "United Kingdom"),  # case folded
    ("900001", "10001", "BLUE TEAPOT", "1", "2010-12-01 09:00:00", "3.00", "501", "United Kingdom"),  # second price
    ("900001", "POST", "POSTAGE", "1", "2010-12-01 09:00:00", "4.95", "501", "United Kingdom"),
    ("900002", "10001", "BLUE TEAPOT", "3", "2010-12-01 10:00:00", "0.335", "502", "France"),  # 1.005 -> 1.01
    ("900003", "10003", "LAMP", "5", "2010-12-01 11:00:00", "7.00", "", "United Kingdom"),  # no name
    ("900003", "10003", "LAMP", "1", "2010-12-01 11:00:00", "0.00", "", "United Kingdom"),  # a free one in a sale
    ("900004", "10004", "found", "6", "2010-12-01 12:00:00", "0.0", "", "United Kingdom"),  # stock that turned up
    ("900005", "10001", "BLUE TEAPOT", "2", "2010-12-02 09:00:00", "2.00", "501", "United Kingdom"),
    ("900006", "10004", "damaged", "-9", "2010-12-02 10:00:00", "0.0", "", "United Kingdom"),  # written off
    # 3 teapots back at 2.00: two of the newest purchase, the third of the one before, which had cost 3.00
    ("C900007", "10001", "BLUE TEAPOT", "-3", "2010-12-02 11:00:00", "2.00", "501", "United Kingdom"),
    ("C900008", "10002A", "MUG RED", "-15", "2010-12-03 09:00:00", "1.30", "501", "United Kingdom"),  # 12 bought
    ("C900009", "10003", "LAMP", "-2", "2010-12-03 10:00:00", "7.00", "", "United Kingdom"),  # no name: blind
    ("C900010", "D", "Discount", "-1", "2010-12-03 11:00:00", "9.50", "502", "France"),
    ("C900010", "POST", "POSTAGE", "-1", "2010-12-03 11:00:00", "4.95", "502", "France"),
    ("C900011", "CRUK", "Commission", "-1", "2010-12-03 12:00:00", "1.60", "503", "United Kingdom"),
    ("C900011", "AMAZONFEE", "Fee", "-1", "2010-12-03 12:00:00", "13.50", "503", "United Kingdom"),
    ("900012", "M", "Manual", "2", "2010-12-03 13:00:00", "1.10", "503", "Nowhereland"),
    ("900012", "PADS", "PADS", "1", "2010-12-03 13:00:00", "0.001", "503", "Nowhereland"),  # rounds to nothing
    ("900012", "gift_0001_20", "Voucher", "1", "2010-12-03 13:00:00", "16.67", "503", "Nowhereland"),
    ("900012", "10005", "", "1", "2010-12-03 13:00:00", "12.00", "503", "Nowhereland"),  # no description
    ("A900013", "B", "Adjust bad debt", "1", "2010-12-03 14:00:00", "-11.00", "", "United Kingdom"),
    ("900014", "NEWCODE", "?", "1", "2010-12-03 15:00:00", "1.00", "503", "United Kingdom"),
    ("900015", "10001", "BLUE TEAPOT", "-1", "2010-12-03 16:00:00", "2.00", "503", "United Kingdom"),
    ("C900016", "10001", "BLUE TEAPOT", "1", "2010-12-03 17:00:00", "2.00", "503", "United Kingdom"),
    ("900017", "10001", "BLUE TEAPOT", "many", "2010-12-04 09:00:00", "2.00", "503", "United Kingdom"),
    ("900017", "10001", "BLUE TEAPOT", "1", "yesterday", "2.00", "503", "United Kingdom"),
    ("900017", "10001", "BLUE TEAPOT", "1", "2010-12-04 09:00:00", "free", "503", "United Kingdom"),
    ("900017", "10001", "BLUE TEAPOT", "99999999", "2010-12-04 09:00:00", "2.00", "503", "United Kingdom"),
    ("900017", "", "BLUE TEAPOT", "1", "2010-12-04 09:00:00", "2.00", "503", "United Kingdom"),
    ("9OOO17", "10001", "BLUE TEAPOT", "1", "2010-12-04 09:00:00", "2.00", "503", "United Kingdom"),
    ("900017", "10001", "only three fields"),
    ("900018", "10003", "LAMP", "80995", "2011-01-04 09:00:00", "7.00", "504", "Germany"),  # a wholesaler, in January
)


def write(path: Path, lines: tuple[Line, ...] = LINES, *, packed: bool = False) -> Path:
    """Write lines below the head of the set, packed by gzip when asked."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(lines)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


def plan_of(folder: Path, lines: tuple[Line, ...] = LINES, until: str | None = None, limit: int | None = None) -> Plan:
    return run.plan_of(write(folder / "sales.csv", lines), until, limit)


def figure(outcome: Outcome, name: str) -> tuple[int, int]:
    """A total as (from the file, from the books)."""
    found = next(one for one in outcome.figures if one.name == name)
    return found.from_file, found.from_books
