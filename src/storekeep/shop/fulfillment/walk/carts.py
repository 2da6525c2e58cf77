"""Which orders share a cart: near aisles together, so that a walk is shared by many.

The seed method of order batching: the order that reaches farthest begins a cart, then the orders that lengthen its walk
least are added until the totes are full. See R. de Koster, T. Le-Duc, K. J. Roodbergen, "Design and control of
warehouse order picking: a literature review", European Journal of Operational Research 182(2), 2007.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storekeep.shop.fulfillment.walk.layout import Bay, Layout
from storekeep.shop.fulfillment.walk.lists import Walk, walks


@dataclass(frozen=True, slots=True)
class ToPick:
    """An order and the bays that its lines wait in; one bay may come several times."""

    order_id: str
    bays: tuple[Bay, ...]


@dataclass(frozen=True, slots=True)
class Cart:
    """Orders that are picked in one walk, a tote each. `walk.order` counts the bays of its orders one after another."""

    orders: tuple[ToPick, ...]
    walk: Walk

    @property
    def lines(self) -> int:
        return sum(len(order.bays) for order in self.orders)


def cluster(orders: Sequence[ToPick], layout: Layout, totes: int) -> list[Cart]:
    """Orders on carts of so many totes, near aisles together. Every order is on exactly one cart.

    Refuses less than one tote and an order id given twice (ValueError). The same orders in any sequence give the same
    carts.
    """
    if totes < 1:
        raise ValueError("a cart has one tote at least")
    if len({order.order_id for order in orders}) < len(orders):
        raise ValueError("an order is listed twice")
    aisles = {order.order_id: frozenset(bay.aisle for bay in order.bays) for order in orders}
    left = sorted(orders, key=lambda order: order.order_id)
    groups: list[list[ToPick]] = []
    while left:
        seed = max(left, key=lambda order: (max(aisles[order.order_id], default=-1), len(aisles[order.order_id])))
        group, visited = [seed], set(aisles[seed.order_id])
        left.remove(seed)
        while left and len(group) < totes:
            nearest = min(left, key=lambda order: _lengthens(visited, aisles[order.order_id], layout))
            group.append(nearest)
            visited |= aisles[nearest.order_id]
            left.remove(nearest)
        groups.append(group)
    return loaded(groups, layout)


def loaded(groups: Iterable[Sequence[ToPick]], layout: Layout) -> list[Cart]:
    """A cart for each group as it is, with its walk."""
    listed = [tuple(group) for group in groups]
    ways = walks([[bay for order in group for bay in order.bays] for group in listed], layout)
    return [Cart(group, way) for group, way in zip(listed, ways, strict=True)]


def _lengthens(visited: set[int], more: frozenset[int], layout: Layout) -> tuple[int, int]:
    """What an order's aisles add to a cart's walk in mm: through new aisles and across to them. Sharing breaks ties."""
    new = more - visited
    across = _reach(visited | new) - _reach(visited)
    return len(new) * layout.depth_mm + 2 * across * layout.aisle_pitch_mm, -len(more & visited)


def _reach(aisles: set[int] | frozenset[int]) -> int:
    return max(aisles) - min(aisles) if aisles else 0
