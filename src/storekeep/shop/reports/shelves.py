"""What a shopper can have of a variant and when: units that are here, units that are still to come, and their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog import kits
from storekeep.shop.catalog.kits import KnownPart
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

    def waits(self, qty: int) -> bool:
        """Whether `qty` units cannot all be sent now."""
        return self.is_launch or qty > self.left


NOTHING = Shelf(0)


def of_variants(
    tx: Tx, variant_ids: Iterable[str], own: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, Shelf]:
    """The shelf of each of these variants; of a kit, what its parts allow.

    `own` are units that the asking cart holds, here and still to come, by variant; they count as left.
    """
    ids = list(dict.fromkeys(variant_ids))
    parts = kits.parts_of(tx, ids)
    goods = list(dict.fromkeys([*ids, *(part.variant_id for each in parts.values() for part in each)]))
    free, early = availability_of(tx, goods), ahead.policies(tx, goods)
    found = {}
    for each in goods:
        here, coming = (own or {}).get(each, (0, 0))
        shelf = _shelf(tx, max(0, free[each].available) + here, early.get(each))
        found[each] = replace(shelf, room=shelf.room + coming) if coming else shelf
    return {each: _of_kit(parts[each], found) if each in parts else found[each] for each in ids}


def _of_kit(parts: Sequence[KnownPart], shelves: Mapping[str, Shelf]) -> Shelf:
    """As many kits as the scarcest part allows; they are ready when the last part is."""
    own = [(shelves[part.variant_id], part.qty) for part in parts]
    left = min(shelf.left // qty for shelf, qty in own)
    most = min(shelf.most // qty for shelf, qty in own)
    ready_on = max(shelf.ready_on for shelf, _ in own)
    days = max(shelf.days for shelf, _ in own)
    return Shelf(left, most - left, ready_on, days, any(shelf.is_launch for shelf, _ in own))


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
