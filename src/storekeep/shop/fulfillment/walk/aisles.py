"""The shortest walk through parallel aisles, exactly, for lists of any length.

Source: H. D. Ratliff, A. S. Rosenthal, "Order-Picking in a Rectangular Warehouse: A Solvable Case of the Traveling
Salesman Problem", Operations Research 31(3), 1983. The hall is gone through aisle by aisle. All that the next aisle
must know of the walk so far is whether it touches the back and the front end of this one an even or odd number of
times, and whether it hangs together: seven states, so the time grows with the aisles and stops, not with their orders.
The pieces chosen make a graph in which every corner has an even degree, and the walk is a round trip through it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from storekeep.shop.fulfillment.walk.layout import Bay, Layout

#: A state names the back end, the front end (0 untouched, E even, U odd), and in how many parts the walk is so far.
#: What a way to serve an aisle makes of it: through it once; in and out from the back, from the front, from both ends
#: around the largest gap; through it twice; or not at all. "001" is a walk that has been closed before.
_SERVED: Mapping[str, Mapping[str, str]] = {
    "000": {"once": "UU1", "back": "E01", "front": "0E1", "gap": "EE2", "twice": "EE1", "none": "000"},
    "E01": {"once": "UU1", "back": "E01", "front": "EE2", "gap": "EE2", "twice": "EE1", "none": "E01"},
    "0E1": {"once": "UU1", "back": "EE2", "front": "0E1", "gap": "EE2", "twice": "EE1", "none": "0E1"},
    "UU1": {"once": "EE1", "back": "UU1", "front": "UU1", "gap": "UU1", "twice": "UU1", "none": "UU1"},
    "EE1": {"once": "UU1", "back": "EE1", "front": "EE1", "gap": "EE1", "twice": "EE1", "none": "EE1"},
    "EE2": {"once": "UU1", "back": "EE2", "front": "EE2", "gap": "EE2", "twice": "EE1", "none": "EE2"},
    "001": {"none": "001"},
}
#: How the next aisle is reached: how often along the back cross aisle and the front one, and the state there.
_CROSSED: Mapping[str, Mapping[tuple[int, int], str]] = {
    "000": {(0, 0): "000"},
    "E01": {(2, 0): "E01", (2, 2): "EE2", (0, 0): "001"},
    "0E1": {(0, 2): "0E1", (2, 2): "EE2", (0, 0): "001"},
    "UU1": {(1, 1): "UU1"},
    "EE1": {(2, 0): "E01", (0, 2): "0E1", (2, 2): "EE1", (0, 0): "001"},
    "EE2": {(2, 2): "EE2"},
    "001": {(0, 0): "001"},
}
_CLOSED = ("E01", "0E1", "EE1", "001")

#: Aisle, and millimetres from the front cross aisle.
_Corner = tuple[int, int]
#: The shortest way into a state: its millimetres, the way each aisle was served, and the crossings between them.
_Reached = dict[str, tuple[int, list[str], list[tuple[int, int]]]]


def shortest(bays: Sequence[Bay], layout: Layout) -> list[Bay]:
    """The different bays in the order of a shortest walk from the depot and back to it."""
    stops = {(bay.aisle, layout.in_mm(bay)): bay for bay in sorted(set(bays))}
    depths = [sorted(depth for aisle, depth in stops if aisle == at) for at in range(layout.aisles)]
    if not stops:
        return []
    if depths[layout.depot_aisle][:1] != [0]:
        depths[layout.depot_aisle].insert(0, 0)
    served, crossed = _chosen(depths, layout)
    graph = _graph(depths, served, crossed, layout.depth_mm)
    return [stops[corner] for corner in _round_trip(graph, (layout.depot_aisle, 0)) if corner in stops]


def _ways(depths: Sequence[int], depth_mm: int) -> dict[str, int]:
    """What each way to serve an aisle costs in mm, given how deep its stops lie."""
    through = {"once": depth_mm, "twice": 2 * depth_mm}
    if not depths:
        return {**through, "none": 0}
    ways = {**through, "back": 2 * (depth_mm - depths[0]), "front": 2 * depths[-1]}
    if len(depths) > 1:
        ways["gap"] = 2 * (depth_mm - max(b - a for a, b in pairwise(depths)))
    return ways


def _chosen(depths: Sequence[Sequence[int]], layout: Layout) -> tuple[list[str], list[tuple[int, int]]]:
    """The way to serve each aisle, and the crossings from each to the next, of a shortest walk."""
    reached: _Reached = {"000": (0, [], [])}
    for aisle, stops in enumerate(depths):
        served: _Reached = {}
        for before, (mm, ways, crossings) in reached.items():
            for way, more in _ways(stops, layout.depth_mm).items():
                after = _SERVED[before].get(way)
                if after and (after not in served or mm + more < served[after][0]):
                    served[after] = (mm + more, [*ways, way], crossings)
        if aisle == layout.aisles - 1:
            break
        reached = {}
        for before, (mm, ways, crossings) in served.items():
            for crossing, after in _CROSSED[before].items():
                longer = mm + sum(crossing) * layout.aisle_pitch_mm
                if after not in reached or longer < reached[after][0]:
                    reached[after] = (longer, ways, [*crossings, crossing])
    _, ways, crossings = min((served[state] for state in _CLOSED if state in served), key=lambda found: found[0])
    return ways, crossings


def _graph(
    depths: Sequence[Sequence[int]], served: Sequence[str], crossed: Sequence[tuple[int, int]], depth_mm: int
) -> dict[_Corner, list[_Corner]]:
    """Every stretch walked, from either end, as often as it is walked."""
    graph: dict[_Corner, list[_Corner]] = {}

    def walked(a: _Corner, b: _Corner, times: int) -> None:
        graph.setdefault(a, []).extend([b] * times)
        graph.setdefault(b, []).extend([a] * times)

    for aisle, (stops, way) in enumerate(zip(depths, served, strict=True)):
        for near, far in _stretches(stops, way, depth_mm):
            walked((aisle, near), (aisle, far), 1 if way == "once" else 2)
    for aisle, (back, front) in enumerate(crossed):
        walked((aisle, depth_mm), (aisle + 1, depth_mm), back)
        walked((aisle, 0), (aisle + 1, 0), front)
    return graph


def _stretches(stops: Sequence[int], way: str, depth_mm: int) -> list[tuple[int, int]]:
    """The stretches of an aisle between its ends and stops that a way walks, from the front."""
    if way == "none":
        return []
    corners = [*stops, depth_mm] if way == "back" else [0, *stops] if way == "front" else [0, *stops, depth_mm]
    pieces = [(near, far) for near, far in pairwise(corners) if near < far]
    if way == "gap":
        pieces.remove(max(pairwise(stops), key=lambda piece: piece[1] - piece[0]))
    return pieces


def _round_trip(graph: dict[_Corner, list[_Corner]], home: _Corner) -> list[_Corner]:
    """The corners in the order in which a round trip over every stretch first comes by (Hierholzer's method)."""
    trip: list[_Corner] = []
    path = [home]
    while path:
        here = path[-1]
        if graph.get(here):
            there = graph[here].pop()
            graph[there].remove(here)
            path.append(there)
        else:
            trip.append(path.pop())
    return list(dict.fromkeys(trip))
