"""What is asked of transfers and what they answer, as frozen values; quantities are units, values minor units."""

from dataclasses import dataclass
from typing import NamedTuple

#: More lines than a lorry has pallets are a mistake.
MOST_LINES = 500


class Want(NamedTuple):
    """Units of a variant that are to be sent; 0 takes it off the list."""

    variant_id: str
    qty: int


class Loaded(NamedTuple):
    """Units taken from a place of the sender and put on the lorry; without a lot, of the one that lies there."""

    variant_id: str
    qty: int
    from_location_id: str
    lot_id: str | None = None


class Arrived(NamedTuple):
    """Units that came off the lorry: good ones go to `to_location_id` (None: receiving), damaged ones are set aside.

    Without a lot, of whatever lot of it is on the way. `reason` is needed for damaged units and for more than was sent.
    """

    variant_id: str
    qty: int
    is_damaged: bool = False
    to_location_id: str | None = None
    lot_id: str | None = None
    reason: str = ""


class Fate(NamedTuple):
    """What became of all units of a line that are still on the way: `lost`, or `returned` (never left, came back)."""

    line_id: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transfer; see the table."""

    id: str
    transfer_id: str
    variant_id: str
    wanted: int
    sent: int
    received: int
    damaged: int
    lost: int
    returned: int
    extra: int

    @property
    def on_the_way(self) -> int:
        return self.sent - self.received - self.damaged - self.lost - self.returned


@dataclass(frozen=True, slots=True)
class Worth:
    """What changed in value, signed, for the books: of the move with this id."""

    move_id: str
    value_minor: int


def transfer_number(number: int) -> str:
    """How a transfer is named on paper and pages."""
    return f"TR-{number}"
