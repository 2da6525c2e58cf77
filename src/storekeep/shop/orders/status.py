"""The three statuses of an order, derived from facts by one pure function. No verb sets a status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the statuses depend on; amounts in minor units, the rest in units of goods."""

    total_minor: int
    owed_minor: int
    received_minor: int
    given_back_minor: int
    authorized_minor: int
    ordered: int
    canceled: int
    fulfilled: int
    returned: int
    is_confirmed: bool
    is_expired: bool
    has_open_return: bool

    @property
    def balance_minor(self) -> int:
        """What the customer still owes; negative when we owe."""
        return self.owed_minor - self.received_minor + self.given_back_minor


@dataclass(frozen=True, slots=True)
class Statuses:
    """Values of the three axes."""

    status: str
    payment_status: str
    fulfillment_status: str


def derive(facts: Facts) -> Statuses:
    """The statuses that follow from the facts; first match wins on each axis."""
    return Statuses(_status(facts), _payment_status(facts), _fulfillment_status(facts))


def meets_placing_condition(owed_minor: int, received_minor: int, given_back_minor: int, authorized_minor: int) -> bool:
    """An order is placed for real once what it owes is received or set aside."""
    return received_minor - given_back_minor + authorized_minor >= owed_minor


def _status(facts: Facts) -> str:
    if facts.is_expired:
        return "expired"
    if facts.canceled == facts.ordered:
        return "canceled"
    if not facts.is_confirmed:
        return "pending_payment"
    settled = facts.canceled + facts.fulfilled == facts.ordered and facts.balance_minor == 0
    if settled and not facts.has_open_return:
        return "completed"
    return "open"


def _payment_status(facts: Facts) -> str:
    if facts.received_minor == 0 and facts.owed_minor == 0:
        return "not_required" if facts.total_minor == 0 else "voided"
    if facts.given_back_minor > 0 and facts.given_back_minor >= facts.received_minor:
        return "refunded"
    if facts.balance_minor < 0:
        return "overpaid"
    if facts.given_back_minor > 0:
        return "partially_refunded"
    if facts.balance_minor == 0:
        return "paid"
    if facts.received_minor > 0:
        return "partially_paid"
    if facts.authorized_minor >= facts.balance_minor:
        return "authorized"
    return "unpaid"


def _fulfillment_status(facts: Facts) -> str:
    due = facts.ordered - facts.canceled
    if due == 0:
        return "not_required"
    if facts.returned >= facts.fulfilled > 0:
        return "returned"
    if facts.returned > 0:
        return "partially_returned"
    if facts.fulfilled >= due:
        return "fulfilled"
    return "partially_fulfilled" if facts.fulfilled else "unfulfilled"
