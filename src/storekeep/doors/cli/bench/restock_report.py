"""The figures of `bench restock` in words and columns."""

from collections.abc import Mapping
from typing import Any


def text(found: Mapping[str, Any]) -> str:
    """The whole report."""
    lines = [*_tests(found["tests"]), *_calibration(found["tests"])]
    if "lead_times" in found:
        lines += _lead_times(found["lead_times"])
    size = found["size"]
    lines.append(
        f"size   {size['skus']:,} SKUs x {size['periods']} weeks, forecast to proposals: {size['best_s']:.3f} s "
        f"(first {size['first_s']:.3f} s; aim 0.5), {size['run_mb']:.0f} MB more (aim 50), "
        f"{size['with_numpy_mb']:.0f} MB with the loading of numpy"
    )
    lines += _check(found["cross_check"])
    return "\n".join([*lines, *(f"SKIPPED {one}" for one in found["skipped"])])


def _tests(tests: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, test in tests.items():
        lines.append(
            f"{name}  {test['series']:,} series; {test['data']}; variance grows as level^{test['taylor_b']:.2f}; "
            f"{test['seconds']:.1f} s"
        )
        lines.append(
            f"    cover in periods at {'%g' % (100 * test['fill_at'])} % fill / "
            f"{'%g' % (100 * test['in_stock_at'])} % without stock-out; MASE"
        )
        for label, row in test["rows"].items():
            mase = f"{row['mase']:.2f}" if "mase" in row else "-"
            lines.append(
                f"    {label:30} {_number(row['cover_at_fill']):>6} / {_number(row['cover_at_in_stock']):>6} {mase:>7}"
            )
        aims = test["aims"]
        default = test["rows"]["TSB, shrunk (default)"]
        lines.append(
            f"    {'aim':30} {aims['fill']:>6} / {aims['in_stock']:>6}   "
            f"{_reached(default['cover_at_fill'], aims['fill'])} / "
            f"{_reached(default['cover_at_in_stock'], aims['in_stock'])}"
        )
    return lines


def _reached(value: float | None, aim: float) -> str:
    return "reached" if value is not None and value <= aim else "MISSED"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _calibration(tests: Mapping[str, Any]) -> list[str]:
    lines = ["calibration of TSB, shrunk: service got (cover) when asked plainly | once | each period, off by"]
    for name, test in tests.items():
        for row in test["calibration"]:
            ways = [row[way] for way in ("asked_plainly", "calibrated_once", "calibrated_each_period")]
            told = " | ".join(f"{way['got']:.3f} ({way['cover']:.2f})" for way in ways)
            off = ways[-1]["got"] - row["wanted"]
            lines.append(f"    {name:5} {row['service']:8} {row['wanted']:.2f}: {told}   {off:+.3f}")
    for way in ("asked_plainly", "calibrated_once", "calibrated_each_period"):
        misses: dict[str, list[float]] = {}
        for test in tests.values():
            for row in test["calibration"]:
                key = f"{row['service']} {row['wanted']:.2f}"
                misses.setdefault(key, []).append(abs(row[way]["got"] - row["wanted"]))
        means = ", ".join(f"{key} {sum(all_) / len(all_):.3f}" for key, all_ in misses.items())
        lines.append(f"    mean absolute miss, {way.replace('_', ' ')}: {means}")
    return lines


def _lead_times(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"lead times  {found['orders']:,} orders of {found['suppliers']} suppliers, {found['forecasts']:,} forecasts, "
        f"{found['seconds']:.1f} s"
    ]
    for target, row in found["quantiles"].items():
        aim = "  (aims: loss 17.0, coverage 0.88)" if target == "0.90" else ""
        lines.append(f"    at {target}: loss {row['loss_days']:.2f} days, coverage {row['coverage']:.3f}{aim}")
    return lines


def _check(found: Mapping[str, Any]) -> list[str]:
    if "skipped" in found:
        return [f"SKIPPED cross-check with statsforecast: {found['skipped']}"]
    lines = [f"cross-check with statsforecast on {found['series']} series, difference relative to the level"]
    for name, row in found["methods"].items():
        lines.append(
            f"    {name:12} median {row['median_difference']:.1e}, largest {row['largest_difference']:.1e}; "
            f"ours {row['ours_s']:.3f} s, theirs {row['theirs_s']:.3f} s"
        )
    lines.append(f"    quantiles against scipy: largest difference {found['quantile_largest_difference']:.2%}")
    return lines
