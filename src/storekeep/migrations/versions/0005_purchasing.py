"""Purchasing: suppliers, purchase orders, receipts, suppliers' invoices; and goods may go back to a supplier."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id, append_only_ddl

# ruff: noqa: E501 - the tables were written by Alembic, and are never changed again

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "invoice_match",
    "purchase_order_version",
    "supplier_invoice_line",
    "supplier_return",
)
SEQUENCES = (("purchase_order", 1001), ("receipt", 1))
#: The new kind of move stands behind the last of the old ones, in the words of either database.
LAST_KIND, NEW_KIND = "'quarantine'", "'return_out'"


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for kind, first in SEQUENCES:
            op.execute(sa.schema.CreateSequence(sa.Sequence(f"number_{kind}", start=first)))
        _allow_kind_on_postgresql()
    else:
        _allow_kind_on_sqlite()
    _create()
    for statement in append_only_ddl(bind.dialect.name, list(APPEND_ONLY)):
        op.execute(statement)


def _allow_kind_on_postgresql() -> None:
    """The check is made anew from what it says now, so that kinds that others have added stay."""
    said = (
        op.get_bind()
        .exec_driver_sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_stock_move_kind'")
        .scalar_one()
    )
    op.execute("ALTER TABLE stock_move DROP CONSTRAINT ck_stock_move_kind")
    op.execute(
        f"ALTER TABLE stock_move ADD CONSTRAINT ck_stock_move_kind {said.replace(f'{LAST_KIND}::text', f'{LAST_KIND}::text, {NEW_KIND}::text')}"
    )


def _allow_kind_on_sqlite() -> None:
    """Only the text of the check changes and nothing on the disk does, so the schema is edited in place, as SQLite
    documents it for such a change (lang_altertable, "other kinds of table schema changes"): no row is copied, and
    guards, indexes and whatever refers to the table stay."""
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'stock_move' AND instr(sql, ?)",
        (LAST_KIND, f"{LAST_KIND}, {NEW_KIND}", LAST_KIND),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the check of the kinds of moves is not where it is expected; nothing was changed")
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")


def _create() -> None:
    """In this order: a table stands behind those that it refers to."""
    _supplier()
    _order()
    _receipt()
    _invoice()
    _order_line()
    _terms()
    _receipt_line()
    _invoice_line()
    _return()


def _supplier() -> None:
    op.create_table(
        "supplier",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("minimum_order_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_days", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'archived')", name=op.f("ck_supplier_status")),
        sa.CheckConstraint("minimum_order_minor >= 0", name=op.f("ck_supplier_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_supplier_code")),
    )


def _order() -> None:
    op.create_table(
        "purchase_order",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'sent', 'confirmed', 'part_received', 'received', 'closed', 'canceled')",
            name=op.f("ck_purchase_order_status"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_purchase_order_version")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_order_supplier_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_purchase_order_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_order_number")),
    )
    op.create_index("ix_purchase_order_status", "purchase_order", ["status", "id"], unique=False)
    op.create_index("ix_purchase_order_supplier", "purchase_order", ["supplier_id", "id"], unique=False)
    op.create_table(
        "purchase_order_version",
        sa.Column("id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_order.id"], name=op.f("fk_purchase_order_version_purchase_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order_version")),
        sa.UniqueConstraint(
            "purchase_order_id", "version", name=op.f("uq_purchase_order_version_purchase_order_id_version")
        ),
    )


def _receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=True),
        sa.Column("supplier_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("delivery_note", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'posted') = (posted_at IS NOT NULL)", name=op.f("ck_receipt_posted")),
        sa.CheckConstraint("status IN ('open', 'counted', 'posted', 'void')", name=op.f("ck_receipt_status")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_order.id"], name=op.f("fk_receipt_purchase_order_id")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_receipt_supplier_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_receipt_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
    )
    op.create_index("ix_receipt_purchase_order", "receipt", ["purchase_order_id"], unique=False)
    op.create_index("ix_receipt_status", "receipt", ["status", "id"], unique=False)


def _invoice() -> None:
    op.create_table(
        "supplier_invoice",
        sa.Column("id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("invoice_date", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(status = 'matched') = (difference_minor IS NOT NULL)", name=op.f("ck_supplier_invoice_difference")
        ),
        sa.CheckConstraint("status IN ('open', 'matched', 'void')", name=op.f("ck_supplier_invoice_status")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_order.id"], name=op.f("fk_supplier_invoice_purchase_order_id")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_invoice_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice")),
    )
    op.create_index("ix_supplier_invoice_purchase_order", "supplier_invoice", ["purchase_order_id"], unique=False)
    op.create_index("ix_supplier_invoice_status", "supplier_invoice", ["status", "id"], unique=False)
    op.create_index(
        "uq_supplier_invoice_number",
        "supplier_invoice",
        ["supplier_id", "number"],
        unique=True,
        sqlite_where=sa.text("status <> 'void'"),
        postgresql_where=sa.text("status <> 'void'"),
    )


def _order_line() -> None:
    op.create_table(
        "purchase_order_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("supplier_sku", sa.Text(), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_e4", sa.BigInteger(), nullable=False),
        sa.Column("tolerance_bp", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Text(), nullable=False),
        sa.Column("confirmed_qty", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_price_e4", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_on", sa.Text(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("canceled", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "confirmed_qty IS NULL OR confirmed_qty >= 0", name=op.f("ck_purchase_order_line_confirmed")
        ),
        sa.CheckConstraint(
            "ordered > 0 AND unit_price_e4 >= 0 AND tolerance_bp >= 0", name=op.f("ck_purchase_order_line_ordered")
        ),
        sa.CheckConstraint(
            "received >= 0 AND rejected >= 0 AND canceled >= 0 AND canceled <= ordered",
            name=op.f("ck_purchase_order_line_counts"),
        ),
        sa.CheckConstraint(
            "returned >= 0 AND returned <= received AND billed >= 0 AND billed <= received",
            name=op.f("ck_purchase_order_line_settled"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_order.id"], name=op.f("fk_purchase_order_line_purchase_order_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_purchase_order_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order_line")),
        sa.UniqueConstraint("purchase_order_id", "n", name=op.f("uq_purchase_order_line_purchase_order_id_n")),
        sa.UniqueConstraint(
            "purchase_order_id", "variant_id", name=op.f("uq_purchase_order_line_purchase_order_id_variant_id")
        ),
    )
    op.create_index("ix_purchase_order_line_variant", "purchase_order_line", ["variant_id"], unique=False)


def _terms() -> None:
    op.create_table(
        "supplier_variant",
        sa.Column("id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("supplier_sku", sa.Text(), nullable=False),
        sa.Column("moq", sa.BigInteger(), nullable=False),
        sa.Column("pack_multiple", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.BigInteger(), nullable=False),
        sa.Column("is_preferred", sa.Boolean(), nullable=False),
        sa.CheckConstraint("lead_days >= 1", name=op.f("ck_supplier_variant_lead")),
        sa.CheckConstraint(
            "moq >= 1 AND pack_multiple >= 1 AND moq = (moq / pack_multiple) * pack_multiple",
            name=op.f("ck_supplier_variant_packs"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_variant_supplier_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_supplier_variant_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_variant")),
        sa.UniqueConstraint("supplier_id", "variant_id", name=op.f("uq_supplier_variant_supplier_id_variant_id")),
    )
    op.create_index("ix_supplier_variant_variant", "supplier_variant", ["variant_id"], unique=False)
    op.create_index(
        "uq_supplier_variant_preferred",
        "supplier_variant",
        ["variant_id"],
        unique=True,
        sqlite_where=sa.text("is_preferred"),
        postgresql_where=sa.text("is_preferred"),
    )
    op.create_table(
        "price_break",
        sa.Column("supplier_variant_id", Id(), nullable=False),
        sa.Column("from_qty", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_e4", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_qty >= 1 AND unit_price_e4 >= 0", name=op.f("ck_price_break_positive")),
        sa.ForeignKeyConstraint(
            ["supplier_variant_id"], ["supplier_variant.id"], name=op.f("fk_price_break_supplier_variant_id")
        ),
        sa.PrimaryKeyConstraint("supplier_variant_id", "from_qty", name=op.f("pk_price_break")),
    )


def _receipt_line() -> None:
    op.create_table(
        "receipt_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("receipt_id", Id(), nullable=False),
        sa.Column("purchase_order_line_id", Id(), nullable=True),
        sa.Column("variant_id", Id(), nullable=True),
        sa.Column("scanned", sa.Text(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("lot_code", sa.Text(), nullable=True),
        sa.Column("expires_on", sa.Text(), nullable=True),
        sa.Column("unit_price_e4", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("uncharged", sa.BigInteger(), nullable=False),
        sa.Column("uncharged_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("condition IN ('good', 'damaged')", name=op.f("ck_receipt_line_condition")),
        sa.CheckConstraint(
            "disposition IS NULL OR disposition IN ('accept', 'refuse', 'hold', 'return')",
            name=op.f("ck_receipt_line_disposition"),
        ),
        sa.CheckConstraint(
            "finding IS NULL OR finding IN ('expected', 'over', 'damaged', 'wrong', 'unplanned', 'unknown')",
            name=op.f("ck_receipt_line_finding"),
        ),
        sa.CheckConstraint(
            "variant_id IS NOT NULL OR disposition IS NULL OR disposition = 'refuse'",
            name=op.f("ck_receipt_line_unknown"),
        ),
        sa.CheckConstraint(
            "billed >= 0 AND uncharged >= 0 AND billed + uncharged <= counted", name=op.f("ck_receipt_line_billed")
        ),
        sa.CheckConstraint(
            "billed_minor >= 0 AND uncharged_minor >= 0 AND billed_minor + uncharged_minor <= value_minor",
            name=op.f("ck_receipt_line_cleared"),
        ),
        sa.CheckConstraint("counted > 0", name=op.f("ck_receipt_line_counted")),
        sa.CheckConstraint("returned >= uncharged AND returned <= counted", name=op.f("ck_receipt_line_returned")),
        sa.CheckConstraint("unit_price_e4 >= 0 AND value_minor >= 0", name=op.f("ck_receipt_line_value")),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"], ["purchase_order_line.id"], name=op.f("fk_receipt_line_purchase_order_line_id")
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_line_receipt_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_receipt_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_line")),
    )
    op.create_index("ix_receipt_line_purchase_order_line", "receipt_line", ["purchase_order_line_id"], unique=False)
    op.create_index("ix_receipt_line_receipt", "receipt_line", ["receipt_id"], unique=False)


def _invoice_line() -> None:
    op.create_table(
        "supplier_invoice_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("supplier_invoice_id", Id(), nullable=False),
        sa.Column("purchase_order_line_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_e4", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "qty > 0 AND unit_price_e4 >= 0 AND amount_minor >= 0", name=op.f("ck_supplier_invoice_line_positive")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"],
            ["purchase_order_line.id"],
            name=op.f("fk_supplier_invoice_line_purchase_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_invoice_id"], ["supplier_invoice.id"], name=op.f("fk_supplier_invoice_line_supplier_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice_line")),
        sa.UniqueConstraint(
            "supplier_invoice_id",
            "purchase_order_line_id",
            name=op.f("uq_supplier_invoice_line_supplier_invoice_id_purchase_order_line_id"),
        ),
    )
    op.create_table(
        "invoice_match",
        sa.Column("id", Id(), nullable=False),
        sa.Column("supplier_invoice_line_id", Id(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("grni_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0 AND grni_minor >= 0", name=op.f("ck_invoice_match_positive")),
        sa.ForeignKeyConstraint(
            ["receipt_line_id"], ["receipt_line.id"], name=op.f("fk_invoice_match_receipt_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_invoice_line_id"],
            ["supplier_invoice_line.id"],
            name=op.f("fk_invoice_match_supplier_invoice_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_match")),
        sa.UniqueConstraint(
            "supplier_invoice_line_id",
            "receipt_line_id",
            name=op.f("uq_invoice_match_supplier_invoice_line_id_receipt_line_id"),
        ),
    )
    op.create_index("ix_invoice_match_receipt_line", "invoice_match", ["receipt_line_id"], unique=False)


def _return() -> None:
    op.create_table(
        "supplier_return",
        sa.Column("id", Id(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("grni_minor", sa.BigInteger(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "qty > 0 AND cost_minor >= 0 AND grni_minor >= 0 AND payable_minor >= 0",
            name=op.f("ck_supplier_return_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_line_id"], ["receipt_line.id"], name=op.f("fk_supplier_return_receipt_line_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_supplier_return_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_return")),
    )
    op.create_index("ix_supplier_return_receipt_line", "supplier_return", ["receipt_line_id"], unique=False)
