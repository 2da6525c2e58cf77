"""What buying knows for a run: what is on order, who sells what on which terms, and how long deliveries took.

Everything that the restock flow asks of purchasing is asked here, in one place.
"""

from collections.abc import Sequence

from storekeep.kernel import prepared
from storekeep.kernel.db import Tx
from storekeep.kernel.money import divide_half_even
from storekeep.shop.purchasing import queries as purchasing
from storekeep.shop.purchasing.model import E4
from storekeep.shop.purchasing.tables import supplier
from storekeep.shop.replenishment import queries
from storekeep.shop.replenishment.model import Delivery, Supply, Terms


def known(tx: Tx, variant_ids: Sequence[str]) -> Supply:
    """The supply of these variants.

    What was accepted on the board for goods that nobody sells us yet has no purchase order; it counts as on order until
    it arrives.
    """
    wanted = set(variant_ids)
    coming = {key: each.units for key, each in purchasing.on_order(tx, variant_ids).items()}
    for key, units in queries.awaited(tx).items():
        if key[0] in wanted:
            coming[key] = coming.get(key, 0) + units
    took = {(each.supplier_id, each.sent_at, each.received_at) for each in purchasing.lead_times(tx)}
    by_age = sorted(took, key=lambda each: (each[1], each[0], each[2] or 0))
    return Supply(coming, _terms(tx, variant_ids), [Delivery(*each) for each in by_age])


def _terms(tx: Tx, variant_ids: Sequence[str]) -> dict[str, Terms]:
    preferred = purchasing.preferred_terms(tx, variant_ids)
    sellers = sorted({each.supplier_id for each in preferred.values()})
    rows = tx.rows(prepared.rows_of(supplier, "id", "id", "name"), {"wanted": sellers})
    names = {row.id: row.name for row in rows}
    return {
        variant_id: Terms(
            each.supplier_id, names[each.supplier_id], each.moq, each.pack_multiple, each.lead_days,
            divide_half_even(each.price_at(each.moq).unit_price_e4, E4),
        )
        for variant_id, each in preferred.items()
    }  # fmt: skip
