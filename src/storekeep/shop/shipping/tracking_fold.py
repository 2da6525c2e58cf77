"""Where a parcel is, folded from its raw scans.

Scans arrive late, twice and out of order. So nothing is ever updated step by step: the status is recomputed from
all scans of a parcel, made unique and sorted by time, and any order of arrival gives the same answer. A parcel
has two axes: the milestone (how far it got) and the exception (what is wrong with it right now).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US

# A carrier's clock may be a little wrong; a scan further ahead of its own arrival than this is not believed.
CLOCK_TOLERANCE_US: Final = DAY_US

# Milestones in the order in which a parcel passes them; progress never falls except along REGRESSIONS.
MILESTONES: Final = (
    "label_created",
    "canceled",
    "accepted",
    "in_transit",
    "at_facility_dest",
    "out_for_delivery",
    "attempted",
    "ready_for_pickup",
    "delivered",
    "returning",
    "returned",
)
EXCEPTIONS: Final = ("none", "delayed", "damaged", "lost", "address", "refused", "customs", "weather", "held")
REGRESSIONS: Final = frozenset({("out_for_delivery", "in_transit"), ("attempted", "out_for_delivery")})
SETTLED: Final = frozenset({"delivered", "returning", "returned"})

_RANK: Final = {milestone: rank for rank, milestone in enumerate(MILESTONES)}


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What one carrier code means. `milestone` None keeps the milestone (a mere remark). `is_correction` marks
    the codes that may take a parcel out of delivered, returning or returned."""

    milestone: str | None
    exception: str
    text: str
    is_correction: bool = False


# One map per carrier, never shared: the same two letters mean opposite things at different carriers.
STATUS_MAPS: Final[Mapping[str, Mapping[str, StatusRow]]] = {
    "swallow": {
        "S10": StatusRow("label_created", "none", "Announced by the sender"),
        "S15": StatusRow("canceled", "none", "Canceled by the sender"),
        "S20": StatusRow("accepted", "none", "Accepted at the counter"),
        "S30": StatusRow("in_transit", "none", "Sorted and on its way"),
        "S31": StatusRow("in_transit", "delayed", "Delayed on its way"),
        "S32": StatusRow("in_transit", "weather", "Held up by the weather"),
        "S35": StatusRow("in_transit", "customs", "Waiting at customs"),
        "S40": StatusRow("at_facility_dest", "none", "At the delivery office"),
        "S50": StatusRow("out_for_delivery", "none", "Out for delivery"),
        "S60": StatusRow("attempted", "none", "Nobody was at home"),
        "S61": StatusRow("attempted", "address", "The address could not be found"),
        "S65": StatusRow("ready_for_pickup", "held", "Waiting at the post office"),
        "S70": StatusRow("delivered", "none", "Delivered"),
        "S71": StatusRow("delivered", "damaged", "Delivered with damage"),
        "S75": StatusRow("in_transit", "none", "Delivery report taken back", is_correction=True),
        "S80": StatusRow("returning", "refused", "Refused, going back to the sender", is_correction=True),
        "S81": StatusRow("returning", "address", "Undeliverable, going back", is_correction=True),
        "S85": StatusRow("returned", "none", "Back at the sender", is_correction=True),
        "S90": StatusRow(None, "damaged", "Damage noted"),
        "S95": StatusRow(None, "lost", "Searched for and not found"),
    },
    "northline": {
        "NEW": StatusRow("label_created", "none", "Order data received"),
        "CAN": StatusRow("canceled", "none", "Order canceled"),
        "PUP": StatusRow("accepted", "none", "Picked up"),
        "HUB": StatusRow("in_transit", "none", "Scanned at a hub"),
        "DLY": StatusRow("in_transit", "delayed", "Running late"),
        "WTH": StatusRow("in_transit", "weather", "Weather delay"),
        "CUS": StatusRow("in_transit", "customs", "In customs clearance"),
        "ARR": StatusRow("at_facility_dest", "none", "Arrived at the destination depot"),
        "OFD": StatusRow("out_for_delivery", "none", "With the driver"),
        "ATT": StatusRow("attempted", "none", "Delivery attempted"),
        "ADR": StatusRow("attempted", "address", "Address is incomplete"),
        "PKP": StatusRow("ready_for_pickup", "held", "Ready at the pick-up point"),
        "POD": StatusRow("delivered", "none", "Delivered, proof on file"),
        "PDX": StatusRow("delivered", "damaged", "Delivered, damage noted"),
        "COR": StatusRow("in_transit", "none", "Delivery entered in error", is_correction=True),
        "RFS": StatusRow("returning", "refused", "Refused by the recipient", is_correction=True),
        "RTS": StatusRow("returning", "none", "Returning to sender", is_correction=True),
        "RTD": StatusRow("returned", "none", "Returned to sender", is_correction=True),
        "DMG": StatusRow(None, "damaged", "Damage reported"),
        "LST": StatusRow(None, "lost", "Declared lost"),
    },
}


@dataclass(frozen=True, slots=True)
class ScanEvent:
    """One raw scan as the carrier told it: `at` is when it happened, `received_at` when we heard (both µs)."""

    carrier: str
    number: str
    at: int
    code: str
    text: str
    place: str
    received_at: int

    @property
    def event_id(self) -> str:
        """sha256 over carrier, number, instant and code. Never the text or the place: carriers reword those."""
        key = "\x1f".join((self.carrier, self.number, str(self.at), self.code))
        return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """One unique scan in time order, with the status after it. `ignored_because` is '' for a scan that counted."""

    event: ScanEvent
    milestone: str
    exception: str
    ignored_because: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """The folded status of one parcel. Instants are µs; None where it has not happened.

    `last_scan_at` is the latest scan that counted. `unmapped` lists codes without a row and how often each came.
    """

    milestone: str
    exception: str
    milestone_at: int | None
    accepted_at: int | None
    delivered_at: int | None
    last_scan_at: int | None
    unmapped: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]

    @property
    def unmapped_count(self) -> int:
        """How many scans carried a code that the carrier's map does not know."""
        return sum(count for _, count in self.unmapped)


def fold(carrier: str, number: str, label_at: int, events: Iterable[ScanEvent]) -> Tracking:
    """The status of parcel `number` of `carrier`, whose label was made at `label_at` (µs), from all its scans.

    Order and repetition of `events` do not matter. Scans of another parcel are left out. Scans from before the
    label (numbers are recycled) or from an impossible future are kept as ignored steps.
    """
    status = _Status()
    steps = []
    for event in _unique_in_time_order(carrier, number, events):
        ignored = _ignored_because(event, label_at)
        if not ignored:
            status.take(event)
        steps.append(Step(event, status.milestone, status.exception, ignored))
    return Tracking(
        milestone=status.milestone,
        exception=status.exception,
        milestone_at=status.milestone_at,
        accepted_at=status.accepted_at,
        delivered_at=status.milestone_at if status.milestone == "delivered" else None,
        last_scan_at=status.last_scan_at,
        unmapped=tuple(sorted(status.unmapped.items())),
        steps=tuple(steps),
    )


def status_row(carrier: str, code: str) -> StatusRow | None:
    """The meaning of a carrier's code, in any case and with stray blanks; None when the map has no such row."""
    return STATUS_MAPS.get(carrier, {}).get(code.strip().upper())


def code_for(carrier: str, milestone: str, exception: str = "none") -> str:
    """The carrier's own code for a milestone and exception, for scans typed by hand. KeyError when it has none."""
    for code, row in STATUS_MAPS[carrier].items():
        if (row.milestone, row.exception) == (milestone, exception) and (
            not row.is_correction or milestone in SETTLED
        ):
            return code
    raise KeyError(f"{carrier} has no code for {milestone} with exception {exception}")


def silence(last_scan_at: int, now: int, threshold_us: int) -> int:
    """How long (µs) a parcel has been silent beyond `threshold_us`; 0 while it is not silent for too long.

    Give the hand-over instant for a parcel that was never scanned. A scan from after `now` counts as no silence.
    """
    return max(0, now - last_scan_at - threshold_us)


class _Status:
    """The running status inside one fold."""

    def __init__(self) -> None:
        self.milestone = "label_created"
        self.exception = "none"
        self.milestone_at: int | None = None
        self.accepted_at: int | None = None
        self.last_scan_at: int | None = None
        self.unmapped: dict[str, int] = {}

    def take(self, event: ScanEvent) -> None:
        """Apply one scan that counts. Scans come in time order."""
        self.last_scan_at = event.at
        row = status_row(event.carrier, event.code)
        if row is None:
            self.unmapped[event.code] = self.unmapped.get(event.code, 0) + 1
            # An unknown code shows movement, but it may not take progress back or clear a known exception.
            if _RANK["in_transit"] > _RANK[self.milestone]:
                self._move("in_transit", event.at)
            return
        if self.milestone in SETTLED and not row.is_correction and row.milestone != "returned":
            return
        self.exception = row.exception
        if row.milestone is not None and self._may_move(row):
            self._move(row.milestone, event.at)

    def _may_move(self, row: StatusRow) -> bool:
        to = row.milestone or self.milestone
        if to == self.milestone:
            return False
        forward = _RANK[to] > _RANK[self.milestone]
        return forward or row.is_correction or (self.milestone, to) in REGRESSIONS

    def _move(self, milestone: str, at: int) -> None:
        self.milestone, self.milestone_at = milestone, at
        if self.accepted_at is None and _RANK[milestone] >= _RANK["accepted"]:
            self.accepted_at = at


def _unique_in_time_order(carrier: str, number: str, events: Iterable[ScanEvent]) -> list[ScanEvent]:
    """The parcel's scans, one per event id (the copy heard first), sorted so that any input order gives one
    output: by instant, then progress, then code."""
    unique: dict[tuple[int, str], ScanEvent] = {}
    for event in events:
        if (event.carrier, event.number) != (carrier, number):
            continue
        # Within one parcel the instant and the code are the whole of the event id.
        known = unique.get((event.at, event.code))
        if known is None or _copy_order(event) < _copy_order(known):
            unique[event.at, event.code] = event
    return sorted(unique.values(), key=lambda e: (e.at, _progress(e), e.code))


def _copy_order(event: ScanEvent) -> tuple[int, str, str]:
    return (event.received_at, event.text, event.place)


def _progress(event: ScanEvent) -> int:
    row = status_row(event.carrier, event.code)
    return -1 if row is None or row.milestone is None else _RANK[row.milestone]


def _ignored_because(event: ScanEvent, label_at: int) -> str:
    if event.at < label_at:
        return "It happened before this label existed."
    if event.at > event.received_at + CLOCK_TOLERANCE_US:
        return "It lies in the future of the day on which it was received."
    return ""
