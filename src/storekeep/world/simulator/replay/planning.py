"""What the rows mean: documents made of orders, credits, corrections of stock and charges; the rest is rejected. Pure.

One row goes to exactly one place. The table of classes is in docs/replay.md.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from storekeep.kernel.clock import Instant
from storekeep.shop.payments import accounts
from storekeep.world.simulator.replay.reading import Reject, Row

_PRODUCT = re.compile(r"\d{5}[A-Z]{0,2}")

#: Codes that are no goods: where they are booked when charged, where when credited, and what they are.
_CHARGES = {
    "POST": (accounts.SHIPPING_INCOME, accounts.SHIPPING_INCOME, "postage"),
    "DOT": (accounts.SHIPPING_INCOME, accounts.SHIPPING_INCOME, "web shop postage"),
    "C2": (accounts.SHIPPING_INCOME, accounts.SHIPPING_INCOME, "carriage"),
    "D": (accounts.DISCOUNTS, accounts.DISCOUNTS, "discount"),
    "S": (accounts.DISCOUNTS, accounts.DISCOUNTS, "samples"),
    "M": (accounts.SALES, accounts.RETURNS, "manual"),
    "PADS": (accounts.SALES, accounts.RETURNS, "goods that are not stocked"),
    "BANK CHARGES": (accounts.PROVIDER_FEES, accounts.PROVIDER_FEES, "bank charges"),
    "AMAZONFEE": (accounts.PROVIDER_FEES, accounts.PROVIDER_FEES, "marketplace fees"),
    "CRUK": (accounts.PROVIDER_FEES, accounts.PROVIDER_FEES, "charity commission"),
}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Units of a product at one unit price, in pennies."""

    sku: str
    qty: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Order:
    """What becomes one order. `key` is the invoice's number, with /2 … when a product stands on it at two prices."""

    key: str
    at: Instant
    customer: str
    country: str
    lines: tuple[OrderLine, ...]

    @property
    def total_minor(self) -> int:
        return sum(line.qty * line.unit_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Units of a product that a customer gave back, for so much money in all."""

    row: int
    sku: str
    units: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Units found (positive) or written off (negative) outside any sale."""

    row: int
    sku: str
    delta: int
    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Money beside the goods: income of `account` when positive, a cost or a giving back when negative."""

    row: int
    account: str
    amount_minor: int
    qty: int
    label: str


@dataclass(slots=True)
class Document:
    """An invoice or credit note: everything that its rows come to."""

    key: str
    at: Instant
    day: str
    customer: str
    country: str
    orders: tuple[Order, ...] = ()
    credit: list[CreditLine] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    #: The rows of goods sold, for the count from the file
    sold: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All documents in order of time, and what was rejected."""

    documents: list[Document]
    rejects: list[Reject]
    descriptions: dict[str, str]
    countries: tuple[str, ...]
    row_count: int
    #: Sums over every row that was understood, whatever became of it: units and pennies
    units: int
    total_minor: int


def is_product(code: str) -> bool:
    """Five digits and up to two letters: color or design."""
    return _PRODUCT.fullmatch(code) is not None


def plan(rows: Iterable[Row | Reject], limit: int | None = None) -> Plan:
    """Sort rows into documents, the first `limit` of them in order of time."""
    rejects: list[Reject] = []
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if isinstance(row, Reject):
            rejects.append(row)
        else:
            grouped.setdefault(row.invoice, []).append(row)
    ordered = sorted(grouped.values(), key=lambda own: (min(row.at for row in own), own[0].number))[:limit]
    documents, names, countries = [], dict[str, dict[str, int]](), set[str]()
    row_count, units, total = len(rejects), 0, 0
    for own in ordered:
        documents.append(_document(own, rejects))
        countries.add(own[0].country)
        for row in own:
            row_count, units, total = row_count + 1, units + row.qty, total + row.total_minor
            if is_product(row.code):
                said = names.setdefault(row.code, {})
                if row.description and row.price > 0:
                    said[row.description] = said.get(row.description, 0) + 1
    rejects.sort(key=lambda one: one.number)
    best = {code: max(said, key=lambda name: (said[name], name)) if said else "" for code, said in names.items()}
    return Plan(documents, rejects, best, tuple(sorted(countries)), row_count, units, total)


def _document(rows: Sequence[Row], rejects: list[Reject]) -> Document:
    first = min(rows, key=lambda row: (row.at, row.number))
    made = Document(first.invoice, first.at, first.day, first.customer, first.country)
    is_free = all(row.price == 0 for row in rows) and not first.customer
    for row in rows:
        if (row.customer, row.country) != (first.customer, first.country):
            reason = "its customer or country is not that of the first row of the invoice"
        else:
            reason = _sort_in(made, row, is_free=is_free)
        if reason:
            rejects.append(_reject(row, reason))
    made.orders = tuple(_orders(made))
    return made


def _sort_in(made: Document, row: Row, *, is_free: bool) -> str:
    """Put a row where it belongs; returns the reason when that is nowhere."""
    if row.letter not in {"", "C"}:
        return f"an invoice of the kind {row.letter}: it adjusts a debt that these books never held"
    if row.price < 0:
        return "a negative price"
    if not is_product(row.code):
        return _sort_in_charge(made, row)
    if row.letter == "C":
        if row.qty > 0:
            return "a credit note with a positive quantity"
        made.credit.append(CreditLine(row.number, row.code, -row.qty, -row.total_minor))
    elif row.qty < 0:
        if row.price != 0:
            return "a negative quantity with a price, and not on a credit note"
        made.corrections.append(Correction(row.number, row.code, row.qty, _why(row, "written off")))
    elif is_free:
        made.corrections.append(Correction(row.number, row.code, row.qty, _why(row, "found")))
    else:
        made.sold.append(row)
    return ""


def _why(row: Row, otherwise: str) -> str:
    return f"{otherwise}: {row.description}" if row.description else otherwise


def _sort_in_charge(made: Document, row: Row) -> str:
    if row.code.startswith("GIFT_"):
        return "a gift voucher: the books hold no account for vouchers yet"
    known = _CHARGES["PADS"] if row.code.startswith("DCGS") else _CHARGES.get(row.code)
    if known is None:
        return f"the code {row.code} is neither a product nor a known charge"
    if row.letter == "" and row.qty < 0 and row.price == 0:
        return "a write-off of a code that is not stocked"
    if row.total_minor == 0:
        return "a charge of nothing: its total rounds to 0.00"
    charged, credited, label = known
    account = charged if row.total_minor > 0 else credited
    made.charges.append(Charge(row.number, account, row.total_minor, row.qty, label))
    return ""


def _orders(made: Document) -> Iterator[Order]:
    """The goods sold, in as few orders as have each product at one whole unit price.

    A total that whole pennies per unit cannot make is split into units at two neighbouring prices, so that the orders'
    parts add up to the file's total to the penny.
    """
    prices: dict[str, dict[int, int]] = {}
    for row in made.sold:
        low, rest = divmod(row.total_minor, row.qty)
        own = prices.setdefault(row.code, {})
        for unit, qty in ((low, row.qty - rest), (low + 1, rest)):
            if qty:
                own[unit] = own.get(unit, 0) + qty
    for n in range(max((len(own) for own in prices.values()), default=0)):
        lines = tuple(
            OrderLine(sku, list(own.values())[n], list(own)[n]) for sku, own in prices.items() if len(own) > n
        )
        key = made.key if n == 0 else f"{made.key}/{n + 1}"
        yield Order(key, made.at, made.customer, made.country, lines)


def _reject(row: Row, reason: str) -> Reject:
    fields = (
        row.invoice, row.code, row.description, str(row.qty), row.day, str(row.price), row.customer, row.country,
    )  # fmt: skip
    return Reject(row.number, reason, fields, row.qty, row.total_minor)


def batches(documents: Sequence[Document], orders: int = 64, lines: int = 3_000) -> Iterator[list[Document]]:
    """Documents in a row of one local day, with about so many orders and lines, to be driven together."""
    batch: list[Document] = []
    order_count = line_count = 0
    for document in documents:
        own = sum(len(order.lines) for order in document.orders)
        full = order_count + len(document.orders) > orders or line_count + own > lines or len(batch) >= 4 * orders
        if batch and (full or document.day != batch[0].day):
            yield batch
            batch, order_count, line_count = [], 0, 0
        batch.append(document)
        order_count += len(document.orders)
        line_count += own
    if batch:
        yield batch


def opening_stock(batched: Iterable[Sequence[Document]]) -> dict[str, int]:
    """The largest running shortfall of each product, in the order in which the batches are driven: what must lie there
    at the start so that nothing is ever short."""
    level: dict[str, int] = {}
    lowest: dict[str, int] = {}

    def change(sku: str, units: int) -> None:
        level[sku] = level.get(sku, 0) + units
        lowest[sku] = min(lowest.get(sku, 0), level[sku])

    for batch in batched:
        for document in batch:
            for order in document.orders:
                for line in order.lines:
                    change(line.sku, -line.qty)
        for document in batch:
            for correction in document.corrections:
                change(correction.sku, correction.delta)
            for line_back in document.credit:
                change(line_back.sku, line_back.units)
    return {sku: -units for sku, units in lowest.items() if units < 0}
