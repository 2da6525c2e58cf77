"""Which faults belong together, and what they led to.

A fault leaves no mark on what follows from it, so nothing here says that one caused the other: it lays the faults of a
family beside what such faults lead to, and that is enough to see a family that led to more than it should.
"""

from collections.abc import Callable
from dataclasses import dataclass

from storekeep.world.simulator.report.model import Counts, Figures

Led = Callable[[Figures], Counts]


@dataclass(frozen=True, slots=True)
class Family:
    """Faults of one family that were injected, and counts of what such faults lead to."""

    name: str
    faults: Counts
    led_to: Counts

    @property
    def count(self) -> int:
        return sum(count for _, count in self.faults)


def _money(figures: Figures) -> Counts:
    orders, refunds, found = figures.orders, figures.refunds, figures.machinery
    return (
        ("orders expired unpaid", orders.expired),
        ("refunds that failed", refunds.failures),
        ("refunds tried again", refunds.repeated),
        ("forged webhooks refused", found.forged_refused),
    )


def _warehouse(figures: Figures) -> Counts:
    return (
        ("units short on orders", figures.fill.short),
        ("units lost", figures.goods.lost),
        ("hand-overs too late", figures.delivery.hand_overs - figures.delivery.hand_overs_on_time),
    )


def _parcels(figures: Figures) -> Counts:
    found = figures.recovery
    return (
        ("parcels late", figures.delivery.promised - figures.delivery.on_time),
        ("parcels silent or lost", found.lost),
        ("turned up again", found.recovered),
        ("sent again or refunded", found.made_good),
        ("cases by the shop", figures.contact.cases_by_shop),
        ("customers who wrote", figures.contact.conversations),
    )


def _suppliers(figures: Figures) -> Counts:
    return (
        ("variant-days out of stock", figures.stock_outs.variant_days),
        ("units not there when wanted", figures.fill.missed),
        ("visits in vain", figures.fill.visits_in_vain),
    )


def _mail(figures: Figures) -> Counts:
    found = figures.machinery
    return (("mails that failed", found.mails_failed), ("mails sent", found.mails_sent))


def _inside(figures: Figures) -> Counts:
    found = figures.machinery
    return (
        ("answers lost", found.answers_lost),
        ("failures that people were told of", found.failures_told),
        ("jobs that took several tries", found.jobs_again),
        ("jobs given up", found.jobs_dead),
    )


#: A family, how the names of its faults begin, and what it leads to. What fits nowhere is in the last.
_FAMILIES: tuple[tuple[str, tuple[str, ...], Led], ...] = (
    ("Shoppers and money", ("card ", "provider ", "refund ", "webhook ", "pressed ", "paid "), _money),
    (
        "Warehouse",
        ("wrong thing ", "short pick", "work ", "units ", "more than was sent", "counted wrongly"),
        _warehouse,
    ),
    ("Carriers", ("parcel ", "false delivery", "scan", "carrier ", "label "), _parcels),
    ("Suppliers", ("supplier ", "buyer "), _suppliers),
    ("Mail", ("mail ",), _mail),
    ("Our own machines", ("",), _inside),
)


def families(figures: Figures) -> tuple[Family, ...]:
    """Those that had faults, with their faults and what such faults lead to."""
    left = list(figures.faults)
    found = []
    for name, beginnings, led in _FAMILIES:
        own = [fault for fault in left if fault[0].startswith(beginnings)]
        left = [fault for fault in left if fault not in own]
        if own:
            found.append(Family(name, tuple(own), led(figures)))
    return tuple(found)
