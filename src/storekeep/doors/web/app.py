"""Puts the doors' routes together into one application behind the walls of `middleware`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from storekeep.doors.web.door import Door
from storekeep.doors.web.middleware import Middleware, Walls
from storekeep.doors.web.page import read_request
from storekeep.doors.web.responses import problem


def door_for(doors: Sequence[tuple[str, Door]], path: str) -> Door:
    """The door whose prefix fits the path best; the first door when none does."""
    fits = [(prefix, door) for prefix, door in doors if path == prefix or path.startswith(prefix.rstrip("/") + "/")]
    return max(fits, key=lambda fit: len(fit[0]))[1] if fits else doors[0][1]


def assemble(routes: Sequence[BaseRoute], doors: Sequence[tuple[str, Door]], walls: Walls) -> ASGIApp:
    """The whole application. `doors` pairs a path prefix (`""`, `"/console"`) with the door behind it.

    Addresses that no route knows get the problem page of the door they would have belonged to.
    """

    async def refused(request: Request, reason: Exception) -> Response:
        status = reason.status_code if isinstance(reason, HTTPException) else 500
        req = read_request(door_for(doors, request.url.path), request)
        return await run_in_threadpool(problem, req, status)

    app = Starlette(routes=list(routes), exception_handlers={HTTPException: refused})
    return Middleware(app, walls)
