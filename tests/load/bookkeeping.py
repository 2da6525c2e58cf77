"""Compares the books afterwards: what was acknowledged, what the provider and the mail server wrote down, and ours.

Each finding is a sentence. `lost` was acknowledged and is not there; `doubled` happened twice; `apart` stands in one
book and not, or otherwise, in the other.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from town import Town

from storekeep.kernel.db import Tx
from storekeep.kernel.tables import outbox
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import payment, refund
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.tables import shipment, tracking_event
from storekeep.shop.support.tables import message, remedy

BACK = ("pending", "succeeded")


@dataclass
class Findings:
    """What is wrong, in sentences, and what was counted on the way."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> list[str]:
        """All sentences."""
        return [*self.lost, *self.doubled, *self.apart]

    def missing(self, what: str, told: Iterable[Any], kept: Iterable[Any]) -> None:
        """Each of `told` must be among `kept`."""
        told, kept = set(told), set(kept)
        self.counts[what] = len(told)
        self.lost += [f"{what} {each} was acknowledged and is not there" for each in sorted(told - kept, key=str)]

    def twice(self, what: str, each: Iterable[Any]) -> None:
        """No two may be equal."""
        self.doubled += [f"{what} {one}: {count} times" for one, count in Counter(each).items() if count > 1]

    def differ(self, what: str, theirs: Mapping[Any, Any], ours: Mapping[Any, Any]) -> None:
        """Both books must say the same, name by name."""
        self.counts[what] = len(theirs)
        for name in sorted({*theirs, *ours}, key=str):
            if theirs.get(name) != ours.get(name):
                self.apart.append(f"{what} {name}: theirs {theirs.get(name)}, ours {ours.get(name)}")


def compare(town: Town) -> Findings:
    """All books of a town whose shop is at rest."""
    found = Findings()
    with town.db.read() as tx:
        _acknowledged(found, town, tx)
        _journal(found, town, tx)
        _money(found, town, tx)
        _mails(found, town, tx)
        _goods(found, tx)
    return found


def _acknowledged(found: Findings, town: Town, tx: Tx) -> None:
    """What people were told over HTTP."""
    told, o = town.told, sales_order.c
    orders = tx.rows(sa.select(o.cart_id, o.number, o.status).order_by(o.number))
    found.missing("orders", told.orders.items(), [(row.cart_id, row.number) for row in orders])
    found.twice("a cart that became an order", [row.cart_id for row in orders])
    canceled = [row.number for row in orders if row.status == "canceled"]
    found.missing("cancellations", told.canceled, canceled)
    messages = tx.rows(sa.select(message.c.command_id, message.c.body).where(message.c.direction == "in"))
    found.missing("complaints", told.complaints, [row.command_id for row in messages])
    found.twice("a complaint", [row.body for row in messages])
    remedies = tx.rows(sa.select(remedy.c.command_id, remedy.c.kind))
    found.missing("remedies", told.remedies.items(), [(row.command_id, row.kind) for row in remedies])
    e = tracking_event.c
    events = sa.select(shipment.c.tracking_number, e.code, e.scanned_at)
    scans = [tuple(row) for row in tx.rows(events.join_from(tracking_event, shipment, shipment.c.id == e.shipment_id))]
    found.missing("scans", told.scans, scans)
    found.twice("a scan", scans)


def _journal(found: Findings, town: Town, tx: Tx) -> None:
    """What the warehouse hand wrote down after each commit."""
    lines = [line.split() for line in town.journal.read_text().splitlines()]
    told = {did: [what for each, what in (line for line in lines if len(line) == 2) if each == did]
            for did in ("packed", "shipped", "received", "decided", "refunded")}  # fmt: skip
    f, r, n = fulfillment.c, goods_return.c, goods_return_line.c
    gone = [row.id for row in tx.rows(sa.select(f.id).where(f.status == "handed_over"))]
    closed = [row.id for row in tx.rows(sa.select(f.id).where(f.status.in_(("packed", "handed_over"))))]
    found.missing("parcels packed", told["packed"], closed)
    found.missing("parcels sent", told["shipped"], gone)
    came = tx.rows(sa.select(r.id).where(r.status.in_(("received", "closed"))))
    found.missing("returns received", told["received"], [row.id for row in came])
    decided = sa.select(n.id).where(n.restocked + n.quarantined + n.scrapped == n.received, n.received > 0)
    found.missing("return lines decided on", told["decided"], [row.id for row in tx.rows(decided)])
    paid = [row.command_id for row in tx.rows(sa.select(remedy.c.command_id))]
    found.missing("returns refunded", [f"return:{each}:money" for each in told["refunded"]], paid)


def _money(found: Findings, town: Town, tx: Tx) -> None:
    """The provider's book and ours name the same money, intent by intent and refund by refund, and no order has two."""
    book = sqlite3.connect(f"file:{town.book}?mode=ro", uri=True)
    intents = {row[0]: row[1:] for row in book.execute("SELECT id, received, capturable FROM intent")}
    charges = book.execute("SELECT intent_id FROM charge WHERE status = 'succeeded'").fetchall()
    complete = book.execute("SELECT client_reference_id FROM session WHERE status = 'complete'").fetchall()
    given = book.execute("SELECT id, intent_id, amount, metadata FROM refund WHERE status <> 'failed'").fetchall()
    book.close()
    ours = tx.rows(sa.select(payment).where(payment.c.provider_ref.is_not(None)))
    theirs = {ref: one for ref, one in intents.items() if any(one)}
    left = {row.provider_ref: max(row.authorized_minor - row.captured_minor, 0) for row in ours}
    found.differ("charges", {ref: one[0] for ref, one in theirs.items() if one[0]},
                 {row.provider_ref: row.captured_minor for row in ours if row.captured_minor})  # fmt: skip
    found.differ("authorizations", {ref: one[1] for ref, one in theirs.items() if one[1]},
                 {ref: amount for ref, amount in left.items() if amount})  # fmt: skip
    found.twice("a charge of intent", [row[0] for row in charges])
    found.twice("a paid page of order", [row[0] for row in complete])
    found.twice("money for order", [row.order_id for row in ours if row.provider_ref in theirs])
    refunds = tx.rows(sa.select(refund, payment.c.provider_ref.label("intent")).join_from(refund, payment))
    sent = {row.provider_ref: (row.intent, row.amount_minor) for row in refunds if row.status in BACK}
    found.differ("refunds", {row[0]: (row[1], row[2]) for row in given}, sent)
    found.twice("a refund", [json.loads(row[3]).get("refund_id") for row in given])
    found.lost += [f"refund {row.id} is {row.status}" for row in refunds if row.status not in BACK]


def _mails(found: Findings, town: Town, tx: Tx) -> None:
    """Each mail arrived where it was to go. A copy under the same message id needs an attempt that nobody ended."""
    rows = tx.rows(sa.select(mail.c.id, mail.c.key, mail.c.message_id, mail.c.to_address, mail.c.status))
    found.differ("mails", town.letterbox.addressees,
                 {row.message_id: row.to_address for row in rows if row.status == "sent"})  # fmt: skip
    found.lost += [f"mail {row.key} is {row.status}" for row in rows if row.status != "sent"]
    tries = tx.rows(sa.select(outbox.c.key, outbox.c.attempt_count).where(outbox.c.kind == "mail.send"))
    allowed = {row.key: row.attempt_count for row in tries}
    copies = town.letterbox.copies
    found.counts["copies of mails"] = sum(copies.values()) - len(copies)
    for row in rows:
        if copies.get(row.message_id, 0) > allowed[f"mail:{row.id}"]:
            found.doubled.append(f"mail {row.key} came {copies[row.message_id]} times")


def _goods(found: Findings, tx: Tx) -> None:
    """The goods that left, order line by order line, are those that the order says were sent, and in one parcel."""
    move, line = stock_move.c, fulfillment_line.c
    query = (
        sa.select(line.order_line_id, sa.func.sum(move.qty))
        .join(fulfillment_line, line.id == move.line_id)
        .where(move.kind == "ship")
        .group_by(line.order_line_id)
    )
    left = {row[0]: int(row[1]) for row in tx.rows(query)}
    lines = tx.rows(sa.select(order_line))
    found.differ("lines sent", left, {one.id: one.fulfilled for one in lines if one.fulfilled})
    found.doubled += [f"line {one.id} was sent more often than ordered" for one in lines if one.fulfilled > one.ordered]
    parcels = tx.rows(sa.select(shipment.c.fulfillment_id).where(shipment.c.status != "canceled"))
    found.twice("a parcel of fulfillment", [row.fulfillment_id for row in parcels])
