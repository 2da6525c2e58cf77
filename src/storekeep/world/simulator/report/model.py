"""The figures of a run. Money is in minor units of `Figures.currency`; a rate is a share between 0 and 1, or None when
there is nothing to divide by. What a figure means stands at its field; where it is counted, in the `count` modules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storekeep.kernel.clock import DAY, Instant
from storekeep.world.simulator.report.model_books import Cost as Cost
from storekeep.world.simulator.report.model_books import Counts as Counts
from storekeep.world.simulator.report.model_books import Goods as Goods
from storekeep.world.simulator.report.model_books import Machinery as Machinery
from storekeep.world.simulator.report.model_books import MoneyFlow as MoneyFlow


def share(part: int, whole: int) -> float | None:
    """`part` of `whole`, to four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, slots=True)
class Found:
    """The violation that ended the run: when, at which event, who saw it, and the command that plays up to it."""

    at: Instant
    day: float
    event: int
    found_by: str
    text: str
    replay: str


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders by where they stand. `value_minor` is the total of all that were placed, `units` their units."""

    placed: int
    confirmed: int
    completed: int
    canceled: int
    expired: int
    pending: int
    open: int
    units: int
    value_minor: int
    confirmed_value_minor: int
    first_number: int | None


@dataclass(frozen=True, slots=True)
class Fill:
    """From wish to parcel, in units. `wanted` = `missed` + `ordered`; `ordered` = `unpaid` + `called_off` + `short` +
    `under_way` + `sent`."""

    #: Units that visitors who meant to buy came for; those of the orders alone when nobody counted the visits
    wanted: int
    #: Not there when wanted: left out of the cart, or the whole visit in vain
    missed: int
    ordered: int
    #: On orders that expired, or still wait for their payment
    unpaid: int
    called_off: int
    #: Canceled because the warehouse did not have them after all
    short: int
    under_way: int
    sent: int
    visits: int
    #: Visits that found nothing of what they wanted, or met "out of stock" at the till
    visits_in_vain: int

    @property
    def rate(self) -> float | None:
        """Units sent of those that were wanted, paid for and not called off: sent / (sent + short + missed)."""
        return share(self.sent, self.sent + self.short + self.missed)

    @property
    def order_rate(self) -> float | None:
        """The same of ordered units alone: sent / (sent + short)."""
        return share(self.sent, self.sent + self.short)


@dataclass(frozen=True, slots=True)
class StockOuts:
    """Out of stock is a variant in a warehouse with nothing left to promise at the end of a day."""

    variant_days: int
    #: Variants times days looked at
    of_days: int
    worst: int
    worst_day: int

    @property
    def rate(self) -> float | None:
        return share(self.variant_days, self.of_days)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Parcels against the promise. On time: the local day of the delivery is not after the parcel's promised day."""

    parcels: int
    handed_over: int
    delivered: int
    returned: int
    promised: int
    on_time: int
    #: Late parcels by days after the promise: ("1", n), ("2", n), ("3 to 7", n), ("more", n)
    late: Counts
    #: First hand-overs of sold goods, and how many left on the day that the promise was reckoned from
    hand_overs: int
    hand_overs_on_time: int

    @property
    def rate(self) -> float | None:
        return share(self.on_time, self.promised)

    @property
    def hand_over_rate(self) -> float | None:
        return share(self.hand_overs_on_time, self.hand_overs)


@dataclass(frozen=True, slots=True)
class Ends:
    """Cases of one kind and how they ended, by plain words."""

    kind: str
    reason: str
    count: int
    ends: Counts


@dataclass(frozen=True, slots=True)
class Recovery:
    """Parcels that fell silent, or were reported lost, damaged, refused, badly addressed or on their way back."""

    troubled: tuple[Ends, ...]
    #: Silent or declared lost
    lost: int
    #: Of those: delivered or back with us in the end
    recovered: int
    #: Of the others: sent again or refunded
    made_good: int
    #: Neither
    open: int


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds asked for; `by_kind` is (what for, count, minor units). A failure is a refund that came back once."""

    count: int
    amount_minor: int
    succeeded: int
    succeeded_minor: int
    under_way: int
    failed: int
    failures: int
    repeated: int
    by_kind: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """What customers wrote about."""

    conversations: int
    orders: int
    reasons: Counts
    cases_by_shop: int
    open: int

    def per_100(self, count: int) -> float | None:
        """So many per 100 confirmed orders."""
        return round(100 * count / self.orders, 2) if self.orders else None


@dataclass(frozen=True, slots=True)
class Risk:
    """The evening with the most money at risk; `parts` in minor units by the names of `sampling.RISKS`."""

    day: int
    amount_minor: int
    parts: Counts


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns agreed to, and what became of the units that came."""

    announced: int
    units_announced: int
    received: int
    units_received: int
    restocked: int
    quarantined: int
    scrapped: int
    undecided: int
    canceled: int
    closed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a report says. `wall_s` is how long the run took: no part of what makes two runs equal."""

    seed: int
    days: int
    profile: str
    until: int | None
    start: Instant
    end: Instant
    events: int
    checks: int
    hash: str
    currency: str
    timezone: str
    violation: Found | None
    orders: Orders
    fill: Fill
    stock_outs: StockOuts
    delivery: Delivery
    recovery: Recovery
    refunds: Refunds
    cases: tuple[Ends, ...]
    contact: Contact
    risk: Risk | None
    cost: Cost
    returns: Returns
    faults: Counts
    kills: int
    machinery: Machinery
    goods: Goods
    money: MoneyFlow
    #: First day, last day, code
    promotions: tuple[tuple[str, str, str], ...]
    samples: tuple[Mapping[str, int], ...] = field(hash=False, repr=False)
    wall_s: float = field(compare=False, default=0.0)

    @property
    def virtual_days(self) -> float:
        return round((self.end - self.start) / DAY, 3)

    @property
    def fault_count(self) -> int:
        return sum(count for _, count in self.faults)
