"""What the dashboard shows: tiles in the order in which they hurt, and the sales table."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from storekeep.doors.web import Formats
from storekeep.shop.reports.console_office.counts import Dashboard


@dataclass(frozen=True, slots=True)
class Tile:
    """One number and the list behind it. A number of zero is calm, whatever the tone would be."""

    label: str
    number: int
    url: str
    below: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class SalesRow:
    """One day or part of a day: its confirmed orders and their totals, with the list behind both."""

    label: str
    on: str
    orders: int
    total_minor: int
    url: str


def tiles(seen: Dashboard, may: Callable[[str], bool], formats: Formats) -> list[Tile]:
    """The tiles that this person may open."""
    day, when = formats.short_day, formats.when
    waiting = Markup("oldest {}").format(when(seen.waiting_since)) if seen.waiting_since is not None else "nobody waits"
    promise = Markup("first promise {}").format(day(seen.first_promise)) if seen.first_promise else "nothing waits"
    overdue = (
        Markup("oldest promise {}").format(day(seen.latest_promise)) if seen.latest_promise else "every promise holds"
    )
    all_tiles = [
        ("floor.pick", "To pick", seen.to_pick, "/console/pick", promise, "plain", "scan"),
        ("orders.read", "Late against promise", seen.late, "/console/orders?status=late", overdue, "bad", "clock"),
        ("floor.pack", "To pack", seen.to_pack, "/console/pack", f"{seen.picking} being picked", "plain", "box"),
        ("floor.pack", "To dispatch", seen.to_dispatch, "/console/dispatch", "packed parcels", "plain", "truck"),
        ("support.read", "Unanswered", seen.unanswered, "/console/conversations", waiting, "warn", "mail"),
        ("support.read", "Cases", seen.cases, "/console/conversations?tab=cases",
         "found by the shop", "warn", "triangle"),
        ("payments.read", "Payments unknown", seen.payments_unknown, "/console/payments?show=unknown",
         "asking the bank", "warn", "question"),
        ("orders.read", "Waiting for payment", seen.unpaid, "/console/orders?status=pending_payment",
         "they expire unpaid", "plain", "card"),
        ("payments.read", "Refunds stuck", seen.refunds_stuck, "/console/payments?show=refund_failed",
         "failed or unanswered", "bad", "return"),
        ("stock.read", "Low stock", seen.low_stock, "/console/reorder", "at or below reorder point", "warn", "shelf"),
        ("floor.receive", "Returns to inspect", seen.returns_here, "/console/returns",
         f"{seen.returns_announced} on their way", "plain", "return"),
        ("outbox.read", "Dead messages", seen.dead_outbox + seen.dead_inbox, "/console/queues?status=dead",
         f"{seen.dead_outbox} out, {seen.dead_inbox} in", "bad", "octagon"),
    ]  # fmt: skip
    return [
        Tile(label, number, url, below, tone if number else "plain", icon)
        for permission, label, number, url, below, tone, icon in all_tiles
        if may(permission)
    ]


def sales_rows(seen: Dashboard) -> list[SalesRow]:
    """Today so far, the same weekday last week up to this time, and all of that day."""
    today = f"/console/orders?placed={seen.today_on}&confirmed=1"
    last = f"/console/orders?placed={seen.last_on}&confirmed=1"
    return [
        SalesRow("Today so far", seen.today_on, seen.today.orders, seen.today.total_minor, today),
        SalesRow("Last week until this time", seen.last_on, seen.last_until_now.orders,
                 seen.last_until_now.total_minor, last),
        SalesRow("Last week, whole day", seen.last_on, seen.last_whole_day.orders,
                 seen.last_whole_day.total_minor, last),
    ]  # fmt: skip
