"""The first shop: every table of the first release, its number sequences and its append-only triggers."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id, append_only_ddl

# ruff: noqa: E501 - written by Alembic from the tables of the first release, and never changed again

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit_entry",
    "ledger_entry",
    "message",
    "note",
    "order_adjustment",
    "order_adjustment_line",
    "order_event",
    "payment_event",
    "posting",
    "scan_log",
    "status_change",
    "stock_move",
    "tracking_event",
)
SEQUENCES = (
    ("order", 1001),
    ("fulfillment", 1),
    ("shipment", 1),
    ("return", 1),
    ("conversation", 1),
    ("refund", 1),
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        for kind, first in SEQUENCES:
            op.execute(sa.schema.CreateSequence(sa.Sequence(f"number_{kind}", start=first)))
    op.create_table(
        "audit_entry",
        sa.Column("id", Id(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "cart",
        sa.Column("id", Id(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("delivery_code", sa.Text(), nullable=True),
        sa.Column("discount_code", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("seen_total_minor", sa.BigInteger(), nullable=True),
        sa.Column("price_locked_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_cart_token_hash")),
    )
    op.create_index("ix_cart_updated", "cart", ["updated_at"], unique=False)
    op.create_table(
        "category",
        sa.Column("id", Id(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_table(
        "content_page",
        sa.Column("id", Id(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body_markdown", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_page")),
        sa.UniqueConstraint("slug", name=op.f("uq_content_page_slug")),
    )
    op.create_table(
        "customer",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_customer_email_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_email")),
    )
    if dialect == "postgresql":
        op.create_index(
            "ix_customer_email_bytes", "customer", ["email"], unique=False, postgresql_ops={"email": "text_pattern_ops"}
        )
    op.create_index(
        "ix_customer_name",
        "customer",
        ["name_folded", "id"],
        unique=False,
        postgresql_ops={"name_folded": "text_pattern_ops"},
    )
    op.create_table(
        "delivery_method",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("free_over_minor", sa.BigInteger(), nullable=True),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("min_days", sa.BigInteger(), nullable=False),
        sa.Column("max_days", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('flat', 'weight_banded', 'value_banded')", name=op.f("ck_delivery_method_kind")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND min_days >= 0 AND max_days >= min_days", name=op.f("ck_delivery_method_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_method")),
        sa.UniqueConstraint("code", name=op.f("uq_delivery_method_code")),
    )
    op.create_table(
        "discount_code",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("percent_bp", sa.BigInteger(), nullable=False),
        sa.Column("min_goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("max_uses", sa.BigInteger(), nullable=True),
        sa.Column("used_count", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_discount_code_code_form")),
        sa.CheckConstraint("percent_bp BETWEEN 1 AND 10000", name=op.f("ck_discount_code_percent")),
        sa.CheckConstraint(
            "used_count >= 0 AND (max_uses IS NULL OR used_count <= max_uses)", name=op.f("ck_discount_code_cap")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_code")),
        sa.UniqueConstraint("code", name=op.f("uq_discount_code_code")),
    )
    op.create_table(
        "document",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body_base64", sa.Text(), nullable=False),
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_subject", "document", ["subject_id", "kind"], unique=False)
    op.create_table(
        "goods_return",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("conversation_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('approved', 'received', 'closed', 'canceled')", name=op.f("ck_goods_return_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return")),
        sa.UniqueConstraint("number", name=op.f("uq_goods_return_number")),
    )
    op.create_index("ix_goods_return_order", "goods_return", ["order_id"], unique=False)
    op.create_index("ix_goods_return_status", "goods_return", ["status", "id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt_count", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('due', 'running', 'done', 'dead')", name=op.f("ck_inbox_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_inbox_source_external_id")),
    )
    op.create_index("ix_inbox_due", "inbox", ["status", "due_at"], unique=False)
    op.create_table(
        "ledger_balance",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "currency", name=op.f("pk_ledger_balance")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", Id(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("reversal_of", Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reversal_of"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reversal_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entry_idempotency_key")),
    )
    op.create_index("ix_ledger_entry_source", "ledger_entry", ["source_id"], unique=False)
    op.create_index("ix_ledger_entry_time", "ledger_entry", ["occurred_at", "id"], unique=False)
    op.create_table(
        "login_failure",
        sa.Column("id", Id(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
    )
    op.create_index("ix_login_failure_subject", "login_failure", ["subject", "failed_at"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("order_id", Id(), nullable=True),
        sa.Column("conversation_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'sent', 'failed')", name=op.f("ck_mail_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    op.create_index("ix_mail_created", "mail", ["created_at", "id"], unique=False)
    op.create_index("ix_mail_order", "mail", ["order_id"], unique=False)
    op.create_table(
        "number_sequence",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("subject_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('due', 'running', 'done', 'dead')", name=op.f("ck_outbox_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_due", "outbox", ["status", "due_at"], unique=False)
    op.create_index("ix_outbox_subject", "outbox", ["subject_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("session_ref", sa.Text(), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_pending_minor", sa.BigInteger(), nullable=False),
        sa.Column("capture_before", sa.BigInteger(), nullable=True),
        sa.Column("observing_until", sa.BigInteger(), nullable=True),
        sa.Column("observed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "tender IN ('card', 'bank_transfer', 'cash_on_delivery', 'manual')", name=op.f("ck_payment_tender")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint(
            "captured_minor >= 0 AND refunded_minor >= 0 AND refund_pending_minor >= 0",
            name=op.f("ck_payment_positive"),
        ),
        sa.CheckConstraint(
            "refunded_minor + refund_pending_minor <= captured_minor", name=op.f("ck_payment_refund_cap")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("provider", "provider_ref", name=op.f("uq_payment_provider_provider_ref")),
    )
    op.create_index("ix_payment_order", "payment", ["order_id"], unique=False)
    op.create_index("ix_payment_session", "payment", ["session_ref"], unique=False)
    op.create_table(
        "rate_card",
        sa.Column("id", Id(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("brackets", sa.Text(), nullable=False),
        sa.Column("transit_days_min", sa.BigInteger(), nullable=False),
        sa.Column("transit_days_max", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_hour", sa.BigInteger(), nullable=False),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("effective_to", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card")),
    )
    op.create_index("ix_rate_card_service", "rate_card", ["carrier", "service", "zone"], unique=False)
    op.create_table(
        "sales_country",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_sales_country")),
    )
    op.create_table(
        "sales_order",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("cart_id", Id(), nullable=False),
        sa.Column("customer_id", Id(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("tax_rounding", sa.Text(), nullable=False),
        sa.Column("delivery_code", sa.Text(), nullable=False),
        sa.Column("delivery_label", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Text(), nullable=True),
        sa.Column("discount_code", sa.Text(), nullable=True),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("fulfillment_status", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("expired_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fulfillment_status IN ('not_required', 'unfulfilled', 'partially_fulfilled', 'fulfilled', 'partially_returned', 'returned')",
            name=op.f("ck_sales_order_fulfillment_status"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('not_required', 'unpaid', 'authorized', 'partially_paid', 'paid', 'overpaid', 'partially_refunded', 'refunded', 'voided')",
            name=op.f("ck_sales_order_payment_status"),
        ),
        sa.CheckConstraint(
            "status IN ('pending_payment', 'open', 'completed', 'canceled', 'expired')",
            name=op.f("ck_sales_order_status"),
        ),
        sa.CheckConstraint(
            "total_minor >= 0 AND owed_minor >= 0 AND received_minor >= 0", name=op.f("ck_sales_order_money")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_sales_order_cart_id")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_order_number")),
    )
    op.create_index("ix_sales_order_customer", "sales_order", ["customer_id"], unique=False)
    op.create_index("ix_sales_order_email", "sales_order", ["email"], unique=False)
    op.create_index("ix_sales_order_placed", "sales_order", ["placed_at", "id"], unique=False)
    op.create_index("ix_sales_order_status", "sales_order", ["status", "placed_at"], unique=False)
    op.create_table(
        "search_term",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", "product_id", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    if dialect == "postgresql":
        op.create_index(
            "ix_search_term_bytes",
            "search_term",
            ["term", "product_id", "weight"],
            unique=False,
            postgresql_ops={"term": "text_pattern_ops"},
        )
    op.create_index("ix_search_term_product", "search_term", ["product_id", "term", "weight"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "shipment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("fulfillment_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("service_label", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Text(), nullable=True),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("labelled_at", sa.BigInteger(), nullable=True),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.Column("last_scan_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'label_pending', 'labelled', 'handed_over', 'delivered', 'returned', 'lost', 'canceled')",
            name=op.f("ck_shipment_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
        sa.UniqueConstraint("tracking_number", name=op.f("uq_shipment_tracking_number")),
    )
    op.create_index("ix_shipment_order", "shipment", ["order_id"], unique=False)
    op.create_index("ix_shipment_status", "shipment", ["status", "last_scan_at"], unique=False)
    op.create_index(
        "uq_shipment_live",
        "shipment",
        ["fulfillment_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'canceled'"),
        postgresql_where=sa.text("status <> 'canceled'"),
    )
    op.create_table(
        "site_revision",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_site_revision")),
    )
    op.create_table(
        "staff",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("refund_limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'warehouse', 'agent', 'accountant')", name=op.f("ck_staff_role")),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_staff_status")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email_form")),
        sa.CheckConstraint("refund_limit_minor >= 0", name=op.f("ck_staff_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "status_change",
        sa.Column("id", Id(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
    )
    op.create_index("ix_status_change_subject", "status_change", ["subject_id", "id"], unique=False)
    op.create_table(
        "tax_rate",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name=op.f("ck_tax_rate_rate")),
        sa.PrimaryKeyConstraint("country", "tax_class", name=op.f("pk_tax_rate")),
    )
    op.create_table(
        "warehouse",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("cutoff_hour", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cutoff_hour BETWEEN 0 AND 23", name=op.f("ck_warehouse_cutoff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("code", name=op.f("uq_warehouse_code")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("order_id", Id(), nullable=True),
        sa.Column("shipment_id", Id(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assignee_id", Id(), nullable=True),
        sa.Column("case_key", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('customer', 'case')", name=op.f("ck_conversation_kind")),
        sa.CheckConstraint("status IN ('open', 'waiting_customer', 'resolved')", name=op.f("ck_conversation_status")),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_conversation_assignee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("case_key", name=op.f("uq_conversation_case_key")),
        sa.UniqueConstraint("number", name=op.f("uq_conversation_number")),
    )
    op.create_index("ix_conversation_order", "conversation", ["order_id"], unique=False)
    op.create_index("ix_conversation_status", "conversation", ["status", "updated_at"], unique=False)
    op.create_table(
        "discount_use",
        sa.Column("id", Id(), nullable=False),
        sa.Column("discount_code_id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("returned_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["discount_code_id"], ["discount_code.id"], name=op.f("fk_discount_use_discount_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_use")),
        sa.UniqueConstraint("order_id", name=op.f("uq_discount_use_order_id")),
    )
    op.create_index("ix_discount_use_code", "discount_use", ["discount_code_id"], unique=False)
    op.create_table(
        "fulfillment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Text(), nullable=True),
        sa.Column("claimed_by", Id(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("packed_at", sa.BigInteger(), nullable=True),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('sale', 'reship')", name=op.f("ck_fulfillment_kind")),
        sa.CheckConstraint(
            "status IN ('open', 'picking', 'picked', 'packed', 'handed_over', 'canceled')",
            name=op.f("ck_fulfillment_status"),
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["staff.id"], name=op.f("fk_fulfillment_claimed_by")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_fulfillment_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment")),
        sa.UniqueConstraint("number", name=op.f("uq_fulfillment_number")),
    )
    op.create_index("ix_fulfillment_order", "fulfillment", ["order_id"], unique=False)
    op.create_index("ix_fulfillment_work", "fulfillment", ["status", "promised_on", "id"], unique=False)
    op.create_table(
        "label_purchase",
        sa.Column("id", Id(), nullable=False),
        sa.Column("shipment_id", Id(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'bought', 'refused', 'unknown', 'abandoned', 'voided')",
            name=op.f("ck_label_purchase_status"),
        ),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_label_purchase_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_purchase")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_label_purchase_idempotency_key")),
    )
    op.create_index(
        "uq_label_purchase_live",
        "label_purchase",
        ["shipment_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('pending', 'sent', 'unknown', 'bought')"),
        postgresql_where=sa.text("status IN ('pending', 'sent', 'unknown', 'bought')"),
    )
    op.create_table(
        "location",
        sa.Column("id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.Column("is_sellable", sa.Boolean(), nullable=False),
        sa.Column("walk_sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("NOT is_sellable OR (is_owned AND kind = 'bin')", name=op.f("ck_location_sellable")),
        sa.CheckConstraint(
            "kind IN ('bin', 'receiving', 'packing', 'quarantine', 'transit', 'supplier', 'customer', 'adjustment', 'scrap')",
            name=op.f("ck_location_kind"),
        ),
        sa.CheckConstraint("status IN ('active', 'blocked', 'closed')", name=op.f("ck_location_status")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_location_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("code", name=op.f("uq_location_code")),
    )
    op.create_table(
        "order_adjustment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cancellation', 'return', 'price_adjustment', 'compensation')",
            name=op.f("ck_order_adjustment_kind"),
        ),
        sa.CheckConstraint("gross_minor >= 0", name=op.f("ck_order_adjustment_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_adjustment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_adjustment")),
        sa.UniqueConstraint("command_id", name=op.f("uq_order_adjustment_command_id")),
    )
    op.create_index("ix_order_adjustment_order", "order_adjustment", ["order_id"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    op.create_index("ix_order_event_order", "order_event", ["order_id", "id"], unique=False)
    op.create_table(
        "payment_attempt",
        sa.Column("id", Id(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('recorded', 'sent', 'requires_action', 'processing', 'authorized', 'captured', 'declined', 'failed', 'unknown', 'voided', 'expired', 'canceled')",
            name=op.f("ck_payment_attempt_status"),
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_attempt_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_attempt_idempotency_key")),
        sa.UniqueConstraint("order_id", "n", name=op.f("uq_payment_attempt_order_id_n")),
    )
    op.create_index("ix_payment_attempt_payment", "payment_attempt", ["payment_id"], unique=False)
    op.create_index(
        "ix_payment_attempt_watch",
        "payment_attempt",
        ["status", "updated_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
        postgresql_where=sa.text("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
    )
    op.create_index(
        "uq_payment_attempt_open",
        "payment_attempt",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
        postgresql_where=sa.text("status IN ('recorded', 'sent', 'unknown', 'requires_action', 'processing')"),
    )
    op.create_table(
        "payment_event",
        sa.Column("id", Id(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_object_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_event_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
        sa.UniqueConstraint(
            "provider", "provider_object_id", "kind", name=op.f("uq_payment_event_provider_provider_object_id_kind")
        ),
    )
    op.create_index("ix_payment_event_payment", "payment_event", ["payment_id"], unique=False)
    op.create_table(
        "posting",
        sa.Column("id", Id(), nullable=False),
        sa.Column("entry_id", Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_id", Id(), nullable=True),
        sa.Column("payment_id", Id(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_posting_amount")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_posting_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("entry_id", "n", name=op.f("uq_posting_entry_id_n")),
    )
    op.create_index("ix_posting_account", "posting", ["account", "currency", "id"], unique=False)
    op.create_index("ix_posting_order", "posting", ["order_id", "account"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", Id(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category_id", Id(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f("ck_product_status")),
        sa.CheckConstraint("tax_class IN ('standard', 'reduced', 'zero')", name=op.f("ck_product_tax_class")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_product_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    op.create_index("ix_product_category", "product", ["category_id", "status", "id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("adjustment_id", Id(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'sent', 'pending', 'succeeded', 'failed', 'canceled', 'unknown')",
            name=op.f("ck_refund_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_number")),
    )
    op.create_index("ix_refund_order", "refund", ["order_id"], unique=False)
    op.create_index("ix_refund_payment", "refund", ["payment_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index("ix_staff_session_staff", "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "tracking_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shipment_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_tracking_event_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
    )
    op.create_index("ix_tracking_event_shipment", "tracking_event", ["shipment_id", "scanned_at"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", Id(), nullable=False),
        sa.Column("conversation_id", Id(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mail_id", Id(), nullable=True),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_message_direction")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("command_id", name=op.f("uq_message_command_id")),
    )
    op.create_index("ix_message_conversation", "message", ["conversation_id", "id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", Id(), nullable=False),
        sa.Column("conversation_id", Id(), nullable=True),
        sa.Column("order_id", Id(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_note_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("command_id", name=op.f("uq_note_command_id")),
    )
    op.create_index("ix_note_conversation", "note", ["conversation_id", "id"], unique=False)
    op.create_index("ix_note_order", "note", ["order_id"], unique=False)
    op.create_table(
        "remedy",
        sa.Column("id", Id(), nullable=False),
        sa.Column("conversation_id", Id(), nullable=True),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('refund', 'reship', 'return')", name=op.f("ck_remedy_kind")),
        sa.CheckConstraint("status IN ('executing', 'done', 'failed')", name=op.f("ck_remedy_status")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_remedy_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy")),
        sa.UniqueConstraint("command_id", name=op.f("uq_remedy_command_id")),
    )
    op.create_index("ix_remedy_conversation", "remedy", ["conversation_id"], unique=False)
    op.create_index("ix_remedy_order", "remedy", ["order_id"], unique=False)
    op.create_table(
        "variant",
        sa.Column("id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("option_label", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("compare_at_minor", sa.BigInteger(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'closed')", name=op.f("ck_variant_status")),
        sa.CheckConstraint("price_minor >= 0 AND cost_minor >= 0", name=op.f("ck_variant_money")),
        sa.CheckConstraint("sku = upper(sku) AND sku = trim(sku)", name=op.f("ck_variant_sku_form")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_variant_weight")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("barcode", name=op.f("uq_variant_barcode")),
        sa.UniqueConstraint("sku", name=op.f("uq_variant_sku")),
    )
    op.create_index("ix_variant_product", "variant", ["product_id", "position"], unique=False)
    op.create_table(
        "availability",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("on_hand_sellable", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("buffer", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("buffer >= 0", name=op.f("ck_availability_buffer")),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand_sellable", name=op.f("ck_availability_reserved")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_availability_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_availability_warehouse_id")),
        sa.PrimaryKeyConstraint("variant_id", "warehouse_id", name=op.f("pk_availability")),
    )
    op.create_table(
        "cart_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("cart_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_locked_until", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0 AND qty <= 1000000", name=op.f("ck_cart_line_qty")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_cart_line_cart_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_cart_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("uq_cart_line_cart_id_variant_id")),
    )
    op.create_table(
        "cost_pool",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty >= 0 AND value_minor >= 0", name=op.f("ck_cost_pool_positive")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_cost_pool_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_cost_pool_warehouse_id")),
        sa.PrimaryKeyConstraint("variant_id", "warehouse_id", name=op.f("pk_cost_pool")),
    )
    op.create_table(
        "fulfillment_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("fulfillment_id", Id(), nullable=False),
        sa.Column("order_line_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("picked", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("picked + dropped <= qty AND packed <= picked", name=op.f("ck_fulfillment_line_units")),
        sa.CheckConstraint(
            "qty > 0 AND picked >= 0 AND packed >= 0 AND dropped >= 0", name=op.f("ck_fulfillment_line_positive")
        ),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"], ["fulfillment.id"], name=op.f("fk_fulfillment_line_fulfillment_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_fulfillment_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_line")),
        sa.UniqueConstraint(
            "fulfillment_id", "order_line_id", name=op.f("uq_fulfillment_line_fulfillment_id_order_line_id")
        ),
    )
    op.create_index("ix_fulfillment_line_order_line", "fulfillment_line", ["order_line_id"], unique=False)
    op.create_table(
        "goods_return_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("return_id", Id(), nullable=False),
        sa.Column("order_line_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("restocked", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("scrapped", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0 AND received >= 0 AND received <= qty", name=op.f("ck_goods_return_line_received")),
        sa.CheckConstraint(
            "restocked + quarantined + scrapped <= received", name=op.f("ck_goods_return_line_disposed")
        ),
        sa.CheckConstraint(
            "restocked >= 0 AND quarantined >= 0 AND scrapped >= 0", name=op.f("ck_goods_return_line_positive")
        ),
        sa.ForeignKeyConstraint(["return_id"], ["goods_return.id"], name=op.f("fk_goods_return_line_return_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_goods_return_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return_line")),
        sa.UniqueConstraint("return_id", "order_line_id", name=op.f("uq_goods_return_line_return_id_order_line_id")),
    )
    op.create_index("ix_goods_return_line_order_line", "goods_return_line", ["order_line_id"], unique=False)
    op.create_table(
        "media",
        sa.Column("id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_media_product_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_media_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("ix_media_product", "media", ["product_id", "position"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("option_label", sa.Text(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("canceled", sa.BigInteger(), nullable=False),
        sa.Column("fulfilled", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("canceled + fulfilled <= ordered", name=op.f("ck_order_line_units")),
        sa.CheckConstraint(
            "ordered > 0 AND canceled >= 0 AND fulfilled >= 0 AND returned >= 0", name=op.f("ck_order_line_positive")
        ),
        sa.CheckConstraint(
            "refunded >= 0 AND replaced >= 0 AND refunded + replaced <= fulfilled", name=op.f("ck_order_line_remedied")
        ),
        sa.CheckConstraint("returned <= fulfilled + replaced", name=op.f("ck_order_line_returned")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_order_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_line_order_id_position")),
    )
    op.create_index("ix_order_line_variant", "order_line", ["variant_id"], unique=False)
    op.create_table(
        "price_change",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_price_change_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_change")),
    )
    op.create_index("ix_price_change_variant", "price_change", ["variant_id", "valid_from"], unique=False)
    op.create_table(
        "reorder_policy",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("reorder_point", sa.BigInteger(), nullable=False),
        sa.Column("order_up_to", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reorder_point >= 0 AND order_up_to >= reorder_point", name=op.f("ck_reorder_policy_levels")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_reorder_policy_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_reorder_policy_warehouse_id")),
        sa.PrimaryKeyConstraint("variant_id", "warehouse_id", name=op.f("pk_reorder_policy")),
    )
    op.create_table(
        "reservation",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cart_id", Id(), nullable=True),
        sa.Column("order_id", Id(), nullable=True),
        sa.Column("order_line_id", Id(), nullable=True),
        sa.Column("fulfillment_line_id", Id(), nullable=True),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status <> 'cart' OR expires_at IS NOT NULL", name=op.f("ck_reservation_hold_expires")),
        sa.CheckConstraint(
            "status IN ('cart', 'firm', 'assigned', 'picked', 'consumed', 'released')",
            name=op.f("ck_reservation_status"),
        ),
        sa.CheckConstraint("qty > 0", name=op.f("ck_reservation_qty")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_reservation_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_reservation_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_reservation_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    op.create_index("ix_reservation_cart", "reservation", ["cart_id"], unique=False)
    op.create_index(
        "ix_reservation_expiry",
        "reservation",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reservation_fulfillment",
        "reservation",
        ["fulfillment_line_id"],
        unique=False,
        sqlite_where=sa.text("fulfillment_line_id IS NOT NULL"),
        postgresql_where=sa.text("fulfillment_line_id IS NOT NULL"),
    )
    op.create_index("ix_reservation_order", "reservation", ["order_id"], unique=False)
    op.create_index("ix_reservation_variant", "reservation", ["variant_id", "status"], unique=False)
    op.create_table(
        "stock_balance",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("assigned", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT is_owned OR (qty >= 0 AND assigned >= 0 AND assigned <= qty)", name=op.f("ck_stock_balance_owned")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_balance_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_balance_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", "location_id", name=op.f("pk_stock_balance")),
    )
    op.create_index("ix_stock_balance_location", "stock_balance", ["location_id"], unique=False)
    op.create_table(
        "stock_move",
        sa.Column("id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("from_location_id", Id(), nullable=False),
        sa.Column("to_location_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("document_id", Id(), nullable=False),
        sa.Column("line_id", Id(), nullable=True),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("reverses_move_id", Id(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receive', 'putaway', 'pick', 'unpick', 'ship', 'transfer', 'adjust', 'scrap', 'return_in', 'quarantine')",
            name=op.f("ck_stock_move_kind"),
        ),
        sa.CheckConstraint("from_location_id <> to_location_id", name=op.f("ck_stock_move_ends")),
        sa.CheckConstraint("qty > 0", name=op.f("ck_stock_move_qty")),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_stock_move_value")),
        sa.ForeignKeyConstraint(["from_location_id"], ["location.id"], name=op.f("fk_stock_move_from_location_id")),
        sa.ForeignKeyConstraint(["reverses_move_id"], ["stock_move.id"], name=op.f("fk_stock_move_reverses_move_id")),
        sa.ForeignKeyConstraint(["to_location_id"], ["location.id"], name=op.f("fk_stock_move_to_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_move_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_move_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
        sa.UniqueConstraint("command_id", "line_no", name=op.f("uq_stock_move_command_id_line_no")),
        sa.UniqueConstraint("warehouse_id", "seq", name=op.f("uq_stock_move_warehouse_id_seq")),
    )
    op.create_index("ix_stock_move_document", "stock_move", ["document_id"], unique=False)
    op.create_index("ix_stock_move_variant", "stock_move", ["variant_id", "seq"], unique=False)
    op.create_table(
        "order_part",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("order_line_id", Id(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("list_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_net_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("tax_label", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'shipping')", name=op.f("ck_order_part_kind")),
        sa.CheckConstraint("net_minor + tax_minor = gross_minor", name=op.f("ck_order_part_sum")),
        sa.CheckConstraint(
            "net_minor >= 0 AND tax_minor >= 0 AND discount_net_minor >= 0", name=op.f("ck_order_part_positive")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_part_order_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_order_part_order_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_part")),
    )
    op.create_index("ix_order_part_order", "order_part", ["order_id"], unique=False)
    op.create_table(
        "scan_log",
        sa.Column("id", Id(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("fulfillment_id", Id(), nullable=False),
        sa.Column("fulfillment_line_id", Id(), nullable=True),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["fulfillment_id"], ["fulfillment.id"], name=op.f("fk_scan_log_fulfillment_id")),
        sa.ForeignKeyConstraint(
            ["fulfillment_line_id"], ["fulfillment_line.id"], name=op.f("fk_scan_log_fulfillment_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_log")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_scan_log_scan_id")),
    )
    op.create_index("ix_scan_log_fulfillment", "scan_log", ["fulfillment_id", "id"], unique=False)
    op.create_table(
        "order_adjustment_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("adjustment_id", Id(), nullable=False),
        sa.Column("part_id", Id(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_net_minor", sa.BigInteger(), nullable=False),
        sa.Column("was_shipped", sa.Boolean(), nullable=False),
        sa.CheckConstraint("net_minor + tax_minor = gross_minor", name=op.f("ck_order_adjustment_line_sum")),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["order_adjustment.id"], name=op.f("fk_order_adjustment_line_adjustment_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["order_part.id"], name=op.f("fk_order_adjustment_line_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_adjustment_line")),
    )
    op.create_index("ix_order_adjustment_line_adjustment", "order_adjustment_line", ["adjustment_id"], unique=False)
    op.create_index("ix_order_adjustment_line_part", "order_adjustment_line", ["part_id"], unique=False)
    for statement in append_only_ddl(dialect, list(APPEND_ONLY)):
        op.execute(statement)
