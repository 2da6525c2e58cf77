"""The SQL that writes transfers and their lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import lifecycle, numbers
from storekeep.kernel.db import Tx
from storekeep.shop.transfers.errors import UnknownTransfer
from storekeep.shop.transfers.model import Line
from storekeep.shop.transfers.states import TRANSFER
from storekeep.shop.transfers.tables import transfer, transfer_difference, transfer_line

COUNTERS = ("wanted", "sent", "received", "damaged", "lost", "returned", "extra")
_LINES = select(*(transfer_line.c[name] for name in Line.__slots__)).order_by(transfer_line.c.id)


def load(tx: Tx, transfer_id: str, *, lock: bool = False) -> Any:
    """One transfer, locked when asked; `UnknownTransfer`."""
    query = select(transfer).where(transfer.c.id == transfer_id)
    row = tx.first(query.with_for_update() if lock else query)
    if row is None:
        raise UnknownTransfer("there is no such transfer")
    return row


def lines_of(tx: Tx, transfer_id: str) -> list[Line]:
    """The lines of a transfer, in the order in which they were written."""
    return [Line(*tuple(row)) for row in tx.rows(_LINES.where(transfer_line.c.transfer_id == transfer_id))]


def insert(tx: Tx, from_warehouse_id: str, to_warehouse_id: str, note: str) -> str:
    """A new draft; returns its id."""
    transfer_id = tx.new_id()
    tx.insert_many(transfer, [{
        "id": transfer_id, "number": numbers.take(tx, "transfer")[0], "from_warehouse_id": from_warehouse_id,
        "to_warehouse_id": to_warehouse_id, "status": TRANSFER.initial, "note": note, "created_by": tx.actor,
        "created_at": tx.now, "sent_at": None, "ended_at": None,
    }])  # fmt: skip
    lifecycle.begin(tx, TRANSFER, [transfer_id])
    return transfer_id


def add_lines(tx: Tx, transfer_id: str, wanted: Mapping[str, int]) -> None:
    """Lines of variants that have none yet: variant -> units wanted."""
    rows = [
        {"id": tx.new_id(), "transfer_id": transfer_id, "variant_id": variant_id, **dict.fromkeys(COUNTERS, 0),
         "wanted": units}
        for variant_id, units in wanted.items()
    ]  # fmt: skip
    tx.insert_many(transfer_line, rows)


def set_wanted(tx: Tx, wanted: Mapping[str, int]) -> None:
    """line -> units wanted."""
    if wanted:
        change = update(transfer_line).where(transfer_line.c.id == bindparam("line")).values(wanted=bindparam("units"))
        tx.conn.execute(change, [{"line": line, "units": units} for line, units in wanted.items()])


def count(tx: Tx, counter: str, units: Mapping[str, int]) -> None:
    """Add units to a counter: line -> units. The rows are those of a locked transfer."""
    if units:
        column = transfer_line.c[counter]
        change = (
            update(transfer_line)
            .where(transfer_line.c.id == bindparam("line"))
            .values({counter: column + bindparam("units")})
        )
        tx.conn.execute(change, [{"line": line, "units": more} for line, more in units.items()])


def differ(tx: Tx, rows: Sequence[tuple[str, str, int, str, int]], command_id: str) -> None:
    """Keep (line, kind, units, reason, signed value) of what did not arrive as it was sent."""
    tx.insert_many(transfer_difference, [
        {"id": tx.new_id(), "transfer_line_id": line_id, "kind": kind, "qty": units, "reason": reason,
         "value_minor": value, "command_id": command_id, "actor": tx.actor, "decided_at": tx.now}
        for line_id, kind, units, reason, value in rows
    ])  # fmt: skip
