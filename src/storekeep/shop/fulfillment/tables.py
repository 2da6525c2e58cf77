"""Warehouse work: one location's share of one order, and every scan that was made on it."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

fulfillment = Table(
    "fulfillment",
    metadata,
    id_column(),
    integer("number", unique=True),
    id_column("order_id"),
    integer("order_number"),
    ref("warehouse_id", "warehouse.id"),
    #: sale, or reship: goods sent again without being sold again
    text("kind"),
    text("status"),
    text("promised_on", nullable=True),
    ref("claimed_by", "staff.id", nullable=True),
    at("claimed_at", nullable=True),
    integer("weight_g", nullable=True),
    at("created_at"),
    at("packed_at", nullable=True),
    at("handed_over_at", nullable=True),
    CheckConstraint("kind IN ('sale', 'reship')", name="kind"),
    CheckConstraint("status IN ('open', 'picking', 'picked', 'packed', 'handed_over', 'canceled')", name="status"),
    Index("ix_fulfillment_order", "order_id"),
    Index("ix_fulfillment_work", "status", "promised_on", "id"),
)

fulfillment_line = Table(
    "fulfillment_line",
    metadata,
    id_column(),
    ref("fulfillment_id", "fulfillment.id"),
    id_column("order_line_id"),
    ref("variant_id", "variant.id"),
    text("sku"),
    text("title"),
    integer("qty"),
    integer("picked"),
    integer("packed"),
    integer("dropped"),
    UniqueConstraint("fulfillment_id", "order_line_id"),
    CheckConstraint("qty > 0 AND picked >= 0 AND packed >= 0 AND dropped >= 0", name="positive"),
    CheckConstraint("picked + dropped <= qty AND packed <= picked", name="units"),
    Index("ix_fulfillment_line_order_line", "order_line_id"),
)

scan_log = append_only(
    Table(
        "scan_log",
        metadata,
        id_column(),
        text("scan_id", unique=True),
        ref("fulfillment_id", "fulfillment.id"),
        ref("fulfillment_line_id", "fulfillment_line.id", nullable=True),
        text("station"),
        text("code"),
        flag("is_right"),
        text("answer"),
        text("actor"),
        at("scanned_at"),
        Index("ix_scan_log_fulfillment", "fulfillment_id", "id"),
    )
)
