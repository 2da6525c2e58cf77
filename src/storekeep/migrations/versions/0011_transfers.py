"""Several warehouses: why goods come from one of them, transfers between them, zones, what bins hold, pick faces."""

import sqlalchemy as sa
from alembic import op

from storekeep.kernel.clock import SystemClock
from storekeep.kernel.ids import RandomIds
from storekeep.kernel.schema import Id, append_only_ddl

# ruff: noqa: E501 - the tables were written by Alembic, and are never changed again

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APPEND_ONLY = ("sourcing_choice", "transfer_difference")
#: (table, name of its check, the last kind it knew, what comes after it)
KINDS = (
    ("location", "ck_location_kind", "'scrap'", ("'elsewhere'",)),
    ("stock_move", "ck_stock_move_kind", "'return_out'", ("'transfer_out'", "'transfer_in'")),
)


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("number_transfer", start=1)))
        for table, check, last, added in KINDS:
            _allow_on_postgresql(table, check, last, added)
    else:
        for table, _, last, added in KINDS:
            _allow_on_sqlite(table, last, added)
    _places()
    _transfers()
    _elsewhere()
    for statement in append_only_ddl(bind.dialect.name, list(APPEND_ONLY)):
        op.execute(statement)


def _allow_on_postgresql(table: str, check: str, last: str, added: tuple[str, ...]) -> None:
    """The check is made anew from what it says now, so that kinds that others have added stay."""
    asked = f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{check}'"  # noqa: S608 - constants
    said = op.get_bind().exec_driver_sql(asked).scalar_one()
    wider = ", ".join(f"{kind}::text" for kind in (last, *added))
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} {said.replace(f'{last}::text', wider)}")


def _allow_on_sqlite(table: str, last: str, added: tuple[str, ...]) -> None:
    """Only the text of the check changes, so the schema is edited in place; see 0005."""
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)",
        (last, ", ".join((last, *added)), table, last),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"the check of the kinds of {table} is not where it is expected; nothing was changed")
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")


def _elsewhere() -> None:
    """Warehouses that are open already get the place that stands for all the others."""
    bind = op.get_bind()
    ids = RandomIds(SystemClock())
    houses = bind.exec_driver_sql("SELECT id, code FROM warehouse ORDER BY id").all()
    add = sa.text(
        "INSERT INTO location (id, warehouse_id, code, kind, is_owned, is_sellable, walk_sequence, status) "
        "VALUES (:id, :warehouse_id, :code, 'elsewhere', :no, :no, 0, 'active')"
    ).bindparams(
        sa.bindparam("no", type_=sa.Boolean()), sa.bindparam("id", type_=Id()), sa.bindparam("warehouse_id", type_=Id())
    )
    for house_id, code in houses:
        bind.execute(add, {"id": ids.new(), "warehouse_id": str(house_id), "code": f"{code}-ELSEWHERE", "no": False})


def _places() -> None:
    op.create_table(
        "zone",
        sa.Column("id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("code <> '' AND code = upper(code)", name=op.f("ck_zone_code_form")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_zone_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("warehouse_id", "code", name=op.f("uq_zone_warehouse_id_code")),
    )
    op.create_table(
        "bin_fact",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("zone_id", Id(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("max_units", sa.BigInteger(), nullable=True),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("max_volume_ml", sa.BigInteger(), nullable=True),
        sa.Column("one_variant", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('pick', 'bulk')", name=op.f("ck_bin_fact_role")),
        sa.CheckConstraint("max_units > 0 AND max_weight_g > 0 AND max_volume_ml > 0", name=op.f("ck_bin_fact_limits")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_bin_fact_location_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_bin_fact_zone_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_bin_fact")),
    )
    op.create_index("ix_bin_fact_zone", "bin_fact", ["zone_id"], unique=False)
    op.create_table(
        "pick_face",
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("min_units", sa.BigInteger(), nullable=False),
        sa.Column("max_units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("min_units > 0 AND max_units >= min_units", name=op.f("ck_pick_face_levels")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_pick_face_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_pick_face_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", "location_id", name=op.f("pk_pick_face")),
    )
    op.create_index("ix_pick_face_location", "pick_face", ["location_id"], unique=False)
    op.create_table(
        "sourcing_choice",
        sa.Column("id", Id(), nullable=False),
        sa.Column("order_id", Id(), nullable=False),
        sa.Column("round_id", Id(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("warehouse_id", Id(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("parcel_minor", sa.BigInteger(), nullable=False),
        sa.Column("distance", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rule IN ('parcels', 'cost', 'distance', 'stock')", name=op.f("ck_sourcing_choice_rule")),
        sa.CheckConstraint(
            "wanted > 0 AND free >= 0 AND taken >= 0 AND taken <= wanted", name=op.f("ck_sourcing_choice_units")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_sourcing_choice_variant_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_sourcing_choice_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_choice")),
        sa.UniqueConstraint(
            "round_id", "variant_id", "warehouse_id", name=op.f("uq_sourcing_choice_round_id_variant_id_warehouse_id")
        ),
    )
    op.create_index("ix_sourcing_choice_order", "sourcing_choice", ["order_id"], unique=False)


def _transfers() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_warehouse_id", Id(), nullable=False),
        sa.Column("to_warehouse_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('draft', 'loading', 'canceled')) = (sent_at IS NULL)", name=op.f("ck_transfer_sent")
        ),
        sa.CheckConstraint(
            "(status IN ('received', 'closed_with_loss', 'canceled')) = (ended_at IS NOT NULL)",
            name=op.f("ck_transfer_ended"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'loading', 'sent', 'part_received', 'received', 'closed_with_loss', 'canceled')",
            name=op.f("ck_transfer_status"),
        ),
        sa.CheckConstraint("from_warehouse_id <> to_warehouse_id", name=op.f("ck_transfer_ends")),
        sa.ForeignKeyConstraint(["from_warehouse_id"], ["warehouse.id"], name=op.f("fk_transfer_from_warehouse_id")),
        sa.ForeignKeyConstraint(["to_warehouse_id"], ["warehouse.id"], name=op.f("fk_transfer_to_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_number")),
    )
    op.create_index("ix_transfer_status", "transfer", ["status", "id"], unique=False)
    op.create_table(
        "transfer_line",
        sa.Column("id", Id(), nullable=False),
        sa.Column("transfer_id", Id(), nullable=False),
        sa.Column("variant_id", Id(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "received >= 0 AND damaged >= 0 AND lost >= 0 AND returned >= 0 AND received + damaged + lost + returned <= sent",
            name=op.f("ck_transfer_line_on_the_way"),
        ),
        sa.CheckConstraint("wanted >= 0 AND sent >= 0 AND extra >= 0", name=op.f("ck_transfer_line_units")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_transfer_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint("transfer_id", "variant_id", name=op.f("uq_transfer_line_transfer_id_variant_id")),
    )
    op.create_index("ix_transfer_line_variant", "transfer_line", ["variant_id"], unique=False)
    op.create_table(
        "transfer_difference",
        sa.Column("id", Id(), nullable=False),
        sa.Column("transfer_line_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('damaged', 'lost', 'returned', 'extra')", name=op.f("ck_transfer_difference_kind")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_transfer_difference_reason")),
        sa.CheckConstraint("qty > 0", name=op.f("ck_transfer_difference_qty")),
        sa.ForeignKeyConstraint(
            ["transfer_line_id"], ["transfer_line.id"], name=op.f("fk_transfer_difference_transfer_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_difference")),
    )
    op.create_index("ix_transfer_difference_line", "transfer_difference", ["transfer_line_id"], unique=False)
