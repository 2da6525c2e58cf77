"""In which order the bays of a pick list are walked: S-shape, improved by local search, or exact for a few stops.

A tour begins and ends at the depot. The S-shape is sorting by walk sequence. It is improved by 2-opt (a stretch walked
backwards) with or-opt (up to three stops moved elsewhere, either way round); sources: G. A. Croes, "A Method for
Solving Traveling-Salesman Problems", Operations Research 6, 1958; I. Or, dissertation, Northwestern University, 1976.
The exact order is the dynamic programme of M. Held and R. M. Karp, Journal of SIAM 10(1), 1962. None of them knows the
shape of the hall, only distances: they judge `aisles.shortest`, which does, and serve where its hall ends.
"""

from collections.abc import Sequence
from itertools import pairwise

from storekeep.shop.fulfillment.walk.layout import Bay, Layout

#: A longer list visits nearly every aisle, and is walked in the S-shape as it is.
IMPROVED_STOPS = 40
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


def improved(bays: Sequence[Bay], layout: Layout) -> list[Bay]:
    """The different bays in the shortest order found; beyond `IMPROVED_STOPS` of them the S-shape.

    The search starts from the S-shape and from its mirror image (odd aisles front to back), and the better end counts.
    """
    stops = s_shape(bays, layout)
    if not 1 < len(stops) <= IMPROVED_STOPS:
        return stops
    between = _matrix(stops, layout)
    mirrored = sorted(
        range(1, len(stops) + 1),
        key=lambda n: (stops[n - 1].aisle, stops[n - 1].bay * (1 if stops[n - 1].aisle % 2 else -1)),
    )
    tours = [_improve([0, *start], between) for start in (list(range(1, len(stops) + 1)), mirrored)]
    best = min(tours, key=lambda tour: _length(tour, between))
    return [stops[n - 1] for n in best[1:]]


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


def _length(tour: Sequence[int], between: _Matrix) -> int:
    return sum(between[a][b] for a, b in zip(tour, [*tour[1:], tour[0]], strict=True))


def _improve(tour: list[int], between: _Matrix) -> list[int]:
    """Moves are made until none shortens the tour; each makes it shorter by a millimetre or more, so it ends."""
    while True:
        if better := _reversed_stretch(tour, between) or _moved_stops(tour, between):
            tour = better
        else:
            return tour


def _reversed_stretch(tour: list[int], between: _Matrix) -> list[int] | None:
    """The best 2-opt move: walk `tour[i..j]` backwards. None when no such move shortens the tour."""
    size = len(tour)
    best, where = 0, (0, 0)
    for i in range(1, size - 1):
        before, first = tour[i - 1], tour[i]
        leave, broken = between[before], between[before][first]
        for j in range(i + 1, size):
            last, after = tour[j], tour[(j + 1) % size]
            gain = broken + between[last][after] - leave[last] - between[first][after]
            if gain > best:
                best, where = gain, (i, j)
    if not best:
        return None
    i, j = where
    return tour[:i] + tour[i : j + 1][::-1] + tour[j + 1 :]


def _moved_stops(tour: list[int], between: _Matrix) -> list[int] | None:
    """The best or-opt move: one to three neighbours put elsewhere, either way round. None when none shortens."""
    size = len(tour)
    best, found = 0, tour
    for count in (1, 2, 3):
        for i in range(1, size - count + 1):
            part, rest = tour[i : i + count], tour[:i] + tour[i + count :]
            head, tail = part[0], part[-1]
            before, after = tour[i - 1], tour[(i + count) % size]
            freed = between[before][head] + between[tail][after] - between[before][after]
            if freed <= best:
                continue
            for at, left in enumerate(rest):
                right = rest[(at + 1) % len(rest)]
                forward = between[left][head] + between[tail][right]
                backward = between[left][tail] + between[head][right]
                gain = freed + between[left][right] - min(forward, backward)
                if gain > best:
                    turned = part if forward <= backward else part[::-1]
                    best, found = gain, [*rest[: at + 1], *turned, *rest[at + 1 :]]
    return found if best else None


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
