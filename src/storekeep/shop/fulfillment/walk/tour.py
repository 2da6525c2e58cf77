"""Ways to order the bays of a pick list that know only distances: the S-shape, and a shortest order of a few stops.

A tour begins and ends at the depot. The S-shape is sorting by walk sequence. The shortest order is the dynamic
programme of M. Held and R. M. Karp, Journal of SIAM 10(1), 1962; it judges `aisles.shortest`, which knows the hall.
"""

from collections.abc import Sequence
from itertools import pairwise

from storekeep.shop.fulfillment.walk.layout import Bay, Layout

#: Memory and time of the exact order double with each stop.
EXACT_STOPS = 12

#: Distances between the depot (0) and the stops (1, 2, …).
_Matrix = list[list[int]]


def tour_mm(stops: Sequence[Bay], layout: Layout) -> int:
    """The length of a tour: from the depot through the stops as they come, and back."""
    if not stops:
        return 0
    between = sum(layout.distance_mm(a, b) for a, b in pairwise(stops))
    return layout.from_depot_mm(stops[0]) + between + layout.from_depot_mm(stops[-1])


def s_shape(bays: Sequence[Bay], layout: Layout) -> list[Bay]:
    """The different bays by walk sequence."""
    return sorted(set(bays), key=layout.walk_sequence)


def exact(bays: Sequence[Bay], layout: Layout) -> list[Bay]:
    """The different bays in a shortest order of all; refuses (ValueError) more than `EXACT_STOPS` of them."""
    stops = s_shape(bays, layout)
    if len(stops) > EXACT_STOPS:
        raise ValueError(f"{len(stops)} stops are more than {EXACT_STOPS}")
    if len(stops) < 2:
        return stops
    return [stops[n - 1] for n in _held_karp(_matrix(stops, layout))]


def _matrix(stops: Sequence[Bay], layout: Layout) -> _Matrix:
    home = [layout.from_depot_mm(stop) for stop in stops]
    return [[0, *home]] + [
        [home[n], *(layout.distance_mm(stop, other) for other in stops)] for n, stop in enumerate(stops)
    ]


def _held_karp(between: _Matrix) -> list[int]:
    """A shortest order of the stops 1…n. `way[visited][last]`: the least from the depot over those, ending there."""
    count = len(between) - 1
    way: list[dict[int, tuple[int, int]]] = [{} for _ in range(1 << count)]
    for stop in range(count):
        way[1 << stop][stop] = (between[0][stop + 1], -1)
    for visited in range(1, 1 << count):
        for last, (mm, _) in way[visited].items():
            onward = between[last + 1]
            for stop in range(count):
                if visited >> stop & 1:
                    continue
                longer, known = mm + onward[stop + 1], way[visited | 1 << stop]
                if stop not in known or longer < known[stop][0]:
                    known[stop] = (longer, last)
    visited = (1 << count) - 1
    last = min(way[visited], key=lambda stop: way[visited][stop][0] + between[stop + 1][0])
    order: list[int] = []
    while last >= 0:
        order.append(last + 1)
        visited, last = visited & ~(1 << last), way[visited][last][1]
    return order[::-1]
