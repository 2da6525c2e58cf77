"""The whole catalogue of the demo shop: its shelves and its products, in the order the shop shows them."""

from __future__ import annotations

from storekeep.world.demo.goods import (
    baking,
    candles_vases,
    coffee_tea,
    glassware,
    knives_tools,
    linen,
    mugs_cups,
    plates_bowls,
    pots_pans,
    storage_pantry,
)
from storekeep.world.demo.model import DemoCategory, DemoProduct

SHOP_NAME = "Hearth & Table"

CATEGORIES: tuple[DemoCategory, ...] = (
    DemoCategory("mugs-and-cups", "Mugs and cups", "Stoneware, porcelain and enamel for every hot drink."),
    DemoCategory("plates-and-bowls", "Plates and bowls", "What a table is laid with, from egg cup to platter."),
    DemoCategory("glasses-and-carafes", "Glasses and carafes", "Clear and tinted glass for water, wine and juice."),
    DemoCategory("coffee-and-tea", "Coffee and tea", "Pots, kettles, mills and presses for two good habits."),
    DemoCategory("pots-and-pans", "Pots and pans", "Iron, steel and clay for hob and oven."),
    DemoCategory("baking", "Baking", "Tins, scales and tools for bread, cake and biscuits."),
    DemoCategory("knives-boards-and-tools", "Knives, boards and tools", "Sharp things, and the things to use them on."),
    DemoCategory("linen", "Linen", "Towels, napkins, tablecloths and aprons that wash well."),
    DemoCategory("storage-and-pantry", "Storage and pantry", "Jars, baskets and tins, and good things to put in them."),
    DemoCategory("candles-and-vases", "Candles and vases", "Light and flowers for the middle of the table."),
)

PRODUCTS: tuple[DemoProduct, ...] = (
    *mugs_cups.GOODS,
    *plates_bowls.GOODS,
    *glassware.GOODS,
    *coffee_tea.GOODS,
    *pots_pans.GOODS,
    *baking.GOODS,
    *knives_tools.GOODS,
    *linen.GOODS,
    *storage_pantry.GOODS,
    *candles_vases.GOODS,
)
