"""What comes back, at what it left with: which units of which lot, and which of those that came wait for a decision."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Problem, Refused
from storekeep.shop.fulfillment.tables import fulfillment_line
from storekeep.shop.inventory import lots
from storekeep.shop.inventory.model import ReturnLine as GoodsBack
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.orders import store
from storekeep.shop.orders.shares import upto
from storekeep.shop.returns.model import ReturnLine
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.shipping.tables import shipment

T = TypeVar("T")


class Arrival(NamedTuple):
    """Where units of a return came in."""

    warehouse_id: str
    location_id: str
    lot_id: str | None


def worth(tx: Tx, order_id: str, units: Mapping[str, int]) -> tuple[list[GoodsBack], str]:
    """Units of order lines at what they left with, less what came back before; and the warehouse that sent them.

    Units of a line that was sent in several lots come back in the order in which the lots left.
    """
    lines = {line.id: line for line in store.lines_of(tx, [order_id])}
    m, w = stock_move.c, fulfillment_line.c
    # By document, because moves are many and only their documents are indexed.
    parcels = select(shipment.c.id).where(shipment.c.order_id == order_id)
    boxes = select(goods_return.c.id).where(goods_return.c.order_id == order_id)
    sent: dict[str, tuple[int, int]] = {}
    by_lot: dict[str, dict[str | None, int]] = {line_id: {} for line_id in units}
    house = ""
    left = (
        select(w.order_line_id, m.qty, m.value_minor, m.warehouse_id, m.lot_id)
        .join_from(stock_move, fulfillment_line, m.line_id == w.id)
        .where(m.document_id.in_(parcels), m.kind == "ship", among(w.order_line_id, units))
        .order_by(m.id)
    )
    for move in tx.rows(left):
        qty, value = sent.get(move.order_line_id, (0, 0))
        sent[move.order_line_id] = (qty + move.qty, value + move.value_minor)
        by_lot[move.order_line_id][move.lot_id] = by_lot[move.order_line_id].get(move.lot_id, 0) + move.qty
        house = move.warehouse_id
    before = dict.fromkeys(units, 0)
    came = select(m.line_id, m.qty, m.value_minor, m.lot_id).where(m.document_id.in_(boxes), m.kind == "return_in")
    for move in tx.rows(came.where(among(m.line_id, units))):
        before[move.line_id] += move.value_minor
        if move.lot_id in by_lot[move.line_id]:
            by_lot[move.line_id][move.lot_id] -= move.qty
    goods, problems = [], []
    for line_id, count in units.items():
        line = lines[line_id]
        qty, value = sent.get(line_id, (0, 0))
        if line.returned + count > qty:
            text = f"{line.title}: {qty} were sent and {line.returned} came back before; {count} more cannot be right."
            problems.append(Problem("more_than_sent", text, path=f"lines.{line_id}", data={"sent": qty}))
            continue
        back = 0
        for lot_id, some in _first(by_lot[line_id].items(), count):
            back += some
            worth_of = max(0, upto(value, qty, line.returned + back) - before[line_id])
            before[line_id] += worth_of
            goods.append(GoodsBack(line_id, line.variant_id, some, worth_of, lot_id=lot_id))
    if problems:
        raise Refused(problems)
    return goods, house


def waiting(
    tx: Tx, line: ReturnLine, units: int, outcome: str, lot_id: str | None = None
) -> list[tuple[Arrival, int]]:
    """The arrivals (warehouse, place, lot) out of which `units` of a return's line are decided on.

    Without a lot said, those of good lots are sold again first, and those of bad ones thrown away first.
    """
    m = stock_move.c
    moves = tx.rows(
        select(m.warehouse_id, m.to_location_id, m.from_location_id, m.lot_id, m.qty, m.kind)
        .where(m.document_id == line.return_id, m.line_id == line.order_line_id)
        .order_by(m.id)
    )
    left: dict[Arrival, int] = {}
    for move in moves:
        is_in = move.kind == "return_in"
        at = Arrival(move.warehouse_id, move.to_location_id if is_in else move.from_location_id, move.lot_id)
        left[at] = left.get(at, 0) + (move.qty if is_in else -move.qty)
    named = {at.lot_id for at in left if at.lot_id is not None}
    bad = {each.id for each in lots.load(tx, sorted(named)).values() if not each.is_good} if named else set()
    wanted = [at for at in left if lot_id in (None, at.lot_id)]
    wanted.sort(key=lambda at: (at.lot_id in bad) is (outcome == "restock"))
    found = _first([(at, left[at]) for at in wanted], units)
    if sum(n for _, n in found) < units:
        raise Invalid("units", "so many units of this lot do not wait for a decision")
    return found


def _first(parts: Iterable[tuple[T, int]], units: int) -> list[tuple[T, int]]:
    """The first `units` of (what, units) in their order."""
    found = []
    for what, there in parts:
        some = min(units, there)
        if some > 0:
            found.append((what, some))
            units -= some
    return found
