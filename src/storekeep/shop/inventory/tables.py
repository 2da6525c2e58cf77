"""The goods ledger: moves between locations, and the caches that are written in the same transaction.

Goods of a variant that tracks lots are moved, counted and promised to pickers by lot. A move or a reservation without
a lot has none (NULL); a balance, whose lot is part of its key, then has `model.NO_LOT`, a name that no lot ever gets.
"""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

KINDS_OWNED = ("bin", "receiving", "packing", "quarantine", "transit")
#: `elsewhere` stands for all our other warehouses: what is sent to one of them goes there, and comes from there again.
KINDS_VIRTUAL = ("supplier", "customer", "adjustment", "scrap", "elsewhere")


def _where_known(name: str, column: str) -> Index:
    """An index of the rows that have a value in `column`."""
    known = sql_text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=known, postgresql_where=known)


warehouse = Table(
    "warehouse",
    metadata,
    id_column(),
    text("code", unique=True),
    text("name"),
    text("timezone"),
    text("country"),
    text("postcode"),
    integer("cutoff_hour"),
    integer("last_seq"),
    CheckConstraint("cutoff_hour BETWEEN 0 AND 23", name="cutoff"),
)

location = Table(
    "location",
    metadata,
    id_column(),
    ref("warehouse_id", "warehouse.id"),
    text("code", unique=True),
    text("kind"),
    flag("is_owned"),
    flag("is_sellable"),
    integer("walk_sequence"),
    text("status"),
    CheckConstraint(
        "kind IN ('bin', 'receiving', 'packing', 'quarantine', 'transit', "
        "'supplier', 'customer', 'adjustment', 'scrap', 'elsewhere')",
        name="kind",
    ),
    CheckConstraint("status IN ('active', 'blocked', 'closed')", name="status"),
    CheckConstraint("NOT is_sellable OR (is_owned AND kind = 'bin')", name="sellable"),
)

#: A part of a warehouse: a hall, a floor, a cold room.
zone = Table(
    "zone",
    metadata,
    id_column(),
    ref("warehouse_id", "warehouse.id"),
    text("code"),
    text("name"),
    UniqueConstraint("warehouse_id", "code"),
    CheckConstraint("code <> '' AND code = upper(code)", name="code_form"),
)

#: What is known of a bin beside its code; one without a row is to be picked from and holds whatever one puts there.
#: NULL limits are none. `max_volume_ml`: in millilitres, of the outer sizes of the goods.
bin_fact = Table(
    "bin_fact",
    metadata,
    ref("location_id", "location.id", primary_key=True),
    ref("zone_id", "zone.id", nullable=True),
    #: pick: a face that pickers walk to; bulk: a reserve behind it.
    text("role"),
    integer("max_units", nullable=True),
    integer("max_weight_g", nullable=True),
    integer("max_volume_ml", nullable=True),
    flag("one_variant"),
    CheckConstraint("role IN ('pick', 'bulk')", name="role"),
    CheckConstraint("max_units > 0 AND max_weight_g > 0 AND max_volume_ml > 0", name="limits"),
    Index("ix_bin_fact_zone", "zone_id"),
)

#: The bin that a variant is picked from, to be refilled from the reserve below `min_units`, up to `max_units`.
pick_face = Table(
    "pick_face",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("location_id", "location.id", primary_key=True),
    integer("min_units"),
    integer("max_units"),
    CheckConstraint("min_units > 0 AND max_units >= min_units", name="levels"),
    Index("ix_pick_face_location", "location_id"),
)

#: Goods of a variant made together: they expire together, and are called back together.
lot = Table(
    "lot",
    metadata,
    id_column(),
    ref("variant_id", "variant.id"),
    text("code"),
    #: The last day on which it may be sold, like 2027-03-31; NULL: it keeps.
    text("expires_on", nullable=True),
    at("received_at"),
    text("supplier", nullable=True),
    text("status"),
    #: Why it has this status; empty for a lot that is good.
    text("status_reason"),
    at("status_since"),
    UniqueConstraint("variant_id", "code"),
    CheckConstraint("status IN ('ok', 'quarantined', 'recalled', 'expired')", name="status"),
    CheckConstraint("code <> '' AND code = upper(code) AND code = trim(code)", name="code_form"),
    CheckConstraint("expires_on IS NULL OR expires_on LIKE '____-__-__'", name="expiry_form"),
    _where_known("ix_lot_expiry", "expires_on"),
    Index("ix_lot_code", "code"),
)

stock_move = append_only(
    Table(
        "stock_move",
        metadata,
        id_column(),
        ref("warehouse_id", "warehouse.id"),
        integer("seq"),
        ref("variant_id", "variant.id"),
        integer("qty"),
        ref("from_location_id", "location.id"),
        ref("to_location_id", "location.id"),
        text("kind"),
        text("reason"),
        #: What the goods were worth when they moved, in the shop's currency; 0 for a move between owned places.
        integer("value_minor"),
        text("document_type"),
        id_column("document_id"),
        id_column("line_id", nullable=True),
        text("command_id"),
        integer("line_no"),
        ref("reverses_move_id", "stock_move.id", nullable=True),
        text("actor"),
        at("posted_at"),
        ref("lot_id", "lot.id", nullable=True),
        UniqueConstraint("warehouse_id", "seq"),
        UniqueConstraint("command_id", "line_no"),
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("from_location_id <> to_location_id", name="ends"),
        CheckConstraint("value_minor >= 0", name="value"),
        CheckConstraint(
            "kind IN ('receive', 'putaway', 'pick', 'unpick', 'ship', 'transfer', 'adjust', 'scrap', 'return_in', "
            "'quarantine', 'return_out', 'transfer_out', 'transfer_in')",
            name="kind",
        ),
        Index("ix_stock_move_variant", "variant_id", "seq"),
        Index("ix_stock_move_document", "document_id"),
        # Partial, so that goods without lots write nothing into it.
        _where_known("ix_stock_move_lot", "lot_id"),
    )
)

stock_balance = Table(
    "stock_balance",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("location_id", "location.id", primary_key=True),
    #: A lot's id or `model.NO_LOT`; no foreign key, because a key may not be NULL and no row stands for "no lot".
    id_column("lot_id", primary_key=True),
    integer("qty"),
    integer("assigned"),
    integer("last_seq"),
    flag("is_owned"),
    CheckConstraint("NOT is_owned OR (qty >= 0 AND assigned >= 0 AND assigned <= qty)", name="owned"),
    Index("ix_stock_balance_location", "location_id"),
)

availability = Table(
    "availability",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("warehouse_id", "warehouse.id", primary_key=True),
    integer("on_hand_sellable"),
    integer("reserved"),
    integer("buffer"),
    integer("version"),
    CheckConstraint("reserved >= 0 AND reserved <= on_hand_sellable", name="reserved"),
    CheckConstraint("buffer >= 0", name="buffer"),
)

#: The value of what is on hand, at average cost: taking q of qty costs round_half_even(value * q / qty).
cost_pool = Table(
    "cost_pool",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("warehouse_id", "warehouse.id", primary_key=True),
    integer("qty"),
    integer("value_minor"),
    CheckConstraint("qty >= 0 AND value_minor >= 0", name="positive"),
)

reorder_policy = Table(
    "reorder_policy",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("warehouse_id", "warehouse.id", primary_key=True),
    integer("reorder_point"),
    integer("order_up_to"),
    CheckConstraint("reorder_point >= 0 AND order_up_to >= reorder_point", name="levels"),
)

reservation = Table(
    "reservation",
    metadata,
    id_column(),
    ref("variant_id", "variant.id"),
    ref("warehouse_id", "warehouse.id"),
    integer("qty"),
    text("status"),
    id_column("cart_id", nullable=True),
    id_column("order_id", nullable=True),
    id_column("order_line_id", nullable=True),
    id_column("fulfillment_line_id", nullable=True),
    ref("location_id", "location.id", nullable=True),
    text("release_reason", nullable=True),
    at("expires_at", nullable=True),
    at("created_at"),
    at("updated_at"),
    ref("lot_id", "lot.id", nullable=True),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("status IN ('cart', 'firm', 'assigned', 'picked', 'consumed', 'released')", name="status"),
    CheckConstraint("status <> 'cart' OR expires_at IS NOT NULL", name="hold_expires"),
    Index("ix_reservation_cart", "cart_id"),
    Index("ix_reservation_order", "order_id"),
    Index("ix_reservation_variant", "variant_id", "status"),
    # Partial, so that placing an order, which fills neither column, writes neither index.
    _where_known("ix_reservation_expiry", "expires_at"),
    _where_known("ix_reservation_fulfillment", "fulfillment_line_id"),
    _where_known("ix_reservation_lot", "lot_id"),
)

#: Why an order's goods come from where they come from: what each warehouse had to offer, and what is taken of it. Kept
#: only where there was a choice. Rows of one `round_id` were decided together.
sourcing_choice = append_only(
    Table(
        "sourcing_choice",
        metadata,
        id_column(),
        id_column("order_id"),
        id_column("round_id"),
        text("rule"),
        #: The cart had held exactly these goods, and its plan was kept.
        flag("is_held"),
        ref("variant_id", "variant.id"),
        ref("warehouse_id", "warehouse.id"),
        integer("wanted"),
        integer("free"),
        integer("taken"),
        integer("parcel_minor"),
        integer("distance"),
        at("decided_at"),
        UniqueConstraint("round_id", "variant_id", "warehouse_id"),
        CheckConstraint("rule IN ('parcels', 'cost', 'distance', 'stock')", name="rule"),
        CheckConstraint("wanted > 0 AND free >= 0 AND taken >= 0 AND taken <= wanted", name="units"),
        Index("ix_sourcing_choice_order", "order_id"),
    )
)

COUNT_KINDS = ("cycle", "full", "zero_check", "short_pick", "recount")

#: One place to be counted, and why. `claimed_by` is the actor who walks there now.
count_task = Table(
    "count_task",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("warehouse_id", "warehouse.id"),
    ref("location_id", "location.id"),
    text("kind"),
    text("scope"),
    text("reason"),
    flag("is_blind"),
    text("status"),
    text("opened_by"),
    at("opened_at"),
    text("claimed_by", nullable=True),
    at("claimed_at", nullable=True),
    at("closed_at", nullable=True),
    CheckConstraint("kind IN ('cycle', 'full', 'zero_check', 'short_pick', 'recount')", name="kind"),
    CheckConstraint("status IN ('open', 'recount', 'review', 'done', 'canceled')", name="status"),
    CheckConstraint("(status IN ('done', 'canceled')) = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name="claimed"),
    Index("ix_count_task_status", "status", "opened_at"),
    Index("ix_count_task_location", "location_id"),
)

_LIVE = sql_text("status IN ('open', 'counted', 'recount', 'review')")

#: One variant in one place. `at_seq` and `variance` are of the count that decides (the second where there was one),
#: `at_seq_1` and `variance_1` of the first: units counted less the balance at that number of the warehouse's ledger.
count_line = Table(
    "count_line",
    metadata,
    id_column(),
    ref("task_id", "count_task.id"),
    ref("location_id", "location.id"),
    ref("variant_id", "variant.id"),
    text("status"),
    integer("at_seq", nullable=True),
    integer("variance", nullable=True),
    #: What the variance is worth, signed: at average cost when counted, exactly once it is posted.
    integer("value_minor", nullable=True),
    integer("at_seq_1", nullable=True),
    integer("counted_1", nullable=True),
    integer("variance_1", nullable=True),
    text("counter_1", nullable=True),
    at("counted_1_at", nullable=True),
    integer("counted_2", nullable=True),
    text("counter_2", nullable=True),
    at("counted_2_at", nullable=True),
    text("reason", nullable=True),
    text("approver", nullable=True),
    at("settled_at", nullable=True),
    ref("move_id", "stock_move.id", nullable=True, unique=True),
    CheckConstraint(
        "status IN ('open', 'counted', 'recount', 'review', 'posted', 'rejected', 'canceled')", name="status"
    ),
    CheckConstraint("counted_1 >= 0 AND counted_2 >= 0", name="counted"),
    CheckConstraint("counter_2 <> counter_1", name="two_people"),
    CheckConstraint(
        "status IN ('open', 'canceled') OR (counted_1 IS NOT NULL AND variance IS NOT NULL AND at_seq IS NOT NULL)",
        name="stamped",
    ),
    CheckConstraint("move_id IS NULL OR variance <> 0", name="moved"),
    CheckConstraint("(status IN ('posted', 'rejected', 'canceled')) = (settled_at IS NOT NULL)", name="settled"),
    Index("ix_count_line_task", "task_id"),
    Index("ix_count_line_place", "location_id", "settled_at"),
    Index("ix_count_line_settled", "settled_at"),
    Index("uq_count_line_live", "location_id", "variant_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)
