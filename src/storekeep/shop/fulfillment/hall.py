"""The hall that a warehouse's bins stand in, as the walk wants it, and the walk through the stops of a batch.

A shop names aisles as it likes; here they stand side by side in the order of their names (A before B, 2 before 10).
Lengths are millimetres. The pitches are those of ordinary shelving; in another hall the lengths are others, the order
of walking hardly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storekeep.shop.fulfillment.walk import Bay, Layout, walks

AISLE_PITCH_MM = 3_500
BAY_PITCH_MM = 1_200
CROSS_MM = 1_500
#: What a picker does in an hour, for the minutes of a plan: walking in mm per second, and the hand's work in seconds.
WALKING_MM_PER_S = 1_000
SECONDS_PER_BATCH = 60
SECONDS_PER_STOP = 10
SECONDS_PER_UNIT = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """A bin and where it stands; aisle and bay are None when nobody has said."""

    location_id: str
    code: str
    aisle: str | None
    bay: int | None
    walk_sequence: int


@dataclass(frozen=True, slots=True)
class Route:
    """The bins of a batch in the order of walking. `unplaced` of them stand nowhere known, come last and count nothing.

    `apart_mm` is the way when each order is walked for alone.
    """

    location_ids: tuple[str, ...]
    walk_mm: int
    s_shape_mm: int
    apart_mm: int
    unplaced: int

    @property
    def saved_mm(self) -> int:
        """What walking once for all orders saves."""
        return max(0, self.apart_mm - self.walk_mm)


class Hall:
    """Aisles and bays of one warehouse. `spots` are all of its bins, so that every walk is measured in one hall."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self.spots = {spot.location_id: spot for spot in spots}
        placed = [spot for spot in self.spots.values() if spot.aisle is not None and spot.bay is not None]
        names = sorted({str(spot.aisle) for spot in placed}, key=lambda name: (len(name), name))
        self._aisles = {name: n for n, name in enumerate(names)}
        bays = max((int(spot.bay or 1) for spot in placed), default=1)
        self.layout = Layout(max(1, len(names)), bays, AISLE_PITCH_MM, BAY_PITCH_MM, CROSS_MM)

    def bay(self, location_id: str) -> Bay | None:
        """Where one stands to take from a bin; None when nobody has said."""
        spot = self.spots.get(location_id)
        if spot is None or spot.aisle is None or spot.bay is None:
            return None
        return Bay(self._aisles[spot.aisle], spot.bay - 1)

    def bays(self, location_ids: Iterable[str]) -> tuple[Bay, ...]:
        """The places of those bins that have one."""
        found = (self.bay(each) for each in location_ids)
        return tuple(bay for bay in found if bay is not None)

    def routes(self, batches: Sequence[Sequence[Sequence[str]]]) -> list[Route]:
        """The walk of each batch; a batch is, for each of its orders, the bins that it needs."""
        lists = [self.bays(place for order in batch for place in order) for batch in batches]
        alone = [self.bays(order) for batch in batches for order in batch]
        together, apart = walks(lists, self.layout), iter(walks(alone, self.layout))
        made = []
        for batch, bays, walk in zip(batches, lists, together, strict=True):
            rank = {bay: n for n, bay in reversed(list(enumerate(bays[index] for index in walk.order)))}
            apart_mm = sum(next(apart).mm for _ in batch)
            places = {place for order in batch for place in order}
            known = {place: rank[bay] for place in places if (bay := self.bay(place)) is not None}
            ordered = sorted(places, key=lambda place: self._in_walk(place, known))
            made.append(Route(tuple(ordered), walk.mm, walk.s_shape_mm, apart_mm, len(places) - len(known)))
        return made

    def _in_walk(self, location_id: str, known: dict[str, int]) -> tuple[int, int, str]:
        """Bays as they are walked, then the bins without a place by the walk sequence."""
        spot = self.spots[location_id]
        if location_id in known:
            return known[location_id], 0, spot.code
        return len(known), spot.walk_sequence, spot.code


def seconds(walk_mm: int, stops: int, units: int) -> int:
    """About how long a batch takes: the walk, a reach at every stop, a scan for every unit, and setting up the cart."""
    walking = -(-walk_mm // WALKING_MM_PER_S)
    return SECONDS_PER_BATCH + walking + SECONDS_PER_STOP * stops + SECONDS_PER_UNIT * units
