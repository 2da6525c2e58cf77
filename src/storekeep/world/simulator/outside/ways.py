"""The way of a parcel, from the van to the door or to nowhere: a pure function of the seed and the tracking number."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from storekeep.kernel.clock import Instant
from storekeep.shop.shipping.tracking_fold import STATUS_MAPS, StatusRow
from storekeep.world.simulator.trouble import Trouble

Fate = Literal["fine", "unseen", "late", "silent", "lost", "damaged", "false delivery"]

#: A word for each kind of scan: its milestone, its exception, whether it takes something back, where it happens.
_SCANS: Final[dict[str, tuple[str | None, tuple[str, ...], bool, str]]] = {
    "accepted": ("accepted", ("none",), False, "Collection point"),
    "in_transit": ("in_transit", ("none",), False, "Sorting centre"),
    "delayed": ("in_transit", ("delayed",), False, "Sorting centre"),
    "at_facility_dest": ("at_facility_dest", ("none",), False, "Delivery depot"),
    "out_for_delivery": ("out_for_delivery", ("none",), False, "Delivery van"),
    "attempted": ("attempted", ("none",), False, "Front door"),
    "delivered": ("delivered", ("none",), False, "Front door"),
    "delivered damaged": ("delivered", ("damaged",), False, "Front door"),
    "damage noted": (None, ("damaged",), False, "Sorting centre"),
    "declared lost": (None, ("lost",), False, "Head office"),
    "taken back": ("in_transit", ("none",), True, "Delivery depot"),
    "returning": ("returning", ("none", "refused"), True, "Delivery depot"),
    "returned": ("returned", ("none",), True, "Sender"),
}
#: The way of a parcel to which nothing happens: each scan, and how many hundredths of a leg it takes to get there.
_USUAL: Final = (
    ("accepted", 20, 60),
    ("in_transit", 60, 130),
    ("at_facility_dest", 60, 130),
    ("out_for_delivery", 60, 130),
    ("delivered", 30, 80),
)
#: Nobody is at home for so many parcels in a hundred, and so many depots and vans in a hundred do not scan.
_NOT_AT_HOME: Final = 0.08
_UNSCANNED: Final = {"at_facility_dest": 0.5, "out_for_delivery": 0.2}


@dataclass(frozen=True, slots=True)
class Told:
    """A scan: when it happened, when the carrier tells us of it, and how often."""

    code: str
    place: str
    at: Instant
    told_at: Instant
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Lot:
    """What is decided about a parcel before its way is."""

    fate: Fate
    is_out_of_order: bool
    is_doubled: bool
    #: Between 0 and 1: decides what is left open by the fate
    turn: float


def lot_of(seed: int, trouble: Trouble, tracking_number: str) -> Lot:
    """The lot of a parcel; cheap, for it is asked of many parcels again and again."""
    digest = hashlib.sha256(f"{seed}:parcel:{tracking_number}".encode()).digest()
    fate, order, doubled, turn = (int.from_bytes(digest[n : n + 8]) / 2**64 for n in (0, 8, 16, 24))
    return Lot(_fate(trouble, fate), order < trouble.scan_out_of_order, doubled < trouble.scan_doubled, turn)


def really_arrived(seed: int, trouble: Trouble, tracking_number: str) -> bool:
    """Whether a parcel that was reported as delivered is where it should be."""
    lot = lot_of(seed, trouble, tracking_number)
    return lot.fate != "lost" and (lot.fate != "false delivery" or _is_taken_back(lot))


def way_of(
    seed: int, trouble: Trouble, carrier: str, tracking_number: str, handed_over_at: Instant, leg: Instant
) -> list[Told]:
    """Every scan that a parcel will ever get, in the order in which they happen; `leg` is the usual time between two.

    None for a carrier whose codes nobody knows.
    """
    codes = CODES.get(carrier)
    if codes is None:
        return []
    lot = lot_of(seed, trouble, tracking_number)
    dice = random.Random(f"{seed}:way:{tracking_number}")  # noqa: S311 - a game, no secret
    at = handed_over_at
    way = []
    for word, share in _with_fate(lot, list(_usual(dice)), dice):
        at += leg * share // 100
        way.append(Told(codes[word], _SCANS[word][3], at, at))
    if lot.is_out_of_order and len(way) > 1:
        n = dice.randrange(len(way) - 1)
        way[n] = replace(way[n], told_at=way[n + 1].told_at + leg * dice.randint(10, 150) // 100)
    if lot.is_doubled and way:
        n = dice.randrange(len(way))
        way[n] = replace(way[n], copies=2)
    return way


def taken_up(way: list[Told], parcel: Any, since: Instant) -> list[Told]:
    """The same way of a parcel whose carrier stood still until `since`, or went at another pace: none of it is lost.

    `parcel` has `carrier`, `handed_over_at`, `last_scan_at`, `milestone` and `exception`. What was told of it stays
    where it was, and the rest follows on the last scan, or on `since` when that is later.
    """
    if parcel.last_scan_at is None:
        return _moved(way, max(0, since - parcel.handed_over_at))
    told_of = next((n for n, told in enumerate(way) if told.at == parcel.last_scan_at), None)
    known = _as_far_as(way, parcel) if told_of is None else told_of
    if known is None:
        return way
    rest = _moved(way[known + 1 :], max(parcel.last_scan_at, since) - way[known].at)
    return rest if told_of is None else [*way[: known + 1], *rest]


def _as_far_as(way: list[Told], parcel: Any) -> int | None:
    """The last step after which a parcel stands as this one does."""
    milestone, found = "label_created", None
    for n, told in enumerate(way):
        row = STATUS_MAPS[parcel.carrier][told.code]
        milestone = row.milestone or milestone
        if (milestone, row.exception) == (parcel.milestone, parcel.exception):
            found = n
    return found


def _moved(way: list[Told], later: Instant) -> list[Told]:
    return [replace(told, at=told.at + later, told_at=told.told_at + later) for told in way]


def _fate(trouble: Trouble, drawn: float) -> Fate:
    chances: tuple[tuple[Fate, float], ...] = (
        ("lost", trouble.parcel_lost),
        ("false delivery", trouble.false_delivery),
        ("damaged", trouble.parcel_damaged),
        ("silent", trouble.parcel_silent),
        ("unseen", trouble.parcel_unseen),
        ("late", trouble.parcel_late),
    )
    for fate, chance in chances:
        if drawn < chance:
            return fate
        drawn -= chance
    return "fine"


def _is_taken_back(lot: Lot) -> bool:
    """One false report of a delivery in three is found out by the carrier, who then delivers."""
    return lot.turn < 1 / 3


def _usual(dice: random.Random) -> Iterator[tuple[str, int]]:
    """The usual way: words and hundredths of a leg."""
    owed = 0
    for word, least, most in _USUAL:
        share = owed + dice.randint(least, most)
        owed = 0
        if dice.random() < _UNSCANNED.get(word, 0.0):
            owed = share
            continue
        if word == "delivered" and dice.random() < _NOT_AT_HOME:
            yield "attempted", share
            yield "out_for_delivery", dice.randint(200, 300)
            share = dice.randint(30, 80)
        yield word, share


def _with_fate(lot: Lot, steps: list[tuple[str, int]], dice: random.Random) -> list[tuple[str, int]]:
    """The usual way, changed by its fate. Whatever is scanned is accepted and in transit first."""
    if lot.fate == "unseen":  # by nobody, ever, or for days
        word, share = steps[0]
        return [] if lot.turn < 0.5 else [(word, share + dice.randint(1200, 3000)), *steps[1:]]
    if lot.fate == "late":
        word, share = steps[2]
        return [*steps[:2], ("delayed", dice.randint(80, 120)), (word, share + dice.randint(300, 1500)), *steps[3:]]
    if lot.fate == "silent":
        cut = dice.randrange(1, len(steps))
        word, share = steps[cut]
        return [*steps[:cut], (word, share + dice.randint(1200, 3000)), *steps[cut + 1 :]]
    if lot.fate == "lost":
        seen = steps[: dice.randrange(1, len(steps))]
        return [*seen, ("declared lost", dice.randint(1500, 2500))] if lot.turn < 0.5 else seen
    if lot.fate == "damaged":
        noted = [*steps[:2], ("damage noted", dice.randint(10, 60))]
        if lot.turn < 0.25:
            return [*noted, ("returning", dice.randint(100, 200)), ("returned", dice.randint(200, 400))]
        return [*noted, *steps[2:-1], ("delivered damaged", steps[-1][1])]
    if lot.fate == "false delivery" and _is_taken_back(lot):
        back = [("taken back", dice.randint(300, 700)), ("out_for_delivery", dice.randint(60, 130))]
        return [*steps, *back, ("delivered", dice.randint(30, 80))]
    return steps


def _code(rows: dict[str, StatusRow], word: str) -> str:
    milestone, exceptions, is_correction, _place = _SCANS[word]
    return next(
        code
        for code, row in rows.items()
        if row.milestone == milestone and row.exception in exceptions and row.is_correction is is_correction
    )


#: Each carrier's own code for each word.
CODES: Final = {
    carrier: {word: _code(dict(rows), word) for word in _SCANS} for carrier, rows in STATUS_MAPS.items()
}
