"""Mugs, cups, bowls, plates and what else a table is laid with."""

from __future__ import annotations

import math

from storekeep.world.demo.art.canvas import Canvas, smooth
from storekeep.world.demo.art.colour import COLOURS, Tones, mix
from storekeep.world.demo.art.turned import TILT, Profile, opening, ring, turned
from storekeep.world.demo.model import ArtSpec

MUGS: dict[str, Profile] = {
    "straight": [(-290, 122), (-150, 124), (-40, 122), (-14, 114), (0, 100)],
    "round": [(-250, 118), (-160, 142), (-80, 138), (-24, 100), (0, 82)],
    "tall": [(-340, 108), (-180, 104), (-40, 98), (-12, 92), (0, 82)],
    "enamel": [(-250, 124), (-120, 124), (-16, 124), (-16, 124), (0, 116)],
    "taper": [(-200, 140), (-110, 122), (-28, 94), (-8, 86), (0, 76)],
    "espresso": [(-170, 92), (-100, 90), (-40, 74), (-10, 56), (0, 50)],
    "cup": [(-190, 140), (-130, 136), (-60, 108), (-18, 70), (0, 60)],
}
BOWLS: dict[str, Profile] = {
    "deep": [(-220, 210), (-140, 200), (-70, 160), (-22, 96), (-16, 82), (-16, 82), (0, 82)],
    "shallow": [(-120, 250), (-80, 230), (-40, 176), (-14, 110), (-14, 104), (0, 104)],
    "tiny": [(-120, 122), (-70, 118), (-30, 96), (-10, 66), (0, 62)],
    "mixing": [(-270, 250), (-250, 244), (-160, 224), (-70, 170), (-16, 112), (0, 100)],
    "footed": [(-240, 220), (-190, 210), (-130, 160), (-84, 70), (-70, 46), (-46, 46), (-18, 88), (0, 96)],
    "ramekin": [(-130, 128), (-60, 126), (-14, 122), (0, 114)],
}


def _handle(c: Canvas, points: list[tuple[float, float]], t: Tones, width: float) -> None:
    c.line(points, t.shade, width)
    c.line([(x - width * 0.16, y - width * 0.14) for x, y in points], t.base, width * 0.62)
    c.line([(x - width * 0.26, y - width * 0.24) for x, y in points[:3]], t.light, width * 0.16)


def steam(c: Canvas, y: float) -> None:
    """Two quiet curls of steam above a hot cup."""
    for x, up in ((-26, 0), (26, -22)):
        c.line(
            [(x, y + up), (x + 14, y + up - 26), (x - 10, y + up - 56), (x + 8, y + up - 90)],
            "#ffffff",
            9,
            opacity=0.55,
        )


def saucer(c: Canvas, r: float, t: Tones) -> None:
    """A saucer under whatever stands at the origin."""
    ry = r * 0.2
    c.ellipse(6, 2, r * 0.62, ry * 0.9, t.deep)
    c.ellipse(0, -10, r, ry, t.shade)
    c.ellipse(0, -15, r, ry, t.base)
    c.ellipse(-6, -15, r * 0.9, ry * 0.84, t.light)
    c.ellipse(4, -13, r * 0.72, ry * 0.66, t.base)
    c.ellipse(16, -10, r * 0.5, ry * 0.44, t.deep, opacity=0.45)


def mug(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A mug or cup with its drink; the handle stands to the right."""
    profile = MUGS[art.form or "straight"]
    top, r = profile[0]
    on_saucer = art.form in ("espresso", "cup", "taper")
    if on_saucer:
        saucer(c, r * 1.75, t)
        c.open('transform="translate(0 -18)"')
    reach = min(98.0, -top * 0.36)
    y1, y2 = top * 0.8, top * (0.34 if not on_saucer else 0.42)
    _handle(
        c,
        [
            (r * 0.86, y1),
            (r + reach * 0.7, y1 + 2),
            (r + reach, (y1 + y2) / 2),
            (r + reach * 0.62, y2),
            (r * 0.8, y2 + 12),
        ],
        a if art.decor == "enamel" else t,
        28 if not on_saucer else 20,
    )
    if art.decor == "enamel":
        turned(c, profile, t)
        opening(c, top, r, t, lip=a.base, wall=7, fill=COLOURS["coffee"])
    else:
        turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
        drink = "tea" if art.form == "cup" else "coffee"
        opening(c, top, r, t, wall=9, fill=COLOURS[drink], lip=a.base if art.decor == "drip" else "")
    steam(c, top - 14)
    if on_saucer:
        c.close()


def beaker(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A cup without a handle."""
    profile: Profile = [(-210, 104), (-130, 106), (-50, 96), (-12, 78), (0, 70)]
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    opening(c, -210, 104, t, fill=COLOURS["tea"], lip=a.base if art.decor == "drip" else "")
    steam(c, -224)


def bowl(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A bowl seen a little from above."""
    profile = BOWLS[art.form or "deep"]
    top, r = profile[0]
    tilt = 0.22 if art.form != "ramekin" else TILT
    decor = "" if art.decor == "rim" else art.decor
    body = turned(c, profile, t, decor=decor, accent=a, seed=c.key, tilt=tilt)
    if art.decor == "rim":
        ring(c, body, top, top + 16, a.base)
    if art.form == "mixing":
        c.path(f"M{-r - 6} {top + 4}A{r + 6} {(r + 6) * tilt:.1f} 0 0 0 {r + 6} {top + 4}", stroke=t.light, width=16)
    opening(
        c,
        top,
        r,
        t,
        wall=11,
        lip=a.base if art.decor in ("rim", "drip") else "",
        tilt=tilt,
        fill=mix(t.base, "#2f2344", 0.22) if not art.accent else "",
        level=0.6,
    )
    if art.form == "ramekin":
        _flutes(c, top, r)


def _flutes(c: Canvas, top: float, r: float) -> None:
    for i in range(-7, 8):
        x = r * 0.96 * (i / 8)
        sag = r * TILT * (1 - (i / 8) ** 2) ** 0.5
        c.line([(x, top + 28 + sag), (x * 0.97, -16 + sag * 0.7)], "#2f2344", 3, opacity=0.14)


def plate(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A plate leaning upright, so that its face shows; `oval` lies wider."""
    wide = 300 if art.form == "oval" else 232
    high, lift = (206, 214) if art.form == "oval" else (232, 226)
    c.ellipse(10, -lift + 8, wide, high, t.deep)
    c.ellipse(0, -lift, wide, high, t.base)
    c.path(
        f"M{-wide * 0.95:.1f} {-lift}A{wide * 0.95:.1f} {high * 0.95:.1f} 0 0 1 0 {-lift - high * 0.95:.1f}",
        stroke=t.gleam,
        width=7,
        opacity=0.8,
    )
    if art.decor == "speckle":
        _face_speckle(c, wide, high, lift, a)
    if art.decor == "rim":
        c.ellipse(0, -lift, wide - 8, high - 8, stroke=a.base, width=14)
    if art.decor == "stripes":
        for k in (0.92, 0.84):
            c.ellipse(0, -lift, wide * k, high * k, stroke=a.base, width=6)
    well = 0.66 if art.form != "coupe" else 0.84
    c.ellipse(0, -lift, wide * well, high * well, t.shade)
    c.ellipse(5, -lift + 6, wide * (well - 0.03), high * (well - 0.03), mix(t.base, t.light, 0.35))
    if art.decor == "speckle":
        _face_speckle(c, wide * 0.6, high * 0.6, lift, a)
    if art.decor == "leaf":
        _wreath(c, wide * 0.83, high * 0.83, lift, a)
    if art.decor == "drip":
        _half_glaze(c, wide, high, lift, a)
    c.path(
        f"M{wide * well * 0.72:.1f} {-lift + high * well * 0.66:.1f}A{wide * well * 0.96:.1f} "
        f"{high * well * 0.96:.1f} 0 0 0 "
        f"{wide * well * 0.95:.1f} {-lift - 10}",
        stroke=t.gleam,
        width=6,
        opacity=0.55,
    )


def _face_speckle(c: Canvas, wide: float, high: float, lift: float, a: Tones) -> None:
    for i in range(34):
        turn, out = i * 2.39996, ((i + 0.5) / 34) ** 0.5 * 0.95
        x, y = wide * out * math.cos(turn), high * out * math.cos(turn - 1.5708)
        c.ellipse(x, y - lift, 2 + i % 3, 2 + i % 3, a.deep, opacity=0.45)


def _wreath(c: Canvas, wide: float, high: float, lift: float, a: Tones) -> None:
    for i in range(16):
        turn = i * 6.28318 / 16
        x, y = wide * math.cos(turn), high * math.cos(turn - 1.5708) - lift
        c.add(
            f'<ellipse rx="19" ry="8" fill="{a.base if i % 2 else a.shade}" transform="translate({x:.0f} {y:.0f})'
            f'rotate({i * 22.5 + 62:.0f})"/>'
        )


def _half_glaze(c: Canvas, wide: float, high: float, lift: float, a: Tones) -> None:
    face = c.clip(f"M{-wide} {-lift}a{wide} {high} 0 1 0 {2 * wide} 0a{wide} {high} 0 1 0 {-2 * wide} 0Z")
    edge = smooth(
        [(-wide, -lift + 40), (-wide * 0.5, -lift + 66), (0, -lift + 44), (wide * 0.5, -lift + 74), (wide, -lift + 50)]
    )
    c.path(edge + f"L{wide} 20L{-wide} 20Z", a.base, opacity=0.92, clip=face)


def stack(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A stack of plates or nested bowls, counted by `art.form`."""
    if art.form == "bowls":
        for i, lift in enumerate((130, 64, 0)):
            c.open(f'transform="translate(0 {-lift})scale({0.92 + i * 0.04:.2f})"')
            if i == 0:
                bowl(c, ArtSpec("bowl", "deep", "rim" if art.decor == "rim" else "", art.accent), t, a)
            else:
                _nested(c, t, a)
            c.close()
        return
    for i in range(5):
        y, r = -14 - i * 26, 236 - (6 if i % 2 else 0)
        c.ellipse(0, y + 16, r * 0.55, r * 0.1, t.deep)
        c.ellipse(0, y, r, r * 0.2, t.shade)
        c.ellipse(0, y - 9, r, r * 0.2, a.base if art.decor == "rim" else t.base)
    c.ellipse(0, -127, 226, 43, t.light)
    c.ellipse(4, -124, 160, 28, t.shade)
    c.ellipse(6, -121, 154, 25, t.base)


def _nested(c: Canvas, t: Tones, a: Tones) -> None:
    profile = BOWLS["deep"]
    top, r = profile[0]
    body = turned(c, profile, t, tilt=0.22, front=True)
    ring(c, body, top, top + 16, a.base)
    c.path(f"M{-r} {top}A{r} {r * 0.22:.0f} 0 0 0 {r} {top}", stroke=t.deep, width=4, opacity=0.5)


def cakestand(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A plate on a foot, with a cake on it."""
    foot: Profile = [(-190, 30), (-120, 26), (-50, 34), (-20, 90), (-8, 110), (0, 110)]
    turned(c, foot, t)
    c.ellipse(0, -184, 238, 44, t.deep)
    c.ellipse(0, -196, 246, 46, t.base)
    c.ellipse(-4, -201, 232, 40, t.light)
    if art.prop == "cake":
        cake: Profile = [(-330, 150), (-260, 152), (-206, 150)]
        body = turned(c, cake, a, gloss=False)
        ring(c, body, -272, -258, "#fff6e6")
        c.ellipse(0, -330, 150, 26, "#fff6e6")
        for x in (-90, -30, 30, 90):
            c.ellipse(x, -340 - (6 if abs(x) == 30 else 0), 15, 15, COLOURS["berry"])
            c.ellipse(x - 5, -346, 4, 3, "#f3c9c2")


def eggcup(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """An egg cup with its egg."""
    e = COLOURS["egg"]
    c.path("M-72 -170C-72 -240 -36 -296 0 -296C36 -296 72 -240 72 -170Z", e)
    c.path("M72 -170C72 -236 40 -290 4 -296C40 -250 44 -200 30 -160Z", "#2f2344", opacity=0.12)
    c.ellipse(-26, -240, 10, 22, "#fffaf0", opacity=0.7)
    profile: Profile = [(-180, 88), (-130, 84), (-80, 44), (-52, 32), (-28, 40), (-8, 74), (0, 78)]
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    c.path("M-88 -180A88 15 0 0 0 88 -180", stroke=t.light, width=7)
