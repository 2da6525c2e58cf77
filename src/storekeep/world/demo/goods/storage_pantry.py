"""Jars, baskets and what is kept in them."""

from __future__ import annotations

from storekeep.world.demo.build import in_colours, in_sizes, product, shelf
from storekeep.world.demo.model import ArtSpec as Art

GOODS = shelf(
    "storage-and-pantry",
    product(
        "oak-lid-jar",
        "Glass jar with oak lid",
        "Shows what is left.",
        "Straight borosilicate glass with an oak lid and a silicone ring. Stack two if the shelf is deep. "
        "The glass goes into the dishwasher, the lid does not.",
        Art("jar", "", "wood", "honey"),
        in_sizes(
            "JAR-OAK",
            "clear",
            ("0.7 litres", "07", 1400, 420, (100, 100, 130), 78),
            ("1.2 litres", "12", 1800, 600, (110, 110, 190), 98),
        ),
        65,
    ),
    product(
        "clip-jar",
        "Clip-top jar",
        "With a rubber ring, for preserving.",
        "The wire clip presses the lid on a rubber ring, tight enough for preserving. The mouth takes a "
        "ladle. Spare rings come ten to the bag.",
        Art("jar", "low", "clip", "cherry-jam", "berry"),
        in_colours("JAR-CLI", "clear green", 1200, 620, (115, 115, 130)),
        57,
    ),
    product(
        "cork-jar",
        "Jar with cork",
        "For tea, nuts and pasta.",
        "A broad natural cork closes softly and lets nothing in. One litre. If the cork becomes loose, "
        "leave it in steam for a minute.",
        Art("jar", "", "cork", "oil"),
        in_colours("JAR-COR", "clear amber", 1600, 510, (110, 110, 180)),
        39,
    ),
    product(
        "stoneware-crock",
        "Lidded crock",
        "For sugar, salt or garlic.",
        "A stout crock with its own lid, 900 ml. Unglazed at the edge, where lid meets pot, so that it "
        "breathes a little.",
        Art("crock", "", "dip", "biscuit", "garlic"),
        in_colours("CRO-LID", "oat sage ink", 3200, 1050, (140, 140, 150)),
        44,
    ),
    product(
        "flour-crock",
        "Crock with wooden lid",
        "Two litres of flour or rice.",
        "Stoneware with a lid of oiled oak. Wide enough for a cup to go in and come out full. Cool, dark "
        "and out of the way of moths.",
        Art("crock", "wood", "stripes", "cobalt", "egg"),
        in_colours("CRO-WOO", "cream slate", 3900, 1500, (170, 170, 190)),
        33,
    ),
    product(
        "butter-dish",
        "Butter dish",
        "Takes 250 g, keeps it soft.",
        "The lid sits inside the rim, so that a tilted dish does not lose it. Porcelain on a broad plate. "
        "Room temperature is right for a week.",
        Art("crock", "butter", "", "", "bread"),
        in_colours("CRO-BUT", "white sky butter", 2600, 700, (190, 130, 85)),
        46,
    ),
    product(
        "bread-bin",
        "Bread bin",
        "Steel box, wooden lid.",
        "Air holes at the sides keep the crust crisp and the crumb moist. Turn the lid over and it is a "
        "cutting board. 38 by 24 cm.",
        Art("breadbin", "", "", "", "bread"),
        in_colours("BIN-BRE", "cream sage charcoal", 5400, 2100, (380, 240, 200)),
        41,
    ),
    product(
        "biscuit-tin",
        "Biscuit tin",
        "Low and round, 24 cm.",
        "Holds two trays of biscuits between layers of paper. The lid closes with a soft click. Tinplate, "
        "printed in one colour.",
        Art("caddy", "low", "band", "cream"),
        in_colours("TIN-BIS", "red teal mustard", 1700, 380, (245, 245, 110)),
        40,
    ),
    product(
        "seagrass-basket",
        "Seagrass basket",
        "With two ears, 30 cm.",
        "Woven by hand on a frame, strong enough for potatoes or firewood. It smells of hay for the first "
        "week. Brush it; do not wash it.",
        Art("basket", "ears"),
        in_sizes(
            "BAS-SEA",
            "seagrass",
            ("Small", "S", 2400, 450, (240, 240, 190), 80),
            ("Large", "L", 3400, 780, (320, 320, 250), 98),
        ),
        48,
    ),
    product(
        "bread-basket",
        "Bread basket",
        "Low and wide, for the table.",
        "Woven willow, 32 cm across, light and washable. Lay a napkin in it and the rolls stay warm. The "
        "rim is wound twice.",
        Art("basket", "bread", "", "", "loaves"),
        in_colours("BAS-BRE", "wicker natural", 2200, 320, (330, 330, 100)),
        43,
    ),
    product(
        "gathering-basket",
        "Gathering basket",
        "One high handle, for garden and market.",
        "The handle runs beneath the basket in one piece, so it cannot pull out. Peeled willow, 36 cm "
        "long. Good for apples, good for knitting.",
        Art("basket", "handle", "", "", "pear"),
        in_colours("BAS-GAT", "wicker seagrass", 3900, 720, (380, 300, 330)),
        30,
    ),
    product(
        "slatted-crate",
        "Slatted crate",
        "Pine, stacks on its own corners.",
        "For onions, bottles or magazines. The corner posts stand up a little and hold the next crate. "
        "Untreated wood, 36 by 26 cm.",
        Art("box", "", "", "", "onion"),
        in_colours("BOX-SLA", "ash walnut", 2900, 1450, (360, 260, 190)),
        32,
    ),
    product(
        "spice-shelf",
        "Spice shelf with ten jars",
        "Two rows for the wall.",
        "Ten jars of 100 ml with tight black lids on a small wooden shelf. A sheet of blank labels is "
        "included. Screws for a stone wall too.",
        Art("spicerack"),
        in_colours("SHE-SPI", "oak walnut", 4900, 1900, (420, 80, 260)),
        29,
    ),
    product(
        "dish-rack",
        "Dish rack",
        "Stands beside the sink, folds flat.",
        "Holds eight plates and the bowls in front of them. The bars are round and leave no marks. Oil the "
        "wooden one twice a year.",
        Art("rack"),
        in_colours("RAC-DIS", "bamboo steel", 3400, 1200, (420, 300, 130)),
        35,
    ),
    product(
        "serving-tray",
        "Round serving tray",
        "38 cm, with a raised edge.",
        "A tray for six cups or a bottle and four glasses. The surface is lacquered and does not let "
        "glasses slide. Wipe with a damp cloth.",
        Art("tray", "round", "", "", "tea"),
        in_colours("TRA-ROU", "sage rust ink", 3600, 920, (380, 380, 40)),
        38,
    ),
    product(
        "espresso-beans",
        "House espresso, whole beans",
        "250 g, dark and nutty.",
        "Roasted slowly to a dark brown without shine. Tastes of hazelnut and cocoa, with little acid. "
        "Best between one and eight weeks after the date on the bag.",
        Art("bag", "paper", "", "coffee", "beans"),
        in_colours("PAN-ESP", "charcoal", 950, 270, (100, 70, 210)),
        92,
        "reduced",
    ),
    product(
        "filter-beans",
        "Morning filter coffee",
        "250 g, light roast.",
        "A light roast for filter and press, with a note of apricot. Ground just before brewing, at about "
        "60 g to the litre. In a bag that can be closed again.",
        Art("bag", "paper", "", "coral", "beans"),
        in_colours("PAN-FIL", "sky", 990, 270, (100, 70, 210)),
        84,
        "reduced",
    ),
    product(
        "herb-tea",
        "Garden herb tea",
        "Mint, balm and verbena, 60 g.",
        "Whole leaves, dried in the shade and cut by hand. Two pinches to a cup, seven minutes. Free of "
        "caffeine and of added scent.",
        Art("bag", "paper", "", "leaf", "sprig"),
        in_colours("PAN-TEA", "sage", 780, 80, (90, 60, 200)),
        59,
        "reduced",
    ),
    product(
        "blossom-honey",
        "Blossom honey",
        "500 g from one meadow.",
        "Spring honey of dandelion, apple and lime blossom, stirred until creamy. It sets in the cold; a "
        "warm water bath makes it run again. Not for children under one year.",
        Art("honeyjar", "", "metal", "honey"),
        in_colours("PAN-HON", "amber", 1150, 720, (85, 85, 100)),
        55,
        "reduced",
    ),
    product(
        "cherry-jam",
        "Sour cherry jam",
        "70 % fruit, 340 g.",
        "Boiled in small pans with sugar, lemon and nothing else. The cherries stay whole. Keep it in the "
        "fridge once it is open.",
        Art("honeyjar", "", "wood", "cherry-jam", "berry"),
        in_colours("PAN-JAM", "clear", 690, 520, (80, 80, 95)),
        50,
        "reduced",
    ),
    product(
        "olive-oil",
        "Olive oil",
        "Cold-pressed, 500 ml.",
        "From olives picked early in November, green and a little peppery. Made for salad and bread more "
        "than for frying. Store it dark and use it within a year.",
        Art("oilbottle", "", "paper", "oil", "tomato"),
        in_colours("PAN-OIL", "green", 1650, 940, (75, 75, 270)),
        61,
        "reduced",
    ),
    product(
        "flaky-salt",
        "Flaky sea salt",
        "200 g in a jar.",
        "Flat crystals that crumble between two fingers. Put it on eggs, tomatoes and caramel at the very "
        "end. Refill the jar from any bag.",
        Art("honeyjar", "", "cork", "salt", "egg"),
        in_colours("PAN-SAL", "blue", 720, 380, (80, 80, 90)),
        47,
        "reduced",
    ),
)
