"""Count tasks and their lines: which place is counted and why, what was counted, at which number of the ledger."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LIVE = sa.text("status IN ('open', 'counted', 'recount', 'review')")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("number_count", start=1)))
    _tasks()
    _lines()


def _tasks() -> None:
    op.create_table(
        "count_task",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('cycle', 'full', 'zero_check', 'short_pick', 'recount')", name=op.f("ck_count_task_kind")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'recount', 'review', 'done', 'canceled')", name=op.f("ck_count_task_status")
        ),
        sa.CheckConstraint(
            "(status IN ('done', 'canceled')) = (closed_at IS NOT NULL)", name=op.f("ck_count_task_closed")
        ),
        sa.CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name=op.f("ck_count_task_claimed")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_count_task_location_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_count_task_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_task")),
        sa.UniqueConstraint("number", name=op.f("uq_count_task_number")),
    )
    op.create_index("ix_count_task_status", "count_task", ["status", "opened_at"], unique=False)
    op.create_index("ix_count_task_location", "count_task", ["location_id"], unique=False)


def _lines() -> None:
    op.create_table(
        "count_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at_seq", sa.BigInteger(), nullable=True),
        sa.Column("variance", sa.BigInteger(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("at_seq_1", sa.BigInteger(), nullable=True),
        sa.Column("counted_1", sa.BigInteger(), nullable=True),
        sa.Column("variance_1", sa.BigInteger(), nullable=True),
        sa.Column("counter_1", sa.Text(), nullable=True),
        sa.Column("counted_1_at", sa.BigInteger(), nullable=True),
        sa.Column("counted_2", sa.BigInteger(), nullable=True),
        sa.Column("counter_2", sa.Text(), nullable=True),
        sa.Column("counted_2_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("move_id", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'counted', 'recount', 'review', 'posted', 'rejected', 'canceled')",
            name=op.f("ck_count_line_status"),
        ),
        sa.CheckConstraint("counted_1 >= 0 AND counted_2 >= 0", name=op.f("ck_count_line_counted")),
        sa.CheckConstraint("counter_2 <> counter_1", name=op.f("ck_count_line_two_people")),
        sa.CheckConstraint(
            "status IN ('open', 'canceled') OR "
            "(counted_1 IS NOT NULL AND variance IS NOT NULL AND at_seq IS NOT NULL)",
            name=op.f("ck_count_line_stamped"),
        ),
        sa.CheckConstraint("move_id IS NULL OR variance <> 0", name=op.f("ck_count_line_moved")),
        sa.CheckConstraint(
            "(status IN ('posted', 'rejected', 'canceled')) = (settled_at IS NOT NULL)",
            name=op.f("ck_count_line_settled"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_count_line_location_id")),
        sa.ForeignKeyConstraint(["move_id"], ["stock_move.id"], name=op.f("fk_count_line_move_id")),
        sa.ForeignKeyConstraint(["task_id"], ["count_task.id"], name=op.f("fk_count_line_task_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_count_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_line")),
        sa.UniqueConstraint("move_id", name=op.f("uq_count_line_move_id")),
    )
    op.create_index("ix_count_line_task", "count_line", ["task_id"], unique=False)
    op.create_index("ix_count_line_place", "count_line", ["location_id", "settled_at"], unique=False)
    op.create_index("ix_count_line_settled", "count_line", ["settled_at"], unique=False)
    op.create_index(
        "uq_count_line_live",
        "count_line",
        ["location_id", "variant_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
