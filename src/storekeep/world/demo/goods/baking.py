"""Everything for the oven and the dough."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "baking",
    product(
        "loaf-tin",
        "Loaf tin",
        "For a bread of 750 g.",
        "Aluminised steel that browns evenly and never rusts in the corners. 25 by 11 cm. Grease it once, "
        "and most loaves fall out by themselves.",
        Art("dish", "loaf", "", "", "loaf"),
        in_sizes(
            "BAK-LOA",
            "charcoal",
            ("500 g", "500", 1600, 420, (210, 105, 65), 84),
            ("750 g", "750", 1900, 520, (255, 115, 70), 98),
        ),
        66,
    ),
    product(
        "enamel-pie-dish",
        "Enamel baking dish",
        "Light, white, with a blue edge.",
        "Enamelled steel of 30 by 20 cm for crumbles, traybakes and roast plums. It cuts no corners and "
        "takes a knife. Cleans with a soak.",
        Art("dish", "", "stripes", "cobalt", "berry"),
        in_colours("BAK-PIE", "white mint", 2400, 720, (310, 210, 55)),
        48,
    ),
    product(
        "baking-sheet",
        "Baking sheet",
        "Flat, thick, does not buckle.",
        "2 mm of aluminium with a rolled edge. Biscuits brown at the same speed in the middle and at the "
        "rim. 40 by 30 cm.",
        Art("sheet"),
        in_colours("BAK-SHE", "aluminium", 2600, 760, (400, 300, 20)),
        54,
    ),
    product(
        "muffin-tray",
        "Muffin tray",
        "Six deep cups.",
        "Six cups of 120 ml in one sheet of steel, with a coating free of PFAS. Cool for five minutes "
        "before turning out.",
        Art("sheet", "muffin"),
        in_colours("BAK-MUF", "charcoal copper", 2200, 640, (290, 200, 40)),
        46,
    ),
    product(
        "cooling-rack",
        "Cooling rack",
        "Wires close enough for biscuits.",
        "The wires stand 12 mm apart, so that small biscuits do not tip. Feet of 2 cm let the steam out "
        "below. Steel, 40 by 28 cm.",
        Art("sheet", "rack"),
        in_colours("BAK-RAC", "steel black", 1800, 480, (400, 280, 22)),
        44,
    ),
    product(
        "baking-mat",
        "Baking mat",
        "Instead of paper, some thousand times.",
        "Glass fibre in silicone, marked with circles for tarts and macarons. Up to 250 degrees. Roll it "
        "up; do not cut on it.",
        Art("sheet", "mat", "", "terracotta"),
        in_colours("BAK-MAT", "steel", 1700, 130, (400, 300, 2)),
        37,
    ),
    product(
        "rolling-pin",
        "Rolling pin",
        "Turned from one piece of beech.",
        "The roller runs on steel bearings, so the handles stay still in your hands. 25 cm of rolling "
        "width. Wipe with a damp cloth; do not soak.",
        Art("pin"),
        in_colours("PIN-ROL", "beech walnut", 2200, 640, (430, 60, 60)),
        52,
    ),
    product(
        "tapered-pin",
        "Tapered rolling pin",
        "Slim at the ends, for round dough.",
        "No handles: the whole hand rolls and feels the dough. The tapered ends turn a disc of pastry "
        "while you roll. 50 cm of oiled maple.",
        Art("pin", "tapered"),
        in_colours("PIN-TAP", "maple cherry", 1900, 380, (500, 45, 45)),
        32,
    ),
    product(
        "balloon-whisk",
        "Balloon whisk",
        "Eleven wires and a firm grip.",
        "For cream, egg white and batter without lumps. The wires are sealed into the handle, where no "
        "water can get in. 28 cm long.",
        Art("whisk"),
        in_colours("WHI-BAL", "walnut sage black", 1400, 150, (290, 70, 70)),
        57,
    ),
    product(
        "pastry-brush",
        "Pastry brush",
        "Natural bristle in a copper band.",
        "Soft enough for egg wash, stiff enough for butter. The bristles are glued and banded. Rinse in "
        "warm water and let it dry lying down.",
        Art("brush"),
        in_colours("BRU-PAS", "beech olive", 950, 60, (220, 45, 20)),
        38,
    ),
    product(
        "biscuit-cutters",
        "Biscuit cutters",
        "Star, heart, ring and leaf.",
        "Four cutters, 6 cm across, from a strip of metal 25 mm high. The upper edge is rolled for the "
        "hand. They come in a tin with a lid.",
        Art("cutters"),
        in_colours("CUT-BIS", "copper steel", 1500, 140, (140, 140, 30)),
        41,
    ),
    product(
        "dough-scraper",
        "Dough scraper",
        "Cuts dough, clears the table.",
        "A steel blade of 15 cm with a wooden grip that fits the palm. Divide dough, lift gnocchi, push "
        "flour together. The long edge is straight and blunt.",
        Art("spreader", "dough"),
        in_colours("SCR-DOU", "walnut beech", 1300, 190, (150, 115, 25)),
        35,
    ),
    product(
        "cake-slice",
        "Cake slice",
        "Long blade, steady lift.",
        "The blade is thin in front and stiff behind, and gets under the last crumb. Polished steel on a "
        "handle of turned wood.",
        Art("spreader"),
        in_colours("SLI-CAK", "olive black", 1900, 170, (290, 65, 30)),
        29,
    ),
    product(
        "mixing-bowl",
        "Mixing bowl",
        "Heavy stoneware with a thick rim.",
        "The classic bowl with a rim to hold it by and a heavy foot. The large one gives a yeast dough "
        "room to double. The glaze inside is smooth, and a scraper leaves nothing behind.",
        Art("bowl", "mixing", "", "", "egg"),
        in_sizes(
            "BOW-MIX",
            "oat",
            ("2 litres", "2L", 3200, 1500, (230, 230, 120), 80),
            ("4 litres", "4L", 4300, 2300, (290, 290, 145), 94),
        ),
        56,
    ),
    product(
        "dial-scale",
        "Dial kitchen scale",
        "Up to 5 kg, no battery.",
        "A mechanical scale with a glass front and a steel pan that lifts off. The hand settles within 20 "
        "g. Turn the ring to weigh on top.",
        Art("scale", "", "", "", "egg"),
        in_colours("SCA-DIA", "mint cream red", 4900, 1700, (240, 220, 260)),
        43,
    ),
    product(
        "flat-scale",
        "Flat kitchen scale",
        "To the gram, 3 cm high.",
        "Weighs up to 5 kg in steps of a gram and shows it in large digits. The steel plate comes off for "
        "washing. Runs on two ordinary AAA cells.",
        Art("scale", "flat"),
        in_colours("SCA-FLA", "white charcoal", 3400, 560, (220, 180, 30)),
        49,
    ),
)
