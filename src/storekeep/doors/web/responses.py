"""Answers: a page, a cached page, a redirect, a problem page. All rules about headers are kept here.

Personal pages are `no-store`. Public pages are anonymous, cached whole and revalidated. There is no third
kind. After a POST, `redirect` sends a 303, or `HX-Location` when htmx asked, because a 303 inside fetch would
put the next page into a fragment and leave the address bar behind.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from storekeep.doors.web import cookies, csrf, etag
from storekeep.doors.web.door import Req

_VARY = etag.PUBLIC_HEADERS["Vary"]


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What a problem page says: what happened, what it means, what to do."""

    title: str
    meaning: str
    advice: str


PROBLEMS: Mapping[int, ProblemText] = {
    400: ProblemText(
        "We could not read that",
        "Something in the request was malformed, so nothing was changed.",
        "Go back, check what you entered and try again.",
    ),
    403: ProblemText(
        "This was not allowed", "Nothing was changed.", "Go back to the page you came from and try again from there."
    ),
    404: ProblemText(
        "We could not find this page",
        "The address may be mistyped, or the page has moved.",
        "Search for what you need, or start again from the first page.",
    ),
    405: ProblemText(
        "This address does not work that way", "Nothing was changed.", "Go back and use the buttons on the page."
    ),
    409: ProblemText(
        "Something changed in the meantime",
        "What you saw is no longer current, so nothing was changed.",
        "Look at the current version and decide again.",
    ),
    410: ProblemText(
        "This page is gone",
        "It was here once and will not come back.",
        "Search for something similar, or start again from the first page.",
    ),
    413: ProblemText(
        "That is too large",
        "The form or file is larger than we accept, so nothing was stored.",
        "Make it smaller and send it again.",
    ),
    421: ProblemText(
        "This address does not belong here",
        "The server does not answer under this name.",
        "Use the shop's own address.",
    ),
    429: ProblemText(
        "Too many tries in a short time",
        "To protect everyone we are pausing here for a moment.",
        "Wait a little, then try again.",
    ),
    500: ProblemText(
        "Something went wrong on our side",
        "It is not your fault, and it has been recorded.",
        "Try again in a moment. If it keeps happening, tell us the number below.",
    ),
    503: ProblemText(
        "We will be right back",
        "The shop is being looked after. Orders already placed are safe.",
        "Try again in a few minutes.",
    ),
}


@dataclass(slots=True)
class Problem(Exception):
    """Raise it anywhere in a page to stop with a problem page. `detail` is a sentence for this very case."""

    status: int
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def _context(req: Req, context: Mapping[str, object]) -> dict[str, object]:
    token = csrf.make_token(req.door.csrf_key, req.session_id)
    return {
        "notice": cookies.read_notice(req.cookies.get(cookies.NOTICE)),
        **req.door.shell(req),
        "door": req.door.name,
        "req": req,
        "request_id": req.request_id,
        "csrf_field": Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, token),
        "csrf_token": token,
        **context,
    }


def page(
    req: Req,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    fragment: str | None = None,
) -> Response:
    """A personal page: rendered now, never stored by anyone.

    With `fragment`, an htmx request for a part gets only that block of the template.
    """
    everything = _context(req, context)
    renderer = req.door.renderer
    partial = fragment is not None and req.wants_fragment
    if partial and fragment is not None:
        body = renderer.render_block(template, fragment, everything)
    else:
        body = renderer.render(template, everything)
    response = HTMLResponse(body, status, headers={"Cache-Control": "no-store", "Vary": _VARY})
    if not partial and cookies.NOTICE in req.cookies:
        cookies.drop(response, cookies.NOTICE)
    return response


def public_page(
    req: Req,
    template: str,
    view: Callable[[], Mapping[str, object]],
    *,
    revision: str,
    allowed_query: tuple[str, ...] = (),
    fragment: str | None = None,
) -> Response:
    """An anonymous page, cached whole and answered with 304 while `revision` stands.

    `view` is called only when the page must be rendered. It must not look at the session. `revision` names
    all that the page shows, including anything that changes with time ("42:2026-11-24"). Query names outside
    `allowed_query` neither reach the key nor may change the page.
    """
    partial = fragment is not None and req.wants_fragment
    lists = req.query_lists
    query = urlencode([(name, value) for name in sorted(allowed_query) for value in lists.get(name, ())])
    renderer = req.door.renderer
    key = (req.door.name, req.path, query, fragment or "" if partial else "", template, revision, renderer.version)
    tag = etag.make_etag(*key)
    headers = {**etag.PUBLIC_HEADERS, "ETag": tag}
    if etag.matches(req.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)

    def render() -> bytes:
        bare = req.anonymous()
        everything: dict[str, object] = {
            "notice": "",
            **req.door.shell(bare),
            "door": req.door.name,
            "req": bare,
            "request_id": "",
            "csrf_field": Markup(""),
            "csrf_token": "",
            **view(),
        }
        if partial and fragment is not None:
            text = renderer.render_block(template, fragment, everything)
        else:
            text = renderer.render(template, everything)
        return gzip.compress(text.encode(), 6, mtime=0)

    # Kept packed: ten times as many pages fit, and no page is packed twice.
    packed = req.door.cache.get_or_render(key, render)
    if "gzip" in req.headers.get("accept-encoding", ""):
        return HTMLResponse(packed, headers={**headers, "Content-Encoding": "gzip"})
    return HTMLResponse(gzip.decompress(packed), headers=headers)


def is_local(url: str) -> bool:
    """Whether a redirect target stays in this shop: an absolute path, no host, no backslash trick."""
    parts = urlsplit(url)
    return url.startswith("/") and not url.startswith("//") and "\\" not in url and not parts.netloc


def redirect(req: Req, url: str, *, notice: str = "", status: int = 303) -> Response:
    """Go to another page of this shop; `notice` is a sentence shown there once.

    ValueError for an address outside the shop: the way to a payment page is `redirect_out`.
    """
    if not is_local(url) or any(ord(ch) < 32 for ch in url):
        raise ValueError(f"not an address of this shop: {url!r}")
    if req.is_htmx:
        headers = {"HX-Location": json.dumps({"path": url, "target": "body"})}
        response = Response(status_code=200, headers={**headers, "Cache-Control": "no-store"})
    else:
        response = Response(status_code=status, headers={"Location": url, "Cache-Control": "no-store"})
    if notice:
        cookies.set_notice(response, notice)
    return response


def redirect_out(req: Req, url: str) -> Response:
    """Go to another origin, for instance the payment page. Only http and https addresses."""
    if urlsplit(url).scheme not in ("http", "https") or any(ord(ch) < 33 for ch in url):
        raise ValueError(f"not a web address: {url!r}")
    if req.is_htmx:
        return Response(status_code=200, headers={"HX-Redirect": url, "Cache-Control": "no-store"})
    return Response(status_code=303, headers={"Location": url, "Cache-Control": "no-store"})


def problem(
    req: Req, status: int, detail: str = "", *, headers: Mapping[str, str] | None = None, resend: bool = False
) -> Response:
    """The page for a status from `PROBLEMS`. `resend` offers what was typed again, with a fresh token."""
    text = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    hidden = (csrf.FIELD, "password", "new_password")
    kept = [(n, v) for n, vs in req.form.values.items() if n not in hidden for v in vs] if resend else []
    context = {"status": status, "text": text, "detail": detail, "kept": kept, "home": req.door.home}
    response = page(req, "web/problems/problem.html", context, status=status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    if status == 429 and "retry-after" not in response.headers:
        response.headers["Retry-After"] = "30"
    return response


def download(body: bytes, filename: str, media_type: str, *, inline: bool = False) -> Response:
    """A file made for this person (CSV, PDF). The name is reduced to safe ASCII characters."""
    safe = "".join(ch if ch.isascii() and (ch.isalnum() or ch in "-_.") else "-" for ch in filename)
    kind = "inline" if inline else "attachment"
    headers = {"Content-Disposition": f'{kind}; filename="{safe}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)
