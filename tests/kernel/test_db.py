"""Transactions, bulk inserts and append-only tables, on both databases."""

import pytest
import sqlalchemy as sa

from storekeep.kernel import audit, numbers, settings, tables
from storekeep.kernel.db import Database, OutsideCallInTransaction, refuse_inside_transaction


def test_many_rows_go_in_at_once_and_come_back_unchanged(db: Database) -> None:
    with db.begin(actor="owner") as tx:
        audit.record(tx, [audit.Entry("a.b", "thing", str(n), None, {"n": n}) for n in range(500)])
    with db.read() as tx:
        rows = tx.rows(tables.audit_entry.select().order_by(tables.audit_entry.c.id))
        assert [row.subject_id for row in rows] == [str(n) for n in range(500)]
        assert rows[7].after == '{"n":7}'


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_an_append_only_table_refuses_changes(db: Database, statement: str) -> None:
    with db.begin() as tx:
        audit.record(tx, [audit.Entry("a.b", "thing", "1")])
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.begin() as tx:
        tx.sql(statement)


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError), db.begin() as tx:
        settings.write(tx, "shop.name", "Gone")
        raise RuntimeError
    with db.read() as tx:
        assert settings.read(tx, "shop.name") is None


def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), db.read() as tx:
        settings.write(tx, "shop.name", "No")


def test_the_outside_is_never_called_inside_a_transaction(db: Database) -> None:
    refuse_inside_transaction()
    with db.begin(), pytest.raises(OutsideCallInTransaction):
        refuse_inside_transaction()


def test_numbers_follow_each_other(db: Database) -> None:
    with db.begin() as tx:
        assert numbers.take(tx, "order", 3) == [1001, 1002, 1003]
        assert numbers.take(tx, "order") == [1004]


def test_a_setting_changed_is_audited_with_before_and_after(db: Database) -> None:
    with db.begin(actor="owner") as tx:
        settings.write(tx, "shop.name", "One")
        settings.write(tx, "shop.name", "Two")
        settings.write(tx, "shop.name", "Two")
    with db.read() as tx:
        rows = tx.rows(tables.audit_entry.select().order_by(tables.audit_entry.c.id))
        assert [(row.before, row.after) for row in rows] == [(None, '"One"'), ('"One"', '"Two"')]


def test_a_transaction_reads_what_it_has_set_and_the_next_one_reads_anew(db: Database) -> None:
    with db.begin() as tx:
        assert settings.read(tx, "shop.tags", []) == []
        settings.write(tx, "shop.tags", ["a"])
        settings.read(tx, "shop.tags").append("never kept")
        assert settings.read(tx, "shop.tags") == ["a"]
    with db.begin() as tx:
        settings.write(tx, "shop.tags", ["b"])
    with db.read() as tx:
        assert settings.read(tx, "shop.tags") == ["b"]
