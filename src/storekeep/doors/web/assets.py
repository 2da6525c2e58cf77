"""Style and script bundles, built once at start: joined, hashed into the name, compressed in memory.

There is no build step. A bundle is a list of source files; its public name carries a hash of its content,
so a browser may keep it for ever and still sees every change at once.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC_FOLDER = Path(__file__).parent / "static"
STATIC_PREFIX = "/static/"

_CSS_SHARED_HEAD = ("layers.css", "reset.css", "tokens.css")
_CSS_SHARED_TAIL = ("base.css", "layout.css", "buttons.css", "fields.css", "parts.css", "status.css", "table.css")

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "store.css": tuple(
        f"css/{name}"
        for name in (
            *(*_CSS_SHARED_HEAD, "theme-store.css", *_CSS_SHARED_TAIL),
            *("store-shell.css", "store.css", "store-pages.css"),
        )
    ),
    "console.css": tuple(
        f"css/{name}" for name in (*_CSS_SHARED_HEAD, *_CSS_SHARED_TAIL, "console-shell.css", "console.css")
    ),
    "store.js": ("js/cart-count.js", "js/quantity-stepper.js", "js/product-gallery.js", "js/auto-submit.js"),
    "console.js": ("js/scan-field.js", "js/key-list.js", "js/auto-submit.js"),
    "htmx.js": ("vendor/htmx.min.js",),
    "favicon.svg": ("favicon.svg",),
}

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: its body, the gzip form of it, and its media type."""

    body: bytes
    gzipped: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """The manifest: public name of each bundle, and the bytes behind each public name."""

    names: Mapping[str, str]
    files: Mapping[str, Asset]
    version: str

    def url(self, bundle: str) -> str:
        """The address of a bundle, hash included. KeyError for a bundle that does not exist."""
        return STATIC_PREFIX + self.names[bundle]


def _joined(folder: Path, sources: tuple[str, ...]) -> bytes:
    texts = [(folder / source).read_text(encoding="utf-8").strip() for source in sources]
    if len(texts) > 1 and sources[0].endswith(".js"):
        # A block per file keeps each file's names to itself inside one module.
        texts = ["{\n" + text + "\n}" for text in texts]
    return ("\n".join(texts) + "\n").encode()


def load_assets(folder: Path = STATIC_FOLDER, bundles: Mapping[str, tuple[str, ...]] = BUNDLES) -> Assets:
    """Read, join, hash and compress every bundle. A missing source file is an error at start, not later."""
    names: dict[str, str] = {}
    files: dict[str, Asset] = {}
    for bundle, sources in bundles.items():
        body = _joined(folder, sources)
        path = Path(bundle)
        public = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
        names[bundle] = public
        files[public] = Asset(body, gzip.compress(body, 9, mtime=0), _TYPES[path.suffix])
    version = hashlib.sha256("".join(sorted(files)).encode()).hexdigest()[:12]
    return Assets(names, files, version)
