"""People who bought: one row per e-mail address. Orders keep their own copies of name and address."""

from sqlalchemy import CheckConstraint, Index, Table

from storekeep.kernel.schema import at, id_column, metadata, text

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
