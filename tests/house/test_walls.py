"""The walls of the house stand, and each contract catches the import that it forbids.

Every planted violation goes into a copy of the real tree, so these tests also fail when a contract is emptied or when a
package is renamed away from under it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOORS = "Floors: imports run downhill"
WINGS = "Wings: every wing has its place"
SHOP = "Shop: every package has its floor"
DOORS = "Doors: every door has its floor"
WORLD = "World: sandbox and demo stand alone"
PURE = "Models and states know no database and no web"
STORES = "Nobody touches another package's store"
CONTRACTS = {FLOORS, WINGS, SHOP, DOORS, WORLD, PURE, STORES}


def lint_imports(tree: Path) -> tuple[int, dict[str, str], str]:
    """Runs import-linter on a tree: exit status, the verdict on each contract by name, and everything it said."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", tree / ".importlinter", "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", said, flags=re.MULTILINE))
    return done.returncode, verdicts, said


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package and of its contracts, to spoil."""
    shutil.copytree(
        ROOT / "src" / "storekeep",
        tmp_path / "src" / "storekeep",
        ignore=lambda folder, names: [
            name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()
        ],
    )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def plant(tree: Path, file: str, line: str) -> None:
    """Adds one line to a module of the copy, which comes to exist if it did not."""
    path = tree / "src" / "storekeep" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as module:
        module.write(f"\n{line}\n")


def test_the_real_tree_keeps_every_contract() -> None:
    status, verdicts, said = lint_imports(ROOT)
    assert verdicts == dict.fromkeys(CONTRACTS, "KEPT"), said
    assert status == 0


UPHILL = [
    ("kernel/planted.py", "import storekeep.shop.catalog", {FLOORS, WINGS}),
    ("flows/planted.py", "import storekeep.world.sandbox", {WINGS}),
    ("flows/planted.py", "import storekeep.doors.web", {FLOORS, WINGS}),
    ("doors/web/planted.py", "import storekeep.flows", {FLOORS}),
    ("shop/catalog/planted.py", "import storekeep.shop.orders", {FLOORS, SHOP}),
    ("shop/orders/planted.py", "import storekeep.shop.returns", {FLOORS, SHOP}),
    ("shop/reports/planted.py", "import storekeep.flows", {FLOORS, WINGS}),
    ("doors/console/planted.py", "import storekeep.doors.storefront", {FLOORS, DOORS}),
    ("doors/web/planted.py", "import storekeep.doors.cli", {FLOORS, DOORS}),
    ("world/sandbox/planted.py", "import storekeep.shop.payments", {FLOORS}),
    ("world/demo/planted.py", "import storekeep.world.simulator", {FLOORS, WORLD}),
    ("world/simulator/planted.py", "import storekeep.doors.storefront", {FLOORS}),
]


@pytest.mark.parametrize(("file", "line", "broken"), UPHILL)
def test_an_import_uphill_or_next_door_is_caught(tree: Path, file: str, line: str, broken: set[str]) -> None:
    plant(tree, file, line)
    status, verdicts, said = lint_imports(tree)
    assert broken <= {name for name, verdict in verdicts.items() if verdict == "BROKEN"}, said
    assert status == 1


@pytest.mark.parametrize("wing", ["", "shop/", "doors/", "world/"])
def test_a_package_that_has_no_floor_is_caught(tree: Path, wing: str) -> None:
    plant(tree, f"{wing}attic/__init__.py", '"""Nobody gave this room a floor."""')
    status, _, said = lint_imports(tree)
    assert status == 1
    assert "attic" in said


IMPURE = [
    ("shop/orders/model.py", "import sqlalchemy", ""),
    ("shop/payments/states.py", "from starlette.requests import Request", ""),
    ("shop/catalog/model.py", "from jinja2 import Template", ""),
    ("shop/pricing/model.py", "import storekeep.kernel.planted", "import sqlalchemy"),
]


@pytest.mark.parametrize(("file", "line", "through"), IMPURE)
def test_a_model_that_reaches_the_database_or_the_web_is_caught(tree: Path, file: str, line: str, through: str) -> None:
    plant(tree, file, line)
    plant(tree, "kernel/planted.py", through)
    status, verdicts, said = lint_imports(tree)
    assert verdicts.get(PURE) == "BROKEN", said
    assert status == 1


BURGLARS = ["shop/fulfillment/planted.py", "doors/console/planted.py", "world/simulator/planted.py"]


@pytest.mark.parametrize("file", BURGLARS)
def test_touching_the_store_of_another_package_is_caught(tree: Path, file: str) -> None:
    plant(tree, "shop/inventory/store.py", "")
    plant(tree, file, "from storekeep.shop.inventory import store")
    status, verdicts, said = lint_imports(tree)
    assert verdicts.get(STORES) == "BROKEN", said
    assert status == 1


def test_a_package_may_use_its_own_store_and_the_verbs_of_others(tree: Path) -> None:
    plant(tree, "shop/inventory/store.py", "")
    plant(tree, "shop/inventory/planted.py", "from storekeep.shop.inventory import store")
    plant(tree, "flows/planted.py", "import storekeep.shop.inventory.planted")
    _, verdicts, said = lint_imports(tree)
    assert verdicts.get(STORES) == "KEPT", said
