"""Goods on their way back: what was announced, what came, what became of it."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import at, id_column, integer, metadata, ref, text

goods_return = Table(
    "goods_return",
    metadata,
    id_column(),
    integer("number", unique=True),
    id_column("order_id"),
    id_column("conversation_id", nullable=True),
    text("status"),
    text("reason"),
    at("created_at"),
    at("received_at", nullable=True),
    at("closed_at", nullable=True),
    CheckConstraint("status IN ('approved', 'received', 'closed', 'canceled')", name="status"),
    Index("ix_goods_return_order", "order_id"),
    Index("ix_goods_return_status", "status", "id"),
)

goods_return_line = Table(
    "goods_return_line",
    metadata,
    id_column(),
    ref("return_id", "goods_return.id"),
    id_column("order_line_id"),
    ref("variant_id", "variant.id"),
    integer("qty"),
    integer("received"),
    integer("restocked"),
    integer("quarantined"),
    integer("scrapped"),
    UniqueConstraint("return_id", "order_line_id"),
    CheckConstraint("qty > 0 AND received >= 0 AND received <= qty", name="received"),
    CheckConstraint("restocked >= 0 AND quarantined >= 0 AND scrapped >= 0", name="positive"),
    CheckConstraint("restocked + quarantined + scrapped <= received", name="disposed"),
    Index("ix_goods_return_line_order_line", "order_line_id"),
)
