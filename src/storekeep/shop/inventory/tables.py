"""The goods ledger: moves between locations, and the caches that are written in the same transaction."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

KINDS_OWNED = ("bin", "receiving", "packing", "quarantine", "transit")
KINDS_VIRTUAL = ("supplier", "customer", "adjustment", "scrap")



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
    #: Where a bin stands: its aisle's name, bay from the front and level from the floor, counted from 1; NULL: unknown
    text("aisle", nullable=True),
    integer("bay", nullable=True),
    integer("level", nullable=True),
    CheckConstraint(
        "kind IN ('bin', 'receiving', 'packing', 'quarantine', 'transit', "
        "'supplier', 'customer', 'adjustment', 'scrap')",
        name="kind",
    ),
    CheckConstraint("status IN ('active', 'blocked', 'closed')", name="status"),
    CheckConstraint("NOT is_sellable OR (is_owned AND kind = 'bin')", name="sellable"),
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
        UniqueConstraint("warehouse_id", "seq"),
        UniqueConstraint("command_id", "line_no"),
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("from_location_id <> to_location_id", name="ends"),
        CheckConstraint("value_minor >= 0", name="value"),
        CheckConstraint(
            "kind IN ('receive', 'putaway', 'pick', 'unpick', 'ship', 'transfer', 'adjust', 'scrap', 'return_in', "
            "'quarantine')",
            name="kind",
        ),
        Index("ix_stock_move_variant", "variant_id", "seq"),
        Index("ix_stock_move_document", "document_id"),
    )
)

stock_balance = Table(
    "stock_balance",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("location_id", "location.id", primary_key=True),
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
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("status IN ('cart', 'firm', 'assigned', 'picked', 'consumed', 'released')", name="status"),
    CheckConstraint("status <> 'cart' OR expires_at IS NOT NULL", name="hold_expires"),
    Index("ix_reservation_cart", "cart_id"),
    Index("ix_reservation_order", "order_id"),
    Index("ix_reservation_variant", "variant_id", "status"),
    # Partial, so that placing an order, which fills neither column, writes neither index.
    _where_known("ix_reservation_expiry", "expires_at"),
    _where_known("ix_reservation_fulfillment", "fulfillment_line_id"),
)
