"""A packed carton as a drawing: seen from above at an angle, every unit where it lies, numbered as in the list.

Plain SVG made on the server. Coordinates are whole tenths of a millimetre of the drawing. It has no style attributes,
which the pages' security policy would refuse.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from storekeep.shop.shipping.cartonization import Packed, Placement

_Point = tuple[int, int]
_Corner = tuple[int, int, int]
#: Fills of top, right and left face, by the number of the item.
_TOPS = ("#cfe3ff", "#d5f0dd", "#ffe9bf", "#f6d5e6", "#e2dcff", "#d9f1f4", "#f3e0cf", "#e9eef2")
_RIGHTS = ("#9cc4f5", "#9fd6b0", "#f2cd82", "#e3a3c6", "#bcb0f2", "#a3d6dc", "#d9b795", "#c3ccd4")
_LEFTS = ("#7fb0ea", "#84c498", "#e3b862", "#d488b1", "#a698e6", "#85c4cc", "#c8a079", "#aab6c0")
#: Cosine of 30 degrees in thousandths; the sine is a half.
_COSINE = 866
_LABEL = Markup('<text x="{}" y="{}" font-size="{}" text-anchor="middle" stroke="none" fill="#14202b">{}</text>')


def drawing(packed: Packed, numbers: Mapping[str, int], label: str) -> Markup:
    """One carton with its units; `numbers` has the number of each item in the list beside it."""
    carton = packed.carton
    sides = (carton.length_mm, carton.width_mm, carton.height_mm) if carton else packed.outer_mm
    corners = [_at((x, y, z)) for x in (0, sides[0]) for y in (0, sides[1]) for z in (0, sides[2])]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    wide, high = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    rim = max(wide, high) // 60 + 1
    body = [_behind(sides)]
    body += [_unit(one, numbers.get(one.item_id, 0), max(wide, high)) for one in _from_behind(packed.placements)]
    body.append(_before(sides))
    box = f"{left - rim} {top - rim} {wide + 2 * rim} {high + 2 * rim}"
    head = Markup('<svg class="carton-drawing" viewBox="{}" role="img" aria-label="{}" stroke="#2b3640" '
                  'stroke-width="{}" stroke-linejoin="round">').format(box, label, rim // 3 + 1)  # fmt: skip
    return head + Markup("").join(body) + Markup("</svg>")


def _at(corner: _Corner) -> _Point:
    x, y, z = corner
    return (x - y) * _COSINE // 100, (x + y) * 5 - z * 10


def _face(corners: Sequence[_Corner], fill: str, dashes: str = "none") -> Markup:
    points = " ".join(f"{x},{y}" for x, y in map(_at, corners))
    return Markup('<polygon points="{}" fill="{}" stroke-dasharray="{}"/>').format(points, fill, dashes)


def _behind(sides: tuple[int, int, int]) -> Markup:
    """Floor and the two far walls."""
    x, y, z = sides
    return (
        _face([(0, 0, 0), (x, 0, 0), (x, y, 0), (0, y, 0)], "#e6d3b3")
        + _face([(0, 0, 0), (x, 0, 0), (x, 0, z), (0, 0, z)], "#f3e7d2")
        + _face([(0, 0, 0), (0, y, 0), (0, y, z), (0, 0, z)], "#ecdcc0")
    )


def _before(sides: tuple[int, int, int]) -> Markup:
    """The edges of the near walls, which are looked through."""
    x, y, z = sides
    right, left = [(x, 0, 0), (x, y, 0), (x, y, z), (x, 0, z)], [(0, y, 0), (x, y, 0), (x, y, z), (0, y, z)]
    return _face(right, "none", "60 40") + _face(left, "none", "60 40")


def _from_behind(placements: Sequence[Placement]) -> list[Placement]:
    """The units in an order in which each may be painted over those before it."""
    left, painted = list(placements), list[Placement]()
    while left:
        free = (one for one in left if not any(_hides(other, one) for other in left if other is not one))
        ready = next(free, left[0])  # in a cycle, which boxes on a floor hardly make, any will do
        left.remove(ready)
        painted.append(ready)
    return painted


def _hides(other: Placement, one: Placement) -> bool:
    """Whether `other` lies behind or below `one`, so that it must be painted first."""
    if other.x_mm >= one.x_mm + one.dx_mm or other.y_mm >= one.y_mm + one.dy_mm or other.z_mm >= one.z_mm + one.dz_mm:
        return False
    return (
        other.x_mm + other.dx_mm <= one.x_mm
        or other.y_mm + other.dy_mm <= one.y_mm
        or other.z_mm + other.dz_mm <= one.z_mm
    )


def _unit(one: Placement, number: int, extent: int) -> Markup:
    x, y, z = one.x_mm, one.y_mm, one.z_mm
    far_x, far_y, high = x + one.dx_mm, y + one.dy_mm, z + one.dz_mm
    tone = (number - 1) % len(_TOPS)
    middle_x, middle_y = _at(((x + far_x) // 2, (y + far_y) // 2, high))
    size = min(extent // 12, min(one.dx_mm, one.dy_mm) * 6)
    return (
        _face([(far_x, y, z), (far_x, far_y, z), (far_x, far_y, high), (far_x, y, high)], _RIGHTS[tone])
        + _face([(x, far_y, z), (far_x, far_y, z), (far_x, far_y, high), (x, far_y, high)], _LEFTS[tone])
        + _face([(x, y, high), (far_x, y, high), (far_x, far_y, high), (x, far_y, high)], _TOPS[tone])
        + _LABEL.format(middle_x, middle_y + size // 3, size, number)
    )
