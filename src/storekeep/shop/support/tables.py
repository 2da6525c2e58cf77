"""Conversations with customers, cases the shop opened itself, notes for colleagues, and remedies."""

from sqlalchemy import CheckConstraint, Index, Table

from storekeep.kernel.schema import append_only, at, id_column, integer, metadata, ref, text

conversation = Table(
    "conversation",
    metadata,
    id_column(),
    integer("number", unique=True),
    #: customer: somebody wrote; case: the shop found the problem itself
    text("kind"),
    text("reason"),
    text("subject"),
    id_column("order_id", nullable=True),
    id_column("shipment_id", nullable=True),
    text("email"),
    text("name"),
    text("status"),
    ref("assignee_id", "staff.id", nullable=True),
    #: What makes a case unique, so that a sweep never opens it twice
    text("case_key", nullable=True, unique=True),
    integer("version"),
    at("created_at"),
    at("updated_at"),
    at("waiting_since", nullable=True),
    CheckConstraint("kind IN ('customer', 'case')", name="kind"),
    CheckConstraint("status IN ('open', 'waiting_customer', 'resolved')", name="status"),
    Index("ix_conversation_status", "status", "updated_at"),
    Index("ix_conversation_order", "order_id"),
)

message = append_only(
    Table(
        "message",
        metadata,
        id_column(),
        ref("conversation_id", "conversation.id"),
        text("direction"),
        text("author"),
        text("body"),
        id_column("mail_id", nullable=True),
        text("command_id", unique=True),
        at("written_at"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        Index("ix_message_conversation", "conversation_id", "id"),
    )
)

#: Notes have a table of their own so that no query for messages can ever meet one.
note = append_only(
    Table(
        "note",
        metadata,
        id_column(),
        ref("conversation_id", "conversation.id", nullable=True),
        id_column("order_id", nullable=True),
        text("author"),
        text("body"),
        text("command_id", unique=True),
        at("written_at"),
        Index("ix_note_conversation", "conversation_id", "id"),
        Index("ix_note_order", "order_id"),
    )
)

remedy = Table(
    "remedy",
    metadata,
    id_column(),
    ref("conversation_id", "conversation.id", nullable=True),
    id_column("order_id"),
    #: refund, reship, return
    text("kind"),
    text("status"),
    integer("amount_minor"),
    integer("cost_minor"),
    text("currency"),
    #: JSON: the exact effects that were shown before it was confirmed
    text("preview"),
    text("command_id", unique=True),
    text("actor"),
    at("made_at"),
    CheckConstraint("kind IN ('refund', 'reship', 'return')", name="kind"),
    CheckConstraint("status IN ('executing', 'done', 'failed')", name="status"),
    Index("ix_remedy_order", "order_id"),
    Index("ix_remedy_conversation", "conversation_id"),
)
