"""Pans, pots and oven dishes."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, mix, tones
from storekeep.world.demo.art.turned import Profile, opening, ring, turned
from storekeep.world.demo.model import ArtSpec


def pan(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A frying pan, sauté pan, wok, saucepan or crêpe pan with its handle to the right."""
    shapes: dict[str, Profile] = {
        "fry": [(-92, 216), (-60, 206), (-16, 172), (0, 160)],
        "saute": [(-130, 206), (-70, 206), (-10, 202), (0, 190)],
        "wok": [(-150, 240), (-110, 222), (-50, 160), (-12, 90), (0, 76)],
        "sauce": [(-200, 156), (-100, 156), (-10, 154), (0, 146)],
        "crepe": [(-48, 220), (-30, 214), (-8, 200), (0, 190)],
    }
    profile = shapes[art.form or "fry"]
    top, r = profile[0]
    grip = a if art.accent else tones("iron")
    c.path(f"M{r - 30} {top + 22}Q{r + 40} {top + 4} {r + 66} {top - 20}", stroke=t.shade, width=26)
    c.path(f"M{r + 60} {top - 14}Q{r + 130} {top - 62} {r + 190} {top - 84}", stroke=grip.shade, width=36)
    c.path(f"M{r + 58} {top - 20}Q{r + 128} {top - 66} {r + 186} {top - 88}", stroke=grip.base, width=22)
    c.ellipse(r + 186, top - 84, 8, 7, grip.deep)
    body = turned(c, profile, t, tilt=0.24)
    if art.decor == "band":
        ring(c, body, -26, 60, a.base)
    opening(c, top, r, t, wall=8, tilt=0.24, fill=mix(t.base, "#2f2344", 0.3), level=0.35)
    if art.prop == "eggs":
        _fried_egg(c, -50, top + 20)
    for x in (r - 40, r - 24):
        c.ellipse(x, top + 14, 5, 4, t.gleam, opacity=0.8)


def _fried_egg(c: Canvas, x: float, y: float) -> None:
    c.path(
        f"M{x - 70} {y}C{x - 76} {y - 26} {x - 20} {y - 34} {x + 10} {y - 28}C{x + 56} {y - 30} {x + 84} "
        f"{y - 8} {x + 60} {y + 8}"
        f"C{x + 30} {y + 26} {x - 64} {y + 24} {x - 70} {y}Z",
        COLOURS["milk"],
    )
    c.ellipse(x, y - 6, 28, 15, COLOURS["mustard"])
    c.ellipse(x - 8, y - 11, 8, 3, COLOURS["cream"])


def pot(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A pot with lid and two ears: casserole, stockpot or shallow braiser."""
    shapes: dict[str, Profile] = {
        "casserole": [(-200, 190), (-110, 192), (-30, 182), (-8, 168), (0, 156)],
        "stock": [(-290, 170), (-150, 170), (-12, 168), (0, 158)],
        "braiser": [(-130, 230), (-70, 224), (-20, 200), (0, 182)],
        "clay": [(-190, 176), (-120, 206), (-60, 196), (-14, 150), (0, 136)],
    }
    profile = shapes[art.form or "casserole"]
    top, r = profile[0]
    for side in (-1, 1):
        ear = t.base if side < 0 else t.shade
        y = top + 44
        c.path(
            f"M{side * (r - 14)} {y - 14}Q{side * (r + 52)} {y - 22} {side * (r + 50)} "
            f"{y + 6}Q{side * (r + 46)} {y + 26} {side * (r - 14)} {y + 20}",
            stroke=ear,
            width=18,
        )
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    c.ellipse(0, top - 4, r + 6, (r + 6) * 0.17, t.deep)
    rise = 84 if art.form != "clay" else 130
    lid: Profile = [
        (top - rise, 30),
        (top - rise + 14, r * 0.5),
        (top - 34, r * 0.93),
        (top - 12, r + 6),
        (top - 4, r + 4),
    ]
    turned(c, lid, t)
    knob = a if art.accent and not art.decor else tones("brass")
    c.rect(-10, top - rise - 20, 20, 26, knob.shade, r=4)
    c.ellipse(0, top - rise - 26, 34, 17, knob.shade)
    c.ellipse(-4, top - rise - 31, 28, 11, knob.light)


def dish(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A rectangular oven dish, loaf tin or roasting tin seen from the front and above."""
    wide, deep, high = {"loaf": (210, 58, 120), "roast": (270, 84, 90)}.get(art.form, (250, 80, 100))
    ear = 44 if art.form != "loaf" else 18
    y = -high
    top = f"M{-wide} {y}L{-wide + 40} {y - deep}H{wide - 40}L{wide} {y}Z"
    for side in (-1, 1):
        c.path(
            f"M{side * (wide - 24)} {y - deep * 0.7:.0f}Q{side * (wide + ear)} {y - deep * 0.7:.0f} "
            f"{side * (wide + ear - 8)} {y - deep * 0.25:.0f}H{side * (wide - 20)}Z",
            t.light if side < 0 else t.base,
            stroke=t.shade,
            width=5,
        )
    c.path(
        f"M{-wide} {y}L{-wide + 26} -14Q{-wide + 30} 0 {-wide + 48} 0H{wide - 48}Q{wide - 30} 0 {wide - 26} "
        f"-14L{wide} {y}Z",
        t.base,
    )
    c.path(f"M{wide * 0.5:.0f} {y}L{wide * 0.45:.0f} 0H{wide - 48}Q{wide - 30} 0 {wide - 26} -14L{wide} {y}Z", t.shade)
    c.path(top, t.light, stroke=t.light, width=16)
    c.path(f"M{-wide + 20} {y - 6}L{-wide + 52} {y - deep + 6}H{wide - 52}L{wide - 20} {y - 6}Z", t.deep)
    _filling(c, art, wide, y, deep)
    c.path(f"M{-wide + 30} {y + 22}L{-wide + 46} -24", stroke=t.gleam, width=12, opacity=0.7)
    if art.decor == "stripes":
        c.path(f"M{-wide + 10} {y + 36}H{wide - 10}", stroke=a.base, width=10)
    if art.decor == "dip":
        c.path(
            f"M{-wide + 18} -36H{wide - 18}L{wide - 26} -14Q{wide - 30} 0 {wide - 48} "
            f"0H{-wide + 48}Q{-wide + 30} 0 {-wide + 26} -14Z",
            a.base,
        )


def _filling(c: Canvas, art: ArtSpec, wide: int, y: int, deep: int) -> None:
    if art.prop == "loaf":
        b = tones("bread")
        c.path(
            f"M{-wide + 34} {y - 8}C{-wide + 20} {y - deep - 90} {wide - 20} {y - deep - 90} {wide - 34} {y - 8}Z",
            b.base,
        )
        c.path(
            f"M{wide * 0.4:.0f} {y - 8}C{wide * 0.7:.0f} {y - 60} {wide * 0.6:.0f} {y - deep - 40} "
            f"{wide * 0.3:.0f} {y - deep - 60}C{wide - 30} {y - deep - 50} {wide - 28} {y - 60} {wide - 34} "
            f"{y - 8}Z",
            b.shade,
        )
        c.path(
            f"M{-wide * 0.5:.0f} {y - deep - 20}Q0 {y - deep - 56} {wide * 0.46:.0f} {y - deep - 14}",
            stroke=COLOURS["egg"],
            width=14,
        )
    elif art.prop == "gratin":
        c.path(
            f"M{-wide + 28} {y - 12}L{-wide + 56} {y - deep + 10}H{wide - 56}L{wide - 28} {y - 12}Z", COLOURS["butter"]
        )
        for i in range(-4, 5):
            c.ellipse(
                i * 44, y - deep * 0.5 + (8 if i % 2 else -8), 26, 13, COLOURS["mustard"] if i % 2 else COLOURS["cream"]
            )


def steamer(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Two stacked bamboo baskets with a woven lid."""
    for top in (-100, -200):
        body = turned(c, [(top, 190), (top + 96, 190), (top + 100, 188)], t, gloss=False)
        ring(c, body, top, top + 14, t.shade)
        ring(c, body, top + 70, top + 100, t.light)
        for x in (-120, 110):
            c.path(f"M{x} {top + 44}v40M{x + 14} {top + 44}v40", stroke=t.deep, width=5)
    turned(c, [(-254, 150), (-244, 186), (-204, 196), (-196, 194)], t, gloss=False)
    c.ellipse(0, -252, 158, 26, t.light)
    for i in range(-4, 5):
        c.path(f"M{i * 32 - 18} -274L{i * 30 + 18} -232", stroke=t.shade, width=6)
    c.path("M-30 -256Q0 -300 30 -256", stroke=t.deep, width=11)


def tray(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A serving tray seen from the front and above, round or with two handles."""
    if art.form == "round":
        c.ellipse(0, -34, 290, 92, t.deep)
        c.ellipse(0, -50, 290, 92, t.base)
        c.ellipse(0, -54, 276, 84, t.shade)
        c.ellipse(0, -46, 268, 78, a.base if art.accent else t.light)
    else:
        c.path("M-290 -30L-226 -170H226L290 -30V-4Q290 0 284 0H-284Q-290 0 -290 -4Z", t.base, stroke=t.base, width=8)
        c.path("M-290 -30H290V0H-290Z", t.shade)
        c.path("M-262 -36L-208 -156H208L262 -36Z", a.base if art.accent else t.light)
        for i in (-1, 0, 1):
            c.path(f"M{-220 + i * 8} {-96 + i * 34}H{220 - i * 8}", stroke=t.shade, width=3, opacity=0.35)
        for x in (-262, 262):
            c.path(f"M{x - (8 if x < 0 else -8)} -52L{x + (30 if x < 0 else -30)} -122", stroke=t.deep, width=12)
    if art.prop == "tea":
        _tea_things(c)


def _tea_things(c: Canvas) -> None:
    cup, drink = tones("white"), COLOURS["tea"]
    for x, y in ((-96, -74), (70, -62)):
        c.ellipse(x + 12, y + 2, 70, 16, "#2f2344", opacity=0.2)
        c.open(f'transform="translate({x} {y})scale(.55)"')
        c.path("M96 -140C170 -150 160 -60 80 -56", stroke=cup.shade, width=20)
        turned(c, [(-170, 104), (-90, 100), (-20, 74), (0, 64)], cup)
        opening(c, -170, 104, cup, fill=drink)
        c.close()
