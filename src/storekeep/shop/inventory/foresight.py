"""Where goods would be fetched from, before anything is promised to a bin: a look ahead that locks and changes nothing.

It goes by the rule of `bins.give` itself, one line after the other, so that a plan made of it holds as long as nobody
else comes and no lot's day does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.kernel.db import Tx
from storekeep.shop.inventory import bins
from storekeep.shop.inventory.model import Assignment


@dataclass(frozen=True, slots=True)
class ToFetch:
    """Units that a fulfillment line still needs."""

    fulfillment_line_id: str
    variant_id: str
    warehouse_id: str
    qty: int


def bins_for(tx: Tx, wanted: Sequence[ToFetch]) -> list[Assignment]:
    """The bins of these lines: those they were given, and for the rest those they would be given now.

    Units that no bin has free are left out.
    """
    found = bins.assignments_of(tx, [each.fulfillment_line_id for each in wanted])
    has: dict[str, int] = {}
    for one in found:
        has[one.fulfillment_line_id] = has.get(one.fulfillment_line_id, 0) + one.qty
    lacking = [(each, each.qty - has.get(each.fulfillment_line_id, 0)) for each in wanted]
    lacking = [(each, units) for each, units in lacking if units > 0]
    free = bins.shelves(tx, [each.variant_id for each, _ in lacking], lock=False)
    for each, units in lacking:
        for place, qty in bins.taken(free.get((each.variant_id, each.warehouse_id), []), units):
            place.free -= qty
            found.append(Assignment(each.fulfillment_line_id, each.variant_id, place.id, place.code, qty,
                                    place.walk_sequence, place.lot_id))  # fmt: skip
    return found
