"""Which purchase a credit gives back: the customer's own purchases of the product, newest first. Pure.

The file links no credit note to an invoice. What exceeds the customer's purchases (or comes from a buyer without a
number) is blind: goods that no order explains, and money paid outside any charge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.world.simulator.replay.planning import CreditLine, Document, Order


@dataclass(frozen=True, slots=True)
class Matched:
    """Units of one order's line that come back.

    `refund_units` are refunded at the price paid; `goodwill_minor` is given instead when the credit is lower than that,
    `extra_minor` is paid outside any charge when it is higher.
    """

    order_key: str
    sku: str
    units: int
    refund_units: int
    goodwill_minor: int
    extra_minor: int


@dataclass(frozen=True, slots=True)
class Blind:
    """Units that no purchase explains, and the money given for them."""

    sku: str
    units: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one credit note comes to."""

    matched: tuple[Matched, ...]
    blind: tuple[Blind, ...]


@dataclass(slots=True)
class _Purchase:
    order_key: str
    unit_minor: int
    left: int


class Matcher:
    """Remembers who bought what; asked in order of time."""

    def __init__(self) -> None:
        self._bought: dict[tuple[str, str], list[_Purchase]] = {}

    def bought(self, orders: Sequence[Order]) -> None:
        """Orders of known customers can be given back from now on."""
        for order in orders:
            if order.customer:
                for line in order.lines:
                    own = self._bought.setdefault((order.customer, line.sku), [])
                    own.append(_Purchase(order.key, line.unit_minor, line.qty))

    def settle(self, document: Document) -> Settlement:
        """Match a credit note's lines; what was matched cannot be given back again."""
        matched: list[Matched] = []
        blind: list[Blind] = []
        for line in document.credit:
            done = 0
            own = self._bought.get((document.customer, line.sku), [])
            while done < line.units and own:
                newest = own[-1]
                units = min(line.units - done, newest.left)
                matched.append(_match(newest, line, done, units))
                done += units
                newest.left -= units
                if newest.left == 0:
                    own.pop()
            if done < line.units:
                blind.append(Blind(line.sku, line.units - done, line.total_minor - _upto(line, done)))
        return Settlement(tuple(matched), tuple(blind))


def _match(purchase: _Purchase, line: CreditLine, done: int, units: int) -> Matched:
    amount = _upto(line, done + units) - _upto(line, done)
    paid = purchase.unit_minor * units
    if amount < paid:
        return Matched(purchase.order_key, line.sku, units, 0, amount, 0)
    refunded = units if paid else 0
    return Matched(purchase.order_key, line.sku, units, refunded, 0, amount - paid)


def _upto(line: CreditLine, units: int) -> int:
    """The share of the line's first units, rounded half up, so that all shares add up to its total."""
    return (2 * line.total_minor * units + line.units) // (2 * line.units)
