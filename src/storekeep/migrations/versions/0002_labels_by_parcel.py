"""An index of label purchases by parcel: buying a label asks for the ones before it, and read all of them for that."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_label_purchase_shipment", "label_purchase", ["shipment_id", "id"], unique=False)
