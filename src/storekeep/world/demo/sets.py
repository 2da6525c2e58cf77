"""The sets of the demo shop: kits of other products, with a picture of one of them."""

from storekeep.world.demo.model import DemoSet

SETS: tuple[DemoSet, ...] = (
    DemoSet(
        "SET-TEA-TWO", "tea-for-two", "Tea for two", "coffee-and-tea", 8_900,
        "The round teapot, two porcelain cups and a packet of garden herb tea.",
        "Everything for a slow afternoon, packed together: the round teapot in sage, two porcelain tea cups in white "
        "and a packet of our garden herb tea.",
        (("TEA-ROU-SAGE", 1), ("CUP-TEA-WHIT", 2), ("PAN-TEA", 1)),
    ),
    DemoSet(
        "SET-BREAKFAST", "breakfast-for-four", "Breakfast for four", "mugs-and-cups", 6_900,
        "Four speckled breakfast mugs, for the price of three and a half.",
        "Four of our speckled breakfast mugs in cream. If one breaks, each of them can be had alone.",
        (("MUG-SPE-CREA", 4),),
    ),
)  # fmt: skip
