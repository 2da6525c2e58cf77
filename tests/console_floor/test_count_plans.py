"""A look at the counting pages never reads through the whole ledger of goods, however long it has become."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from floor_desk import Desk

from storekeep.flows import count
from storekeep.kernel.db import Database
from storekeep.shop.inventory import count_queries, locations
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.queries import balances_of

PAGES = ("", "?stage=review", "/due", "/due?class=suspects", "/lines?lately=1", "/review", "/rules")


@contextmanager
def heard() -> Iterator[dict[str, Any]]:
    """Every statement that is run meanwhile, with its parameters."""
    found: dict[str, Any] = {}

    def remember(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        found.setdefault(statement, parameters[0] if many and parameters else parameters)

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", remember)


def scans(db: Database, statement: str, values: Any) -> bool:
    """Whether the database would read all of `stock_move` for this statement, given every index it could use instead.

    A planner of a small table prefers to read it whole, so PostgreSQL is told not to where there is another way.
    """
    with db.read() as tx:
        if db.dialect == "sqlite":
            named = {"stock_move"} | {word for word in ("m",) if "stock_move AS m" in statement}
            steps = [row[-1].split() for row in tx.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            return any(words[0] == "SCAN" and words[1] in named for words in steps)
        tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = tx.conn.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    return any(
        node.get("Relation Name") == "stock_move" and "Index Cond" not in node and "Bitmap" not in node["Node Type"]
        for node in nodes(plan[0]["Plan"])
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all below it."""
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def test_no_counting_page_reads_the_whole_ledger(desk: Desk) -> None:
    count.sort_goods(desk.shop.db)
    with desk.shop.db.begin("staff:ann") as tx:
        at = balances_of(tx, [desk.shop.variants["MUG"]])[0].location_id
        other = balances_of(tx, [desk.shop.variants["TEA"]])[0].location_id
        tasks = count.open_tasks(tx, [TaskDraft(at, "cycle", "asked"), TaskDraft(other, "cycle", "asked")])
        lines = [count_queries.lines_of(tx, task)[0].id for task in tasks]
        told = count.count_lines(tx, [Entry(lines[0], 4)], "count 1")
        assert told[0].status == "recount"
    with desk.shop.db.begin("staff:bob") as tx:
        assert count.count_lines(tx, [Entry(lines[0], 5)], "count 2")[0].status == "review"
        code = locations.load(tx, [other])[other].code
    addresses = [*PAGES, f"/{tasks[0]}", f"/{tasks[1]}", f"/{tasks[1]}?at={code}", f"/{tasks[1]}?at={code}&code=TEA"]
    with heard() as asked:
        for address in addresses:
            assert desk.get(f"/console/counts{address}").status == 200, address
    of_moves = {text: values for text, values in asked.items() if "stock_move" in text and "pg_catalog" not in text}
    assert of_moves, "what moved since a count is told, from the ledger"
    assert [text for text, values in of_moves.items() if scans(desk.shop.db, text, values)] == []


def test_the_look_at_plans_sees_a_full_reading(db: Database) -> None:
    assert scans(db, "SELECT SUM(qty) FROM stock_move WHERE kind = 'ship'", ())
    assert not scans(db, "SELECT qty FROM stock_move WHERE document_id = '0192f000-0000-7000-8000-000000000001'", ())
