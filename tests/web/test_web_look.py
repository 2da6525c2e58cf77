"""Contrast of every token pair, and the rules that keep style and script out of templates."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from pathlib import Path

import pytest

import storekeep
from storekeep.doors.web.assets import BUNDLES, STATIC_FOLDER, load_assets
from storekeep.doors.web.styleguide import EXAMPLES, build

CSS = STATIC_FOLDER / "css"
DOORS = Path(storekeep.__file__).parent / "doors"
Colour = tuple[float, float, float]


def tokens(*files: str) -> dict[str, tuple[Colour, Colour]]:
    number = r"\s*([\d.]+) ([\d.]+) ?([\d.]*)\s*"
    pattern = rf"--([a-z0-9-]+): light-dark\(oklch\({number}\), oklch\({number}\)\);"
    found = {}
    for name in files:
        for match in re.finditer(pattern, (CSS / name).read_text()):
            values = [float(text or 0) for text in match.groups()[1:]]
            found[match[1]] = ((values[0], values[1], values[2]), (values[3], values[4], values[5]))
    return found


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2) of an oklch colour, clipped into sRGB; matrices from CSS Color 4."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("paper", "raised", "sunken")
TEXT_PAIRS = [
    *[(text, ground) for text in ("ink", "ink-2") for ground in GROUNDS],
    *[(text, ground) for text in ("accent", "good", "warn", "bad", "info") for ground in ("paper", "raised")],
    *[(tone, f"{tone}-fill") for tone in ("good", "warn", "bad", "info")],
    *[("ink", f"{tone}-fill") for tone in ("good", "warn", "bad", "info", "accent")],
    ("ink-2", "accent-fill"),
    ("ink-2", "warn-fill"),
    ("accent-strong", "accent-fill"),
    ("accent", "accent-fill"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("paper", "bad"),
]
BORDER_PAIRS = [
    ("line-strong", "paper"),
    ("line-strong", "raised"),
    ("focus", "paper"),
    ("focus", "raised"),
    ("bad", "paper"),
]
THEMES = {"console": ("tokens.css",), "store": ("tokens.css", "theme-store.css")}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_pair_reaches_the_contrast_for_reading(theme: str, scheme: int) -> None:
    colours = tokens(*THEMES[theme])
    weak = {f"{a} on {b}": round(contrast(colours[a][scheme], colours[b][scheme]), 2) for a, b in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 5.7} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_border_of_a_control_can_be_seen(theme: str, scheme: int) -> None:
    colours = tokens(*THEMES[theme])
    weak = {f"{a} on {b}": round(contrast(colours[a][scheme], colours[b][scheme]), 2) for a, b in BORDER_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3.2} == {}


def test_black_on_white_has_the_known_contrast() -> None:
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)


FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*ld\+json)",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "hx-on": r"\bhx-on\b",
    "a js: value": r"=\s*[\"']js:",
    "hx-delete": r"\bhx-delete\b",
    "a javascript address": r"javascript:",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_of_any_door_holds(what: str) -> None:
    guilty = [str(path) for path in DOORS.rglob("*.html") if re.search(FORBIDDEN[what], path.read_text(), re.I)]
    assert guilty == []


def test_every_style_rule_stands_in_a_layer() -> None:
    for path in CSS.glob("*.css"):
        bare = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S).strip()
        assert bare.startswith("@layer "), path.name
        assert bare.count("{") == bare.count("}"), path.name


def test_every_custom_property_that_is_used_is_defined() -> None:
    text = "\n".join(path.read_text() for path in CSS.glob("*.css"))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", text))
    assert used - set(re.findall(r"(--[a-z0-9-]+):", text)) == set()


def test_every_source_file_is_in_a_bundle() -> None:
    bundled = {source for sources in BUNDLES.values() for source in sources}
    present = {
        str(path.relative_to(STATIC_FOLDER))
        for path in STATIC_FOLDER.rglob("*")
        if path.suffix in (".css", ".js", ".svg")
    }
    assert present == bundled


def test_vendored_files_have_the_hash_that_is_written_down() -> None:
    folder = STATIC_FOLDER / "vendor"
    listed = tomllib.loads((folder / "vendor.toml").read_text())["file"]
    for entry in listed:
        assert hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (folder / entry["licence_file"]).is_file()
    assert {path.name for path in folder.glob("*.js")} == {entry["name"] for entry in listed}


def test_a_bundle_gets_another_name_when_its_content_changes(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@layer base { p { color: red } }")
    before = load_assets(tmp_path, {"x.css": ("a.css",)}).url("x.css")
    (tmp_path / "a.css").write_text("@layer base { p { color: blue } }")
    assert load_assets(tmp_path, {"x.css": ("a.css",)}).url("x.css") != before


def test_script_and_style_of_the_store_stay_within_their_budget() -> None:
    assets = load_assets()
    packed = {name: len(assets.files[public].gzipped) for name, public in assets.names.items()}
    assert packed["htmx.js"] + packed["store.js"] <= 20 * 1024
    assert packed["htmx.js"] + packed["console.js"] <= 45 * 1024
    assert packed["store.css"] <= 16 * 1024


def test_every_example_of_the_style_guide_renders(tmp_path: Path) -> None:
    written = build(tmp_path)
    assert len(written) == 2 * len(EXAMPLES)
    for path in written:
        ids = re.findall(r'\sid="([^"]+)"', path.read_text())
        assert len(ids) == len(set(ids)), f"an id stands twice in {path.name}"
