"""Alembic's entry point: runs migrations on the connection of the `Database` it is given."""

from alembic import context

from storekeep.kernel.db import Database
from storekeep.shop.reports.schema import metadata

_database: Database | None = context.config.attributes.get("database")
if _database is None:
    raise SystemExit("run migrations with `storekeep init`")

with _database.engine.connect() as _connection:
    context.configure(
        connection=_connection, target_metadata=metadata, render_as_batch=_database.dialect == "sqlite",
        transaction_per_migration=False,
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()
