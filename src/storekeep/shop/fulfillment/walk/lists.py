"""Pick lists in the order of walking, with the way that they take."""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.shop.fulfillment.walk.aisles import shortest
from storekeep.shop.fulfillment.walk.layout import Bay, Layout
from storekeep.shop.fulfillment.walk.tour import s_shape, tour_mm


@dataclass(frozen=True, slots=True)
class Walk:
    """A pick list in the order of walking: indexes into the bays as they were given; lines of one bay come together.

    `mm` is the way from the depot through all bays and back, and no way is shorter; `s_shape_mm` is that in S-shape.
    """

    order: tuple[int, ...]
    mm: int
    s_shape_mm: int

    @property
    def saved_mm(self) -> int:
        return self.s_shape_mm - self.mm


def walks(lists: Sequence[Sequence[Bay]], layout: Layout) -> list[Walk]:
    """A shortest walk for each pick list. The same lists and layout give the same walks.

    A bay outside the hall is a ValueError.
    """
    return [_walk(bays, layout) for bays in lists]


def _walk(bays: Sequence[Bay], layout: Layout) -> Walk:
    way = shortest(bays, layout)
    lines: dict[Bay, list[int]] = {}
    for index, bay in enumerate(bays):
        lines.setdefault(bay, []).append(index)
    return Walk(
        order=tuple(index for bay in way for index in lines[bay]),
        mm=tour_mm(way, layout),
        s_shape_mm=tour_mm(s_shape(bays, layout), layout),
    )
