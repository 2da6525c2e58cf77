"""Candles, lanterns and vases."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "candles-and-vases",
    product(
        "pillar-candle",
        "Pillar candle",
        "Burns for about 50 hours.",
        "Cast in one pour from vegetable wax and coloured through. Let it burn until the surface is liquid "
        "to the edge, and it will not hollow out. Unscented.",
        Art("candle", "pillar"),
        in_colours("CAN-PIL", "ivory sage rust", 1400, 520, (75, 75, 150)),
        54,
    ),
    product(
        "taper-candles",
        "Three taper candles",
        "Dipped by hand, 25 cm.",
        "Each candle is dipped thirty times and is a little thicker below. They burn for seven hours "
        "without dripping if there is no draught. The holders in the picture are not included.",
        Art("candle", "taper", "", "brass"),
        in_colours("CAN-TAP", "ivory mustard plum forest", 1200, 240, (260, 80, 30)),
        60,
    ),
    product(
        "glass-candle",
        "Candle in a glass",
        "Scent of fig leaf, 40 hours.",
        "Rapeseed wax with a light green scent that does not quarrel with food. When it is burnt down, "
        "wash the glass in hot water and use it for nuts.",
        Art("candle", "glass"),
        in_colours("CAN-GLA", "ivory blush sage", 2400, 430, (90, 90, 100)),
        45,
    ),
    product(
        "garden-lantern",
        "Garden lantern",
        "Steel and glass, 32 cm.",
        "Four panes, a roof that lets the heat out, a ring to hang it by. The door opens wide enough for a "
        "large pillar. Powder-coated against rain.",
        Art("candle", "lantern"),
        in_colours("LAN-GAR", "black forest", 4900, 1700, (170, 170, 330)),
        34,
    ),
    product(
        "round-vase",
        "Round vase",
        "A belly and a narrow neck.",
        "The neck holds a few stems upright without any tricks. 18 cm tall, watertight, with felt dots "
        "beneath. Rinse with warm water and a handful of rice.",
        Art("vase", "round", "speckle", "walnut"),
        in_colours("VAS-ROU", "cream clay teal", 3400, 820, (150, 150, 185)),
        48,
    ),
    product(
        "tall-vase",
        "Tall vase",
        "For branches and grasses, 30 cm.",
        "Heavy at the foot so that long branches do not pull it over. Satin glaze, dipped twice. Looks "
        "complete with a single twig.",
        Art("vase", "tall", "dip", "biscuit", "grass"),
        in_colours("VAS-TAL", "charcoal sage rust", 4600, 1450, (150, 150, 305)),
        37,
    ),
    product(
        "bud-vase",
        "Bud vase",
        "One flower is enough.",
        "A small bottle of stoneware, 12 cm high, for what you find on the way home. Three in a row make a "
        "centrepiece. Brush included, since a finger does not fit.",
        Art("vase", "bud"),
        in_colours("VAS-BUD", "mustard sky plum white", 1500, 230, (80, 80, 125)),
        56,
    ),
    product(
        "leaf-vase",
        "Leaf vase",
        "Drawn in slip, open at the top.",
        "The same sprig as on our mugs, trailed on a wide cylinder of 20 cm. Room for a market bunch with "
        "all its leaves. Glazed inside.",
        Art("vase", "wide", "leaf", "forest", "eucalyptus"),
        in_colours("VAS-LEA", "cream blush", 3900, 1100, (160, 160, 205)),
        39,
    ),
    product(
        "drip-vase",
        "Two-glaze vase",
        "Dark over light, never the same.",
        "The dark glaze is poured on last and stops where it likes. 19 cm tall with a shoulder that "
        "spreads the stems. It holds water, and it holds its own empty too.",
        Art("vase", "wide", "drip", "ink", "eucalyptus"),
        in_colours("VAS-DRI", "sky oat", 3700, 1050, (150, 150, 195), 4400),
        31,
    ),
)
