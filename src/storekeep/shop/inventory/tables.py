"""The goods ledger: moves between locations, and the caches that are written in the same transaction.

Goods of a variant that tracks lots are moved, counted and promised to pickers by lot. A move or a reservation without
a lot has none (NULL); a balance, whose lot is part of its key, then has `model.NO_LOT`, a name that no lot ever gets.
"""

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
            "'quarantine', 'return_out')",
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

#: What the goods of a variant in a warehouse are worth together: the sum of their layers, written with them.
cost_pool = Table(
    "cost_pool",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    ref("warehouse_id", "warehouse.id", primary_key=True),
    integer("qty"),
    integer("value_minor"),
    CheckConstraint("qty >= 0 AND value_minor >= 0", name="positive"),
)

_OPEN_LAYER = sql_text("is_open")

#: Goods that arrived together and what is left of them; its id is that of the move that brought the first of them.
#: Taking q of qty costs round_half_even(value * q / qty), so the last unit takes the rest. A pooled layer takes in
#: later arrivals too (average cost). Layers of a variant in a warehouse are used up by `seq`, the arrival's number.
cost_layer = Table(
    "cost_layer",
    metadata,
    ref("id", "stock_move.id", primary_key=True),
    ref("variant_id", "variant.id"),
    ref("warehouse_id", "warehouse.id"),
    integer("seq"),
    integer("qty"),
    integer("value_minor"),
    flag("is_pooled"),
    flag("is_open"),
    CheckConstraint("qty >= 0 AND value_minor >= 0 AND (qty > 0 OR value_minor = 0)", name="left"),
    CheckConstraint("is_open = (qty > 0)", name="open"),
    # Its columns do not change while goods leave, so that PostgreSQL need not touch it then.
    Index("ix_cost_layer_open", "variant_id", "warehouse_id", sqlite_where=_OPEN_LAYER, postgresql_where=_OPEN_LAYER),
)

#: What a move between us and the outside brought to a layer, or took from it (negative), in units and value. Under
#: average cost an arrival also moves what other layers still hold into the one that takes it in.
cost_entry = append_only(
    Table(
        "cost_entry",
        metadata,
        ref("move_id", "stock_move.id", primary_key=True),
        ref("layer_id", "cost_layer.id", primary_key=True),
        integer("qty"),
        integer("value_minor"),
        CheckConstraint("(qty > 0 AND value_minor >= 0) OR (qty < 0 AND value_minor <= 0)", name="one_way"),
    )
)

#: Value that was added to a layer (negative: taken from it) without goods moving: a freight bill that came later.
cost_adjustment = append_only(
    Table(
        "cost_adjustment",
        metadata,
        id_column(),
        ref("layer_id", "cost_layer.id"),
        #: The warehouse's last number then: moves up to it left at the value before.
        integer("at_seq"),
        integer("value_minor"),
        text("document_type"),
        id_column("document_id"),
        id_column("line_id"),
        text("actor"),
        at("posted_at"),
        CheckConstraint("value_minor <> 0", name="value"),
        Index("ix_cost_adjustment_layer", "layer_id"),
        Index("ix_cost_adjustment_document", "document_id"),
    )
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

SELL_AHEAD_KINDS = ("backorder", "preorder", "stopped")

#: Which variants are sold before they are here, how many units at most, and until when they are promised.
sell_ahead = Table(
    "sell_ahead",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    #: Where the goods are expected; they may come to another one as well.
    ref("warehouse_id", "warehouse.id"),
    text("kind"),
    #: Of a back-order the units that may wait at once, of a pre-order those of the cap that are not here yet.
    integer("limit_units"),
    #: Days until a back-ordered unit can be sent.
    integer("lead_days"),
    #: The first day on which a pre-order is sent.
    text("ships_on", nullable=True),
    #: Units of carts (`ahead`) and orders (`waiting`): a cache of the reservations.
    integer("waiting"),
    at("updated_at"),
    CheckConstraint("kind IN ('backorder', 'preorder', 'stopped')", name="kind"),
    CheckConstraint("waiting >= 0 AND waiting <= limit_units", name="waiting"),
    CheckConstraint("lead_days >= 0 AND lead_days <= 365", name="lead_days"),
    CheckConstraint("kind <> 'preorder' OR ships_on IS NOT NULL", name="preorder_day"),
    CheckConstraint("ships_on IS NULL OR ships_on LIKE '____-__-__'", name="day_form"),
)

#: What is low for a variant (units that can still be sold), where it is not the shop's own number.
low_stock_level = Table(
    "low_stock_level",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    integer("units"),
    CheckConstraint("units >= 0", name="units"),
)

#: The variants that are low now, since when, and on which day the owner was told.
low_stock = Table(
    "low_stock",
    metadata,
    ref("variant_id", "variant.id", primary_key=True),
    at("since"),
    text("told_on", nullable=True),
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


def _one_live(name: str, columns: tuple[str, ...], which: str) -> Index:
    live = sql_text(f"{which} AND status IN ('open', 'counted', 'recount', 'review')")
    return Index(name, *columns, unique=True, sqlite_where=live, postgresql_where=live)


#: One variant in one place, and one lot of it where it has lots. `at_seq` and `variance` are of the count that decides
#: (the second where there was one),
#: `at_seq_1` and `variance_1` of the first: units counted less the balance at that number of the ledger.
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
    ref("lot_id", "lot.id", nullable=True),
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
    _one_live("uq_count_line_live", ("location_id", "variant_id"), "lot_id IS NULL"),
    _one_live("uq_count_line_live_lot", ("location_id", "lot_id"), "lot_id IS NOT NULL"),
)

#: How precious a variant is in a warehouse, as it was last sorted: made of all moves once a night, read on every page.
count_class = Table(
    "count_class",
    metadata,
    ref("warehouse_id", "warehouse.id", primary_key=True),
    ref("variant_id", "variant.id", primary_key=True),
    text("grade"),
    #: What stood there when it was sorted and what had left at cost in the days before, in minor units.
    integer("value_minor"),
    at("sorted_at"),
    CheckConstraint("grade IN ('A', 'B', 'C')", name="grade"),
    CheckConstraint("value_minor >= 0", name="value"),
)
