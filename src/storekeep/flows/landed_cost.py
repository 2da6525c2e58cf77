"""Freight, duty and the like for a delivery: onto the goods that came with it, wherever they are by now.

What is for goods still here raises their value (1300); what is for goods sold since is cost of goods (5000), for goods
lost an inventory adjustment (5100), for goods sent back variance (5110). All of it is owed (2000).
"""

from dataclasses import astuple, replace

from storekeep.flows import once
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import landing, moves
from storekeep.shop.inventory.landing import Landing
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.purchasing import landed, receiving
from storekeep.shop.purchasing.landed import Bill, Share
from storekeep.shop.site import profile


def record(tx: Tx, receipt_id: str, bill: Bill, command_id: str) -> str:
    """Book a bill for a delivery, in the shop's currency and without tax; returns its id. Idempotent by command.

    Raises `Refused` or `Invalid` for a bill that cannot be, `Conflict` for a delivery that is not booked in or brought
    nothing, and for a bill that was booked for it before.
    """
    wanted = landed.checked(bill)
    row = receiving.load(tx, receipt_id, lock=True)
    asked = [receipt_id, list(astuple(wanted))]
    if (known := once.answer(tx, "landed.record", command_id, asked)) is not None:
        return str(known)
    receiving.require(row, "posted")
    landed.require_new(tx, receipt_id, wanted)
    lines = receiving.booked(receiving.lines_of(tx, receipt_id))
    if not lines:
        raise Conflict(f"Nothing of GR-{row.number} came into the house; there are no goods to carry this cost.")
    facts = variants_by_ids(tx, [line.variant_id for line in lines])
    grams = {one: each.weight_g for one, each in facts.items()}
    shares = landed.share(wanted, lines, grams, {one: each.sku for one, each in facts.items()})
    # A delivery is booked in by one command, a move for each of its lines in their order.
    arrivals = {move.line_no: move.id for move in moves.of_commands(tx, [f"receipt:{receipt_id}"])}
    landings = [Landing(arrivals[n], one.receipt_line_id, one.amount_minor) for n, one in enumerate(shares)]
    landed_id = tx.new_id()
    gone = landing.add_costs(tx, landings, "landed_cost", landed_id)
    settled = [
        replace(one, stock_minor=to.stock_minor, sold_minor=to.sold, lost_minor=to.lost, sent_back_minor=to.sent_back)
        for one, to in zip(shares, gone, strict=True)
    ]
    currency = profile.load(tx).currency
    number = landed.write(tx, landed_id, receipt_id, wanted, currency, settled)
    _book(tx, landed_id, settled, currency, f"LC-{number} {wanted.charged_by} {wanted.reference}")
    told = {"number": number, "receipt_id": receipt_id, "amount_minor": wanted.amount_minor, "kind": wanted.kind,
            "basis": wanted.basis, "stock_minor": sum(one.stock_minor for one in settled)}  # fmt: skip
    audit.record(tx, [audit.Entry("landed_cost.recorded", "landed_cost", landed_id, None, told)])
    once.remember(tx, "landed.record", command_id, asked, landed_id)
    return landed_id


def _book(tx: Tx, landed_id: str, shares: list[Share], currency: str, note: str) -> None:
    entry = recipes.cost_landed(
        landed_id, f"landed:{landed_id}", currency,
        stock=sum(one.stock_minor for one in shares), sold=sum(one.sold_minor for one in shares),
        lost=sum(one.lost_minor for one in shares), sent_back=sum(one.sent_back_minor for one in shares), note=note,
    )  # fmt: skip
    ledger.post(tx, [entry])
