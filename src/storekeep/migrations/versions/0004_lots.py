"""Lots: their table, the lot of each move, balance and reservation, and what a variant says of them.

Goods that are there already have no lot: a balance of theirs has the lot `NO_LOT`, a move and a reservation none.
"""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id, append_only_ddl

# ruff: noqa: E501 - like what Alembic writes, and never changed again

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NO_LOT = "00000000-0000-0000-0000-000000000000"
TRACKING = "tracking IN ('none', 'lot', 'serial')"
SHELF_LIFE = "min_days_at_ship >= 0 AND (shelf_life_days IS NULL OR shelf_life_days > 0)"
OWNED = "NOT is_owned OR (qty >= 0 AND assigned >= 0 AND assigned <= qty)"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _lot()
    if dialect == "sqlite":
        _variant_on_sqlite()
        _balance_on_sqlite()
    else:
        _variant_on_postgresql()
        _balance_on_postgresql()
    for table in ("stock_move", "reservation"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("lot_id", Id(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_lot_id"), "lot", ["lot_id"], ["id"])
        _known(f"ix_{table}_lot", table, "lot_id")
    if dialect == "sqlite":  # a table that is written anew has lost its triggers
        for statement in append_only_ddl(dialect, ["stock_move"]):
            op.execute(statement)


def _lot() -> None:
    op.create_table(
        "lot",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("status_since", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('ok', 'quarantined', 'recalled', 'expired')", name=op.f("ck_lot_status")),
        sa.CheckConstraint("code <> '' AND code = upper(code) AND code = trim(code)", name=op.f("ck_lot_code_form")),
        sa.CheckConstraint("expires_on IS NULL OR expires_on LIKE '____-__-__'", name=op.f("ck_lot_expiry_form")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_lot_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("variant_id", "code", name=op.f("uq_lot_variant_id_code")),
    )
    _known("ix_lot_expiry", "lot", "expires_on")
    op.create_index("ix_lot_code", "lot", ["code"], unique=False)


def _known(name: str, table: str, column: str) -> None:
    known = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], unique=False, sqlite_where=known, postgresql_where=known)


def _variant_on_sqlite() -> None:
    """Column by column: the table cannot be written anew, because half of the shop points at it."""
    op.execute(f"ALTER TABLE variant ADD COLUMN tracking TEXT DEFAULT 'none' NOT NULL CONSTRAINT ck_variant_tracking CHECK ({TRACKING})")
    op.execute("ALTER TABLE variant ADD COLUMN shelf_life_days BIGINT")
    op.execute(f"ALTER TABLE variant ADD COLUMN min_days_at_ship BIGINT DEFAULT '0' NOT NULL CONSTRAINT ck_variant_shelf_life CHECK ({SHELF_LIFE})")


def _variant_on_postgresql() -> None:
    op.add_column("variant", sa.Column("tracking", sa.Text(), server_default="none", nullable=False))
    op.add_column("variant", sa.Column("shelf_life_days", sa.BigInteger(), nullable=True))
    op.add_column("variant", sa.Column("min_days_at_ship", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_variant_tracking"), "variant", TRACKING)
    op.create_check_constraint(op.f("ck_variant_shelf_life"), "variant", SHELF_LIFE)


def _balance_on_sqlite() -> None:
    op.drop_index("ix_stock_balance_location", "stock_balance")
    op.rename_table("stock_balance", "stock_balance_before")
    op.create_table(
        "stock_balance",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("assigned", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.CheckConstraint(OWNED, name=op.f("ck_stock_balance_owned")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_balance_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_balance_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", "location_id", "lot_id", name=op.f("pk_stock_balance")),
    )
    columns = "qty, assigned, last_seq, is_owned"
    op.execute(
        f"INSERT INTO stock_balance (variant_id, location_id, lot_id, {columns}) "  # noqa: S608 - constants
        f"SELECT variant_id, location_id, '{NO_LOT}', {columns} FROM stock_balance_before"
    )
    op.drop_table("stock_balance_before")
    op.create_index("ix_stock_balance_location", "stock_balance", ["location_id"], unique=False)


def _balance_on_postgresql() -> None:
    op.add_column("stock_balance", sa.Column("lot_id", Id(), server_default=NO_LOT, nullable=False))
    op.alter_column("stock_balance", "lot_id", server_default=None)
    op.drop_constraint("pk_stock_balance", "stock_balance", type_="primary")
    op.create_primary_key(op.f("pk_stock_balance"), "stock_balance", ["variant_id", "location_id", "lot_id"])
