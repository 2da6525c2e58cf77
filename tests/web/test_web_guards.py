"""CSRF layers, hosts, body size, security headers, and what a refused form keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from make_web import ORIGIN, OWN_PAGE, a_door, an_app, ask
from starlette.responses import PlainTextResponse, Response

from storekeep.doors.web import Req, route
from storekeep.doors.web.csrf import is_same_origin, is_valid_token, make_token

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": ORIGIN}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
        ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, False),
        ({"origin": ORIGIN + ".evil.example"}, False),
    ],
)
def test_layer_one_believes_only_our_own_pages(headers: dict[str, str], passes: bool) -> None:
    assert is_same_origin(headers, (ORIGIN,)) is passes


def test_layer_two_binds_the_token_to_one_session_and_key() -> None:
    token = make_token(KEY, "session-a")
    assert is_valid_token(KEY, "session-a", token)
    assert not is_valid_token(KEY, "session-b", token)
    assert not is_valid_token(KEY, None, token)
    assert not is_valid_token(b"x" * 32, "session-a", token)
    for broken in ("", token[:-1], token + "0", "ä" * 88, "0" * 24):
        assert not is_valid_token(KEY, "session-a", broken)


def test_two_tokens_of_a_session_differ_and_both_hold() -> None:
    one, other = make_token(KEY, None), make_token(KEY, None)
    assert one != other
    assert is_valid_token(KEY, None, one)
    assert is_valid_token(KEY, None, other)


def changed(req: Req) -> Response:
    return PlainTextResponse("changed " + req.form.get("note"))


def test_a_post_needs_both_layers() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed, methods=("POST",))])
    body = f"note=hello&_token={make_token(KEY, 'abc')}".encode()
    session = {"cookie": "__Host-shop=abc"}
    assert ask(app, "POST", "/x", {**OWN_PAGE, **session}, body).text == "changed hello"
    assert ask(app, "POST", "/x", {"origin": ORIGIN, **session}, body).status == 200
    assert ask(app, "POST", "/x", {"sec-fetch-site": "cross-site", **session}, body).status == 403
    assert ask(app, "POST", "/x", session, body).status == 403
    assert ask(app, "POST", "/x", {**OWN_PAGE, "cookie": "__Host-shop=other"}, body).status == 403


def test_a_form_of_a_cached_page_passes_with_layer_one_alone() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed, methods=("POST",), guard="origin")])
    assert ask(app, "POST", "/x", OWN_PAGE, b"note=hi").status == 200
    assert ask(app, "POST", "/x", {"origin": "http://evil.example"}, b"note=hi").status == 403


def test_an_expired_token_loses_nothing_that_was_typed() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed, methods=("POST",))])
    refused = ask(app, "POST", "/x", OWN_PAGE, b"note=a+%3Cb%3E+text&password=secret&command_id=c1&_token=old")
    assert refused.status == 403
    assert "a &lt;b&gt; text" in refused.text
    assert "secret" not in refused.text
    token = re.search(r'name="_token" value="([0-9a-f]+)"', refused.text)
    assert token is not None
    assert is_valid_token(KEY, None, token[1])


def test_a_foreign_post_gets_nothing_back_of_what_it_sent() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed, methods=("POST",))])
    assert "planted" not in ask(app, "POST", "/x", {"origin": "http://evil.example"}, b"note=planted").text


def test_unknown_hosts_get_421_and_known_side_names_are_sent_to_the_public_address() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", lambda req: PlainTextResponse("here"))])
    assert ask(app, "GET", "/x").status == 200
    assert ask(app, "GET", "/x", {"host": "evil.example"}).status == 421
    assert ask(app, "GET", "/x", {"host": ""}).status == 421
    moved = ask(app, "GET", "/x?a=1", {"host": "localhost:8000"})
    assert (moved.status, moved.headers["location"]) == (307, ORIGIN + "/x?a=1")
    assert ask(app, "POST", "/x", {"host": "localhost:8000"}).status == 421


@pytest.mark.parametrize("declare_length", [True, False])
def test_a_body_over_the_limit_is_refused_whole(declare_length: bool) -> None:
    door = a_door()
    app = an_app(
        door,
        [route(door, "/x", changed, methods=("POST",), guard="origin")],
        body_limit=2048,
        body_limits={"/x/large": 4096},
    )
    body = b"note=" + b"a" * 3000
    refused = ask(app, "POST", "/x", OWN_PAGE, body, chunks=5, declare_length=declare_length)
    assert refused.status == 413
    assert ask(app, "POST", "/x", OWN_PAGE, body[:2000], declare_length=declare_length).status == 200


def test_a_path_may_have_its_own_limit() -> None:
    door = a_door()
    app = an_app(
        door,
        [route(door, "/big", changed, methods=("POST",), guard="origin")],
        body_limit=100,
        body_limits={"/big": 4096},
    )
    assert ask(app, "POST", "/big", OWN_PAGE, b"note=" + b"a" * 3000).status == 200


def test_every_answer_carries_the_security_headers() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed)], form_action=("http://localhost:8090",))
    for answer in (ask(app, "GET", "/x"), ask(app, "GET", "/nowhere"), ask(app, "GET", "/x", {"host": "evil.example"})):
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "form-action 'self' http://localhost:8090" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])


def test_a_wrong_form_body_is_400_and_names_why() -> None:
    door = a_door()
    app = an_app(door, [route(door, "/x", changed, methods=("POST",))])
    answer = ask(app, "POST", "/x", OWN_PAGE, b"a=%FF")
    assert answer.status == 400
    assert "not valid UTF-8" in answer.text


def test_multipart_forms_are_read_with_their_files() -> None:
    def seen(req: Req) -> Response:
        file = req.form.uploads["picture"]
        return PlainTextResponse(f"{req.form.get('note')} {file.filename} {len(file.data)}")

    door = a_door()
    app = an_app(door, [route(door, "/x", seen, methods=("POST",), guard="origin")])
    head = {**OWN_PAGE, "content-type": "multipart/form-data; boundary=b"}
    body = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n--b\r\n'
        b'Content-Disposition: form-data; name="picture"; '
        b'filename="a.png"\r\nContent-Type: image/png\r\n\r\n12345\r\n--b--\r\n'
    )
    assert ask(app, "POST", "/x", head, body).text == "hi a.png 5"
    assert ask(app, "POST", "/x", {**OWN_PAGE, "content-type": "multipart/form-data"}, body).status == 400


def test_media_never_leaves_its_folder(tmp_path: Path) -> None:
    from storekeep.doors.web.static import media_route

    (tmp_path / "media").mkdir()
    (tmp_path / "secret.svg").write_text("<svg/>")
    (tmp_path / "media" / "mug.0123456789ab.svg").write_text("<svg/>")
    (tmp_path / "media" / "mug.svg").write_text("<svg/>")
    (tmp_path / "media" / "notes.txt").write_text("private")
    app = an_app(a_door(), [media_route(tmp_path / "media")])
    assert "immutable" in ask(app, "GET", "/media/mug.0123456789ab.svg").headers["cache-control"]
    plain = ask(app, "GET", "/media/mug.svg")
    assert "must-revalidate" in plain.headers["cache-control"]
    assert ask(app, "GET", "/media/mug.svg", {"if-none-match": plain.headers["etag"]}).status == 304
    for path in (
        "/media/../secret.svg",
        "/media/notes.txt",
        "/media/none.svg",
        "/media/\x00.svg",
        "/media//etc/passwd",
    ):
        assert ask(app, "GET", path).status == 404
