"""Logging in: throttled, equally slow for unknown names, hashing outside any transaction.

An attempt is written down before the password is looked at and taken back when it was right, so that many guesses at
once count like guesses one after the other.
"""

from dataclasses import dataclass

from sqlalchemy import delete, func, literal, select, update

from storekeep.kernel import audit
from storekeep.kernel.clock import MINUTE, Instant
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import Forbidden
from storekeep.shop.access import passwords, sessions
from storekeep.shop.access.tables import login_failure, staff

WINDOW: Instant = 15 * MINUTE
PER_EMAIL, PER_ADDRESS = 5, 20


class WrongLogin(Forbidden):
    """Address or password are wrong; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class TooManyAttempts(Forbidden):
    """Too many wrong passwords; the next try counts from `retry_at` on."""

    def __init__(self, retry_at: Instant, now: Instant) -> None:
        minutes = max(1, -(-(retry_at - now) // MINUTE))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(f"Too many attempts. Try again in {minutes} {unit}.")
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Someone is in: their id, and the token for their cookie."""

    staff_id: str
    token: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    staff_id: str | None
    stored: str
    ids: tuple[str, str]
    subjects: tuple[str, str]


def log_in(db: Database, email: str, password: str, address: str) -> LoggedIn:
    """Begin a session for the right password. `address` is the network address that the request came from.

    Raises `WrongLogin`, or `TooManyAttempts` after 5 failures per e-mail or 20 per address within 15 minutes, even
    for the right password. Opens its own transactions, with the hashing between them.
    """
    dummy = passwords.dummy_hash()
    with db.begin(actor="system") as tx:
        attempt = _note(tx, email.strip().lower()[:254], address[:64], dummy)
    right = passwords.verify_password(attempt.stored, password)
    if not right or attempt.staff_id is None:
        raise WrongLogin
    fresh = passwords.rehash(password) if passwords.needs_rehash(attempt.stored) else None
    with db.begin(actor=f"staff:{attempt.staff_id}") as tx:
        return _admit(tx, attempt, fresh)


def _note(tx: Tx, email: str, address: str, dummy: str) -> _Attempt:
    """Count the failures so far, and this attempt as one more until it proves right."""
    subjects = (f"email:{email}", f"address:{address}")
    if tx.dialect == "postgresql":  # SQLite has one writer at a time anyway
        for subject in sorted(subjects):
            tx.sql("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))", {"subject": subject})
    since = tx.now - WINDOW
    for subject, most in zip(subjects, (PER_EMAIL, PER_ADDRESS), strict=True):
        mine = (login_failure.c.subject == subject, login_failure.c.failed_at > since)
        count, first = func.count(literal(1)).label("failures"), func.min(login_failure.c.failed_at).label("first_at")
        row = tx.rows(select(count, first).where(*mine))[0]
        if row.failures >= most:
            raise TooManyAttempts(row.first_at + WINDOW, tx.now)
    ids = (tx.new_id(), tx.new_id())
    rows = [
        {"id": one, "subject": subject, "failed_at": tx.now} for one, subject in zip(ids, subjects, strict=True)
    ]
    tx.insert_many(login_failure, rows)
    query = select(staff.c.id, staff.c.password_hash).where(staff.c.email == email, staff.c.status == "active")
    found = tx.first(query)
    return _Attempt(found.id if found else None, found.password_hash if found else dummy, ids, subjects)


def _admit(tx: Tx, attempt: _Attempt, fresh: str | None) -> LoggedIn:
    """Take the attempt back, forget this e-mail's failures, begin the session. The account may be gone meanwhile."""
    assert attempt.staff_id is not None
    query = select(staff.c.password_hash).where(staff.c.id == attempt.staff_id, staff.c.status == "active")
    if tx.scalar(query.with_for_update()) != attempt.stored:
        raise WrongLogin
    failure = login_failure.c
    tx.run(delete(login_failure).where(failure.subject == attempt.subjects[0]))
    tx.run(delete(login_failure).where(failure.id.in_(attempt.ids)))
    tx.run(delete(login_failure).where(failure.failed_at <= tx.now - WINDOW))
    if fresh is not None:
        tx.run(update(staff).where(staff.c.id == attempt.staff_id).values(password_hash=fresh))
    audit.record(tx, [audit.Entry("staff.logged_in", "staff", attempt.staff_id)])
    return LoggedIn(attempt.staff_id, sessions.start(tx, attempt.staff_id))
