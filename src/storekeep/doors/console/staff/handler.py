"""The pages of the staff, and the page where everyone changes their own password."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, sentence, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Conflict, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.access import passwords, staff
from storekeep.shop.access.roles import PERMISSIONS, ROLE_LABELS, ROLES
from storekeep.shop.catalog.lookups import is_id

URL = "/console/staff"
#: What a verb calls a field -> its name in the form.
NAMES = {"refund_limit_minor": "limit"}


def show(req: Req, me: Staff) -> Response:
    """Everyone, by name."""
    with reading(req) as tx:
        rows = staff.everyone(tx)
    return page(req, "console/staff/page.html", {"rows": rows, "roles": ROLE_LABELS})


def new(req: Req, me: Staff) -> Response:
    """The form for somebody new."""
    return _form(req, Fields.of({"role": "warehouse", "limit": "0.00"}), None)


def edit(req: Req, me: Staff) -> Response:
    """The form for somebody who is here."""
    row = _row(req)
    return _form(req, _values(req, row), row)


def _values(req: Req, row: Any) -> Fields:
    with reading(req) as tx:
        currency = site.load(tx).currency
    limit = format_plain(row.refund_limit_minor, currency)
    return Fields.of({"name": row.name, "role": row.role, "limit": limit})


def _form(req: Req, form: Fields, row: Any, status: int = 200) -> Response:
    roles = [
        (name, label, "; ".join(PERMISSIONS[one] for one in PERMISSIONS if one in ROLES[name]), "")
        for name, label in ROLE_LABELS.items()
    ]
    return page(req, "console/staff/form.html", {"form": form, "row": row, "role_options": roles}, status=status)


def create(req: Req, me: Staff) -> Response:
    """Add somebody with a first password, which they change when they log in."""
    form = Fields(req.form)
    email = form.email("email")
    name, role, limit = _facts(req, form)
    password = req.form.get("password")
    if not form.errors:
        try:
            secret = passwords.hash_password(password, about=(email, name))
            with changing(req, me) as tx:
                staff.create(tx, [staff.NewStaff(email, name, role, secret, limit)])
        except Refused as refused:
            refusals.to_fields(form, refused, NAMES, first="email")
    if form.errors:
        return _form(req, form, None, 422)
    return redirect(req, URL, notice=f"{name} can log in now.")


def save(req: Req, me: Staff) -> Response:
    """Change name, role or refund limit; a new role ends the person's sessions."""
    form, row = Fields(req.form), _row(req)
    name, role, limit = _facts(req, form)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                staff.change(tx, row.id, name=name, role=role, refund_limit_minor=limit)
        except Conflict as reason:
            form.fail("role", sentence(str(reason)))
        except Refused as refused:
            refusals.to_fields(form, refused, NAMES, first="name")
    if form.errors:
        return _form(req, form, row, 422)
    return redirect(req, URL, notice="Saved.")


def switch(req: Req, me: Staff) -> Response:
    """Keep somebody out, or let them in again."""
    row, to = _row(req), req.form.get("to")
    if to not in ("disabled", "active"):
        raise Problem(400, "Somebody is active or disabled.")
    with changing(req, me) as tx:
        (staff.disable if to == "disabled" else staff.enable)(tx, row.id)
    said = "cannot log in any more" if to == "disabled" else "can log in again"
    return redirect(req, URL, notice=f"{row.name} {said}.")


def give_password(req: Req, me: Staff) -> Response:
    """A new password for somebody who lost theirs; it ends their sessions."""
    row, password = _row(req), req.form.get("password")
    try:
        secret = passwords.hash_password(password, about=(row.email, row.name))
    except Refused as refused:
        form = _values(req, row)
        refusals.to_fields(form, refused, first="password")
        return _form(req, form, row, 422)
    with changing(req, me) as tx:
        staff.set_password(tx, row.id, secret, keep_token=req.session_id if row.id == me.id else None)
    return redirect(req, URL, notice=f"{row.name} has a new password.")


def own(req: Req, me: Staff) -> Response:
    """One's own password."""
    return page(req, "console/staff/own.html", {"form": Fields()})


def change_own(req: Req, me: Staff) -> Response:
    """Change one's own password; other sessions end, this one stays."""
    form = Fields()
    current, fresh, again = (req.form.get(name) for name in ("current", "password", "again"))
    with reading(req) as tx:
        stored = staff.password_hash_of(tx, me.id)
    if stored is None or not passwords.verify_password(stored, current):
        form.fail("current", "This is not your password now.")
    if fresh != again:
        form.fail("again", "The two do not agree. Type the new password again.")
    try:
        secret = passwords.hash_password(fresh, about=(me.email, me.name))
    except Refused as refused:
        refusals.to_fields(form, refused, first="password")
    if form.errors:
        return page(req, "console/staff/own.html", {"form": form}, status=422)
    with changing(req, me) as tx:
        staff.set_password(tx, me.id, secret, keep_token=req.session_id)
    return redirect(req, "/console", notice="Your password is changed. Other places where you were logged in are out.")


def _facts(req: Req, form: Fields) -> tuple[str, str, int]:
    with reading(req) as tx:
        currency = site.load(tx).currency
    name = form.text("name", 120, label="Name")
    role = form.choice("role", tuple(ROLE_LABELS), label="A role")
    limit = form.money("limit", currency, label="Refund limit", maximum=staff.LARGEST_LIMIT_MINOR, required=False)
    return name, role, limit


def _row(req: Req) -> Any:
    staff_id = req.path_params["staff_id"]
    with reading(req) as tx:
        row = staff.get(tx, staff_id) if is_id(staff_id) else None
    if row is None:
        raise Problem(404, "There is no such member of staff.")
    return row


def routes(door: Door) -> list[BaseRoute]:
    """List, new, one person; one's own password."""
    may, one_person = "staff.change", URL + "/{staff_id}"
    posts = (
        (URL, create),
        (one_person, save),
        (one_person + "/switch", switch),
        (one_person + "/password", give_password),
    )
    return [
        staff_page(door, f"{URL}/me", own),
        staff_page(door, f"{URL}/me", change_own, methods=("POST",)),
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=may),
        staff_page(door, one_person, edit, permission=may),
        *[staff_page(door, path, handler, permission=may, methods=("POST",)) for path, handler in posts],
    ]
