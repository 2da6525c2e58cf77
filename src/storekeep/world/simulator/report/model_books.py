"""The figures that come from the books and the queues; see `model` for the others and for what holds for all."""

from dataclasses import dataclass

#: Names with counts, the most frequent first
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost to serve: what the orders that were sent cost beside their goods.

    labels_minor      carriers' labels, less those handed back (account 5200)
    replaced_minor    what the goods cost that were sent again for nothing (moves to customers of reshipments)
    unreturned_minor  taken back from sales although the goods stay away: of each order line the share of refunded units
                      that never came back, and all delivery charges and goodwill taken back after sending
    scrapped_minor    what returned goods cost that were thrown away
    """

    orders_sent: int
    labels_minor: int
    replaced_minor: int
    unreturned_minor: int
    scrapped_minor: int

    @property
    def total_minor(self) -> int:
        return self.labels_minor + self.replaced_minor + self.unreturned_minor + self.scrapped_minor

    @property
    def per_order_minor(self) -> int | None:
        """Rounded half up to a whole minor unit."""
        return (2 * self.total_minor + self.orders_sent) // (2 * self.orders_sent) if self.orders_sent else None


@dataclass(frozen=True, slots=True)
class Machinery:
    """Queues and what the world told us. Jobs "tried again" needed more than one attempt."""

    jobs: int
    jobs_again: int
    jobs_waiting: int
    jobs_dead: int
    dead_by_kind: Counts
    webhooks: int
    webhooks_sent: int
    forged_refused: int
    scans: int
    mails: int
    mails_sent: int
    mails_failed: int
    mails_queued: int
    answers_lost: int
    failures_told: int


@dataclass(frozen=True, slots=True)
class Goods:
    """Units through the door of the shop, from the ledger of moves: in = out + on hand."""

    received: int
    returned: int
    found: int
    other_in: int
    sent: int
    scrapped: int
    lost: int
    other_out: int
    on_hand: int

    @property
    def difference(self) -> int:
        """0, or units came from nowhere (below 0) or went nowhere (above 0)."""
        came = self.received + self.returned + self.found + self.other_in
        return came - self.sent - self.scrapped - self.lost - self.other_out - self.on_hand


@dataclass(frozen=True, slots=True)
class MoneyFlow:
    """Money with the payment provider: taken - given back = what its account holds. And the sum of all postings: 0."""

    taken_minor: int
    given_back_minor: int
    clearing_minor: int
    postings: int
    postings_sum_minor: int

    @property
    def difference_minor(self) -> int:
        """0, or the provider's events and our books differ by so much."""
        return self.taken_minor - self.given_back_minor - self.clearing_minor
