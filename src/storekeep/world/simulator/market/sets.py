"""Gift sets of a generated shop: kits of two or three of its goods, a tenth cheaper than alone. Pure.

They are drawn with dice of their own, so that a shop's goods and visitors are the same with and without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storekeep.world.simulator.market.goods import Good
from storekeep.world.simulator.market.model import Wanted, dice

#: One set for so many goods, and the share of visits that want one as well
GOODS_PER_SET, SHARE = 200, 0.03
#: How many goods a set is of, and how many of each, by chance
KINDS, UNITS = (2, 3), (1, 1, 2)


@dataclass(frozen=True, slots=True)
class GiftSet:
    """A set: its goods as (place among all goods, units in each set). The price is in cents."""

    sku: str
    title: str
    category: str
    price_minor: int
    parts: tuple[tuple[int, int], ...]

    @property
    def pieces(self) -> int:
        """Units of goods in one set."""
        return sum(units for _, units in self.parts)


def sets_of(goods: Sequence[Good], seed: int) -> tuple[GiftSet, ...]:
    """The sets of a shop, none where there are too few goods to make one of."""
    rng, found = dice(seed, "sets"), []
    usual = [n for n, good in enumerate(goods) if not good.is_lumpy]
    if len(usual) < max(KINDS):
        return ()
    for n in range(1, max(1, len(goods) // GOODS_PER_SET) + 1):
        parts = tuple((at, rng.choice(UNITS)) for at in rng.sample(usual, rng.choice(KINDS)))
        alone = sum(goods[at].price_minor * units for at, units in parts)
        found.append(GiftSet(f"SET-{n:03}", f"Gift set {n}", goods[parts[0][0]].category, alone * 9 // 10, parts))
    return tuple(found)


def wanted(sets: Sequence[GiftSet], seed: int, key: str) -> tuple[Wanted, ...]:
    """The set that somebody wants beside all else, mostly none."""
    rng = dice(seed, f"set {key}")
    if not sets or rng.random() >= SHARE:
        return ()
    chosen = rng.choice(sets)
    return (Wanted(chosen.sku, 1, pieces=chosen.pieces),)
