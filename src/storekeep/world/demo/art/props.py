"""The small things beside a product that make a picture a still life.

Each is drawn with its foot at the origin and stays quieter and smaller than what is for sale.
"""

from __future__ import annotations

from collections.abc import Callable

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import tones

SHADOW = "#2f2344"


def _ball(c: Canvas, x: float, r: float, colour: str, squash: float = 1) -> None:
    t = tones(colour)
    ry = r * squash
    c.ellipse(x + r * 0.35, -2, r * 1.15, r * 0.2, SHADOW, opacity=0.16)
    c.ellipse(x, -ry, r, ry, t.base)
    c.path(
        f"M{x + r * 0.25:.1f} {-2 * ry + ry * 0.06:.1f}A{r:.1f} {ry:.1f} 0 0 1 {x:.1f} 0A{r * 1.3:.1f} "
        f"{ry * 1.25:.1f} 0 0 0 "
        f"{x + r * 0.25:.1f} {-2 * ry + ry * 0.06:.1f}Z",
        t.shade,
    )
    c.ellipse(x - r * 0.36, -ry * 1.4, r * 0.2, ry * 0.13, t.gleam, opacity=0.8)


def lemon(c: Canvas) -> None:
    """A lemon lying on its side, with a leaf."""
    t = tones("lemon")
    c.ellipse(12, -2, 60, 10, SHADOW, opacity=0.16)
    c.path(
        "M-56 -34C-48 -64 -14 -72 14 -62C30 -56 40 -48 54 -40C62 -36 60 -26 52 -24C40 -18 34 -6 10 -1C-22 "
        "5 -50 -6 -56 -34Z",
        t.base,
    )
    c.path("M54 -40C62 -36 60 -26 52 -24C40 -18 34 -6 10 -1C-14 3 -36 -2 -47 -14C-18 -4 22 -8 54 -40Z", t.shade)
    c.ellipse(-16, -52, 18, 5, t.gleam, opacity=0.7)
    c.path("M-56 -36Q-84 -62 -104 -48Q-88 -28 -56 -34Z", tones("leaf").base)


def egg(c: Canvas) -> None:
    """Two eggs."""
    for x, colour in ((30, "egg"), (-26, "raw")):
        t = tones(colour)
        c.ellipse(x + 8, -2, 36, 7, SHADOW, opacity=0.16)
        c.path(
            f"M{x - 36} -26C{x - 36} -50 {x - 14} -62 {x + 8} -58C{x + 30} -54 {x + 38} -38 {x + 36} "
            f"-24C{x + 32} 4 {x - 34} 6 {x - 36} -26Z",
            t.base,
        )
        c.path(
            f"M{x + 36} -24C{x + 32} 2 {x - 26} 6 {x - 34} -18C{x - 14} -4 {x + 20} -8 {x + 30} "
            f"-46Q{x + 37} -36 {x + 36} -24Z",
            t.shade,
        )
        c.ellipse(x - 12, -46, 8, 4, t.gleam, opacity=0.8)


def sprig(c: Canvas) -> None:
    """A herb sprig lying flat."""
    t = tones("leaf")
    c.line([(-70, -4), (-10, -12), (64, -30)], t.deep, 4)
    for i in range(6):
        x, y = -46 + i * 20, -8 - i * 3.6
        c.path(f"M{x:.0f} {y:.1f}q2 -26 24 -32q4 22 -24 32Z", t.base if i % 2 else t.light)
        c.path(f"M{x:.0f} {y:.1f}q20 16 36 6q-12 -16 -36 -6Z", t.shade)


def bread(c: Canvas) -> None:
    """A small round loaf with three cuts."""
    t = tones("bread")
    c.ellipse(14, -2, 80, 12, SHADOW, opacity=0.16)
    c.path("M-76 -24C-76 -66 -34 -84 2 -84C42 -84 78 -64 78 -24C78 2 -76 2 -76 -24Z", t.base)
    c.path("M78 -24C78 -50 62 -68 42 -77C56 -40 20 -12 -70 -10C-50 4 78 4 78 -24Z", t.shade)
    for x in (-34, -2, 30):
        c.path(f"M{x - 12} -44Q{x - 6} -66 {x + 14} -74Q{x + 14} -54 {x - 2} -40Z", tones("egg").base)


def beans(c: Canvas) -> None:
    """A scatter of coffee beans."""
    t = tones("coffee")
    for x, y, turn in ((-52, -8, 20), (-20, -4, -30), (8, -12, 10), (36, -5, 50), (62, -10, -15), (-6, 6, 70)):
        c.add(
            f'<g transform="translate({x} {y})rotate({turn})"><ellipse cx="3" cy="5" rx="16" ry="9"'
            f' fill="{SHADOW}" opacity=".14"/>'
            f'<ellipse rx="15" ry="10" fill="{t.base}"/><path d="M-12 -1Q0 5 12 -1" fill="none"'
            f' stroke="{t.gleam}" stroke-width="2" opacity=".6"/></g>'
        )


def pear(c: Canvas) -> None:
    """A standing pear."""
    t = tones("mustard")
    c.ellipse(16, -2, 50, 9, SHADOW, opacity=0.16)
    c.path(
        "M0 -118C18 -118 22 -96 26 -80C32 -62 46 -52 46 -32C46 -8 26 0 0 0C-26 0 -46 -8 -46 -32C-46 -54 "
        "-30 -62 -25 -82C-21 -98 -18 -118 0 -118Z",
        t.light,
    )
    c.path(
        "M0 -118C18 -118 22 -96 26 -80C32 -62 46 -52 46 -32C46 -8 26 0 0 0C-8 0 -14 -1 -20 -2C10 -8 22 -28 "
        "14 -54C6 -76 16 -96 0 -118Z",
        t.base,
    )
    c.line([(0, -116), (4, -132), (12, -142)], tones("walnut").base, 6)
    c.path("M6 -130Q30 -160 56 -144Q40 -122 6 -130Z", tones("leaf").base)


def tomato(c: Canvas) -> None:
    """Two tomatoes on the vine's side."""
    for x, r in ((-34, 34), (30, 40)):
        _ball(c, x, r, "red", 0.88)
        c.path(f"M{x} {-r * 1.62:.1f}l-16 -6l14 -2l2 -12l6 12l15 2l-15 6Z", tones("leaf").base)


def garlic(c: Canvas) -> None:
    """A bulb of garlic."""
    t = tones("white")
    c.ellipse(12, -2, 48, 8, SHADOW, opacity=0.16)
    c.path("M0 -96C4 -74 46 -60 44 -28C42 0 -42 0 -44 -28C-46 -60 -6 -72 -6 -96Z", t.base)
    c.path("M0 -96C4 -74 46 -60 44 -28C43 -6 10 2 -14 0C20 -10 26 -50 -2 -84Z", t.shade)
    c.path("M-4 -86C-16 -60 -22 -30 -12 -4", stroke=tones("lavender").base, width=3, opacity=0.6)


def berry(c: Canvas) -> None:
    """A few cherries."""
    for x in (-38, 4, 40):
        _ball(c, x, 20, "berry")
    c.line([(4, -38), (20, -70), (36, -84)], tones("leaf").deep, 4)
    c.line([(40, -38), (40, -64), (36, -84)], tones("leaf").deep, 4)


def sugar(c: Canvas) -> None:
    """Three lumps of sugar."""
    t = tones("white")
    for x, y in ((-34, 0), (14, 2), (-10, -32)):
        c.path(f"M{x} {y}h36v-32h-36Z", t.base)
        c.path(f"M{x + 36} {y}l10 -8v-32l-10 8Z", t.shade)
        c.path(f"M{x} {y - 32}l10 -8h36l-10 8Z", t.gleam)


def onion(c: Canvas) -> None:
    """An onion with a papery tip."""
    t = tones("cherry")
    c.ellipse(14, -2, 54, 9, SHADOW, opacity=0.16)
    c.path("M-2 -112C0 -86 52 -78 52 -38C52 -8 28 0 0 0C-28 0 -52 -8 -52 -38C-52 -78 -12 -84 -10 -110Z", t.light)
    c.path("M-2 -112C0 -86 52 -78 52 -38C52 -10 30 -1 4 0C36 -26 26 -70 -4 -96Z", t.base)
    c.path("M-8 -90C-26 -66 -30 -30 -18 -4M-4 -90C-4 -60 -2 -30 0 -2", stroke=t.shade, width=3, opacity=0.7)


PROPS: dict[str, Callable[[Canvas], None]] = {
    "lemon": lemon,
    "egg": egg,
    "sprig": sprig,
    "bread": bread,
    "beans": beans,
    "pear": pear,
    "tomato": tomato,
    "garlic": garlic,
    "berry": berry,
    "sugar": sugar,
    "onion": onion,
}
