"""Figures in words: what was measured, on what, and how it stands to the aims of docs/figures.md."""

from collections.abc import Mapping
from typing import Any


def place(found: Mapping[str, Any]) -> str:
    """The report of `bench place`."""
    how = f"over HTTP, {found['connections']} connections" if found["connections"] else "in one process, without HTTP"
    lines = [
        f"place  {found['database']}, {found['orders']} orders of {found['lines_per_order']} lines, "
        f"{found['skus']} SKUs, {how}"
    ]
    for name, run in found["runs"].items():
        lines.append(f"  {name:8} {run['orders_per_s']:>6} orders/s" + _rest(run))
    loop = found["bare_loop"]
    lines.append(f"  bare loop, one transaction per order {loop['one_by_one_per_s']:>6} orders/s")
    lines.append(f"  bare loop, groups of 64              {loop['groups_of_64_per_s']:>6} orders/s")
    if {"spread", "hot"} <= set(found["runs"]):
        both = found["runs"]
        lines.append(f"  hot is {both['hot']['orders_per_s'] / both['spread']['orders_per_s']:.2f} of spread")
    return "\n".join([*lines, machine(found)])


def _rest(run: Mapping[str, Any]) -> str:
    words = []
    if "p50_ms" in run:
        words.append(f"p50 {run['p50_ms']} ms, p99 {run['p99_ms']} ms")
    words.append(f"batches of {run['mean_batch']}")
    for key, label in (
        ("cpu_percent", "CPU"),
        ("server_cpu_percent", "CPU server"),
        ("database_cpu_percent", "database"),
        ("driver_cpu_percent", "driver"),
    ):
        if key in run:
            words.append(f"{label} {run[key]} %")
    words.append(f"{run['of_bare_loop']} of the bare loop")
    return "   " + ", ".join(words)


def browse(found: Mapping[str, Any]) -> str:
    """The report of `bench browse`."""
    lines = [f"browse {found['database']}, {found['skus']} products, {found['connections']} connections"]
    for page, phases in found["runs"].items():
        for phase, run in phases.items():
            note = f", {run['not_modified']} answered 304" if "not_modified" in run else ""
            lines.append(
                f"  {page:8} {phase:12} {run['requests_per_s']:>6} req/s   p50 {run['p50_ms']} ms, "
                f"p99 {run['p99_ms']} ms{note}"
            )
    return "\n".join([*lines, machine(found)])


def machine(found: Mapping[str, Any]) -> str:
    """What it was measured on."""
    box = found["machine"]
    return f"  on {box['cores']} cores ({box['cpu']}), Python {box['python']}, load {box['load']:.1f} at the end"
