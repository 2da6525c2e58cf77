"""What a shopper can have of a variant and when: units that are here, units that are still to come, and their words."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import product, variant
from storekeep.shop.inventory import ahead
from storekeep.shop.inventory.promises import Policy
from storekeep.shop.inventory.queries import availability_of

FEW = 5


def band(available: int) -> str:
    """The word for what is left: `in_stock`, `few` (up to five) or `out`."""
    return "out" if available <= 0 else "few" if available <= FEW else "in_stock"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be had: `left` units now, `room` more that are to come, the latter ready on `ready_on`.

    `is_launch` is a pre-order before its day: nothing of it is sent earlier, whether it is here or not.
    """

    left: int
    room: int = 0
    ready_on: str = ""
    days: int = 0
    is_launch: bool = False

    @property
    def most(self) -> int:
        """Units that can be ordered."""
        return self.left + self.room

    @property
    def band(self) -> str:
        """`in_stock`, `few`, `later` or `out`."""
        now = "out" if self.is_launch else band(self.left)
        return "later" if now == "out" and self.most > 0 else now

    @property
    def told(self) -> str:
        """What a cached page shows of it: it changes exactly when the page must."""
        return f"{self.band} {min(self.left, FEW + 1)} {min(self.room, FEW + 1)} {self.ready_on} {self.is_launch}"

    def waits(self, qty: int, own: int = 0) -> bool:
        """Whether `qty` units cannot all be sent now; `own` ones are set aside for this shopper already."""
        return self.is_launch or qty > self.left + own


NOTHING = Shelf(0)


def of_variants(tx: Tx, variant_ids: Iterable[str]) -> dict[str, Shelf]:
    """The shelf of each of these variants."""
    ids = list(dict.fromkeys(variant_ids))
    free, early = availability_of(tx, ids), ahead.policies(tx, ids)
    return {each: _shelf(tx, max(0, free[each].available), early.get(each)) for each in ids}


def of_product(tx: Tx, slug: str) -> dict[str, Shelf]:
    """The shelf of each variant of one product by its address; empty when there is none."""
    query = (
        select(variant.c.id)
        .join_from(product, variant, variant.c.product_id == product.c.id)
        .where(product.c.slug == slug, variant.c.status == "active")
        .order_by(variant.c.id)
    )
    return of_variants(tx, [row.id for row in tx.rows(query)])


def _shelf(tx: Tx, left: int, policy: Policy | None) -> Shelf:
    if policy is None:
        return Shelf(left)
    is_launch = policy.is_held_back(tx.now)
    days = max(1, policy.lead_days) if policy.kind == "preorder" else policy.lead_days
    return Shelf(left, policy.room, policy.ready_on(tx.now) if policy.room or is_launch else "", days, is_launch)
