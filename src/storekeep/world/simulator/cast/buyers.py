"""Buying and goods in: the buyer orders from the reorder list, the receiver counts and decides, bills are matched."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.flows import purchase, receipts, restock, send_back, supplier_invoices
from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Refused
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import lots, putaway
from storekeep.shop.inventory.queries import ReorderRow, to_reorder
from storekeep.shop.purchasing import invoices, orders, queries, receiving, suppliers
from storekeep.shop.purchasing.model import E4, Counted, InvoiceLine, Part, PriceBreak, SupplierDraft, TermsDraft, Want
from storekeep.shop.replenishment import queries as board
from storekeep.shop.replenishment import suggestions
from storekeep.shop.replenishment.model import Pick
from storekeep.shop.site import profile
from storekeep.world.simulator.play import Life

#: More variants than this are never ordered at once.
LIMIT = 20_000
SUPPLIERS = (("NORTH", "North Harbour Wholesale"), ("MILL", "Mill Street Trading"), ("VALE", "Vale Supply"))
#: What the receiver does with what is not as it was ordered.
CHOICES = {
    "over": ("accept", "accept", "refuse"),
    "damaged": ("refuse", "return", "return", "hold"),
    "wrong": ("refuse", "return", "accept"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """Units of a variant to buy for a warehouse."""

    warehouse_id: str
    want: Want


def order(life: Life) -> None:
    """Order everything on the reorder list that is not on order yet: one order per warehouse and supplier."""
    rows = life.read(lambda tx: to_reorder(tx, limit=LIMIT))
    needs = life.read(lambda tx: _needs(tx, rows)) if rows else []
    if not needs:
        return
    life.write("buyer", lambda tx: _find_suppliers(tx, life, [need.want.variant_id for need in needs]))
    for warehouse_id in sorted({need.warehouse_id for need in needs}):
        wants = [need.want for need in needs if need.warehouse_id == warehouse_id]
        command = f"{life.name} of {life.now} for {warehouse_id}"

        def buy(tx: Tx, home: str = warehouse_id, list_: Sequence[Want] = wants, name: str = command) -> int:
            done = purchase.create_per_supplier(tx, home, list_, name)
            for order_id in done.order_ids:
                _agree(tx, order_id)
            return len(done.order_ids)

        life.note("purchase orders", life.write("buyer", buy))
        life.note("variants ordered", len(wants))


def from_board(life: Life) -> None:
    """Somebody goes through the restock board: orders, changes a quantity now and then, dismisses a line, and presses
    the button twice."""
    trouble, picks = life.play.trouble, []
    for row in life.read(lambda tx: board.open_of(tx)):
        if life.chance(trouble.buyer_changes):
            if life.rng.random() < 0.5:
                _dismiss(life, row.id)
                continue
            life.note("fault: buyer changed a quantity")
            picks.append(Pick(row.id, max(1, row.qty * life.rng.randint(50, 150) // 100)))
        else:
            picks.append(Pick(row.id, row.qty))
    if not picks:
        return
    command = f"{life.name} of {life.now}"
    done = life.write("buyer", lambda tx: restock.order(tx, picks, command))
    if life.chance(trouble.buyer_presses_twice):
        life.note("fault: buyer pressed twice")
        life.write("buyer", lambda tx: restock.order(tx, picks, command))
    for order_id in done.order_ids:
        life.write("buyer", lambda tx, each=order_id: _agree(tx, each))  # type: ignore[misc]
    life.note("lines ordered on the restock board", len(picks))


def _agree(tx: Tx, order_id: str) -> None:
    purchase.approve(tx, order_id, f"approve {order_id}", reason="needed now")
    purchase.send(tx, order_id, f"send {order_id}")


def _dismiss(life: Life, suggestion_id: str) -> None:
    try:
        life.write("buyer", lambda tx: suggestions.dismiss(tx, [suggestion_id], "enough for now"))
        life.note("lines dismissed on the restock board")
    except Conflict:
        life.note("lines on the restock board decided meanwhile")


def _needs(tx: Tx, rows: Sequence[ReorderRow]) -> list[Need]:
    coming = queries.on_order(tx)
    needs = []
    for row in rows:
        known = coming.get((row.variant_id, row.warehouse_id))
        position = row.owned - row.reserved + (known.units if known is not None else 0)
        if position <= row.reorder_point and row.order_up_to > position:
            needs.append(Need(row.warehouse_id, Want(row.variant_id, row.order_up_to - position)))
    return needs


def _find_suppliers(tx: Tx, life: Life, variant_ids: Sequence[str]) -> None:
    """Whatever nobody sells us yet gets a supplier, with a price around what the catalogue says."""
    known = suppliers.preferred_terms(tx, variant_ids)
    missing = sorted(set(variant_ids) - set(known))
    if not missing:
        return
    currency = profile.load(tx).currency
    lead_days = max(1, life.play.rhythm.lead_time // DAY)
    drafts: dict[str, list[TermsDraft]] = {code: [] for code, _ in SUPPLIERS}
    v = variant.c
    for row in tx.rows(select(v.id, v.sku, v.cost_minor).where(v.id.in_(missing)).order_by(v.id)):
        dice = random.Random(f"{life.play.seed}:terms:{row.sku}")  # noqa: S311 - a game, no secret
        pack, price = dice.choice((1, 1, 2, 6)), max(1, row.cost_minor * E4 + dice.randint(-4_000, 4_000))
        breaks = (PriceBreak(1, price), PriceBreak(50 * pack, max(1, price * 95 // 100)))
        drafts[dice.choice(SUPPLIERS)[0]].append(TermsDraft(row.id, f"{row.sku}-S", breaks, pack, pack, lead_days))
    for code, name in SUPPLIERS:
        supplier_id = suppliers.add(tx, SupplierDraft(code, name, f"orders@{code.lower()}.example", currency))
        suppliers.set_terms(tx, supplier_id, drafts[code])


def receive(life: Life, order_id: str, brought: Sequence[Counted]) -> None:
    """A van is at the door: count what it brings, decide on what is not as ordered, book it in, put it away."""
    row = life.read(lambda tx: orders.load(tx, order_id))
    command, note = f"{order_id} at {life.now}", f"DN-{row.number}-{life.rng.randint(100, 999)}"

    def begin(tx: Tx) -> str:
        return receipts.open_receipt(tx, row.warehouse_id, command, purchase_order_id=order_id, delivery_note=note)

    receipt_id = life.write("hand", begin)
    if life.read(lambda tx: receiving.load(tx, receipt_id)).status == "open":
        if not life.read(lambda tx: receiving.lines_of(tx, receipt_id)):
            life.write("hand", lambda tx: receipts.count(tx, receipt_id, brought, f"count {receipt_id}"))
        life.write("hand", lambda tx: receipts.finish_count(tx, receipt_id, f"compare {receipt_id}"))
    for line in life.read(lambda tx: receiving.undecided(receiving.lines_of(tx, receipt_id))):
        parts = [Part(life.rng.choice(CHOICES[line.finding]), line.counted)]
        life.note(f"arrived {line.finding}: {parts[0].disposition}", line.counted)
        life.write("hand", lambda tx, line=line, parts=parts: receipts.decide(  # type: ignore[misc]
            tx, receipt_id, line.id, parts, f"decide {line.id}", reason="looked at it at the door"))  # fmt: skip
    bins = life.read(lambda tx: _bins(tx, receipt_id, row.warehouse_id))
    life.write("hand", lambda tx: _book_in(tx, receipt_id, bins))
    life.note("deliveries")
    life.note("units delivered", sum(each.qty for each in brought))
    _send_back(life, receipt_id)


def _book_in(tx: Tx, receipt_id: str, bins: dict[str, str]) -> None:
    """Book it in; what has passed its day since it was counted is refused before."""
    row = receiving.load(tx, receipt_id)
    today = lots.today(tx, [row.warehouse_id])[row.warehouse_id]
    for line in receiving.lines_of(tx, receipt_id) if row.status == "counted" else ():
        if line.expires_on and line.expires_on < today and line.disposition != "refuse":
            parts = [Part("refuse", line.counted)]
            receipts.decide(tx, receipt_id, line.id, parts, f"past {line.id}", reason="its day has passed")
    receipts.post(tx, receipt_id, f"post {receipt_id}", bins=bins)


def _bins(tx: Tx, receipt_id: str, warehouse_id: str) -> dict[str, str]:
    accepted = [line.variant_id for line in receiving.lines_of(tx, receipt_id) if line.disposition == "accept"]
    return {each: place.id for each, place in putaway.suggest(tx, warehouse_id, accepted).items()}


def _send_back(life: Life, receipt_id: str) -> None:
    """What is to go back goes with the next van."""
    for line in life.read(lambda tx: receiving.lines_of(tx, receipt_id)):
        if line.disposition == "return" and line.returned < line.counted:
            life.write("hand", lambda tx, line=line: send_back.send_back(  # type: ignore[misc]
                tx, line.id, line.counted - line.returned, line.finding, f"back {line.id}"))  # fmt: skip
            life.note("units sent back to suppliers", line.counted)


def take_bill(life: Life, order_id: str, number: str, charged: Sequence[InvoiceLine]) -> bool:
    """Write an invoice down and match it; one that charges what did not come is sent back (False)."""
    day = life.read(lambda tx: orders.load(tx, order_id)).expected_on
    bill = life.write(
        "buyer", lambda tx: supplier_invoices.record(tx, order_id, number, day, charged, f"{order_id} {number}")
    )
    try:
        reason = "told on the phone"
        life.write("buyer", lambda tx: supplier_invoices.match_invoice(tx, bill, f"match {bill}", reason=reason))
    except Refused:
        life.write("buyer", lambda tx: supplier_invoices.void(tx, bill, "charges too much", f"void {bill}"))
        life.note("supplier invoices sent back")
        return False
    life.note("supplier invoices matched")
    return True


def open_bill(tx: Tx, order_id: str) -> list[InvoiceLine]:
    """What of an order came and was not charged yet, at the prices agreed on."""
    lines: list[Any] = list(orders.lines_of(tx, [order_id]))
    units = invoices.billable(tx, [line.id for line in lines])
    return [
        InvoiceLine(line.id, sum(int(row.units) for row in units[line.id]), orders.price_of(line))
        for line in lines if line.id in units
    ]  # fmt: skip
