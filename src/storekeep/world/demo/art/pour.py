"""Jugs, teapots, kettles and everything that coffee is made with."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.art.dish import steam
from storekeep.world.demo.art.glass import jar as glass_jar
from storekeep.world.demo.art.turned import TILT, Profile, opening, ring, turned
from storekeep.world.demo.model import ArtSpec


def _arm(c: Canvas, points: list[tuple[float, float]], t: Tones, width: float) -> None:
    c.line(points, t.shade, width)
    c.line([(x - width * 0.15, y - width * 0.15) for x, y in points], t.base, width * 0.6)


def jug(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A jug with its lip to the left and its handle to the right."""
    profile: Profile = [(-360, 96), (-310, 84), (-240, 98), (-130, 136), (-60, 132), (-14, 104), (0, 94)]
    if art.form == "milk":
        profile = [(-250, 88), (-200, 84), (-110, 112), (-50, 112), (-12, 92), (0, 84)]
    top, r = profile[0]
    _arm(
        c,
        [(r * 0.8, top + 34), (r + 70, top + 30), (r + 96, top * 0.62), (r + 62, top * 0.36), (r + 22, top * 0.3)],
        t,
        28,
    )
    c.path(
        f"M{-r + 30} {top - 14}Q{-r - 20} {top - 20} {-r - 44} {top - 12}Q{-r - 24} {top + 22} {-r + 14} {top + 74}Z",
        t.base,
    )
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    opening(
        c,
        top,
        r,
        t,
        wall=8,
        fill=COLOURS["milk"] if art.form == "milk" else "",
        lip=a.base if art.decor == "drip" else "",
    )
    c.path(
        f"M{-r + 34} {top + 12}Q{-r - 16} {top + 2} {-r - 44} {top - 12}Q{-r - 8} {top - 22} {-r + 40} {top - 14}Z",
        t.light,
    )


def teapot(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A teapot with spout, lid and handle; `iron` is ribbed with a hoop above."""
    profile: Profile = [(-240, 84), (-216, 128), (-140, 168), (-70, 158), (-20, 112), (0, 92)]
    if art.form == "iron":
        c.path("M-120 -200C-120 -400 120 -400 120 -200", stroke=COLOURS["iron"], width=16)
        c.path("M-114 -214C-106 -380 60 -376 96 -290", stroke=t.light, width=4, opacity=0.6)
    else:
        _arm(c, [(118, -190), (214, -206), (236, -120), (180, -62), (130, -56)], t, 28)
    c.path("M-128 -150C-190 -140 -200 -190 -232 -232Q-246 -240 -262 -228C-236 -150 -226 -80 -120 -56Z", t.base)
    c.path("M-130 -96C-180 -100 -220 -150 -244 -222L-262 -228C-236 -150 -226 -80 -120 -56Z", t.shade)
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key, gloss=art.form != "iron")
    lid: Profile = [(-284, 22), (-274, 50), (-250, 84), (-238, 90), (-232, 88)]
    turned(c, lid, a if art.decor == "dip" else t)
    c.ellipse(0, -298, 22, 20, t.shade)
    c.ellipse(-4, -302, 17, 15, t.light)


def kettle(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A stove kettle with a bow handle, or a goose-neck one."""
    if art.form == "gooseneck":
        _gooseneck(c, t)
        return
    profile: Profile = [(-250, 60), (-236, 110), (-160, 170), (-70, 186), (-22, 176), (0, 160)]
    wood = tones("walnut")
    c.path("M-116 -220C-130 -400 130 -400 116 -220", stroke=COLOURS["pewter"], width=14)
    c.path("M-70 -346C-40 -362 40 -362 70 -346", stroke=wood.base, width=34)
    c.path("M-68 -352C-40 -366 40 -366 60 -354", stroke=wood.light, width=8, opacity=0.7)
    c.path("M-140 -180L-244 -262Q-260 -268 -270 -252L-182 -92Z", t.base)
    c.path("M-160 -130L-266 -244L-270 -252L-182 -92Z", t.shade)
    c.ellipse(-258, -258, 14, 10, t.deep)
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    lid: Profile = [(-286, 30), (-270, 56), (-250, 70), (-242, 70)]
    turned(c, lid, t)
    c.ellipse(0, -298, 22, 17, wood.base)
    c.ellipse(-5, -303, 11, 7, wood.light)


def _gooseneck(c: Canvas, t: Tones) -> None:
    wood = tones("walnut")
    c.path("M100 -250C210 -280 226 -200 214 -90", stroke=wood.shade, width=32)
    c.path("M100 -256C200 -284 216 -200 206 -96", stroke=wood.base, width=18)
    c.path("M-128 -60C-230 -60 -180 -210 -214 -276Q-226 -298 -262 -290", stroke=t.shade, width=24)
    c.path("M-128 -66C-220 -66 -186 -210 -220 -280Q-230 -298 -262 -294", stroke=t.light, width=9)
    profile: Profile = [(-270, 96), (-200, 110), (-90, 130), (-16, 138), (0, 130)]
    turned(c, profile, t)
    lid: Profile = [(-300, 40), (-292, 76), (-274, 98), (-266, 98)]
    turned(c, lid, t)
    c.ellipse(0, -314, 20, 18, wood.base)
    c.ellipse(-5, -319, 10, 8, wood.light)


def moka(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """An eight-sided moka pot."""
    _arm(c, [(92, -330), (190, -340), (196, -260), (176, -190)], a, 32)
    for top, foot, r0, r1 in ((-370, -190, 108, 74), (-170, 0, 80, 112)):
        for f1, f2, tone in ((-1, -0.62, t.light), (-0.62, -0.1, t.gleam), (-0.1, 0.5, t.base), (0.5, 1, t.shade)):
            c.path(
                f"M{r0 * f1:.1f} {top}L{r0 * f2:.1f} {top}L{r1 * f2:.1f} {foot}L{r1 * f1:.1f} {foot}Z",
                tone,
                stroke=tone,
                width=2,
            )
    c.path("M-100 -352L-150 -376L-96 -290Z", t.light)
    c.rect(-84, -196, 168, 32, t.shade, r=10)
    c.rect(-84, -196, 90, 14, t.light, r=7)
    c.path("M-112 -372L-40 -410H40L112 -372Z", t.base)
    c.path("M10 -410H40L112 -372H20Z", t.shade)
    c.rect(-17, -438, 34, 32, a.base, r=10)
    c.ellipse(36, -84, 11, 11, COLOURS["brass"])


def press(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A coffee press: glass cylinder in a frame, plunger up."""
    frame = t
    _arm(c, [(104, -300), (196, -296), (200, -150), (112, -110)], frame, 26)
    c.rect(-5, -440, 10, 120, COLOURS["steel"])
    c.ellipse(0, -448, 24, 20, frame.shade)
    c.ellipse(-4, -453, 17, 13, frame.light)
    glass_t = tones("clear")
    profile: Profile = [(-330, 104), (-170, 104), (-12, 104), (0, 98)]
    body = turned(c, profile, glass_t, opacity=0.65)
    ring(c, body, -220, 40, COLOURS["coffee"], 0.92)
    c.ellipse(0, -220, 104, 17, "#7a5441", clip=body.clip)
    ring(c, body, -30, 40, frame.base)
    ring(c, body, -180, -160, frame.base)
    c.path("M-82 -310V-40", stroke="#ffffff", width=12, opacity=0.45)
    lid: Profile = [(-352, 96), (-346, 110), (-322, 112), (-314, 108)]
    turned(c, lid, frame)
    c.ellipse(0, -352, 96, 15, frame.light)


def dripper(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A pour-over cone standing on a small carafe."""
    glass_t = tones("clear")
    low: Profile = [(-200, 74), (-160, 84), (-80, 120), (-20, 112), (0, 100)]
    body = turned(c, low, glass_t, opacity=0.7)
    ring(c, body, -100, 60, COLOURS["coffee"], 0.92)
    c.ellipse(0, -100, 110, 18, "#7a5441", clip=body.clip)
    c.path("M-76 -150Q-100 -90 -92 -40", stroke="#ffffff", width=9, opacity=0.5)
    _arm(c, [(100, -330), (178, -330), (172, -270), (96, -256)], t, 20)
    c.ellipse(0, -204, 122, 20, t.shade)
    c.ellipse(0, -211, 122, 20, t.base)
    cone: Profile = [(-370, 138), (-290, 96), (-216, 52), (-208, 48)]
    turned(c, cone, t, decor=art.decor, accent=a, seed=c.key)
    c.path("M-126 -372L-100 -412L104 -408L126 -372Z", COLOURS["cream"])
    opening(c, -370, 138, t, wall=8, fill=COLOURS["coffee"], level=0.3)
    steam(c, -400)


def grinder(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A hand coffee grinder: wooden or steel body, crank on top."""
    steel = tones("steel")
    if art.form == "box":
        c.path("M-120 -200H120V0H-120Z", t.base, stroke=t.base, width=10)
        c.path("M60 -200H120V0H60Z", t.shade)
        c.rect(-84, -104, 168, 84, t.shade, r=8)
        c.rect(-80, -102, 160, 76, t.light, r=8)
        c.ellipse(0, -62, 13, 13, COLOURS["brass"])
        c.rect(-140, -214, 280, 24, t.deep, r=10)
        profile: Profile = [(-310, 96), (-270, 92), (-216, 50)]
        turned(c, profile, tones("brass"))
        opening(c, -310, 96, tones("brass"), wall=6, fill=COLOURS["coffee"])
        top = -318.0
    else:
        profile = [(-320, 66), (-190, 66), (-180, 70), (-10, 70), (0, 66)]
        body = turned(c, profile, t, decor="", accent=a)
        ring(c, body, -200, -180, steel.light)
        turned(c, [(-340, 40), (-332, 64), (-318, 68), (-312, 66)], steel)
        top = -340.0
    c.path(f"M0 {top}V{top - 36}L150 {top - 58}", stroke=steel.shade, width=13)
    c.path(f"M-3 {top - 34}L146 {top - 60}", stroke=steel.light, width=4)
    c.ellipse(156, top - 76, 22, 28, COLOURS["walnut"])
    c.ellipse(150, top - 84, 9, 11, tones("walnut").light)


def caddy(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A tin with a lid, for tea, biscuits or flour."""
    wide = 130 if art.form != "low" else 190
    high = -300 if art.form != "low" else -170
    turned(c, [(high, wide), (-6, wide), (0, wide - 5)], t, decor=art.decor, accent=a, seed=c.key)
    lid = a if art.accent and art.decor in ("", "foot") else t
    turned(c, [(high - 40, wide - 4), (high - 34, wide + 4), (high + 22, wide + 5), (high + 26, wide + 3)], lid)
    c.ellipse(0, high - 40, wide - 4, (wide - 4) * TILT, lid.light)
    c.ellipse(5, high - 38, wide - 26, (wide - 26) * TILT, lid.base)
    if art.form == "knob":
        c.ellipse(0, high - 54, 26, 22, COLOURS["walnut"])
        c.ellipse(-6, high - 62, 12, 8, tones("walnut").light)


def crock(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A stoneware pot with a lid of its own or of wood."""
    profile: Profile = [(-260, 120), (-240, 132), (-140, 142), (-30, 134), (-8, 122), (0, 112)]
    if art.form == "butter":
        c.ellipse(0, -16, 230, 40, t.shade)
        c.ellipse(0, -24, 230, 40, t.base)
        c.ellipse(-4, -28, 212, 34, t.light)
        c.path("M-160 -38V-120Q-160 -156 -120 -156H120Q160 -156 160 -120V-38Q0 0 -160 -38Z", t.base)
        c.path("M60 -156H120Q160 -156 160 -120V-38Q120 -24 72 -20Q90 -90 60 -156Z", t.shade)
        c.path("M-128 -130V-60", stroke=t.gleam, width=12, opacity=0.7)
        c.ellipse(0, -172, 30, 22, t.shade)
        c.ellipse(-4, -177, 24, 15, t.light)
        return
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    lid = tones("oak") if art.form == "wood" else t
    turned(c, [(-296, 96), (-286, 122), (-262, 130), (-254, 126)], lid, gloss=art.form != "wood")
    c.ellipse(0, -296, 96, 15, lid.light)
    c.ellipse(0, -310, 28, 20, lid.shade)
    c.ellipse(-4, -316, 22, 13, lid.light)


def honeyjar(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A filled jar from the pantry with a blank paper label."""
    glass_jar(c, ArtSpec("jar", "low", art.decor or "metal", art.accent), t, a)
    c.path("M-96 -148Q0 -124 96 -148V-58Q0 -32 -96 -58Z", COLOURS["cream"])
    c.path("M-60 -98Q0 -80 60 -98", stroke=a.base, width=8)
    c.path("M-40 -76Q0 -64 40 -76", stroke=a.shade, width=5)
