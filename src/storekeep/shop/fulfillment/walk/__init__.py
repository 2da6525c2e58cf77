"""Decides in which order bays are walked and which orders share a cart. Pure: it knows bays and lengths, no database.

`walks(lists, layout)` orders pick lists, `cluster(orders, layout, totes)` fills carts; both tell millimetres walked.
"""

from storekeep.shop.fulfillment.walk.carts import Cart, ToPick, cluster
from storekeep.shop.fulfillment.walk.layout import Bay, Layout
from storekeep.shop.fulfillment.walk.lists import Walk, walks

__all__ = ["Bay", "Cart", "Layout", "ToPick", "Walk", "cluster", "walks"]
