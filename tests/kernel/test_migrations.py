"""The migrations make exactly the schema that the tables describe, and say clearly when a database does not fit."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storekeep import migrations
from storekeep.kernel.db import Database, DatabaseUnusable
from storekeep.kernel.schema import append_only_ddl
from storekeep.shop.reports.schema import metadata

POSTGRES = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT sequencename, start_value FROM pg_sequences",
)


def shape(db: Database) -> set[Any]:
    """Everything that the database knows of its schema, in a form that can be compared."""
    inspector = sa.inspect(db.engine)
    if db.dialect == "postgresql":
        with db.engine.connect() as conn:
            return {tuple(row) for query in POSTGRES for row in conn.exec_driver_sql(query)}
    found: set[Any] = set()
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found |= {(table, "column", c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)}
        found |= {(table, "check", c["name"], c["sqltext"]) for c in inspector.get_check_constraints(table)}
        found |= {
            (table, "unique", u["name"], tuple(u["column_names"])) for u in inspector.get_unique_constraints(table)
        }
        found |= {(table, "key", f["name"], f["referred_table"]) for f in inspector.get_foreign_keys(table)}
        found |= {(table, "primary", tuple(inspector.get_pk_constraint(table)["constrained_columns"]))}
    with db.engine.connect() as conn:
        rest = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        found |= {tuple(row) for row in conn.exec_driver_sql(rest)}
        found |= {
            row[0] for row in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
        }
    return found


def test_the_migrations_make_the_schema_of_the_tables(db: Database, engine_kind: str, tmp_path: Path) -> None:
    if engine_kind == "sqlite":
        drawn = Database(f"sqlite:///{tmp_path / 'drawn.db'}")
    else:
        url = sa.make_url(db.url).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE IF EXISTS drawn")
            conn.exec_driver_sql("CREATE DATABASE drawn")
        admin.dispose()
        drawn = Database(url.set(database="drawn", drivername="postgresql").render_as_string(False))
    metadata.create_all(drawn.engine)
    with drawn.engine.begin() as conn:
        for statement in append_only_ddl(db.dialect):
            conn.exec_driver_sql(statement.replace("%", "%%") if db.dialect == "postgresql" else statement)
    assert shape(db) ^ shape(drawn) == set()
    drawn.close()


def test_running_the_migrations_again_changes_nothing(db: Database) -> None:
    before = shape(db)
    migrations.upgrade(db)
    assert shape(db) == before


def test_an_empty_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DatabaseUnusable, match="storekeep init"):
        migrations.check(db)
    db.close()


def test_a_database_of_a_newer_release_is_refused(db: Database) -> None:
    with db.begin() as tx:
        tx.run(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="newer Storekeep"):
        migrations.check(db)
