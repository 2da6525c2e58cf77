"""Days of a whole shop in virtual time, with everything going wrong: nothing is lost, and one seed is one run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Database
from storekeep.shop.orders.tables import sales_order
from storekeep.world.simulator import simulation
from storekeep.world.simulator.market import Demand, NotEmpty, ShopSpec
from storekeep.world.simulator.play import Broken
from storekeep.world.simulator.simulation import Run, Setting

#: Small enough for a suite; `make long` plays years of the usual size.
SMALL = ShopSpec(skus=150, orders_per_year=8_000)
TINY = ShopSpec(skus=100, orders_per_year=3_500)


def played(url: str, days: int, seed: int, faults: str = "hostile", spec: ShopSpec = SMALL) -> tuple[Run, Database]:
    market = Demand(spec, simulation.first_moment(), days, seed)
    db = simulation.database(url, seed, market.start)
    return simulation.simulate(db, market, Setting(days, seed, faults)), db


def command(*options: str, hash_seed: str = "random") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(
        [sys.executable, "-m", "storekeep.doors.cli", "simulate", *options],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_two_hostile_days_break_nothing(tmp_path: Path, seed: int) -> None:
    run, db = played(f"sqlite:///{tmp_path}/shop.db", 2, seed, spec=SMALL if seed < 4 else TINY)
    db.close()
    assert run.violation is None
    assert run.tally["orders"] > 2
    assert run.checks > 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", [31, 32])
def test_thirty_hostile_days_break_nothing(tmp_path: Path, seed: int) -> None:
    run, db = played(f"sqlite:///{tmp_path}/shop.db", 30, seed, spec=TINY)
    db.close()
    assert run.violation is None
    assert any(name.startswith("fault: killed") for name in run.tally)
    assert len(run.samples) >= 30


@pytest.mark.parametrize("seed", [41])
def test_both_databases_live_through_hostile_days(db_url: str, seed: int) -> None:
    run, db = played(db_url, 2, seed, spec=TINY)
    db.close()
    assert run.violation is None


def test_a_shop_without_trouble_ends_quietly(tmp_path: Path) -> None:
    run, db = played(f"sqlite:///{tmp_path}/shop.db", 1, 1, "none", TINY)
    db.close()
    assert run.violation is None
    assert not [name for name in run.tally if name.startswith("fault")]


def test_one_seed_is_one_run_in_two_processes_whatever_their_hash_seed() -> None:
    options = ("--days", "1", "--seed", "9", "--faults", "hostile", "--skus", "100", "--orders", "2500", "--json")
    first, second = command(*options, hash_seed="1"), command(*options, hash_seed="2")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    one, other = (json.loads(each.stdout) for each in (first, second))
    one.pop("wall_s"), other.pop("wall_s")
    assert one == other
    third = json.loads(command(*options[:2], "--seed", "10", *options[4:]).stdout)
    assert third["hash"] != one["hash"]


def test_verifying_beside_the_play_changes_nothing(tmp_path: Path) -> None:
    def run(beside: bool) -> Run:
        market = Demand(TINY, simulation.first_moment(), 1, 9)
        db = simulation.database(f"sqlite:///{tmp_path}/{beside}.db", 9, market.start)
        try:
            return simulation.simulate(db, market, Setting(1, 9, "hostile"), beside=beside)
        finally:
            db.close()

    assert run(True) == run(False)


def test_until_plays_up_to_an_event_and_no_further_even_in_the_quiet_days_at_the_end(tmp_path: Path) -> None:
    whole, db = played(f"sqlite:///{tmp_path}/whole.db", 1, 6, spec=TINY)
    db.close()
    for until in (300, whole.events - 10):
        market = Demand(TINY, simulation.first_moment(), 1, 6)
        db = simulation.database(f"sqlite:///{tmp_path}/{until}.db", 6, market.start)
        run = simulation.simulate(db, market, Setting(1, 6, "hostile", until=until))
        db.close()
        assert run.events == until
    assert whole.end - DAY < run.end <= whole.end


@pytest.mark.parametrize("beside", [False, True])
def test_a_fault_in_the_books_is_found_with_the_event_and_told_how_to_replay(tmp_path: Path, beside: bool) -> None:
    """Somebody changes a total behind the ledger's back: the run stops there and says so."""
    market = Demand(TINY, simulation.first_moment(), 3, 6)
    db = simulation.database(f"sqlite:///{tmp_path}/shop.db", 6, market.start)

    def meddle(day: int) -> None:
        if day == 2:
            with db.begin() as tx:
                tx.run(update(sales_order).values(received_minor=sales_order.c.received_minor + 1))

    run = simulation.simulate(db, market, Setting(3, 6, "none"), progress=meddle, beside=beside)
    db.close()
    assert run.violation is not None
    assert run.violation.event > 0
    assert 1 <= run.violation.day <= 3


def test_a_shop_that_exists_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    _run, db = played(url, 1, 1, "none", TINY)
    with db.read() as tx:
        before = tx.scalar(sales_order.select().with_only_columns(sales_order.c.id).limit(1))
    db.close()
    with pytest.raises(NotEmpty):
        played(url, 1, 1, "none", TINY)
    told = command("--db", url, "--days", "1")
    assert told.returncode == 2
    assert "nothing was simulated" in told.stderr
    with db.read() as tx:
        assert tx.scalar(sales_order.select().with_only_columns(sales_order.c.id).limit(1)) == before
    db.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--faults", "wild"), "there is no fault profile 'wild'"),
        (("--demand", "nowhere.csv"), "there is no file nowhere.csv"),
        (("--db", "mysql://x"), "is no database address"),
        (("--days", "0"), "Invalid value for '--days'"),
    ],
)
def test_options_that_cannot_be_used_are_answered_clearly(options: tuple[str, ...], words: str) -> None:
    told = command(*options)
    assert told.returncode == 2
    assert words in told.stderr


def test_a_demand_file_with_bad_rows_names_them(tmp_path: Path) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    good = "".join(
        f"{536365 + n},{85123 + n % 3}A,CUP,{1 + n % 4},2010-12-0{1 + n % 2} 0{8 + n % 2}:26,2.55,{17850 + n},"
        "United Kingdom\n"
        for n in range(12)
    )
    file = tmp_path / "lines.csv"
    file.write_text(head + good + "536999,85123A,CUP,many,2010-12-01 09:00,2.55,17850,United Kingdom\n")
    told = command("--demand", str(file), "--faults", "none", "--rejects", str(tmp_path / "out.csv"), "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["orders"]["placed"] == 12
    assert "many" in (tmp_path / "out.csv").read_text()
    empty = tmp_path / "empty.csv"
    empty.write_text(head)
    assert command("--demand", str(empty)).returncode == 2


def test_a_broken_oracle_names_itself() -> None:
    assert str(Broken("G4", "reserved is not the sum")) == "G4: reserved is not the sum"
