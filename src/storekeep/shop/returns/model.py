"""What a return is made of, as frozen values; quantities are units. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewReturnLine:
    """Units of an order line that may come back."""

    order_line_id: str
    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class NewReturn:
    """Goods that a customer announced and we agreed to. The id is the caller's."""

    id: str
    order_id: str
    reason: str
    lines: tuple[NewReturnLine, ...]
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A line with its counters: announced, received, and what became of what was received."""

    id: str
    return_id: str
    order_line_id: str
    variant_id: str
    qty: int
    received: int
    restocked: int
    quarantined: int
    scrapped: int

    @property
    def expected(self) -> int:
        """Units announced that have not come."""
        return self.qty - self.received

    @property
    def undecided(self) -> int:
        """Units that came and wait for a decision."""
        return self.received - self.restocked - self.quarantined - self.scrapped
