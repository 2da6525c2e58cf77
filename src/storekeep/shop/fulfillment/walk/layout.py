"""A hall of parallel aisles with a cross aisle at either end, and how far it is from one bay to another.

Lengths are millimetres. The depot, where a walk begins and ends, stands on the front cross aisle. From one aisle to
another one walks to an end of the aisle, along the cross aisle, and in again, by whichever end is nearer.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Bay(NamedTuple):
    """Where one stands to pick: aisle from the left, bay from the front, both counted from 0. Levels share a bay."""

    aisle: int
    bay: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Aisles of equal length. Pitches are from middle to middle; `cross_mm` from a cross aisle to the nearest bay.

    `depot_aisle` is the aisle whose front end is the depot.
    """

    aisles: int
    bays: int
    aisle_pitch_mm: int
    bay_pitch_mm: int
    cross_mm: int
    depot_aisle: int = 0

    def __post_init__(self) -> None:
        if min(self.aisles, self.bays, self.aisle_pitch_mm, self.bay_pitch_mm) < 1 or self.cross_mm < 0:
            raise ValueError("a layout has one aisle and one bay at least, and no negative length")
        if not 0 <= self.depot_aisle < self.aisles:
            raise ValueError(f"the depot's aisle {self.depot_aisle} is not in the hall")

    @property
    def depth_mm(self) -> int:
        """From the front cross aisle to the back one."""
        return 2 * self.cross_mm + (self.bays - 1) * self.bay_pitch_mm

    def from_depot_mm(self, bay: Bay) -> int:
        """How far it is to walk from the depot to a bay, one way."""
        return self._walked(self.depot_aisle, 0, bay.aisle, self.in_mm(bay))

    def distance_mm(self, a: Bay, b: Bay) -> int:
        """How far it is to walk between two bays; 0 for one and the same."""
        return self._walked(a.aisle, self.in_mm(a), b.aisle, self.in_mm(b))

    def walk_sequence(self, bay: Bay) -> int:
        """The bay's place in the S-shaped walk through the whole hall: every second aisle runs back to front."""
        self.in_mm(bay)
        return bay.aisle * self.bays + (bay.bay if bay.aisle % 2 == 0 else self.bays - 1 - bay.bay)

    def in_mm(self, bay: Bay) -> int:
        """How deep in its aisle a bay lies, from the front cross aisle. Refuses a bay outside the hall (ValueError)."""
        if not (0 <= bay.aisle < self.aisles and 0 <= bay.bay < self.bays):
            raise ValueError(f"{bay} is not in the hall")
        return self.cross_mm + bay.bay * self.bay_pitch_mm

    def _walked(self, aisle: int, depth: int, other: int, other_depth: int) -> int:
        if aisle == other:
            return abs(depth - other_depth)
        by_front = depth + other_depth
        return abs(aisle - other) * self.aisle_pitch_mm + min(by_front, 2 * self.depth_mm - by_front)
