"""The hunt for one bug: the simulation is run with it, seed after seed, until it is found or the seeds are used up."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planted.bug import Bug
from planted.build import built

#: How `storekeep simulate` ends.
CLEAN, VIOLATION = 0, 1
#: The size of the shop, unless it is said: products, and orders a year
SKUS, ORDERS = 1_000, 10_000


class SimulationFailed(Exception):
    """The simulation neither ended clean nor told a violation; the message has its last words."""


@dataclass(frozen=True, slots=True)
class Search:
    """How long to look: each seed for so many simulated days, with this profile of faults, in a shop of this size.

    A small shop has cheap days and shelves that are often empty: more of what is rare happens in an hour of looking.
    """

    days: int
    seeds: Sequence[int]
    faults: str = "hostile"
    skus: int = SKUS
    orders: int = ORDERS
    timeout_s: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Catch:
    """What became of a hunt. `days` are simulated ones, all of them: of the seeds before, too, that found nothing."""

    bug: str
    found_by: str = ""
    seed: int | None = None
    days: float = 0.0
    text: str = ""

    @property
    def is_found(self) -> bool:
        return bool(self.found_by)


def hunt(bug: Bug, folder: Path, search: Search) -> Catch:
    """Build the shop with this bug into `folder` and simulate it. Raises `SimulationFailed`, `DoesNotApply`."""
    build = built(bug, folder)
    spent = 0.0
    for seed in search.seeds:
        told = simulate(build, seed, search)
        if (found := told["violation"]) is not None:
            return Catch(bug.name, found["found_by"], seed, spent + found["day"], found["text"])
        spent += search.days
        if bug.found_by_twice:
            again = simulate(build, seed, search)
            spent += search.days
            if again["hash"] != told["hash"]:
                return Catch(bug.name, "same seed twice", seed, spent, f"{told['hash']} and {again['hash']}")
    return Catch(bug.name, days=spent)


def simulate(build: Path | None, seed: int, search: Search) -> dict[str, Any]:
    """One run of the shop in `build` (None: of the shop as it is), stopped at its first violation; its report."""
    command = [
        sys.executable, "-m", "storekeep.doors.cli", "simulate", "--days", str(search.days), "--seed", str(seed),
        "--faults", search.faults, "--skus", str(search.skus), "--orders", str(search.orders), "--json",
    ]  # fmt: skip
    env = dict(os.environ)
    if build is not None:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(build), env.get("PYTHONPATH"))))
    # From a folder of its own: the source of this project beside us must not be imported instead.
    run = subprocess.run(
        command, env=env, cwd=build, capture_output=True, text=True, timeout=search.timeout_s, check=False
    )
    try:
        told = json.loads(run.stdout)
    except ValueError:
        told = None
    if not isinstance(told, dict) or run.returncode != (CLEAN if told.get("violation") is None else VIOLATION):
        words = (run.stderr or run.stdout).strip()[-2_000:]
        raise SimulationFailed(f"seed {seed} ended with {run.returncode}: {words}")
    return told
