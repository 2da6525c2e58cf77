"""Which family is drawn by whom, and the assembly of a whole picture."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from storekeep.world.demo.art import cloth, cook, dish, glass, keep, pour, scene, tools, upright
from storekeep.world.demo.art.canvas import Canvas, num
from storekeep.world.demo.art.colour import Tones, tones
from storekeep.world.demo.art.props import PROPS
from storekeep.world.demo.art.scene import Stage
from storekeep.world.demo.model import ArtSpec, DemoProduct, DemoVariant

Painter = Callable[[Canvas, ArtSpec, Tones, Tones], None]

FAMILIES: dict[str, tuple[Painter, Stage]] = {
    "mug": (dish.mug, Stage(half=120, size=1.3, up=20, shift=-30)),
    "beaker": (dish.beaker, Stage(half=80, size=1.5, up=20)),
    "bowl": (dish.bowl, Stage(half=130, size=1.16, up=60)),
    "plate": (dish.plate, Stage(half=170, size=1.02, room_for_prop=False)),
    "stack": (dish.stack, Stage(half=160, size=1.14, up=50)),
    "cakestand": (dish.cakestand, Stage(half=120, size=1.08)),
    "eggcup": (dish.eggcup, Stage(half=84, size=1.3)),
    "glass": (glass.glass, Stage(half=100, size=1.14)),
    "stemmed": (glass.stemmed, Stage(half=92, size=1.08)),
    "jar": (glass.jar, Stage(half=128, size=1.12)),
    "oilbottle": (glass.oilbottle, Stage(half=90, size=1.08)),
    "jug": (pour.jug, Stage(half=110, size=1.14)),
    "teapot": (pour.teapot, Stage(half=120, size=1.16)),
    "kettle": (pour.kettle, Stage(half=160, size=1.08)),
    "moka": (pour.moka, Stage(half=112, size=1.2)),
    "press": (pour.press, Stage(half=104, size=1.04)),
    "dripper": (pour.dripper, Stage(half=108, size=1.02)),
    "grinder": (pour.grinder, Stage(half=110, size=1.12)),
    "caddy": (pour.caddy, Stage(half=140, size=1.08)),
    "crock": (pour.crock, Stage(half=140, size=1.14)),
    "honeyjar": (pour.honeyjar, Stage(half=135, size=1.36, up=20)),
    "pan": (cook.pan, Stage(half=185, size=0.9, up=96, shift=-84)),
    "pot": (cook.pot, Stage(half=180, size=1.04)),
    "dish": (cook.dish, Stage(half=220, size=1.1, up=96)),
    "steamer": (cook.steamer, Stage(half=190, size=1.2, up=40)),
    "tray": (cook.tray, Stage(half=250, size=1.12, up=96, room_for_prop=False)),
    "board": (upright.board, Stage(half=200, size=1, room_for_prop=True)),
    "mill": (upright.mill, Stage(half=84, size=1.16)),
    "grater": (upright.grater, Stage(half=150, size=1.04)),
    "mortar": (upright.mortar, Stage(half=126, size=1.14)),
    "scale": (upright.scale, Stage(half=160, size=1.2, up=40)),
    "knifeblock": (upright.knifeblock, Stage(half=180, size=1)),
    "holder": (upright.holder, Stage(half=116, size=1.04)),
    "measuring": (upright.measuring, Stage(half=108, size=1.18)),
    "rack": (upright.rack, Stage(half=250, size=1.04, room_for_prop=False)),
    "towel": (cloth.towel, Stage("wall", size=0.96)),
    "folded": (cloth.folded, Stage(half=220, size=1.16, up=80)),
    "napkin": (cloth.napkin, Stage("flat", size=1)),
    "apron": (cloth.apron, Stage("wall", size=0.98)),
    "mitt": (cloth.mitt, Stage("flat", turn=-14, size=0.9)),
    "bag": (cloth.bag, Stage(half=190, size=1)),
    "basket": (keep.basket, Stage(half=165, size=1.16, up=40)),
    "breadbin": (keep.breadbin, Stage(half=240, size=1.1, up=40)),
    "box": (keep.box, Stage(half=240, size=1.08, up=50)),
    "spicerack": (keep.bottle_rack, Stage(half=250, size=1.06, room_for_prop=False)),
    "candle": (keep.candle, Stage(half=96, size=1.1)),
    "vase": (keep.vase, Stage(half=96, size=1.14)),
    **{name: (painter, Stage("flat", turn=38, size=0.98)) for name, painter in tools.FLAT.items()},
}
SMALLER = {"spoonset": 0.86}
LEVEL = {"sheet": -8.0, "cutters": 8.0, "spoonset": 12.0, "spreader": 24.0}


def picture(product: DemoProduct, variant: DemoVariant) -> str:
    """The SVG of one variant; the same input gives the same text, to the byte."""
    art = product.art
    painter, stage = FAMILIES[art.family]
    c = Canvas("a" + variant.sku.lower().replace("-", ""))
    tints = scene.tint(product.slug, variant.colour)
    main, accent = tones(variant.colour), tones(art.accent or "biscuit")
    if stage.scene == "table":
        _standing(c, art, stage, painter, (main, accent), variant.scale / 100, tints)
    else:
        _lying(c, art, stage, painter, (main, accent), variant.scale / 100, tints)
    name = product.title + (f", {variant.option}" if variant.option else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800" role="img">'
        f"<title>{escape(name)}</title>{''.join(c.parts)}</svg>\n"
    )


def _standing(
    c: Canvas,
    art: ArtSpec,
    stage: Stage,
    painter: Painter,
    colours: tuple[Tones, Tones],
    grow: float,
    tints: tuple[str, str, str],
) -> None:
    scene.table(c, tints, stage.up)
    size = stage.size * grow
    drawn = f"{c.key}-o"
    spots = scene.places(art.count, stage.half * size)
    for i, (middle, floor, s) in enumerate(spots):
        x, y = middle + stage.shift, floor - stage.up
        scene.ground_shadow(c, x, y, stage.half * size * s)
        place = f'transform="translate({num(x)} {num(y)})scale({size * s:.3f})"'
        if i == 0:
            c.open(place)
            c.open(f'id="{drawn}"')
            painter(c, art, *colours)
            c.close()
            c.close()
        else:
            c.add(f'<use href="#{drawn}" {place}/>')
    if art.prop in PROPS and stage.room_for_prop:
        scene.put_prop(c, art.prop, stage.half, size, -1 if art.family in ("jug", "mug") else 1, stage.up)


def _lying(
    c: Canvas,
    art: ArtSpec,
    stage: Stage,
    painter: Painter,
    colours: tuple[Tones, Tones],
    grow: float,
    tints: tuple[str, str, str],
) -> None:
    (scene.flat if stage.scene == "flat" else scene.wall)(c, tints)
    shade = f"{c.key}-s"
    c.add(scene.drop_shadow(shade))
    turn = LEVEL.get(art.family, stage.turn)
    size = stage.size * grow * SMALLER.get(art.family, 1.0)
    lift = 400 if stage.scene == "flat" else 430
    c.open(f'filter="url(#{shade})"')
    c.open(f'transform="translate(400 {lift})rotate({num(turn)})scale({size:.3f})"')
    painter(c, art, *colours)
    c.close()
    c.close()
    if art.prop in PROPS and stage.scene == "flat":
        c.open('transform="translate(640 690)scale(.9)"')
        PROPS[art.prop](c)
        c.close()
