"""What goes into a basket: how many lines, which SKUs by popularity and promotion, and how many of each. Pure."""

import random
from collections.abc import Sequence

from storekeep.world.simulator.market.goods import LUMPY_UNITS, QUANTITIES, QUANTITY_WEIGHTS, Good, cumulated
from storekeep.world.simulator.market.model import ShopSpec
from storekeep.world.simulator.market.seasons import UPLIFT, Promotion

MOST_LINES = 8
#: What one order may weigh, so that every carrier takes it.
MOST_GRAMS = 15_000


class Baskets:
    """Draws baskets from the goods of a shop."""

    def __init__(self, spec: ShopSpec, goods: Sequence[Good]) -> None:
        self._goods, self._places = goods, range(len(goods))
        self._by_sku = {good.sku: n for n, good in enumerate(goods)}
        self._regular = [n for n, good in enumerate(goods) if not good.is_lumpy] or list(self._places)
        self._usual = cumulated([good.lines_per_year for good in goods])
        self._promoted: dict[str, list[float]] = {}
        more = 1 - 1 / spec.lines_per_order
        self._line_weights = [more**n for n in range(MOST_LINES)]

    def busier(self, promotion: Promotion) -> float:
        """How many times as much is sold in a promotion's week."""
        return self._weights(promotion)[-1] / self._usual[-1]

    def hot(self, rng: random.Random) -> int:
        """Something that many want in the same minute; any SKU, for most of them have only a few units there."""
        return rng.choice(self._regular)

    def draw(self, rng: random.Random, promotion: Promotion | None, hot: int | None = None) -> list[tuple[str, int]]:
        """SKUs and quantities, each SKU once, `hot` first; light enough for one parcel."""
        count = rng.choices(range(1, MOST_LINES + 1), self._line_weights)[0]
        weights = self._usual if promotion is None else self._weights(promotion)
        found = rng.choices(self._places, cum_weights=weights, k=count)
        places = dict.fromkeys(found if hot is None else [hot, *found[1:]])
        lines, left = [], MOST_GRAMS
        for n in places:
            good = self._goods[n]
            wanted = rng.randint(*LUMPY_UNITS) if good.is_lumpy else rng.choices(QUANTITIES, QUANTITY_WEIGHTS)[0]
            qty = min(wanted, left // max(1, good.weight_g))
            if qty:
                lines.append((good.sku, qty))
                left -= qty * good.weight_g
        return lines

    def _weights(self, promotion: Promotion) -> list[float]:
        if promotion.code not in self._promoted:
            lifted = {self._by_sku[sku] for sku in promotion.skus}
            own = [good.lines_per_year * (UPLIFT if n in lifted else 1) for n, good in enumerate(self._goods)]
            self._promoted[promotion.code] = cumulated(own)
        return self._promoted[promotion.code]
