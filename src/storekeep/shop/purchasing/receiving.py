"""What was counted at the door: receipts and their lines, found against the order, decided on, booked in or void.

Only these verbs write their tables. Counting is blind: nothing here tells how many were ordered before the count ends.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from storekeep.kernel import lifecycle, lookup, numbers, prepared
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.shop.purchasing import orders
from storekeep.shop.purchasing.model import Counted, Part, most_taken
from storekeep.shop.purchasing.states import BOOKED, CONDITIONS, DISPOSITIONS, RECEIPT
from storekeep.shop.purchasing.tables import receipt, receipt_line

_LINE = receipt_line
#: More of one thing in one count is a bar code in the wrong field.
MOST_COUNTED = 1_000_000
#: What a line of a receipt begins with.
_NEW = {
    "purchase_order_line_id": None, "finding": None, "disposition": None, "decision_reason": None, "unit_price_e4": 0,
    **dict.fromkeys(("value_minor", "billed", "billed_minor", "returned", "uncharged", "uncharged_minor"), 0),
}  # fmt: skip


def open_receipt(
    tx: Tx, warehouse_id: str, purchase_order_id: str | None, supplier_id: str | None, delivery_note: str
) -> str:
    """Begin to count a delivery; returns its id."""
    receipt_id = tx.new_id()
    tx.insert_many(
        receipt,
        [
            {
                "id": receipt_id, "number": numbers.take(tx, "receipt")[0], "warehouse_id": warehouse_id,
                "purchase_order_id": purchase_order_id, "supplier_id": supplier_id, "status": RECEIPT.initial,
                "delivery_note": delivery_note.strip()[:200], "void_reason": None, "created_at": tx.now,
                "counted_at": None, "posted_at": None,
            }
        ],
    )  # fmt: skip
    lifecycle.begin(tx, RECEIPT, [receipt_id])
    return receipt_id


def load(tx: Tx, receipt_id: str, *, lock: bool = False) -> Any:
    """One receipt, locked when asked; `NotFound` when there is none."""
    return lookup.one(tx, receipt, receipt_id, "receipt", lock=lock)


def lines_of(tx: Tx, receipt_id: str) -> Sequence[Any]:
    """The lines of a receipt in the order in which they were counted."""
    return tx.rows(prepared.rows_of(_LINE, "receipt_id"), {"wanted": [receipt_id]})


def add(tx: Tx, row: Any, counts: Sequence[Counted]) -> None:
    """Add counted units; those of a thing in the same condition and of one lot add up. The receipt must be locked."""
    require(row, "open")
    for n, each in enumerate(counts):
        if not 0 < each.qty <= MOST_COUNTED:
            raise Invalid(f"counts[{n}].qty", f"count from 1 to {MOST_COUNTED:,} units, not {each.qty}")
        if each.condition not in CONDITIONS:
            raise Invalid(f"counts[{n}].condition", f"goods are {' or '.join(CONDITIONS)}; not {each.condition}")
        if each.variant_id is None and not each.scanned.strip():
            raise Invalid(f"counts[{n}].scanned", "say what it is: nobody knows it")
    known = {_key(line): line for line in lines_of(tx, row.id)}
    more: dict[str, int] = {}
    fresh: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in counts:
        what = each.variant_id or each.scanned.strip()[:200]
        key = (what, each.condition, each.lot_code or "", each.expires_on or "")
        if key in known:
            more[known[key].id] = more.get(known[key].id, 0) + each.qty
        elif key in fresh:
            fresh[key]["counted"] += each.qty
        else:
            fresh[key] = {"id": tx.new_id(), "receipt_id": row.id, "variant_id": each.variant_id,
                          "scanned": each.scanned.strip()[:200], "counted": each.qty, "condition": each.condition,
                          "lot_code": each.lot_code, "expires_on": each.expires_on, **_NEW}  # fmt: skip
    if more:
        change = update(_LINE).where(_LINE.c.id == bindparam("of_line"))
        rows = [{"of_line": line_id, "by_units": by} for line_id, by in sorted(more.items())]
        tx.conn.execute(change.values(counted=_LINE.c.counted + bindparam("by_units")), rows)
    tx.insert_many(_LINE, list(fresh.values()))


def recount(tx: Tx, row: Any, line: Any, qty: int) -> None:
    """A line was counted wrong: set it; 0 takes it out. The receipt must be locked and open."""
    require(row, "open")
    if not 0 <= qty <= MOST_COUNTED:
        raise Invalid("qty", f"count from 0 to {MOST_COUNTED:,} units, not {qty}")
    if qty:
        tx.run(update(_LINE).where(_LINE.c.id == line.id).values(counted=qty))
    else:
        tx.run(delete(_LINE).where(_LINE.c.id == line.id))


def compare(tx: Tx, row: Any, order_lines: Sequence[Any], prices: Mapping[str, int]) -> None:
    """The count is done: find each line on the order, and accept what is good and expected.

    What is damaged, too much, not on the order or unknown waits for a decision. `prices` are those of variants that are
    not on the order, in 1/10,000 of a minor unit. The receipt must be locked.
    """
    require(row, "open")
    counted = lines_of(tx, row.id)
    if not counted:
        raise Conflict("Nothing was counted yet. Count what came, or throw the receipt away.")
    wanted = {line.variant_id: line for line in order_lines}
    room = {
        line.variant_id: most_taken(line.ordered - line.canceled, line.tolerance_bp) - line.received - line.rejected
        for line in order_lines
    }
    rows = [each for line in counted for each in _found(tx, line, row, wanted.get(line.variant_id), prices, room)]
    tx.run(delete(_LINE).where(_LINE.c.receipt_id == row.id))
    tx.insert_many(_LINE, rows)
    lifecycle.advance(tx, RECEIPT, receipt, [row.id], "counted", sets={"counted_at": tx.now}, expect=("open",))


def _found(
    tx: Tx, line: Any, row: Any, wanted: Any, prices: Mapping[str, int], room: dict[str, int]
) -> list[dict[str, Any]]:
    """A counted line as it compares with its order; one that is partly too much becomes two.

    `room` is what the order still takes of each variant: the lines of several lots use it up one after another.
    """
    base = dict(line._mapping)
    if line.variant_id is None:
        return [{**base, "finding": "unknown"}]
    if wanted is None:
        finding = "wrong" if row.purchase_order_id else "unplanned"
        return [{**base, "finding": finding, "unit_price_e4": prices[line.variant_id]}]
    base |= {"purchase_order_line_id": wanted.id, "unit_price_e4": orders.price_of(wanted)}
    if line.condition == "damaged":
        return [{**base, "finding": "damaged"}]
    fits = min(line.counted, max(0, room[line.variant_id]))
    room[line.variant_id] -= fits
    parts = []
    if fits:
        parts.append({**base, "counted": fits, "finding": "expected", "disposition": "accept"})
    if line.counted > fits:
        more = {**base, "counted": line.counted - fits, "finding": "over"}
        parts.append({**more, "id": tx.new_id()} if fits else more)
    return parts


def decide(tx: Tx, row: Any, line: Any, parts: Sequence[Part], reason: str) -> None:
    """Decide what becomes of a line's units; several parts split it. The receipt must be locked.

    A reason is asked for where goods are damaged, were not ordered, or are more than were. Raises `Refused`.
    """
    require(row, "counted")
    problems = []
    if any(part.disposition not in DISPOSITIONS for part in parts):
        problems.append(Problem("invalid", f"choose one of {', '.join(DISPOSITIONS)}", path="disposition"))
    if any(part.qty <= 0 for part in parts) or sum(part.qty for part in parts) != line.counted:
        text = f"the parts must add up to the {line.counted} units that were counted"
        problems.append(Problem("invalid", text, path="qty"))
    if line.variant_id is None and any(part.disposition != "refuse" for part in parts):
        text = "the catalogue does not know this thing; it can only be refused. Add the product first to keep it"
        problems.append(Problem("invalid", text, path="disposition"))
    why = reason.strip()[:500]
    if line.finding in ("over", "wrong", "unplanned", "damaged") and not why:
        problems.append(Problem("invalid", "say why: this is not as it was ordered", path="reason"))
    if problems:
        raise Refused(problems)
    # Parts of one kind are one row, so that an order line keeps few rows.
    units: dict[str, int] = {}
    for part in parts:
        units[part.disposition] = units.get(part.disposition, 0) + part.qty
    base = {**dict(line._mapping), "decision_reason": why or None}
    made = [
        {**base, "id": line.id if n == 0 else tx.new_id(), "disposition": disposition, "counted": qty}
        for n, (disposition, qty) in enumerate(units.items())
    ]
    tx.run(delete(_LINE).where(_LINE.c.id == line.id))
    tx.insert_many(_LINE, made)


def undecided(lines: Sequence[Any]) -> list[Any]:
    """Lines for which nobody has said what becomes of them."""
    return [line for line in lines if line.disposition is None]


def booked(lines: Sequence[Any]) -> list[Any]:
    """Lines whose units come into the house."""
    return [line for line in lines if line.disposition in BOOKED]


def mark_posted(tx: Tx, row: Any, values: Mapping[str, int]) -> None:
    """The goods are in the books, each line at its value."""
    rows = [{"of_id": line_id, "to_value_minor": value} for line_id, value in sorted(values.items())]
    if rows:
        tx.conn.execute(prepared.change_of(_LINE, "value_minor"), rows)
    lifecycle.advance(tx, RECEIPT, receipt, [row.id], "posted", sets={"posted_at": tx.now}, expect=("counted",))


def void(tx: Tx, row: Any, reason: str) -> None:
    """Throw a receipt away; nothing was booked."""
    sets = {"void_reason": reason}
    lifecycle.advance(tx, RECEIPT, receipt, [row.id], "void", sets=sets, expect=("open", "counted"))


def under_way(tx: Tx, purchase_order_id: str) -> Any:
    """A receipt on this order that is being counted or decided on, or None."""
    r = receipt.c
    query = select(receipt).where(r.purchase_order_id == purchase_order_id, r.status.in_(["open", "counted"]))
    return tx.first(query.order_by(r.id).limit(1))


def require(row: Any, status: str) -> None:
    """`Conflict` that says what the receipt is instead."""
    if row.status != status:
        said = {"open": "still being counted", "counted": "counted already", "posted": "booked in already",
                "void": "void"}[row.status]  # fmt: skip
        raise Conflict(f"Receipt GR-{row.number} is {said}.")


def name_lot(tx: Tx, line_id: str, lot_code: str, expires_on: str | None) -> None:
    """Write down what stands on the goods of a line. The receipt must be locked, and not booked in."""
    tx.run(update(_LINE).where(_LINE.c.id == line_id).values(lot_code=lot_code, expires_on=expires_on))


def _key(line: Any) -> tuple[str, ...]:
    return (line.variant_id or line.scanned, line.condition, line.lot_code or "", line.expires_on or "")
