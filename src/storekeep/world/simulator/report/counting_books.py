"""What the books say: the cost of serving, queues, and that neither a unit nor a cent came from nowhere."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, func, select, union_all

from storekeep.kernel import tables
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.tables import location, stock_balance, stock_move
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_adjustment, order_adjustment_line, order_line, order_part
from storekeep.shop.payments import accounts
from storekeep.shop.payments.tables import ledger_balance, ledger_entry, payment_event, posting
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.shipping.tables import shipment
from storekeep.world.simulator.report.model import Cost, Counts, Goods, Machinery, MoneyFlow


def _int(tx: Tx, query: Any) -> int:
    return int(tx.scalar(query) or 0)


def cost(tx: Tx) -> Cost:
    """See `Cost` for what each part is."""
    f, m, p = fulfillment.c, stock_move.c, posting.c
    sent = select(func.count(func.distinct(f.order_id))).where(f.kind == "sale", f.status == "handed_over")
    labels = select(func.sum(p.amount_minor)).where(p.account == accounts.CARRIER_COST)
    replaced = (
        select(func.sum(m.value_minor))
        .join_from(stock_move, shipment, shipment.c.id == m.document_id)
        .join(fulfillment, f.id == shipment.c.fulfillment_id)
        .where(m.kind == "ship", f.kind == "reship")
    )
    scrapped = (
        select(func.sum(p.amount_minor))
        .join_from(posting, ledger_entry, ledger_entry.c.id == p.entry_id)
        .join(goods_return, goods_return.c.id == ledger_entry.c.source_id)
        .where(ledger_entry.c.kind == "goods.scrapped", p.account == accounts.INVENTORY_ADJUSTMENTS)
    )
    return Cost(
        orders_sent=_int(tx, sent),
        labels_minor=_int(tx, labels),
        replaced_minor=_int(tx, replaced),
        unreturned_minor=_unreturned(tx),
        scrapped_minor=_int(tx, scrapped),
    )


def _unreturned(tx: Tx) -> int:
    """Given back for sent goods that stay away: of each line the share of the refunded units that did not return,
    rounded half up, and whatever was given back for no units."""
    a, al, part, line = order_adjustment.c, order_adjustment_line.c, order_part.c, order_line.c
    of_line = (
        select(
            part.order_line_id,
            func.sum(al.units).label("units"),
            func.sum(al.gross_minor).label("gross"),
            func.max(line.returned).label("returned"),
        )
        .join_from(order_adjustment_line, order_adjustment, a.id == al.adjustment_id)
        .join(order_part, part.id == al.part_id, isouter=True)
        .join(order_line, line.id == part.order_line_id, isouter=True)
        .where(al.was_shipped)
        .group_by(part.order_line_id)
        .order_by(part.order_line_id)
    )
    total = 0
    for row in tx.rows(of_line):
        units, gross = int(row.units or 0), int(row.gross)
        if row.order_line_id is None or not units:
            total += gross
        else:
            away = max(0, units - int(row.returned))
            total += (2 * gross * away + units) // (2 * units)
    return total


def machinery(tx: Tx, tally: Mapping[str, int]) -> Machinery:
    """Both queues together, what came in, the mails, and what people were told when something failed."""
    jobs = union_all(*(_jobs(table) for table in (tables.outbox, tables.inbox))).subquery().c
    query = select(jobs.kind, jobs.status, func.sum(jobs.n).label("n"), func.sum(jobs.again).label("again"))
    rows = tx.rows(query.group_by(jobs.kind, jobs.status).order_by(jobs.kind, jobs.status))
    dead: Counts = tuple((row.kind, int(row.n)) for row in rows if row.status == "dead")

    def count(*statuses: str) -> int:
        return sum(int(row.n) for row in rows if row.status in statuses)

    def of_kind(kind: str) -> int:
        return sum(int(row.n) for row in rows if row.kind == kind)

    by_status = select(mail.c.status, func.count().label("n")).group_by(mail.c.status)
    mails = {row.status: int(row.n) for row in tx.rows(by_status)}
    told = [n for name, n in tally.items() if "told of a failure" in name]
    return Machinery(
        jobs=count("due", "running", "done", "dead"),
        jobs_again=sum(int(row.again) for row in rows),
        jobs_waiting=count("due", "running"),
        jobs_dead=count("dead"),
        dead_by_kind=tuple(sorted(dead, key=lambda one: (-one[1], one[0]))),
        webhooks=of_kind("payment.webhook"),
        webhooks_sent=tally.get("webhooks sent", 0),
        forged_refused=tally.get("forged webhooks refused", 0),
        scans=of_kind("carrier.scan"),
        mails=sum(mails.values()),
        mails_sent=mails.get("sent", 0),
        mails_failed=mails.get("failed", 0),
        mails_queued=mails.get("queued", 0),
        answers_lost=tally.get("answers lost", 0),
        failures_told=sum(told),
    )


def _jobs(table: Any) -> Any:
    c = table.c
    again = func.sum(case((c.attempt_count > 1, 1), else_=0)).label("again")
    return select(c.kind, c.status, func.count().label("n"), again).group_by(c.kind, c.status)


def goods(tx: Tx) -> Goods:
    """Moves over the border between what is ours and what is not, and what lies with us."""
    m, origin, goal = stock_move.c, location.alias("origin"), location.alias("goal")
    query = (
        select(
            origin.c.kind.label("origin"), goal.c.kind.label("goal"), origin.c.is_owned, func.sum(m.qty).label("units")
        )
        .join_from(stock_move, origin, origin.c.id == m.from_location_id)
        .join(goal, goal.c.id == m.to_location_id)
        .where(origin.c.is_owned != goal.c.is_owned)
        .group_by(origin.c.kind, goal.c.kind, origin.c.is_owned)
    )
    came = {"supplier": 0, "customer": 0, "adjustment": 0, "": 0}
    went = {"customer": 0, "scrap": 0, "adjustment": 0, "": 0}
    for row in tx.rows(query.order_by(origin.c.kind, goal.c.kind)):
        side, place = (went, row.goal) if row.is_owned else (came, row.origin)
        side[place if place in side else ""] += int(row.units)
    held = select(func.sum(stock_balance.c.qty)).where(stock_balance.c.is_owned)
    return Goods(
        received=came["supplier"],
        returned=came["customer"],
        found=came["adjustment"],
        other_in=came[""],
        sent=went["customer"],
        scrapped=went["scrap"],
        lost=went["adjustment"],
        other_out=went[""],
        on_hand=_int(tx, held),
    )


def money(tx: Tx) -> MoneyFlow:
    """What the provider reported against what our ledger holds at it."""
    e, other, b = payment_event.c, payment_event.alias("other").c, ledger_balance.c
    # A refund may fail that never went out: only what had gone out can come back.
    went_out = select(other.id).where(
        other.provider == e.provider, other.provider_object_id == e.provider_object_id, other.kind == "refunded"
    )

    def reported(kind: str, *where: Any) -> int:
        return _int(tx, select(func.sum(e.amount_minor)).where(e.kind == kind, *where))

    total = func.sum(posting.c.amount_minor).label("total")
    row = tx.first(select(func.count().label("n"), total).select_from(posting))
    assert row is not None
    return MoneyFlow(
        taken_minor=reported("captured"),
        given_back_minor=reported("refunded") - reported("refund_failed", went_out.exists()),
        clearing_minor=_int(tx, select(func.sum(b.amount_minor)).where(b.account == accounts.CLEARING)),
        postings=int(row.n),
        postings_sum_minor=int(row.total or 0),
    )
