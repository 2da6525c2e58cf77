"""Tools and helpers that stand: boards, graters, mills, mortars, scales, knife blocks, racks."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.art.turned import Profile, opening, ring, turned
from storekeep.world.demo.model import ArtSpec


def board(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A cutting board leaning upright, with its grain."""
    shapes = {
        "rect": "M-190 -400H190Q214 -400 214 -376V-24Q214 0 190 0H-190Q-214 0 -214 -24V-376Q-214 -400 -190 -400Z",
        "round": "M-216 -216A216 216 0 1 1 216 -216A216 216 0 1 1 -216 -216Z",
        "paddle": (
            "M-150 -300Q-150 -330 -116 -336Q-40 -350 -36 -390V-460Q-36 -490 0 -490Q36 -490 36 -460V-390Q40 "
            "-350"
            " 116 -336Q150 -330 150 -300V-26Q150 0 122 0H-122Q-150 0 -150 -26Z"
        ),
        "bread": "M-280 -300H280Q300 -300 300 -280V-20Q300 0 280 0H-280Q-300 0 -300 -20V-280Q-300 -300 -280 -300Z",
    }
    d = shapes[art.form or "rect"]
    c.open('transform="translate(13 3)"')
    c.path(d, t.deep)
    c.close()
    clip = c.clip(d)
    c.path(d, t.base)
    for i in range(0 if art.decor == "marble" else 11):
        x = -280 + i * 56
        bend = 18 if i % 2 else -14
        c.path(
            f"M{x} 20C{x + bend} -140 {x - bend} -300 {x + bend // 2} -520",
            stroke=t.shade if i % 3 else t.light,
            width=5 + i % 3 * 3,
            opacity=0.42,
            clip=clip,
        )
    if art.decor == "block":
        for i in range(-4, 5):
            c.path(f"M{i * 54} -520V20", stroke=t.deep, width=3, opacity=0.5, clip=clip)
            c.path(f"M{i * 54 + 27} -520V20", stroke=t.light, width=40, opacity=0.28 if i % 2 else 0.05, clip=clip)
    if art.decor == "groove" and art.form in ("", "rect"):
        c.rect(-178, -364, 356, 328, stroke=t.deep, width=10, r=20, opacity=0.55)
        c.rect(-175, -361, 356, 328, stroke=t.light, width=4, r=20, opacity=0.7)
    if art.decor == "marble":
        for k in (0, 90, 190, 300):
            c.path(
                f"M{-260 + k} -520C{-200 + k} -380 {-300 + k} -260 {-190 + k} -140S{-240 + k} -20 {-200 + k} 20",
                stroke=COLOURS["slate"],
                width=4,
                opacity=0.32,
                clip=clip,
            )
    hole_y = {"paddle": -452, "round": -392, "bread": -262}.get(art.form, -364)
    if art.form in ("paddle", "round"):
        c.ellipse(0, hole_y, 14, 14, t.deep)
        c.ellipse(2, hole_y + 3, 11, 11, "#2f2344", opacity=0.4)
    c.path(d, stroke=t.light, width=4, opacity=0.7)


def mill(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A pepper or salt mill."""
    profile: Profile = [(-300, 62), (-270, 74), (-220, 46), (-150, 52), (-60, 78), (-14, 84), (0, 82)]
    if art.form == "modern":
        profile = [(-290, 70), (-10, 70), (0, 66)]
    turned(c, profile, t, decor=art.decor, accent=a)
    c.ellipse(0, -302, 60, 10, t.deep)
    head: Profile = [(-400, 34), (-384, 60), (-350, 70), (-320, 62), (-308, 58)]
    if art.form == "modern":
        head = [(-390, 62), (-384, 70), (-308, 70)]
    turned(c, head, a if art.accent else t)
    if art.form == "modern":
        c.ellipse(0, -390, 62, 10, (a if art.accent else t).light)
    c.ellipse(0, -412, 15, 13, COLOURS["brass"])
    c.ellipse(-4, -416, 6, 4, "#f6e6bd")


def grater(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A box grater with two faces in view."""
    grip = a if art.accent else tones("black")
    c.path("M-84 -360C-80 -440 80 -440 84 -360", stroke=grip.base, width=28)
    c.path("M-80 -372C-70 -430 20 -432 50 -414", stroke=grip.light, width=7)
    c.path("M-100 -350H60L110 0H-150Z", t.light, stroke=t.light, width=8)
    c.path("M60 -350H100L170 -16L110 0Z", t.shade, stroke=t.shade, width=8)
    for row in range(9):
        y = -316 + row * 34
        half = 64 + (y + 350) * 0.13
        for col in range(5):
            x = -20 + (col - 2) * half * 0.46 + (half * 0.1 if row % 2 else 0)
            c.path(f"M{x - 9:.0f} {y}q9 -16 18 0Z", t.deep)
            c.path(f"M{x - 9:.0f} {y + 2}h18", stroke="#ffffff", width=3, opacity=0.8)
    for row in range(6):
        y = -300 + row * 48
        c.path(f"M{84 + (y + 350) * 0.17:.0f} {y}l20 -4", stroke=t.deep, width=9)
    c.rect(-160, -14, 276, 22, grip.base, r=11)


def mortar(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A mortar with its pestle leaning inside."""
    p = a if art.accent else t
    c.path("M30 -150L150 -370", stroke=p.shade, width=50)
    c.path("M24 -154L142 -372", stroke=p.base, width=32)
    c.path("M20 -170L128 -372", stroke=p.light, width=8)
    profile: Profile = [(-230, 164), (-190, 166), (-100, 148), (-50, 104), (-36, 100), (-16, 118), (0, 122)]
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key, gloss=False)
    c.path("M-164 -230A164 28 0 0 1 164 -230L150 -230A150 24 0 0 0 -150 -230Z", t.light)
    c.path("M-164 -230A164 28 0 0 0 164 -230L150 -230A150 24 0 0 1 -150 -230Z", t.light)
    inner = c.clip("M-150 -230A150 24 0 0 1 40 -252L96 -190Q0 -196 -150 -230Z")
    c.ellipse(0, -230, 150, 24, t.deep, clip=inner)


def scale(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A kitchen scale: with a dial and pan, or a flat one with weighing plate."""
    s = tones("steel")
    if art.form == "flat":
        c.path("M-230 -40L-180 -130H180L230 -40V-14Q230 0 214 0H-214Q-230 0 -230 -14Z", t.base)
        c.path("M-230 -40H230V-14Q230 0 214 0H-214Q-230 0 -230 -14Z", t.shade)
        c.ellipse(0, -92, 150, 30, s.shade)
        c.ellipse(0, -99, 150, 30, s.light)
        c.rect(-56, -58, 112, 14, COLOURS["mint"], r=6)
        return
    c.path("M-150 0L-120 -216Q-116 -240 -90 -240H90Q116 -240 120 -216L150 0Z", t.base, stroke=t.base, width=10)
    c.path("M60 -240H90Q116 -240 120 -216L150 0H86Z", t.shade)
    c.ellipse(0, -122, 94, 94, t.deep)
    c.ellipse(0, -124, 88, 88, COLOURS["milk"])
    for i in range(12):
        c.add(
            f'<path d="M0 -202v14" transform="rotate({i * 30} 0 -124)" stroke="{COLOURS["charcoal"]}"'
            ' stroke-width="6" stroke-linecap="round"/>'
        )
    c.path("M0 -124L44 -172", stroke=COLOURS["red"], width=7)
    c.ellipse(0, -124, 9, 9, COLOURS["charcoal"])
    c.rect(-16, -282, 32, 44, s.shade)
    bowl: Profile = [(-350, 210), (-320, 180), (-290, 110), (-276, 60)]
    turned(c, bowl, s, tilt=0.2)
    opening(c, -350, 210, s, wall=8, tilt=0.2)


def knifeblock(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A magnetic block or rack with three knives."""
    for i, (x, top) in enumerate(((-90, -420), (0, -450), (90, -400))):
        h = tones("walnut" if i != 1 else "black")
        c.rect(x - 24, top, 48, 150, h.base, r=18)
        c.rect(x + 4, top, 20, 150, h.shade, r=10)
        for y in (top + 40, top + 100):
            c.ellipse(x, y, 6, 6, COLOURS["brass"])
    c.path("M-170 -290H150L190 -320V-30L150 0H-170Z", t.shade, stroke=t.shade, width=8)
    c.path("M-170 -290H150V0H-170Z", t.base, stroke=t.base, width=8)
    c.path("M-170 -290L-130 -320H190L150 -290Z", t.light, stroke=t.light, width=6)
    for i in range(4):
        c.path(
            f"M{-130 + i * 76} -280C{-120 + i * 76} -180 {-146 + i * 76} -100 {-128 + i * 76} -8",
            stroke=t.shade,
            width=6,
            opacity=0.6,
        )


def holder(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A crock that holds wooden tools."""
    w = tones("beech")
    for x, turn, head in ((-50, -14, 38), (0, 0, 46), (48, 13, 36)):
        c.open(f'transform="translate({x} -180)rotate({turn})"')
        c.rect(-10, -200, 20, 220, w.base, r=9)
        c.rect(1, -200, 9, 220, w.shade, r=4)
        c.ellipse(0, -216, head, head * 1.4, w.base)
        c.ellipse(6, -212, head * 0.66, head * 1.05, w.shade)
        c.close()
    profile: Profile = [(-230, 118), (-120, 122), (-14, 116), (0, 106)]
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    c.path("M-118 -230A118 20 0 0 0 118 -230", stroke=t.light, width=9)


def measuring(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A measuring jug with marks."""
    c.line([(110, -270), (206, -262), (206, -130), (104, -90)], t.shade, 26)
    c.line([(108, -276), (200, -266), (200, -134)], t.light, 9)
    profile: Profile = [(-310, 130), (-160, 118), (-12, 104), (0, 98)]
    c.path("M-110 -322Q-150 -330 -170 -318Q-150 -290 -116 -260Z", t.base)
    body = turned(c, profile, t)
    for i in range(5):
        y = -236 + i * 42
        ring(c, body, y, y + 6, a.base, 0.0)
        c.path(f"M-40 {y + 34}h{70 if i % 2 else 44}", stroke=a.base, width=8)
    opening(c, -310, 130, t, wall=7, fill=COLOURS["milk"], level=0.7)


def rack(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A dish rack with plates standing in it."""
    for i, colour in enumerate(("oat", "sage", "white")):
        p = tones(colour)
        x = -130 + i * 110
        c.ellipse(x + 12, -160, 60, 140, p.shade)
        c.ellipse(x, -160, 60, 140, p.base)
        c.ellipse(x + 2, -160, 40, 104, p.light)
    for x in range(-220, 221, 55):
        c.path(f"M{x} -30V-150", stroke=t.base, width=13)
        c.path(f"M{x - 3} -34V-148", stroke=t.light, width=4)
    c.rect(-260, -60, 520, 36, t.base, r=14)
    c.rect(-260, -42, 520, 18, t.shade, r=9)
    for x in (-226, 226):
        c.rect(x - 14, -34, 28, 34, t.deep, r=8)
