"""Restocking: policies, the runs that looked at demand, and what they suggested."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id

# ruff: noqa: E501 - laid out as Alembic writes it

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replenishment_policy",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=True),
        sa.Column("warehouse_id", Id(), nullable=True),
        sa.Column("abc_class", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_bp", sa.BigInteger(), nullable=False),
        sa.Column("review_days", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.BigInteger(), nullable=True),
        sa.Column("min_units", sa.BigInteger(), nullable=False),
        sa.Column("max_units", sa.BigInteger(), nullable=True),
        sa.Column("moq", sa.BigInteger(), nullable=False),
        sa.Column("multiple", sa.BigInteger(), nullable=False),
        sa.Column("max_cover_days", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(variant_id IS NULL) = (warehouse_id IS NULL)", name=op.f("ck_replenishment_policy_place")),
        sa.CheckConstraint("(variant_id IS NULL) = (abc_class IS NOT NULL)", name=op.f("ck_replenishment_policy_scope")),
        sa.CheckConstraint("abc_class IN ('A', 'B', 'C')", name=op.f("ck_replenishment_policy_abc_class")),
        sa.CheckConstraint("method IN ('forecast', 'min_max', 'off')", name=op.f("ck_replenishment_policy_method")),
        sa.CheckConstraint("target_kind IN ('fill', 'no_stock_out')", name=op.f("ck_replenishment_policy_target_kind")),
        sa.CheckConstraint("target_bp BETWEEN 5000 AND 9990", name=op.f("ck_replenishment_policy_target")),
        sa.CheckConstraint("review_days > 0 AND lead_days > 0 AND max_cover_days > 0", name=op.f("ck_replenishment_policy_days")),
        sa.CheckConstraint("min_units >= 0 AND max_units >= min_units AND moq >= 0 AND multiple > 0", name=op.f("ck_replenishment_policy_units")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_replenishment_policy_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_replenishment_policy_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_policy")),
        sa.UniqueConstraint("variant_id", "warehouse_id", name=op.f("uq_replenishment_policy_variant_id_warehouse_id")),
        sa.UniqueConstraint("abc_class", name=op.f("uq_replenishment_policy_abc_class")),
    )
    op.create_table(
        "replenishment_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.BigInteger(), nullable=False),
        sa.Column("weeks_until", sa.Text(), nullable=False),
        sa.Column("weeks", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("superseded", sa.BigInteger(), nullable=False),
        sa.Column("is_calibrated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_run")),
        sa.UniqueConstraint("command_id", name=op.f("uq_replenishment_run_command_id")),
    )
    op.create_index("ix_replenishment_run_ran", "replenishment_run", ["ran_at"], unique=False)
    _suggestions()


def _suggestions() -> None:
    op.create_table(
        "replenishment_suggestion",
        sa.Column("id", Id(), nullable=False),
        sa.Column("run_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=True),
        sa.Column("supplier_name", sa.Text(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_qty", sa.BigInteger(), nullable=True),
        sa.Column("command_id", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'accepted', 'edited', 'dismissed', 'superseded')", name=op.f("ck_replenishment_suggestion_status")),
        sa.CheckConstraint("qty >= 0 AND unit_cost_minor >= 0", name=op.f("ck_replenishment_suggestion_units")),
        sa.CheckConstraint("(status IN ('accepted', 'edited')) = (taken_qty IS NOT NULL)", name=op.f("ck_replenishment_suggestion_taken")),
        sa.CheckConstraint("taken_qty > 0", name=op.f("ck_replenishment_suggestion_taken_qty")),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_replenishment_suggestion_decided")),
        sa.ForeignKeyConstraint(["run_id"], ["replenishment_run.id"], name=op.f("fk_replenishment_suggestion_run_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_replenishment_suggestion_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_replenishment_suggestion_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_suggestion")),
    )
    is_open = sa.text("status = 'open'")
    op.create_index("uq_replenishment_suggestion_open", "replenishment_suggestion", ["variant_id", "warehouse_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_replenishment_suggestion_board", "replenishment_suggestion", ["supplier_name", "sku", "id"], unique=False, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_replenishment_suggestion_variant", "replenishment_suggestion", ["variant_id", "id"], unique=False)
    op.create_index("ix_replenishment_suggestion_decided", "replenishment_suggestion", ["decided_at"], unique=False)
