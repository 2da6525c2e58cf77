"""Which cartons an order is packed in: the cheapest to send that holds it, or several when none does.

Cheapest means least billable weight, then the carton's own cost, then its volume. An order that no single carton holds
is split into as few as the filling finds, and among those into the cheapest. Everything is decided by the arguments
alone: the same orders, cartons and rules give the same plans.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.shop.shipping.cartonization.packing3d import pack_all, pack_most
from storekeep.shop.shipping.cartonization.shapes import (
    CartonType,
    Item,
    Packable,
    Packed,
    Piece,
    Placement,
    Plan,
    Rules,
    Sides,
    turns_of,
)


def plan(orders: Sequence[Packable], cartons: Sequence[CartonType], rules: Rules | None = None) -> list[Plan]:
    """How to pack each order, in the order of the list.

    An order without items gets a plan without cartons. A unit that no carton holds travels alone with `carton` None,
    and its item is named in `too_big`. Two cartons of one code are a ValueError.
    """
    if len({carton.code for carton in cartons}) < len(cartons):
        raise ValueError("two cartons have the same code")
    store = _Store(cartons, rules or Rules())
    return [store.plan(order) for order in orders]


@dataclass(frozen=True, slots=True)
class _Stock:
    """A carton type with what can be said of it before anything is packed."""

    carton: CartonType
    room: Sides
    sorted_room: Sides
    sorted_floor: tuple[int, int]
    room_mm3: int
    outer_mm: Sides
    volumetric_g: int
    limit_g: int


#: A carton type filled: the placements, the pieces it took, and the pieces left over.
_Filled = tuple[_Stock, tuple[Placement, ...], list[Piece], list[Piece]]


@dataclass(frozen=True, slots=True)
class _Need:
    """The least that a carton must offer for some pieces: necessary, and soon looked up."""

    weight_g: int
    volume_mm3: int
    sides: Sides
    floor: tuple[int, int]
    height: int


class _Store:
    """The cartons that stand at the pack station, and the rules of the house."""

    def __init__(self, cartons: Sequence[CartonType], rules: Rules) -> None:
        self._rules = rules
        self._stock = [each for each in (self._described(carton) for carton in cartons) if min(each.room) > 0]

    def _described(self, carton: CartonType) -> _Stock:
        padding = 2 * self._rules.padding_mm
        room = (carton.length_mm - padding, carton.width_mm - padding, carton.height_mm - padding)
        longer, shorter = max(room[:2]), min(room[:2])
        return _Stock(
            carton=carton,
            room=room,
            sorted_room=_rising(room),
            sorted_floor=(shorter, longer),
            room_mm3=room[0] * room[1] * room[2],
            outer_mm=carton.outer_mm,
            volumetric_g=self._rules.volumetric_g(carton.outer_mm),
            limit_g=carton.max_weight_g - carton.tare_g,
        )

    def plan(self, order: Packable) -> Plan:
        guessed: list[tuple[str, str]] = []
        together: list[Piece] = []
        alone: list[Piece] = []
        too_big: list[Piece] = []
        for item in order.items:
            pieces = self._pieces(item, guessed)
            if not self._candidates(pieces[:1]):
                too_big += pieces
            elif item.ships_alone:
                alone += pieces
            else:
                together += pieces
        packed = self._together(together)
        packed += [one for piece in alone for one in self._together([piece])]
        packed += [self._unboxed(piece) for piece in too_big]
        names = tuple(dict.fromkeys(piece.item_id for piece in too_big))
        return Plan(order.order_id, tuple(packed), tuple(guessed), names)

    def _pieces(self, item: Item, guessed: list[tuple[str, str]]) -> list[Piece]:
        """The units of an item; what is unknown about it is taken from the rules and noted in `guessed`."""
        sides = (item.length_mm, item.width_mm, item.height_mm)
        if min(sides) == 0:
            sides = self._rules.default_sides_mm
            guessed.append((item.id, "size"))
        weight = item.weight_g
        if weight == 0:
            weight = self._rules.default_weight_g
            guessed.append((item.id, "weight"))
        turns = turns_of(*sides, item.this_way_up)
        volume = sides[0] * sides[1] * sides[2]
        return [Piece(item.id, unit, sides, weight, item.this_way_up, turns, volume) for unit in range(item.qty)]

    def _together(self, pieces: list[Piece]) -> list[Packed]:
        if not pieces:
            return []
        single = self._cheapest(pieces)
        return [single] if single else self._split(pieces)

    def _cheapest(self, pieces: Sequence[Piece]) -> Packed | None:
        """The best carton that holds all pieces; None when there is none, or none was found."""
        for stock in self._candidates(pieces):
            if laid := pack_all(pieces, stock.room):
                return self._closed(stock, laid, sum(piece.weight_g for piece in pieces))
        return None

    def _candidates(self, pieces: Sequence[Piece]) -> list[_Stock]:
        """Cartons that could hold the pieces by volume, weight and each side, best first."""
        need = _need(pieces)
        fitting = [stock for stock in self._stock if _may_hold(stock, need)]
        return sorted(fitting, key=lambda stock: _price(stock, need.weight_g))

    def _split(self, pieces: Sequence[Piece]) -> list[Packed]:
        """Fill carton after carton. At each, see whether some type leaves a rest that one more carton holds."""
        done: list[Packed] = []
        left = list(pieces)
        while left:
            fillings = self._fillings(left)
            pairs = [[self._again(taken, stock, laid), last] for stock, laid, taken, rest in fillings
                     if (last := self._cheapest(rest))]  # fmt: skip
            if pairs:
                return done + min(pairs, key=_total)
            stock, laid, taken, left = fillings[0]
            done.append(self._again(taken, stock, laid))
            if single := self._cheapest(left):
                return [*done, single]
        return done

    def _fillings(self, pieces: Sequence[Piece]) -> list[_Filled]:
        """Carton types filled as far as they go, the one that took the most volume first.

        When two cartons may do, the greater of them holds half: those types are tried. Else the roomiest is filled.
        """
        volume, weight = sum(piece.volume for piece in pieces), _grams(pieces)
        halves = [s for s in self._stock if 2 * s.room_mm3 >= volume and 2 * s.limit_g >= weight]
        made = [self._filled(stock, pieces) for stock in halves]
        if not any(taken for _, _, taken, _ in made):
            roomiest = sorted(self._stock, key=lambda stock: (-stock.room_mm3, -stock.limit_g, stock.carton.code))
            made = [next(one for one in (self._filled(stock, pieces) for stock in roomiest) if one[2])]
        made = [one for one in made if one[2]]
        return sorted(made, key=lambda one: (-sum(p.volume for p in one[2]), _price(one[0], _grams(one[2]))))

    def _filled(self, stock: _Stock, pieces: Sequence[Piece]) -> _Filled:
        return stock, *pack_most(pieces, stock.room, stock.limit_g)

    def _again(self, taken: Sequence[Piece], stock: _Stock, laid: tuple[Placement, ...]) -> Packed:
        """A smaller carton for what a filled one took, if there is one; else the filled one, closed."""
        filled = self._closed(stock, laid, _grams(taken))
        other = self._cheapest(taken)
        return other if other and _total([other]) < _total([filled]) else filled

    def _closed(self, stock: _Stock, laid: tuple[Placement, ...], contents_g: int) -> Packed:
        if pad := self._rules.padding_mm:
            laid = tuple(_moved(one, pad) for one in laid)
        gross = contents_g + stock.carton.tare_g
        return Packed(stock.carton, laid, contents_g, gross, stock.volumetric_g, stock.outer_mm)

    def _unboxed(self, piece: Piece) -> Packed:
        """A unit in its own packing, with the padding around it."""
        pad = self._rules.padding_mm
        length, width, height = piece.sides
        outer = (length + 2 * pad, width + 2 * pad, height + 2 * pad)
        laid = (Placement(piece.item_id, piece.unit, pad, pad, pad, length, width, height, "LWH"),)
        return Packed(None, laid, piece.weight_g, piece.weight_g, self._rules.volumetric_g(outer), outer)


def _rising(sides: Sides) -> Sides:
    low, middle, high = sorted(sides)
    return low, middle, high


def _need(pieces: Sequence[Piece]) -> _Need:
    rising = [sorted(piece.sides) for piece in pieces]
    upright = [piece.sides for piece in pieces if piece.upright]
    return _Need(
        weight_g=_grams(pieces),
        volume_mm3=sum(piece.volume for piece in pieces),
        sides=(max(s[0] for s in rising), max(s[1] for s in rising), max(s[2] for s in rising)),
        floor=(max((min(s[:2]) for s in upright), default=0), max((max(s[:2]) for s in upright), default=0)),
        height=max((s[2] for s in upright), default=0),
    )


def _may_hold(stock: _Stock, need: _Need) -> bool:
    has, wanted = stock.sorted_room, need.sides
    return (
        need.volume_mm3 <= stock.room_mm3
        and need.weight_g <= stock.limit_g
        and wanted[0] <= has[0]
        and wanted[1] <= has[1]
        and wanted[2] <= has[2]
        and need.floor[0] <= stock.sorted_floor[0]
        and need.floor[1] <= stock.sorted_floor[1]
        and need.height <= stock.room[2]
    )


def _grams(pieces: Sequence[Piece]) -> int:
    return sum(piece.weight_g for piece in pieces)


def _price(stock: _Stock, contents_g: int) -> tuple[int, int, int, str]:
    carton = stock.carton
    return max(contents_g + carton.tare_g, stock.volumetric_g), carton.cost_minor, carton.volume_mm3, carton.code


def _total(cartons: Sequence[Packed]) -> tuple[int, int, int]:
    """What several cartons cost to send: grams billed, then money, then volume."""
    real = [each.carton for each in cartons if each.carton]
    return (
        sum(each.billable_g for each in cartons),
        sum(carton.cost_minor for carton in real),
        sum(carton.volume_mm3 for carton in real),
    )


def _moved(one: Placement, by: int) -> Placement:
    return Placement(one.item_id, one.unit, one.x_mm + by, one.y_mm + by, one.z_mm + by,
                     one.dx_mm, one.dy_mm, one.dz_mm, one.rotation)  # fmt: skip
