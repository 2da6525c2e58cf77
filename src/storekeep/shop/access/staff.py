"""Staff: add, change, disable, new passwords. Everything is audited; what could be stolen ends the sessions.

These verbs take hashes, made by `passwords.hash_password` before the transaction was opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, literal, select, update

from storekeep.kernel import audit, lookup
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.access import sessions
from storekeep.shop.access.roles import ROLES
from storekeep.shop.access.tables import staff

LARGEST_LIMIT_MINOR = 10**9
_SHOWN = ("id", "email", "name", "role", "status", "refund_limit_minor", "created_at")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Someone to add. `password_hash` comes from `hash_password`; the limit is for refunds, in minor units."""

    email: str
    name: str
    role: str
    password_hash: str
    refund_limit_minor: int = 0


def create(tx: Tx, people: Sequence[NewStaff]) -> list[str]:
    """Add staff and return their ids. Raises `Invalid` at `<n>.email`, `.name`, `.role` or `.refund_limit_minor`."""
    rows: list[dict[str, Any]] = []
    emails = [person.email.strip().lower() for person in people]
    known = {row.email for row in tx.rows(select(staff.c.email).where(staff.c.email.in_(emails)))}
    for at, (person, email) in enumerate(zip(people, emails, strict=True)):
        if len(email) > 254 or email.count("@") != 1 or not all(email.split("@")) or any(c.isspace() for c in email):
            raise Invalid(f"{at}.email", "This is not an e-mail address. It looks like name@example.com.")
        if email in known:
            raise Invalid(f"{at}.email", "Someone with this address is on the staff already.")
        known.add(email)
        _check(f"{at}.", person.name, person.role, person.refund_limit_minor)
        _refuse_plain(person.password_hash)
        rows.append(
            {
                "id": tx.new_id(),
                "email": email,
                "name": person.name.strip(),
                "password_hash": person.password_hash,
                "role": person.role,
                "status": "active",
                "refund_limit_minor": person.refund_limit_minor,
                "created_at": tx.now,
            }
        )
    tx.insert_many(staff, rows)
    audit.record(tx, [audit.Entry("staff.created", "staff", row["id"], None, _shown(row)) for row in rows])
    return [row["id"] for row in rows]


def change(
    tx: Tx, staff_id: str, *, name: str | None = None, role: str | None = None, refund_limit_minor: int | None = None
) -> None:
    """Change someone's name, role or refund limit. A new role ends the sessions.

    Raises `NotFound`, `Invalid`, or `Conflict` when no active owner would be left.
    """
    row = _locked(tx, staff_id)
    wanted: dict[str, Any] = {"name": name and name.strip(), "role": role, "refund_limit_minor": refund_limit_minor}
    new: dict[str, Any] = {field: getattr(row, field) if value is None else value for field, value in wanted.items()}
    _check("", new["name"], new["role"], new["refund_limit_minor"])
    before = {field: getattr(row, field) for field, value in new.items() if getattr(row, field) != value}
    if not before:
        return
    if "role" in before:
        _keep_an_owner(tx, row)
        sessions.end_all(tx, staff_id)
    after = {field: new[field] for field in before}
    tx.run(update(staff).where(staff.c.id == staff_id).values(after))
    audit.record(tx, [audit.Entry("staff.changed", "staff", staff_id, before, after)])


def disable(tx: Tx, staff_id: str) -> None:
    """Keep someone out from now on; sessions end with it. Repeating it changes nothing.

    Raises `NotFound`, or `Conflict` for the last active owner.
    """
    row = _locked(tx, staff_id)
    if row.status == "disabled":
        return
    _keep_an_owner(tx, row)
    _set_status(tx, row, "disabled")
    sessions.end_all(tx, staff_id)


def enable(tx: Tx, staff_id: str) -> None:
    """Let someone in again. Repeating it changes nothing."""
    row = _locked(tx, staff_id)
    if row.status == "disabled":
        _set_status(tx, row, "active")


def set_password(tx: Tx, staff_id: str, password_hash: str, *, keep_token: str | None = None) -> None:
    """Replace someone's password. All sessions end, except the one of `keep_token`, where the change was made."""
    _refuse_plain(password_hash)
    _locked(tx, staff_id)
    tx.run(update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash))
    sessions.end_all(tx, staff_id, keep_token=keep_token)
    audit.record(tx, [audit.Entry("staff.password_changed", "staff", staff_id)])


def everyone(tx: Tx) -> list[Row[Any]]:
    """All staff by name, without their hashes."""
    return list(tx.rows(select(*[staff.c[name] for name in _SHOWN]).order_by(staff.c.name, staff.c.id)))


def get(tx: Tx, staff_id: str) -> Row[Any] | None:
    """One member of staff, without the hash."""
    return tx.first(select(*[staff.c[name] for name in _SHOWN]).where(staff.c.id == staff_id))


def password_hash_of(tx: Tx, staff_id: str) -> str | None:
    """The stored hash of an active member, to check the current password before a change."""
    query = select(staff.c.password_hash).where(staff.c.id == staff_id, staff.c.status == "active")
    found: str | None = tx.scalar(query)
    return found


def _locked(tx: Tx, staff_id: str) -> Row[Any]:
    row: Row[Any] = lookup.one(tx, staff, staff_id, "member of staff", lock=True)
    return row


def _set_status(tx: Tx, row: Row[Any], status: str) -> None:
    tx.run(update(staff).where(staff.c.id == row.id).values(status=status))
    audit.record(tx, [audit.Entry(f"staff.{status}", "staff", row.id, {"status": row.status}, {"status": status})])


def _keep_an_owner(tx: Tx, leaving: Row[Any]) -> None:
    if leaving.role != "owner" or leaving.status != "active":
        return
    owners = select(staff.c.id).where(staff.c.role == "owner", staff.c.status == "active")
    locked = tx.rows(owners.order_by(staff.c.id).with_for_update())  # two owners cannot remove each other at once
    if len(locked) < 2:
        raise Conflict("This is the only owner. Make someone else an owner first.")


def _check(prefix: str, name: str, role: str, limit: int) -> None:
    if not name.strip() or len(name) > 120 or not name.isprintable():
        raise Invalid(f"{prefix}name", "Enter a name of at most 120 characters.")
    if role not in ROLES:
        raise Invalid(f"{prefix}role", f"The role is one of {', '.join(ROLES)}.")
    if type(limit) is not int or not 0 <= limit <= LARGEST_LIMIT_MINOR:
        raise Invalid(f"{prefix}refund_limit_minor", f"The refund limit lies between 0 and {LARGEST_LIMIT_MINOR}.")


def _refuse_plain(password_hash: str) -> None:
    if not password_hash.startswith("$argon2id$"):
        raise ValueError("a password hash is expected, made by hash_password")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def is_empty(tx: Tx) -> bool:
    """Whether nobody is on the staff yet: the shop is being set up."""
    return not tx.scalar(select(func.count(literal(1))).select_from(staff))
