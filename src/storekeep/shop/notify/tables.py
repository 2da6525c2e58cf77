"""Every mail the shop ever wrote, sent or not."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import append_only, at, id_column, integer, metadata, ref, text

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

#: A file that goes with a mail, as it was when the mail was written.
mail_attachment = append_only(
    Table(
        "mail_attachment",
        metadata,
        id_column(),
        ref("mail_id", "mail.id"),
        integer("n"),
        text("filename"),
        text("media_type"),
        text("body_base64"),
        UniqueConstraint("mail_id", "n"),
    )
)
