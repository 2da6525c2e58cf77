"""Which open work is picked together: pure rules, the same work gives the same batches.

Orders of one unit of the same SKU are picked as one pile; small orders share a cart, near aisles together, a tote each;
what is bulky or long is walked for alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.shop.fulfillment.hall import Hall, Route, seconds
from storekeep.shop.fulfillment.walk import ToPick, cluster

#: Totes on a cart, the most lines and units of an order that goes into one, and the most orders of one pile.
TOTES = 12
SMALL_LINES = 10
SMALL_UNITS = 30
PILE = 50
#: What a tote holds, in mm³ and grams.
TOTE_MM3 = 60_000_000
TOTE_G = 15_000


@dataclass(frozen=True, slots=True)
class Fetch:
    """Units of a line of work that wait in a bin."""

    line_id: str
    variant_id: str
    sku: str
    location_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class Work:
    """A fulfillment that nobody has claimed, and where its goods would be fetched from.

    `is_bulky`: it does not fit into a tote. `is_whole`: every unit has a bin.
    """

    fulfillment_id: str
    number: int
    order_number: int
    promised_on: str | None
    fetches: tuple[Fetch, ...]
    is_bulky: bool
    is_whole: bool

    @property
    def units(self) -> int:
        return sum(each.qty for each in self.fetches)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Work to be picked in one walk, in the order of the totes, with what it takes and saves."""

    kind: str
    works: tuple[Work, ...]
    route: Route

    @property
    def lines(self) -> int:
        return len({fetch.line_id for work in self.works for fetch in work.fetches})

    @property
    def units(self) -> int:
        return sum(work.units for work in self.works)

    @property
    def stops(self) -> int:
        return len(self.route.location_ids)

    @property
    def seconds(self) -> int:
        return seconds(self.route.walk_mm, self.stops, self.units)

    @property
    def promised_on(self) -> str | None:
        """The earliest promise in it."""
        return min((work.promised_on for work in self.works if work.promised_on), default=None)


def propose(works: Sequence[Work], hall: Hall, *, totes: int = TOTES) -> list[Proposal]:
    """Batches of this work, the most urgent first; each work is in exactly one.

    Days are kept apart, so that what is promised for today does not wait for what has time. Work without any bin is
    left out. A cart with one order is a single one.
    """
    groups: list[tuple[str, list[Work]]] = []
    by_day: dict[str, list[Work]] = {}
    for work in works:
        if work.fetches:
            by_day.setdefault(work.promised_on or "~", []).append(work)
    for _, own in sorted(by_day.items()):
        groups += _of_day(own, hall, totes)
    routes = hall.routes([[[f.location_id for f in work.fetches] for work in own] for _, own in groups])
    return [Proposal(kind, tuple(own), route) for (kind, own), route in zip(groups, routes, strict=True)]


def _of_day(works: Sequence[Work], hall: Hall, totes: int) -> list[tuple[str, list[Work]]]:
    piles: dict[str, list[Work]] = {}
    for work in works:
        if work.units == 1 and not work.is_bulky and work.is_whole:
            piles.setdefault(work.fetches[0].variant_id, []).append(work)
    grouped = [("single_item", own[n : n + PILE]) for own in piles.values() for n in range(0, len(own), PILE)]
    grouped = [(kind, own) for kind, own in grouped if len(own) > 1]
    taken = {work.fulfillment_id for _, own in grouped for work in own}
    small = {work.fulfillment_id: work for work in works if work.fulfillment_id not in taken and _is_small(work)}
    orders = [ToPick(each, hall.bays(f.location_id for f in work.fetches)) for each, work in small.items()]
    for cart in cluster(orders, hall.layout, totes):
        own = [small[order.order_id] for order in cart.orders]
        grouped.append(("multi_item" if len(own) > 1 else "single", own))
    taken |= small.keys()
    return grouped + [("single", [work]) for work in works if work.fulfillment_id not in taken]


def _is_small(work: Work) -> bool:
    lines = {fetch.line_id for fetch in work.fetches}
    return not work.is_bulky and len(lines) <= SMALL_LINES and work.units <= SMALL_UNITS
