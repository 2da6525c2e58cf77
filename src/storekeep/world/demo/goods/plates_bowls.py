"""Plates, bowls and what stands between them."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "plates-and-bowls",
    product(
        "dinner-plate",
        "Dinner plate",
        "27 cm, with a narrow rim.",
        "A flat plate of 27 cm with just enough rim to hold a sauce. The stoneware is fired at 1,240 "
        "degrees and does not mind a knife. It fits upright in a standard dishwasher.",
        Art("plate", "", "speckle", "walnut"),
        in_colours("PLA-DIN", "oat sage ink", 2200, 780, (270, 270, 28)),
        85,
    ),
    product(
        "side-plate",
        "Side plate",
        "21 cm, for bread, cake and starters.",
        "The small sister of the dinner plate, 21 cm across. Six of them take 11 cm of shelf. Glazed all "
        "over but for a thin foot ring.",
        Art("plate", "", "rim", "cobalt"),
        in_colours("PLA-SID", "white butter sky", 1500, 460, (210, 210, 22)),
        70,
    ),
    product(
        "coupe-plate",
        "Coupe plate",
        "No rim, a gentle rise at the edge.",
        "The edge curves up in one line, which gives rice and salad something to lean on. 25 cm across, in "
        "a satin glaze that shows few knife marks. Suits the oven up to 200 degrees.",
        Art("plate", "coupe", "drip", "teal"),
        in_colours("PLA-COU", "cream charcoal terracotta", 2400, 690, (250, 250, 32)),
        58,
    ),
    product(
        "wreath-plate",
        "Wreath plate",
        "Leaves painted round the rim.",
        "Sixteen leaves are painted in two greens around a 24 cm plate. The painting lies under a clear "
        "glaze and is safe in the dishwasher. Pretty on a wall, better under a slice of tart.",
        Art("plate", "", "leaf", "moss"),
        in_colours("PLA-WRE", "cream white", 2700, 620, (240, 240, 26), 3200),
        45,
    ),
    product(
        "oval-platter",
        "Oval platter",
        "36 cm, for a fish or a roast.",
        "A platter of 36 by 26 cm with a rim that is easy to grip. It can keep warm in the oven at 120 "
        "degrees. Heavier than it looks, so carry it with both hands.",
        Art("plate", "oval", "stripes", "slate"),
        in_colours("PLA-OVA", "white oat", 4200, 1350, (360, 260, 35)),
        38,
    ),
    product(
        "plate-stack",
        "Set of five plates",
        "Five dinner plates in one glaze.",
        "Five plates from one firing, packed upright in pulp trays. Buy two sets for a table of ten: the "
        "glaze is mixed by weight and hardly changes from batch to batch.",
        Art("stack", "plates", "rim", "rust"),
        in_colours("PLA-SET", "white sage", 8900, 3900, (290, 290, 160), 9900),
        40,
    ),
    product(
        "cereal-bowl",
        "Cereal bowl",
        "Deep and steep, 600 ml.",
        "Steep walls keep the milk where the spoon is. The bowl holds 600 ml and is comfortable to carry "
        "to the sofa. Stoneware, glazed inside and out.",
        Art("bowl", "deep", "dip", "biscuit", "berry"),
        in_colours("BOW-CER", "sky oat blush moss", 1700, 470, (155, 155, 75)),
        82,
    ),
    product(
        "pasta-bowl",
        "Pasta bowl",
        "Wide and low, between bowl and plate.",
        "23 cm wide and 5 cm deep, made for things that should be turned with a fork. The broad base "
        "stands firmly. It stays warm if you rinse it with hot water first.",
        Art("bowl", "shallow", "rim", "clay", "tomato"),
        in_colours("BOW-PAS", "cream charcoal sage", 2100, 640, (230, 230, 52)),
        75,
    ),
    product(
        "dip-bowl",
        "Dip bowl",
        "A small bowl for salt, olives, sauces.",
        "80 ml, about the size of half an orange. Put one beside every plate or three in a row on a board. "
        "The glaze pools in the bottom and is darkest there.",
        Art("bowl", "tiny", "drip", "teal", "garlic"),
        in_colours("BOW-DIP", "oat mustard teal terracotta", 750, 120, (85, 85, 40)),
        68,
    ),
    product(
        "soup-bowl",
        "Soup bowl with foot",
        "Lifted on a foot, easy to hold.",
        "The foot lets you lift a full bowl without burning a finger. 700 ml, with a lip thin enough to "
        "drink from. Glazed in one dip, so the foot keeps a fingerprint of the potter.",
        Art("bowl", "footed", "", "", "onion"),
        in_colours("BOW-SOU", "rust ink cream", 2300, 560, (160, 160, 95)),
        54,
    ),
    product(
        "salad-bowl",
        "Large salad bowl",
        "For six people and a real toss.",
        "30 cm across and deep enough that leaves stay inside. Speckled stoneware, heavy enough not to "
        "slide. Oil does not stain it.",
        Art("bowl", "deep", "speckle", "walnut", "lemon"),
        in_sizes(
            "BOW-SAL",
            "cream",
            ("Medium", "M", 3900, 1300, (250, 250, 110), 88),
            ("Large", "L", 5200, 1900, (300, 300, 130), 106),
        ),
        50,
    ),
    product(
        "ribbed-bowl",
        "Ribbed bowl",
        "Fine vertical ribs, 500 ml.",
        "The ribs are cut by hand when the clay is leather-hard. They give wet fingers a grip and the "
        "glaze a pattern. 500 ml; stacks in threes.",
        Art("bowl", "deep", "ribs"),
        in_colours("BOW-RIB", "mint clay slate", 1850, 450, (150, 150, 72)),
        43,
    ),
    product(
        "nesting-bowls",
        "Three nesting bowls",
        "Large, middle and small in one stack.",
        "1.2 litres, 700 ml and 350 ml, each fits into the next. Use them for batter on Saturday and for "
        "salad on Sunday. Rims are reinforced against chips.",
        Art("stack", "bowls", "rim", "cobalt"),
        in_colours("BOW-NES", "white butter", 4900, 1680, (220, 220, 120)),
        47,
    ),
    product(
        "ramekin-pair",
        "Pair of ramekins",
        "Fluted, oven-proof, 180 ml.",
        "For soufflés, crème caramel and baked eggs. They go from a cold shelf into an oven of 230 degrees "
        "without harm. The flutes are pressed, not painted.",
        Art("bowl", "ramekin", "", "", "egg", 2),
        in_colours("BOW-RAM", "white red forest", 1600, 480, (190, 100, 55)),
        52,
    ),
    product(
        "egg-cup",
        "Egg cup",
        "Stands firm, holds any egg.",
        "A low, heavy foot and a cup that takes eggs from small to very large. Glazed stoneware, no seam "
        "to collect yolk. The spoon is up to you.",
        Art("eggcup", "", "speckle", "walnut"),
        in_colours("EGG-CUP", "butter sky cream", 850, 95, (55, 55, 65)),
        48,
    ),
    product(
        "cake-stand",
        "Cake stand",
        "A plate on a foot, 28 cm.",
        "Takes a cake of 26 cm and leaves room for the knife. Foot and plate are joined before firing and "
        "cannot come loose. Lift it by the foot.",
        Art("cakestand", "", "", "blush", "cake"),
        in_colours("CAK-STA", "white mint", 5400, 1900, (290, 290, 140)),
        39,
    ),
)
