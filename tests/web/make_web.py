"""Small building blocks for the tests of the shared web parts: a renderer, a door, an application, a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
from starlette.routing import BaseRoute

from storekeep.doors.web import Door, Formats, HostPolicy, PageCache, Renderer, Req, Walls, assemble, load_assets
from storekeep.doors.web.static import static_route

ORIGIN = "http://127.0.0.1:8000"
NOW = 1_795_442_700_000_000
OWN_PAGE = {"sec-fetch-site": "same-origin"}
ASSETS = load_assets()


def shell(req: Req) -> Mapping[str, object]:
    return {"shop_name": "Fern & Kettle", "nav": [], "footer": [], "cart_count": req.cookies.get("cart_count")}


def a_renderer(folders: Mapping[str, Path] | None = None) -> Renderer:
    return Renderer(ASSETS, Formats(now=lambda: NOW, timezone="Europe/Vienna"), folders)


def a_door(folder: Path | None = None, name: str = "store") -> Door:
    renderer = a_renderer({"t": folder} if folder else None)
    return Door(
        name=name,
        shop={"name": "the shop"},
        renderer=renderer,
        csrf_key=b"k" * 32,
        public_origin=ORIGIN,
        shell=shell,
        cache=PageCache(),
    )


def an_app(door: Door, routes: list[BaseRoute], **walls: Any) -> Any:
    policy = HostPolicy(ORIGIN, redirected=frozenset({"localhost:8000"}))
    return assemble([static_route(ASSETS), *routes], [("", door)], Walls(policy, **walls))


class Answer:
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.header_list = [(name.decode().lower(), value.decode()) for name, value in headers]
        self.headers = dict(self.header_list)
        self.body = body
        self.text = body.decode("utf-8", "replace")


def ask(
    app: Any,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    chunks: int = 1,
    declare_length: bool = True,
) -> Answer:
    """One request straight into the ASGI application."""
    path, _, query = url.partition("?")
    sent = {"host": "127.0.0.1:8000", **(headers or {})}
    if method == "POST":
        sent.setdefault("content-type", "application/x-www-form-urlencoded")
        if declare_length:
            sent.setdefault("content-length", str(len(body)))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "client": ("203.0.113.9", 1),
        "server": ("127.0.0.1", 8000),
        "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
    }
    size = max(1, -(-len(body) // chunks))
    waiting = [body[i : i + size] for i in range(0, len(body), size)] or [b""]
    started: list[Any] = []
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    run: Callable[[], Any] = lambda: app(scope, receive, send)  # noqa: E731
    anyio.run(run)
    return Answer(started[0]["status"], started[0]["headers"], b"".join(parts))
