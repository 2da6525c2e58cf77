"""What is sold before it is here, what runs low, and why goods come from where they come from."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

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
