"""Pages that the owner writes: terms, privacy, returns, contact."""

from sqlalchemy import Table

from storekeep.kernel.schema import at, id_column, integer, metadata, text

content_page = Table(
    "content_page",
    metadata,
    id_column(),
    text("slug", unique=True),
    text("title"),
    text("body_markdown"),
    integer("position"),
    at("updated_at"),
)
