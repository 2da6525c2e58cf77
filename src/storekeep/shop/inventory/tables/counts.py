"""Counts: places to be counted, what was counted there, and the classes by which they come up."""

from sqlalchemy import CheckConstraint, Index, Table
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import at, flag, id_column, integer, metadata, ref, text

COUNT_KINDS = ("cycle", "full", "zero_check", "short_pick", "recount")

#: One place to be counted, and why. `claimed_by` is the actor who walks there now.
count_task = Table(
    "count_task",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("warehouse_id", "warehouse.id"),
    ref("location_id", "location.id"),
    text("kind"),
    text("scope"),
    text("reason"),
    flag("is_blind"),
    text("status"),
    text("opened_by"),
    at("opened_at"),
    text("claimed_by", nullable=True),
    at("claimed_at", nullable=True),
    at("closed_at", nullable=True),
    CheckConstraint("kind IN ('cycle', 'full', 'zero_check', 'short_pick', 'recount')", name="kind"),
    CheckConstraint("status IN ('open', 'recount', 'review', 'done', 'canceled')", name="status"),
    CheckConstraint("(status IN ('done', 'canceled')) = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name="claimed"),
    Index("ix_count_task_status", "status", "opened_at"),
    Index("ix_count_task_location", "location_id"),
)


def _one_live(name: str, columns: tuple[str, ...], which: str) -> Index:
    live = sql_text(f"{which} AND status IN ('open', 'counted', 'recount', 'review')")
    return Index(name, *columns, unique=True, sqlite_where=live, postgresql_where=live)


#: One variant in one place, and one lot of it where it has lots. `at_seq` and `variance` are of the count that decides
#: (the second where there was one),
#: `at_seq_1` and `variance_1` of the first: units counted less the balance at that number of the ledger.
count_line = Table(
    "count_line",
    metadata,
    id_column(),
    ref("task_id", "count_task.id"),
    ref("location_id", "location.id"),
    ref("variant_id", "variant.id"),
    text("status"),
    integer("at_seq", nullable=True),
    integer("variance", nullable=True),
    #: What the variance is worth, signed: at average cost when counted, exactly once it is posted.
    integer("value_minor", nullable=True),
    integer("at_seq_1", nullable=True),
    integer("counted_1", nullable=True),
    integer("variance_1", nullable=True),
    text("counter_1", nullable=True),
    at("counted_1_at", nullable=True),
    integer("counted_2", nullable=True),
    text("counter_2", nullable=True),
    at("counted_2_at", nullable=True),
    text("reason", nullable=True),
    text("approver", nullable=True),
    at("settled_at", nullable=True),
    ref("move_id", "stock_move.id", nullable=True, unique=True),
    ref("lot_id", "lot.id", nullable=True),
    CheckConstraint(
        "status IN ('open', 'counted', 'recount', 'review', 'posted', 'rejected', 'canceled')", name="status"
    ),
    CheckConstraint("counted_1 >= 0 AND counted_2 >= 0", name="counted"),
    CheckConstraint("counter_2 <> counter_1", name="two_people"),
    CheckConstraint(
        "status IN ('open', 'canceled') OR (counted_1 IS NOT NULL AND variance IS NOT NULL AND at_seq IS NOT NULL)",
        name="stamped",
    ),
    CheckConstraint("move_id IS NULL OR variance <> 0", name="moved"),
    CheckConstraint("(status IN ('posted', 'rejected', 'canceled')) = (settled_at IS NOT NULL)", name="settled"),
    Index("ix_count_line_task", "task_id"),
    Index("ix_count_line_place", "location_id", "settled_at"),
    Index("ix_count_line_settled", "settled_at"),
    _one_live("uq_count_line_live", ("location_id", "variant_id"), "lot_id IS NULL"),
    _one_live("uq_count_line_live_lot", ("location_id", "lot_id"), "lot_id IS NOT NULL"),
)

#: How precious a variant is in a warehouse, as it was last sorted: made of all moves once a night, read on every page.
count_class = Table(
    "count_class",
    metadata,
    ref("warehouse_id", "warehouse.id", primary_key=True),
    ref("variant_id", "variant.id", primary_key=True),
    text("grade"),
    #: What stood there when it was sorted and what had left at cost in the days before, in minor units.
    integer("value_minor"),
    at("sorted_at"),
    CheckConstraint("grade IN ('A', 'B', 'C')", name="grade"),
    CheckConstraint("value_minor >= 0", name="value"),
)
