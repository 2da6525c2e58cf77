"""Warehouse work: one location's share of one order, the batches it is picked in, and every scan made on it."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

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
    #: The box it went into, what it should have weighed, and why another weight was let through
    text("carton_code", nullable=True),
    integer("expected_g", nullable=True),
    text("weight_override", nullable=True),
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

#: Orders that are picked in one walk. Lengths are of the walk as it was planned last.
pick_batch = Table(
    "pick_batch",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("warehouse_id", "warehouse.id"),
    text("kind"),
    text("status"),
    #: By when its parcels must stand at the door
    at("cutoff_at", nullable=True),
    ref("picker", "staff.id", nullable=True),
    text("released_by", nullable=True),
    integer("walk_mm"),
    integer("s_shape_mm"),
    #: What its orders would take one by one
    integer("apart_mm"),
    #: Stops at bins whose place in the hall nobody has entered; they are in none of the lengths
    integer("unplaced_stops"),
    at("created_at"),
    at("released_at", nullable=True),
    at("started_at", nullable=True),
    at("ended_at", nullable=True),
    CheckConstraint("kind IN ('single', 'single_item', 'multi_item', 'wave')", name="kind"),
    CheckConstraint("status IN ('planned', 'released', 'in_progress', 'done', 'canceled')", name="status"),
    CheckConstraint("walk_mm >= 0 AND s_shape_mm >= walk_mm AND apart_mm >= 0 AND unplaced_stops >= 0", name="lengths"),
    Index("ix_pick_batch_work", "status", "id"),
)

#: The tote of a batch that a fulfillment's goods go into. It is open until the work is picked or leaves the batch.
pick_tote = Table(
    "pick_tote",
    metadata,
    id_column(),
    ref("batch_id", "pick_batch.id"),
    ref("fulfillment_id", "fulfillment.id"),
    integer("tote_no"),
    text("outcome"),
    UniqueConstraint("batch_id", "tote_no"),
    CheckConstraint("tote_no > 0", name="tote_no"),
    CheckConstraint("outcome IN ('open', 'picked', 'left', 'called_off')", name="outcome"),
    Index(
        "uq_pick_tote_live",
        "fulfillment_id",
        unique=True,
        sqlite_where=sql("outcome = 'open'"),
        postgresql_where=sql("outcome = 'open'"),
    ),
)

#: The plan of the walk: at which stop what is taken for whom. What is still to be taken there, the reservations say.
pick_stop = Table(
    "pick_stop",
    metadata,
    id_column(),
    ref("batch_id", "pick_batch.id"),
    integer("stop_no"),
    ref("location_id", "location.id"),
    ref("fulfillment_line_id", "fulfillment_line.id"),
    integer("qty"),
    UniqueConstraint("batch_id", "fulfillment_line_id", "location_id"),
    CheckConstraint("qty > 0 AND stop_no > 0", name="units"),
)

batch_scan = append_only(
    Table(
        "batch_scan",
        metadata,
        id_column(),
        text("scan_id", unique=True),
        ref("batch_id", "pick_batch.id"),
        ref("fulfillment_id", "fulfillment.id", nullable=True),
        text("code"),
        flag("is_right"),
        text("answer"),
        text("actor"),
        at("scanned_at"),
        Index("ix_batch_scan_batch", "batch_id", "id"),
    )
)
