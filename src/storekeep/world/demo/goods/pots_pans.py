"""Pots, pans and oven dishes."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "pots-and-pans",
    product(
        "iron-skillet",
        "Cast iron skillet",
        "Heavy, even heat, for decades.",
        "Cast in one piece and seasoned with linseed oil. It gives an even crust on any hob and in the "
        "oven. Wash with hot water, dry at once, rub in a drop of oil.",
        Art("pan", "fry", "", "", "eggs"),
        in_sizes(
            "PAN-IRO",
            "iron",
            ("20 cm", "20", 3400, 1700, (330, 210, 50), 82),
            ("26 cm", "26", 4600, 2600, (420, 270, 55), 100),
        ),
        76,
    ),
    product(
        "steel-frying-pan",
        "Steel frying pan",
        "Three layers, 24 cm.",
        "Aluminium between two sheets of steel takes heat quickly and spreads it. Heat it first, then the "
        "oil, and nothing sticks for long. The copper one wears its copper outside only.",
        Art("pan", "fry", "", "black"),
        in_colours("PAN-STE", "steel copper", 5900, 1150, (440, 250, 50)),
        58,
    ),
    product(
        "enamel-skillet",
        "Enamelled skillet",
        "Iron with a coloured coat.",
        "Cast iron with enamel outside and a matt black cooking surface. No seasoning needed, and tomatoes "
        "do it no harm. 26 cm; the colour is fired twice.",
        Art("pan", "fry", "band", "cream"),
        in_colours("PAN-ENA", "red teal mustard", 7400, 2500, (420, 270, 55), 8900),
        44,
    ),
    product(
        "saute-pan",
        "Sauté pan",
        "High straight sides, 3 litres.",
        "Wide enough to brown, deep enough to braise. Straight sides keep the fat in. Steel with a layered "
        "base, and oven-safe with its handle.",
        Art("pan", "saute", "", "black", "garlic"),
        in_colours("PAN-SAU", "steel", 7900, 1750, (480, 265, 80)),
        39,
    ),
    product(
        "saucepan",
        "Saucepan",
        "For milk, sauce and two eggs.",
        "A small pan with a pouring rim on both sides. 1.5 litres, a scale inside, a handle that stays "
        "cool. For all hobs.",
        Art("pan", "sauce", "", "walnut", "egg"),
        in_sizes(
            "PAN-SAC",
            "steel",
            ("1 litre", "1L", 3600, 720, (300, 150, 90), 82),
            ("1.5 litres", "15L", 4200, 880, (330, 170, 100), 96),
        ),
        55,
    ),
    product(
        "crepe-pan",
        "Crêpe pan",
        "Thin and flat, 24 cm.",
        "Blue steel, 2.5 mm thin, with a rim so low that a palette slips under. It darkens with use and "
        "gets better for it. Do not leave it wet.",
        Art("pan", "crepe", "", "", "lemon"),
        in_colours("PAN-CRE", "iron", 3200, 1050, (420, 245, 30)),
        40,
    ),
    product(
        "carbon-wok",
        "Wok",
        "Carbon steel, 32 cm, flat base.",
        "Spun from carbon steel, light enough to toss. The base is flat enough for induction. Burn it in "
        "once before use; a leaflet says how.",
        Art("pan", "wok", "", "beech", "onion"),
        in_colours("PAN-WOK", "iron", 4400, 1400, (560, 330, 110)),
        42,
    ),
    product(
        "casserole",
        "Enamelled casserole",
        "Cast iron with lid, 4 litres.",
        "Bumps under the lid let the steam drip back over the roast. Four litres feed five. Goes from hob "
        "to oven to table; lift it with both hands, it weighs 4.6 kg.",
        Art("pot", "casserole", "", "brass", "onion"),
        in_colours("POT-CAS", "rust forest ink cream", 12900, 4600, (310, 250, 170)),
        69,
    ),
    product(
        "braiser",
        "Braiser",
        "Wide and low, 3.5 litres.",
        "For everything that should brown side by side: chicken, fennel, meatballs. Cast iron with a light "
        "enamel inside, in which you see what is happening.",
        Art("pot", "braiser", "", "brass", "tomato"),
        in_colours("POT-BRA", "mustard teal", 11900, 4300, (370, 300, 140), 13900),
        35,
    ),
    product(
        "stock-pot",
        "Stock pot",
        "Tall, 8 litres, steel.",
        "Tall so that little evaporates. Eight litres of soup, spaghetti for eight, or jam jars standing "
        "upright in water. Riveted handles.",
        Art("pot", "stock", "", "", "garlic"),
        in_sizes(
            "POT-STO",
            "steel",
            ("5 litres", "5L", 5900, 1900, (300, 220, 190), 84),
            ("8 litres", "8L", 7600, 2500, (330, 250, 230), 100),
        ),
        45,
    ),
    product(
        "clay-pot",
        "Clay cooking pot",
        "Unglazed outside, for slow heat.",
        "A pot for beans, lamb and rice. Soak it for ten minutes, put it into the cold oven and let it "
        "warm with it. The domed lid returns every drop.",
        Art("pot", "clay", "", "", "garlic"),
        in_colours("POT-CLA", "terracotta biscuit", 5400, 2300, (300, 260, 200)),
        30,
    ),
    product(
        "gratin-dish",
        "Gratin dish",
        "Stoneware with two ears.",
        "32 by 22 cm, deep enough for four layers of lasagne. Handles are wide enough for a gloved hand. "
        "Safe from the freezer to 230 degrees if it warms slowly.",
        Art("dish", "", "", "", "gratin"),
        in_colours("DIS-GRA", "cream red sage", 4100, 1900, (390, 225, 65)),
        63,
    ),
    product(
        "roasting-tin",
        "Roasting tin",
        "Heavy steel, rolled rim.",
        "A tin that does not warp with a bang at 220 degrees. 38 by 28 cm, for a goose or four trays of "
        "potatoes. The corners are round and easy to wipe.",
        Art("dish", "roast", "", "", "onion"),
        in_colours("DIS-ROA", "steel charcoal", 4500, 1800, (400, 290, 75)),
        41,
    ),
    product(
        "bamboo-steamer",
        "Bamboo steamer",
        "Two baskets and a lid.",
        "Sits over any pan of 24 cm. The woven lid takes up the steam, so nothing drips on the dumplings. "
        "Line it with cabbage leaves; dry it in the air.",
        Art("steamer"),
        in_sizes(
            "STE-BAM",
            "bamboo",
            ("20 cm", "20", 2300, 620, (210, 210, 150), 86),
            ("25 cm", "25", 2900, 840, (260, 260, 160), 100),
        ),
        47,
    ),
)
