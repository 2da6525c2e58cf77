"""Pages, fragments, cached pages, redirects and problem pages, through the whole application."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest
from make_web import ASSETS, OWN_PAGE, a_door, a_renderer, an_app, ask
from starlette.responses import PlainTextResponse, Response

from storekeep.doors.web import PageCache, Problem, Req, page, public_page, redirect, redirect_out, route
from storekeep.doors.web.etag import make_etag, matches

TEMPLATE = """{% extends "web/layouts/store.html" %}{% block title %}A page{% endblock %}
{% block main %}<h1>{{ word }}</h1>
{% block results %}<p id="results">{{ word }} {{ csrf_field }}</p>{% endblock %}{% endblock %}"""
HTMX = {"hx-request": "true", "hx-request-type": "partial"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(TEMPLATE)
    return tmp_path


def personal(req: Req) -> Response:
    return page(req, "t/page.html", {"word": "hello"}, fragment="results")


def test_a_page_is_whole_for_browsers_and_a_block_for_htmx(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(door, [route(door, "/p", personal)])
    whole, part = ask(app, "GET", "/p"), ask(app, "GET", "/p", HTMX)
    assert "<!doctype html>" in whole.text
    assert part.text.startswith('<p id="results">hello')
    assert whole.headers["cache-control"] == "no-store"
    assert "HX-Request" in whole.headers["vary"]
    again = ask(app, "GET", "/p", {**HTMX, "hx-history-restore-request": "true"})
    assert "<!doctype html>" in again.text


def test_an_undefined_name_in_a_template_is_an_error_page_with_a_number(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(door, [route(door, "/p", lambda req: page(req, "t/page.html", {}))])
    answer = ask(app, "GET", "/p")
    assert answer.status == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "UndefinedError" not in answer.text


class Counted:
    """A public page that counts how often it was rendered."""

    def __init__(self) -> None:
        self.revision = "1"
        self.renders = 0

    def show(self, req: Req) -> Response:
        return public_page(
            req, "t/page.html", self._view, revision=self.revision, allowed_query=("after",), fragment="results"
        )

    def _view(self) -> dict[str, object]:
        self.renders += 1
        return {"word": f"render {self.renders}"}


def test_a_public_page_is_rendered_once_per_revision_and_revalidated(folder: Path) -> None:
    door, counted = a_door(folder), Counted()
    app = an_app(door, [route(door, "/p", counted.show)])
    first = ask(app, "GET", "/p?utm_source=mail")
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "HX-Request" in first.headers["vary"]
    assert ask(app, "GET", "/p").body == first.body
    same = ask(app, "GET", "/p", {"if-none-match": first.headers["etag"]})
    assert (same.status, same.body, counted.renders) == (304, b"", 1)
    assert ask(app, "GET", "/p?after=x").headers["etag"] != first.headers["etag"]
    part = ask(app, "GET", "/p", HTMX)
    assert part.text.startswith('<p id="results">')
    assert part.headers["etag"] != first.headers["etag"]
    counted.revision = "2"
    assert ask(app, "GET", "/p", {"if-none-match": first.headers["etag"]}).status == 200
    assert counted.renders == 4


def test_a_public_page_knows_nothing_of_the_visitor(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(door, [route(door, "/p", Counted().show)])
    answer = ask(
        app, "GET", "/p", {"cookie": "__Host-shop=secretsession; cart_count=7717; __Host-notice=Saved%20thing"}
    )
    for personal_text in ("secretsession", "7717", "_token", "Saved thing"):
        assert personal_text not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "is_match"),
    [
        ('W/"abc"', True),
        ('"abc"', True),
        ('"x", W/"abc"', True),
        ("*", True),
        ('"ab"', False),
        ("", False),
        (None, False),
    ],
)
def test_if_none_match_is_compared_weakly(sent: str | None, is_match: bool) -> None:
    assert matches(sent, 'W/"abc"') is is_match


def test_an_etag_tells_its_parts_apart() -> None:
    assert make_etag("ab", "c") != make_etag("a", "bc")


def test_a_stampede_renders_once() -> None:
    cache, renders = PageCache(), []
    inside, go = threading.Event(), threading.Event()

    def render() -> bytes:
        renders.append(1)
        inside.set()
        assert go.wait(10)
        return b"page"

    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get_or_render(("k",), render))) for _ in range(8)]
    threads[0].start()
    assert inside.wait(10)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert (found, len(renders)) == ([b"page"] * 8, 1)


def test_a_render_that_fails_is_tried_again_by_the_next() -> None:
    cache = PageCache()

    def fail() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get_or_render(("k",), fail)
    assert cache.get_or_render(("k",), lambda: b"fine") == b"fine"


def test_the_cache_stays_within_its_bounds_and_drops_the_least_used() -> None:
    cache = PageCache(max_bytes=30, max_page_bytes=20)
    for name in ("a", "b", "c"):
        cache.get_or_render((name,), lambda: b"0123456789")
    cache.get(("a",))
    cache.get_or_render(("d",), lambda: b"0123456789")
    assert (cache.get(("a",)), cache.get(("b",)), cache.size_bytes) == (b"0123456789", None, 30)
    assert cache.get_or_render(("large",), lambda: b"x" * 21) == b"x" * 21
    assert cache.get(("large",)) is None


def test_a_redirect_is_303_for_browsers_and_a_location_for_htmx(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(
        door,
        [
            route(door, "/s", lambda req: redirect(req, "/p?x=1", notice="Saved."), methods=("POST",), guard="origin"),
            route(door, "/p", personal),
        ],
    )
    plain = ask(app, "POST", "/s", OWN_PAGE)
    assert (plain.status, plain.headers["location"]) == (303, "/p?x=1")
    quick = ask(app, "POST", "/s", {**OWN_PAGE, **HTMX})
    assert quick.status == 200
    assert json.loads(quick.headers["hx-location"])["path"] == "/p?x=1"
    notice = plain.headers["set-cookie"].partition(";")[0]
    shown = ask(app, "GET", "/p", {"cookie": notice})
    assert "Saved." in shown.text
    assert "Max-Age=0" in shown.headers["set-cookie"]


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/x\r\nSet-Cookie: a=b", ""]
)
def test_a_redirect_never_leaves_the_shop_by_accident(folder: Path, url: str) -> None:
    req = Req(door=a_door(folder), method="POST", path="/s")
    with pytest.raises(ValueError):
        redirect(req, url)


def test_the_way_to_the_payment_page_is_explicit(folder: Path) -> None:
    req = Req(door=a_door(folder), method="POST", path="/s")
    assert redirect_out(req, "http://localhost:8090/pay/1").headers["location"] == "http://localhost:8090/pay/1"
    with pytest.raises(ValueError):
        redirect_out(req, "javascript:alert(1)")


@pytest.mark.parametrize("status", [403, 404, 409, 410, 421, 429, 500, 503])
def test_every_problem_has_a_page_that_says_what_to_do(folder: Path, status: int) -> None:
    def stop(req: Req) -> Response:
        raise Problem(status, "Sentence for <this> case.")

    for name in ("store", "console"):
        door = a_door(folder, name)
        answer = ask(an_app(door, [route(door, "/p", stop)]), "GET", "/p")
        assert answer.status == status
        assert "Sentence for &lt;this&gt; case." in answer.text
        assert answer.headers["x-request-id"] in answer.text
        assert ("retry-after" in answer.headers) is (status == 429)


def test_unknown_addresses_and_wrong_methods_get_a_page_too(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(door, [route(door, "/p", personal)])
    assert (ask(app, "GET", "/nowhere").status, ask(app, "POST", "/p", OWN_PAGE).status) == (404, 405)
    assert "We could not find this page" in ask(app, "GET", "/nowhere").text


def test_html_travels_gzipped_when_large_and_asked_for(folder: Path) -> None:
    door = a_door(folder)
    app = an_app(door, [route(door, "/p", personal), route(door, "/t", lambda req: PlainTextResponse("x" * 5000))])
    packed = ask(app, "GET", "/p", {"accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(packed.body)
    assert b"<h1>hello</h1>" in gzip.decompress(packed.body)
    assert "content-encoding" not in ask(app, "GET", "/p").headers
    assert "content-encoding" not in ask(app, "GET", "/p", {**HTMX, "accept-encoding": "gzip"}).headers


def test_assets_are_kept_for_ever_under_their_hashed_name(folder: Path) -> None:
    app = an_app(a_door(folder), [])
    url = ASSETS.url("store.css")
    packed = ask(app, "GET", url, {"accept-encoding": "gzip"})
    assert "immutable" in packed.headers["cache-control"]
    assert gzip.decompress(packed.body) == ask(app, "GET", url).body
    assert ask(app, "GET", "/static/store.css").status == 404


def test_macros_escape_what_people_typed() -> None:
    from storekeep.doors.web import Fields

    renderer = a_renderer()
    fields = Fields.of({"name": '"><script>alert(1)</script>'})
    fields.fail("name", "<b>wrong</b>")
    text = str(renderer._env.globals["ui"].field(fields, "name", "Name"))  # type: ignore[attr-defined]
    assert "<script>" not in text
    assert "&lt;b&gt;wrong&lt;/b&gt;" in text
    assert 'aria-describedby="name-error"' in text
    assert 'aria-invalid="true"' in text


def test_query_and_session_reach_the_page(folder: Path) -> None:
    def told(req: Req) -> Response:
        return PlainTextResponse(
            f"{req.query['a']} {req.query_lists['a']} {req.session_id} {req.ip} {req.full_path} {req.shop['name']}"
        )

    door = a_door(folder)
    app = an_app(door, [route(door, "/p", told)])
    answer = ask(app, "GET", "/p?a=1&a=2", {"cookie": "__Host-shop=abc"})
    assert answer.text == "2 ('1', '2') abc 203.0.113.9 /p?a=1&a=2 the shop"
