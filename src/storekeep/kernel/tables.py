"""The kernel's own tables: settings, numbers, audit, status history, outbox, inbox, idempotency."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import append_only, at, id_column, integer, metadata, text

setting = Table(
    "setting",
    metadata,
    text("key", primary_key=True),
    text("value"),
    at("updated_at"),
    text("updated_by"),
)

number_sequence = Table(
    "number_sequence",
    metadata,
    text("kind", primary_key=True),
    integer("next_number"),
)

audit_entry = append_only(
    Table(
        "audit_entry",
        metadata,
        id_column(),
        at("recorded_at"),
        text("actor"),
        text("action"),
        text("subject_type"),
        text("subject_id"),
        text("before", nullable=True),
        text("after", nullable=True),
        Index("ix_audit_entry_subject", "subject_type", "subject_id"),
    )
)

status_change = append_only(
    Table(
        "status_change",
        metadata,
        id_column(),
        text("machine"),
        id_column("subject_id"),
        text("from_status", nullable=True),
        text("to_status"),
        at("changed_at"),
        text("actor"),
        Index("ix_status_change_subject", "subject_id", "id"),
    )
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    text("kind"),
    text("lane"),
    text("key", unique=True),
    text("payload"),
    id_column("subject_id", nullable=True),
    text("status"),
    integer("attempt_count"),
    at("created_at"),
    at("due_at"),
    at("leased_until", nullable=True),
    text("leased_by", nullable=True),
    text("last_error", nullable=True),
    at("done_at", nullable=True),
    CheckConstraint("status IN ('due', 'running', 'done', 'dead')", name="status"),
    Index("ix_outbox_due", "status", "due_at"),
    Index("ix_outbox_subject", "subject_id"),
)

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    text("source"),
    text("external_id"),
    text("kind"),
    text("lane"),
    text("headers"),
    text("body"),
    text("status"),
    integer("attempt_count"),
    at("received_at"),
    at("due_at"),
    at("leased_until", nullable=True),
    text("leased_by", nullable=True),
    text("last_error", nullable=True),
    at("done_at", nullable=True),
    CheckConstraint("status IN ('due', 'running', 'done', 'dead')", name="status"),
    UniqueConstraint("source", "external_id"),
    Index("ix_inbox_due", "status", "due_at"),
)

idempotency = Table(
    "idempotency",
    metadata,
    text("scope", primary_key=True),
    text("key", primary_key=True),
    text("body_hash"),
    text("answer"),
    at("created_at"),
)
