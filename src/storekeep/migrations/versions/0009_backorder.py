"""Selling before the goods are here: limits and promises, orders that wait, low stock, and who wants to be told."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id

# ruff: noqa: E501 - the tables were written by Alembic, and are never changed again

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: The new statuses of a reservation stand behind the last of the old ones, in the words of either database.
LAST, NEW = "'released'", ("'ahead'", "'waiting'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _allow_on_postgresql()
    else:
        _allow_on_sqlite()
    op.add_column("reservation", sa.Column("promised_on", sa.Text(), nullable=True))
    _create()


def _allow_on_postgresql() -> None:
    """The check is made anew from what it says now, so that statuses that others have added stay."""
    said = (
        op.get_bind()
        .exec_driver_sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_reservation_status'")
        .scalar_one()
    )
    more = ", ".join(f"{word}::text" for word in (LAST, *NEW))
    op.execute("ALTER TABLE reservation DROP CONSTRAINT ck_reservation_status")
    op.execute(f"ALTER TABLE reservation ADD CONSTRAINT ck_reservation_status {said.replace(f'{LAST}::text', more)}")


def _allow_on_sqlite() -> None:
    """Only the text of the check changes and nothing on the disk does, so the schema is edited in place, as SQLite
    documents it for such a change (lang_altertable, "other kinds of table schema changes")."""
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'reservation' AND instr(sql, ?)",
        (LAST, ", ".join((LAST, *NEW)), LAST),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the check of the statuses of reservations is not where it is expected; nothing was changed")
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")


def _create() -> None:
    op.create_table(
        "sell_ahead",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("limit_units", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.BigInteger(), nullable=False),
        sa.Column("ships_on", sa.Text(), nullable=True),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('backorder', 'preorder', 'stopped')", name=op.f("ck_sell_ahead_kind")),
        sa.CheckConstraint("waiting >= 0 AND waiting <= limit_units", name=op.f("ck_sell_ahead_waiting")),
        sa.CheckConstraint("lead_days >= 0 AND lead_days <= 365", name=op.f("ck_sell_ahead_lead_days")),
        sa.CheckConstraint("kind <> 'preorder' OR ships_on IS NOT NULL", name=op.f("ck_sell_ahead_preorder_day")),
        sa.CheckConstraint("ships_on IS NULL OR ships_on LIKE '____-__-__'", name=op.f("ck_sell_ahead_day_form")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_sell_ahead_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_sell_ahead_warehouse_id")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_sell_ahead")),
    )
    op.create_table(
        "low_stock_level",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_low_stock_level_units")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_low_stock_level_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_low_stock_level")),
    )
    op.create_table(
        "low_stock",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_low_stock_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_low_stock")),
    )
    op.create_table(
        "order_wait",
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("ready_on", sa.Text(), nullable=False),
        sa.Column("first_ready_on", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_order_wait_ended")),
        sa.CheckConstraint("outcome IN ('started', 'dropped')", name=op.f("ck_order_wait_outcome")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_wait_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_wait")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index("ix_order_wait_open", "order_wait", ["ready_on"], unique=False, sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "stock_signup",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('asked', 'confirmed', 'told', 'ended')", name=op.f("ck_stock_signup_status")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_stock_signup_email_form")),
        sa.CheckConstraint("status NOT IN ('confirmed', 'told') OR confirmed_at IS NOT NULL", name=op.f("ck_stock_signup_confirmed")),
        sa.CheckConstraint("status <> 'told' OR told_at IS NOT NULL", name=op.f("ck_stock_signup_told")),
        sa.CheckConstraint("status <> 'ended' OR ended_at IS NOT NULL", name=op.f("ck_stock_signup_ended")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_signup_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_signup")),
    )
    is_live = sa.text("status IN ('asked', 'confirmed')")
    op.create_index("uq_stock_signup_live", "stock_signup", ["variant_id", "email"], unique=True, sqlite_where=is_live, postgresql_where=is_live)
    op.create_index("ix_stock_signup_variant", "stock_signup", ["variant_id", "status", "confirmed_at"], unique=False)
