"""A shop from before purchasing: its moves survive the new kind of move, as append-only as before."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError

from storekeep import migrations
from storekeep.kernel.db import Database

ID = "0192f000-0000-7000-8000-0000000000"
COLUMNS = (
    "id, warehouse_id, seq, variant_id, qty, from_location_id, to_location_id, kind, reason, value_minor, "
    "document_type, document_id, line_id, command_id, line_no, reverses_move_id, actor, posted_at"
)


def move(seq: int, kind: str) -> str:
    """A statement that writes a move of seven units."""
    values = (
        f"'{ID}{seq:02}', '{ID}50', {seq}, '{ID}51', 7, '{ID}52', '{ID}53', '{kind}', 'old', 70, 'receipt', "
        f"'{ID}54', NULL, 'c{seq}', 0, NULL, 'owner', 1"
    )
    return f"INSERT INTO stock_move ({COLUMNS}) VALUES ({values})"


@pytest.fixture
def old(db: Database, engine_kind: str, tmp_path: Path) -> Database:
    """A database of the schema before, with two moves in it; nothing that they name exists."""
    if engine_kind == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'old.db'}")
    else:
        url = sa.make_url(db.url).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE IF EXISTS old_shop")
            conn.exec_driver_sql("CREATE DATABASE old_shop")
        admin.dispose()
        made = Database(url.set(database="old_shop", drivername="postgresql").render_as_string(False))
    command.upgrade(migrations._config(made), "0004")
    write(made, move(1, "receive"), move(2, "quarantine"))
    return made


def write(db: Database, *statements: str) -> None:
    """Run statements without looking at foreign keys."""
    kind = "sqlite" if db.dialect == "sqlite" else "postgresql+psycopg"
    engine = sa.create_engine(sa.make_url(db.url).set(drivername=kind))
    with engine.begin() as conn:
        if kind != "sqlite":
            conn.exec_driver_sql("ALTER TABLE stock_move DISABLE TRIGGER ALL")
        for statement in statements:
            conn.exec_driver_sql(statement)
        if kind != "sqlite":
            conn.exec_driver_sql("ALTER TABLE stock_move ENABLE TRIGGER ALL")
    engine.dispose()


def moves(db: Database) -> list[tuple[object, ...]]:
    with db.read() as tx:
        return [
            tuple(row) for row in tx.sql("SELECT seq, kind, qty, value_minor, command_id FROM stock_move ORDER BY seq")
        ]


def test_old_moves_survive_and_goods_may_go_back_to_suppliers(old: Database) -> None:
    migrations.upgrade(old)
    assert moves(old) == [(1, "receive", 7, 70, "c1"), (2, "quarantine", 7, 70, "c2")]
    write(old, move(3, "return_out"))
    with pytest.raises(DBAPIError):
        write(old, move(4, "teleport"))
    for change in ("UPDATE stock_move SET qty = 8", "DELETE FROM stock_move"):
        with pytest.raises(DBAPIError, match="append-only"), old.begin() as tx:
            tx.run(sa.text(change))
    assert len(moves(old)) == 3
    if old.dialect == "sqlite":
        with old.read() as tx:
            assert tx.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    old.close()
