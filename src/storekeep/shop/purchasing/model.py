"""What buying is made of, as frozen values, and its pure rules: price breaks, smallest orders, packs, values."""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.kernel.clock import Instant
from storekeep.kernel.money import divide_half_even, exponent, format_plain

#: Parts of a minor unit in a price.
E4 = 10_000
#: 5% above what was ordered is taken without asking, unless the setting says otherwise.
OVER_TOLERANCE_BP, OVER_TOLERANCE = 500, "purchasing.over_tolerance_bp"
#: Above this sum in minor units somebody else than who wrote an order must approve it; None: no limit.
APPROVAL_LIMIT = "purchasing.approval_limit_minor"


@dataclass(frozen=True, slots=True)
class SupplierDraft:
    """A supplier to add or change. `order_days` are ISO weekdays ("14": Monday and Thursday), empty: any day."""

    code: str
    name: str
    email: str
    currency: str
    minimum_order_minor: int = 0
    order_days: str = ""


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """From so many units on, each costs `unit_price_e4` (1/10,000 of a minor unit)."""

    from_qty: int
    unit_price_e4: int


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """What a supplier asks for a variant. `breaks` has one for the smallest quantity, from 1 on."""

    variant_id: str
    supplier_sku: str
    breaks: tuple[PriceBreak, ...]
    moq: int = 1
    pack_multiple: int = 1
    lead_days: int = 7
    is_preferred: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """A supplier's terms for a variant: smallest order and pack in units, promised lead time in calendar days."""

    id: str
    supplier_id: str
    variant_id: str
    supplier_sku: str
    moq: int
    pack_multiple: int
    lead_days: int
    is_preferred: bool
    breaks: tuple[PriceBreak, ...] = ()

    def price_at(self, qty: int) -> PriceBreak:
        """The price break that a quantity reaches; the first one for less."""
        reached = [each for each in self.breaks if each.from_qty <= qty]
        return reached[-1] if reached else self.breaks[0]


@dataclass(frozen=True, slots=True)
class Want:
    """Units of a variant to buy; more may be ordered to fill packs."""

    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class Sized:
    """What is ordered for a want, at which price, and why, in sentences."""

    variant_id: str
    supplier_sku: str
    qty: int
    unit_price_e4: int
    lead_days: int
    reasons: tuple[str, ...]

    @property
    def value_minor(self) -> int:
        return line_value(self.qty, self.unit_price_e4)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the supplier says of a line: units, price (None: as ordered) and the day on which it comes."""

    line_id: str
    qty: int
    on: str
    unit_price_e4: int | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """A line of an order as it shall be; 0 units take the line back. `unit_price_e4` None: as the terms say."""

    variant_id: str
    qty: int
    unit_price_e4: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of a variant as they were counted at the door; `variant_id` None: a thing that nobody knows.

    `lot_code` and `expires_on` (like 2027-03-31) are what stands on goods that are told apart by lot.
    """

    variant_id: str | None
    qty: int
    condition: str = "good"
    scanned: str = ""
    lot_code: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a counted line and what becomes of them."""

    disposition: str
    qty: int


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What a supplier charges for units of a line of an order."""

    purchase_order_line_id: str
    qty: int
    unit_price_e4: int


@dataclass(frozen=True, slots=True)
class OnOrder:
    """Units of a variant that are on their way to a warehouse: `units` in all, `drafts` of them not sent yet.

    `next_on` is the day on which the first of the sent ones are expected, as confirmed or else as promised.
    """

    units: int
    drafts: int
    next_on: str | None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """One delivery, or one that is still awaited, of a line: for learning lead times.

    `days` counts whole days from sending to arrival; a line that waits has `received_at` None and the days so far
    (a censored observation). `promised_on` is the day of the terms, `confirmed_on` that of the supplier's answer.
    """

    supplier_id: str
    variant_id: str
    purchase_order_id: str
    qty: int
    sent_at: Instant
    received_at: Instant | None
    days: int
    promised_on: str
    confirmed_on: str | None


def line_value(qty: int, unit_price_e4: int) -> int:
    """What units cost in minor units, rounded half to even once for the line."""
    return divide_half_even(qty * unit_price_e4, E4)


def most_taken(ordered: int, tolerance_bp: int) -> int:
    """The most units of a line that are taken without a decision."""
    return ordered + ordered * tolerance_bp // 10_000


def price_text(unit_price_e4: int, currency: str) -> str:
    """A price with as many of its four further decimals as it needs: "2.505"."""
    minor, part = divmod(unit_price_e4, E4)
    text = format_plain(minor, currency)
    if not part:
        return text
    tail = f"{part:04d}".rstrip("0")
    return f"{text}{tail}" if "." in text else f"{text}.{tail}"


def parse_price(text: str, currency: str) -> int:
    """A price in 1/10,000 of a minor unit from what a person typed: "2.505", "2,5". `ValueError` with a sentence."""
    bare = "".join(text.split()).replace(",", ".")
    whole, _, part = bare.partition(".")
    most = exponent(currency) + 4
    if (
        not whole.isascii()
        or not whole.isdigit()
        or len(whole) > 9
        or (part and not (part.isascii() and part.isdigit()))
    ):
        raise ValueError("Enter a price like 2.505, without separators.")
    if len(part) > most:
        raise ValueError(f"A price in {currency} has at most {most} decimals.")
    return int(whole + part.ljust(most, "0"))


def sized(want: Want, terms: Terms, currency: str) -> Sized:
    """The quantity of an order and its price: at least the smallest order, in whole packs, at the break it reaches.

    When the next break makes a larger quantity cheaper in all, that is said, not done.
    """
    qty, reasons = want.qty, [f"{want.qty} asked for"]
    if qty < terms.moq:
        qty = terms.moq
        reasons.append(f"raised to {qty}, the smallest order")
    packs = -(-qty // terms.pack_multiple)
    if packs * terms.pack_multiple != qty:
        qty = packs * terms.pack_multiple
        reasons.append(f"rounded up to {qty}, {packs} packs of {terms.pack_multiple}")
    reached = terms.price_at(qty)
    price = price_text(reached.unit_price_e4, currency)
    reasons.append(f"{price} {currency} each from {reached.from_qty} on")
    cost = line_value(qty, reached.unit_price_e4)
    for each in terms.breaks:
        if each.from_qty > qty:
            more = -(-each.from_qty // terms.pack_multiple) * terms.pack_multiple
            saving = cost - line_value(more, each.unit_price_e4)
            if saving > 0:
                reasons.append(f"{more} would cost {format_plain(saving, currency)} {currency} less in all")
            break
    return Sized(want.variant_id, terms.supplier_sku, qty, reached.unit_price_e4, terms.lead_days, tuple(reasons))


def cleared(units: int, open_units: int, open_minor: int) -> int:
    """What of a value is cleared with some of the units that it stands for; with the last of them all of it."""
    return open_minor if units == open_units else divide_half_even(open_minor * units, open_units)


def order_number(number: int) -> str:
    """How people know a purchase order."""
    return f"PO-{number}"


def receipt_number(number: int) -> str:
    """How people know a receipt."""
    return f"GR-{number}"


def total(lines: Sequence[Sized]) -> int:
    """What lines cost together, in minor units."""
    return sum(each.value_minor for each in lines)
