"""What a run is told and what it says, as frozen values in whole numbers; and the sentences that explain a quantity.

Levels and spreads are kept in millionths of a unit, so that no float is ever stored and the frozen inputs of a
suggestion give its quantity again on any machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from storekeep.kernel.clock import DAY, Instant

#: (variant, warehouse)
Key = tuple[str, str]
Method = Literal["forecast", "min_max", "off"]
TargetKind = Literal["fill", "no_stock_out"]

WEEK: Instant = 7 * DAY
#: Weeks that are looked back at, and weeks below which a variant is new.
WEEKS, YOUNG = 104, 8
E3, E6 = 1_000, 1_000_000
#: Days from order to arrival where neither a policy nor a supplier says anything, unless the setting does.
LEAD_DAYS, LEAD_SETTING = 7, "restock.lead_days"
#: Up to this sum (minor units) per supplier and night, orders are written without anybody's click; 0: never.
AUTO_LIMIT = "restock.automatic_limit_minor"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a variant is bought for a warehouse. `min_units` and `max_units` bound the level S.

    `lead_days` None: as learned; `max_cover_days` None: an order may last as long as it likes.
    """

    method: Method = "forecast"
    target_kind: TargetKind = "fill"
    target_bp: int = 9500
    review_days: int = 7
    lead_days: int | None = None
    min_units: int = 0
    max_units: int | None = None
    moq: int = 0
    multiple: int = 1
    max_cover_days: int | None = None


#: What a class is bought by until somebody says otherwise: what turns over most money shall be there most often.
DEFAULTS: Mapping[str, Policy] = {
    "A": Policy(target_bp=9700),
    "B": Policy(target_bp=9500),
    "C": Policy(target_bp=9000, max_cover_days=182),
}


@dataclass(frozen=True, slots=True)
class History:
    """Units asked for per week, oldest week 0, and the weeks that teach nothing because the shelf was empty.

    The weeks end at `until`, a local Monday's first instant (`until_day` is its date), and are 7 days long each.
    """

    until: Instant
    until_day: str
    weeks: int
    units: Mapping[Key, Mapping[int, int]]
    masked: Mapping[Key, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is of a variant in a warehouse and what is on its way or promised, in units."""

    on_hand: int
    on_order: int
    in_transit: int
    reserved: int
    back_ordered: int = 0

    @property
    def position(self) -> int:
        return self.on_hand + self.on_order + self.in_transit - self.reserved - self.back_ordered


@dataclass(frozen=True, slots=True)
class Terms:
    """Who sells a variant, and how: least quantity, multiple, promised days, price of a unit. `code` "" is nobody."""

    supplier_id: str | None = None
    name: str = ""
    moq: int = 0
    multiple: int = 1
    lead_days: int | None = None
    unit_cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order to a supplier: when it was sent, and when it came (None: it is still awaited)."""

    supplier_id: str
    sent_at: Instant
    received_at: Instant | None


@dataclass(frozen=True, slots=True)
class Supply:
    """What buying knows: units on order (drafts too), who sells what, and how long deliveries took."""

    on_order: Mapping[Key, int] = field(default_factory=dict)
    terms: Mapping[str, Terms] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One variant in one warehouse as a run sees it. `fallback` is the reorder point and level typed by hand."""

    key: Key
    sku: str
    category_id: str
    price_minor: int
    shelf: Shelf
    terms: Terms
    own_policy: Policy | None = None
    fallback: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a run needs, read in one snapshot at `as_of`."""

    as_of: Instant
    history: History
    items: Sequence[Item]
    defaults: Mapping[str, Policy]
    deliveries: Sequence[Delivery]
    default_lead_days: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a quantity follows from. `_e6` are millionths, `_e3` thousandths; days are calendar days.

    `level_e6` is units a week and `variance_e6` the variance of one week's error, both after guess and season.
    `asked_e6` is the chance that the level S is asked for: the wanted one, or what met it on the shop's own past.
    With `method` min_max, `reorder_point` decides whether, and S is typed by hand.
    """

    method: Method
    weeks_until: str
    weeks: int
    masked_weeks: int
    abc_class: str
    xyz_class: str
    target_kind: TargetKind
    target_bp: int
    asked_e6: int
    is_calibrated: bool
    level_e6: int
    variance_e6: int
    is_guess: bool
    season_e6: int
    unusual_weeks: int
    review_days: int
    lead_days_e3: int
    lead_variance_e6: int
    lead_source: str
    on_hand: int
    on_order: int
    in_transit: int
    reserved: int
    back_ordered: int
    reorder_point: int
    up_to: int
    min_units: int
    max_units: int | None
    moq: int
    multiple: int
    max_cover_days: int | None

    @property
    def position(self) -> int:
        return self.on_hand + self.on_order + self.in_transit - self.reserved - self.back_ordered

    @property
    def bounded(self) -> int:
        """S between the bounds of the policy."""
        low = max(self.up_to, self.min_units)
        return low if self.max_units is None else min(low, self.max_units)

    @property
    def cap(self) -> int | None:
        """How many units may be ordered so that position and order last no longer than wanted; None: no bound."""
        if self.max_cover_days is None or self.method != "forecast":
            return None
        return max(0, self.level_e6 * self.max_cover_days // (7 * E6) - self.position)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to order of a variant for a warehouse: `qty` may be 0 when a person must decide (`must_ask`)."""

    key: Key
    sku: str
    qty: int
    inputs: Inputs
    reasons: tuple[str, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Advised:
    """What a run came to: one advice per variant and warehouse that lacks something, in key order."""

    advice: tuple[Advice, ...]
    looked_at: int
    weeks: int
    is_calibrated: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A suggestion to order, in this many units."""

    suggestion_id: str
    qty: int


def scaled(value_e: int, parts: int, places: int) -> str:
    """A whole number of parts as a decimal text: `scaled(1_250_000, E6, 1)` is 1.2 (half to even)."""
    return f"{value_e / parts:,.{places}f}"
