"""`storekeep verify` on the command line: what it prints, how it ends, and that it never writes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import SQLAlchemyError

from storekeep.doors.cli.verify_command import verify as command
from storekeep.kernel.db import Database
from storekeep.shop.inventory.tables import cost_pool
from storekeep.shop.reports import verify
from storekeep.shop.reports.verify.run import INVARIANTS


def spoil(db: Database) -> None:
    """A cent too much in a pool that does not exist otherwise: no schema forbids it."""
    with db.begin(actor="tester") as tx:
        tx.run(cost_pool.update().values(value_minor=cost_pool.c.value_minor + 1))


def test_a_sound_shop_ends_with_0_and_one_line_per_invariant(storied_url: str) -> None:
    done = CliRunner().invoke(command, ["--db", storied_url])
    assert done.exit_code == 0, done.output
    lines = done.output.strip().splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [[each.id, "ok"] for each in INVARIANTS]
    assert lines[-1] == f"All {len(INVARIANTS)} invariants hold."


def test_the_json_names_every_invariant_with_its_rows_and_time(storied_url: str) -> None:
    done = CliRunner().invoke(command, ["--db", storied_url, "--json"])
    assert done.exit_code == 0
    report = json.loads(done.output)
    assert (report["status"], report["broken"]) == ("ok", [])
    assert [one["id"] for one in report["invariants"]] == [each.id for each in INVARIANTS]
    for one in report["invariants"]:
        assert set(one) == {
            "id", "sentence", "status", "rows_checked", "offender_count", "offenders", "milliseconds", "reason",
        }  # fmt: skip
        assert one["rows_checked"] > 0
        assert one["milliseconds"] >= 0
        assert one["offenders"] == []


def test_a_broken_invariant_ends_with_1_and_names_its_rows(storied_copy: Database) -> None:
    spoil(storied_copy)
    done = CliRunner().invoke(command, ["--db", storied_copy.url, "--json", "--id", "m10", "--id", "G7"])
    assert done.exit_code == 1
    report = json.loads(done.output)
    assert report["broken"] == ["G7", "M10"]
    assert [one["id"] for one in report["invariants"]] == ["G7", "M10"]
    offender = report["invariants"][0]["offenders"][0]
    assert offender["subject"].startswith("cost_pool ")
    assert int(offender["found"]) == int(offender["expected"]) + 1
    told = CliRunner().invoke(command, ["--db", storied_copy.url, "--id", "G7"])
    assert (told.exit_code, told.output.strip().splitlines()[-1]) == (1, "broken: G7.")


def test_more_offenders_than_fit_are_counted(storied_copy: Database) -> None:
    with storied_copy.begin(actor="tester") as tx:
        tx.sql("UPDATE sales_order SET goods_minor = goods_minor + 1 RETURNING id")
        tx.sql("UPDATE order_line SET unit_price_minor = unit_price_minor + 1 RETURNING id")
    with storied_copy.read() as tx:
        result = verify.run(tx, ["O1"]).results[0]
        orders, lines = (int(tx.sql(f"SELECT COUNT(*) FROM {table}")[0][0]) for table in ("sales_order", "order_line"))
    assert result.offender_count == orders + lines
    assert len(result.offenders) == min(orders, 20) + min(lines, 20)
    assert f"and {result.offender_count - len(result.offenders)} more" in verify.Report((result,)).as_text()


def test_what_cannot_be_checked_is_not_run_and_the_rest_goes_on(storied_copy: Database) -> None:
    with storied_copy.engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE discount_use")
    chosen = [part for one in ("G1", "O1", "M1") for part in ("--id", one)]
    done = CliRunner().invoke(command, ["--db", storied_copy.url, "--json", *chosen])
    assert done.exit_code == 2
    found = json.loads(done.output)["invariants"]
    assert [(one["id"], one["status"]) for one in found] == [("G1", "ok"), ("O1", "not run"), ("M1", "ok")]
    assert "discount_use" in found[1]["reason"]
    assert CliRunner().invoke(command, ["--db", storied_copy.url]).exit_code == 1, "K5 misses the table"


def test_a_database_that_is_not_there_is_not_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--db", f"sqlite:///{tmp_path}/nothing.db"])
    assert done.exit_code == 2
    assert "nothing was checked" in done.stderr
    assert not (tmp_path / "nothing.db").exists()


def test_an_invariant_that_there_is_not_is_refused_by_name(storied_url: str) -> None:
    done = CliRunner().invoke(command, ["--db", storied_url, "--id", "G99"])
    assert done.exit_code == 2
    assert "there is no invariant G99" in done.stderr


def test_the_list_needs_no_database() -> None:
    done = CliRunner().invoke(command, ["--list", "--db", "sqlite:///nowhere/nothing.db"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()] == [each.id for each in INVARIANTS]


def test_ids_are_unique_and_every_sentence_is_one() -> None:
    ids = [each.id for each in INVARIANTS]
    assert len(set(ids)) == len(ids)
    assert all(each.sentence.endswith(".") and len(each.sentence) <= 100 for each in INVARIANTS)


def test_verify_runs_where_nothing_can_be_written(storied: Database) -> None:
    with storied.read() as tx:
        assert verify.run(tx).status == "ok"
        with pytest.raises(SQLAlchemyError, match=r"read-?only"):
            tx.sql("DELETE FROM search_term")
