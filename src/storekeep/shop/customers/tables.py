"""People who bought: one row per e-mail address. Orders keep their own copies of name and address."""

from sqlalchemy import CheckConstraint, Table

from storekeep.kernel.schema import at, id_column, metadata, text

customer = Table(
    "customer",
    metadata,
    id_column(),
    text("email", unique=True),
    text("name"),
    text("phone"),
    text("note"),
    at("created_at"),
    CheckConstraint("email = lower(email)", name="email_form"),
)
