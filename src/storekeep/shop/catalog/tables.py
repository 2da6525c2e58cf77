"""Products, their variants, pictures and categories, and the word index that search reads."""

from sqlalchemy import CheckConstraint, Index, Table, false

from storekeep.kernel.schema import at, flag, id_column, integer, metadata, ref, text

category = Table(
    "category",
    metadata,
    id_column(),
    text("slug", unique=True),
    text("name"),
    text("description"),
    integer("position"),
)

product = Table(
    "product",
    metadata,
    id_column(),
    text("slug", unique=True),
    text("title"),
    text("summary"),
    text("description"),
    ref("category_id", "category.id"),
    text("tax_class"),
    text("status"),
    integer("revision"),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
    CheckConstraint("tax_class IN ('standard', 'reduced', 'zero')", name="tax_class"),
    Index("ix_product_category", "category_id", "status", "id"),
)

variant = Table(
    "variant",
    metadata,
    id_column(),
    ref("product_id", "product.id"),
    text("sku", unique=True),
    text("option_label"),
    text("barcode", nullable=True, unique=True),
    integer("price_minor"),
    integer("compare_at_minor", nullable=True),
    integer("cost_minor"),
    integer("weight_g"),
    integer("length_mm"),
    integer("width_mm"),
    integer("height_mm"),
    integer("position"),
    text("status"),
    #: Whether its goods are told apart by lot. `serial`, unit by unit, is left room for; no verb makes it yet.
    text("tracking", server_default="none"),
    #: Days that it keeps from the day it is made; NULL: it keeps.
    integer("shelf_life_days", nullable=True),
    #: Fewer days than this left, and a dated lot is not sent any more.
    integer("min_days_at_ship", server_default="0"),
    #: Its height must stay upright in a carton; each unit wants a carton of its own.
    flag("this_way_up", server_default=false()),
    flag("ships_alone", server_default=false()),
    #: A kit has no goods of its own: it is sold as its parts (`kit_part`).
    flag("is_kit", server_default=false()),
    CheckConstraint("price_minor >= 0 AND cost_minor >= 0", name="money"),
    CheckConstraint("weight_g >= 0", name="weight"),
    CheckConstraint("sku = upper(sku) AND sku = trim(sku)", name="sku_form"),
    CheckConstraint("status IN ('active', 'closed')", name="status"),
    CheckConstraint("tracking IN ('none', 'lot', 'serial')", name="tracking"),
    CheckConstraint("min_days_at_ship >= 0 AND (shelf_life_days IS NULL OR shelf_life_days > 0)", name="shelf_life"),
    Index("ix_variant_product", "product_id", "position"),
)

#: What one kit consists of: `qty` units of each part. A part is no kit itself.
kit_part = Table(
    "kit_part",
    metadata,
    ref("kit_id", "variant.id", primary_key=True),
    ref("part_id", "variant.id", primary_key=True),
    integer("qty"),
    integer("position"),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("kit_id <> part_id", name="itself"),
    Index("ix_kit_part_part", "part_id"),
)

media = Table(
    "media",
    metadata,
    id_column(),
    ref("product_id", "product.id"),
    ref("variant_id", "variant.id", nullable=True),
    text("file_name"),
    text("alt"),
    integer("position"),
    Index("ix_media_product", "product_id", "position"),
)

price_change = Table(
    "price_change",
    metadata,
    id_column(),
    ref("variant_id", "variant.id"),
    integer("price_minor"),
    at("valid_from"),
    Index("ix_price_change_variant", "variant_id", "valid_from"),
)

search_term = Table(
    "search_term",
    metadata,
    text("term", primary_key=True),
    id_column("product_id", primary_key=True),
    integer("weight"),
    Index("ix_search_term_product", "product_id", "term", "weight"),
    # Prefix ranges compare bytes; on PostgreSQL that takes an index of its own, whatever the database's collation.
    Index("ix_search_term_bytes", "term", "product_id", "weight", postgresql_ops={"term": "text_pattern_ops"}).ddl_if(
        dialect="postgresql"
    ),
    sqlite_with_rowid=False,  # the key's own tree then holds the weight too, and a search reads nothing else
)

#: A counter that moves whenever an anonymous page may look different; part of every page's ETag.
site_revision = Table("site_revision", metadata, text("scope", primary_key=True), integer("revision"))

