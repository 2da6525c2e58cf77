"""A counter per scope that moves whenever an anonymous page may look different; part of every such page's ETag."""

from sqlalchemy import bindparam, select, text

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import site_revision

SCOPE = "catalog"
_BUMP = text(
    "INSERT INTO site_revision (scope, revision) VALUES (:scope, 1) "
    "ON CONFLICT (scope) DO UPDATE SET revision = site_revision.revision + 1"
)


_READ = select(site_revision.c.revision).where(site_revision.c.scope == bindparam("of_scope"))


def bump(tx: Tx, scope: str = SCOPE) -> None:
    """Move the revision of a scope on by one, in the transaction that changes what the page shows."""
    tx.run(_BUMP, {"scope": scope})


def revision(tx: Tx, scope: str = SCOPE) -> int:
    """The current revision of a scope; 0 before its first change. One indexed read."""
    return tx.scalar(_READ, {"of_scope": scope}) or 0
