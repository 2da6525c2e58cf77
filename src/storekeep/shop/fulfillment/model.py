"""What the warehouse is told and what it answers, as frozen values; quantities are units."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewLine:
    """Units of an order line that a location shall send; sku and title are copies for the floor."""

    order_line_id: str
    variant_id: str
    sku: str
    title: str
    qty: int


@dataclass(frozen=True, slots=True)
class NewFulfillment:
    """One location's share of an order. `kind` is sale, or reship for goods sent again without being sold again."""

    order_id: str
    order_number: int
    warehouse_id: str
    kind: str
    promised_on: str | None
    lines: tuple[NewLine, ...]


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A line with its counters. `dropped` units will never be sent: nobody could find them, or they were canceled."""

    id: str
    fulfillment_id: str
    order_line_id: str
    variant_id: str
    sku: str
    title: str
    qty: int
    picked: int
    packed: int
    dropped: int

    @property
    def to_pick(self) -> int:
        return self.qty - self.dropped - self.picked

    @property
    def to_pack(self) -> int:
        return self.picked - self.packed

    @property
    def due(self) -> int:
        """Units that are still meant to leave the house."""
        return self.qty - self.dropped


def lot_text(lot_code: str, expires_on: str | None) -> str:
    """A lot in words for the picker; empty for no code."""
    if not lot_code:
        return ""
    return f"lot {lot_code}" + (f", expires {expires_on}" if expires_on else "")


@dataclass(frozen=True, slots=True)
class Stop:
    """Units of a line that wait in a bin, in the order of the walk."""

    line_id: str
    variant_id: str
    location_id: str
    location_code: str
    qty: int
    walk_sequence: int
    lot_id: str | None = None
    lot_code: str = ""
    expires_on: str | None = None

    @property
    def lot_text(self) -> str:
        """The lot in words for the picker; empty for goods without lots."""
        return lot_text(self.lot_code, self.expires_on)


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan as it came from the gun: the code, an id that the gun made (a repeat is answered, not done), units."""

    code: str
    scan_id: str
    qty: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """Units that a scan took from a bin, so that it can be undone."""

    location_id: str
    qty: int
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What the gun says back: right, wrong, stop or done, in a sentence, with what is left to do.

    `line_left` are units left of this line, `left` of the whole fulfillment at this station.
    """

    kind: str
    text: str
    scan_id: str
    line_id: str | None = None
    sku: str = ""
    title: str = ""
    location_code: str = ""
    qty: int = 0
    line_left: int = 0
    left: int = 0
    taken: tuple[Taken, ...] = ()
    undoes: str = ""

    @property
    def is_right(self) -> bool:
        return self.kind in {"right", "done"}
