"""Puts the doors' routes together into one application behind the walls of `middleware`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from storekeep.doors.web.door import Door
from storekeep.doors.web.middleware import Middleware, Walls
from storekeep.doors.web.page import read_request
from storekeep.doors.web.responses import PROBLEMS, problem
from storekeep.kernel.db import is_unreachable

log = logging.getLogger("storekeep.web")


def door_for(doors: Sequence[tuple[str, Door]], path: str) -> Door:
    """The door whose prefix fits the path best; the first door when none does."""
    fits = [(prefix, door) for prefix, door in doors if path == prefix or path.startswith(prefix.rstrip("/") + "/")]
    return max(fits, key=lambda fit: len(fit[0]))[1] if fits else doors[0][1]


async def away(request: Request, failure: Exception) -> Response:
    """A page without a database: it says that it will be right back. Any other failure is raised again."""
    if not is_unreachable(failure):
        raise failure
    log.error("the database does not answer: %s %s: %s", request.method, request.url.path, _first_line(failure))
    text = PROBLEMS[503]
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{text.title}</title>'
        f"<h1>{text.title}</h1><p>{text.meaning}</p><p>{text.advice}</p></html>"
    )
    return HTMLResponse(body, 503, {"Cache-Control": "no-store", "Retry-After": "5"})


def _first_line(failure: Exception) -> str:
    return (str(failure).splitlines() or [""])[0]


def assemble(routes: Sequence[BaseRoute], doors: Sequence[tuple[str, Door]], walls: Walls) -> ASGIApp:
    """The whole application. `doors` pairs a path prefix (`""`, `"/console"`) with the door behind it.

    Addresses that no route knows get the problem page of the door they would have belonged to. While the database does
    not answer, every address that needs it is a bare 503 page: even the shop's name stands in the database.
    """

    async def refused(request: Request, reason: Exception) -> Response:
        status = reason.status_code if isinstance(reason, HTTPException) else 500
        req = read_request(door_for(doors, request.url.path), request)
        return await run_in_threadpool(problem, req, status)

    app = Starlette(routes=list(routes), exception_handlers={HTTPException: refused, OperationalError: away})
    return Middleware(app, walls)
