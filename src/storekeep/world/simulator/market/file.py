"""Demand from a file of real order lines with the Online Retail columns: every invoice is a visit at its time.

The shop is opened with the file's products, usual prices and enough stock for all of it; each line is bought at the
price of its invoice, travels free and bears no tax, so that the books can be compared with the file to the penny.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders.filling import AgreedLine, FullCart
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.site import profile
from storekeep.world.simulator.market import opening
from storekeep.world.simulator.market.model import Shelves, Visit, Wanted
from storekeep.world.simulator.replay import planning, reading, stocking
from storekeep.world.simulator.replay.planning import Document, Order, Plan
from storekeep.world.simulator.replay.reading import Reject

#: What `filling.fill` and `PlaceOrder` are told: wholesale invoices are longer and larger than any cart.
FILL_LIMITS = {"quantity_limit": reading.MAX_UNITS, "line_limit": 10_000}
#: Units beyond what the file sells: for goods that break, get lost or are sent again. One in so many, and some more.
SPARE_ONE_IN, SPARE = 20, 20


class NothingToSell(StorekeepError):
    """No row of the file is an order that a shop could take."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the file comes to: orders, their lines and units, and the goods' total in minor units."""

    orders: int
    lines: int
    units: int
    total_minor: int


class FileDemand:
    """The demand of a file. See `Market`; `plan` is all of it, `rejects` the rows left out, each with its reason."""

    timezone = reading.ZONE
    currency = stocking.CURRENCY

    def __init__(self, plan: Plan) -> None:
        """Raises `NothingToSell` for a plan without orders."""
        self.plan = plan
        self.rejects: list[Reject] = plan.rejects
        self._by_day: dict[str, list[Document]] = {}
        for document in plan.documents:
            self._by_day.setdefault(document.day, []).append(document)
        if not any(document.orders for document in plan.documents):
            raise NothingToSell(f"the file holds no order: {len(plan.rejects):,} of {plan.row_count:,} rows rejected")
        self.start: Instant = plan.documents[0].at
        first, last = date.fromisoformat(plan.documents[0].day), date.fromisoformat(max(self._by_day))
        #: Every day from the first to the last, those without an invoice as well
        self.days = tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
        self._codes = stocking.country_codes(plan.countries)

    @classmethod
    def read(cls, path: Path, until: str | None = None, limit: int | None = None) -> "FileDemand":
        """Read a file up to the local day `until`, the first `limit` documents of it.

        Raises `UnusableFile` when it is no table with these columns, `NothingToSell` when it holds no order.
        """
        return cls(planning.plan(reading.read(path, until), limit))

    @property
    def expected(self) -> Expected:
        """What all orders of the file come to."""
        return expected_of(self.plan.documents)

    def open(self, db: Database) -> Shelves:
        """Open the file's shop: its products, and stock for all that it sells. One transaction; raises `NotEmpty`."""
        with db.begin(actor="simulator") as tx:
            opening.refuse_unless_empty(tx)
            bins = stocking.open_shop(tx, self._codes)
            profile.save(tx, {"name": "Simulated shop", "is_demo": True})
            house = str(warehouses(tx)[0].id)
            prices = stocking.usual_prices(self.plan.documents)
            stocking.stock(tx, bins, house, self.plan.descriptions, prices, self.opening_stock())
            opening.mark(tx, {"kind": "file", "documents": len(self.plan.documents), "stride": 1})
            return opening.shelves_of(tx)

    def carriers(self) -> dict[str, TableCarrier] | None:
        """The carrier without limits, which this shop sends by."""
        freight = stocking.carrier()
        return {freight.code: freight}

    def documents(self, day: str) -> list[Document]:
        """The invoices and credit notes of a local day, in order of time, with their charges and corrections."""
        return list(self._by_day.get(day, ()))

    def credits(self, day: str) -> list[Document]:
        """The documents of a local day that give something back."""
        return [document for document in self.documents(day) if document.credit]

    def visits(self, day: str) -> list[Visit]:
        """The orders of a local day, in order of time. An invoice with a product at two prices is two of them."""
        found = [self._visit(order) for document in self.documents(day) for order in document.orders]
        return sorted(found, key=lambda visit: (visit.at, visit.key))

    def full_cart(self, visit: Visit, shelves: Shelves, until: Instant) -> FullCart:
        """The cart of a visit at its agreed prices, for `filling.fill` with `FILL_LIMITS`."""
        lines = tuple(AgreedLine(shelves.variant_id(sku), qty, unit or 0) for sku, qty, unit, _ in visit.lines)
        return FullCart(
            f"simulated:{visit.key}", self.currency, visit.country, visit.email, visit.address, visit.method, lines,
            until,
        )  # fmt: skip

    def opening_stock(self) -> dict[str, int]:
        """Units of each product that are enough whatever comes back late or never: all that leaves, and some spare."""
        leaves: Counter[str] = Counter()
        for document in self.plan.documents:
            for order in document.orders:
                for line in order.lines:
                    leaves[line.sku] += line.qty
            for correction in document.corrections:
                leaves[correction.sku] += max(0, -correction.delta)
        return {sku: units + units // SPARE_ONE_IN + SPARE for sku, units in leaves.items()}

    def _visit(self, order: Order) -> Visit:
        known = bool(order.customer)
        name = f"Customer {order.customer} (name not in the file)" if known else "No name in the file"
        email = f"customer-{order.customer}@simulated.example" if known else "no-name@simulated.example"
        return Visit(
            key=f"invoice {order.key}",
            at=order.at,
            shopper=name,
            country=self._codes[order.country],
            email=email.lower(),
            address={"name": name, "line1": "Address not in the file", "city": "Not in the file", "postcode": "-"},
            method=stocking.METHOD,
            lines=tuple(Wanted(line.sku, line.qty, line.unit_minor) for line in order.lines),
        )


def expected_of(documents: Sequence[Document]) -> Expected:
    """What the orders of these documents come to."""
    orders = [order for document in documents for order in document.orders]
    lines = [line for order in orders for line in order.lines]
    return Expected(
        len(orders), len(lines), sum(line.qty for line in lines), sum(order.total_minor for order in orders)
    )
