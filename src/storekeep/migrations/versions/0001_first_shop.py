"""The first schema, with its append-only triggers."""

from alembic import op

from storekeep.kernel.schema import append_only_ddl
from storekeep.shop.reports.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    metadata.create_all(bind)
    for statement in append_only_ddl(bind.dialect.name):
        op.execute(statement)
