"""What a quote is made of: the lines asked for, the rules that apply, and the parts and problems that come
out.

Everything here is frozen and pure. Amounts are int minor units of the request's currency, rates are basis
points (2000 = 20 %), times are microseconds since the epoch in UTC. A listed price is the same integer in
every country: where `prices_include_tax` holds it is what the buyer pays, elsewhere tax comes on top.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["fix", "ask_buyer", "review", "stop"]
PartKind = Literal["goods", "shipping"]
MethodKind = Literal["flat", "weight_banded", "value_banded"]

QUANTITY_LIMIT = 999
"""Most units of one line that a quote accepts, unless the request names another limit."""


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a cart: what, how many, at which listed price. `line_id` is unique within the request."""

    line_id: str
    variant_id: str
    sku: str
    title: str
    qty: int
    unit_price_minor: int
    tax_class: str
    weight_g: int

    def __post_init__(self) -> None:
        if self.unit_price_minor < 0 or self.weight_g < 0:
            raise ValueError(f"{self.sku}: price and weight must not be negative")


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The rate of one tax class in one country, with the label that stands on the invoice ("VAT 20 %")."""

    country: str
    tax_class: str
    rate_bp: int
    label: str

    def __post_init__(self) -> None:
        if self.rate_bp < 0:
            raise ValueError(f"{self.country} {self.tax_class}: a tax rate must not be negative")


@dataclass(frozen=True, slots=True)
class CountryRule:
    """A country that the shop sells to: the currency and tax side of its prices, and its delivery zone."""

    country: str
    currency: str
    prices_include_tax: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Band:
    """A step of a delivery table: `amount_minor` holds up to and including `up_to` (grams, or minor units of
    goods).

    `up_to` None means without limit.
    """

    up_to: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class DeliveryMethod:
    """A way of delivery into one zone. Goods values are taken after the discount, as listed.

    `amount_minor` is the price of the kind `flat`; the banded kinds read `bands`, in ascending order. From
    goods of `free_over_minor` on, delivery is free.
    """

    code: str
    label: str
    zone: str
    kind: MethodKind
    amount_minor: int
    bands: tuple[Band, ...]
    free_over_minor: int | None
    tax_class: str
    min_days: int
    max_days: int
    max_weight_g: int | None


@dataclass(frozen=True, slots=True)
class DiscountCode:
    """A code that takes a percentage off the goods, from `starts_at` until just before `ends_at`.

    `used_count` is what the caller last read; the guarded counter at placing has the final say.
    """

    id: str
    code: str
    percent_bp: int
    min_goods_minor: int
    starts_at: int | None
    ends_at: int | None
    max_uses: int | None
    used_count: int
    is_active: bool

    def __post_init__(self) -> None:
        if not 0 <= self.percent_bp <= 10_000:
            raise ValueError(f"{self.code}: a discount is 0 to 10000 basis points, not {self.percent_bp}")


@dataclass(frozen=True, slots=True)
class PriceRules:
    """The rules of one shop, indexed once so that each quote finds its own by key. Safe to share between
    quotes.

    Raises ValueError when a country, a (country, tax class) or a method code comes twice.
    """

    countries: tuple[CountryRule, ...]
    tax_rules: tuple[TaxRule, ...]
    methods: tuple[DeliveryMethod, ...]
    country_by_code: Mapping[str, CountryRule] = field(init=False, repr=False, compare=False)
    tax_by_key: Mapping[tuple[str, str], TaxRule] = field(init=False, repr=False, compare=False)
    taxed_countries: frozenset[str] = field(init=False, repr=False, compare=False)
    method_by_code: Mapping[str, DeliveryMethod] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        countries = {rule.country: rule for rule in self.countries}
        taxes = {(rule.country, rule.tax_class): rule for rule in self.tax_rules}
        methods = {method.code: method for method in self.methods}
        if (len(countries), len(taxes), len(methods)) != (
            len(self.countries),
            len(self.tax_rules),
            len(self.methods),
        ):
            raise ValueError("a country, a tax class of a country or a delivery method is listed twice")
        # A frozen dataclass sets its derived fields this way; nothing changes them afterwards.
        object.__setattr__(self, "country_by_code", countries)
        object.__setattr__(self, "tax_by_key", taxes)
        object.__setattr__(self, "taxed_countries", frozenset(rule.country for rule in self.tax_rules))
        object.__setattr__(self, "method_by_code", methods)


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A cart, where it goes, how, with which typed code, at what time, under which rules.

    `discounts` holds at least the discount codes that match `code`; others are ignored.
    """

    currency: str
    country: str
    lines: tuple[QuoteLine, ...]
    method_code: str | None
    code: str | None
    now: int
    rules: PriceRules
    discounts: tuple[DiscountCode, ...] = ()
    quantity_limit: int = QUANTITY_LIMIT


@dataclass(frozen=True, slots=True)
class QuoteProblem:
    """One thing in the way, or worth asking: where it is (`path`), in words, as data, and what would help
    (`action`).
    """

    code: str
    severity: Severity
    path: str
    text: str
    data: Mapping[str, object]
    action: str


@dataclass(frozen=True, slots=True)
class Part:
    """One money part of an order: the goods of a line, or the shipping. net + tax = gross, always.

    `list_minor` and `discount_minor` are as listed: their difference is `gross_minor` where prices include
    tax and `net_minor` where they do not.
    """

    kind: PartKind
    line_id: str | None
    qty: int
    list_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    tax_class: str
    rate_bp: int
    tax_label: str


@dataclass(frozen=True, slots=True)
class PartShare:
    """What some units of a part carry: net + tax = gross."""

    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer: parts in the order of the lines with shipping last, totals that are their sums, and all
    problems.

    `total_minor` is what the buyer pays, the sum of `gross_minor`. `goods_list_minor`, `discount_minor` and
    `shipping_minor` are as listed; with tax included goods - discount + shipping is the total, otherwise
    `tax_minor` is added to it. `discount_code` and `method` are those that took effect.
    """

    currency: str
    prices_include_tax: bool
    rounding: Literal["line"]
    parts: tuple[Part, ...]
    goods_list_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    weight_g: int
    discount_code: DiscountCode | None
    method: DeliveryMethod | None
    problems: tuple[QuoteProblem, ...]


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A method of the buyer's zone: its price, or why it cannot be had (`amount_minor` is then None)."""

    method: DeliveryMethod
    amount_minor: int | None
    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of all parts with one label and rate, as an invoice lists it."""

    label: str
    rate_bp: int
    net_minor: int
    tax_minor: int
