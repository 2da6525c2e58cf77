"""What a shop's books say, in words that two runs can share: no ids, no times, no numbers."""

import hashlib
from typing import Any

from faultworld import CarrierBook, Postbox
from sqlalchemy import Executable, func, select

from storekeep.kernel import tables as kernel
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.schema import metadata
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line, scan_log
from storekeep.shop.inventory import tables as stock
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders import tables as orders
from storekeep.shop.payments import tables as money
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.pricing.tables import discount_use
from storekeep.shop.reports import verify
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.tables import document, label_purchase, shipment, tracking_event
from storekeep.shop.support.tables import conversation, message, note, remedy

Books = dict[str, list[tuple[Any, ...]]]
#: The schema and the rights of the staff: nothing that a story could change, and half of the time of a whole run.
APART = ("K5", "A2")


def of_shop(tx: Tx) -> Books:
    """Every balance, status and document of the shop, sorted."""
    return {name: sorted((tuple(row) for row in tx.rows(query)), key=repr) for name, query in _queries().items()}


def _queries() -> dict[str, Executable]:
    return {**_of_goods(), **_of_money(), **_of_orders(), **_of_people()}


def _of_goods() -> dict[str, Executable]:
    v, b, m, r = variant.c, stock.stock_balance.c, stock.stock_move.c, stock.reservation.c
    a, c = stock.availability.c, stock.cost_pool.c
    with_sku = variant.join
    return {
        "on shelves": select(v.sku, stock.location.c.code, b.qty, b.assigned)
        .select_from(with_sku(stock.stock_balance, b.variant_id == v.id).join(stock.location))
        .where((b.qty != 0) | (b.assigned != 0)),
        "available": select(v.sku, a.on_hand_sellable, a.reserved, a.buffer).select_from(
            with_sku(stock.availability, a.variant_id == v.id)
        ),
        "worth": select(v.sku, c.qty, c.value_minor).select_from(with_sku(stock.cost_pool, c.variant_id == v.id)),
        "moves": select(v.sku, m.kind, m.reason, func.count(), func.sum(m.qty), func.sum(m.value_minor))
        .select_from(with_sku(stock.stock_move, m.variant_id == v.id))
        .group_by(v.sku, m.kind, m.reason),
        "reserved": select(v.sku, r.status, r.release_reason, func.sum(r.qty))
        .select_from(with_sku(stock.reservation, r.variant_id == v.id))
        .group_by(v.sku, r.status, r.release_reason),
    }


def _of_money() -> dict[str, Executable]:
    e, p, b, pay, t = (
        money.ledger_entry.c, money.posting.c, money.ledger_balance.c, money.payment.c, money.payment_attempt.c,
    )  # fmt: skip
    ev, f = money.payment_event.c, money.refund.c
    return {
        "accounts": select(b.account, b.currency, b.amount_minor).where(b.amount_minor != 0),
        "entries": select(e.kind, func.count()).group_by(e.kind),
        "postings": select(p.account, p.amount_minor, func.count()).group_by(p.account, p.amount_minor),
        "payments": select(
            pay.amount_minor, pay.authorized_minor, pay.captured_minor, pay.refunded_minor, pay.refund_pending_minor,
            pay.session_ref.is_(None), pay.observing_until.is_(None),
        ),
        "attempts": select(t.n, t.amount_minor, t.status, t.failure_code),
        "payment events": select(ev.kind, ev.amount_minor, func.count()).group_by(ev.kind, ev.amount_minor),
        "refunds": select(f.amount_minor, f.status, f.reason),
    }  # fmt: skip


def _of_orders() -> dict[str, Executable]:
    o, n, w, k, s = orders.sales_order.c, orders.order_line.c, fulfillment.c, fulfillment_line.c, shipment.c
    j, h = orders.order_adjustment.c, orders.order_event.c
    return {
        "carts": select(orders.cart_line.c.qty, orders.cart.c.token_hash, orders.cart.c.discount_code).join_from(
            orders.cart_line, orders.cart
        ),
        "orders": select(
            o.status, o.payment_status, o.fulfillment_status, o.promised_on, o.total_minor, o.owed_minor,
            o.received_minor, o.given_back_minor, o.authorized_minor, o.discount_code,
        ),
        "order lines": select(n.sku, n.ordered, n.canceled, n.fulfilled, n.returned, n.refunded, n.replaced),
        "adjustments": select(j.kind, j.gross_minor, j.reason),
        "happenings": select(h.kind, func.count()).group_by(h.kind),
        "codes used": select(discount_use.c.returned_at.is_(None)),
        "work": select(w.kind, w.status, w.claimed_by, w.weight_g),
        "work lines": select(k.sku, k.qty, k.picked, k.packed, k.dropped),
        "scans": select(scan_log.c.scan_id, scan_log.c.station, scan_log.c.is_right),
        "parcels": select(s.status, s.carrier, s.service, s.cost_minor, s.milestone, s.exception),
        "labels": select(label_purchase.c.status, label_purchase.c.cost_minor),
        "papers": select(document.c.kind, func.count()).group_by(document.c.kind),
        "tracking": select(tracking_event.c.code, tracking_event.c.milestone),
    }  # fmt: skip


def _of_people() -> dict[str, Executable]:
    c, g, gl = conversation.c, goods_return.c, goods_return_line.c
    box, heard = kernel.outbox.c, kernel.inbox.c
    return {
        "conversations": select(c.kind, c.reason, c.status, c.email, c.case_key.is_(None)),
        "messages": select(message.c.direction, message.c.body),
        "notes": select(note.c.body),
        "remedies": select(remedy.c.kind, remedy.c.status, remedy.c.amount_minor, remedy.c.cost_minor),
        "returns": select(g.status, g.reason),
        "return lines": select(gl.qty, gl.received, gl.restocked, gl.quarantined, gl.scrapped),
        "mails": select(mail.c.template, mail.c.to_address, mail.c.status),
        "audit": select(kernel.audit_entry.c.action, func.count()).group_by(kernel.audit_entry.c.action),
        # How often somebody looked at a payment is nobody's business.
        "outbox": select(box.kind, box.status, func.count())
        .where(box.kind != "payment.observe")
        .group_by(box.kind, box.status),
        "inbox": select(heard.kind, heard.status, func.count()).group_by(heard.kind, heard.status),
        "answers": select(kernel.idempotency.c.scope, kernel.idempotency.c.key),
    }


def of_outside(provider: MemoryProvider, carriers: dict[str, CarrierBook]) -> Books:
    """What the world remembers of us: payments with their refunds, labels that were paid for and not handed back."""
    paid = [
        (one.session_status, one.status, one.amount_minor, one.captured_minor,
         tuple((back.amount_minor, back.status) for back in one.refunds))
        for one in provider.payments()
    ]  # fmt: skip
    labels = []
    for code, book in carriers.items():
        gone = set(book.voided.values())
        labels += [(code, bought.price_minor) for bought in book.sold.values() if bought.tracking_number not in gone]
        labels += [(code, "handed back") for number in sorted(gone) if number not in _numbers(book)]
    return {"provider's book": sorted(paid, key=repr), "carriers' books": sorted(labels, key=repr)}


def _numbers(book: CarrierBook) -> set[str]:
    return {bought.tracking_number for bought in book.sold.values()}


def of_box(box: Postbox) -> Books:
    """Who got which mail, copies of one mail counted once."""
    return {"letters": sorted(to for to, _ in box.subjects.values())}


def differences(expected: Books, found: Books, *, without: tuple[str, ...] = ()) -> list[str]:
    """What one set of books has more or less than the other; the books named in `without` stay closed."""
    told = []
    for name, rows in expected.items():
        if name in without:
            continue
        less, more = list(rows), []
        for row in found[name]:
            if row in less:
                less.remove(row)
            else:
                more.append(row)
        if less or more:
            told.append(f"{name}: missing {less}, too much {more}")
    return told


def waiting(tx: Tx) -> int:
    """Jobs that are not at their end yet."""
    count = 0
    for table in (kernel.outbox, kernel.inbox):
        count += int(tx.scalar(select(func.count()).where(table.c.status.in_(("due", "running")))))
    return count


def digest(db: Database) -> str:
    """A hash over every row of every table: equal for equal databases."""
    told = hashlib.blake2b()
    with db.read() as tx:
        for name in sorted(metadata.tables):
            rows = tx.conn.exec_driver_sql(f"SELECT * FROM {name}").fetchall()
            told.update(repr((name, [tuple(row) for row in rows])).encode())
    return told.hexdigest()


def faults(db: Database, *, all_of_it: bool = False) -> list[str]:
    """What verify finds at fault."""
    ids = None if all_of_it else [one.id for one in verify.INVARIANTS if one.id not in APART]
    with db.read() as tx:
        report = verify.run(tx, ids)
    return [
        f"{result.id}: {one.subject}: {one.text} (expected {one.expected}, found {one.found})"
        for result in report.results
        for one in result.offenders
    ] + [f"{result.id} was not run: {result.reason}" for result in report.results if result.reason]
