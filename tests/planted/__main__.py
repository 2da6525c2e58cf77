"""Hunts all planted bugs and prints what found each, as Markdown: `python -m planted`, with tests/ on PYTHONPATH.

    PYTHONPATH=tests python -m planted --days 30 --seeds 1-4 [--jobs 2] [--faults hostile] [NAME...]

Ends with 1 when a bug was not found, or when the simulation itself failed.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# `python -m tests.planted` from the root of the project is welcome too.
sys.path.insert(0, str(Path(__file__).parents[1]))

from planted.bug import Bug
from planted.bugs import BUGS, BY_NAME
from planted.build import DoesNotApply
from planted.hunt import ORDERS, SKUS, Catch, Search, SimulationFailed, hunt, simulate


def seeds(text: str) -> list[int]:
    """ "3" is 3; "1-4" is 1 to 4; "1,7" is both."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def table(catches: Sequence[Catch]) -> str:
    """The hunt as a Markdown table; a bug that was not found says how long it was looked for."""
    rows = ["| bug | found by | seed | simulated days |", "| --- | --- | ---: | ---: |"]
    for catch in catches:
        found_by = catch.found_by or f"**not found** {catch.text}".strip()
        seed = "" if catch.seed is None else str(catch.seed)
        rows.append(f"| {catch.bug.replace('_', ' ')} | {found_by} | {seed} | {catch.days:.1f} |")
    return "\n".join(rows)


def one(bug: Bug, folder: Path, search: Search) -> Catch:
    """A hunt whose failure is part of the table; each is told as it ends."""
    try:
        catch = hunt(bug, folder / bug.name, search)
    except (DoesNotApply, SimulationFailed) as failure:
        catch = Catch(bug.name, text=" ".join(str(failure).split())[-300:])
    found = f"{catch.found_by} on day {catch.days:.1f}" if catch.is_found else f"not found in {catch.days:.0f} days"
    sys.stderr.write(f"{bug.name}: {found} {' '.join(catch.text.split())[:300]}\n")
    return catch


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="planted", description="Hunt the planted bugs with the simulated shop.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*BY_NAME, []], help="only these bugs")
    parser.add_argument("--days", type=int, default=30, help="simulated days per seed (30)")
    parser.add_argument("--seeds", type=seeds, default=[1, 2, 3, 4], help="such as 1-5 or 1,7 (1-4)")
    parser.add_argument("--faults", default="hostile", choices=("none", "calm", "hostile"))
    parser.add_argument("--skus", type=int, default=SKUS, help="products of the shop (1,000)")
    parser.add_argument("--orders", type=int, default=ORDERS, help="orders a year (10,000)")
    parser.add_argument("--jobs", type=int, default=2, help="simulations at the same time (2)")
    asked = parser.parse_args()
    search = Search(asked.days, asked.seeds, asked.faults, asked.skus, asked.orders)
    try:
        sound = simulate(None, search.seeds[0], search)
    except SimulationFailed as failure:
        sys.stderr.write(f"the simulation without any bug failed: {failure}\n")
        return 1
    if sound["violation"] is not None:
        sys.stderr.write(f"without any bug there is a violation already: {sound['violation']}\n")
        return 1
    wanted = [BY_NAME[name] for name in asked.names] or list(BUGS)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        catches = list(pool.map(lambda bug: one(bug, Path(folder), search), wanted))
    sys.stdout.write(table(catches) + "\n")
    found = sum(catch.is_found for catch in catches)
    sys.stdout.write(f"\n{found} of {len(catches)} planted bugs were found.\n")
    return 0 if found == len(catches) else 1


if __name__ == "__main__":
    raise SystemExit(main())
