"""Flat-laid tools: knives, spoons, whisks, rolling pins and their kin.

A tool lies along the y axis with its working end up, centred on the origin and about 560 long; the scene turns it.
"""

from __future__ import annotations

from collections.abc import Callable

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.model import ArtSpec


def _grip(c: Canvas, y1: float, y2: float, w: float, t: Tones, hole: bool = True) -> None:
    c.rect(-w, y1, 2 * w, y2 - y1, t.base, r=w)
    c.path(f"M{w * 0.25:.1f} {y1}H0Q{w} {y1} {w} {y1 + w}V{y2 - w}Q{w} {y2} 0 {y2}H{w * 0.25:.1f}Z", t.shade)
    c.path(f"M{-w * 0.5:.1f} {y1 + w}V{y2 - w * 1.4:.1f}", stroke=t.light, width=w * 0.25)
    if hole:
        c.ellipse(0, y2 - w * 0.9, w * 0.3, w * 0.3, t.deep)


def knife(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A kitchen knife; the variant's colour is the handle's."""
    s = tones("steel")
    blades = {
        "chef": "M-34 96V-260C-30 -300 -4 -326 6 -330C40 -250 52 -60 50 96Z",
        "bread": "M-30 96V-320Q18 -326 28 -300V96Z",
        "paring": "M-22 96V-70C-18 -110 0 -134 6 -138C28 -96 34 10 32 96Z",
        "santoku": "M-38 96V-210C-36 -262 0 -300 46 -306V96Z",
        "cheese": "M-24 96V-130Q-24 -168 -50 -180Q-10 -178 6 -150Q20 -184 50 -178Q26 -150 26 -120V96Z",
    }
    d = blades[art.form or "chef"]
    clip = c.clip(d)
    c.path(d, s.light)
    c.path("M14 100C16 -60 12 -220 -2 -340H80V100Z", s.gleam, clip=clip)
    c.path("M-60 110V-340H-22V110Z", s.base, clip=clip)
    if art.form == "bread":
        c.path("M30 -300" + "q-9 10 0 20" * 19, stroke=s.shade, width=5, clip=clip)
    if art.form == "cheese":
        for y in (-80, -20, 40):
            c.ellipse(0, y, 10, 14, s.deep, opacity=0.5)
    c.rect(-36, 92, 76, 30, s.shade, r=5)
    length = 330 if art.form != "paring" else 270
    c.path(
        f"M-36 120Q-26 200 -34 {length - 40}Q-34 {length} 4 {length}Q46 {length} 40 {length - 36}Q26 200 40 120Z",
        t.base,
    )
    c.path(f"M14 120Q6 220 18 {length}Q46 {length} 40 {length - 36}Q26 200 40 120Z", t.shade)
    for y in (160, 220, length - 50):
        c.ellipse(2, y, 8, 8, COLOURS["brass"])
        c.ellipse(0, y - 2, 3, 3, "#f3dfae")


def spoon(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A long spoon, slotted spoon, spatula, ladle or scoop."""
    _grip(c, -150, 320, 19, t, art.form != "teaspoon")
    if art.form == "spatula":
        c.path("M-64 -310Q-70 -330 -46 -330H50Q68 -330 64 -306L48 -150Q40 -112 0 -112Q-40 -112 -48 -150Z", t.base)
        c.path("M20 -330H50Q68 -330 64 -306L48 -150Q40 -112 10 -112Q30 -220 20 -330Z", t.shade)
        for x in (-24, 2, 28):
            c.path(f"M{x} -270V-190", stroke=t.deep, width=10)
        return
    if art.form == "scraper":
        _grip(c, -140, 320, 19, tones("beech"))
        c.path("M-62 -280Q-60 -336 0 -336Q58 -336 62 -300V-150Q60 -120 30 -118H-30Q-60 -120 -62 -150Z", a.base)
        c.path("M24 -334Q58 -330 62 -300V-150Q60 -120 30 -118H6Q34 -220 24 -334Z", a.shade)
        c.path("M-40 -280V-160", stroke=a.light, width=10)
        return
    rx, ry = {"ladle": (94, 86), "tasting": (52, 66)}.get(art.form, (72, 104))
    c.ellipse(0, -232, rx, ry, t.base)
    c.path(f"M14 {-232 - ry}A{rx} {ry} 0 0 1 14 {-232 + ry}A{rx * 0.5:.0f} {ry} 0 0 0 14 {-232 - ry}Z", t.shade)
    c.ellipse(0, -236, rx * 0.76, ry * 0.78, t.shade)
    c.ellipse(6, -230, rx * 0.66, ry * 0.68, t.deep, opacity=0.5)
    c.path(f"M{-rx * 0.5:.0f} -250Q{-rx * 0.44:.0f} -284 -14 -296", stroke=t.light, width=7, opacity=0.8)
    if art.form == "slotted":
        for x in (-24, 0, 24):
            c.path(f"M{x} -270V-200", stroke="#2f2344", width=11, opacity=0.75)


def spoonset(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Several tools side by side: measuring spoons, cutlery, wooden tools."""
    if art.form == "measure":
        c.open('transform="translate(14 10)scale(1.5)"')
        for i, (x, s) in enumerate(((-150, 1.0), (-44, 0.84), (46, 0.7), (122, 0.58))):
            r = 58 * s
            y = -160 + i * 26
            c.rect(x - 11, y, 22, 320 - i * 36, t.base, r=10)
            c.rect(x + 2, y, 9, 320 - i * 36, t.shade, r=5)
            c.ellipse(x, y - r * 0.3, r, r, t.base)
            c.ellipse(x, y - r * 0.3, r * 0.8, r * 0.8, t.shade)
            c.ellipse(x + r * 0.12, y - r * 0.2, r * 0.66, r * 0.66, t.deep, opacity=0.6)
            c.ellipse(x, y + 296 - i * 36, 5, 5, t.deep)
        c.ellipse(-14, 160, 190, 24, stroke=COLOURS["pewter"], width=5)
        c.close()
        return
    pieces: tuple[tuple[float, str], ...] = ((-150, ""), (0, "spatula"), (150, "slotted"))
    if art.form == "cutlery":
        _cutlery(c, t)
        return
    for place, form in pieces:
        c.open(f'transform="translate({place} 0)"')
        spoon(c, ArtSpec("spoon", form), t, a)
        c.close()


def _cutlery(c: Canvas, t: Tones) -> None:
    for x in (-140, 0, 140):
        c.path(f"M{x - 12} -60L{x - 20} 270Q{x} 300 {x + 20} 270L{x + 12} -60Z", t.base)
        c.path(f"M{x + 2} -60L{x + 4} 290Q{x + 16} 282 {x + 20} 270L{x + 12} -60Z", t.shade)
    c.path(
        "M-152 -40Q-196 -80 -192 "
        "-150V-290H-176V-170H-166V-290H-150V-170H-130V-290H-114V-170H-104V-290H-88V-150Q-84 -80 -128 -40Z",
        t.light,
        stroke=t.base,
        width=4,
    )
    c.path("M-14 -30V-300C30 -280 38 -150 24 -30Z", t.light, stroke=t.base, width=4)
    c.ellipse(140, -190, 58, 100, t.base)
    c.ellipse(144, -184, 44, 82, t.shade)
    c.path("M112 -220Q118 -262 140 -274", stroke=t.gleam, width=8)


def whisk(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A balloon whisk; the grip takes the variant's colour."""
    s = tones("steel")
    for w in (104, 68, 30):
        c.path(
            f"M-10 70C{-w * 1.3:.0f} -120 {-w * 1.2:.0f} -330 0 -330C{w * 1.2:.0f} -330 {w * 1.3:.0f} -120 10 70",
            stroke=s.shade,
            width=9,
        )
        c.path(f"M-12 66C{-w * 1.3 - 2:.0f} -122 {-w * 1.2 - 2:.0f} -332 -2 -332", stroke=s.gleam, width=3)
    c.line([(0, 70), (0, -328)], s.base, 8)
    _grip(c, 50, 330, 25, t)
    c.rect(-25, 50, 50, 24, s.shade, r=8)


def pin(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A rolling pin, tapered or with turned handles."""
    grip = a if art.accent else t
    if art.form == "tapered":
        c.path("M-18 -330Q0 -350 18 -330Q50 0 18 330Q0 350 -18 330Q-50 0 -18 -330Z", t.base)
        c.path("M10 -338Q18 -338 18 -330Q50 0 18 330Q14 338 6 340Q24 0 10 -338Z", t.shade)
        c.path("M-16 -250Q-28 0 -16 250", stroke=t.light, width=9)
        return
    for y1, y2 in ((-340, -220), (220, 340)):
        _grip(c, y1, y2, 22, grip, hole=False)
    c.rect(-52, -236, 104, 472, t.base, r=22)
    c.path("M14 -236H30Q52 -236 52 -214V214Q52 236 30 236H14Q30 0 14 -236Z", t.shade)
    c.path("M-32 -206V206", stroke=t.light, width=13)


def brush(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A pastry brush or a round dish brush."""
    _grip(c, -90, 320, 19, t)
    b = tones("cream")
    if art.form == "dish":
        c.ellipse(0, -196, 100, 100, b.shade)
        for i in range(20):
            c.add(
                f'<path d="M0 -286V-300" transform="rotate({i * 18} 0 -196)" stroke="{b.deep}" stroke-width="7"'
                ' stroke-linecap="round"/>'
            )
        c.ellipse(0, -196, 86, 86, t.base)
        c.path("M10 -282A86 86 0 0 1 10 -110A110 110 0 0 0 10 -282Z", t.shade)
        c.ellipse(-30, -226, 18, 12, t.light)
        return
    c.path("M-50 -170L-58 -310Q0 -330 58 -310L50 -170Z", b.base)
    for x in (-34, -12, 12, 34):
        c.line([(x * 0.9, -180), (x * 1.1, -306)], b.deep, 4, opacity=0.5)
    c.path("M-54 -180Q-54 -120 -18 -84H18Q54 -120 54 -180Z", COLOURS["copper"])
    c.path("M12 -180Q20 -120 4 -84H18Q54 -120 54 -180Z", tones("copper").shade)


def peeler(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A Y-shaped peeler or a fine zester."""
    s = tones("steel")
    if art.form == "zester":
        c.rect(-36, -320, 72, 380, s.light, r=12)
        c.rect(8, -320, 28, 380, s.base, r=12)
        for row in range(14):
            for col in range(4):
                c.ellipse(-21 + col * 14 + (row % 2) * 3, -296 + row * 24, 4, 6, s.deep)
        _grip(c, 50, 320, 27, t)
        return
    c.path("M-110 -230V-140Q-110 -40 -24 -10H24Q110 -40 110 -140V-230", stroke=t.shade, width=34)
    c.path("M-114 -230V-140Q-112 -48 -28 -14", stroke=t.light, width=10)
    _grip(c, -30, 300, 34, t)
    c.rect(-122, -268, 244, 44, s.base, r=12)
    c.rect(-122, -268, 244, 18, s.gleam, r=9)
    c.rect(-90, -244, 180, 9, s.deep, r=4)


def tongs(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Kitchen tongs or scissors."""
    s = tones("steel")
    if art.form == "scissors":
        for side in (-1, 1):
            tone = s.light if side < 0 else s.base
            c.path(
                f"M{side * -4} -330Q{side * 36} -200 {side * 20} 40L{side * -24} 60Q{side * -30} -160 "
                f"{side * -4} -330Z",
                tone,
            )
            c.ellipse(side * 66, 200, 50, 84, stroke=t.base if side < 0 else t.shade, width=32)
            c.path(f"M{side * -14} 40Q{side * 6} 90 {side * 34} 130", stroke=t.base if side < 0 else t.shade, width=30)
        c.ellipse(0, 36, 15, 15, COLOURS["brass"])
        return
    for side in (-1, 1):
        tone = s.light if side < 0 else s.shade
        c.path(f"M{side * 10} 320Q{side * 70} 0 {side * 50} -220", stroke=tone, width=28)
        c.path(
            f"M{side * 50} -210Q{side * 64} -300 {side * 22} -330Q{side * 2} -300 {side * 30} -216Z",
            t.base if side < 0 else t.shade,
        )
        c.path(f"M{side * 22} 230Q{side * 52} 110 {side * 58} 20", stroke=t.base if side < 0 else t.shade, width=34)
    c.ellipse(0, 320, 20, 16, s.base)


def sieve(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A fine-meshed sieve from above."""
    c.rect(-15, 60, 30, 280, t.base, r=14)
    c.rect(2, 60, 13, 280, t.shade, r=7)
    c.ellipse(0, -120, 182, 182, t.shade)
    c.ellipse(0, -120, 164, 164, "#ece9e2")
    face = c.clip("M-164 -120a164 164 0 1 0 328 0a164 164 0 1 0 -328 0Z")
    d = "".join(f"M{i * 18 - 170} -290V50M-170 {i * 18 - 290}H170" for i in range(20))
    c.path(d, stroke=t.deep, width=2.5, opacity=0.55, clip=face)
    c.ellipse(30, -96, 164, 164, t.deep, opacity=0.12, clip=face)
    c.ellipse(0, -120, 173, 173, stroke=t.light, width=7)


def cutters(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Biscuit cutters: star, heart, round and leaf."""
    star = "M0 -90L26 -30L90 -26L40 14L58 76L0 42L-58 76L-40 14L-90 -26L-26 -30Z"
    heart = "M0 80C-120 0 -90 -90 -40 -84C-14 -80 0 -54 0 -44C0 -54 14 -80 40 -84C90 -90 120 0 0 80Z"
    leaf = "M0 90C-90 20 -60 -70 0 -96C60 -70 90 20 0 90Z"
    ring = "M-84 0a84 84 0 1 0 168 0a84 84 0 1 0 -168 0Z"
    for d, x, y in ((star, -120, -120), (heart, 122, -124), (ring, -122, 122), (leaf, 120, 122)):
        c.open(f'transform="translate({x} {y})"')
        c.path(d, "#2f2344", opacity=0.1)
        c.path(d, stroke=t.deep, width=20)
        c.path(d, stroke=t.base, width=14)
        c.open('transform="translate(-3 -3)"')
        c.path(d, stroke=t.gleam, width=4)
        c.close()
        c.close()


def sheet(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Flat baking goods from above: baking sheet, muffin tray, cooling rack, silicone mat."""
    if art.form == "rack":
        c.rect(-270, -190, 540, 380, stroke=t.base, width=14, r=30)
        c.path("".join(f"M{x} -184V184" for x in range(-230, 240, 38)), stroke=t.shade, width=7)
        c.path("M-266 -70H266M-266 70H266", stroke=t.light, width=7)
        _biscuits(c, ((-110, -60), (60, 30), (150, -96), (-170, 100)))
        return
    c.rect(-280, -200, 560, 400, t.base, r=34)
    c.rect(-262, -182, 524, 364, t.shade, r=24)
    c.rect(-256, -174, 518, 356, t.light if art.form != "mat" else a.base, r=22)
    if art.form == "muffin":
        c.rect(-256, -174, 518, 356, t.base, r=22)
        for i in range(6):
            x, y = (i % 3 - 1) * 164, -84 if i < 3 else 88
            c.ellipse(x, y, 74, 74, t.light)
            c.ellipse(x, y, 66, 66, t.deep)
            c.ellipse(x + 8, y + 10, 52, 52, t.shade)
        return
    if art.form == "mat":
        for r in (60, 110, 160):
            c.ellipse(0, 0, r, r, stroke=a.light, width=4)
        return
    _biscuits(c, ((-160, -80), (0, -84), (160, -78), (-156, 74), (4, 80), (162, 78)))


def _biscuits(c: Canvas, places: tuple[tuple[int, int], ...]) -> None:
    b = tones("bread")
    for x, y in places:
        c.ellipse(x + 5, y + 7, 56, 56, "#2f2344", opacity=0.16)
        c.ellipse(x, y, 56, 56, b.base)
        c.ellipse(x - 4, y - 4, 48, 48, b.light)
        for dx, dy in ((-20, -14), (14, -22), (20, 12), (-10, 20), (-2, -2)):
            c.ellipse(x + dx, y + dy, 8, 7, COLOURS["coffee"])


def spreader(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A cake slice or a dough scraper."""
    s = tones("steel")
    if art.form == "dough":
        c.rect(-210, -150, 420, 260, s.light, r=14)
        c.path("M60 -150H196Q210 -150 210 -136V96Q210 110 196 110H20Z", s.base)
        c.rect(-216, -196, 432, 84, t.base, r=40)
        c.rect(-216, -150, 432, 38, t.shade, r=19)
        c.path("M-170 -172H120", stroke=t.light, width=9)
        return
    c.path("M0 -330C60 -250 84 -120 78 -10H-78C-84 -120 -60 -250 0 -330Z", s.light)
    c.path("M0 -330C60 -250 84 -120 78 -10H16C30 -120 24 -240 0 -330Z", s.base)
    c.path("M-12 -20V60H12V-20Z", s.shade)
    _grip(c, 40, 330, 24, t)


FLAT: dict[str, Callable[[Canvas, ArtSpec, Tones, Tones], None]] = {
    "knife": knife,
    "spoon": spoon,
    "spoonset": spoonset,
    "whisk": whisk,
    "pin": pin,
    "brush": brush,
    "peeler": peeler,
    "tongs": tongs,
    "sieve": sieve,
    "cutters": cutters,
    "sheet": sheet,
    "spreader": spreader,
}
