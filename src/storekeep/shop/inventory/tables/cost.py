"""What goods cost: the layers in which they came, what left them, and the sum per variant and warehouse."""

from sqlalchemy import CheckConstraint, Index, Table
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

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
