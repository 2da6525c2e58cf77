"""What a market is asked for and what it gives: the size of a shop, its shelves, its shoppers' visits. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, Protocol

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.world.simulator.replay.planning import Document


class UnusableSpec(StorekeepError):
    """A shop of this size or kind cannot be made."""


@dataclass(frozen=True, slots=True)
class ShopSpec:
    """The shop to open and how busy it is. Shares lie between 0 and 1; `UnusableSpec` names what is out of range.

    `orders_per_year` is what the first 365 days bring on average; visits that end without an order come on top.
    """

    skus: int = 2_000
    orders_per_year: int = 20_000
    timezone: str = "Europe/Berlin"
    warehouses: int = 1
    #: Weeks of average demand: on the shelf at the start, at the reorder point, and after an order
    cover_weeks: int = 6
    reorder_weeks: int = 3
    up_to_weeks: int = 8
    lines_per_order: float = 2.0
    #: Of all visits, those that end without an order
    wander_share: float = 0.15
    #: Of all orders, those of somebody who was known before
    repeat_share: float = 0.4
    #: Of all SKUs, those that are sold rarely and then many at once
    lumpy_share: float = 0.2
    #: Of all orders, those that come within one minute of others that want the same
    bunch_share: float = 0.05
    #: Growth over a year: 0.1 is a tenth more at its end
    trend_per_year: float = 0.1
    promotions_per_year: int = 6

    def __post_init__(self) -> None:
        for each in fields(self):
            smallest, largest = _BOUNDS.get(each.name, (None, None))
            value = getattr(self, each.name)
            if smallest is not None and largest is not None and not smallest <= value <= largest:
                raise UnusableSpec(f"{each.name} must lie between {smallest} and {largest}, not {value}")
        if not self.reorder_weeks <= self.up_to_weeks:
            raise UnusableSpec("up_to_weeks must not be less than reorder_weeks")


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "skus": (1, 100_000), "orders_per_year": (1, 100_000_000), "warehouses": (1, 1), "cover_weeks": (0, 520),
    "reorder_weeks": (0, 520), "up_to_weeks": (1, 520), "lines_per_order": (1, 8), "wander_share": (0, 0.95),
    "repeat_share": (0, 1), "lumpy_share": (0, 0.9), "bunch_share": (0, 0.5), "trend_per_year": (-0.9, 10),
    "promotions_per_year": (0, 20),
}  # fmt: skip


class Wanted(NamedTuple):
    """Units of a SKU that a visitor came for, at an agreed unit price in minor units or at the list price (None).

    A unit of a kit is several `pieces` of goods.
    """

    sku: str
    qty: int
    unit_minor: int | None = None
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody comes to buy. `key` is theirs alone and the same in every run: for names, carts and command ids.

    `method` is the delivery method's code. Visits of one `bunch` come within a minute and want the same SKU.
    """

    key: str
    at: Instant
    shopper: str
    country: str
    email: str
    address: Mapping[str, str]
    method: str
    lines: tuple[Wanted, ...]
    code: str | None = None
    will_wander: bool = False
    bunch: str | None = None

    @property
    def units(self) -> int:
        """How many pieces they want."""
        return sum(line.qty * line.pieces for line in self.lines)

    @property
    def expected_total_minor(self) -> int | None:
        """The goods at their agreed prices, in minor units; None when the shop's own prices count."""
        if any(line.unit_minor is None for line in self.lines):
            return None
        return sum(line.qty * (line.unit_minor or 0) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a SKU stands, and what one unit costs and weighs."""

    sku: str
    variant_id: str
    bin_id: str
    price_minor: int
    cost_minor: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Shelves:
    """The opened shop: its warehouse, its currency, and every shelf by SKU."""

    warehouse_id: str
    currency: str
    by_sku: Mapping[str, Shelf]

    def __getitem__(self, sku: str) -> Shelf:
        return self.by_sku[sku]

    def variant_id(self, sku: str) -> str:
        """The variant that a SKU names."""
        return self.by_sku[sku].variant_id


class Market(Protocol):
    """Demand of either kind, together with the shop that it is made for."""

    @property
    def start(self) -> Instant: ...
    @property
    def days(self) -> Sequence[str]:
        """Local calendar days, in order."""
        ...

    @property
    def timezone(self) -> str: ...
    @property
    def currency(self) -> str: ...

    def open(self, db: Database) -> Shelves:
        """Open the shop in an empty database. Raises `NotEmpty`."""
        ...

    def visits(self, day: str) -> list[Visit]:
        """Who comes on a local day, in order of time; none before `start`."""
        ...

    def credits(self, day: str) -> list[Document]:
        """The credit notes of a local day."""
        ...

    def carriers(self) -> dict[str, TableCarrier] | None:
        """The carriers that this shop needs; None for those of any fresh shop."""
        ...


def dice(seed: int, name: str) -> random.Random:
    """Dice that depend on a seed and a name alone, whatever the process and its hash seed."""
    return random.Random(f"{seed}:market:{name}")  # noqa: S311 - a game, no secret
