"""Revalidation of anonymous pages: make an ETag, recognise it again, answer 304 without rendering."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

PUBLIC_HEADERS: Mapping[str, str] = {
    "Cache-Control": "public, max-age=0, must-revalidate",
    "CDN-Cache-Control": "max-age=60",
    "Vary": "HX-Request, HX-Request-Type, HX-History-Restore-Request, Accept-Encoding",
}


def make_etag(*parts: str) -> str:
    """A weak ETag over all parts (weak, because the same page travels gzipped and plain)."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
    return f'W/"{digest}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the browser's `If-None-Match` names this ETag. Weak comparison, lists and `*` understood."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    wanted = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") == wanted for part in if_none_match.split(","))
