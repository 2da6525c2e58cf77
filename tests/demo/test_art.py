"""The pictures are well-formed, harmless, small, repeatable and one for each variant."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from storekeep.world.demo import PRODUCTS, draw, write_all
from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import tones
from storekeep.world.demo.art.gallery import FAMILIES
from storekeep.world.demo.art.turned import turned

NAMESPACE = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "g", "path", "ellipse", "rect", "use", "clipPath", "filter", "feDropShadow"}
PICTURES = {variant.sku: draw(product, variant) for product in PRODUCTS for variant in product.variants}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.slug)
def test_a_picture_is_a_harmless_svg_with_a_title(product) -> None:
    for variant in product.variants:
        root = ElementTree.fromstring(PICTURES[variant.sku])
        assert root.get("viewBox") == "0 0 800 800"
        assert root.get("role") == "img"
        title = root.find(f"{NAMESPACE}title")
        assert title is not None
        assert product.title in (title.text or "")
        ids = {element.get("id") for element in root.iter() if element.get("id")}
        for element in root.iter():
            assert element.tag.removeprefix(NAMESPACE) in ALLOWED
            assert not any(name.lower().startswith("on") for name in element.attrib)
            if element.get("href"):
                assert element.get("href", "").removeprefix("#") in ids
            if element.get("clip-path"):
                assert element.get("clip-path", "")[5:-1] in ids


def test_every_picture_is_under_twelve_kilobytes() -> None:
    large = {sku: len(svg.encode()) for sku, svg in PICTURES.items() if len(svg.encode()) >= 12_000}
    assert large == {}


def test_no_two_variants_share_a_picture() -> None:
    # Ids and titles name the variant, so compare what is left without them.
    bare: dict[str, str] = {}
    for sku, svg in PICTURES.items():
        body = svg.split("</title>")[1].replace("a" + sku.lower().replace("-", ""), "")
        assert body not in bare, f"{sku} looks like {bare.get(body)}"
        bare[body] = sku


def test_the_same_variant_is_drawn_the_same_to_the_byte() -> None:
    for product in PRODUCTS[::7]:
        variant = product.variants[-1]
        assert draw(product, variant) == PICTURES[variant.sku]


def test_every_shape_family_is_used_by_some_product() -> None:
    assert set(FAMILIES) == {product.art.family for product in PRODUCTS}


def test_an_unknown_decoration_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="tartan"):
        turned(Canvas("x"), [(-10, 5), (0, 5)], tones("sage"), decor="tartan")


def test_writing_all_pictures_gives_one_file_for_each_sku(tmp_path: Path) -> None:
    folder = tmp_path / "media" / "demo"
    written = write_all(folder)
    assert set(written) == set(PICTURES)
    assert {path.name for path in folder.iterdir()} == set(written.values())
    assert all(name == f"{sku.lower()}.svg" for sku, name in written.items())
    sku = next(iter(written))
    assert (folder / written[sku]).read_text(encoding="utf-8") == PICTURES[sku]
    assert write_all(folder) == written
