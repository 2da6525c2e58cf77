"""What goods cost changes: suppliers ask new prices, freight is charged late, the owner values goods another way."""

from typing import Any

from sqlalchemy import func, select

from storekeep.flows import landed_cost
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.inventory import costing
from storekeep.shop.purchasing import orders, suppliers
from storekeep.shop.purchasing.landed import Bill
from storekeep.shop.purchasing.model import PriceBreak, TermsDraft
from storekeep.shop.purchasing.tables import receipt, receipt_line
from storekeep.world.simulator.play import Life

CARRIERS = ("Quay Freight", "Overland Haulage", "Customs Office")
KINDS = ("freight", "freight", "duty", "handling")


def reprice(life: Life, order_id: str) -> None:
    """The supplier of an order asks other prices from now on, by up to a quarter more or a sixth less."""
    if not life.chance(life.play.trouble.supplier_reprices):
        return
    percent = life.rng.randint(85, 125)

    def change(tx: Tx) -> int:
        row = orders.load(tx, order_id)
        wanted = [line.variant_id for line in orders.lines_of(tx, [order_id])]
        known = suppliers.terms_of(tx, row.supplier_id, wanted)
        drafts = [_repriced(known[each], percent) for each in sorted(known)]
        suppliers.set_terms(tx, row.supplier_id, drafts)
        return len(drafts)

    life.note("supplier prices changed", life.write("buyer", change))


def _repriced(terms: Any, percent: int) -> TermsDraft:
    breaks = tuple(PriceBreak(one.from_qty, max(1, one.unit_price_e4 * percent // 100)) for one in terms.breaks)
    return TermsDraft(terms.variant_id, terms.supplier_sku, breaks, terms.moq, terms.pack_multiple, terms.lead_days,
                      terms.is_preferred)  # fmt: skip


def freight_later(life: Life, order_id: str) -> None:
    """Somebody charges for bringing an order: the bill comes days or weeks after the goods, now and then twice."""
    if not life.chance(life.play.trouble.freight_charged):
        return

    def charge(other: Life) -> None:
        other.sleep(life.play.rhythm.lead_time * other.rng.randint(5, 250) // 100)
        for each in other.read(lambda tx: _deliveries(tx, order_id)):
            _charge(other, each.id, each.number, each.value)

    life.play.spawn(f"freight of {order_id} {life.now}", charge)


def _deliveries(tx: Tx, order_id: str) -> Any:
    """The deliveries of an order that are in the books, with what they brought."""
    n = receipt_line.c
    value = select(func.sum(n.value_minor)).where(n.receipt_id == receipt.c.id).scalar_subquery()
    query = select(receipt.c.id, receipt.c.number, value.label("value")).where(
        receipt.c.purchase_order_id == order_id, receipt.c.status == "posted"
    )
    return tx.rows(query.order_by(receipt.c.number))


def _charge(life: Life, receipt_id: str, number: int, value: int | None) -> None:
    amount = life.rng.randint(1, max(2, int(value or 500) // 4))
    bases = ("value", "weight", "units") if value else ("units",)
    bill = Bill(life.rng.choice(KINDS), amount, life.rng.choice(bases), life.rng.choice(CARRIERS), f"F-{number}")
    if not _book(life, receipt_id, bill, f"freight {receipt_id}"):
        return
    life.note("freight bills")
    if life.chance(life.play.trouble.freight_charged_twice):
        life.note("fault: freight charged twice")
        _book(life, receipt_id, bill, f"freight {receipt_id}")
        _book(life, receipt_id, bill, f"freight again {receipt_id}")
        credit = Bill(bill.kind, -life.rng.randint(1, amount), bill.basis, bill.charged_by, f"C-{number}")
        _book(life, receipt_id, credit, f"credit {receipt_id}")


def _book(life: Life, receipt_id: str, bill: Bill, command: str) -> bool:
    try:
        life.write("buyer", lambda tx: landed_cost.record(tx, receipt_id, bill, command))
    except (Conflict, Refused) as refusal:
        life.note(f"freight bills not booked: {type(refusal).__name__}")
        return False
    return True


def choose_method(life: Life) -> None:
    """The owner looks at the books, and now and then values goods another way from the next arrival on."""
    if not life.chance(life.play.trouble.owner_changes_costing):
        return
    other = {costing.AVERAGE: costing.FIFO, costing.FIFO: costing.AVERAGE}[life.read(costing.method)]
    life.write("owner", lambda tx: costing.choose_method(tx, other))
    life.note(f"goods valued by {other}")
