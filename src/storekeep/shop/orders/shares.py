"""What some units of an order's part are worth: differences of F(k) = round_half_up(amount * k / units).

Units are counted from one end. Sent units are taken from the front, canceled ones from the back, and refunds of sent
units again from the front, so that whatever order things happen in, the shares of all units sum to the part exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """The money in some units of a part: net + tax = gross; the discount is without its tax."""

    units: int
    net_minor: int
    tax_minor: int
    discount_net_minor: int
    part_id: str | None = None
    kind: str = "goods"
    tax_label: str = ""

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def list_net_minor(self) -> int:
        """At list price without tax: what revenue is booked at before the discount."""
        return self.net_minor + self.discount_net_minor


def upto(amount: int, units: int, k: int) -> int:
    """F(k): the share of the first k units, rounded half up. `amount` is not negative."""
    return (2 * amount * k + units) // (2 * units)


def between(part: Any, start: int, end: int) -> Share:
    """The share of units start..end of an order part (0 <= start <= end <= units)."""
    if not 0 <= start <= end <= part.units:
        raise ValueError(f"units {start}..{end} of {part.units}")

    def piece(amount: int) -> int:
        return upto(amount, part.units, end) - upto(amount, part.units, start)

    return Share(
        end - start,
        piece(part.net_minor),
        piece(part.tax_minor),
        piece(part.discount_net_minor),
        part.id,
        part.kind,
        part.tax_label,
    )


def taxes(shares: Iterable[Share]) -> dict[str, int]:
    """Tax per label."""
    total: dict[str, int] = {}
    for share in shares:
        total[share.tax_label] = total.get(share.tax_label, 0) + share.tax_minor
    return total


def discount_net(part_discount: int, prices_include_tax: bool, rate_bp: int) -> int:
    """A listed discount without its tax share, rounded half up."""
    if not prices_include_tax:
        return part_discount
    base = 10_000 + rate_bp
    return (2 * part_discount * 10_000 + base) // (2 * base)
