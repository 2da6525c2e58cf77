"""The schema's history. `upgrade` brings a database to the newest version; `check` says whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storekeep.kernel import numbers
from storekeep.kernel.db import Database, DatabaseUnusable


def _config(db: Database | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = db
    return config


def upgrade(db: Database) -> None:
    """Run every migration that the database has not seen. Safe to run again."""
    command.upgrade(_config(db), "head")
    with db.begin(actor="init") as tx:
        numbers.install(tx)


def check(db: Database) -> None:
    """Raise `DatabaseUnusable` with a clear sentence unless the schema is exactly this release's."""
    scripts = ScriptDirectory.from_config(_config())
    with db.engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    if current is None:
        raise DatabaseUnusable("this database has no shop in it yet; run `storekeep init` first")
    if current == scripts.get_current_head():
        return
    if current not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseUnusable(f"this database was written by a newer Storekeep (schema {current}); upgrade Storekeep")
    raise DatabaseUnusable(f"this database has schema {current}; run `storekeep init` to upgrade it")
