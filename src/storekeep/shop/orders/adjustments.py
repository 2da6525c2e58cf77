"""What is no longer owed: cancellations, returns and goodwill, as append-only documents made of stored parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem, Refused
from storekeep.shop.orders import shares, store, tables
from storekeep.shop.orders.shares import Share


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment that was written, with the shares it took and whether their units had been shipped."""

    id: str
    order_id: str
    gross_minor: int
    shares: tuple[Share, ...]
    was_shipped: bool
    is_new: bool = True


def preview(
    tx: Tx, order_id: str, units: Mapping[str, int], *, was_shipped: bool, with_shipping: bool
) -> tuple[Share, ...]:
    """The shares that adjusting these units would take; raises `Refused` naming every line with too few units left.

    Shipped units are taken from the front of what was shipped and not yet refunded, others from the back of what is
    neither shipped nor canceled. Delivery is taken whole, and only when it was not taken before.
    """
    if not units and not with_shipping:
        return ()
    lines = {line.id: line for line in store.lines_of(tx, [order_id])}
    parts = store.parts_of(tx, [order_id])
    _refuse_too_many(lines, units, was_shipped)
    taken = [_goods_share(part, lines, units, was_shipped) for part in parts if part.order_line_id in units]
    if with_shipping:
        free = [part for part in parts if part.kind == "shipping" and not _was_taken(tx, part.id)]
        taken += [shares.between(part, 0, part.units) for part in free]
    return tuple(taken)


def adjust(
    tx: Tx,
    order_id: str,
    kind: str,
    units: Mapping[str, int],
    *,
    reason: str,
    command_id: str,
    was_shipped: bool,
    with_shipping: bool = False,
) -> Adjustment:
    """Write an adjustment for units of lines and raise the lines' counters. Idempotent by `command_id`."""
    if known := find(tx, command_id):
        return known
    taken = preview(tx, order_id, units, was_shipped=was_shipped, with_shipping=with_shipping)
    made = _write(tx, order_id, kind, reason, command_id, taken, was_shipped)
    store.count_units(tx, "refunded" if was_shipped else "canceled", {k: n for k, n in units.items() if n})
    return made


def compensate(tx: Tx, order_id: str, amount_minor: int, *, reason: str, command_id: str) -> Adjustment:
    """Goodwill: an amount off that belongs to no line and carries no tax. At most what is still owed."""
    if known := find(tx, command_id):
        return known
    owed = store.lock(tx, [order_id])[order_id].owed_minor
    if not 0 < amount_minor <= owed:
        text = f"an amount between 1 and {owed} is possible, not {amount_minor}"
        raise Refused([Problem("amount_out_of_range", text, path="amount", data={"at_most": owed})])
    share = Share(0, amount_minor, 0, 0, None, "compensation")
    return _write(tx, order_id, "compensation", reason, command_id, (share,), was_shipped=True)


def _refuse_too_many(lines: Mapping[str, Any], units: Mapping[str, int], was_shipped: bool) -> None:
    problems = []
    for line_id, wanted in units.items():
        line = lines.get(line_id)
        if line is None:
            problems.append(Problem("line_unknown", "this line is not part of the order", path=f"lines.{line_id}"))
            continue
        left = (
            line.fulfilled - line.refunded - line.replaced
            if was_shipped
            else line.ordered - line.canceled - line.fulfilled
        )
        if not 0 <= wanted <= left:
            text = f"{line.title}: {left} can still be {'refunded' if was_shipped else 'canceled'}, not {wanted}"
            problems.append(Problem("too_many_units", text, path=f"lines.{line_id}", data={"left": left}))
    if problems:
        raise Refused(problems)


def _goods_share(part: Any, lines: Mapping[str, Any], units: Mapping[str, int], was_shipped: bool) -> Share:
    line, wanted = lines[part.order_line_id], units[part.order_line_id]
    if was_shipped:
        return shares.between(part, line.refunded, line.refunded + wanted)
    end = part.units - line.canceled
    return shares.between(part, end - wanted, end)


def _was_taken(tx: Tx, part_id: str) -> bool:
    table = tables.order_adjustment_line
    return bool(tx.scalar(select(func.count()).where(table.c.part_id == part_id)))


def find(tx: Tx, command_id: str) -> Adjustment | None:
    """The adjustment that a command wrote, or None."""
    table = tables.order_adjustment
    row = tx.first(select(table).where(table.c.command_id == command_id))
    if row is None:
        return None
    lines = tables.order_adjustment_line
    rows = tx.rows(select(lines).where(lines.c.adjustment_id == row.id))
    taken = tuple(Share(r.units, r.net_minor, r.tax_minor, r.discount_net_minor, r.part_id) for r in rows)
    return Adjustment(row.id, row.order_id, row.gross_minor, taken, any(r.was_shipped for r in rows), is_new=False)


def _write(
    tx: Tx, order_id: str, kind: str, reason: str, command_id: str, taken: Sequence[Share], was_shipped: bool
) -> Adjustment:
    adjustment_id = tx.new_id()
    gross = sum(share.gross_minor for share in taken)
    head = {
        "id": adjustment_id,
        "order_id": order_id,
        "kind": kind,
        "reason": reason,
        "command_id": command_id,
        "gross_minor": gross,
        "actor": tx.actor,
        "made_at": tx.now,
    }
    tx.insert_many(tables.order_adjustment, [head])
    tx.insert_many(
        tables.order_adjustment_line,
        [
            {
                "id": tx.new_id(),
                "adjustment_id": adjustment_id,
                "part_id": share.part_id,
                "units": share.units,
                "net_minor": share.net_minor,
                "tax_minor": share.tax_minor,
                "gross_minor": share.gross_minor,
                "discount_net_minor": share.discount_net_minor,
                "was_shipped": was_shipped,
            }
            for share in taken
        ],
    )
    return Adjustment(adjustment_id, order_id, gross, tuple(taken), was_shipped)
