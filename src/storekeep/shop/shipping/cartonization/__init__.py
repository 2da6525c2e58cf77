"""Decides which cartons an order is packed in and how its units lie in them. Pure: it stores, reads and sends nothing.

`plan(orders, cartons, rules)` is the one call; `shapes` has the nouns, `packing3d` fills one carton, `choose` picks
among cartons.
"""

from storekeep.shop.shipping.cartonization.choose import plan
from storekeep.shop.shipping.cartonization.shapes import CartonType, Item, Packable, Packed, Placement, Plan, Rules

__all__ = ["CartonType", "Item", "Packable", "Packed", "Placement", "Plan", "Rules", "plan"]
