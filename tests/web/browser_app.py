"""A tiny application for the browser tests: a form that redirects, and a slow scanner page."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from starlette.responses import HTMLResponse, Response

from storekeep.doors.web import (
    Door,
    Formats,
    HostPolicy,
    PageCache,
    Renderer,
    Req,
    Walls,
    assemble,
    load_assets,
    page,
    redirect,
    route,
)
from storekeep.doors.web.static import static_route

ORIGIN = f"http://127.0.0.1:{os.environ.get('WEB_TEST_PORT', '0')}"
_FORM = """{% extends "web/layouts/store.html" %}{% block main %}<h1>Form</h1>
<form method="post" action="/form" hx-post="/form" hx-target="#part">{{ csrf_field }}<button id="go">Go</button></form>
<div id="part"></div>{% endblock %}"""
_THERE = """{% extends "web/layouts/store.html" %}{% block main %}<h1 id="there">There</h1>{% endblock %}"""
_SCAN = """{% extends "web/layouts/console.html" %}{% block title %}Scan{% endblock %}
{% block main %}{{ ui.scan_field("/scan", csrf_field) }}<div id="scan-result"></div>{% endblock %}"""


def _door(name: str, renderer: Renderer) -> Door:
    return Door(
        name=name,
        shop=None,
        renderer=renderer,
        csrf_key=b"k" * 32,
        public_origin=ORIGIN,
        shell=lambda req: {"shop_name": "Fern & Kettle", "nav": [], "footer": []},
        cache=PageCache(),
    )


class Scans:
    """Answers slowly and recognises a repeated scan by its id, as a station does."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    def take(self, req: Req) -> Response:
        time.sleep(0.1)
        self.codes.setdefault(req.form.get("scan_id"), req.form.get("code"))
        return HTMLResponse(f'<p data-sound="good">{" ".join(self.codes.values())}</p>')


def make() -> object:
    folder = Path(tempfile.mkdtemp(prefix="web-test-"))
    for name, text in (("form", _FORM), ("there", _THERE), ("scan", _SCAN)):
        (folder / f"{name}.html").write_text(text)
    assets = load_assets()
    renderer = Renderer(assets, Formats(now=lambda: 0), {"t": folder})
    store, console, scans = _door("store", renderer), _door("console", renderer), Scans()
    routes = [
        static_route(assets),
        route(store, "/form", lambda req: page(req, "t/form.html", {})),
        route(store, "/form", lambda req: redirect(req, "/there", notice="Saved."), methods=("POST",)),
        route(store, "/there", lambda req: page(req, "t/there.html", {})),
        route(console, "/scan", lambda req: page(req, "t/scan.html", {})),
        route(console, "/scan", scans.take, methods=("POST",)),
    ]
    return assemble(routes, [("", store)], Walls(HostPolicy(ORIGIN)))


app = make()
