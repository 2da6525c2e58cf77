"""Pictures of the demo shop's goods, drawn as SVG in one quiet style.

`draw` gives the picture of one variant and `write_all` writes the pictures of the whole catalogue. Nothing is
random and nothing is loaded: a picture is text made of shapes.
"""

from __future__ import annotations

from pathlib import Path

from storekeep.world.demo.art.gallery import picture
from storekeep.world.demo.model import DemoProduct, DemoVariant

__all__ = ["draw", "write_all"]


def draw(product: DemoProduct, variant: DemoVariant) -> str:
    """Return the picture of `variant` as an SVG document of 800 by 800 units."""
    return picture(product, variant)


def write_all(folder: Path) -> dict[str, str]:
    """Write one `<sku lower>.svg` for each variant into `folder` and return SKU -> file name.

    The folder is made when missing; files already there are replaced by the same bytes.
    """
    from storekeep.world.demo.catalogue import PRODUCTS

    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    for product in PRODUCTS:
        for variant in product.variants:
            name = f"{variant.sku.lower()}.svg"
            (folder / name).write_text(picture(product, variant), encoding="utf-8")
            written[variant.sku] = name
    return written
