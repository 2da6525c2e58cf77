"""The nouns of cartonization: items, carton types, rules, and the plan that comes of them.

Sides are millimetres, weights grams, money minor units: integers throughout. In a carton x runs along its length,
y along its width and z upward from its floor; a placement's corner is the one nearest to the origin.
"""

from dataclasses import dataclass
from functools import lru_cache

from storekeep.shop.shipping.model import Parcel

#: Three extents, along x, y and z or length, width and height.
Sides = tuple[int, int, int]
#: One way to lay a piece: its extent along x, y and z, and a name that says which of its sides lies along each.
Turn = tuple[int, int, int, str]
#: The most units of an order that are planned one by one; so many take one to two seconds.
MOST_UNITS = 2_000


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one kind that an order has. A side or weight of 0 is unknown: the rules' default stands in, flagged.

    `this_way_up` keeps the height upright. Each unit that `ships_alone` gets a carton to itself.
    """

    id: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    qty: int = 1
    this_way_up: bool = False
    ships_alone: bool = False

    def __post_init__(self) -> None:
        if min(self.length_mm, self.width_mm, self.height_mm, self.weight_g) < 0:
            raise ValueError(f"item {self.id}: a size or weight cannot be below 0")
        if self.qty < 1:
            raise ValueError(f"item {self.id}: the quantity must be 1 or more")


@dataclass(frozen=True, slots=True)
class CartonType:
    """A carton that the warehouse stocks: inner sides, the thickness of a wall, its own weight, what it may weigh.

    `max_weight_g` is the closed carton with its contents; `cost_minor` is what the empty carton costs.
    """

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int
    cost_minor: int
    wall_mm: int = 0

    def __post_init__(self) -> None:
        if min(self.length_mm, self.width_mm, self.height_mm) < 1:
            raise ValueError(f"carton {self.code}: every inner side must be 1 mm or more")
        if min(self.tare_g, self.cost_minor, self.wall_mm) < 0:
            raise ValueError(f"carton {self.code}: tare, cost and wall cannot be below 0")
        if self.max_weight_g <= self.tare_g:
            raise ValueError(f"carton {self.code}: it must be allowed to weigh more than its tare")

    @property
    def volume_mm3(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def outer_mm(self) -> Sides:
        walls = 2 * self.wall_mm
        return self.length_mm + walls, self.width_mm + walls, self.height_mm + walls


@dataclass(frozen=True, slots=True)
class Rules:
    """How a shop packs.

    `volumetric_divisor` is the carrier's, in mm³ per gram, which is the same number as cm³ per kilogram (5,000 is
    common); 0 when only the scale counts. `padding_mm` stays free along every wall. The defaults stand in for an item
    whose size or weight nobody has entered.
    """

    volumetric_divisor: int = 5_000
    padding_mm: int = 0
    default_sides_mm: Sides = (200, 150, 100)
    default_weight_g: int = 500

    def __post_init__(self) -> None:
        if self.volumetric_divisor < 0 or self.padding_mm < 0:
            raise ValueError("divisor and padding cannot be below 0")
        if min(*self.default_sides_mm, self.default_weight_g) < 1:
            raise ValueError("the default size and weight must be 1 or more")

    def volumetric_g(self, sides: Sides) -> int:
        """What a carrier charges for the room that a parcel takes, in grams, rounded up."""
        if not self.volumetric_divisor:
            return 0
        return -(-sides[0] * sides[1] * sides[2] // self.volumetric_divisor)


@dataclass(frozen=True, slots=True)
class Packable:
    """What one order asks to be packed together: at most `MOST_UNITS` units, each item named once (ValueError)."""

    order_id: str
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        if len({item.id for item in self.items}) < len(self.items):
            raise ValueError(f"order {self.order_id}: two items have the same id")
        if sum(item.qty for item in self.items) > MOST_UNITS:
            raise ValueError(f"order {self.order_id}: more than {MOST_UNITS:,} units are packed by pallet, not by plan")


@dataclass(frozen=True, slots=True)
class Placement:
    """One unit in a carton: its corner, its extent along x, y and z, and which of its sides lies along each.

    `unit` counts the units of one item from 0. Rotation `HLW` means: its height lies along x, its length along y.
    """

    item_id: str
    unit: int
    x_mm: int
    y_mm: int
    z_mm: int
    dx_mm: int
    dy_mm: int
    dz_mm: int
    rotation: str


@dataclass(frozen=True, slots=True)
class Packed:
    """One closed carton. `carton` is None for a unit that no carton holds: it travels in its own packing."""

    carton: CartonType | None
    placements: tuple[Placement, ...]
    contents_g: int
    gross_g: int
    volumetric_g: int
    outer_mm: Sides

    @property
    def billable_g(self) -> int:
        """What the carrier charges for: the greater of the scale and the volumetric weight."""
        return max(self.gross_g, self.volumetric_g)

    @property
    def parcel(self) -> Parcel:
        """The same for a rate request."""
        return Parcel(self.gross_g, *self.outer_mm)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order is packed, carton by carton.

    `guessed` names items with an unknown size or weight (`(item, "size")`), which the defaults stood in for; `too_big`
    names items that no carton holds. A person should look at both.
    """

    order_id: str
    cartons: tuple[Packed, ...]
    guessed: tuple[tuple[str, str], ...] = ()
    too_big: tuple[str, ...] = ()

    @property
    def billable_g(self) -> int:
        return sum(each.billable_g for each in self.cartons)


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit on its way into a carton: length, width and height, and the ways that it may be laid."""

    item_id: str
    unit: int
    sides: Sides
    weight_g: int
    upright: bool
    turns: tuple[Turn, ...]
    volume: int


@lru_cache(maxsize=4096)
def turns_of(length: int, width: int, height: int, upright: bool) -> tuple[Turn, ...]:
    """The different ways to lay a piece, flattest first; equal extents are listed once."""
    ways: list[Turn] = [(length, width, height, "LWH"), (width, length, height, "WLH")]
    if not upright:
        ways += [(length, height, width, "LHW"), (height, length, width, "HLW"),
                 (width, height, length, "WHL"), (height, width, length, "HWL")]  # fmt: skip
    distinct: dict[Sides, Turn] = {}
    for way in ways:
        distinct.setdefault(way[:3], way)
    return tuple(sorted(distinct.values(), key=lambda way: (way[2], way[1], way[0])))
