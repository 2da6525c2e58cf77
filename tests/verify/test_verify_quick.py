"""A quick run looks at what was touched lately, and at nothing else."""

import json

import pytest
from click.testing import CliRunner
from plantable import FAULTS
from planting import Fault, spoiled

from storekeep.doors.cli.verify_command import verify as command
from storekeep.flows import resolve
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Database
from storekeep.kernel.ids import smallest_id
from storekeep.shop.reports import verify
from storekeep.shop.reports.verify.scope import touched

BEGIN = 1_795_420_800_000_000
#: The stories end days before.
LATER = BEGIN + 6 * DAY
#: What a quick run looks at however old it is: the schema, the few people, places and accounts, the queues' open rows,
#: the pools together, parcels on their way with their labels, live batches, and the open lines of the restock board.
WHOLE = {"K5", "A1", "M10", "M12", "K1", "S1", "S19", "F1", "F2", "F3", "R1"}
#: The first fault of each of the others.
OLD = {fault.id: fault for fault in reversed(FAULTS) if fault.id not in WHOLE}
EVER = "1000000"


def test_a_sound_shop_is_sound_to_a_quick_run_from_any_moment(storied: Database) -> None:
    with storied.read() as tx:
        for hours in range(0, 5 * 24, 4):
            report = verify.run(tx, since=BEGIN - DAY + hours * DAY // 24)
            assert report.status == "ok", report.as_text()


def test_a_quick_run_of_everything_looks_at_every_order_that_a_full_one_looks_at(storied: Database) -> None:
    with storied.read() as tx:
        ids = ["O1", "O2", "M5", "M16", "S5", "X2", "C9"]
        full, quick = (verify.run(tx, ids, since=since).results for since in (None, BEGIN - DAY))
    assert [one.rows_checked for one in quick] == [one.rows_checked for one in full]


@pytest.mark.parametrize("fault", OLD.values(), ids=lambda fault: fault.id)
def test_an_old_fault_is_out_of_sight_of_a_quick_run(storied_url: str, fault: Fault) -> None:
    with spoiled(storied_url, fault, LATER) as (tx, _):
        assert verify.run(tx, [fault.id], since=LATER).results[0].status == "ok"
        assert verify.run(tx, [fault.id]).results[0].status == "broken"


def test_after_quiet_days_there_is_next_to_nothing_to_look_at(storied: Database) -> None:
    with storied.read() as tx:
        scope = touched(tx, LATER)
        report = verify.run(tx, since=LATER)
    assert (scope.lists["orders"], scope.lists["variants"], scope.lists["conversations"]) == ([], [], [])
    looked = {result.id: result.rows_checked for result in report.results}
    assert {looked[one] for one in ("G1", "G3", "G4", "O1", "O2", "M1", "M5", "S5", "C9", "X2", "K3", "K4")} == {0}


def test_an_old_fault_is_found_once_its_order_is_touched_again(storied_copy: Database) -> None:
    with storied_copy.begin(actor="tester") as tx:
        order = tx.sql("SELECT id, number FROM sales_order WHERE status = 'completed' ORDER BY number LIMIT 1")[0]
        wrong = "UPDATE sales_order SET goods_minor = goods_minor + 1 WHERE number = :number RETURNING id"
        tx.sql(wrong, {"number": order.number})
    with storied_copy.read() as tx:
        assert verify.run(tx, ["O1"], since=LATER).status == "ok"
    with storied_copy.begin(actor="owner") as tx:
        wish = RefundWish(goodwill_minor=1)
        resolve.refund(tx, str(order.id), wish, reason="for the wait", command_id="a cent")
    with storied_copy.read() as tx:
        result = verify.run(tx, ["O1"], since=LATER).results[0]
    assert (result.status, result.rows_checked) == ("broken", 1)
    assert [one.subject for one in result.offenders] == [f"order {order.number} {order.id}"]


def test_the_smallest_id_of_a_moment_parts_the_ids_before_it_from_those_after(storied: Database) -> None:
    made = storied.ids.new()
    now = storied.clock.now()
    assert smallest_id(now) <= made < smallest_id(now + 1000)
    assert smallest_id(-5) < made


def test_the_command_looks_at_the_last_hours_and_ends_like_a_full_run(storied_copy: Database) -> None:
    def ran(*options: str) -> tuple[int, list[str]]:
        done = CliRunner().invoke(command, ["--db", storied_copy.url, "--json", *options])
        return done.exit_code, json.loads(done.output)["broken"]

    assert ran("--quick") == (0, [])
    assert ran("--since", EVER) == (0, [])
    with storied_copy.begin(actor="tester") as tx:
        tx.sql("UPDATE sales_order SET goods_minor = goods_minor + 1 RETURNING id")
    assert ran("--since", EVER) == (1, ["O1"])
    assert ran("--since", EVER, "--id", "G1") == (0, [])
    refused = CliRunner().invoke(command, ["--db", storied_copy.url, "--since", "0"])
    assert (refused.exit_code, "0 is not in the range" in refused.stderr) == (2, True)
