"""Logging in and out: neutral about who exists, throttled, and back to where one wanted to go."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import HOME_URL, LOGIN_URL, find_staff, house
from storekeep.doors.web import Door, Fields, Req, cookies, page, redirect, route
from storekeep.doors.web.responses import is_local
from storekeep.shop.access import TooManyAttempts, WrongLogin, log_in, sessions, staff

_COOKIE_LIFE_S = 7 * 24 * 3600


def show(req: Req) -> Response:
    """The log-in form; whoever is in already goes straight on."""
    if find_staff(req) is not None:
        return redirect(req, _next(req.query.get("next", "")))
    return _form(req, Fields.of({"next": _next(req.query.get("next", ""))}))


def enter(req: Req) -> Response:
    """Begin a session for the right password."""
    form = Fields(req.form)
    email = form.text("email", 254, label="E-mail")
    password = req.form.get("password")
    if not password:
        form.fail("password", "Enter the password.")
    if form.errors:
        return _form(req, form, 422)
    try:
        entered = log_in(house(req).db, email, password[:1000], req.ip)
    except TooManyAttempts as stop:
        form.fail("email", str(stop))
        return _form(req, form, 429)
    except WrongLogin as stop:
        form.fail("email", str(stop))
        return _form(req, form, 422)
    response = redirect(req, _next(req.form.get("next")))
    cookies.set_session(response, req.door.cookie_name, entered.token, _COOKIE_LIFE_S)
    return response


def leave(req: Req) -> Response:
    """End the session and forget the cookie; repeating it changes nothing."""
    if req.session_id:
        with house(req).db.begin(actor="system") as tx:
            sessions.end(tx, req.session_id[:200])
    response = redirect(req, LOGIN_URL, notice="You are logged out.")
    cookies.drop(response, req.door.cookie_name)
    return response


def _form(req: Req, form: Fields, status: int = 200) -> Response:
    with house(req).db.read() as tx:
        nobody = staff.is_empty(tx)
    return page(req, "console/login/page.html", {"form": form, "nobody": nobody}, status=status)


def _next(wanted: str) -> str:
    fits = is_local(wanted) and wanted.startswith(HOME_URL) and wanted.isprintable() and len(wanted) <= 1000
    return wanted if fits and not wanted.startswith((LOGIN_URL, "/console/logout")) else HOME_URL


def routes(door: Door) -> list[BaseRoute]:
    return [
        route(door, LOGIN_URL, show),
        route(door, LOGIN_URL, enter, methods=("POST",), guard="origin"),
        route(door, "/console/logout", leave, methods=("POST",)),
    ]
