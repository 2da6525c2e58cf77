"""Kits: variants that are sold as their parts, and the kits of an order as they were bought."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variant", sa.Column("is_kit", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "kit_part",
        sa.Column("kit_id", Id(), nullable=False),
        sa.Column("part_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0", name=op.f("ck_kit_part_qty")),
        sa.CheckConstraint("kit_id <> part_id", name=op.f("ck_kit_part_itself")),
        sa.ForeignKeyConstraint(["kit_id"], ["variant.id"], name=op.f("fk_kit_part_kit_id")),
        sa.ForeignKeyConstraint(["part_id"], ["variant.id"], name=op.f("fk_kit_part_part_id")),
        sa.PrimaryKeyConstraint("kit_id", "part_id", name=op.f("pk_kit_part")),
    )
    op.create_index("ix_kit_part_part", "kit_part", ["part_id"])
    op.create_table(
        "order_kit",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("option_label", sa.Text(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0 AND unit_price_minor >= 0", name=op.f("ck_order_kit_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_kit_order_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_order_kit_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_kit")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_kit_order_id_position")),
    )
    with op.batch_alter_table("order_line") as batch:
        batch.add_column(sa.Column("kit_id", Id(), nullable=True))
        batch.create_foreign_key(op.f("fk_order_line_kit_id"), "order_kit", ["kit_id"], ["id"])
