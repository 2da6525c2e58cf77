"""The room around a product: wall, table, light and shadow.

Three scenes: `table` (it stands), `flat` (it lies, seen from above) and `wall` (it hangs). The tints are chosen so
that the product stands out from them, and stay the same for the same picture.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from storekeep.world.demo.art.canvas import Canvas, num
from storekeep.world.demo.art.colour import COLOURS, distance, mix
from storekeep.world.demo.art.props import PROPS

SHADOW = "#2f2344"
# wall, disc of light behind the product, table
TINTS: tuple[tuple[str, str, str], ...] = (
    ("#efe4d4", "#f6eee2", "#e2cfb6"),
    ("#dfe6da", "#eaf0e5", "#c9d3c0"),
    ("#dbe5ea", "#e8eff2", "#c3d2da"),
    ("#f3ddd2", "#f8e9e0", "#e3c2b2"),
    ("#e3dfea", "#eeebf2", "#cdc6d8"),
    ("#f3e7c5", "#f9f0d8", "#e3d09c"),
    ("#d5e2df", "#e3ecea", "#b9cdc8"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """How one family stands: scene, width of its foot, turn, size; `up` raises the table, `shift` moves the thing."""

    scene: str = "table"
    half: float = 150
    turn: float = 0
    size: float = 1
    room_for_prop: bool = True
    up: float = 0
    shift: float = 0


def tint(slug: str, colour: str) -> tuple[str, str, str]:
    """The tint for a product: the first, in the product's own order, that its colour is not lost in.

    Pale goods get the same tints one step deeper, so that white porcelain and clear glass have an edge.
    """
    base, near = COLOURS[colour], 76.0
    start = zlib.crc32(slug.encode()) % len(TINTS)
    order = [TINTS[(start + i * 2) % len(TINTS)] for i in range(len(TINTS))]
    if distance(base, "#ffffff") < 190:
        order = [(mix(w, t, 0.55), mix(w, t, 0.16), mix(t, SHADOW, 0.04)) for w, _, t in order]
        # Clear glass has drawn edges and takes its tint from behind, so it may stand nearer to it.
        near = 24.0 if colour == "clear" else 52.0
    for candidate in order:
        if distance(candidate[1], base) > near:
            return candidate
    return max(order, key=lambda tints: distance(tints[1], base))


def table(c: Canvas, tints: tuple[str, str, str], up: float = 0) -> None:
    """Wall, a disc of light and the table top; `up` raises the table for low things."""
    wall, disc, top = tints
    edge = num(574 - up)
    c.rect(0, 0, 800, 800, wall)
    c.ellipse(400, 360 - up * 0.2, 300, 300, disc)
    c.path(f"M0 {edge}H800V800H0Z", top)
    c.path(f"M0 {edge}H800v8H0Z", mix(top, "#fffaf0", 0.45))


def flat(c: Canvas, tints: tuple[str, str, str]) -> None:
    """A plain top seen from above with a soft mat."""
    _, disc, top = tints
    c.rect(0, 0, 800, 800, mix(disc, top, 0.55))
    c.ellipse(400, 400, 340, 340, disc, opacity=0.75)


def wall(c: Canvas, tints: tuple[str, str, str]) -> None:
    """A wall with a panel line."""
    back, disc, top = tints
    c.rect(0, 0, 800, 800, back)
    c.path("M140 800V330C140 30 660 30 660 330V800Z", disc)
    c.path("M0 700H800V800H0Z", top, opacity=0.7)


def ground_shadow(c: Canvas, x: float, y: float, half: float) -> None:
    """Where a thing stands: a wide soft shade away from the light, a tight dark one under it."""
    c.ellipse(x + half * 0.3, y + 2, half * 1.32, half * 0.2, SHADOW, opacity=0.09)
    c.ellipse(x + half * 0.16, y, half * 1.14, half * 0.165, SHADOW, opacity=0.12)


def places(count: int, half: float) -> list[tuple[float, float, float]]:
    """Where copies stand as (x, y, size), the hindmost first."""
    if count <= 1:
        return [(400, 662, 1)]
    if count == 2:
        gap = min(150.0, half * 0.72 + 34)
        return [(400 + gap, 626, 0.76), (400 - gap * 0.78, 676, 0.84)]
    gap = min(190.0, half * 1.15 + 30)
    return [(400 + gap * 0.1, 612, 0.62), (400 + gap, 650, 0.68), (400 - gap * 0.9, 676, 0.74)]


def drop_shadow(name: str) -> str:
    """The filter for things that lie or hang: the same light, whichever way they are turned."""
    return (
        f'<filter id="{name}" x="-20%" y="-20%" width="150%" height="150%"><feDropShadow dx="12" dy="18"'
        ' stdDeviation="9" '
        f'flood-color="{SHADOW}" flood-opacity=".24"/></filter>'
    )


def put_prop(c: Canvas, name: str, half: float, size: float, side: int, up: float = 0) -> None:
    """Place a small companion beside the product, in front of its foot."""
    x = 400 + side * min(270.0, half * size + 92)
    c.open(f'transform="translate({num(x)} {num(706 - up)})scale(1.1)"')
    PROPS[name](c)
    c.close()
