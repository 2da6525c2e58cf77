"""A shop of the release before lots is upgraded with its goods: they have no lot, and their books still agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from storekeep import migrations
from storekeep.kernel.db import Database
from storekeep.shop.reports.verify.run import run

NO_LOT = "00000000-0000-0000-0000-000000000000"


def name(n: int) -> str:
    return f"0192f000-0000-7000-8000-{n:012}"


HOUSE, SUPPLIER, BIN, SHELF, MUG, BLUE, MOVE, HELD, CART = (name(n) for n in range(9))
ROWS: dict[str, dict[str, Any]] = {
    "warehouse": {"id": HOUSE, "code": "MAIN", "name": "Main", "timezone": "UTC", "country": "DE", "postcode": "1",
                  "cutoff_hour": 14, "last_seq": 1},
    "location": {"id": SUPPLIER, "warehouse_id": HOUSE, "code": "S", "kind": "supplier", "is_owned": False,
                 "is_sellable": False, "walk_sequence": 0, "status": "active"},
    "location 2": {"id": BIN, "warehouse_id": HOUSE, "code": "A", "kind": "bin", "is_owned": True,
                   "is_sellable": True, "walk_sequence": 1, "status": "active"},
    "category": {"id": SHELF, "slug": "mugs", "name": "Mugs", "description": "", "position": 0},
    "product": {"id": MUG, "slug": "mug", "title": "Mug", "summary": "", "description": "", "category_id": SHELF,
                "tax_class": "standard", "status": "draft", "revision": 1, "created_at": 1, "updated_at": 1},
    "variant": {"id": BLUE, "product_id": MUG, "sku": "BLUE", "option_label": "", "price_minor": 100,
                "cost_minor": 10, "weight_g": 1, "length_mm": 1, "width_mm": 1, "height_mm": 1, "position": 0,
                "status": "active"},
    "stock_move": {"id": MOVE, "warehouse_id": HOUSE, "seq": 1, "variant_id": BLUE, "qty": 5,
                   "from_location_id": SUPPLIER, "to_location_id": BIN, "kind": "receive", "reason": "opening",
                   "value_minor": 50, "document_type": "receipt", "document_id": MOVE, "command_id": "c",
                   "line_no": 0, "actor": "owner", "posted_at": 1},
    "stock_balance": {"variant_id": BLUE, "location_id": SUPPLIER, "qty": -5, "assigned": 0, "last_seq": 1,
                      "is_owned": False},
    "stock_balance 2": {"variant_id": BLUE, "location_id": BIN, "qty": 5, "assigned": 0, "last_seq": 1,
                        "is_owned": True},
    "availability": {"variant_id": BLUE, "warehouse_id": HOUSE, "on_hand_sellable": 5, "reserved": 2, "buffer": 0,
                     "version": 1},
    "cost_pool": {"variant_id": BLUE, "warehouse_id": HOUSE, "qty": 5, "value_minor": 50},
    "reservation": {"id": HELD, "variant_id": BLUE, "warehouse_id": HOUSE, "qty": 2, "status": "cart",
                    "cart_id": CART, "expires_at": 10**15, "created_at": 1, "updated_at": 1},
}  # fmt: skip


@pytest.fixture
def empty(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without a schema."""
    if engine_kind == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'old.db'}")
    else:
        url = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE IF EXISTS before_lots WITH (FORCE)")
            conn.exec_driver_sql("CREATE DATABASE before_lots")
        admin.dispose()
        made = Database(url.set(database="before_lots", drivername="postgresql").render_as_string(False))
    yield made
    made.close()


def test_goods_of_before_have_no_lot_and_the_books_agree(empty: Database) -> None:
    command.upgrade(migrations._config(empty), "0002")
    with empty.begin("owner") as tx:
        for table, row in ROWS.items():
            columns, values = ", ".join(row), ", ".join(f"'{value}'" for value in row.values())
            statement = f"INSERT INTO {table.split()[0]} ({columns}) VALUES ({values})"
            tx.run(sa.text(statement.replace("'True'", "TRUE").replace("'False'", "FALSE")))
    migrations.upgrade(empty)
    migrations.check(empty)
    with empty.read() as tx:
        rows = tx.sql("SELECT qty, lot_id FROM stock_balance ORDER BY qty")
        assert [(row.qty, str(row.lot_id)) for row in rows] == [(-5, NO_LOT), (5, NO_LOT)]
        assert [(str(row.id), row.lot_id) for row in tx.sql("SELECT id, lot_id FROM reservation")] == [(HELD, None)]
        assert tx.sql("SELECT tracking, min_days_at_ship, shelf_life_days FROM variant")[0] == ("none", 0, None)
        report = run(tx, ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "K5", "V1", "V2", "V3", "V4"])
        assert [(one.id, one.offenders, one.reason) for one in report.results if one.status != "ok"] == []
    with pytest.raises(Exception, match="append-only"), empty.begin() as tx:
        tx.run(sa.text("UPDATE stock_move SET qty = 6"))
