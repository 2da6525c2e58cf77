"""A small SVG sheet: shapes in, one deterministic string out.

Coordinates of a drawing start at the middle of the thing's foot, with y growing downwards as in SVG. Numbers are
written with one decimal, which keeps a picture to a few kilobytes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence

Point = tuple[float, float]


def num(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    if text.endswith(".0"):
        text = text[:-2]
    return "0" if text == "-0" else text


def dots(seed: str, count: int) -> Iterator[tuple[float, float, float]]:
    """Yield `count` triples in 0…1 that look scattered and are the same for the same seed."""
    for i in range(count):
        h = zlib.crc32(f"{seed}/{i}".encode())
        # A golden-ratio step spreads the points evenly; the hash takes the grid out of them.
        yield ((i * 0.618034 + (h & 255) / 1400) % 1, ((h >> 8) & 1023) / 1023, ((h >> 20) & 255) / 255)


def smooth(points: Sequence[Point], start: str = "M") -> str:
    """A curve through `points` (Catmull-Rom as Béziers); a point given twice makes a corner."""
    out = [f"{start}{num(points[0][0])} {num(points[0][1])}"]
    last = len(points) - 1
    for i in range(last):
        a, b, c, d = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, last)]
        if b == c:
            continue
        # Tangents take a third of their own segment, so that a short step beside a long one does not overshoot.
        reach = math.dist(b, c) / 3
        one = _along(b, a, c, reach) if a != b else b
        two = _along(c, d, b, reach) if c != d else c
        out.append("C" + " ".join(num(v) for p in (one, two, c) for v in p))
    return "".join(out)


def _along(at: Point, behind: Point, ahead: Point, reach: float) -> Point:
    span = math.dist(behind, ahead) or 1.0
    return (at[0] + (ahead[0] - behind[0]) / span * reach, at[1] + (ahead[1] - behind[1]) / span * reach)


class Canvas:
    """Collects shapes; `key` makes ids unique where several pictures share one page."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.parts: list[str] = []
        self._clips = 0

    def add(self, raw: str) -> None:
        """Append a finished element."""
        self.parts.append(raw)

    def path(
        self,
        d: str,
        fill: str = "none",
        *,
        stroke: str = "",
        width: float = 0,
        opacity: float = 1,
        clip: str = "",
        extra: str = "",
    ) -> None:
        """Draw a path; strokes have round caps and joins."""
        self.add(f'<path d="{d}"{_paint(fill, stroke, width, opacity, clip)}{extra}/>')

    def ellipse(
        self,
        cx: float,
        cy: float,
        rx: float,
        ry: float,
        fill: str = "none",
        *,
        stroke: str = "",
        width: float = 0,
        opacity: float = 1,
        clip: str = "",
    ) -> None:
        """Draw an ellipse."""
        self.add(
            f'<ellipse cx="{num(cx)}" cy="{num(cy)}" rx="{num(rx)}" ry="{num(ry)}"'
            f"{_paint(fill, stroke, width, opacity, clip)}/>"
        )

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str = "none",
        *,
        r: float = 0,
        stroke: str = "",
        width: float = 0,
        opacity: float = 1,
        clip: str = "",
    ) -> None:
        """Draw a rectangle with corner radius `r`."""
        self.add(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"'
            + (f' rx="{num(r)}"' if r else "")
            + f"{_paint(fill, stroke, width, opacity, clip)}/>"
        )

    def line(self, points: Sequence[Point], stroke: str, width: float, *, opacity: float = 1, clip: str = "") -> None:
        """Draw a smooth open line through `points`."""
        self.path(smooth(points), stroke=stroke, width=width, opacity=opacity, clip=clip)

    def clip(self, d: str) -> str:
        """Define a clipping path and return its reference for the `clip` arguments."""
        self._clips += 1
        name = f"{self.key}-{self._clips}"
        self.add(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        return name

    def open(self, attributes: str) -> None:
        """Open a group; every `open` needs its `close`."""
        self.add(f"<g {attributes}>")

    def close(self) -> None:
        """Close the group opened last."""
        self.add("</g>")


def _paint(fill: str, stroke: str, width: float, opacity: float, clip: str) -> str:
    out = f' fill="{fill}"'
    if stroke:
        out += f' stroke="{stroke}" stroke-width="{num(width)}" stroke-linecap="round" stroke-linejoin="round"'
    if opacity < 1:
        out += f' opacity="{opacity:.2f}"'
    if clip:
        out += f' clip-path="url(#{clip})"'
    return out
