"""Parcels: rate cards, shipments, label purchases, documents, scans."""

from sqlalchemy import CheckConstraint, Index, Table
from sqlalchemy import text as sql

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

rate_card = Table(
    "rate_card",
    metadata,
    id_column(),
    text("carrier"),
    text("service"),
    text("label"),
    text("zone"),
    text("currency"),
    #: JSON: [[up_to_weight_g, price_minor], ...], ascending
    text("brackets"),
    integer("transit_days_min"),
    integer("transit_days_max"),
    integer("cutoff_hour"),
    integer("max_weight_g"),
    integer("rank"),
    text("effective_from"),
    text("effective_to", nullable=True),
    flag("is_active"),
    Index("ix_rate_card_service", "carrier", "service", "zone"),
)

#: A box that stands at the pack station: inner sides, its own weight, and what it may weigh when it is closed.
carton_type = Table(
    "carton_type",
    metadata,
    id_column(),
    text("code", unique=True),
    integer("length_mm"),
    integer("width_mm"),
    integer("height_mm"),
    integer("tare_g"),
    integer("max_weight_g"),
    integer("cost_minor"),
    flag("is_active"),
    CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="sides"),
    CheckConstraint("tare_g >= 0 AND max_weight_g > tare_g AND cost_minor >= 0", name="weights"),
)

document = Table(
    "document",
    metadata,
    id_column(),
    text("kind"),
    text("content_type"),
    text("sha256"),
    text("body_base64"),
    id_column("subject_id"),
    at("created_at"),
    Index("ix_document_subject", "subject_id", "kind"),
)

#: One parcel, one label, one tracking number. It carries copies of address and contents.
shipment = Table(
    "shipment",
    metadata,
    id_column(),
    integer("number", unique=True),
    id_column("order_id"),
    id_column("fulfillment_id"),
    text("status"),
    text("carrier"),
    text("service"),
    text("service_label"),
    #: JSON: what was offered, what was chosen, why each other one was not
    text("choice"),
    text("tracking_number", nullable=True, unique=True),
    integer("weight_g"),
    text("ship_to"),
    text("contents"),
    integer("cost_minor"),
    text("currency"),
    text("promised_on", nullable=True),
    text("milestone"),
    text("exception"),
    at("labelled_at", nullable=True),
    at("handed_over_at", nullable=True),
    at("last_scan_at", nullable=True),
    at("delivered_at", nullable=True),
    at("created_at"),
    CheckConstraint(
        "status IN ('draft', 'label_pending', 'labelled', 'handed_over', 'delivered', 'returned', 'lost', 'canceled')",
        name="status",
    ),
    Index("ix_shipment_order", "order_id"),
    Index("ix_shipment_status", "status", "last_scan_at"),
    Index(
        "uq_shipment_live",
        "fulfillment_id",
        unique=True,
        sqlite_where=sql("status <> 'canceled'"),
        postgresql_where=sql("status <> 'canceled'"),
    ),
)

label_purchase = Table(
    "label_purchase",
    metadata,
    id_column(),
    ref("shipment_id", "shipment.id"),
    text("idempotency_key", unique=True),
    text("status"),
    integer("cost_minor"),
    text("tracking_number", nullable=True),
    text("failure", nullable=True),
    at("created_at"),
    at("updated_at"),
    CheckConstraint(
        "status IN ('pending', 'sent', 'bought', 'refused', 'unknown', 'abandoned', 'voided')", name="status"
    ),
    Index("ix_label_purchase_shipment", "shipment_id", "id"),
    Index(
        "uq_label_purchase_live",
        "shipment_id",
        unique=True,
        sqlite_where=sql("status IN ('pending', 'sent', 'unknown', 'bought')"),
        postgresql_where=sql("status IN ('pending', 'sent', 'unknown', 'bought')"),
    ),
)

tracking_event = append_only(
    Table(
        "tracking_event",
        metadata,
        #: sha256 of carrier, number, instant and code: the same scan told twice is one row
        text("id", primary_key=True),
        ref("shipment_id", "shipment.id"),
        text("code"),
        text("text"),
        text("place"),
        text("milestone"),
        text("exception"),
        at("scanned_at"),
        at("recorded_at"),
        Index("ix_tracking_event_shipment", "shipment_id", "scanned_at"),
    )
)
