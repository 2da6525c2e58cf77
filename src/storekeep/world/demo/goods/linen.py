"""Linen for table and kitchen."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "linen",
    product(
        "linen-tea-towel",
        "Linen tea towel",
        "50 by 70 cm, four stripes.",
        "Pure linen dries glass without fluff and dries itself overnight. It becomes softer with every "
        "wash at 60 degrees. With a loop at the short side.",
        Art("towel", "", "stripes", "ink"),
        in_colours("TOW-LIN", "flax white sage", 1600, 130, (240, 180, 15)),
        73,
    ),
    product(
        "checked-tea-towel",
        "Checked tea towel",
        "Half linen, woven check.",
        "Linen for the shine and cotton for the thirst, half and half. The check is woven, not printed, "
        "and looks the same on both sides. 50 by 70 cm.",
        Art("towel", "", "check", "red"),
        in_colours("TOW-CHE", "cream butter", 1300, 125, (240, 180, 15)),
        56,
    ),
    product(
        "waffle-towel",
        "Waffle towel",
        "Cotton, thirsty, for hands.",
        "The waffle weave takes up water and lets air through. 45 by 65 cm, with a loop. It shrinks by "
        "three percent in the first wash; we have cut it larger.",
        Art("towel", "", "waffle", "slate"),
        in_colours("TOW-WAF", "oat clay teal", 1100, 140, (230, 170, 18)),
        49,
    ),
    product(
        "bordered-towel",
        "Towel with border",
        "Plain, with two woven lines.",
        "A quiet towel for the hook by the door. Two lines run along the hem. Cotton from a mill that also "
        "weaves for hotels, 50 by 70 cm.",
        Art("towel", "", "border", "rust"),
        in_colours("TOW-BOR", "white sky", 1200, 130, (240, 180, 15)),
        38,
    ),
    product(
        "linen-napkins",
        "Pair of linen napkins",
        "42 by 42 cm, washed soft.",
        "Washed with stones before sewing, so they need no iron. Mitred corners, a hem of 1 cm. Stains "
        "come out with cold water and soap.",
        Art("napkin"),
        in_colours("NAP-LIN", "sage blush ink flax", 2200, 110, (220, 220, 12)),
        58,
    ),
    product(
        "checked-napkins",
        "Pair of picnic napkins",
        "Cotton check, large enough for a lap.",
        "50 by 50 cm of firm cotton, woven in a broad check. Tie a sandwich into one, wipe up with the "
        "other. Wash at 60 degrees.",
        Art("napkin", "", "check", "red"),
        in_colours("NAP-CHE", "white cream", 1500, 130, (220, 220, 14)),
        36,
    ),
    product(
        "tablecloth",
        "Linen tablecloth",
        "For six, with a folded border.",
        "A heavy linen of 240 g that falls in quiet folds. 140 by 220 cm, hemmed by machine, finished by "
        "hand at the corners. Hang it out wet and you save the iron.",
        Art("folded", "", "border", "clay"),
        in_sizes(
            "CLO-TAB",
            "flax",
            ("140 × 220 cm", "220", 7900, 780, (320, 260, 40), 94),
            ("140 × 280 cm", "280", 9600, 990, (320, 260, 50), 102),
        ),
        40,
    ),
    product(
        "striped-runner",
        "Striped table runner",
        "40 by 150 cm.",
        "Leaves the wood of the table in view on both sides. Cotton and linen, woven with four stripes. "
        "Machine wash, hang up damp.",
        Art("folded", "", "stripes", "ink"),
        in_colours("CLO-RUN", "cream mustard sage", 3200, 260, (260, 210, 25)),
        34,
    ),
    product(
        "cloth-bundle",
        "Bundle of kitchen cloths",
        "Three cloths in two colours.",
        "Knitted cotton cloths for dishes, crumbs and counters. They replace a roll of paper within a "
        "week. Boil them when they begin to smell.",
        Art("folded", "pile", "", "cream"),
        in_colours("CLO-BUN", "teal clay slate", 1400, 180, (200, 150, 45)),
        53,
    ),
    product(
        "linen-apron",
        "Linen apron",
        "Long ties, one deep pocket.",
        "The ties go once around and close in front. The neck band is adjusted with a slide ring. Heavy "
        "washed linen, 70 by 85 cm; the pocket takes a towel and a notebook.",
        Art("apron", "", "", "walnut"),
        in_colours("APR-LIN", "sage ink clay oat", 4200, 320, (300, 240, 25)),
        51,
    ),
    product(
        "striped-apron",
        "Striped apron",
        "Cotton twill, butcher's stripes.",
        "Dense cotton that flour brushes off from. 75 by 90 cm, with reinforced corners at the pocket. "
        "Wash at 60 degrees, bleach if you must.",
        Art("apron", "", "stripes", "cream"),
        in_colours("APR-STR", "ink forest", 3400, 300, (300, 240, 25)),
        35,
    ),
    product(
        "oven-mitt",
        "Oven mitt",
        "Quilted, 32 cm long.",
        "Cotton outside, felted wool inside, and a cuff that covers the wrist. It holds a hot tin for "
        "about twenty seconds. One mitt; it fits either hand.",
        Art("mitt", "", "", "walnut"),
        in_colours("MIT-OVE", "rust teal oat", 1900, 150, (320, 180, 30)),
        47,
    ),
    product(
        "pot-holders",
        "Pair of pot holders",
        "Quilted squares with a loop.",
        "Two squares of 20 cm, quilted crosswise. Thick enough for cast iron, soft enough to fold round a "
        "small handle. One is always darker than the other.",
        Art("mitt", "holder", "", "clay"),
        in_colours("MIT-POT", "cream sage mustard", 1600, 120, (200, 200, 30)),
        45,
    ),
    product(
        "market-bag",
        "Market bag",
        "Carries 15 kg, folds to a fist.",
        "Firm cotton canvas with handles long enough for a shoulder. The seams are sewn twice. Filled with "
        "bread and leeks it looks as it should.",
        Art("bag", "", "stripes", "cobalt"),
        in_colours("BAG-MAR", "natural cream sage", 1800, 210, (260, 200, 20)),
        50,
    ),
)
