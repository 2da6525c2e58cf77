"""The goods ledger and its caches: lots, moves, balances, availability and reservations.

Goods of a variant that tracks lots are moved, counted and promised to pickers by lot. A move or a reservation without
a lot has none (NULL); a balance, whose lot is part of its key, then has `model.NO_LOT`, a name that no lot ever gets.
"""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text


def _where_known(name: str, column: str) -> Index:
    """An index of the rows that have a value in `column`."""
    known = sql_text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=known, postgresql_where=known)


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
    #: Of units sold before they were here: the day, like 2027-03-31, on which they were promised to be ready to send.
    text("promised_on", nullable=True),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint(
        "status IN ('cart', 'firm', 'assigned', 'picked', 'consumed', 'released', 'ahead', 'waiting')", name="status"
    ),
    CheckConstraint("status <> 'cart' OR expires_at IS NOT NULL", name="hold_expires"),
    Index("ix_reservation_cart", "cart_id"),
    Index("ix_reservation_order", "order_id"),
    Index("ix_reservation_variant", "variant_id", "status"),
    # Partial, so that placing an order, which fills neither column, writes neither index.
    _where_known("ix_reservation_expiry", "expires_at"),
    _where_known("ix_reservation_fulfillment", "fulfillment_line_id"),
    _where_known("ix_reservation_lot", "lot_id"),
)
