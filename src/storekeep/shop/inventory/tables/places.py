"""Where goods stand: warehouses, places and bins in zones, and the bins that are picked from."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import flag, id_column, integer, metadata, ref, text

KINDS_OWNED = ("bin", "receiving", "packing", "quarantine", "transit")
#: `elsewhere` stands for all our other warehouses: what is sent to one of them goes there, and comes from there again.
KINDS_VIRTUAL = ("supplier", "customer", "adjustment", "scrap", "elsewhere")


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
