"""What coffee and tea are made with."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "coffee-and-tea",
    product(
        "round-teapot",
        "Round teapot",
        "One litre, with a strainer in the spout.",
        "A full-bellied pot of stoneware that pours without a drop running back. Holes at the foot of the "
        "spout hold the leaves. The lid stays on to a tilt of 80 degrees.",
        Art("teapot", "", "", "", "lemon"),
        in_colours("TEA-ROU", "sage cream ink", 4600, 980, (240, 150, 150)),
        64,
    ),
    product(
        "dipped-teapot",
        "Dipped teapot",
        "Two tones, 800 ml.",
        "The lid and the foot stay in the colour of the clay. 800 ml gives four cups. Comes with a "
        "removable steel strainer.",
        Art("teapot", "", "dip", "biscuit", "sugar"),
        in_colours("TEA-DIP", "teal rust oat", 4900, 900, (230, 145, 145)),
        46,
    ),
    product(
        "iron-teapot",
        "Cast iron teapot",
        "Heavy, ribbed, warm for an hour.",
        "Cast in sand and enamelled inside, so that it does not rust. It holds 700 ml and keeps tea warm "
        "for about an hour. Not for the stove: the enamel would crack.",
        Art("teapot", "iron", "rings", "black"),
        in_colours("TEA-IRO", "iron forest", 5900, 1850, (190, 150, 110)),
        33,
    ),
    product(
        "stove-kettle",
        "Stove kettle",
        "1.8 litres, for every hob.",
        "A kettle of enamelled steel with a walnut grip that stays cool. It boils 1.8 litres and works on "
        "gas, glass and induction. Descale it with vinegar now and then.",
        Art("kettle"),
        in_colours("KET-STO", "cream red slate mint", 5400, 1300, (230, 200, 220)),
        55,
    ),
    product(
        "gooseneck-kettle",
        "Gooseneck kettle",
        "A thin stream, exactly where you want it.",
        "The narrow spout gives a slow, steady stream for filter coffee. 900 ml of brushed steel with a "
        "wooden grip. For gas and induction.",
        Art("kettle", "gooseneck", "", "", "beans"),
        in_colours("KET-GOO", "steel black copper", 6200, 780, (280, 150, 200)),
        44,
    ),
    product(
        "moka-pot",
        "Moka pot",
        "Coffee from the stove in five minutes.",
        "Fill the base with water to the valve, the basket with coffee, and wait for the gurgle. Cast "
        "aluminium with eight faces. Rinse with water only; the brown film inside is wanted.",
        Art("moka", "", "", "black", "beans"),
        in_sizes(
            "MOK-POT",
            "aluminium",
            ("3 cups", "3", 2900, 480, (160, 95, 165), 82),
            ("6 cups", "6", 3700, 720, (190, 110, 215), 98),
        ),
        67,
    ),
    product(
        "coffee-press",
        "Coffee press",
        "Eight cups, double mesh.",
        "A press of one litre with a double steel mesh that holds back the silt. Glass and frame come "
        "apart for washing. A spare glass is always in stock with us.",
        Art("press", "", "", "", "beans"),
        in_colours("PRE-COF", "black copper sage", 3900, 900, (170, 110, 240)),
        57,
    ),
    product(
        "pour-over-set",
        "Pour-over set",
        "Cone and glass server.",
        "A ribbed ceramic cone on a server of 600 ml. The ribs keep the paper off the wall, and the water "
        "runs through in about three minutes. Takes size 4 papers.",
        Art("dripper", "", "", "", "beans"),
        in_colours("DRI-SET", "white clay charcoal", 4200, 850, (170, 140, 260)),
        51,
    ),
    product(
        "hand-grinder",
        "Hand coffee grinder",
        "Slim, with a steel burr.",
        "A conical steel burr with 36 settings, from moka pot to press. 30 g in one go, about a minute of "
        "turning. The tube fits into a travel mug.",
        Art("grinder", "tube", "", "", "beans"),
        in_colours("GRI-HAN", "charcoal steel", 6900, 520, (190, 60, 230)),
        36,
    ),
    product(
        "box-mill",
        "Box coffee mill",
        "Beech box with a drawer.",
        "The mill from everyone's grandmother: hold it between the knees and turn. Ceramic grinding works, "
        "a drawer for 40 g, a body of solid wood.",
        Art("grinder", "box", "", "", "beans"),
        in_colours("GRI-BOX", "beech walnut", 5900, 980, (140, 140, 230)),
        28,
    ),
    product(
        "milk-jug",
        "Milk jug",
        "250 ml, a lip that does not drip.",
        "For milk on the table or foam over a cup. The lip is drawn to a point while the clay is soft. "
        "Holds a quarter litre.",
        Art("jug", "milk", "dip", "biscuit", "sugar"),
        in_colours("JUG-MIL", "cream sky ink", 1900, 280, (120, 85, 95)),
        53,
    ),
    product(
        "table-jug",
        "Table jug",
        "1.2 litres of water, wine or tulips.",
        "A jug with a belly and a generous handle, glazed inside so that it can hold anything. 1.2 litres. "
        "Also the shop's most-used vase.",
        Art("jug", "", "band", "cobalt"),
        in_colours("JUG-TAB", "white mustard sage", 3600, 980, (180, 140, 200)),
        45,
    ),
    product(
        "tea-caddy",
        "Tea caddy",
        "Airtight tin with an inner lid.",
        "Tinplate with a double lid that closes on a cushion of air. It holds about 150 g of leaves and "
        "keeps light out. Wipe it dry; do not soak.",
        Art("caddy", "", "band", "butter"),
        in_colours("CAD-TEA", "forest plum rust", 1600, 190, (90, 90, 120)),
        49,
    ),
    product(
        "coffee-canister",
        "Coffee canister",
        "For 500 g of beans.",
        "A steel canister with a wooden knob and a silicone seal. A small valve lets out what fresh beans "
        "give off. It holds a 500 g bag.",
        Art("caddy", "knob", "foot", "walnut", "beans"),
        in_colours("CAD-COF", "charcoal cream clay", 2800, 460, (120, 120, 190)),
        46,
    ),
    product(
        "tea-tray-set",
        "Tea tray with two cups",
        "Ash tray, two white cups.",
        "A tray of 40 by 25 cm with two handles cut into the rim, and two porcelain cups. Made for "
        "breakfast in bed and the second pot in the garden.",
        Art("tray", "", "", "", "tea"),
        in_colours("TRA-TEA", "ash walnut", 5200, 1450, (400, 250, 60)),
        31,
    ),
)
