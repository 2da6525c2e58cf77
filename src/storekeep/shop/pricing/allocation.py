"""One amount over many lines, and one part over many units.

Both ways are exact: what was spread adds up to what there was, and what was refunded unit by unit adds up to
the part.
"""

from collections.abc import Sequence

from storekeep.kernel.money import spread, telescoping_share
from storekeep.shop.pricing.model import Part, PartShare


def allocate_discount(discount_minor: int, lines: Sequence[tuple[str, int]]) -> list[int]:
    """Spread a discount over (line id, list amount) by largest remainder, in the order given.

    A tie goes to the line with the smaller id, which is the older one, so the totals of a cart do not depend
    on the order in which its lines are shown. No line gets more than its amount. Raises ValueError for a
    discount above the sum of the lines.
    """
    if not 0 <= discount_minor <= sum(amount for _, amount in lines):
        raise ValueError("a discount lies between 0 and the amount it applies to")
    if discount_minor == 0:
        return [0] * len(lines)
    by_id = sorted(range(len(lines)), key=lambda at: lines[at][0])
    allocated = [0] * len(lines)
    for at, share in zip(by_id, spread(discount_minor, [lines[at][1] for at in by_id]), strict=True):
        allocated[at] = share
    return allocated


def refund_share(part: Part, qty_ordered: int, already: int, n: int) -> PartShare:
    """What `n` more of the `qty_ordered` units of a part carry, when `already` units were given back before.

    Net and tax telescope separately, each from its own stored amount, so that all units together give back
    exactly what was paid, in whatever steps. For shipping the quantity is 1. Raises ValueError beyond the
    units ordered.
    """
    net = telescoping_share(part.net_minor, qty_ordered, already, n)
    tax = telescoping_share(part.tax_minor, qty_ordered, already, n)
    return PartShare(net_minor=net, tax_minor=tax, gross_minor=net + tax)
