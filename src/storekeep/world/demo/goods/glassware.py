"""Glasses, carafes and bottles."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "glasses-and-carafes",
    product(
        "water-tumbler",
        "Water tumbler",
        "300 ml, straight and simple.",
        "A tumbler of soda-lime glass with a thick base and a fire-polished rim. It holds 300 ml and "
        "survives most falls onto a wooden floor. Dishwasher safe.",
        Art("glass", "tumbler"),
        in_colours("GLA-TUM", "clear green smoke", 650, 260, (80, 80, 95)),
        86,
    ),
    product(
        "ribbed-tumbler",
        "Ribbed tumbler",
        "Fine ribs that catch the light.",
        "Pressed with twenty-four ribs, which hide fingerprints and give wet hands a hold. 280 ml. Six of "
        "them look like a small orchestra on a windowsill.",
        Art("glass", "tumbler", "ribs", "", "lemon"),
        in_colours("GLA-RIB", "clear amber rose blue", 850, 270, (82, 82, 92)),
        74,
    ),
    product(
        "stacking-glass",
        "Stacking glass",
        "A step in the wall lets them nest.",
        "The shoulder stops one glass from wedging into the next, so a stack of six comes apart again. "
        "Tempered, 260 ml, good for hot tea as well.",
        Art("glass", "stacking", "", "tea"),
        in_colours("GLA-STA", "clear blue", 550, 240, (80, 80, 100)),
        66,
    ),
    product(
        "highball-glass",
        "Highball glass",
        "Tall, 360 ml, for ice and fizz.",
        "Tall and narrow, which keeps the bubbles. The base weighs a third of the glass, so it does not "
        "tip when full of ice.",
        Art("glass", "highball", "", "lemon", "lemon"),
        in_colours("GLA-HIG", "clear smoke", 900, 310, (70, 70, 145)),
        47,
    ),
    product(
        "short-glass",
        "Short glass",
        "150 ml, for juice, wine or pudding.",
        "The glass of village bars: 150 ml, thick, slightly flared. Wine tastes of holidays in it and "
        "chocolate mousse fits exactly.",
        Art("glass", "small", "waves", "berry"),
        in_colours("GLA-SHO", "clear rose green", 480, 160, (75, 75, 70)),
        58,
    ),
    product(
        "gold-rim-glass",
        "Glass with brass-coloured rim",
        "A thin line round the top.",
        "Mouth-blown, 250 ml, with a painted line that is fired on at 500 degrees. Wash by hand: the line "
        "dislikes dishwasher salt.",
        Art("glass", "tumbler", "band", "honey"),
        in_colours("GLA-RIM", "clear smoke", 1400, 210, (80, 80, 90), 1700),
        36,
    ),
    product(
        "red-wine-glass",
        "Red wine glass",
        "450 ml on a drawn stem.",
        "Bowl and stem are drawn from one piece of lead-free crystal. The bowl narrows at the top and "
        "keeps the scent. Goes into the dishwasher if it stands free.",
        Art("stemmed", "wine", "", "berry"),
        in_colours("GLA-RED", "clear smoke", 1500, 180, (95, 95, 220)),
        62,
    ),
    product(
        "white-wine-glass",
        "White wine glass",
        "A smaller bowl for cold wine.",
        "A little slimmer than the red wine glass, so that the wine stays cold. The rim is cut by laser and 1 mm thin.",
        Art("stemmed", "wine", "", "lemon", "pear"),
        in_sizes(
            "GLA-WHI",
            "clear",
            ("320 ml", "320", 1400, 150, (82, 82, 205), 90),
            ("420 ml", "420", 1600, 180, (92, 92, 215), 100),
        ),
        50,
    ),
    product(
        "champagne-flute",
        "Flute",
        "Slim, 180 ml.",
        "A flute with a point etched into the bottom, where a fine chain of bubbles starts. 22 cm tall, on "
        "a broad foot.",
        Art("stemmed", "flute", "", "honey"),
        in_colours("GLA-FLU", "clear", 1300, 140, (70, 70, 225)),
        34,
    ),
    product(
        "coupe-glass",
        "Coupe",
        "A shallow bowl on a stem.",
        "For sparkling wine, for sorbet, for a cocktail without ice. The bowl holds 220 ml and is easy to "
        "clean because a whole hand fits in.",
        Art("stemmed", "coupe", "", "coral", "berry"),
        in_colours("GLA-COU", "clear rose", 1450, 160, (110, 110, 150)),
        37,
    ),
    product(
        "water-carafe",
        "Water carafe",
        "One litre, narrow waist.",
        "The waist fits a hand and the neck fits a slice of lemon. One litre to the waist line, "
        "borosilicate glass, safe with hot water too.",
        Art("glass", "carafe", "", "clear", "lemon"),
        in_colours("CAR-WAT", "clear green blue", 2600, 520, (115, 115, 270)),
        61,
    ),
    product(
        "wine-decanter",
        "Decanter",
        "A broad belly for young red wine.",
        "Fills with one bottle exactly where the belly is widest, so the wine meets much air. Rinse with "
        "warm water and dry it upside down over a wooden spoon.",
        Art("glass", "decanter", "", "berry"),
        in_colours("CAR-DEC", "clear", 4800, 900, (210, 210, 250)),
        30,
    ),
    product(
        "glass-pitcher",
        "Glass pitcher",
        "1.5 litres, with a handle.",
        "A pitcher for lemonade and iced tea with a pulled lip that does not drip. The handle is set on "
        "while the glass is hot. 1.5 litres.",
        Art("glass", "jug", "", "tea", "lemon"),
        in_colours("CAR-PIT", "clear amber", 3400, 860, (170, 130, 220)),
        45,
    ),
    product(
        "corked-bottle",
        "Corked bottle",
        "For water in the fridge, or syrup.",
        "A bottle of 750 ml with a natural cork. It stands in a fridge door of 9 cm. The neck takes a bottle brush.",
        Art("glass", "bottle", "", "mint"),
        in_sizes(
            "BOT-COR",
            "clear",
            ("500 ml", "500", 1400, 410, (80, 80, 230), 84),
            ("750 ml", "750", 1700, 540, (90, 90, 265), 98),
        ),
        49,
    ),
)
