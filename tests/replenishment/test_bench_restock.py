"""`storekeep bench restock`: readers on invented rows, folders with missing sets, and the aims on published sets."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from storekeep.doors.cli.bench import restock, restock_check, restock_data
from storekeep.doors.cli.bench.restock_data import NotThere, Sales
from storekeep.doors.cli.bench_command import bench
from storekeep.shop.replenishment import forecast

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
RETAIL = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
ORDER = ("PO / SO #", "PO Sent to Vendor Date", "Delivered to Client Date", "Vendor")


def write(folder: Path, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return folder


def retail(folder: Path, *rows: tuple[str, str, int, str, float, str]) -> Sales:
    full = [(invoice, sku, "THING", n, at, price, who, "France") for invoice, sku, n, at, price, who in rows]
    return restock_data.online_retail(write(folder, "online_retail/sales.csv.gz", RETAIL, full))


def test_sales_are_summed_by_week_under_one_spelling_of_the_code(tmp_path: Path) -> None:
    found = retail(
        tmp_path,
        ("536365", "85123a ", 6, "2010-12-06 08:26:00", 2.55, "17850"),
        ("536366", "85123A", 4, "2010-12-12 18:00:00", 2.55, ""),
        ("536367", "85123A", 1, "2010-12-13 08:00:00", 2.55, ""),
        ("536360", "85123A", 9, "2010-12-05 08:00:00", 2.55, ""),  # a day before the first week
        ("536368", "POST", 1, "2010-12-07 08:00:00", 18.0, ""),  # no product
        ("536369", "85123A", 50, "2010-12-07 08:00:00", 0.0, ""),  # no sale: no price
        ("A53637", "85123A", 50, "2010-12-07 08:00:00", 1.0, ""),  # an adjustment
        ("536371", "85123A", -50, "2010-12-07 08:00:00", 0.0, ""),  # a write-off
    )
    assert found.units.shape == (1, 42)
    assert found.units[0, :3].tolist() == [10, 1, 0]


def test_a_sale_reversed_within_two_days_never_was(tmp_path: Path) -> None:
    found = retail(
        tmp_path,
        ("1", "23166", 74215, "2011-01-18 10:01:00", 1.04, "12346"),
        ("C2", "23166", -74215, "2011-01-18 10:17:00", 1.04, "12346"),
        ("3", "23166", 5, "2011-01-18 10:00:00", 1.04, "12346"),
        ("C4", "23166", -5, "2011-01-20 10:01:00", 1.04, "12346"),  # a minute too late
        ("5", "23166", 7, "2011-01-18 10:00:00", 1.04, ""),
        ("C6", "23166", -7, "2011-01-18 11:00:00", 1.04, ""),  # nobody knows whose
    )
    assert found.units.sum() == 12
    assert "1 of them reversed (74,215 units)" in found.note


def test_empty_cells_of_m5_are_nought_and_seven_days_are_a_week(tmp_path: Path) -> None:
    days = ["", *["1"] * 6, "9.0", *["0"] * 321]
    header = ["id", "an older day", *(f"d{n}" for n in range(329))]
    found = restock_data.m5(write(tmp_path, "m5/m5_daily.csv.gz", header, [["A", "77", *days]]))
    assert found.units.shape == (1, 47)
    assert found.units[0, :3].tolist() == [6, 9, 0]


def test_parts_whose_record_stops_are_left_out(tmp_path: Path) -> None:
    rows = [["1", "3", "0.0", "2"], ["2", "3", "", ""]]
    found = restock_data.carparts(write(tmp_path, "carparts/parts.csv.gz", ["Part", "Jan", "Feb", "Mar"], rows))
    assert found.units.tolist() == [[3, 0, 2]]


def test_orders_need_readable_dates_in_the_right_order(tmp_path: Path) -> None:
    rows = [
        ("SCMS-2", "6/2/06", "12-Jun-06", "B"),
        ("SCMS-2", "6/2/06", "12-Jun-06", "B"),  # another line of the same delivery
        ("SCMS-2", "6/2/06", "20-Jun-06", "B"),
        ("SCMS-1", "5/1/06", "1-May-06", "A"),
        ("SCMS-3", "N/A - From RDC", "1-May-06", "A"),
        ("SCMS-4", "5/1/06", "30-Apr-06", "A"),  # came before it was placed
    ]
    found = restock_data.scms_deliveries(write(tmp_path, "scms_deliveries/lines.csv.gz", ORDER, rows))
    assert found.supplier.tolist() == [0, 1, 1]
    assert (found.received - found.placed).tolist() == [0, 10, 18]
    assert found.placed[0] == date(2006, 5, 1).toordinal()


def parts(folder: Path) -> Path:
    """A folder with one set only: sixty parts of thirty-nine months."""
    units = np.random.default_rng(2).poisson(0.9, size=(60, 39))
    rows = [[str(n), *row] for n, row in enumerate(units.tolist())]
    return write(folder, "carparts/parts.csv.gz", ["Part", *(f"m{n}" for n in range(39))], rows)


def test_a_missing_set_is_skipped_aloud_and_the_rest_is_measured(tmp_path: Path) -> None:
    run = CliRunner().invoke(bench, ["restock", "--data", str(parts(tmp_path))])
    assert run.exit_code == 0, run.output
    for name in ("OR-A", "OR-B", "M5-A", "M5-B", "lead times"):
        assert f"SKIPPED {name}: there is no" in run.stderr
        assert f"SKIPPED {name}: there is no" in run.stdout
    assert "CP  " in run.stdout
    assert "TSB, shrunk (default)" in run.stdout


def test_the_figures_as_json(tmp_path: Path) -> None:
    run = CliRunner().invoke(bench, ["restock", "--json", "--data", str(parts(tmp_path))])
    found = json.loads(run.stdout)
    assert list(found["tests"]) == ["CP"]
    assert found["tests"]["CP"]["rows"]["TSB, shrunk (default)"]["mase"] > 0
    assert found["size"]["skus"] == 3_000
    assert len(found["skipped"]) == 5


def test_a_set_too_short_is_skipped_aloud(tmp_path: Path) -> None:
    heard: list[str] = []
    found = restock.measure(write(tmp_path, "carparts/p.csv.gz", ["Part", "m"], [["1", "3"]]), heard.append)
    assert found["tests"] == {}
    assert "SKIPPED CP: there are fewer than 39 periods" in heard


def test_the_commands_and_the_pages_do_not_load_numpy() -> None:
    modules = "storekeep.doors.cli.bench_command, storekeep.doors.cli.serve_command, storekeep.shop.replenishment"
    code = f"import sys, {modules}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_three_thousand_skus_take_little_memory_and_are_all_looked_at() -> None:
    found = restock.in_a_process_of_its_own()
    assert found["run_mb"] <= 50
    assert 0 < found["to_order"] < 3_000


def test_the_same_forecasts_by_other_code() -> None:
    pytest.importorskip("statsforecast", reason="the extra restock-check is not installed")
    units = np.random.default_rng(4).negative_binomial(0.5, 0.2, size=(50, 40))
    found = restock_check.against_statsforecast(units)
    assert all(row["largest_difference"] < 1e-9 for row in found["methods"].values())
    assert found["quantile_largest_difference"] < 0.01


@pytest.fixture(scope="module")
def published() -> Callable[[restock.Case], np.ndarray]:
    """The units of a case from the published sets, each read once."""
    read: dict[object, Sales] = {}

    def units(case: restock.Case) -> np.ndarray:
        try:
            sales = read.setdefault(case.source, read.get(case.source) or case.source(SHARED))
        except NotThere as missing:
            pytest.skip(f"the published set is not here: {missing}")
        return restock.counted(case, sales.units)

    return units


SERIES = {"OR-A": 2_482, "OR-B": 2_386, "M5-A": 11_592, "M5-B": 11_336, "CP": 1_201}
ERRORS = {"OR-A": 1.37, "OR-B": 1.13, "M5-A": 1.05, "M5-B": 1.10, "CP": 0.73}


@pytest.mark.slow
@pytest.mark.parametrize("case", restock.CASES, ids=lambda case: case.name)
def test_the_default_needs_no_more_stock_than_the_aims_say(
    case: restock.Case, published: Callable[[restock.Case], np.ndarray]
) -> None:
    units = published(case)
    assert len(units) == SERIES[case.name]
    tsb = forecast.tsb(units)
    found = restock.covers(case, restock.backtest(tsb, units, case.window))
    assert found["cover_at_fill"] <= case.aims[0]
    assert found["cover_at_in_stock"] <= case.aims[1]
    thumb = restock.covers(case, restock.rule_of_thumb(case, units))
    assert found["cover_at_fill"] < 0.85 * thumb["cover_at_fill"]
    assert found["cover_at_in_stock"] < 0.85 * thumb["cover_at_in_stock"]
    assert round(restock.scaled_error(tsb, units, case.window), 2) <= ERRORS[case.name]


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in restock.CASES if case.name != "CP"], ids=lambda case: case.name)
def test_calibrated_fill_is_within_two_points_of_what_was_asked_for(
    case: restock.Case, published: Callable[[restock.Case], np.ndarray]
) -> None:
    units = published(case)
    for row in restock.calibrations(case, units, forecast.tsb(units)):
        assert row["calibrated_each_period"]["got"] == pytest.approx(row["wanted"], abs=0.02), row


def test_lead_times_are_as_good_as_the_aims_say() -> None:
    try:
        orders = restock_data.scms_deliveries(SHARED)
    except NotThere as missing:
        pytest.skip(f"the published set is not here: {missing}")
    found = restock.lead_times(orders)
    assert (found["orders"], found["suppliers"], found["forecasts"]) == (2_100, 59, 1_844)
    assert found["quantiles"]["0.90"]["loss_days"] <= 17.0
    assert found["quantiles"]["0.90"]["coverage"] >= 0.88
