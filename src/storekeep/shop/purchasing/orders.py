"""Purchase orders as documents: written, changed with a version each, counted on. Only these verbs write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from storekeep.kernel import lifecycle, lookup, numbers, prepared, settings
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.kernel.jsontext import dump
from storekeep.shop.purchasing.model import OVER_TOLERANCE, OVER_TOLERANCE_BP, Confirmation, Sized, line_value
from storekeep.shop.purchasing.states import PURCHASE_ORDER
from storekeep.shop.purchasing.tables import purchase_order, purchase_order_line, purchase_order_version

_LINE = purchase_order_line


def write(
    tx: Tx, supplier: Any, warehouse_id: str, lines: Sequence[Sized], expected: Mapping[str, str], note: str
) -> str:
    """Write a draft with its first version; `expected` is the day of each variant. Returns its id."""
    order_id, number = tx.new_id(), numbers.take(tx, "purchase_order")[0]
    tx.insert_many(
        purchase_order,
        [
            {
                "id": order_id, "number": number, "supplier_id": supplier.id, "warehouse_id": warehouse_id,
                "status": PURCHASE_ORDER.initial, "currency": supplier.currency, "version": 1,
                "expected_on": max(expected.values()), "note": note, "end_reason": None, "created_by": tx.actor,
                "created_at": tx.now, "sent_at": None, "confirmed_at": None, "ended_at": None,
            }
        ],
    )  # fmt: skip
    add_lines(tx, order_id, lines, expected, first=1)
    lifecycle.begin(tx, PURCHASE_ORDER, [order_id])
    keep_version(tx, order_id, 1, "written")
    return order_id


def add_lines(tx: Tx, order_id: str, lines: Sequence[Sized], expected: Mapping[str, str], first: int) -> None:
    """Write lines numbered from `first` on."""
    tolerance = int(settings.read(tx, OVER_TOLERANCE, OVER_TOLERANCE_BP))
    zeros = dict.fromkeys(("received", "rejected", "canceled", "returned", "billed"), 0)
    tx.insert_many(
        _LINE,
        [
            {
                "id": tx.new_id(), "purchase_order_id": order_id, "n": n, "variant_id": line.variant_id,
                "supplier_sku": line.supplier_sku, "ordered": line.qty, "unit_price_e4": line.unit_price_e4,
                "tolerance_bp": tolerance, "reasons": dump(list(line.reasons)),
                "expected_on": expected[line.variant_id], "confirmed_qty": None, "confirmed_price_e4": None,
                "confirmed_on": None, **zeros,
            }
            for n, line in enumerate(lines, first)
        ],
    )  # fmt: skip


def change_lines(tx: Tx, changed: Mapping[str, Sized], gone: Sequence[str], expected: Mapping[str, str]) -> None:
    """Change lines by id, and take the `gone` ones out; what was confirmed of them is void."""
    values = ("ordered", "unit_price_e4", "reasons", "expected_on", "confirmed_qty", "confirmed_price_e4",
              "confirmed_on")  # fmt: skip
    rows = [
        {
            "of_id": line_id, "to_ordered": line.qty, "to_unit_price_e4": line.unit_price_e4,
            "to_reasons": dump(list(line.reasons)), "to_expected_on": expected[line.variant_id],
            "to_confirmed_qty": None, "to_confirmed_price_e4": None, "to_confirmed_on": None,
        }
        for line_id, line in sorted(changed.items())
    ]  # fmt: skip
    if rows:
        tx.conn.execute(prepared.change_of(_LINE, *values), rows)
    if gone:
        tx.run(delete(_LINE).where(_LINE.c.id.in_(gone)))


def keep_version(tx: Tx, order_id: str, version: int, reason: str) -> None:
    """Keep the order as it is now under its version."""
    content = [
        {"variant_id": line.variant_id, "supplier_sku": line.supplier_sku, "ordered": line.ordered,
         "unit_price_e4": line.unit_price_e4, "expected_on": line.expected_on}
        for line in lines_of(tx, [order_id])
    ]  # fmt: skip
    row = {"id": tx.new_id(), "purchase_order_id": order_id, "version": version, "reason": reason,
           "content": dump(content), "made_at": tx.now, "actor": tx.actor}  # fmt: skip
    tx.insert_many(purchase_order_version, [row])


def load(tx: Tx, order_id: str, *, lock: bool = False) -> Any:
    """One order, locked when asked; `NotFound` when there is none."""
    return lookup.one(tx, purchase_order, order_id, "purchase order", lock=lock)


def by_number(tx: Tx, number: int) -> Any:
    """One order by the number that stands on the paper."""
    row = tx.first(select(purchase_order).where(purchase_order.c.number == number))
    if row is None:
        raise NotFound("There is no such purchase order.")
    return row


def lines_of(tx: Tx, order_ids: Sequence[str]) -> Sequence[Any]:
    """The lines of orders, by order and number."""
    query = prepared.rows_of(_LINE, "purchase_order_id", order=("purchase_order_id", "n"))
    return tx.rows(query, {"wanted": list(order_ids)})


def open_units(line: Any) -> int:
    """Units of a line that were ordered, not taken back, and did not come."""
    return max(0, int(line.ordered) - int(line.canceled) - int(line.received))


def price_of(line: Any) -> int:
    """What a unit of a line costs: as confirmed, else as ordered, in 1/10,000 of a minor unit."""
    return int(line.unit_price_e4 if line.confirmed_price_e4 is None else line.confirmed_price_e4)


def total_of(lines: Sequence[Any]) -> int:
    """What the lines come to as ordered, without those units that were taken back."""
    return sum(line_value(line.ordered - line.canceled, line.unit_price_e4) for line in lines)


def confirm(tx: Tx, answers: Sequence[Confirmation]) -> None:
    """Write what the supplier said of lines."""
    rows = [
        {"of_id": each.line_id, "to_confirmed_qty": each.qty, "to_confirmed_on": each.on,
         "to_confirmed_price_e4": each.unit_price_e4}
        for each in sorted(answers, key=lambda one: one.line_id)
    ]  # fmt: skip
    tx.conn.execute(prepared.change_of(_LINE, "confirmed_qty", "confirmed_on", "confirmed_price_e4"), rows)


def set_expected(tx: Tx, order_id: str, days: Mapping[str, str]) -> None:
    """The days on which lines are expected, counted from sending; the order's own is the last of them."""
    rows = [{"of_id": line_id, "to_expected_on": day} for line_id, day in sorted(days.items())]
    tx.conn.execute(prepared.change_of(_LINE, "expected_on"), rows)
    last = max(days.values())
    tx.run(update(purchase_order).where(purchase_order.c.id == order_id).values(expected_on=last))


def count(tx: Tx, name: str, units: Mapping[str, int]) -> None:
    """Add units to a counter of lines: received, rejected, canceled, returned or billed."""
    rows = [{"of_line": line_id, "by_units": by} for line_id, by in sorted(units.items()) if by]
    if rows:
        column = _LINE.c[name]
        change = update(_LINE).where(_LINE.c.id == bindparam("of_line"))
        tx.conn.execute(change.values({column: column + bindparam("by_units")}), rows)
