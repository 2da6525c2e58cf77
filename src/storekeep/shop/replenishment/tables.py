"""Policies, runs and suggestions. A suggestion's inputs are frozen: they alone must give its quantity again."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import at, flag, id_column, integer, metadata, ref, text

#: Of one variant in one warehouse, or the default of a class of turnover (A, B or C).
replenishment_policy = Table(
    "replenishment_policy",
    metadata,
    id_column(),
    ref("variant_id", "variant.id", nullable=True),
    ref("warehouse_id", "warehouse.id", nullable=True),
    text("abc_class", nullable=True),
    text("method"),
    text("target_kind"),
    #: What is wanted of the shelf, in basis points
    integer("target_bp"),
    integer("review_days"),
    #: None: as learned from the supplier's deliveries
    integer("lead_days", nullable=True),
    #: Bounds of the level S, in units
    integer("min_units"),
    integer("max_units", nullable=True),
    integer("moq"),
    integer("multiple"),
    integer("max_cover_days", nullable=True),
    at("updated_at"),
    UniqueConstraint("variant_id", "warehouse_id"),
    UniqueConstraint("abc_class"),
    CheckConstraint("(variant_id IS NULL) = (warehouse_id IS NULL)", name="place"),
    CheckConstraint("(variant_id IS NULL) = (abc_class IS NOT NULL)", name="scope"),
    CheckConstraint("abc_class IN ('A', 'B', 'C')", name="abc_class"),
    CheckConstraint("method IN ('forecast', 'min_max', 'off')", name="method"),
    CheckConstraint("target_kind IN ('fill', 'no_stock_out')", name="target_kind"),
    CheckConstraint("target_bp BETWEEN 5000 AND 9990", name="target"),
    CheckConstraint("review_days > 0 AND lead_days > 0 AND max_cover_days > 0", name="days"),
    CheckConstraint("min_units >= 0 AND max_units >= min_units AND moq >= 0 AND multiple > 0", name="units"),
)

replenishment_run = Table(
    "replenishment_run",
    metadata,
    id_column(),
    text("command_id", unique=True),
    text("actor"),
    at("ran_at"),
    #: The local Monday after the last week that was learned from, and how many weeks were
    text("weeks_until"),
    integer("weeks"),
    integer("looked_at"),
    integer("made"),
    integer("kept"),
    integer("superseded"),
    flag("is_calibrated"),
    Index("ix_replenishment_run_ran", "ran_at"),
)

_OPEN = sql_text("status = 'open'")

replenishment_suggestion = Table(
    "replenishment_suggestion",
    metadata,
    id_column(),
    ref("run_id", "replenishment_run.id"),
    ref("variant_id", "variant.id"),
    ref("warehouse_id", "warehouse.id"),
    text("sku"),
    integer("qty"),
    text("status"),
    #: JSON of `model.Inputs`, and of the sentences that explain them
    text("inputs"),
    text("reasons"),
    #: Who would be asked, as known then; without a supplier the name is empty
    id_column("supplier_id", nullable=True),
    text("supplier_name"),
    integer("unit_cost_minor"),
    integer("taken_qty", nullable=True),
    text("command_id", nullable=True),
    text("decided_by", nullable=True),
    text("note", nullable=True),
    at("decided_at", nullable=True),
    at("created_at"),
    CheckConstraint("status IN ('open', 'accepted', 'edited', 'dismissed', 'superseded')", name="status"),
    CheckConstraint("qty >= 0 AND unit_cost_minor >= 0", name="units"),
    CheckConstraint("(status IN ('accepted', 'edited')) = (taken_qty IS NOT NULL)", name="taken"),
    CheckConstraint("taken_qty > 0", name="taken_qty"),
    CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
    # At most one open suggestion per variant and warehouse.
    Index(
        "uq_replenishment_suggestion_open", "variant_id", "warehouse_id", unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    ),
    Index(
        "ix_replenishment_suggestion_board", "supplier_name", "sku", "id",
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    ),
    Index("ix_replenishment_suggestion_variant", "variant_id", "id"),
    Index("ix_replenishment_suggestion_decided", "decided_at"),
)  # fmt: skip
