"""Warehouses and bins to be made; where a bin stands in the hall, and what its code says about that."""

import re
from dataclasses import dataclass

from storekeep.kernel.errors import Invalid

#: More bays or levels than this are a typing mistake.
MOST_BAYS = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bin stands: its aisle's name, bay from the front and level from the floor, both counted from 1."""

    aisle: str
    bay: int
    level: int

    def __post_init__(self) -> None:
        if not self.aisle or len(self.aisle) > 10:
            raise Invalid("aisle", "an aisle's name has 1 to 10 characters")
        for name, value in (("bay", self.bay), ("level", self.level)):
            if not 1 <= value <= MOST_BAYS:
                raise Invalid(name, f"a {name} is counted from 1 to {MOST_BAYS:,}, not {value}")


_NAMED_BY_PLACE = re.compile(r"([A-Z]{1,3})-(\d{1,3})-(\d{1,2})")


def place_of(code: str) -> Place | None:
    """Where a bin of this code stands, when the code says it: A-07-2 is aisle A, bay 7, level 2."""
    found = _NAMED_BY_PLACE.fullmatch(code.strip().upper())
    if found is None or not int(found[2]) or not int(found[3]):
        return None
    return Place(found[1], int(found[2]), int(found[3]))


@dataclass(frozen=True, slots=True)
class WarehouseDraft:
    """A warehouse to open. `cutoff_hour` is local: paid by then, sent the same day."""

    code: str
    name: str
    timezone: str
    country: str
    postcode: str
    cutoff_hour: int = 14


@dataclass(frozen=True, slots=True)
class BinDraft:
    """A place to pick from; bins are walked in rising `walk_sequence`.

    `place` says where it stands; without one it is read from a code like A-07-2, if the code is of that form.
    """

    code: str
    walk_sequence: int
    is_sellable: bool = True
    place: Place | None = None
