"""What the goods ledger is asked and what it answers, as frozen values; quantities are units, values minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storekeep.kernel.clock import Instant
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory.destination import ANYWHERE, Destination
from storekeep.shop.inventory.promises import Waiting

#: More than this in one line is a typing mistake, never a delivery.
MAX_UNITS = 100_000_000
#: The lot of a balance of goods that have none; moves and reservations of such goods name no lot at all.
NO_LOT = "00000000-0000-0000-0000-000000000000"


def check_units(qty: int, path: str = "qty") -> int:
    """`qty` when it is a whole number from 1 to `MAX_UNITS`; `Invalid` otherwise."""
    if isinstance(qty, bool) or not isinstance(qty, int):
        raise Invalid(path, "a quantity is a whole number of units")
    if qty <= 0:
        raise Invalid(path, f"the quantity must be at least 1, not {qty}")
    if qty > MAX_UNITS:
        raise Invalid(path, f"{qty:,} units are more than one line may hold ({MAX_UNITS:,})")
    return qty


def check_reason(reason: str) -> str:
    """The reason, trimmed; `Invalid` when there is none."""
    trimmed = reason.strip()
    if not trimmed:
        raise Invalid("reason", "say why: the reason is kept with the goods")
    return trimmed[:500]


# --- places -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Location:
    """One place, real or virtual."""

    id: str
    warehouse_id: str
    code: str
    kind: str
    is_owned: bool
    is_sellable: bool
    walk_sequence: int
    status: str
    aisle: str | None = None
    bay: int | None = None
    level: int | None = None

    @property
    def is_sold_from(self) -> bool:
        """Whether units here count as on hand and sellable."""
        return self.is_sellable and self.status == "active"


# --- moves ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MoveDraft:
    """A move to post. `value_minor` counts only when goods come in from a virtual place; the rest is computed."""

    variant_id: str
    qty: int
    from_location_id: str
    to_location_id: str
    kind: str
    reason: str
    document_type: str
    document_id: str
    command_id: str
    line_no: int = 0
    line_id: str | None = None
    value_minor: int = 0
    reverses_move_id: str | None = None
    lot_id: str | None = None
    own_document: str | None = None  # what leaves takes the cost layers that this one brought before all others


@dataclass(frozen=True, slots=True)
class Move:
    """A posted move; its value is what the goods were worth, 0 between owned places."""

    id: str
    warehouse_id: str
    seq: int
    variant_id: str
    qty: int
    from_location_id: str
    to_location_id: str
    kind: str
    reason: str
    value_minor: int
    document_type: str
    document_id: str
    line_id: str | None
    command_id: str
    line_no: int
    actor: str
    posted_at: Instant
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class Displaced:
    """Units that somebody had reserved and that are no longer there; the reservation is released."""

    reservation_id: str
    cart_id: str | None
    order_id: str | None
    order_line_id: str | None
    fulfillment_line_id: str | None
    variant_id: str
    warehouse_id: str
    qty: int


# --- reservations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HoldLine:
    """Units of a variant that a cart wants kept."""

    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Keep a cart's goods until `expires_at`."""

    cart_id: str
    lines: tuple[HoldLine, ...]
    expires_at: Instant
    to: Destination = ANYWHERE


@dataclass(frozen=True, slots=True)
class FirmLine:
    """Units of a variant that an order line has sold."""

    order_line_id: str
    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class FirmRequest:
    """Reserve an order's goods for good, using up the cart's own hold; `cart_id` None: there is no cart."""

    cart_id: str | None
    order_id: str
    lines: tuple[FirmLine, ...]
    to: Destination = ANYWHERE


class Allocation(NamedTuple):
    """Units of an order line that a warehouse will send."""

    order_line_id: str
    variant_id: str
    warehouse_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class Held:
    """All lines are held, in these warehouses, until then."""

    warehouse_ids: tuple[str, ...]
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Firmed:
    """All lines are reserved; the allocations are grouped by order line. What waits is not here yet."""

    allocations: tuple[Allocation, ...]
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortLine:
    """A variant of which less is left than was asked for."""

    variant_id: str
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Short:
    """Nothing was reserved: these variants are short, all of them named."""

    lines: tuple[ShortLine, ...]


# --- picking and shipping ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssignRequest:
    """Find bins for a fulfillment line out of the order line's firm reservations."""

    fulfillment_line_id: str
    order_id: str
    order_line_id: str
    variant_id: str
    warehouse_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Units of a fulfillment line to be fetched from a bin."""

    fulfillment_line_id: str
    variant_id: str
    location_id: str
    location_code: str
    qty: int
    walk_sequence: int
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class PickRequest:
    """Units taken from a bin (`pick`) or brought back to it (`unpick`); without a lot, of whatever lot waits there."""

    fulfillment_line_id: str
    location_id: str
    qty: int
    command_id: str
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShortOutcome:
    """What became of units that were not good in their bin.

    `reassigned` are other bins for them, `missing` are the units of this line that nobody can fetch now (released),
    `displaced` every reservation that lost units (this line's included), `value_minor` what left the books.
    """

    reassigned: tuple[Assignment, ...]
    missing: int
    displaced: tuple[Displaced, ...]
    value_minor: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class ShipLine:
    """Picked units of a fulfillment line that leave the house."""

    fulfillment_line_id: str
    order_line_id: str
    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class CostedMove:
    """Units that left, at what they cost us."""

    order_line_id: str
    variant_id: str
    qty: int
    value_minor: int


# --- goods in, corrections, returns -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceiveLine:
    """Goods that arrived from outside at a unit cost; into receiving when no location is named.

    `lot_code` is needed for a variant that tracks lots. `expires_on` (like 2027-03-31) is the last day they may be
    sold; a lot that is known already may come without it.
    `value_minor` is what the line is worth in all where its unit cost is no whole number of minor units.
    """

    variant_id: str
    qty: int
    unit_cost_minor: int
    location_id: str | None = None
    lot_code: str | None = None
    expires_on: str | None = None
    supplier: str | None = None
    value_minor: int | None = None

    @property
    def worth_minor(self) -> int:
        """What the units of the line are booked in at."""
        return self.qty * self.unit_cost_minor if self.value_minor is None else self.value_minor


@dataclass(frozen=True, slots=True)
class PutawayLine:
    """Units to bring to a bin; from receiving when no origin is named."""

    variant_id: str
    qty: int
    to_location_id: str
    from_location_id: str | None = None
    lot_id: str | None = None


class Document(NamedTuple):
    """What a move was made for."""

    type: str
    id: str
    line_id: str | None = None


class Step(NamedTuple):
    """Units of a variant to carry; without a lot, of the one lot that lies there."""

    variant_id: str
    from_location_id: str
    to_location_id: str
    qty: int
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A correction: its signed value for the books, the units it took from reservations, and the bins found instead."""

    value_minor: int
    move: Move
    displaced: tuple[Displaced, ...] = ()
    reassigned: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units that came back, at the value they left with; into quarantine when no location is named."""

    order_line_id: str | None
    variant_id: str
    qty: int
    value_minor: int
    to_location_id: str | None = None
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class RestockLine:
    """Units that are good again, to the bin they are sold from; from quarantine when no origin is named."""

    variant_id: str
    qty: int
    to_location_id: str
    from_location_id: str | None = None
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class Available:
    """What of a variant can be sold, over all warehouses or in one: never below 0."""

    on_hand: int
    reserved: int
    buffer: int
    available: int


def summed(lines: Sequence[HoldLine | FirmLine]) -> dict[str, int]:
    """Units per variant, checked line by line; equal variants are added up."""
    wanted: dict[str, int] = {}
    for number, line in enumerate(lines):
        check_units(line.qty, f"lines[{number}].qty")
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.qty
    return wanted
