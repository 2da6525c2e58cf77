"""The sandbox as one ASGI application: API, hosted pages, book summary and, if asked for, faults."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .api import Api
from .book import Book
from .faults import Faults
from .objects import endpoint_json, render
from .pages import Pages
from .rules import Refusal
from .verbs import settle_refund
from .wire import bad, envelope

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
Control = Callable[[dict[str, Any]], dict[str, Any]]


def create_app(
    book: Book, *, secret_key: str, shop_name: str = "Demo shop", with_faults: bool = False
) -> ASGIApp:
    """Build the application on an open book. `with_faults` adds `/_sandbox/` controls that break things on purpose."""
    faults = Faults()
    routes = [
        *Api(book, secret_key, faults).routes(),
        *Pages(book, shop_name).routes(),
        Route("/_sandbox/book", _summary(book), methods=["GET"]),
    ]
    if with_faults:
        book.event_rule = faults.event_rule
        routes += _controls(book, faults)
    app = Starlette(routes=routes, exception_handlers={404: _unknown_url, 405: _unknown_url})
    return HostCheck(app, book.public_url)


class HostCheck:
    """Answers only to its own names, and shows pages only under the public one, so that cookies stay apart."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public_url = public_url
        self._public = urlsplit(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        netloc = request.headers.get("host", "")
        name = urlsplit(f"//{netloc}").hostname if netloc else None
        answer: Response | None = None
        if name not in LOOPBACK and name != self._public.hostname:
            answer = Response("This server does not answer to that host name.\n", 421, media_type="text/plain")
        elif scope["path"].startswith("/c/") and netloc != self._public.netloc:
            query = f"?{request.url.query}" if request.url.query else ""
            answer = RedirectResponse(self._public_url + request.url.path + query, 307)
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _unknown_url(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    message = f"Unrecognized request URL ({request.method}: {request.url.path[:200]})."
    return JSONResponse(envelope(Refusal(message)), status)


def _from_loopback(request: Request) -> bool:
    return request.client is not None and request.client.host in LOOPBACK


def _summary(book: Book) -> Callable[[Request], Awaitable[Response]]:
    async def summary(request: Request) -> Response:
        if not _from_loopback(request):
            return JSONResponse(envelope(Refusal("Only from this machine.")), 403)
        return JSONResponse(book_summary(book))

    return summary


def book_summary(book: Book) -> dict[str, Any]:
    """The whole book as wire objects, oldest first, with totals per currency: what a test compares its shop with."""
    with book.reading() as tx:
        out: dict[str, Any] = {
            f"{table}s": [render(tx, row["id"]) for row in tx.all(f"SELECT id FROM {table} ORDER BY seq")]  # noqa: S608
            for table in ("session", "intent", "charge", "refund")
        }
        deliveries = tx.all("SELECT status, count(*) AS n FROM delivery GROUP BY status ORDER BY status")
        events = tx.one("SELECT count(*) AS n FROM event")
    totals: dict[str, dict[str, int]] = {}
    for charge in out["charges"]:
        sums = totals.setdefault(charge["currency"], {"authorized": 0, "captured": 0, "refunded": 0})
        sums["authorized"] += charge["amount"] if charge["status"] == "succeeded" else 0
        sums["captured"] += charge["amount_captured"]
        sums["refunded"] += charge["amount_refunded"]
    out["totals"] = totals
    out["events"] = events["n"] if events else 0
    out["deliveries"] = {row["status"]: row["n"] for row in deliveries}
    return out


def _controls(book: Book, faults: Faults) -> list[Route]:
    def arm(given: dict[str, Any]) -> dict[str, Any]:
        return asdict(faults.arm(given))

    def clear(_: dict[str, Any]) -> dict[str, Any]:
        faults.clear()
        return {"cleared": True}

    def advance(given: dict[str, Any]) -> dict[str, Any]:
        step = given.get("advance_s")
        if not isinstance(step, int) or not 0 <= step <= 366 * 24 * 3600:
            raise bad("advance_s must be whole seconds, at most a year.", "parameter_invalid", "advance_s")
        book.skew_s += step
        book.wake()
        return {"now": int(book.clock())}

    def rotate(given: dict[str, Any]) -> dict[str, Any]:
        with book.transaction() as tx:
            row = tx.get(str(given.get("endpoint", "")), "endpoint", "endpoint")
            fresh = "whsec_" + secrets.token_urlsafe(24)
            tx.run("UPDATE endpoint SET old_secret = secret, secret = ? WHERE id = ?", fresh, row["id"])
            return endpoint_json(tx.get(row["id"]), with_secret=True)

    def fail_refund(given: dict[str, Any]) -> dict[str, Any]:
        with book.transaction() as tx:
            row = tx.get(str(given.get("refund", "")), "refund", "refund")
            if row["status"] == "failed":
                raise bad("This refund has failed already.", "parameter_invalid", "refund")
            settle_refund(tx, row, "failed")
            return render(tx, row["id"])

    made = {"faults": arm, "faults/clear": clear, "clock": advance, "rotate_secret": rotate, "fail_refund": fail_refund}

    async def armed(request: Request) -> Response:
        return JSONResponse({"armed": [asdict(fault) for fault in faults.armed()]})

    posts = [Route(f"/_sandbox/{path}", _control(verb), methods=["POST"]) for path, verb in made.items()]
    return [Route("/_sandbox/faults", armed, methods=["GET"]), *posts]


def _control(verb: Control) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not _from_loopback(request):
            return JSONResponse(envelope(Refusal("Only from this machine.")), 403)
        try:
            given = json.loads(await request.body() or b"{}")
            if not isinstance(given, dict):
                raise ValueError
            return JSONResponse(verb(given))
        except ValueError:
            return JSONResponse(envelope(Refusal("The body must be a JSON object.")), 400)
        except Refusal as refusal:
            return JSONResponse(envelope(refusal), refusal.http_status)

    return endpoint
