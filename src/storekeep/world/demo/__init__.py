"""The demo shop as data: its catalogue, its pictures, its texts and the people who shop there.

This package imports nothing of the shop and changes nothing by itself; whoever seeds a demo reads it and calls the
shop's own verbs. Everything in it is invented.
"""

from storekeep.world.demo.art import draw, write_all
from storekeep.world.demo.catalogue import CATEGORIES, PRODUCTS, SHOP_NAME
from storekeep.world.demo.model import (
    ArtSpec,
    DemoCategory,
    DemoPage,
    DemoProblem,
    DemoProduct,
    DemoSet,
    DemoShopper,
    DemoVariant,
)
from storekeep.world.demo.sets import SETS
from storekeep.world.demo.texts import PAGES, PROBLEMS, SHOPPERS

__all__ = [
    "CATEGORIES",
    "PAGES",
    "PROBLEMS",
    "PRODUCTS",
    "SETS",
    "SHOPPERS",
    "SHOP_NAME",
    "ArtSpec",
    "DemoCategory",
    "DemoPage",
    "DemoProblem",
    "DemoProduct",
    "DemoSet",
    "DemoShopper",
    "DemoVariant",
    "draw",
    "write_all",
]
