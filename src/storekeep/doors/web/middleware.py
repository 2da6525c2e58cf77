"""What happens to every request, as plain ASGI: request id, host check, body limit, security headers, gzip.

Plain ASGI, because it is the outermost wall: it must hold also when an application behind it fails.
"""

from __future__ import annotations

import gzip
import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_BODY_LIMIT = 512 * 1024
GZIP_FROM_BYTES = 1024

# A request's id: random per process, then counted. Asking the system for randomness on each request would hand the
# interpreter to another thread and wait for it to come back (measured: half a millisecond under load).
_PROCESS = secrets.token_hex(4)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """Which names we answer to. Names in `redirected` are sent on to the public address, others get 421."""

    public_origin: str
    also_allowed: frozenset[str] = frozenset()
    redirected: frozenset[str] = frozenset()

    @property
    def public_host(self) -> str:
        """Host and port of the public address, lower case."""
        return urlsplit(self.public_origin).netloc.lower()


@dataclass(frozen=True, slots=True)
class Walls:
    """Settings of the middleware. `body_limits` maps a path prefix to its own limit in bytes."""

    hosts: HostPolicy
    form_action: tuple[str, ...] = ()
    body_limit: int = DEFAULT_BODY_LIMIT
    body_limits: Mapping[str, int] = field(default_factory=dict)
    https: bool = False


def content_security_policy(form_action: tuple[str, ...] = ()) -> str:
    """The policy of every page. `form_action` names the payment provider's origins."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            " ".join(("form-action 'self'", *form_action)),
            "frame-ancestors 'none'",
        )
    )


def security_headers(walls: Walls) -> dict[str, str]:
    """Headers that every answer carries unless it set them itself."""
    headers = {
        "Content-Security-Policy": content_security_policy(walls.form_action),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if walls.https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class _TooLarge(HTTPException):
    """An HTTPException, so that the application behind answers with its own page for 413."""

    def __init__(self) -> None:
        super().__init__(413)


class Middleware:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, walls: Walls) -> None:
        self._app = app
        self._walls = walls
        self._headers = security_headers(walls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = f"{_PROCESS}{next(_NUMBERS):08x}"
        scope["storekeep.request_id"] = request_id
        out = _Outgoing(send, self._headers, request_id, "gzip" in headers.get("accept-encoding", ""))
        refused = self._wrong_host(scope, headers) or self._declared_too_large(scope, headers)
        if refused is not None:
            await refused(scope, receive, out.send)
            return
        limit = self._limit(scope["path"])
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLarge
            return message

        try:
            await self._app(scope, bounded, out.send)
        except _TooLarge:
            if out.started:
                raise
            await _too_large(limit)(scope, receive, out.send)

    def _limit(self, path: str) -> int:
        fits = [prefix for prefix in self._walls.body_limits if path.startswith(prefix)]
        return self._walls.body_limits[max(fits, key=len)] if fits else self._walls.body_limit

    def _declared_too_large(self, scope: Scope, headers: Headers) -> Response | None:
        declared = headers.get("content-length", "0")
        limit = self._limit(scope["path"])
        if not (declared.isascii() and declared.isdigit()):
            return PlainTextResponse("Content-Length is not a number.", 400)
        return _too_large(limit) if int(declared) > limit else None

    def _wrong_host(self, scope: Scope, headers: Headers) -> Response | None:
        policy = self._walls.hosts
        host = headers.get("host", "").lower()
        if host == policy.public_host or host in policy.also_allowed:
            return None
        if host in policy.redirected and scope["method"] in ("GET", "HEAD"):
            query = scope.get("query_string", b"").decode("latin-1")
            raw = scope.get("raw_path") or scope["path"].encode()
            path = raw.decode("latin-1").partition("?")[0]
            target = f"{policy.public_origin.rstrip('/')}{path}{'?' + query if query else ''}"
            return Response(status_code=307, headers={"Location": target, "Cache-Control": "no-store"})
        return PlainTextResponse(f"This server does not answer under that name. Use {policy.public_origin}\n", 421)


def _too_large(limit: int) -> Response:
    text = f"The request is larger than {limit // 1024} KiB, so nothing was stored.\n"
    return PlainTextResponse(text, 413, headers={"Connection": "close"})


class _Outgoing:
    """Adds headers to an answer, and compresses HTML that is complete and large enough."""

    def __init__(self, send: Send, extra: Mapping[str, str], request_id: str, may_gzip: bool) -> None:
        self._send = send
        self._extra = extra
        self._request_id = request_id
        self._may_gzip = may_gzip
        self._start: Message | None = None
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in self._extra.items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self._request_id
            self._start = message
            return
        if self._start is not None:
            start, self._start, self.started = self._start, None, True
            if message["type"] == "http.response.body" and not message.get("more_body"):
                message = self._compressed(start, message)
            await self._send(start)
        await self._send(message)

    def _compressed(self, start: Message, message: Message) -> Message:
        headers = MutableHeaders(raw=start["headers"])
        body: bytes = message.get("body", b"")
        if not headers.get("content-type", "").startswith("text/html") or len(body) < GZIP_FROM_BYTES:
            return message
        headers.add_vary_header("Accept-Encoding")
        if not self._may_gzip or "content-encoding" in headers:
            return message
        packed = gzip.compress(body, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(packed))
        return {**message, "body": packed}
