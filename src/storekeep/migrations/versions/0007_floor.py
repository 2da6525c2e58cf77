"""The floor: places of bins, batches with totes and stops, carton types, and how a parcel was weighed."""

import re

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.schema import Id, append_only_ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLACE = re.compile(r"([A-Z]{1,3})-(\d{1,3})-(\d{1,2})")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _handling_of_variants()
    _places_of_bins()
    op.add_column("fulfillment", sa.Column("carton_code", sa.Text(), nullable=True))
    op.add_column("fulfillment", sa.Column("expected_g", sa.BigInteger(), nullable=True))
    op.add_column("fulfillment", sa.Column("weight_override", sa.Text(), nullable=True))
    _carton_types()
    if dialect == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("number_pick_batch", start=1)))
    _batches()
    for statement in append_only_ddl(dialect, ["batch_scan"]):
        op.execute(statement)


def _handling_of_variants() -> None:
    """How a unit lies in a carton. Stands alone, so that it can be left out where another step adds the same."""
    for name in ("this_way_up", "ships_alone"):
        op.add_column("variant", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def _places_of_bins() -> None:
    """A bin named A-07-2 stands in aisle A, bay 7, level 2; other names stay without a place until one is typed."""
    op.add_column("location", sa.Column("aisle", sa.Text(), nullable=True))
    op.add_column("location", sa.Column("bay", sa.BigInteger(), nullable=True))
    op.add_column("location", sa.Column("level", sa.BigInteger(), nullable=True))
    location = sa.table("location", *(sa.column(name) for name in ("code", "kind", "aisle", "bay", "level")))
    codes = op.get_bind().execute(sa.select(location.c.code).where(location.c.kind == "bin")).scalars()
    placed = [(code, match) for code in codes if (match := _PLACE.fullmatch(code)) and int(match[2]) and int(match[3])]
    if placed:
        statement = sa.update(location).where(location.c.code == sa.bindparam("of_code"))
        op.get_bind().execute(
            statement.values(aisle=sa.bindparam("to_a"), bay=sa.bindparam("to_b"), level=sa.bindparam("to_l")),
            [{"of_code": code, "to_a": m[1], "to_b": int(m[2]), "to_l": int(m[3])} for code, m in placed],
        )


def _carton_types() -> None:
    op.create_table(
        "carton_type",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("tare_g", sa.BigInteger(), nullable=False),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_carton_type_sides")),
        sa.CheckConstraint(
            "tare_g >= 0 AND max_weight_g > tare_g AND cost_minor >= 0", name=op.f("ck_carton_type_weights")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carton_type")),
        sa.UniqueConstraint("code", name=op.f("uq_carton_type_code")),
    )


def _batches() -> None:
    op.create_table(
        "pick_batch",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=True),
        sa.Column("picker", Id(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("walk_mm", sa.BigInteger(), nullable=False),
        sa.Column("s_shape_mm", sa.BigInteger(), nullable=False),
        sa.Column("apart_mm", sa.BigInteger(), nullable=False),
        sa.Column("unplaced_stops", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('single', 'single_item', 'multi_item', 'wave')", name=op.f("ck_pick_batch_kind")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'released', 'in_progress', 'done', 'canceled')", name=op.f("ck_pick_batch_status")
        ),
        sa.CheckConstraint(
            "walk_mm >= 0 AND s_shape_mm >= walk_mm AND apart_mm >= 0 AND unplaced_stops >= 0",
            name=op.f("ck_pick_batch_lengths"),
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_pick_batch_warehouse_id")
        ),
        sa.ForeignKeyConstraint(["picker"], ["staff.id"], name=op.f("fk_pick_batch_picker")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_pick_batch_number")),
    )
    op.create_index("ix_pick_batch_work", "pick_batch", ["status", "id"], unique=False)
    _totes_and_stops()
    op.create_table(
        "batch_scan",
        sa.Column("id", Id(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("batch_id", Id(), nullable=False),
        sa.Column("fulfillment_id", Id(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["pick_batch.id"], name=op.f("fk_batch_scan_batch_id")),
        sa.ForeignKeyConstraint(["fulfillment_id"], ["fulfillment.id"], name=op.f("fk_batch_scan_fulfillment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_scan")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_batch_scan_scan_id")),
    )
    op.create_index("ix_batch_scan_batch", "batch_scan", ["batch_id", "id"], unique=False)


def _totes_and_stops() -> None:
    op.create_table(
        "pick_tote",
        sa.Column("id", Id(), nullable=False),
        sa.Column("batch_id", Id(), nullable=False),
        sa.Column("fulfillment_id", Id(), nullable=False),
        sa.Column("tote_no", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("tote_no > 0", name=op.f("ck_pick_tote_tote_no")),
        sa.CheckConstraint(
            "outcome IN ('open', 'picked', 'left', 'called_off')", name=op.f("ck_pick_tote_outcome")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["pick_batch.id"], name=op.f("fk_pick_tote_batch_id")),
        sa.ForeignKeyConstraint(["fulfillment_id"], ["fulfillment.id"], name=op.f("fk_pick_tote_fulfillment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_tote")),
        sa.UniqueConstraint("batch_id", "tote_no", name=op.f("uq_pick_tote_batch_id_tote_no")),
    )
    op.create_index(
        "uq_pick_tote_live", "pick_tote", ["fulfillment_id"], unique=True,
        sqlite_where=sa.text("outcome = 'open'"), postgresql_where=sa.text("outcome = 'open'"),
    )  # fmt: skip
    op.create_table(
        "pick_stop",
        sa.Column("id", Id(), nullable=False),
        sa.Column("batch_id", Id(), nullable=False),
        sa.Column("stop_no", sa.BigInteger(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("fulfillment_line_id", Id(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty > 0 AND stop_no > 0", name=op.f("ck_pick_stop_units")),
        sa.ForeignKeyConstraint(["batch_id"], ["pick_batch.id"], name=op.f("fk_pick_stop_batch_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_pick_stop_location_id")),
        sa.ForeignKeyConstraint(
            ["fulfillment_line_id"], ["fulfillment_line.id"], name=op.f("fk_pick_stop_fulfillment_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_stop")),
        sa.UniqueConstraint(
            "batch_id", "fulfillment_line_id", "location_id",
            name=op.f("uq_pick_stop_batch_id_fulfillment_line_id_location_id"),
        ),
    )  # fmt: skip
