"""Every mail the shop ever wrote, sent or not."""

from sqlalchemy import CheckConstraint, Index, Table

from storekeep.kernel.schema import at, id_column, metadata, text

mail = Table(
    "mail",
    metadata,
    id_column(),
    text("key", unique=True),
    text("template"),
    text("to_address"),
    text("subject"),
    text("body_text"),
    text("message_id", unique=True),
    id_column("order_id", nullable=True),
    id_column("conversation_id", nullable=True),
    text("status"),
    text("last_error", nullable=True),
    at("created_at"),
    at("sent_at", nullable=True),
    CheckConstraint("status IN ('queued', 'sent', 'failed')", name="status"),
    Index("ix_mail_order", "order_id"),
    Index("ix_mail_created", "created_at", "id"),
)
