"""What follows the sales of a batch: charges into the ledger, corrections of stock, and credit notes.

A credit of a customer's own purchase goes through a return (agreed, received, back in its bin) and a refund; what no
purchase explains is a blind return and a manual credit.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from storekeep.flows import receive, resolve, take_back
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders.tables import order_line
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.returns import returns
from storekeep.world.simulator.replay.matching import Blind, Matched
from storekeep.world.simulator.replay.planning import Document
from storekeep.world.simulator.replay.stocking import CURRENCY

if TYPE_CHECKING:
    from storekeep.world.simulator.replay.driving import Driver


def follow(shop: "Driver", batch: Sequence[Document]) -> None:
    """Book what the documents of a batch hold beside their sales, one after the other, in one transaction."""
    with shop.db.begin(actor="staff:replay") as tx:
        for document in batch:
            shop.matcher.bought(document.orders)
            if document.charges:
                _charge(tx, document)
            if document.corrections:
                _correct(shop, tx, document)
            if document.credit:
                _credit(shop, tx, document)


def _charge(tx: Tx, document: Document) -> None:
    drafts = [
        recipes.charged_apart(
            tx.new_id(),
            f"replay.charge:{charge.row}",
            charge.account,
            charge.amount_minor,
            CURRENCY,
            charge.label,
            f"{document.key}: {charge.label}",
        )
        for charge in document.charges
    ]
    ledger.post(tx, drafts)


def _correct(shop: "Driver", tx: Tx, document: Document) -> None:
    wanted = []
    for each in document.corrections:
        shelf = shop.shelves[each.sku]
        command = f"replay.correction:{each.row}"
        wanted.append(Correction(shelf.variant_id, shelf.bin_id, each.delta, each.reason, command))
    receive.adjust(tx, wanted)


def _credit(shop: "Driver", tx: Tx, document: Document) -> None:
    settled = shop.matcher.settle(document)
    by_order: dict[str, list[Matched]] = {}
    for one in settled.matched:
        by_order.setdefault(one.order_key, []).append(one)
    tally = shop.tally
    tally.credit_notes += 1
    for key, ones in by_order.items():
        _give_back(shop, tx, document, key, ones)
        tally.returns += 1
        tally.matched_lines += len(ones)
        tally.matched_units += sum(one.units for one in ones)
    extra = sum(one.extra_minor for one in settled.matched)
    if settled.blind or extra:
        _take_blindly(shop, tx, document, settled.blind, extra)
    tally.blind_lines += len(settled.blind)
    tally.blind_units += sum(one.units for one in settled.blind)
    tally.blind_returns += bool(settled.blind)


def _give_back(shop: "Driver", tx: Tx, document: Document, key: str, ones: Sequence[Matched]) -> None:
    """One order's share of a credit note: the goods, then the money."""
    order_id, command = shop.placed[key], f"replay:{document.key}:{key}"
    why = f"credit note {document.key}"
    own = select(order_line.c.sku, order_line.c.id).where(order_line.c.order_id == order_id)
    lines = {row.sku: row.id for row in tx.rows(own)}
    units: dict[str, int] = {}
    refunded: dict[str, int] = {}
    for one in ones:
        line_id = lines[one.sku]
        units[line_id] = units.get(line_id, 0) + one.units
        if one.refund_units:
            refunded[line_id] = refunded.get(line_id, 0) + one.refund_units
    agreed = take_back.approve_return(tx, order_id, units, reason=why, command_id=f"{command}:return")
    came = returns.lines_of(tx, [agreed.remedy_id])[agreed.remedy_id]
    take_back.receive(tx, agreed.remedy_id, {line.id: line.qty for line in came}, f"{command}:receive")
    bins = {shelf.variant_id: shelf.bin_id for shelf in (shop.shelves[one.sku] for one in ones)}
    for line in came:
        take_back.dispose(tx, line.id, line.qty, "restock", f"{command}:{line.id}", bin_id=bins[line.variant_id])
    if refunded:
        resolve.refund(tx, order_id, RefundWish(refunded), reason=why, command_id=f"{command}:refund")
    goodwill = sum(one.goodwill_minor for one in ones)
    if goodwill:
        wish = RefundWish(goodwill_minor=goodwill)
        resolve.refund(tx, order_id, wish, reason=f"{why}, below the price paid", command_id=f"{command}:part")


def _take_blindly(shop: "Driver", tx: Tx, document: Document, blind: Sequence[Blind], extra_minor: int) -> None:
    """Goods that no order explains go back to their bins, and their money is paid outside any charge."""
    why, command = f"credit note {document.key}", f"replay:{document.key}:blind"
    if blind:
        house = warehouses(tx)[0].id
        goods = [(shop.shelves[one.sku].variant_id, one.units, shop.shelves[one.sku].cost_minor) for one in blind]
        take_back.blind_return(tx, goods, f"{why}: no purchase of this buyer explains it", command, warehouse_id=house)
        apart = locations.places(tx, house)["quarantine"].id
        shelves = [(shop.shelves[one.sku], one.units) for one in blind]
        steps = [(shelf.variant_id, apart, shelf.bin_id, units) for shelf, units in shelves]
        receive.transfer(tx, steps, f"{command}:shelved")
    amount = sum(one.amount_minor for one in blind) + extra_minor
    if amount:
        take_back.manual_credit(tx, amount, CURRENCY, f"{why}: paid outside any charge", f"{command}:credit")
        shop.tally.manual_credits += 1
