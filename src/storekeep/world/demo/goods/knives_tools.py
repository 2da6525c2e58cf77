"""Knives, boards and the tools in the drawer."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "knives-boards-and-tools",
    product(
        "chefs-knife",
        "Chef's knife",
        "20 cm blade, balanced at the bolster.",
        "Forged from one bar of carbon-rich stainless steel and ground to 15 degrees on each side. The "
        "weight sits at the bolster, where thumb and finger hold it. Wash by hand and dry at once.",
        Art("knife", "chef", "", "", "garlic"),
        in_colours("KNI-CHE", "walnut black olive", 8900, 260, (360, 60, 30)),
        66,
    ),
    product(
        "santoku",
        "Santoku",
        "17 cm, for vegetables and fish.",
        "A broad blade with hollows that keep cucumber slices from sticking. It is lighter than a chef's "
        "knife and shorter in front. Sharpen it on a stone of grain 1000.",
        Art("knife", "santoku", "", "", "tomato"),
        in_colours("KNI-SAN", "cherry black", 7900, 210, (320, 60, 30)),
        48,
    ),
    product(
        "bread-knife",
        "Bread knife",
        "24 cm with a wavy edge.",
        "Round waves bite into a crust without tearing the crumb. The blade is long enough for a two-kilo "
        "loaf. It stays sharp for years, since only the tips of the waves touch the board.",
        Art("knife", "bread", "", "", "bread"),
        in_colours("KNI-BRE", "walnut beech", 5900, 230, (390, 50, 30)),
        54,
    ),
    product(
        "paring-knife",
        "Paring knife",
        "9 cm, for everything in the hand.",
        "Peels, cores, turns and tidies. Thin steel that bends a little under pressure. So handy that most "
        "people come back for a second one.",
        Art("knife", "paring", "", "", "pear"),
        in_colours("KNI-PAR", "red olive black", 1900, 70, (200, 30, 20)),
        63,
    ),
    product(
        "cheese-knife",
        "Cheese knife",
        "Holes in the blade, two tips.",
        "Three holes let soft cheese come away from the steel, and the forked tip serves the slice. 12 cm "
        "blade, dishwasher safe.",
        Art("knife", "cheese", "", "", "pear"),
        in_colours("KNI-CHS", "olive walnut", 2400, 110, (240, 40, 20)),
        30,
    ),
    product(
        "knife-block",
        "Magnetic knife block",
        "Shows the blades, hides the magnets.",
        "Strong magnets lie under 3 mm of wood and hold a cleaver. It stands on a broad foot with cork "
        "beneath. Wipe it down; there are no slots for crumbs.",
        Art("knifeblock"),
        in_colours("KNI-BLO", "oak walnut", 7200, 1900, (240, 140, 260)),
        27,
    ),
    product(
        "cutting-board",
        "Cutting board",
        "Oiled wood with a juice groove.",
        "A board of 40 by 28 cm from strips of heartwood, glued upright so that it stays flat. The groove "
        "holds about 60 ml. Oil it when it looks thirsty.",
        Art("board", "rect", "groove", "", "tomato"),
        in_colours("BOA-CUT", "oak walnut olive", 4200, 1700, (400, 280, 25)),
        71,
    ),
    product(
        "end-grain-board",
        "End-grain block",
        "Kind to blades, 5 cm thick.",
        "The fibres stand upright and close again behind the knife. 36 by 36 cm, with grips milled into "
        "two sides. It weighs 5 kg and stays where it is.",
        Art("board", "rect", "block", "", "onion"),
        in_colours("BOA-END", "acacia maple", 8900, 5000, (370, 370, 55)),
        29,
    ),
    product(
        "round-board",
        "Round board",
        "For pizza, cheese and bread.",
        "A disc of 34 cm with a hole to hang it by. One side is smooth, the other keeps the marks of the "
        "plane. Do not soak it.",
        Art("board", "round", "", "", "bread"),
        in_sizes(
            "BOA-ROU",
            "beech",
            ("28 cm", "28", 2600, 900, (280, 280, 18), 86),
            ("34 cm", "34", 3200, 1300, (340, 340, 18), 100),
        ),
        40,
    ),
    product(
        "paddle-board",
        "Serving paddle",
        "A board with a handle.",
        "For carrying bread and cheese from kitchen to table in one hand. 45 cm long with the handle, "
        "rounded at all edges. A leather loop is knotted on.",
        Art("board", "paddle", "", "", "pear"),
        in_colours("BOA-PAD", "olive cherry", 3600, 820, (450, 200, 18)),
        43,
    ),
    product(
        "marble-board",
        "Marble slab",
        "Cool, for pastry and cheese.",
        "A slab of 30 by 20 cm, polished above and with felt feet below. Butter dough stays firm on it. "
        "Lemon leaves dull marks; we find they suit it.",
        Art("board", "bread", "marble", "", "berry"),
        in_colours("BOA-MAR", "marble granite", 3900, 2600, (300, 200, 15)),
        32,
    ),
    product(
        "wooden-spoon",
        "Cooking spoon",
        "Long handle, shallow bowl.",
        "Carved from one piece of wood, 32 cm, with an edge that reaches into the corner of a pan. Wood "
        "does not scratch and does not get hot. It darkens with tomato and forgives it.",
        Art("spoon", "", "", "", "sprig"),
        in_colours("SPO-COO", "beech olive cherry", 850, 55, (320, 60, 15)),
        78,
    ),
    product(
        "slotted-spoon",
        "Slotted spoon",
        "For gnocchi, eggs and dumplings.",
        "Three slots let water run off quickly. Metal from end to end, with a hole for the hook. 33 cm.",
        Art("spoon", "slotted"),
        in_colours("SPO-SLO", "steel copper", 1200, 120, (330, 75, 40)),
        41,
    ),
    product(
        "soup-ladle",
        "Soup ladle",
        "120 ml in one dip.",
        "A round bowl with a rim that pours to both sides. It takes 120 ml, so that two make a plate. The "
        "end is bent to hang on the pot.",
        Art("spoon", "ladle", "", "", "onion"),
        in_colours("SPO-LAD", "steel copper", 1500, 160, (310, 90, 80)),
        39,
    ),
    product(
        "wooden-turner",
        "Turner",
        "A flat edge for frying.",
        "The front edge is bevelled and slips under an omelette. It harms no coating. Three slots let the fat drain.",
        Art("spoon", "spatula", "", "", "egg"),
        in_colours("SPO-TUR", "olive beech", 950, 60, (310, 75, 12)),
        46,
    ),
    product(
        "silicone-scraper",
        "Bowl scraper",
        "Gets the last of the batter.",
        "A soft blade with a stiff core on a beech handle. One corner is round for bowls, one is square "
        "for tins. Heat-proof to 230 degrees; the head pulls off for washing.",
        Art("spoon", "scraper", "", "coral"),
        in_colours("SPO-SCR", "beech", 990, 70, (280, 60, 15)),
        55,
    ),
    product(
        "tool-trio",
        "Three wooden tools",
        "Spoon, turner and slotted spoon.",
        "The three tools most people reach for, from the same wood. Tied with a strip of cotton. A fair "
        "start for a first kitchen.",
        Art("spoonset"),
        in_colours("SPO-TRI", "olive beech", 2600, 180, (320, 120, 40), 2900),
        44,
    ),
    product(
        "measuring-spoons",
        "Measuring spoons",
        "Four sizes on a ring.",
        "Tablespoon, teaspoon, half and quarter, stamped from 1 mm metal. The long bowls fit into spice "
        "jars. The marks are stamped in and cannot wear off.",
        Art("spoonset", "measure"),
        in_colours("MEA-SPO", "steel copper brass", 1400, 110, (140, 45, 25)),
        50,
    ),
    product(
        "measuring-jug",
        "Measuring jug",
        "Half a litre, marks inside and out.",
        "Enamelled steel with marks for 100 to 500 ml. The lip pours a thin line. It can go on the stove "
        "to melt butter.",
        Art("measuring", "", "", "ink", "egg"),
        in_colours("MEA-JUG", "white mint butter", 2100, 330, (160, 120, 130)),
        42,
    ),
    product(
        "box-grater",
        "Box grater",
        "Four faces, sharp for years.",
        "Coarse, fine, slices and a zesting side, etched instead of punched. The foot has a rubber edge "
        "that holds on a wet board. Lift it and shake: nothing sticks.",
        Art("grater", "", "", "", "lemon"),
        in_colours("GRA-BOX", "steel", 2400, 310, (120, 90, 240)),
        47,
    ),
    product(
        "fine-zester",
        "Fine zester",
        "For lemon, nutmeg and hard cheese.",
        "Etched teeth take the yellow and leave the white. The blade is 20 cm long and comes in a sleeve. "
        "Rinse it from behind.",
        Art("peeler", "zester", "", "", "lemon"),
        in_colours("GRA-ZES", "black walnut red", 1900, 90, (330, 40, 20)),
        45,
    ),
    product(
        "y-peeler",
        "Y peeler",
        "Sharp across, light in the hand.",
        "The blade swings and follows a potato or a pumpkin. Sharp in both directions, for left hands too. "
        "Eyes come out with the bow at the side.",
        Art("peeler"),
        in_colours("PEE-Y", "forest mustard charcoal", 690, 40, (115, 75, 18)),
        64,
    ),
    product(
        "kitchen-tongs",
        "Kitchen tongs",
        "30 cm, with silicone tips.",
        "Turn a steak, lift spaghetti, pull a hot dish closer. The tips are soft and heat-proof, the "
        "spring is light. A ring locks them shut for the drawer.",
        Art("tongs"),
        in_colours("TON-KIT", "charcoal sage rust", 1600, 150, (300, 40, 35)),
        37,
    ),
    product(
        "kitchen-scissors",
        "Kitchen scissors",
        "Come apart for washing.",
        "One blade is finely toothed, so that herbs and chicken do not slip. The two halves unhook at 90 "
        "degrees. 21 cm, steel, soft grips.",
        Art("tongs", "scissors"),
        in_colours("SCI-KIT", "black red ink", 2200, 140, (210, 90, 15)),
        43,
    ),
    product(
        "fine-sieve",
        "Fine sieve",
        "18 cm of tight mesh.",
        "For flour, stock and raspberry seeds. The rim is folded over the mesh, where nothing can fray. A "
        "hook opposite the handle rests on the bowl.",
        Art("sieve"),
        in_colours("SIE-FIN", "steel copper", 1800, 190, (360, 185, 75)),
        36,
    ),
    product(
        "pepper-mill",
        "Pepper mill",
        "Turned wood, ceramic grinder.",
        "The grinder is ceramic and adjusts with the knob from dust to crumbs. Filled by the top; takes "
        "about 40 g of peppercorns. It grinds salt just as well.",
        Art("mill", "", "", "", "garlic"),
        in_colours("MIL-PEP", "walnut cherry black", 3400, 290, (65, 65, 210)),
        52,
    ),
    product(
        "salt-mill-modern",
        "Straight mill",
        "A cylinder with a wooden head.",
        "Turn the head, and the body stays still. Pull the head off to refill it. Ceramic grinder, so salt "
        "cannot rust it.",
        Art("mill", "modern", "", "oak", "sprig"),
        in_colours("MIL-STR", "white sage charcoal", 2900, 260, (60, 60, 170)),
        38,
    ),
    product(
        "mortar-pestle",
        "Mortar and pestle",
        "Rough inside, heavy outside.",
        "The bowl is left rough, which is what crushes garlic and pepper. It holds half a litre of pesto. "
        "Rinse it without soap and let it dry.",
        Art("mortar", "", "", "", "garlic"),
        in_colours("MOR-PES", "granite marble olive", 4400, 3200, (160, 160, 130)),
        41,
    ),
    product(
        "tool-crock",
        "Tool crock",
        "Stoneware, 15 cm tall.",
        "Keeps spoons and whisks beside the stove. The wide foot does not tip when one side is heavier. "
        "Tools in the picture are sold separately.",
        Art("holder", "", "speckle", "walnut"),
        in_colours("CRO-TOO", "cream ink sage", 2700, 980, (130, 130, 150)),
        40,
    ),
    product(
        "dish-brush",
        "Dish brush",
        "A head that can be replaced.",
        "Beech handle, bristles of plant fibre. The head unscrews when it is worn, and the handle stays "
        "for years. Hang it up to dry.",
        Art("brush", "dish"),
        in_colours("BRU-DIS", "beech walnut", 890, 70, (240, 55, 50)),
        51,
    ),
)
