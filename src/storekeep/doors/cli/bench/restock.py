"""`storekeep bench restock`: the replenishment rules against real demand, real lead times, and the clock.

The protocol is described in docs/restock.md. Every figure comes from the shop's own modules; the readers and the
loops over rules stand here.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from storekeep.doors.cli.bench import restock_check, restock_data
from storekeep.doors.cli.bench.restock_data import NotThere, Sales
from storekeep.shop.replenishment import calibration, forecast, history, leadtime, spread
from storekeep.shop.replenishment.backtest import (
    FIXED_COVERS,
    Spread,
    Window,
    backtest,
    fixed_cover,
    is_known,
    scaled_error,
)
from storekeep.shop.replenishment.grid import Demand, Fit, Ints
from storekeep.shop.replenishment.replay import Outcome, Service, cover_at, play

#: What is asked for when calibrating.
WANTED: tuple[tuple[Service, float], ...] = (("fill", 0.90), ("fill", 0.95), ("in_stock", 0.95))
LEAD_TARGETS = (0.80, 0.90, 0.95)
_FIRST_DELIVERIES = 200
_SKUS, _PERIODS = 3_000, 104


@dataclass(frozen=True, slots=True)
class Case:
    """One test: which set, how many periods to learn from and to play, the services at which covers are compared, the
    covers to reach there, and how many periods the rules of thumb average."""

    name: str
    source: Callable[[Path], Sales]
    train: int
    test: int
    fill: float
    in_stock: float
    aims: tuple[float, float]
    average: int = 8

    @property
    def window(self) -> Window:
        return Window(self.train, self.test)


CASES = (
    Case("OR-A", restock_data.online_retail, 32, 10, 0.90, 0.95, (5.1, 4.1)),
    Case("OR-B", restock_data.online_retail, 26, 10, 0.90, 0.95, (5.2, 4.7)),
    Case("M5-A", restock_data.m5, 37, 10, 0.95, 0.95, (2.5, 2.4)),
    Case("M5-B", restock_data.m5, 27, 10, 0.95, 0.95, (2.3, 2.4)),
    Case("CP", restock_data.carparts, 27, 12, 0.90, 0.95, (7.1, 5.3), average=6),
)


def measure(folder: Path, tell: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
    """Everything; `tell` hears of what is skipped, and why."""
    found: dict[str, Any] = {"tests": {}, "skipped": []}
    read: dict[Callable[[Path], Sales], Sales] = {}
    for case in CASES:
        try:
            sales = read.get(case.source) or case.source(folder)
            units = counted(case, sales.units)
        except NotThere as missing:
            found["skipped"].append(f"{case.name}: {missing}")
            tell(f"SKIPPED {case.name}: {missing}")
            continue
        read[case.source] = sales
        tell(f"playing {case.name} ({sales.note})")
        found["tests"][case.name] = {"data": sales.note, **one_case(case, units)}
    try:
        found["lead_times"] = lead_times(restock_data.scms_deliveries(folder))
    except NotThere as missing:
        found["skipped"].append(f"lead times: {missing}")
        tell(f"SKIPPED lead times: {missing}")
    found["size"] = in_a_process_of_its_own()
    found["cross_check"] = restock_check.against_statsforecast(next(iter(read.values())).units if read else None)
    if "skipped" in found["cross_check"]:
        tell(f"SKIPPED cross-check: {found['cross_check']['skipped']}")
    return found


def counted(case: Case, units: Ints) -> Ints:
    """The periods of the case, of the SKUs that it counts. Raises `NotThere` when that leaves nothing."""
    units = units[:, : case.train + case.test]
    if units.ndim != 2 or units.shape[1] < case.train + case.test:
        raise NotThere(f"there are fewer than {case.train + case.test} periods")
    units = units[is_known(units, case.train)]
    if not len(units):
        raise NotThere("no SKU has been sold for long enough")
    return units


def one_case(case: Case, units: Ints) -> dict[str, Any]:
    """Covers of every rule at the services of the case, errors of every method, and what calibration led to."""
    began = time.perf_counter()
    rows: dict[str, Any] = {"fixed cover": covers(case, rule_of_thumb(case, units))}
    for label, (fit, kind) in fits(case, units).items():
        rows[label] = covers(case, backtest(fit, units, case.window, kind=kind))
        rows[label]["mase"] = scaled_error(fit, units, case.window)
    tsb = forecast.tsb(units)
    level, own = tsb.level[:, case.train], spread.own(tsb, case.train)
    return {
        "series": len(units),
        "fill_at": case.fill,
        "in_stock_at": case.in_stock,
        "aims": dict(zip(("fill", "in_stock"), case.aims, strict=True)),
        "rows": rows,
        "taylor_b": spread.law(level, own).b,
        "calibration": calibrations(case, units, tsb),
        "seconds": time.perf_counter() - began,
    }


def rule_of_thumb(case: Case, units: Ints) -> Outcome:
    """Fixed cover, played as the other rules are."""
    up_to = fixed_cover(units, case.window, last=case.average)
    return play(FIXED_COVERS, up_to, units[:, case.train :]).outcome()


def fits(case: Case, units: Ints) -> Mapping[str, tuple[Fit, Spread]]:
    """Every rule of the table: a fit and the spread that goes with it."""
    average = forecast.moving_average(units, window=case.average)
    ses, tsb = forecast.ses(units), forecast.tsb(units)
    capped: Demand = history.capped(units, history.usual_most(units[:, : case.train]))
    return {
        "naive, own": (forecast.moving_average(units, window=1), "own"),
        f"moving average {case.average}, own": (average, "own"),
        "SES, own": (ses, "own"),
        "SES, shrunk": (ses, "shrunk"),
        "Croston SBA, shrunk": (forecast.croston(units), "shrunk"),
        "IMAPA, shrunk": (forecast.imapa(units, since=case.train), "shrunk"),
        "TSB, own": (tsb, "own"),
        "TSB, shrunk (default)": (tsb, "shrunk"),
        "TSB, pooled": (tsb, "pooled"),
        "TSB on capped history, shrunk": (forecast.tsb(capped), "shrunk"),
    }


def covers(case: Case, found: Outcome) -> dict[str, Any]:
    return {
        "cover_at_fill": cover_at(found, "fill", case.fill),
        "cover_at_in_stock": cover_at(found, "in_stock", case.in_stock),
    }


def calibrations(case: Case, units: Ints, tsb: Fit) -> list[dict[str, Any]]:
    """What TSB shrunk gave when asked for a service: plainly, with a target calibrated once at the origin, and with one
    calibrated before every period."""
    before = Window(case.train - case.test, case.test)
    old = units[(units[:, : before.origin] > 0).sum(axis=1) >= 2]
    old_fit = forecast.tsb(old)
    each = calibration.weekly_targets(tsb, units, case.window, WANTED, length=case.test)
    by_period = calibration.with_targets(tsb, units, case.window, each)
    rows = []
    for column, (kind, wanted) in enumerate(WANTED):
        target = calibration.once(old_fit, old, before, kind, wanted)
        plain = backtest(tsb, units, case.window, (wanted, target))
        services = [*plain.service(kind), by_period.service(kind)[column]]
        covers = [*plain.cover, by_period.cover[column]]
        names = ("asked_plainly", "calibrated_once", "calibrated_each_period")
        rows.append(
            {"service": kind, "wanted": wanted, "target_once": target}
            | {
                name: {"got": float(got), "cover": float(c)}
                for name, got, c in zip(names, services, covers, strict=True)
            }
        )
    return rows


def lead_times(orders: leadtime.Orders) -> dict[str, Any]:
    """Walk forward in order of placing: each order's lead is foretold from what was known on its day."""
    began = time.perf_counter()
    told: dict[float, list[int]] = {target: [] for target in LEAD_TARGETS}
    took: list[int] = []
    for supplier, day, received in zip(orders.supplier, orders.placed, orders.received, strict=True):
        if int((orders.received <= day).sum()) < _FIRST_DELIVERIES:
            continue
        known = leadtime.curve(orders, int(supplier), int(day))
        took.append(int(received - day))
        for target in LEAD_TARGETS:
            told[target].append(known.quantile(target) or 0)
    actual = np.array(took, dtype=np.float64)
    return {
        "orders": len(orders.placed),
        "suppliers": len(np.unique(orders.supplier)),
        "forecasts": len(took),
        "quantiles": {
            f"{target:.2f}": {
                "loss_days": leadtime.pinball(np.array(days, dtype=np.float64), actual, target),
                "coverage": float((actual <= np.array(days)).mean()),
            }
            for target, days in told.items()
        },
        "seconds": time.perf_counter() - began,
    }


def in_a_process_of_its_own(skus: int = _SKUS, periods: int = _PERIODS) -> dict[str, Any]:
    """Seconds and megabytes of one run, forecast to proposals, in a fresh process, so that nothing else is counted."""
    command = [sys.executable, "-m", "storekeep.doors.cli.bench.restock_size", str(skus), str(periods)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
