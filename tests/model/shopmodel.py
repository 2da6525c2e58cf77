"""The shop as one would keep it on paper: goods, orders, money and what comes back, in plain sums.

Pure: it knows nothing of the shop's code. Every verb either changes the paper or raises `No`: then the shop must
refuse. Money in minor units, times in microseconds; every variant lies in one bin of one warehouse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE = 60_000_000
HOLD, UNPAID, GRACE = 10 * MINUTE, 30 * MINUTE, 30 * MINUTE
WEIGHT_G, FREE_FROM = 400, 6_000
DELIVERY = ((2_000, 490), (10_000, 690), (31_500, 1_290))


class No(Exception):
    """The shop must refuse this."""


def demand(is_fine: bool, why: str) -> None:
    if not is_fine:
        raise No(why)


def share(amount: int, k: int, of: int) -> int:
    """What the first `k` of `of` units are worth, half up."""
    return (2 * amount * k + of) // (2 * of)


@dataclass
class Line:
    """Units of one thing on an order."""

    price: int
    rate_bp: int
    ordered: int
    canceled: int = 0
    fulfilled: int = 0
    returned: int = 0
    refunded: int = 0
    replaced: int = 0
    sent: int = 0

    def worth(self, start: int, end: int) -> int:
        """Net and tax are shared out apart, so that all shares add up to the line."""
        gross = self.price * self.ordered
        tax = share(gross, self.rate_bp, 10_000 + self.rate_bp)
        return sum(share(part, end, self.ordered) - share(part, start, self.ordered) for part in (gross - tax, tax))

    @property
    def live(self) -> int:
        return self.ordered - self.canceled

    @property
    def remediable(self) -> int:
        """Units that were sent and not made good yet."""
        return self.fulfilled - self.refunded - self.replaced


@dataclass(eq=False)
class Claim:
    """Units in the bin that are promised to a cart, to an order, or to goods sent again (`work`)."""

    sku: str
    qty: int
    since: int
    cart: int | None = None
    order: int | None = None
    work: int | None = None
    in_bin: bool = False
    until: int = 0

    @property
    def strength(self) -> tuple[int, int]:
        """Who gives way first when goods are missing: carts, then orders, then claimed work; the youngest of each."""
        return (0 if self.order is None else 2 if self.in_bin else 1, -self.since)


@dataclass
class Work:
    """A parcel to be made: units due, in the tray and in the box."""

    kind: str
    due: dict[str, int]
    status: str = "open"
    picked: dict[str, int] = field(default_factory=dict)
    packed: dict[str, int] = field(default_factory=dict)
    scans: list[tuple[str, int]] = field(default_factory=list)
    has_label: bool = False

    def to_pick(self, sku: str) -> int:
        return self.due.get(sku, 0) - self.picked.get(sku, 0)


@dataclass
class Payment:
    """What the shop was told of one payment page."""

    amount: int
    authorized: int = 0
    captured: int = 0
    capture_asked: int = 0


@dataclass
class Refund:
    """Money asked to go back; `tries` are the bank's refunds for it and whether each is still good."""

    amount: int
    is_asked: bool = True
    tries: dict[str, bool] = field(default_factory=dict)

    @property
    def paid(self) -> int:
        return self.amount * sum(self.tries.values())

    @property
    def status(self) -> str:
        return "asked" if self.is_asked else "succeeded" if self.paid else "failed"


@dataclass
class Return:
    """Units per SKU: announced, received, decided on."""

    announced: dict[str, int]
    received: dict[str, int] = field(default_factory=dict)
    decided: dict[str, int] = field(default_factory=dict)
    status: str = "approved"

    @property
    def is_open(self) -> bool:
        return self.status in ("approved", "received")

    def expected(self, sku: str) -> int:
        return self.announced.get(sku, 0) - self.received.get(sku, 0)

    def undecided(self, sku: str) -> int:
        return self.received.get(sku, 0) - self.decided.get(sku, 0)


@dataclass
class Order:
    """An order with everything that belongs to it."""

    cart: int
    lines: dict[str, Line]
    delivery: int
    expires_at: int
    adjusted: int = 0
    #: What was promised back in all; each promise is a refund
    promised_back: int = 0
    delivery_given_back: bool = False
    is_confirmed: bool = False
    is_expired: bool = False
    payments: dict[str, Payment] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.delivery + sum(line.price * line.ordered for line in self.lines.values())

    @property
    def owed(self) -> int:
        return self.total - self.adjusted

    @property
    def received(self) -> int:
        return sum(payment.captured for payment in self.payments.values())

    @property
    def given_back(self) -> int:
        return sum(refund.paid for refund in self.refunds.values())

    @property
    def authorized(self) -> int:
        return sum(payment.authorized for payment in self.payments.values())

    @property
    def due(self) -> int:
        """What the customer still owes; below nothing when the shop owes."""
        return self.owed - self.received + self.given_back

    @property
    def refundable(self) -> int:
        underway = sum(refund.amount for refund in self.refunds.values() if refund.is_asked)
        return self.received - self.given_back - underway

    def count(self, what: str) -> int:
        return sum(getattr(line, what) for line in self.lines.values())

    @property
    def status(self) -> str:
        if self.is_expired:
            return "expired"
        if self.count("live") == 0:
            return "canceled"
        if not self.is_confirmed:
            return "pending_payment"
        is_settled = self.count("live") == self.count("fulfilled") and self.due == 0
        return "completed" if is_settled and not any(back.is_open for back in self.returns) else "open"

    @property
    def payment_status(self) -> str:
        if self.received == 0:
            if self.owed == 0:
                return "voided"
            return "authorized" if self.authorized >= self.owed else "unpaid"
        if self.given_back >= self.received:
            return "refunded"
        if self.due < 0:
            return "overpaid"
        if self.given_back:
            return "partially_refunded"
        return "paid" if self.due == 0 else "partially_paid"

    @property
    def fulfillment_status(self) -> str:
        live, sent, back = self.count("live"), self.count("fulfilled"), self.count("returned")
        if live == 0:
            return "not_required"
        if back:
            return "returned" if back >= sent else "partially_returned"
        return "fulfilled" if sent >= live else "partially_fulfilled" if sent else "unfulfilled"


@dataclass
class Cart:
    """What a shopper wishes for."""

    wanted: dict[str, int] = field(default_factory=dict)
    has_details: bool = False
    order: int | None = None


@dataclass
class Paper:
    """Everything that is written down: what lies where, and who was promised what."""

    prices: Mapping[str, tuple[int, int]]
    on_hand: dict[str, int]
    receiving: dict[str, int] = field(default_factory=dict)
    quarantine: dict[str, int] = field(default_factory=dict)
    carts: list[Cart] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def reserved(self, sku: str) -> int:
        return sum(claim.qty for claim in self.claims if claim.sku == sku)

    def available(self, sku: str) -> int:
        return self.on_hand[sku] - self.reserved(sku)

    def claim_of(self, sku: str, order: int, work: int) -> Claim:
        """The claim of a parcel's line; work 0 is the sale, with goods that were promised when it was placed."""
        return next(c for c in self.claims if (c.sku, c.order, c.work or 0) == (sku, order, work))

    def drop_claims(self, order: int, work: int | None = None) -> None:
        self.claims = [c for c in self.claims if c.order != order or (work is not None and (c.work or 0) != work)]
