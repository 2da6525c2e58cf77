"""The one wrapper around a page: read the request completely, check where it comes from, run the page.

A page is a plain `def page(req: Req) -> Response`. It runs in a thread, so it may use the database freely.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storekeep.doors.web import csrf
from storekeep.doors.web.door import Door, Req
from storekeep.doors.web.forms import EMPTY_FORM, MAX_FIELDS, BadForm, Form, Upload, gather, parse_urlencoded
from storekeep.doors.web.responses import Problem, problem
from storekeep.kernel.db import DatabaseUnusable, is_unreachable

log = logging.getLogger("storekeep.web")

Page = Callable[[Req], Response]
Guard = Literal["token", "origin"]


async def read_form(request: Request) -> Form:
    """The posted form, urlencoded or multipart. BadForm when it cannot be read; empty for other types."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return parse_urlencoded(await request.body())
    if kind != "multipart/form-data":
        return EMPTY_FORM
    values: list[tuple[str, str]] = []
    uploads: dict[str, Upload] = {}
    try:
        async with request.form(max_files=20, max_fields=MAX_FIELDS) as sent:
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    if value.filename:
                        data = await value.read()
                        uploads[name] = Upload(value.filename, value.content_type or "", data)
                else:
                    values.append((name, value))
    except HTTPException as reason:
        if reason.status_code == 413:
            raise
        raise BadForm(f"The form could not be read: {reason.detail}") from None
    except UnicodeDecodeError:
        raise BadForm("The form contains text that is not valid UTF-8.") from None
    return Form(gather(values), uploads)


def read_request(door: Door, request: Request, form: Form = EMPTY_FORM) -> Req:
    """Our small view of a Starlette request. Header names are lower case."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["x-storekeep-query"] = request.url.query
    return Req(
        door=door,
        method=request.method,
        path=request.url.path,
        path_params={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        query_lists=gather(request.query_params.multi_items()),
        form=form,
        cookies=dict(request.cookies),
        headers=headers,
        ip=request.client.host if request.client else "",
        request_id=request.scope.get("storekeep.request_id", ""),
    )


def _run(req: Req, page: Page, guard: Guard) -> Response:
    try:
        if req.method not in csrf.SAFE_METHODS:
            refused = _refusal(req, guard)
            if refused is not None:
                return refused
        return page(req)
    except Problem as stop:
        return problem(req, stop.status, stop.detail, headers=stop.headers)
    except DatabaseUnusable as trouble:
        log.error("page refused: %s %s request %s: %s", req.method, req.path, req.request_id, trouble)
        return problem(req, 503)
    except Exception as failure:
        if is_unreachable(failure):
            raise  # the application answers; a page of the shop would ask the database again
        log.exception("page failed: %s %s request %s", req.method, req.path, req.request_id)
        return problem(req, 500)


def _refusal(req: Req, guard: Guard) -> Response | None:
    if not csrf.is_same_origin(req.headers, (req.door.public_origin, *req.door.more_origins)):
        return problem(req, 403, "The request did not come from a page of this shop.")
    if guard == "origin":
        return None
    token = req.form.get(csrf.FIELD) or req.headers.get(csrf.HEADER, "")
    if csrf.is_valid_token(req.door.csrf_key, req.session_id, token):
        return None
    detail = "The form was open for too long or belongs to another session. What you typed is kept below."
    return problem(req, 403, detail, resend=True)


def endpoint(door: Door, page: Page, *, guard: Guard = "token") -> Callable[[Request], Awaitable[Response]]:
    """Make a Starlette endpoint of a page.

    `guard="token"` (normal) wants our own origin and the form token on unsafe requests; `"origin"` is for
    forms on cached pages, which cannot carry a token, and for signing in.
    """

    async def answer(request: Request) -> Response:
        try:
            form = EMPTY_FORM if request.method in csrf.SAFE_METHODS else await read_form(request)
        except BadForm as reason:
            return await run_in_threadpool(problem, read_request(door, request), 400, str(reason))
        return await run_in_threadpool(_run, read_request(door, request, form), page, guard)

    return answer


def route(door: Door, path: str, page: Page, *, methods: tuple[str, ...] = ("GET",), guard: Guard = "token") -> Route:
    """A route to a page: `route(door, "/orders/{number}", order.show)`."""
    return Route(path, endpoint(door, page, guard=guard), methods=list(methods), name=page.__name__)
