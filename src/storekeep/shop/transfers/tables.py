"""Transfers and their lines, and every unit that did not arrive as it was sent, with the reason."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from storekeep.kernel.schema import append_only, at, id_column, integer, metadata, ref, text

transfer = Table(
    "transfer",
    metadata,
    id_column(),
    integer("number", unique=True),
    ref("from_warehouse_id", "warehouse.id"),
    ref("to_warehouse_id", "warehouse.id"),
    text("status"),
    text("note"),
    text("created_by"),
    at("created_at"),
    at("sent_at", nullable=True),
    at("ended_at", nullable=True),
    CheckConstraint("from_warehouse_id <> to_warehouse_id", name="ends"),
    CheckConstraint(
        "status IN ('draft', 'loading', 'sent', 'part_received', 'received', 'closed_with_loss', 'canceled')",
        name="status",
    ),
    CheckConstraint("(status IN ('draft', 'loading', 'canceled')) = (sent_at IS NULL)", name="sent"),
    CheckConstraint("(status IN ('received', 'closed_with_loss', 'canceled')) = (ended_at IS NOT NULL)", name="ended"),
    Index("ix_transfer_status", "status", "id"),
)

#: Units of one variant. On the way is what was sent and has not been received, damaged, lost or returned.
transfer_line = Table(
    "transfer_line",
    metadata,
    id_column(),
    ref("transfer_id", "transfer.id"),
    ref("variant_id", "variant.id"),
    #: Asked for; 0 for goods that came without having been sent.
    integer("wanted"),
    integer("sent"),
    #: Good, at the other end.
    integer("received"),
    #: Came, and are set aside there.
    integer("damaged"),
    #: Never came; written off.
    integer("lost"),
    #: Never left, or came back: at the sender's again.
    integer("returned"),
    #: Came beyond what was sent; booked in as found.
    integer("extra"),
    UniqueConstraint("transfer_id", "variant_id"),
    CheckConstraint("wanted >= 0 AND sent >= 0 AND extra >= 0", name="units"),
    CheckConstraint(
        "received >= 0 AND damaged >= 0 AND lost >= 0 AND returned >= 0 "
        "AND received + damaged + lost + returned <= sent",
        name="on_the_way",
    ),
    Index("ix_transfer_line_variant", "variant_id"),
)

#: What differed and what was decided: units damaged, lost, returned or extra, and why.
transfer_difference = append_only(
    Table(
        "transfer_difference",
        metadata,
        id_column(),
        ref("transfer_line_id", "transfer_line.id"),
        text("kind"),
        integer("qty"),
        text("reason"),
        #: Signed, for the books; 0 where no value left them.
        integer("value_minor"),
        text("command_id"),
        text("actor"),
        at("decided_at"),
        CheckConstraint("kind IN ('damaged', 'lost', 'returned', 'extra')", name="kind"),
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_transfer_difference_line", "transfer_line_id"),
    )
)
