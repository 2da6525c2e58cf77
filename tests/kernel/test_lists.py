"""Looking for many values at once: one statement for lists of any length, on both databases."""

import pytest
from sqlalchemy import Select, select, update

from storekeep.kernel import audit, settings, tables
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Database, Tx

ENTRY = tables.audit_entry
#: What breaks out of JSON, of an array literal, or of SQL when it is written carelessly.
ODD = ["plain", "", "it's", 'a "quote"', "back\\slash", "{curly,comma}", "NULL", "ünïcode €", "line\nbreak"]


def subjects(tx: Tx, query: Select[tuple[str]]) -> list[str]:
    return [row.subject_id for row in tx.rows(query.order_by(ENTRY.c.id))]


@pytest.fixture
def ids(db: Database) -> list[str]:
    """The ids of entries whose subjects are the odd texts."""
    with db.begin() as tx:
        audit.record(tx, [audit.Entry("a.b", "thing", text) for text in ODD])
    with db.read() as tx:
        return [row.id for row in tx.rows(select(ENTRY.c.id).order_by(ENTRY.c.id))]


def test_ids_are_found_and_an_empty_list_finds_nothing(db: Database, ids: list[str]) -> None:
    query = select(ENTRY.c.subject_id)
    with db.read() as tx:
        assert subjects(tx, query.where(among(ENTRY.c.id, ids[2:4]))) == ODD[2:4]
        assert subjects(tx, query.where(among(ENTRY.c.id, set(ids)))) == ODD
        assert subjects(tx, query.where(among(ENTRY.c.id, []))) == []


@pytest.mark.parametrize("text", ODD)
def test_any_text_is_found_as_it_is_and_nothing_else(db: Database, ids: list[str], text: str) -> None:
    with db.read() as tx:
        assert subjects(tx, select(ENTRY.c.subject_id).where(among(ENTRY.c.subject_id, [text, "x"]))) == [text]


def test_whole_numbers_are_found(db: Database) -> None:
    with db.begin() as tx:
        settings.write(tx, "a", 1)
        now = tx.now
    with db.read() as tx:
        found = select(tables.setting.c.key).where(among(tables.setting.c.updated_at, [now, 7]))
        assert [row.key for row in tx.rows(found)] == ["a"]


def test_a_statement_built_once_takes_a_list_each_time(db: Database, ids: list[str]) -> None:
    query = select(ENTRY.c.subject_id).where(among(ENTRY.c.id, listed("ids")), ENTRY.c.action == "a.b")
    with db.read() as tx:
        for start in range(3):
            rows = tx.rows(query.order_by(ENTRY.c.id), {"ids": ids[start : start + 2]})
            assert [row.subject_id for row in rows] == ODD[start : start + 2]


def test_rows_of_a_list_are_changed_together_with_another_condition(db: Database) -> None:
    with db.begin() as tx:
        for key in ("a", "b", "c"):
            settings.write(tx, key, key)
        table = tables.setting
        changed = update(table).where(among(table.c.key, ["a", "b", "z"]), table.c.value != '"b"')
        assert tx.run(changed.values(value='"new"')) == 1
        assert settings.read_all(tx) == {"a": "new", "b": "b", "c": "c"}


def test_a_list_is_looked_up_in_the_index(db: Database) -> None:
    query = select(tables.outbox.c.id).where(among(tables.outbox.c.key, ["a", "b"]))
    with db.begin() as tx:
        statement = str(query.compile(dialect=tx.conn.dialect))
        if tx.dialect == "sqlite":
            plan = " ".join(row[-1] for row in tx.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("[]",)))
            assert "SEARCH outbox USING INDEX" in plan
        else:
            tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = tx.conn.exec_driver_sql(f"EXPLAIN {statement}", {"param_1": ["a", "b"]})
            assert "Index Cond: (key = ANY" in " ".join(row[0] for row in rows)
