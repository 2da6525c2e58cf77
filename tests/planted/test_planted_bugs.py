"""Every planted bug applies, sells an ordinary order without a sound, and is found by the simulation."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planted import hunt, sell
from planted.bug import Bug
from planted.bugs import BUGS, BY_NAME
from planted.build import SOURCE, DoesNotApply, built, changed_text

#: Half of them in the quick part of the suite, the other half with the slow tests.
QUICK, REST = BUGS[::2], BUGS[1::2]
SEARCH = hunt.Search(days=30, seeds=(1, 2, 3, 4))
#: What a hunt hands to the report of the tests: the bug, what found it, the seed, the simulated days.
Record = Callable[[str, object], None]

each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)


def test_there_are_enough_bugs_and_no_two_are_the_same() -> None:
    assert 24 <= len(BUGS) <= 30
    assert len(BY_NAME) == len(BUGS)
    assert len({(bug.path, bug.old) for bug in BUGS}) == len(BUGS)


@each_bug
def test_a_bug_changes_one_place_and_the_file_still_compiles(bug: Bug) -> None:
    text = changed_text(bug)

    assert text != (SOURCE / bug.path).read_text()
    compile(text, bug.path, "exec")
    assert bug.why.endswith(".")


@pytest.mark.parametrize("old", ["what is not there", "def "])
def test_a_bug_that_fits_nowhere_or_twice_is_refused(old: str, tmp_path: Path) -> None:
    lost = Bug("lost", "kernel/money.py", old, "pass", "A test.")

    with pytest.raises(DoesNotApply, match=r"lost: what it replaces is \d+ times in kernel/money.py, not once"):
        built(lost, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_build_differs_from_the_shop_in_the_one_file(tmp_path: Path) -> None:
    bug = BY_NAME["last_unit_is_never_sold"]

    build = built(bug, tmp_path / "build")

    files = [path.relative_to(SOURCE) for path in SOURCE.rglob("*.py")]
    changed = [path for path in files if (build / "storekeep" / path).read_text() != (SOURCE / path).read_text()]
    assert changed == [Path(bug.path)]


def test_builds_sell_an_ordinary_order_without_a_sound(sqlite_template: Path, tmp_path: Path) -> None:
    assert sales(QUICK, sqlite_template, tmp_path) == {bug.name: "sold" for bug in QUICK}


@pytest.mark.long
def test_the_other_builds_sell_an_ordinary_order_too(sqlite_template: Path, tmp_path: Path) -> None:
    assert sales(REST, sqlite_template, tmp_path) == {bug.name: "sold" for bug in REST}


def test_a_bug_that_makes_a_sound_is_noticed(sqlite_template: Path, tmp_path: Path) -> None:
    loud = Bug("loud", "flows/tracking.py", '"""Tell the buyers', 'raise ValueError("loud")\n    """', "A test.")

    assert "ValueError: loud" in sales((loud,), sqlite_template, tmp_path)["loud"]


@pytest.mark.long
@each_bug
def test_the_simulation_finds_it(bug: Bug, tmp_path: Path, record_property: Record) -> None:
    catch = hunt.hunt(bug, tmp_path / bug.name, SEARCH)

    for name in ("bug", "found_by", "seed", "days"):
        record_property(name, getattr(catch, name))
    assert catch.is_found, f"{bug.name} was not found in {catch.days:.0f} simulated days. {bug.why}"


@pytest.mark.long
@pytest.mark.parametrize("seed", SEARCH.seeds)
def test_without_a_bug_nothing_is_found_and_the_same_seed_is_the_same_run(seed: int) -> None:
    first, second = (hunt.simulate(None, seed, SEARCH) for _ in range(2))

    assert first["violation"] is None
    assert first["hash"] == second["hash"]


def sales(bugs: tuple[Bug, ...], template: Path, folder: Path) -> dict[str, str]:
    """What each build answers when it is asked to sell, by the bug's name."""
    builds = [str(built(bug, folder / bug.name)) for bug in bugs]
    command = [sys.executable, sell.__file__, str(template), *builds]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(line.split(": ", 1) for line in run.stdout.splitlines())
