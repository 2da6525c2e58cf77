"""Hashed assets from memory and a media folder from disk, both with caching that never asks twice.

An address that carries a content hash never changes its content, so browsers may keep it for a year.
Media without a hash in its address is revalidated.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from storekeep.doors.web import etag
from storekeep.doors.web.assets import STATIC_PREFIX, Assets

IMMUTABLE = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"(^|[./\-_])[0-9a-f]{8,64}([./\-_]|$)")
_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
# A drawing opened on its own address must not be able to run anything.
_MEDIA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def static_route(assets: Assets) -> Route:
    """Serves the bundles under `/static/`."""

    async def serve(request: Request) -> Response:
        found = assets.files.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.gzipped, media_type=found.media_type, headers=headers)
        return Response(found.body, media_type=found.media_type, headers=headers)

    return Route(STATIC_PREFIX + "{name}", serve, name="static")


def _read(folder: Path, name: str) -> tuple[bytes, str] | None:
    kind = _MEDIA_TYPES.get(Path(name).suffix.lower())
    path = (folder / name).resolve()
    if kind is None or not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    return path.read_bytes(), kind


def media_route(folder: Path, prefix: str = "/media/") -> Route:
    """Serves pictures below a folder. Immutable when the name or `?v=` carries a hash, else revalidated."""

    async def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if "\x00" in name:
            return PlainTextResponse("There is no such file.\n", 404)
        found = await run_in_threadpool(_read, folder, name)
        if found is None:
            return PlainTextResponse("There is no such file.\n", 404)
        body, kind = found
        tag = etag.make_etag(body.hex())
        hashed = bool(_HASHED.search(name) or _HASHED.search(request.query_params.get("v", "")))
        headers = {
            "Cache-Control": IMMUTABLE if hashed else "public, max-age=0, must-revalidate",
            "ETag": tag,
            "Content-Security-Policy": _MEDIA_POLICY,
        }
        if etag.matches(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)

    return Route(prefix + "{name:path}", serve, name="media")
