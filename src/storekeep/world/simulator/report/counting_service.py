"""What customers met: parcels against their promises, parcels in trouble, refunds, conversations and cases, returns."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import String, Table, case, func, literal, select

from storekeep.kernel import tables
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.tables import warehouse
from storekeep.shop.orders.tables import order_adjustment, sales_order
from storekeep.shop.payments.tables import refund
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.shop.shipping.promise import hands_over_on
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.site import profile
from storekeep.shop.support.tables import conversation, remedy
from storekeep.world.simulator.report.model import Contact, Counts, Delivery, Ends, Recovery, Refunds, Returns

#: The latest day of each group of late parcels; more than the last is "more".
LATE = ((1, "1 day"), (2, "2 days"), (7, "3 to 7 days"))
MORE = "more than 7 days"
#: How a conversation ended when it had a remedy; the first that fits.
REMEDIES = {"reship": "sent again", "refund": "money back", "return": "return agreed"}
LOST = ("silent", "lost")


def _ranked(names: Iterable[str]) -> Counts:
    return tuple(sorted(Counter(names).items(), key=lambda one: (-one[1], one[0])))


def by_status(tx: Tx, table: Table) -> dict[str, int]:
    """How many rows of a table there are of each status."""
    query = select(table.c.status, func.count().label("n")).group_by(table.c.status)
    return {row.status: int(row.n) for row in tx.rows(query.order_by(table.c.status))}


def delivery(tx: Tx, timezone: str) -> Delivery:
    """Parcels and promises; days are those of `timezone`."""
    s = shipment.c
    statuses = by_status(tx, shipment)
    query = select(s.delivered_at, s.promised_on).where(s.delivered_at.is_not(None), s.promised_on.is_not(None))
    late: list[int] = []
    promised = 0
    for row in tx.rows(query.order_by(s.id)):
        promised += 1
        came = day_of(row.delivered_at, timezone)
        if came > row.promised_on:
            late.append(_days_between(row.promised_on, came))
    groups = Counter(next((name for most, name in LATE if days <= most), MORE) for days in late)
    first, in_time = _hand_overs(tx)
    return Delivery(
        parcels=sum(statuses.values()) - statuses.get("canceled", 0),
        handed_over=int(tx.scalar(select(func.count()).where(s.handed_over_at.is_not(None))) or 0),
        delivered=statuses.get("delivered", 0),
        returned=statuses.get("returned", 0),
        promised=promised,
        on_time=promised - len(late),
        late=tuple((name, groups[name]) for name in (*(name for _, name in LATE), MORE) if groups[name]),
        hand_overs=first,
        hand_overs_on_time=in_time,
    )


def _days_between(first: str, last: str) -> int:
    from datetime import date

    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _hand_overs(tx: Tx) -> tuple[int, int]:
    """Sold goods that left, and how many by the day that the promise was reckoned from, in the warehouse's calendar."""
    f, o, w = fulfillment.c, sales_order.c, warehouse.c
    handling_days = profile.load(tx).handling_days
    query = (
        select(f.handed_over_at, o.placed_at, w.cutoff_hour, w.timezone)
        .join_from(fulfillment, sales_order, o.id == f.order_id)
        .join(warehouse, w.id == f.warehouse_id)
        .where(f.kind == "sale", f.handed_over_at.is_not(None))
        .order_by(f.number)
    )
    rows = tx.rows(query)
    in_time = sum(
        day_of(row.handed_over_at, row.timezone)
        <= hands_over_on(row.placed_at, row.cutoff_hour, row.timezone, handling_days)
        for row in rows
    )
    return len(rows), in_time


def recovery(tx: Tx) -> Recovery:
    """Parcels in trouble, one row for each kind of trouble that a parcel had; a parcel lost twice is lost once."""
    c, s = conversation.c, shipment.c
    query = (
        select(c.id, c.case_key, c.status, c.order_id, c.created_at, s.id.label("parcel"), s.status.label("parcel_is"))
        .join_from(conversation, shipment, s.id == c.shipment_id)
        .where(c.kind == "case")
        .order_by(c.number)
    )
    own, of_order = _remedies(tx)
    kinds: dict[str, list[str]] = {}
    lost: dict[str, str] = {}
    for row in tx.rows(query):
        trouble = row.case_key.split(":")[0] if row.case_key.startswith("silent:") else row.case_key.split(":")[-1]
        came = {"delivered": "arrived", "returned": "came back"}.get(row.parcel_is)
        remedies = own.get(row.id, set()) or of_order.get(row.order_id, set())
        good = next((REMEDIES[kind] for kind in ("reship", "refund") if kind in remedies), None)
        kinds.setdefault(trouble, []).append(_end_of(came, good, row.status))
        if trouble in LOST:
            state = "recovered" if came else "made good" if good else "open"
            if lost.get(row.parcel) != "made good":
                lost[row.parcel] = state
    counted = Counter(lost.values())
    rows = [Ends("parcel", kind, len(ends), _ranked(ends)) for kind, ends in kinds.items()]
    return Recovery(
        troubled=tuple(sorted(rows, key=lambda row: (-row.count, row.reason))),
        lost=len(lost),
        recovered=counted["recovered"],
        made_good=counted["made good"],
        open=counted["open"],
    )


def _end_of(came: str | None, good: str | None, status: str) -> str:
    if came and good:
        return f"{good} and {came}"
    return good or (came and f"{came} after all") or ("closed without more" if status == "resolved" else "open")


def _remedies(tx: Tx) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Kinds of remedies, by conversation and by order."""
    own: dict[str, set[str]] = {}
    of_order: dict[str, set[str]] = {}
    r = remedy.c
    for row in tx.rows(select(r.conversation_id, r.order_id, r.kind).order_by(r.id)):
        if row.conversation_id is not None:
            own.setdefault(row.conversation_id, set()).add(row.kind)
        of_order.setdefault(row.order_id, set()).add(row.kind)
    return own, of_order


def cases(tx: Tx) -> tuple[Ends, ...]:
    """Conversations and cases by who began them and why, and how they ended."""
    c, s = conversation.c, shipment.c
    query = (
        select(c.id, c.kind, c.reason, c.status, s.delivered_at)
        .join_from(conversation, shipment, s.id == c.shipment_id, isouter=True)
        .order_by(c.number)
    )
    own, _ = _remedies(tx)
    found: dict[tuple[str, str], list[str]] = {}
    for row in tx.rows(query):
        kinds = own.get(row.id, set())
        end = next((word for kind, word in REMEDIES.items() if kind in kinds), None)
        if {"return", "refund"} <= kinds:
            end = "returned for money back"
        if end is None:
            resolved = "arrived after all" if row.kind == "case" and row.delivered_at else "answered"
            end = resolved if row.status == "resolved" else "open"
        found.setdefault((row.kind, row.reason), []).append(end)
    rows = [Ends(kind, reason, len(ends), _ranked(ends)) for (kind, reason), ends in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.kind, row.reason)))


def contact(tx: Tx) -> Contact:
    """What customers wrote about, against confirmed orders."""
    c = conversation.c
    is_open = func.sum(case((c.status != "resolved", 1), else_=0)).label("open")
    query = select(c.kind, c.reason, func.count().label("n"), is_open)
    rows = tx.rows(query.group_by(c.kind, c.reason).order_by(func.count().desc(), c.kind, c.reason))
    written = [(row.reason, int(row.n)) for row in rows if row.kind == "customer"]
    confirmed = select(func.count()).where(sales_order.c.confirmed_at.is_not(None))
    return Contact(
        conversations=sum(count for _, count in written),
        orders=int(tx.scalar(confirmed) or 0),
        reasons=tuple(written),
        cases_by_shop=sum(int(row.n) for row in rows if row.kind == "case"),
        open=sum(int(row.open) for row in rows),
    )


def refunds(tx: Tx) -> Refunds:
    """Refunds by what they were for: the kind of the adjustment they follow, else their own reason."""
    r, a, change = refund.c, order_adjustment.c, tables.status_change.c
    kind = func.coalesce(a.kind, literal("without adjustment: ", String) + r.reason).label("kind")
    counted = tx.rows(
        select(kind, r.status, func.count().label("n"), func.sum(r.amount_minor).label("amount"))
        .join_from(refund, order_adjustment, a.id == r.adjustment_id, isouter=True)
        .group_by(kind, r.status)
        .order_by(kind, r.status)
    )
    by_kind: dict[str, tuple[int, int]] = {}
    for row in counted:
        n, amount = by_kind.get(row.kind, (0, 0))
        by_kind[row.kind] = (n + int(row.n), amount + int(row.amount))

    def total(*statuses: str) -> tuple[int, int]:
        rows = [row for row in counted if row.status in statuses]
        return sum(int(row.n) for row in rows), sum(int(row.amount) for row in rows)

    def changes(*where: Any) -> int:
        return int(tx.scalar(select(func.count()).where(change.machine == "refund", *where)) or 0)

    done, done_minor = total("succeeded")
    return Refunds(
        count=sum(n for n, _ in by_kind.values()),
        amount_minor=sum(amount for _, amount in by_kind.values()),
        succeeded=done,
        succeeded_minor=done_minor,
        under_way=total("requested", "sent", "pending", "unknown")[0],
        failed=total("failed")[0],
        failures=changes(change.to_status == "failed"),
        repeated=changes(change.from_status == "failed", change.to_status == "requested"),
        by_kind=tuple((name, n, amount) for name, (n, amount) in sorted(by_kind.items(), key=lambda one: -one[1][1])),
    )


def returns(tx: Tx) -> Returns:
    """Returns and their units."""
    r, line = goods_return.c, goods_return_line.c
    statuses = by_status(tx, goods_return)
    sums = [func.coalesce(func.sum(column), 0) for column in (
        line.qty, line.received, line.restocked, line.quarantined, line.scrapped,
    )]  # fmt: skip
    row = tx.first(select(*sums))
    assert row is not None
    announced, received, restocked, quarantined, scrapped = (int(value) for value in row)
    return Returns(
        announced=sum(statuses.values()),
        units_announced=announced,
        received=int(tx.scalar(select(func.count()).where(r.received_at.is_not(None))) or 0),
        units_received=received,
        restocked=restocked,
        quarantined=quarantined,
        scrapped=scrapped,
        undecided=received - restocked - quarantined - scrapped,
        canceled=statuses.get("canceled", 0),
        closed=statuses.get("closed", 0),
    )
