"""Suppliers: they answer an order late, bring it later, short, over, broken or with a wrong thing in it, and charge it.

What a supplier does of an order is decided by the order alone, so a world that is taken up again goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import purchase
from storekeep.kernel.clock import HOUR, Instant, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.purchasing import orders
from storekeep.shop.purchasing.model import Confirmation, Counted, InvoiceLine
from storekeep.shop.purchasing.states import OPEN
from storekeep.shop.purchasing.tables import purchase_order, supplier_invoice
from storekeep.world.simulator.cast import buyers, costs
from storekeep.world.simulator.market import keeping
from storekeep.world.simulator.play import Life

#: Of so many late orders one is delivered without an answer.
UNANSWERED_ONE_IN = 8


class Suppliers:
    """Whoever delivers, and the buyer who orders there. `_busy` are the orders that somebody is working on."""

    def __init__(self) -> None:
        self._busy: set[str] = set()

    def order(self, life: Life) -> None:
        """The buyer orders what is wanted; suppliers take up every order that they have not heard of yet."""
        buyers.order(life)
        for order_id in life.read(_waiting):
            if order_id not in self._busy:
                self._busy.add(order_id)
                life.play.spawn(f"supplier of {order_id}", lambda other, each=order_id: self._serve(other, each))  # type: ignore[misc]

    def _serve(self, life: Life, order_id: str) -> None:
        """One order from its answer to its bill. What is done already is not done again."""
        try:
            row = life.read(lambda tx: orders.load(tx, order_id))
            lead = life.play.rhythm.lead_time
            is_late = _strikes(life, life.play.trouble.supplier_late, "late")
            after: Instant = lead * life.rng.randint(60, 140) // 100 * (3 if is_late else 1)
            answers = not is_late or life.rng.randrange(UNANSWERED_ONE_IN)
            _wait_until(life, row.sent_at + after // 6)
            if answers and row.status == "sent":
                _confirm(life, order_id, row.sent_at + lead, f"answer {order_id}")
            if is_late and row.status in ("sent", "confirmed"):
                _wait_until(life, row.sent_at + lead)
                _confirm(life, order_id, row.sent_at + after, f"later {order_id}")
            _wait_until(life, row.sent_at + after)
            if _status(life, order_id) in OPEN:
                brought = life.read(lambda tx: _brought(tx, life, order_id))
                buyers.receive(life, order_id, _labelled(life, order_id, brought))
            costs.freight_later(life, order_id)
            _charge(life, order_id)
            costs.reprice(life, order_id)
            self._rest(life, order_id, lead)
        finally:
            self._busy.discard(order_id)

    def _rest(self, life: Life, order_id: str, lead: Instant) -> None:
        """What did not come comes later, or is given up."""
        if _status(life, order_id) not in OPEN:
            return
        if life.rng.randrange(2) and _status(life, order_id) == "part_received":
            life.write("buyer", lambda tx: purchase.close_short(tx, order_id, "no more to come", f"short {order_id}"))
            life.note("purchase orders closed short")
            return
        life.sleep(lead // 2)
        if _status(life, order_id) in OPEN:
            rest = life.read(lambda tx: _all_of(orders.lines_of(tx, [order_id])))
            buyers.receive(life, order_id, _labelled(life, order_id, rest))
        _charge(life, order_id)


def _waiting(tx: Tx) -> list[str]:
    """Orders on which something is still to come or to be charged."""
    o = purchase_order.c
    query = select(o.id).where(o.status.in_(sorted(OPEN | {"received"}))).order_by(o.id)
    return [str(row.id) for row in tx.rows(query)]


def _status(life: Life, order_id: str) -> str:
    return str(life.read(lambda tx: orders.load(tx, order_id)).status)


def _wait_until(life: Life, moment: Instant) -> None:
    life.sleep(max(0, moment - life.now))


def _confirm(life: Life, order_id: str, comes_at: Instant, command: str) -> None:
    """Everything comes, on that day."""
    day = day_of(comes_at, life.play.rhythm.timezone)

    def answer(tx: Tx) -> None:
        told = [
            Confirmation(line.id, line.ordered, max(day, line.expected_on)) for line in orders.lines_of(tx, [order_id])
        ]
        purchase.confirm(tx, order_id, told, command)

    life.write("buyer", answer)
    life.note("purchase orders confirmed")


def _all_of(lines: Sequence[Any]) -> list[Counted]:
    return [Counted(line.variant_id, orders.open_units(line)) for line in lines if orders.open_units(line)]


def _brought(tx: Tx, life: Life, order_id: str) -> list[Counted]:
    """What the van really brings of an order; at least one unit."""
    trouble = life.play.trouble
    brought: list[Counted] = []
    for each in _all_of(orders.lines_of(tx, [order_id])):
        units = each.qty
        if units > 1 and _strikes(life, trouble.supplier_short, "short"):
            units = max(1, units * life.rng.randint(30, 90) // 100)
        elif _strikes(life, trouble.supplier_over, "over"):
            units += max(1, units * life.rng.randint(5, 30) // 100)
        broken = min(units, life.rng.randint(1, 3)) if _strikes(life, trouble.supplier_damaged, "damaged") else 0
        if units > broken:
            brought.append(Counted(each.variant_id, units - broken))
        if broken:
            brought.append(Counted(each.variant_id, broken, "damaged"))
    if _strikes(life, trouble.supplier_wrong, "wrong item"):
        known = {each.variant_id for each in brought}
        others = tx.rows(select(variant.c.id).order_by(variant.c.id).limit(len(known) + 50))
        strange = [row.id for row in others if row.id not in known]
        if strange:
            brought.append(Counted(life.rng.choice(strange), life.rng.randint(1, 5)))
    return brought


def _labelled(life: Life, order_id: str, brought: Sequence[Counted]) -> list[Counted]:
    """What the van brings, with the lots of what does not keep; they are numbered by order, day and freshness."""
    known = {each.variant_id for each in brought}
    v = variant.c
    query = select(v.id, v.shelf_life_days).where(v.tracking == "lot", v.id.in_(sorted(known))).order_by(v.id)
    rows, number = life.read(lambda tx: (tx.rows(query), orders.load(tx, order_id).number))
    today = day_of(life.now, life.play.rhythm.timezone)
    printed: dict[str | None, tuple[str, str | None]] = {}
    for row in rows:
        is_old = _strikes(life, life.play.trouble.supplier_old_stock, "old stock")
        percent = keeping.percent_left(life.rng, is_old=is_old)
        lot = keeping.label(f"{number}-{today}-{percent}", today, row.shelf_life_days or 0, percent)
        printed[row.id] = (lot.code, lot.expires_on if row.shelf_life_days else None)
    lots = [printed.get(each.variant_id, (None, None)) for each in brought]
    return [replace(each, lot_code=code, expires_on=day) for each, (code, day) in zip(brought, lots, strict=True)]


def _charge(life: Life, order_id: str) -> None:
    """Send the bill for what came: now and then too dear, or for units that did not come, and then once more."""
    life.sleep(life.rng.randint(1, 30) * HOUR * life.play.rhythm.lead_time // (120 * HOUR))
    bill = life.read(lambda tx: buyers.open_bill(tx, order_id))
    if not bill:
        return
    number = life.read(lambda tx: _next_number(tx, order_id))
    if _strikes(life, life.play.trouble.supplier_charges_wrong, "charges wrong"):
        if life.rng.randrange(2):
            bill = [_dearer(line, life.rng.randint(101, 115)) for line in bill]
        else:
            wrong = [InvoiceLine(line.purchase_order_line_id, line.qty + 1, line.unit_price_e4) for line in bill]
            buyers.take_bill(life, order_id, f"{number}A", wrong)
    buyers.take_bill(life, order_id, number, bill)


def _next_number(tx: Tx, order_id: str) -> str:
    """The number that the supplier writes on its next bill."""
    i = supplier_invoice.c
    before = tx.scalar(select(func.count()).where(i.purchase_order_id == order_id))
    return f"R-{orders.load(tx, order_id).number}-{before + 1}"


def _dearer(line: InvoiceLine, percent: int) -> InvoiceLine:
    return InvoiceLine(line.purchase_order_line_id, line.qty, line.unit_price_e4 * percent // 100)


def _strikes(life: Life, chance: float, what: str) -> bool:
    if life.chance(chance):
        life.note(f"fault: supplier {what}")
        return True
    return False
