"""What is promised of goods that are not here yet, as frozen values: how many, until when, and what waits. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from storekeep.kernel.clock import Instant, day_of

LONGEST_LEAD = 365


class Waiting(NamedTuple):
    """Units of an order line that are still to come, and the day on which they are promised to be ready to send."""

    order_line_id: str
    variant_id: str
    qty: int
    ready_on: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How a variant is sold before it is here. `kind` is backorder, preorder or stopped."""

    variant_id: str
    warehouse_id: str
    kind: str
    limit_units: int
    lead_days: int
    ships_on: str | None
    waiting: int
    timezone: str

    @property
    def room(self) -> int:
        """Units that can still be sold ahead."""
        return 0 if self.kind == "stopped" else max(0, self.limit_units - self.waiting)

    def is_held_back(self, now: Instant) -> bool:
        """Whether nothing of it is sent yet, though it may be here: a pre-order before its day."""
        return self.kind == "preorder" and day_of(now, self.timezone) < (self.ships_on or "")

    def ready_on(self, now: Instant) -> str:
        """The day on which a unit sold now is promised to be ready to send."""
        today = date.fromisoformat(day_of(now, self.timezone))
        if self.kind != "preorder":
            return (today + timedelta(days=self.lead_days)).isoformat()
        # Its day has passed and it is not here: nobody can send it today.
        return max(self.ships_on or "", (today + timedelta(days=max(1, self.lead_days))).isoformat())


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What the owner decides: `kind` with a limit, the days that a back-order takes, the day a pre-order is sent."""

    variant_id: str
    warehouse_id: str
    kind: str
    limit_units: int = 0
    lead_days: int = 0
    ships_on: str | None = None


def is_day(text: str) -> bool:
    """Whether a text is a calendar day like 2027-03-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
