"""Suppliers and their terms, purchase orders with their versions, receipts, suppliers' invoices and what was sent back.

`_e4` is a price in 1/10,000 of a minor unit; dates are ISO texts.
"""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

supplier = Table(
    "supplier",
    metadata,
    id_column(),
    text("code", unique=True),
    text("name"),
    text("email"),
    text("currency"),
    integer("minimum_order_minor"),
    #: ISO weekdays on which the supplier takes orders, such as "14" for Monday and Thursday; empty: any day.
    text("order_days"),
    text("status"),
    at("created_at"),
    CheckConstraint("status IN ('active', 'archived')", name="status"),
    CheckConstraint("minimum_order_minor >= 0", name="minimum"),
)

supplier_variant = Table(
    "supplier_variant",
    metadata,
    id_column(),
    ref("supplier_id", "supplier.id"),
    ref("variant_id", "variant.id"),
    text("supplier_sku"),
    integer("moq"),
    integer("pack_multiple"),
    integer("lead_days"),
    flag("is_preferred"),
    UniqueConstraint("supplier_id", "variant_id"),
    CheckConstraint("moq >= 1 AND pack_multiple >= 1 AND moq = (moq / pack_multiple) * pack_multiple", name="packs"),
    CheckConstraint("lead_days >= 1", name="lead"),
    Index(
        "uq_supplier_variant_preferred", "variant_id", unique=True,
        sqlite_where=sql_text("is_preferred"), postgresql_where=sql_text("is_preferred"),
    ),
    Index("ix_supplier_variant_variant", "variant_id"),
)  # fmt: skip

price_break = Table(
    "price_break",
    metadata,
    ref("supplier_variant_id", "supplier_variant.id", primary_key=True),
    integer("from_qty", primary_key=True),
    integer("unit_price_e4"),
    CheckConstraint("from_qty >= 1 AND unit_price_e4 >= 0", name="positive"),
)

purchase_order = Table(
    "purchase_order",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("supplier_id", "supplier.id"),
    ref("warehouse_id", "warehouse.id"),
    text("status"),
    text("currency"),
    integer("version"),
    #: When the supplier's promised lead time ends, if it is sent today; set anew when it is sent.
    text("expected_on"),
    text("note"),
    text("end_reason", nullable=True),
    text("created_by"),
    at("created_at"),
    at("sent_at", nullable=True),
    at("confirmed_at", nullable=True),
    at("ended_at", nullable=True),
    CheckConstraint(
        "status IN ('draft', 'approved', 'sent', 'confirmed', 'part_received', 'received', 'closed', 'canceled')",
        name="status",
    ),
    CheckConstraint("version >= 1", name="version"),
    Index("ix_purchase_order_supplier", "supplier_id", "id"),
    Index("ix_purchase_order_status", "status", "id"),
)

purchase_order_line = Table(
    "purchase_order_line",
    metadata,
    id_column(),
    ref("purchase_order_id", "purchase_order.id"),
    integer("n"),
    ref("variant_id", "variant.id"),
    text("supplier_sku"),
    integer("ordered"),
    integer("unit_price_e4"),
    #: How far above `ordered` goods are taken without asking, in basis points; the setting when the line was written.
    integer("tolerance_bp"),
    #: Why the quantity and the price are what they are, a JSON list of sentences.
    text("reasons"),
    text("expected_on"),
    integer("confirmed_qty", nullable=True),
    integer("confirmed_price_e4", nullable=True),
    text("confirmed_on", nullable=True),
    integer("received"),
    integer("rejected"),
    integer("canceled"),
    integer("returned"),
    integer("billed"),
    UniqueConstraint("purchase_order_id", "n"),
    UniqueConstraint("purchase_order_id", "variant_id"),
    CheckConstraint("ordered > 0 AND unit_price_e4 >= 0 AND tolerance_bp >= 0", name="ordered"),
    CheckConstraint("received >= 0 AND rejected >= 0 AND canceled >= 0 AND canceled <= ordered", name="counts"),
    CheckConstraint("returned >= 0 AND returned <= received AND billed >= 0 AND billed <= received", name="settled"),
    CheckConstraint("confirmed_qty IS NULL OR confirmed_qty >= 0", name="confirmed"),
    Index("ix_purchase_order_line_variant", "variant_id"),
)

#: Each version of an order as it was, its lines as JSON; the last one is the order's own.
purchase_order_version = append_only(
    Table(
        "purchase_order_version",
        metadata,
        id_column(),
        ref("purchase_order_id", "purchase_order.id"),
        integer("version"),
        text("reason"),
        text("content"),
        at("made_at"),
        text("actor"),
        UniqueConstraint("purchase_order_id", "version"),
    )
)

receipt = Table(
    "receipt",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("warehouse_id", "warehouse.id"),
    ref("purchase_order_id", "purchase_order.id", nullable=True),
    ref("supplier_id", "supplier.id", nullable=True),
    text("status"),
    text("delivery_note"),
    text("void_reason", nullable=True),
    at("created_at"),
    at("counted_at", nullable=True),
    at("posted_at", nullable=True),
    CheckConstraint("status IN ('open', 'counted', 'posted', 'void')", name="status"),
    CheckConstraint("(status = 'posted') = (posted_at IS NOT NULL)", name="posted"),
    Index("ix_receipt_status", "status", "id"),
    Index("ix_receipt_purchase_order", "purchase_order_id"),
)

receipt_line = Table(
    "receipt_line",
    metadata,
    id_column(),
    ref("receipt_id", "receipt.id"),
    ref("purchase_order_line_id", "purchase_order_line.id", nullable=True),
    #: None for a thing that the catalogue does not know; `scanned` says what it bore.
    ref("variant_id", "variant.id", nullable=True),
    text("scanned"),
    integer("counted"),
    text("condition"),
    text("finding", nullable=True),
    text("disposition", nullable=True),
    #: Why more than ordered, or something that was not ordered, was decided on as it was.
    text("decision_reason", nullable=True),
    #: What stood on goods that are told apart by lot; needed before they are booked in.
    text("lot_code", nullable=True),
    text("expires_on", nullable=True),
    integer("unit_price_e4"),
    #: What the units were booked in at, and what of it invoices and returns have cleared since.
    integer("value_minor"),
    integer("billed"),
    integer("billed_minor"),
    integer("returned"),
    integer("uncharged"),
    integer("uncharged_minor"),
    CheckConstraint("counted > 0", name="counted"),
    CheckConstraint("condition IN ('good', 'damaged')", name="condition"),
    CheckConstraint(
        "finding IS NULL OR finding IN ('expected', 'over', 'damaged', 'wrong', 'unplanned', 'unknown')", name="finding"
    ),
    CheckConstraint("disposition IS NULL OR disposition IN ('accept', 'refuse', 'hold', 'return')", name="disposition"),
    CheckConstraint("variant_id IS NOT NULL OR disposition IS NULL OR disposition = 'refuse'", name="unknown"),
    CheckConstraint("unit_price_e4 >= 0 AND value_minor >= 0", name="value"),
    CheckConstraint("billed >= 0 AND uncharged >= 0 AND billed + uncharged <= counted", name="billed"),
    CheckConstraint("returned >= uncharged AND returned <= counted", name="returned"),
    CheckConstraint(
        "billed_minor >= 0 AND uncharged_minor >= 0 AND billed_minor + uncharged_minor <= value_minor", name="cleared"
    ),
    Index("ix_receipt_line_receipt", "receipt_id"),
    Index("ix_receipt_line_purchase_order_line", "purchase_order_line_id"),
)

supplier_invoice = Table(
    "supplier_invoice",
    metadata,
    id_column(),
    ref("supplier_id", "supplier.id"),
    ref("purchase_order_id", "purchase_order.id"),
    #: As the supplier wrote it
    text("number"),
    text("invoice_date"),
    text("status"),
    text("currency"),
    integer("total_minor"),
    #: What it costs more (negative: less) than what came was booked in at; known when it is matched.
    integer("difference_minor", nullable=True),
    text("decision_reason", nullable=True),
    at("created_at"),
    at("matched_at", nullable=True),
    CheckConstraint("status IN ('open', 'matched', 'void')", name="status"),
    CheckConstraint("(status = 'matched') = (difference_minor IS NOT NULL)", name="difference"),
    Index(
        "uq_supplier_invoice_number", "supplier_id", "number", unique=True,
        sqlite_where=sql_text("status <> 'void'"), postgresql_where=sql_text("status <> 'void'"),
    ),
    Index("ix_supplier_invoice_status", "status", "id"),
    Index("ix_supplier_invoice_purchase_order", "purchase_order_id"),
)  # fmt: skip

supplier_invoice_line = append_only(
    Table(
        "supplier_invoice_line",
        metadata,
        id_column(),
        ref("supplier_invoice_id", "supplier_invoice.id"),
        ref("purchase_order_line_id", "purchase_order_line.id"),
        integer("qty"),
        integer("unit_price_e4"),
        integer("amount_minor"),
        UniqueConstraint("supplier_invoice_id", "purchase_order_line_id"),
        CheckConstraint("qty > 0 AND unit_price_e4 >= 0 AND amount_minor >= 0", name="positive"),
    )
)

#: Which received units an invoice line pays for, and what of "received, not invoiced" (2050) it cleared.
invoice_match = append_only(
    Table(
        "invoice_match",
        metadata,
        id_column(),
        ref("supplier_invoice_line_id", "supplier_invoice_line.id"),
        ref("receipt_line_id", "receipt_line.id"),
        integer("qty"),
        integer("grni_minor"),
        UniqueConstraint("supplier_invoice_line_id", "receipt_line_id"),
        CheckConstraint("qty > 0 AND grni_minor >= 0", name="positive"),
        Index("ix_invoice_match_receipt_line", "receipt_line_id"),
    )
)

supplier_return = append_only(
    Table(
        "supplier_return",
        metadata,
        id_column(),
        ref("receipt_line_id", "receipt_line.id"),
        ref("variant_id", "variant.id"),
        integer("qty"),
        text("reason"),
        #: What left the books, what came off 2050, and what the supplier owes us for units that were billed (2000).
        integer("cost_minor"),
        integer("grni_minor"),
        integer("payable_minor"),
        at("made_at"),
        text("actor"),
        CheckConstraint("qty > 0 AND cost_minor >= 0 AND grni_minor >= 0 AND payable_minor >= 0", name="positive"),
        Index("ix_supplier_return_receipt_line", "receipt_line_id"),
    )
)

#: Freight, duty and the like for a delivery, shared out over the lines that came with it.
landed_cost = append_only(
    Table(
        "landed_cost",
        metadata,
        id_column(),
        integer("number", unique=True),
        ref("receipt_id", "receipt.id"),
        text("kind"),
        #: What it was shared out by: the lines' value, weight or units.
        text("basis"),
        #: Negative: a credit note.
        integer("amount_minor"),
        text("currency"),
        #: Who charges it, and under which number.
        text("charged_by"),
        text("reference"),
        text("note"),
        at("posted_at"),
        text("actor"),
        CheckConstraint("kind IN ('freight', 'duty', 'insurance', 'handling', 'other')", name="kind"),
        CheckConstraint("basis IN ('value', 'weight', 'units')", name="basis"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_landed_cost_receipt", "receipt_id"),
        UniqueConstraint("charged_by", "reference", "receipt_id"),
    )
)

#: A line's part of it, and where that went: to goods still here (1300), sold (5000), lost (5100), sent back (5110).
landed_cost_line = append_only(
    Table(
        "landed_cost_line",
        metadata,
        id_column(),
        ref("landed_cost_id", "landed_cost.id"),
        ref("receipt_line_id", "receipt_line.id"),
        #: The line's share of the basis: minor units, grams or units.
        integer("weight"),
        integer("amount_minor"),
        integer("stock_minor"),
        integer("sold_minor"),
        integer("lost_minor"),
        integer("sent_back_minor"),
        UniqueConstraint("landed_cost_id", "receipt_line_id"),
        CheckConstraint("stock_minor + sold_minor + lost_minor + sent_back_minor = amount_minor", name="parts"),
        CheckConstraint("weight >= 0", name="weight"),
        Index("ix_landed_cost_line_receipt_line", "receipt_line_id"),
    )
)
