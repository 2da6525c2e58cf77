"""What a replay asks of the database must not take longer the more has happened before."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sheet import plan_of

from storekeep.kernel.schema import metadata
from storekeep.world.simulator.replay import run

#: Tables whose rows a shop counts in dozens, whatever its age.
SMALL = {
    "warehouse", "location", "setting", "number_sequence", "ledger_balance", "delivery_method", "sales_country",
    "tax_rate", "rate_card", "category",
}  # fmt: skip


@pytest.fixture
def asked() -> Iterator[dict[str, Any]]:
    """Every reading or changing statement that is run meanwhile, with parameters that it was run with."""
    found: dict[str, Any] = {}

    def remember(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip()[:6] in {"SELECT", "UPDATE", "DELETE"}:
            found.setdefault(statement, parameters[0] if many else parameters)

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", remember)


def test_driving_never_reads_through_a_table_that_grows(asked: dict[str, Any], tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    driving: dict[str, Any] = {}

    def progress(_rows: int) -> None:
        """Keep what was asked up to here: opening the shop and the count at the end may look at everything."""
        driving.update(asked)

    url = tmp_path / "replay.db"
    run.replay(f"sqlite:///{url}", plan, synchronous="OFF", with_verify=False, progress=progress)
    grows = {table.name for table in metadata.sorted_tables} - SMALL
    with sqlite3.connect(url) as db:
        asked_while_driving = {text: values for text, values in driving.items() if "sqlite_master" not in text}
        plans = {text: db.execute(f"EXPLAIN QUERY PLAN {text}", values) for text, values in asked_while_driving.items()}
        steps = [(step[3].split(), text) for text, plan in plans.items() for step in plan]
    scans = [text for words, text in steps if words[0] == "SCAN" and words[1] in grows and not _counts_all(text)]
    assert len(driving) > 100
    assert scans == []


def _counts_all(statement: str) -> bool:
    """The refusal of a database with products in it, asked once."""
    return statement.startswith("SELECT count(*)") and "WHERE" not in statement
