"""Mugs, cups and beakers."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "mugs-and-cups",
    product(
        "stoneware-mug",
        "Stoneware mug",
        "A 350 ml mug with an unglazed foot.",
        "Thrown in one piece from a grey-brown clay and dipped in glaze to two thirds of its height. It "
        "holds 350 ml and the handle has room for three fingers. The bare foot leaves no rings on a table; "
        "dishwasher and microwave are fine.",
        Art("mug", "straight", "dip", "biscuit", "sprig"),
        in_colours("MUG-STO", "sage oat ink clay", 1800, 390, (130, 95, 100)),
        95,
    ),
    product(
        "speckled-mug",
        "Speckled breakfast mug",
        "Round-bellied, 400 ml, freckled all over.",
        "Iron in the clay burns through the glaze and leaves freckles, so no two mugs match exactly. The "
        "belly keeps tea warm a little longer than a straight wall does. 400 ml to the brim.",
        Art("mug", "round", "speckle", "walnut", "bread"),
        in_colours("MUG-SPE", "cream blush sky", 1950, 420, (140, 105, 95)),
        88,
    ),
    product(
        "tall-latte-mug",
        "Tall latte mug",
        "Slim and tall, for milky coffee.",
        "A narrow mug of 450 ml that keeps the foam in a thick layer. It fits under most coffee machines "
        "up to 13 cm. The glaze is satin and feels almost like paper.",
        Art("mug", "tall", "", "", "beans"),
        in_colours("MUG-LAT", "oat charcoal teal", 1700, 410, (120, 85, 130)),
        60,
    ),
    product(
        "enamel-mug",
        "Enamel camping mug",
        "Steel under glass, with a coloured rim.",
        "Sheet steel with two coats of enamel, 380 ml, light enough for a rucksack. It stands on a hob or "
        "beside a fire. A hard knock may chip the enamel; the mug goes on working, but rust should be "
        "wiped dry.",
        Art("mug", "enamel", "enamel", "cobalt"),
        in_colours("MUG-ENA", "white sage butter red", 1250, 160, (125, 90, 85)),
        72,
    ),
    product(
        "striped-mug",
        "Banded mug",
        "Three thin bands, painted on a turning wheel.",
        "Each band is drawn with a loaded brush while the mug turns, so its edge is alive. The inside is "
        "glazed white. Holds 330 ml; the paint lies under the glaze and survives the dishwasher.",
        Art("mug", "straight", "stripes", "cobalt", "lemon"),
        in_colours("MUG-BAN", "cream mint", 1900, 380, (130, 95, 98)),
        55,
    ),
    product(
        "drip-mug",
        "Two-glaze mug",
        "One glaze runs into the other.",
        "A second glaze is poured over the rim and finds its own way down. How far it runs depends on "
        "where the mug stood in the kiln. 350 ml, with a broad handle and a thin lip.",
        Art("mug", "round", "drip", "teal"),
        in_colours("MUG-TWO", "oat sky lavender", 2200, 400, (138, 104, 94)),
        50,
    ),
    product(
        "espresso-cup",
        "Espresso cup and saucer",
        "80 ml of thick-walled porcelain.",
        "The wall is 5 mm thick, which keeps a small coffee hot for the two minutes it lasts. The saucer "
        "has a shallow well, so that the cup does not wander. Cup and saucer stack.",
        Art("mug", "espresso", "", "", "beans"),
        in_colours("CUP-ESP", "white charcoal rust", 1450, 240, (120, 120, 70)),
        65,
    ),
    product(
        "cappuccino-cup",
        "Cappuccino cup and saucer",
        "A wide cup of 180 ml.",
        "Wide enough to pour a pattern and deep enough for a proper layer of foam. Glazed inside and out, "
        "with an unpolished ring beneath. Safe in the dishwasher.",
        Art("mug", "taper", "", "", "sugar"),
        in_colours("CUP-CAP", "cream sage plum", 1650, 360, (155, 155, 75)),
        48,
    ),
    product(
        "porcelain-tea-cup",
        "Porcelain tea cup",
        "Thin-walled cup with its saucer, 200 ml.",
        "Light falls through the wall when you hold it up. The handle is fixed a little low, which keeps "
        "the knuckles away from hot porcelain. The foot is ground smooth, so that it does not scratch the "
        "saucer.",
        Art("mug", "cup", "", "", "lemon"),
        in_colours("CUP-TEA", "white sky blush", 2100, 310, (150, 150, 75)),
        42,
    ),
    product(
        "tea-beaker",
        "Tea beaker",
        "No handle, for warm hands.",
        "A beaker for green tea and for anything else that is not drunk boiling. It holds 220 ml and the "
        "wall is ribbed inside by the potter's fingers. Four stack into a short tower.",
        Art("beaker", "", "drip", "biscuit", "sprig"),
        in_colours("CUP-BEA", "moss slate terracotta", 1400, 250, (85, 85, 90)),
        44,
    ),
    product(
        "dotted-beaker",
        "Dotted beaker",
        "Hand-dotted, for juice or tooth brushes.",
        "The dots are set with the end of a brush handle, twenty-one on each beaker. It holds 250 ml. "
        "Happy in a kitchen or beside a wash basin.",
        Art("beaker", "", "dots", "coral"),
        in_colours("CUP-DOT", "cream mint butter", 1350, 245, (85, 85, 92)),
        35,
    ),
    product(
        "childrens-enamel-cup",
        "Small enamel cup",
        "200 ml for small hands.",
        "A short cup of enamelled steel that survives being dropped from a high chair. The rim is rolled "
        "and has no sharp edge. Do not put it in a microwave.",
        Art("mug", "enamel", "enamel", "red"),
        in_sizes(
            "CUP-ENA", "sky", ("Small", "S", 900, 110, (100, 75, 70), 80), ("Medium", "M", 1050, 140, (115, 85, 80), 94)
        ),
        40,
    ),
    product(
        "leaf-mug",
        "Leaf mug",
        "A sprig drawn in slip.",
        "The leaf is trailed in coloured slip and can be felt with the thumb. 350 ml, glazed clear, so "
        "that the clay keeps its own colour. Every mug is drawn once and not corrected.",
        Art("mug", "straight", "leaf", "forest"),
        in_colours("MUG-LEA", "cream oat", 2300, 390, (130, 95, 100), 2600),
        46,
    ),
    product(
        "mug-set-hearth",
        "Pair of hearth mugs",
        "Two mugs in a carton.",
        "Two round mugs from the same kiln shelf, so that their glaze belongs together. Each holds 360 ml. "
        "The carton is made of grey board and needs no wrapping paper.",
        Art("mug", "round", "foot", "walnut", "", 2),
        in_colours("MUG-PAI", "sage rust ink", 3400, 820, (280, 140, 110)),
        52,
    ),
)
