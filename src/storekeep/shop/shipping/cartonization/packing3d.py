"""Laying pieces into one carton: extreme points with a short search behind them, in integers.

Source of the method: T. G. Crainic, G. Perboli, R. Tadei, "Extreme Point-Based Heuristics for Three-Dimensional Bin
Packing", INFORMS Journal on Computing 20(3), 2008. A piece may stand only in extreme points: the corners that pieces
make with each other and with the walls. Ours differs in two ways: every point is dropped to the floor or onto a piece,
so that nothing hangs in the air; and several orders of the pieces are tried with several ways to judge a spot.
"""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storekeep.shop.shipping.cartonization.shapes import Piece, Placement, Sides, Turn

#: A corner of a carton or piece and the corner opposite: x, y, z, then x, y, z.
Cuboid = tuple[int, int, int, int, int, int]
#: A spot is judged by the far corner that a piece would have there, times these along x, y and z; least is best.
Weights = tuple[int, int, int]

_FIRST, _SECOND, _THIRD = 1 << 40, 1 << 20, 1
#: Ranks axes strictly, because no side reaches 2^20 mm: walls built from one end, walls from one side, layers.
_ENDWISE = (_FIRST, _THIRD, _SECOND)
_SIDEWISE = (_THIRD, _FIRST, _SECOND)
_LAYERS = (_THIRD, _SECOND, _FIRST)
_CORNER = (1, 1, 1)
#: Worse than any spot in any carton.
_WORST = 1 << 100

#: Steps that the search may take in one carton after every method has failed, and the pieces it is worth trying for.
SEARCH_STEPS = 100
SEARCH_PIECES = 12
#: From here on only the first method is tried: a carton of so many pieces is filled by the small ones anyway.
MANY_PIECES = 100


def _by_volume(piece: Piece) -> tuple[int, ...]:
    return (-piece.volume, -max(piece.sides))


def _by_thickness(piece: Piece) -> tuple[int, ...]:
    return (-min(piece.sides), -piece.volume)


def _by_girth(piece: Piece) -> tuple[int, ...]:
    return (-sum(piece.sides), -piece.volume)


@dataclass(frozen=True, slots=True)
class Method:
    """Which piece goes first, and what is a good spot. Each finds a way where others fail."""

    first: Callable[[Piece], tuple[int, ...]]
    weights: Weights

    def ordered(self, pieces: Sequence[Piece]) -> list[Piece]:
        return sorted(pieces, key=lambda piece: (*self.first(piece), piece.item_id, piece.unit))


METHODS = (
    Method(_by_girth, _ENDWISE),
    Method(_by_volume, _SIDEWISE),
    Method(_by_thickness, _CORNER),
    Method(_by_thickness, _LAYERS),
)


class Filling:
    """A carton while it is filled: the pieces laid so far, and the points where another may stand."""

    __slots__ = ("laid", "points", "room", "solids", "weights")

    def __init__(self, room: Sides, weights: Weights) -> None:
        self.room = room
        self.weights = weights
        self.solids: list[Cuboid] = []
        self.points: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
        self.laid: list[Placement] = []

    def copy(self) -> "Filling":
        """The same carton once more, to try another spot in."""
        other = Filling(self.room, self.weights)
        other.solids, other.points, other.laid = self.solids.copy(), self.points.copy(), self.laid.copy()
        return other

    def best_spot(self, turns: Sequence[Turn], tried: set[tuple[int, int, int, int]]) -> Cuboid | None:
        """The best free spot for a piece; points where it fits in no way are added to `tried`, and skipped next time.

        Pieces are only ever added, so a point without room for a shape never gets any.
        """
        best: Cuboid | None = None
        least = _WORST
        (length, width, height), (wx, wy, wz), solids = self.room, self.weights, self.solids
        for point in self.points:
            base, x, y, z = point
            if base >= least:
                break
            if point in tried:
                continue
            is_hopeless = True
            for dx, dy, dz, _ in turns:
                x1, y1, z1 = x + dx, y + dy, z + dz
                if x1 > length or y1 > width or z1 > height:
                    continue
                score = x1 * wx + y1 * wy + z1 * wz
                if score >= least:
                    is_hopeless = False
                    continue
                for ax, ay, az, bx, by, bz in solids:
                    if ax < x1 and x < bx and ay < y1 and y < by and az < z1 and z < bz:
                        break
                else:
                    best, least, is_hopeless = (x, y, z, x1, y1, z1), score, False
            if is_hopeless:
                tried.add(point)
        return best

    def all_spots(self, turns: Sequence[Turn]) -> list[Cuboid]:
        """Every free spot for a piece, best first."""
        (length, width, height), (wx, wy, wz) = self.room, self.weights
        found: dict[Cuboid, int] = {}
        for _, x, y, z in self.points:
            for dx, dy, dz, _ in turns:
                spot = (x, y, z, x + dx, y + dy, z + dz)
                if spot[3] <= length and spot[4] <= width and spot[5] <= height and self._is_free(spot):
                    found[spot] = spot[3] * wx + spot[4] * wy + spot[5] * wz
        return sorted(found, key=lambda spot: (found[spot], spot))

    def _is_free(self, spot: Cuboid) -> bool:
        x, y, z, x1, y1, z1 = spot
        for ax, ay, az, bx, by, bz in self.solids:
            if ax < x1 and x < bx and ay < y1 and y < by and az < z1 and z < bz:
                return False
        return True

    def put(self, piece: Piece, spot: Cuboid) -> None:
        """Lay a piece into a free spot; its corners become new points."""
        x, y, z, x1, y1, z1 = spot
        extent = (x1 - x, y1 - y, z1 - z)
        name = next(turn[3] for turn in piece.turns if turn[:3] == extent)
        self.laid.append(Placement(piece.item_id, piece.unit, x, y, z, *extent, name))
        self.solids.append(spot)
        self.points = [p for p in self.points if not (x <= p[1] < x1 and y <= p[2] < y1 and z <= p[3] < z1)]
        for corner in self._corners(spot):
            self._add_point(corner)

    def _corners(self, spot: Cuboid) -> set[Sides]:
        """Where another piece could touch this one: beside, behind, on top; as it is, and slid towards the origin."""
        x, y, z, x1, y1, z1 = spot
        length, width, height = self.room
        corners: set[Sides] = set()
        if x1 < length:
            corners |= {(x1, y, z), (x1, self._slid_y(x1, y, z), z)}
        if y1 < width:
            corners |= {(x, y1, z), (self._slid_x(x, y1, z), y1, z)}
        if z1 < height:
            corners |= {(x, y, z1), (self._slid_x(x, y, z1), y, z1), (x, self._slid_y(x, y, z1), z1)}
        return corners

    def _add_point(self, corner: Sides) -> None:
        x, y, z = corner
        z = self._dropped(x, y, z)
        point = (x * self.weights[0] + y * self.weights[1] + z * self.weights[2], x, y, z)
        if point not in self.points and self._is_free((x, y, z, x + 1, y + 1, z + 1)):
            insort(self.points, point)

    def _slid_x(self, x: int, y: int, z: int) -> int:
        return max((s[3] for s in self.solids if s[3] <= x and s[1] <= y < s[4] and s[2] <= z < s[5]), default=0)

    def _slid_y(self, x: int, y: int, z: int) -> int:
        return max((s[4] for s in self.solids if s[4] <= y and s[0] <= x < s[3] and s[2] <= z < s[5]), default=0)

    def _dropped(self, x: int, y: int, z: int) -> int:
        return max((s[5] for s in self.solids if s[5] <= z and s[0] <= x < s[3] and s[1] <= y < s[4]), default=0)


def pack_all(pieces: Sequence[Piece], room: Sides) -> tuple[Placement, ...] | None:
    """All pieces in a carton of these inner sides (mm), or None when no method finds a way. Weight is not looked at."""
    methods = METHODS if len(pieces) < MANY_PIECES else METHODS[:1]
    for method in methods:
        filling, rest = _fill(method, pieces, room, must_all=True)
        if not rest:
            return tuple(filling.laid)
    if len(pieces) <= SEARCH_PIECES:
        start = Filling(room, _ENDWISE)
        return _Search(Method(_by_volume, _ENDWISE).ordered(pieces)).run(start)
    return None


def pack_most(
    pieces: Sequence[Piece], room: Sides, limit_g: int
) -> tuple[tuple[Placement, ...], list[Piece], list[Piece]]:
    """As much volume as goes into a carton of these inner sides and grams: placements, pieces taken, pieces left."""
    methods = METHODS if len(pieces) < MANY_PIECES else METHODS[:1]
    tries = [_fill(method, pieces, room, limit_g=limit_g) for method in methods]
    filling, rest = min(tries, key=lambda one: sum(piece.volume for piece in one[1]))
    left = {(piece.item_id, piece.unit) for piece in rest}
    return tuple(filling.laid), [p for p in pieces if (p.item_id, p.unit) not in left], rest


def _fill(
    method: Method, pieces: Sequence[Piece], room: Sides, *, limit_g: int | None = None, must_all: bool = False
) -> tuple[Filling, list[Piece]]:
    """Lay one piece after the other where it is best; what does not go in is left, or ends it when all must."""
    filling = Filling(room, method.weights)
    tried: dict[tuple[Turn, ...], set[tuple[int, int, int, int]]] = {}
    rest: list[Piece] = []
    weight = 0
    for piece in method.ordered(pieces):
        is_light = limit_g is None or weight + piece.weight_g <= limit_g
        spot = filling.best_spot(piece.turns, tried.setdefault(piece.turns, set())) if is_light else None
        if spot is not None:
            filling.put(piece, spot)
            weight += piece.weight_g
            continue
        rest.append(piece)
        if must_all:
            break
    return filling, rest


class _Search:
    """Depth first over spots, best spot first, for the few pieces of a common order; ends after `SEARCH_STEPS`."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._left = SEARCH_STEPS

    def run(self, filling: Filling) -> tuple[Placement, ...] | None:
        """The placements of all pieces, or None when nothing was found within the steps."""
        at = len(filling.laid)
        if at == len(self._pieces):
            return tuple(filling.laid)
        for spot in filling.all_spots(self._pieces[at].turns):
            self._left -= 1
            if self._left < 0:
                return None
            further = filling.copy()
            further.put(self._pieces[at], spot)
            if found := self.run(further):
                return found
        return None
