"""What prices depend on besides the product: countries, taxes, delivery methods, discount codes and their uses."""

from sqlalchemy import CheckConstraint, Index, Table

from storekeep.kernel.schema import at, flag, id_column, integer, metadata, ref, text

sales_country = Table(
    "sales_country",
    metadata,
    text("country", primary_key=True),
    text("name"),
    flag("prices_include_tax"),
    text("zone"),
    flag("is_active"),
)

tax_rate = Table(
    "tax_rate",
    metadata,
    text("country", primary_key=True),
    text("tax_class", primary_key=True),
    integer("rate_bp"),
    text("label"),
    CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate"),
)

delivery_method = Table(
    "delivery_method",
    metadata,
    id_column(),
    text("code", unique=True),
    text("zone"),
    text("label"),
    text("kind"),
    text("tax_class"),
    integer("amount_minor"),
    text("bands"),
    integer("free_over_minor", nullable=True),
    integer("max_weight_g", nullable=True),
    integer("min_days"),
    integer("max_days"),
    integer("position"),
    flag("is_active"),
    CheckConstraint("kind IN ('flat', 'weight_banded', 'value_banded')", name="kind"),
    CheckConstraint("amount_minor >= 0 AND min_days >= 0 AND max_days >= min_days", name="range"),
)

discount_code = Table(
    "discount_code",
    metadata,
    id_column(),
    text("code", unique=True),
    integer("percent_bp"),
    integer("min_goods_minor"),
    at("starts_at"),
    at("ends_at", nullable=True),
    integer("max_uses", nullable=True),
    integer("used_count"),
    flag("is_active"),
    CheckConstraint("code = upper(code)", name="code_form"),
    CheckConstraint("percent_bp BETWEEN 1 AND 10000", name="percent"),
    CheckConstraint("used_count >= 0 AND (max_uses IS NULL OR used_count <= max_uses)", name="cap"),
)

discount_use = Table(
    "discount_use",
    metadata,
    id_column(),
    ref("discount_code_id", "discount_code.id"),
    id_column("order_id", unique=True),
    at("used_at"),
    at("returned_at", nullable=True),
    Index("ix_discount_use_code", "discount_code_id"),
)
