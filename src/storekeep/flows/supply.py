"""What buying knows for a run: what is on order, who sells what on which terms, and how long deliveries took.

Everything that the restock flow asks of purchasing is asked here, in one place.
"""

from collections.abc import Sequence

from storekeep.kernel.db import Tx
from storekeep.shop.replenishment import queries
from storekeep.shop.replenishment.model import Supply


def known(tx: Tx, variant_ids: Sequence[str]) -> Supply:
    """The supply of these variants.

    Without purchase orders, what is on order is what was accepted on the restock board and has not arrived; nobody is
    known to sell anything, so every line stands under "no supplier", and lead times are those of policy and setting.
    """
    wanted = set(variant_ids)
    return Supply({key: units for key, units in queries.awaited(tx).items() if key[0] in wanted})
