"""Counts by lot: the lot of a counted line, and the class of each variant in each warehouse as it was last sorted."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LIVE = "status IN ('open', 'counted', 'recount', 'review')"


def upgrade() -> None:
    op.drop_index("uq_count_line_live", "count_line")
    with op.batch_alter_table("count_line") as batch:
        batch.add_column(sa.Column("lot_id", Id(), nullable=True))
        batch.create_foreign_key(op.f("fk_count_line_lot_id"), "lot", ["lot_id"], ["id"])
    _live("uq_count_line_live", ["location_id", "variant_id"], "lot_id IS NULL")
    _live("uq_count_line_live_lot", ["location_id", "lot_id"], "lot_id IS NOT NULL")
    op.create_table(
        "count_class",
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("sorted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grade IN ('A', 'B', 'C')", name=op.f("ck_count_class_grade")),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_count_class_value")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_count_class_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_count_class_warehouse_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "variant_id", name=op.f("pk_count_class")),
    )


def _live(name: str, columns: list[str], which: str) -> None:
    where = sa.text(f"{which} AND {_LIVE}")
    op.create_index(name, "count_line", columns, unique=True, sqlite_where=where, postgresql_where=where)
