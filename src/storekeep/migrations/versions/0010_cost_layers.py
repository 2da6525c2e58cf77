"""Cost layers, what moves brought to them and took from them, landed costs; and files that go with mails.

What a shop has so far was kept at average cost: each of its pools becomes one pooled layer, and each move that brought
goods in or out an entry of it. No value changes.
"""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id, append_only_ddl

# ruff: noqa: E501, S608 - laid out as Alembic writes it; the queries are put together from constants

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cost_adjustment", "cost_entry", "landed_cost", "landed_cost_line", "mail_attachment")

#: Moves between us and the outside, with the first that brought goods of the variant into the warehouse.
CROSSING = """
SELECT m.id, m.variant_id, m.warehouse_id, m.seq, t.is_owned AS is_in,
CASE WHEN t.is_owned THEN m.qty ELSE -m.qty END AS qty,
CASE WHEN t.is_owned THEN m.value_minor ELSE -m.value_minor END AS value_minor
FROM stock_move m JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
WHERE f.is_owned <> t.is_owned
"""
FIRST = f"SELECT variant_id, warehouse_id, MIN(seq) AS seq FROM ({CROSSING}) crossing WHERE is_in GROUP BY variant_id, warehouse_id"


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("number_landed_cost", start=1)))
    _layers()
    _landed()
    _attachments()
    op.execute(
        f"""INSERT INTO cost_layer (id, variant_id, warehouse_id, seq, qty, value_minor, is_pooled, is_open)
        SELECT m.id, p.variant_id, p.warehouse_id, m.seq, p.qty, p.value_minor, (1 = 1), p.qty > 0
        FROM cost_pool p JOIN ({FIRST}) o ON o.variant_id = p.variant_id AND o.warehouse_id = p.warehouse_id
        JOIN stock_move m ON m.warehouse_id = o.warehouse_id AND m.seq = o.seq"""
    )
    op.execute(
        f"""INSERT INTO cost_entry (move_id, layer_id, qty, value_minor)
        SELECT c.id, l.id, c.qty, c.value_minor FROM ({CROSSING}) c
        JOIN cost_layer l ON l.variant_id = c.variant_id AND l.warehouse_id = c.warehouse_id"""
    )
    for statement in append_only_ddl(bind.dialect.name, list(APPEND_ONLY)):
        op.execute(statement)


def _layers() -> None:
    op.create_table(
        "cost_layer",
        sa.Column("id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_pooled", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("qty >= 0 AND value_minor >= 0 AND (qty > 0 OR value_minor = 0)", name=op.f("ck_cost_layer_left")),
        sa.CheckConstraint("is_open = (qty > 0)", name=op.f("ck_cost_layer_open")),
        sa.ForeignKeyConstraint(["id"], ["stock_move.id"], name=op.f("fk_cost_layer_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_cost_layer_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_cost_layer_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_layer")),
    )
    is_open = sa.text("is_open")
    op.create_index("ix_cost_layer_open", "cost_layer", ["variant_id", "warehouse_id"], unique=False, sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "cost_entry",
        sa.Column("move_id", Id(), nullable=False),
        sa.Column("layer_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(qty > 0 AND value_minor >= 0) OR (qty < 0 AND value_minor <= 0)", name=op.f("ck_cost_entry_one_way")),
        sa.ForeignKeyConstraint(["move_id"], ["stock_move.id"], name=op.f("fk_cost_entry_move_id")),
        sa.ForeignKeyConstraint(["layer_id"], ["cost_layer.id"], name=op.f("fk_cost_entry_layer_id")),
        sa.PrimaryKeyConstraint("move_id", "layer_id", name=op.f("pk_cost_entry")),
    )
    op.create_table(
        "cost_adjustment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("layer_id", Id(), nullable=False),
        sa.Column("at_seq", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("document_id", Id(), nullable=False),
        sa.Column("line_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value_minor <> 0", name=op.f("ck_cost_adjustment_value")),
        sa.ForeignKeyConstraint(["layer_id"], ["cost_layer.id"], name=op.f("fk_cost_adjustment_layer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_adjustment")),
    )
    op.create_index("ix_cost_adjustment_layer", "cost_adjustment", ["layer_id"], unique=False)
    op.create_index("ix_cost_adjustment_document", "cost_adjustment", ["document_id"], unique=False)


def _landed() -> None:
    op.create_table(
        "landed_cost",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("charged_by", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('freight', 'duty', 'insurance', 'handling', 'other')", name=op.f("ck_landed_cost_kind")),
        sa.CheckConstraint("basis IN ('value', 'weight', 'units')", name=op.f("ck_landed_cost_basis")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_landed_cost_amount")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_landed_cost_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landed_cost")),
        sa.UniqueConstraint("number", name=op.f("uq_landed_cost_number")),
        sa.UniqueConstraint("charged_by", "reference", "receipt_id", name=op.f("uq_landed_cost_charged_by_reference_receipt_id")),
    )
    op.create_index("ix_landed_cost_receipt", "landed_cost", ["receipt_id"], unique=False)
    op.create_table(
        "landed_cost_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("landed_cost_id", Id(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("stock_minor", sa.BigInteger(), nullable=False),
        sa.Column("sold_minor", sa.BigInteger(), nullable=False),
        sa.Column("lost_minor", sa.BigInteger(), nullable=False),
        sa.Column("sent_back_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("stock_minor + sold_minor + lost_minor + sent_back_minor = amount_minor", name=op.f("ck_landed_cost_line_parts")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_landed_cost_line_weight")),
        sa.ForeignKeyConstraint(["landed_cost_id"], ["landed_cost.id"], name=op.f("fk_landed_cost_line_landed_cost_id")),
        sa.ForeignKeyConstraint(["receipt_line_id"], ["receipt_line.id"], name=op.f("fk_landed_cost_line_receipt_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landed_cost_line")),
        sa.UniqueConstraint("landed_cost_id", "receipt_line_id", name=op.f("uq_landed_cost_line_landed_cost_id_receipt_line_id")),
    )
    op.create_index("ix_landed_cost_line_receipt_line", "landed_cost_line", ["receipt_line_id"], unique=False)


def _attachments() -> None:
    op.create_table(
        "mail_attachment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("mail_id", Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body_base64", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_attachment_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attachment")),
        sa.UniqueConstraint("mail_id", "n", name=op.f("uq_mail_attachment_mail_id_n")),
    )
