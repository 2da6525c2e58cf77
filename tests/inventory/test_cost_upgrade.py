"""A shop of the release before cost layers is upgraded: its pools become layers, and every departure agrees."""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from stockroom import Stockroom

from storekeep import migrations
from storekeep.kernel.db import Database
from storekeep.shop.inventory import adjusting
from storekeep.shop.reports.verify.run import run

NEW = ("landed_cost_line", "landed_cost", "cost_adjustment", "cost_entry", "cost_layer", "mail_attachment")


def test_pools_become_pooled_layers_with_an_entry_for_each_move(db: Database, tmp_path: Path) -> None:
    room = Stockroom(db)
    for name, cost in (("MUG", 100), ("BOWL", 333), ("MUG", 250)):
        room.stock(name, 5, cost=cost)
        with db.begin("staff:somebody") as tx:
            adjusting.scrap(tx, room.variants[name], room.bins["A-1"], 2, "broken", room.command())
    with db.begin("staff:somebody") as tx:
        adjusting.scrap(tx, room.variants["BOWL"], room.bins["A-1"], 3, "broken", room.command())
    with db.read() as tx:
        layers = [tuple(row) for row in tx.sql("SELECT id, qty, value_minor, is_open FROM cost_layer ORDER BY id")]
        entries = tx.sql("SELECT COUNT(*), SUM(qty), SUM(value_minor) FROM cost_entry")[0]
    config = migrations._config(db)
    before = ScriptDirectory.from_config(config).get_revision("0010").down_revision
    with db.begin("owner") as tx:
        for table in NEW:
            tx.conn.exec_driver_sql(f"DROP TABLE {table}")
        if db.dialect == "postgresql":
            tx.conn.exec_driver_sql("DROP SEQUENCE number_landed_cost")
        tx.conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{before}'")
    command.upgrade(config, "0010")
    with db.read() as tx:
        assert [
            tuple(row) for row in tx.sql("SELECT id, qty, value_minor, is_open FROM cost_layer ORDER BY id")
        ] == layers
        assert tx.sql("SELECT COUNT(*), SUM(qty), SUM(value_minor) FROM cost_entry")[0] == entries
        report = run(tx, ["G7", "V1", "V2", "V3", "V4", "K5"])
        assert [(one.id, one.offenders, one.reason) for one in report.results if one.status != "ok"] == []
