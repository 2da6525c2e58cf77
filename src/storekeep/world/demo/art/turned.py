"""Things that are round: a profile turned about its axis, shaded and decorated.

A profile is a list of (y, radius) from the rim down to the foot. From it come the outline, the lit strip on the
left, two shades on the right, the opening seen a little from above, and every decoration that wraps around a pot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from storekeep.world.demo.art.canvas import Canvas, dots, num, smooth
from storekeep.world.demo.art.colour import Tones, mix

Profile = Sequence[tuple[float, float]]
TILT = 0.17


@dataclass(frozen=True, slots=True)
class Body:
    """A drawn round body: where it is, and the clip that further decoration needs."""

    profile: Profile
    clip: str
    tilt: float

    def radius(self, y: float) -> float:
        """The radius at height `y`, by straight lines between the profile's points."""
        rows = self.profile
        for (y1, r1), (y2, r2) in pairwise(rows):
            if y1 <= y <= y2 and y2 > y1:
                return r1 + (r2 - r1) * (y - y1) / (y2 - y1)
        return rows[0][1] if y < rows[0][0] else rows[-1][1]


def outline(profile: Profile, tilt: float = TILT, *, front: bool = False) -> str:
    """The closed outline of a turned body; with `front` it ends at the near edge of the rim, not the far one."""
    (top, r0), (foot, r1) = profile[0], profile[-1]
    left = smooth([(-r, y) for y, r in profile])
    right = smooth([(r, y) for y, r in reversed(profile)], "L")
    return (
        f"{left}A{num(r1)} {num(r1 * tilt)} 0 0 0 {num(r1)} {num(foot)}{right}"
        f"A{num(r0)} {num(r0 * tilt)} 0 0 {int(front)} {num(-r0)} {num(top)}Z"
    )


def _strip(profile: Profile, inner: float, outer: float) -> str:
    down = smooth([(r * inner, y) for y, r in profile])
    foot = profile[-1][0] + profile[-1][1] * TILT + 4
    far = profile[-1][1]
    up = smooth([(r * outer, y) for y, r in reversed(profile)], "L")
    return f"{down}L{num(far * inner)} {num(foot)}L{num(far * outer)} {num(foot)}{up}Z"


def turned(
    c: Canvas,
    profile: Profile,
    t: Tones,
    *,
    decor: str = "",
    accent: Tones | None = None,
    seed: str = "",
    tilt: float = TILT,
    gloss: bool = True,
    opacity: float = 1,
    front: bool = False,
) -> Body:
    """Draw the body without its opening: fill, decoration, then light and shade over both."""
    d = outline(profile, tilt, front=front)
    body = Body(profile, c.clip(d), tilt)
    c.path(d, t.base, opacity=opacity)
    if decor:
        decorate(c, body, decor, accent or t, seed)
    ink = "#2f2344"
    wide = profile if profile[0][1] else profile[1:]
    c.path(_strip(wide, 0.42, 1.06), ink, opacity=0.11, clip=body.clip)
    c.path(_strip(wide, 0.78, 1.06), ink, opacity=0.12, clip=body.clip)
    if gloss:
        c.path(_strip(wide, -0.8, -0.56), "#fffaf0", opacity=0.3, clip=body.clip)
    return body


def ring(c: Canvas, body: Body, y1: float, y2: float, fill: str, opacity: float = 1) -> None:
    """Lay a band around the body between two heights."""
    wide = max(r for _, r in body.profile) + 4
    sag1, sag2 = body.radius(y1) * body.tilt, body.radius(y2) * body.tilt
    c.path(
        f"M{num(-wide)} {num(y1)}Q0 {num(y1 + 2 * sag1)} {num(wide)} {num(y1)}L{num(wide)} {num(y2)}"
        f"Q0 {num(y2 + 2 * sag2)} {num(-wide)} {num(y2)}Z",
        fill,
        opacity=opacity,
        clip=body.clip,
    )


def opening(
    c: Canvas,
    y: float,
    r: float,
    t: Tones,
    *,
    lip: str = "",
    wall: float = 9,
    fill: str = "",
    level: float = 0.45,
    tilt: float = TILT,
) -> None:
    """Draw the rim and look inside; `fill` is the colour of what stands in the vessel, up to `level`."""
    c.ellipse(0, y, r, r * tilt, lip or t.light)
    ir, iy = r - wall, (r - wall) * tilt
    hole = (
        f"M{num(-ir)} {num(y)}A{num(ir)} {num(iy)} 0 1 0 {num(ir)} {num(y)}A{num(ir)} {num(iy)} 0 1 0"
        f" {num(-ir)} {num(y)}Z"
    )
    clip = c.clip(hole)
    c.path(hole, t.deep)
    c.ellipse(ir * 0.3, y + iy * 0.45, ir, iy, t.shade, clip=clip)
    if fill:
        c.ellipse(0, y + iy * level * 1.5, ir * 0.97, iy, fill, clip=clip)
        c.ellipse(-ir * 0.3, y + iy * (level * 1.5 - 0.35), ir * 0.4, iy * 0.18, mix(fill, "#fff6e6", 0.3), clip=clip)


def decorate(c: Canvas, body: Body, decor: str, accent: Tones, seed: str) -> None:
    """Put one of the known decorations on a body; an unknown name is refused."""
    top, foot = body.profile[0][0], body.profile[-1][0]
    high, wide = foot - top, max(r for _, r in body.profile)
    if decor == "dip":
        _dip(c, body, top + high * 0.64, foot + wide, accent.base)
    elif decor == "drip":
        _dip(c, body, top - wide, top + high * 0.34, accent.base)
    elif decor == "speckle":
        _speckle(c, body, accent.deep, seed)
    elif decor == "stripes":
        for at in (0.2, 0.32, 0.44):
            ring(c, body, top + high * at, top + high * (at + 0.045), accent.base)
    elif decor == "band":
        ring(c, body, top + high * 0.3, top + high * 0.58, accent.base)
        ring(c, body, top + high * 0.64, top + high * 0.67, accent.base)
    elif decor == "foot":
        ring(c, body, foot - high * 0.12, foot + wide, accent.base)
    elif decor == "ribs":
        for i in range(-6, 7):
            f = i / 7 * (1 - abs(i) / 40)
            c.path(
                smooth([(r * f, y) for y, r in body.profile]), stroke=accent.deep, width=3, opacity=0.3, clip=body.clip
            )
    elif decor == "rings":
        for i in range(1, 9):
            y = top + high * i / 9
            ring(c, body, y, y + 3, accent.deep, 0.35)
    elif decor == "dots":
        _dot_rows(c, body, accent.base)
    elif decor == "leaf":
        _leaves(c, body, accent.base)
    else:
        raise ValueError(f"no decoration is called {decor!r}")


def _dip(c: Canvas, body: Body, y1: float, y2: float, fill: str) -> None:
    wide = max(r for _, r in body.profile) + 6
    edge, down = (y1, y2) if y2 > body.profile[-1][0] else (y2, y1)
    sag = body.radius(edge) * body.tilt
    steps = 8
    wave = [
        (
            -wide + 2 * wide * i / steps,
            edge + sag * (1 - (2 * i / steps - 1) ** 2) + (7 if i % 2 else -5) * (0.6 + 0.4 * (i % 3)),
        )
        for i in range(steps + 1)
    ]
    c.path(smooth(wave) + f"L{num(wide)} {num(down)}L{num(-wide)} {num(down)}Z", fill, clip=body.clip)


def _speckle(c: Canvas, body: Body, fill: str, seed: str) -> None:
    top, foot = body.profile[0][0], body.profile[-1][0]
    d = []
    for u, v, w in dots(seed, 46):
        y = top + 6 + (foot - top - 4) * v
        x = (u * 2 - 1) * body.radius(y) * 0.97
        size = 1.4 + 2.4 * w * w
        d.append(
            f"M{num(x - size)} {num(y)}a{num(size)} {num(size)} 0 1 0 {num(2 * size)} 0a{num(size)} "
            f"{num(size)} 0 1 0 {num(-2 * size)} 0"
        )
    c.path("".join(d), fill, opacity=0.55, clip=body.clip)


def _dot_rows(c: Canvas, body: Body, fill: str) -> None:
    top, foot = body.profile[0][0], body.profile[-1][0]
    for row in range(3):
        y = top + (foot - top) * (0.28 + 0.2 * row)
        r = body.radius(y)
        for i in range(-3, 4):
            f = (i + (0.5 if row % 2 else 0)) / 3.6
            if abs(f) < 0.96:
                squeeze = (1 - f * f) ** 0.5
                c.ellipse(f * r, y + r * body.tilt * squeeze, 10 * max(0.4, squeeze), 10, fill, clip=body.clip)


def _leaves(c: Canvas, body: Body, fill: str) -> None:
    top, foot = body.profile[0][0], body.profile[-1][0]
    high = foot - top
    base = top + high * 0.82
    c.line([(4, base), (-3, base - high * 0.25), (2, base - high * 0.52)], fill, 5, clip=body.clip)
    size = min(high * 0.19, body.radius(top + high / 2) * 0.4)
    for i in range(3):
        y = base - high * (0.12 + 0.15 * i)
        for side in (-1, 1):
            tip, up = side * size * 1.1, size * 0.75
            c.path(
                f"M0 {num(y)}Q{num(tip * 0.2)} {num(y - up)} {num(tip)} {num(y - up)}Q{num(tip)} {num(y)} 0 {num(y)}Z",
                fill,
                clip=body.clip,
            )
