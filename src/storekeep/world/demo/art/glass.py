"""Glasses, carafes, bottles: see-through walls, a drink inside, bright edges."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas, num, smooth
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.art.turned import TILT, Body, Profile, outline, ring, turned
from storekeep.world.demo.model import ArtSpec

GLASSES: dict[str, tuple[Profile, float]] = {
    "tumbler": ([(-250, 118), (-120, 110), (-10, 100), (0, 94)], 0.42),
    "highball": ([(-370, 92), (-200, 90), (-10, 88), (0, 84)], 0.3),
    "small": ([(-170, 92), (-80, 82), (-8, 70), (0, 66)], 0.4),
    "stacking": ([(-260, 112), (-170, 108), (-170, 108), (-160, 96), (-60, 92), (-10, 88), (0, 82)], 0.46),
    "carafe": ([(-430, 74), (-400, 58), (-330, 52), (-250, 90), (-150, 136), (-60, 142), (-14, 126), (0, 112)], 0.55),
    "decanter": ([(-420, 66), (-390, 40), (-270, 40), (-200, 90), (-110, 196), (-50, 206), (-12, 180), (0, 160)], 0.7),
    "bottle": ([(-430, 34), (-330, 34), (-290, 46), (-240, 88), (-200, 98), (-20, 98), (0, 88)], 0.5),
    "jug": ([(-340, 96), (-290, 84), (-180, 122), (-80, 132), (-14, 112), (0, 100)], 0.42),
}


def _shell(c: Canvas, profile: Profile, t: Tones, level: float, drink: str) -> Body:
    """The glass itself: faint fill, drink up to `level` of its height, edges and gleams."""
    d = outline(profile)
    clip = c.clip(d)
    top, foot = profile[0][0], profile[-1][0]
    body = Body(profile, clip, TILT)
    c.path(d, t.base, opacity=0.5)
    y = top + (foot - top) * level
    if drink:
        r = body.radius(y)
        liquid = tones(drink)
        ring(c, body, y, foot + 60, liquid.base, 0.75)
        c.ellipse(0, y, r, r * TILT, liquid.light, opacity=0.95, clip=clip)
    base_y = foot - (foot - top) * 0.045
    ring(c, body, base_y, foot + 60, t.shade, 0.5)
    wide = [(r, yy) for yy, r in profile]
    for f, w, o in ((-0.72, 13, 0.6), (-0.5, 5, 0.45), (0.82, 9, 0.4)):
        c.path(
            smooth(
                [
                    (x * f, yy + 16 if i == 0 else yy - (14 if i == len(wide) - 1 else 0))
                    for i, (x, yy) in enumerate(wide)
                ]
            ),
            stroke="#ffffff",
            width=w,
            opacity=o,
            clip=clip,
        )
    c.path(d, stroke=t.shade, width=4, opacity=0.75)
    return body


def _rim(c: Canvas, y: float, r: float, t: Tones) -> None:
    c.ellipse(0, y, r, r * TILT, "#ffffff", opacity=0.28)
    c.ellipse(0, y, r, r * TILT, stroke=t.shade, width=4, opacity=0.9)
    c.path(
        f"M{num(-r)} {num(y)}A{num(r)} {num(r * TILT)} 0 0 0 {num(r)} {num(y)}", stroke="#ffffff", width=3, opacity=0.9
    )


def glass(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A drinking glass, carafe or bottle; `accent` names the drink."""
    profile, level = GLASSES[art.form or "tumbler"]
    top, r = profile[0]
    if art.form == "jug":
        c.line([(84, -290), (176, -284), (190, -190), (118, -110)], t.shade, 22, opacity=0.75)
        c.line([(84, -294), (172, -288), (184, -190)], "#ffffff", 6, opacity=0.6)
    c.ellipse(0, top, r, r * TILT, t.shade, opacity=0.35)
    body = _shell(c, profile, t, level, art.accent)
    if art.decor == "ribs":
        for i in range(-5, 6):
            f = i / 5.6
            c.path(smooth([(rr * f, y) for y, rr in profile]), stroke=t.deep, width=3, opacity=0.28, clip=body.clip)
    elif art.decor == "waves":
        for i in range(1, 6):
            y = top + (profile[-1][0] - top) * (0.12 + i * 0.14)
            ring(c, body, y, y + 6, "#ffffff", 0.45)
    elif art.decor == "band":
        ring(c, body, top + 16, top + 26, COLOURS["brass"])
    _rim(c, top, r, t)
    if art.form == "bottle":
        c.rect(-24, top - 40, 48, 52, COLOURS["cork"], r=8)
        c.rect(6, top - 40, 18, 52, COLOURS["acacia"], r=8, opacity=0.5)


def stemmed(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A glass on a stem: wine, flute or coupe."""
    cups: dict[str, tuple[Profile, float]] = {
        "wine": ([(-430, 84), (-350, 112), (-280, 104), (-220, 60), (-200, 14)], 0.42),
        "flute": ([(-450, 54), (-360, 60), (-270, 46), (-200, 12)], 0.2),
        "coupe": ([(-350, 130), (-310, 122), (-260, 76), (-230, 14)], 0.3),
    }
    profile, level = cups[art.form or "wine"]
    foot = profile[-1][0]
    c.ellipse(0, -8, 92, 17, t.base, opacity=0.8)
    c.ellipse(0, -8, 92, 17, stroke=t.shade, width=4)
    c.path("M-60 -12A62 10 0 0 1 0 -20", stroke="#ffffff", width=5, opacity=0.8)
    c.path(
        f"M-11 {foot + 6}Q-4 -120 -8 -40Q-12 -16 -34 -10H34Q12 -16 8 -40Q4 -120 11 {foot + 6}Z",
        t.base,
        stroke=t.shade,
        width=3,
    )
    c.line([(-3, foot + 20), (-2, -60)], "#ffffff", 4, opacity=0.8)
    top, r = profile[0]
    c.ellipse(0, top, r, r * TILT, t.shade, opacity=0.3)
    _shell(c, profile, t, level, art.accent)
    _rim(c, top, r, t)


def jar(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A glass jar with a lid of cork, wood, metal or a wire clip; `accent` names what is inside."""
    profile: Profile = [(-330, 104), (-316, 122), (-290, 132), (-30, 132), (-8, 124), (0, 110)]
    if art.form == "low":
        profile = [(-210, 118), (-196, 138), (-174, 146), (-26, 146), (-6, 138), (0, 122)]
    top, r = profile[0]
    _shell(c, profile, t, 0.26, art.accent)
    if art.decor == "clip":
        lid: Profile = [(top - 34, 92), (top - 28, 106), (top - 4, 108), (top + 2, 104)]
        turned(c, lid, t)
        c.ellipse(0, top - 34, 92, 15, t.light)
        c.path(f"M-108 {top - 2}A108 18 0 0 0 108 {top - 2}", stroke=COLOURS["terracotta"], width=9)
        c.path(f"M0 {top + 20}V{top + 70}M-14 {top + 36}L0 {top + 14}L14 {top + 36}", stroke=COLOURS["pewter"], width=7)
        return
    look = tones({"wood": "oak", "cork": "cork", "metal": "brass"}[art.decor or "wood"])
    high = 54 if art.decor != "metal" else 40
    lid = [(top - high, r + 4), (top - high + 8, r + 10), (top - 2, r + 10), (top + 4, r + 6)]
    turned(c, lid, look, gloss=art.decor == "metal")
    c.ellipse(0, top - high, r + 4, (r + 4) * TILT, look.light)
    c.ellipse(6, top - high + 2, r - 16, (r - 16) * TILT, look.base)


def oilbottle(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A tall bottle with a pouring spout."""
    profile: Profile = [(-390, 26), (-330, 28), (-290, 44), (-250, 82), (-220, 90), (-16, 90), (0, 80)]
    _shell(c, profile, t, 0.34, art.accent)
    c.rect(-20, -414, 40, 34, COLOURS["cork"], r=6)
    c.path("M-7 -414L-7 -446Q-6 -464 16 -474L30 -480L34 -470Q10 -456 8 -440L8 -414Z", COLOURS["steel"])
    if art.decor == "paper":
        c.rect(-66, -190, 132, 116, COLOURS["cream"], r=6)
        c.path("M0 -100Q-40 -130 0 -170Q40 -130 0 -100Z", COLOURS["leaf"])
        c.path("M0 -96V-160", stroke=COLOURS["forest"], width=4)
