"""People who bought: one row per e-mail address. Orders keep their own copies of name and address."""

from sqlalchemy import CheckConstraint, Index, Table
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import at, id_column, metadata, ref, text

customer = Table(
    "customer",
    metadata,
    id_column(),
    text("email", unique=True),
    text("name"),
    #: The name without case and accents, by which it is found.
    text("name_folded", server_default=""),
    text("phone"),
    text("note"),
    at("created_at"),
    CheckConstraint("email = lower(email)", name="email_form"),
    Index("ix_customer_name", "name_folded", "id", postgresql_ops={"name_folded": "text_pattern_ops"}),
    Index("ix_customer_email_bytes", "email", postgresql_ops={"email": "text_pattern_ops"}).ddl_if(
        dialect="postgresql"
    ),
)

_LIVE = sql_text("status IN ('asked', 'confirmed')")

#: Somebody who wants to be told once when goods can be bought again; only a confirmed address is ever told.
stock_signup = Table(
    "stock_signup",
    metadata,
    id_column(),
    ref("variant_id", "variant.id"),
    text("email"),
    text("status"),
    at("asked_at"),
    at("confirmed_at", nullable=True),
    at("told_at", nullable=True),
    at("ended_at", nullable=True),
    CheckConstraint("status IN ('asked', 'confirmed', 'told', 'ended')", name="status"),
    CheckConstraint("email = lower(email)", name="email_form"),
    CheckConstraint("status NOT IN ('confirmed', 'told') OR confirmed_at IS NOT NULL", name="confirmed"),
    CheckConstraint("status <> 'told' OR told_at IS NOT NULL", name="told"),
    CheckConstraint("status <> 'ended' OR ended_at IS NOT NULL", name="ended"),
    Index("uq_stock_signup_live", "variant_id", "email", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index("ix_stock_signup_variant", "variant_id", "status", "confirmed_at"),
)
