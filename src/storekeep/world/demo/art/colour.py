"""Named colours of the demo shop and the few tones that a drawing takes from each.

Light falls from the upper left, so every colour comes as five tones: a gleam and a lit tone towards the light, the
colour itself, and two shades away from it. Shades lean to violet and lights to cream, which keeps flat shapes warm.
"""

from __future__ import annotations

from dataclasses import dataclass

COLOURS: dict[str, str] = {
    # glazes and enamels
    "sage": "#9db097",
    "oat": "#e3d3b8",
    "ink": "#34466b",
    "clay": "#c47f5e",
    "charcoal": "#4a4d54",
    "cream": "#f3e8d3",
    "blush": "#e2b1a2",
    "sky": "#9fc0d4",
    "moss": "#6d7d52",
    "mustard": "#d8a23c",
    "white": "#f8f4ec",
    "rust": "#ad5633",
    "plum": "#714c63",
    "teal": "#3f7b7d",
    "butter": "#f0d484",
    "terracotta": "#c9714b",
    "slate": "#6f7e8b",
    "black": "#35353b",
    "red": "#bb463b",
    "forest": "#40634e",
    "lavender": "#a99dbf",
    "biscuit": "#d9b791",
    "cobalt": "#3a5fa0",
    "mint": "#b4d3bf",
    "coral": "#e08a70",
    # woods and fibres
    "walnut": "#7b5439",
    "oak": "#cda372",
    "beech": "#dfbd90",
    "olive": "#b78d55",
    "acacia": "#a0683e",
    "cherry": "#b06d47",
    "maple": "#e6cda3",
    "ash": "#dcc7a5",
    "bamboo": "#d9b874",
    "cork": "#c79a68",
    "natural": "#d9c49c",
    "flax": "#d5c6a9",
    "seagrass": "#b9a877",
    "jute": "#c2a06a",
    "wicker": "#b5834f",
    # metals and stone
    "steel": "#b7c0c6",
    "copper": "#c97f55",
    "brass": "#cfa850",
    "iron": "#45464a",
    "aluminium": "#cbd0d2",
    "marble": "#e9e5df",
    "granite": "#83858a",
    "pewter": "#8d949a",
    # glass
    "clear": "#cfe4e4",
    "smoke": "#8e9499",
    "amber": "#cf9140",
    "green": "#86b094",
    "rose": "#e0a9a6",
    "blue": "#86aecb",
    # wax and food
    "ivory": "#f4ead2",
    "honey": "#dc9c35",
    "coffee": "#5a3a2a",
    "tea": "#b86f35",
    "milk": "#faf5ea",
    "leaf": "#7f9a63",
    "lemon": "#f0cf57",
    "bread": "#c98f4e",
    "cherry-jam": "#8f2f3a",
    "oil": "#c9b243",
    "salt": "#efece6",
    "berry": "#9b3f52",
    "egg": "#efd9bd",
    "raw": "#cdb193",
}


def mix(first: str, second: str, share: float) -> str:
    """Blend two #rrggbb colours; `share` is the part of the second."""
    a = (int(first[i : i + 2], 16) for i in (1, 3, 5))
    b = (int(second[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))


def distance(first: str, second: str) -> float:
    """How far apart two colours look, roughly: weighted RGB distance."""
    d = [int(first[i : i + 2], 16) - int(second[i : i + 2], 16) for i in (1, 3, 5)]
    return float((2 * d[0] ** 2 + 4 * d[1] ** 2 + 3 * d[2] ** 2) ** 0.5)


@dataclass(frozen=True, slots=True)
class Tones:
    """Five tones of one colour, from the light to the dark."""

    gleam: str
    light: str
    base: str
    shade: str
    deep: str


def tones(colour: str) -> Tones:
    """The tones of a named colour; a KeyError names one that the palette lacks."""
    base = COLOURS[colour]
    return Tones(
        gleam=mix(base, "#fffaf0", 0.55),
        light=mix(base, "#fff6e6", 0.24),
        base=base,
        shade=mix(base, "#3a2b4f", 0.15),
        deep=mix(base, "#2f2344", 0.32),
    )
