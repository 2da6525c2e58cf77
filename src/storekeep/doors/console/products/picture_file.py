"""Is this a picture that browsers show, and where is it kept? The content decides, never the name it came with."""

import hashlib
import os
from pathlib import Path

MAX_BYTES = 4 * 1024 * 1024
#: (what the content begins with, what it is called)
_OTHERS = (
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"BM", "a BMP picture"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
)


class BadPicture(ValueError):
    """Not a picture that can be shown; the text is meant for the person."""


def check(body: bytes) -> str:
    """The ending for the content: png, jpg or webp. Raises `BadPicture`, naming the kind that was found."""
    if not body:
        raise BadPicture("The file is empty.")
    if len(body) > MAX_BYTES:
        size = f"{len(body) / 1024 / 1024:.1f}"
        raise BadPicture(f"The picture has {size} MB; at most {MAX_BYTES // 1024 // 1024} MB fit.")
    if body.startswith(b"\x89PNG\r\n\x1a\n") and body[12:16] == b"IHDR" and b"IEND" in body[-64:]:
        return "png"
    if body.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in body[-1024:]:
        return "jpg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP" and int.from_bytes(body[4:8], "little") + 8 <= len(body) + 1:
        return "webp"
    raise BadPicture(f"This is {_found(body)}. Send a PNG, JPEG or WebP picture.")


def _found(body: bytes) -> str:
    if body.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")):
        return "a picture that is damaged or cut off"
    for begin, name in _OTHERS:
        if body.startswith(begin):
            return name
    if body[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "a HEIC picture"
    if body[4:12] == b"ftypavif":
        return "an AVIF picture"
    head = body[:1024].lstrip().lower()
    if b"<svg" in head:
        return "an SVG drawing, which can carry scripts"
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    return "a file of another kind"


def keep(folder: Path, body: bytes, ending: str) -> str:
    """Store the picture under its own hash and return its name below the folder; the same picture is kept once."""
    name = f"products/{hashlib.sha256(body).hexdigest()[:20]}.{ending}"
    path = folder / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_bytes(body)
        fresh.replace(path)
    return name
