"""The money ledger, and what providers told us: payments, attempts, events, refunds.

A payment knows an order only as an id and an amount. Amounts are sums over append-only events; each money event posts
a balanced entry in its own transaction.
"""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from storekeep.kernel.schema import append_only, at, id_column, integer, metadata, ref, text

ATTEMPT_OPEN = ("recorded", "sent", "unknown", "requires_action", "processing")

payment = Table(
    "payment",
    metadata,
    id_column(),
    id_column("order_id"),
    text("tender"),
    text("provider"),
    text("session_ref", nullable=True),
    text("provider_ref", nullable=True),
    text("currency"),
    integer("amount_minor"),
    integer("authorized_minor"),
    integer("captured_minor"),
    integer("refunded_minor"),
    integer("refund_pending_minor"),
    at("capture_before", nullable=True),
    at("observing_until", nullable=True),
    at("observed_at", nullable=True),
    at("created_at"),
    UniqueConstraint("provider", "provider_ref"),
    CheckConstraint("tender IN ('card', 'bank_transfer', 'cash_on_delivery', 'manual')", name="tender"),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint("captured_minor >= 0 AND refunded_minor >= 0 AND refund_pending_minor >= 0", name="positive"),
    CheckConstraint("refunded_minor + refund_pending_minor <= captured_minor", name="refund_cap"),
    Index("ix_payment_order", "order_id"),
    Index("ix_payment_session", "session_ref"),
)

payment_attempt = Table(
    "payment_attempt",
    metadata,
    id_column(),
    ref("payment_id", "payment.id"),
    id_column("order_id"),
    integer("n"),
    integer("amount_minor"),
    text("currency"),
    text("idempotency_key", unique=True),
    text("status"),
    text("redirect_url", nullable=True),
    text("failure_code", nullable=True),
    at("created_at"),
    at("sent_at", nullable=True),
    at("updated_at"),
    CheckConstraint(
        "status IN ('recorded', 'sent', 'requires_action', 'processing', 'authorized', 'captured', 'declined', "
        "'failed', 'unknown', 'voided', 'expired', 'canceled')",
        name="status",
    ),
    UniqueConstraint("order_id", "n"),
    Index("ix_payment_attempt_payment", "payment_id"),
    Index(
        "uq_payment_attempt_open",
        "order_id",
        unique=True,
        sqlite_where=sql("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
        postgresql_where=sql("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
    ),
    Index(
        "ix_payment_attempt_watch",
        "status",
        "updated_at",
        sqlite_where=sql("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
        postgresql_where=sql("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
    ),
)

payment_event = append_only(
    Table(
        "payment_event",
        metadata,
        id_column(),
        ref("payment_id", "payment.id"),
        text("provider"),
        text("provider_object_id"),
        #: authorized, captured, voided, declined, refunded, refund_failed
        text("kind"),
        integer("amount_minor"),
        text("currency"),
        at("occurred_at"),
        at("recorded_at"),
        text("detail"),
        UniqueConstraint("provider", "provider_object_id", "kind"),
        Index("ix_payment_event_payment", "payment_id"),
    )
)

refund = Table(
    "refund",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("payment_id", "payment.id"),
    id_column("order_id"),
    id_column("adjustment_id", nullable=True),
    integer("amount_minor"),
    text("currency"),
    text("reason"),
    text("idempotency_key", unique=True),
    text("status"),
    text("provider_ref", nullable=True),
    text("requested_by"),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint(
        "status IN ('requested', 'sent', 'pending', 'succeeded', 'failed', 'canceled', 'unknown')", name="status"
    ),
    Index("ix_refund_payment", "payment_id"),
    Index("ix_refund_order", "order_id"),
)

ledger_entry = append_only(
    Table(
        "ledger_entry",
        metadata,
        id_column(),
        text("kind"),
        at("occurred_at"),
        text("source_type"),
        id_column("source_id"),
        text("idempotency_key", unique=True),
        ref("reversal_of", "ledger_entry.id", nullable=True),
        text("note"),
        text("actor"),
        Index("ix_ledger_entry_source", "source_id"),
        Index("ix_ledger_entry_time", "occurred_at", "id"),
    )
)

posting = append_only(
    Table(
        "posting",
        metadata,
        id_column(),
        ref("entry_id", "ledger_entry.id"),
        integer("n"),
        text("account"),
        text("currency"),
        #: Debits are positive, credits negative; the postings of an entry sum to zero per currency.
        integer("amount_minor"),
        id_column("order_id", nullable=True),
        id_column("payment_id", nullable=True),
        text("detail"),
        UniqueConstraint("entry_id", "n"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_posting_account", "account", "currency", "id"),
        Index("ix_posting_order", "order_id", "account"),
    )
)

ledger_balance = Table(
    "ledger_balance",
    metadata,
    text("account", primary_key=True),
    text("currency", primary_key=True),
    integer("amount_minor"),
)
