"""Sessions: a random token in the person's cookie, its SHA-256 in the table, an end that slides with use."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, update

from storekeep.kernel.clock import DAY, HOUR, MINUTE, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.access.tables import staff, staff_session

LENGTH: Instant = 12 * HOUR
LONGEST: Instant = 7 * DAY
_WORTH_WRITING: Instant = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in. `should_extend` says that its end is due to be moved on (a write, so not on every page)."""

    staff_id: str
    name: str
    email: str
    role: str
    refund_limit_minor: int
    expires_at: Instant
    should_extend: bool

    @property
    def actor(self) -> str:
        """The actor of transactions that this person starts."""
        return f"staff:{self.staff_id}"


def token_hash(token: str) -> str:
    """What is stored of a token. It is 192 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def start(tx: Tx, staff_id: str) -> str:
    """Begin a session of 12 hours and return its token; nobody can read the token again."""
    token = tx.ids.secret()
    row = {
        "token_hash": token_hash(token),
        "staff_id": staff_id,
        "created_at": tx.now,
        "expires_at": tx.now + LENGTH,
        "ended_at": None,
    }
    tx.insert_many(staff_session, [row])
    return token


def find(tx: Tx, token: str) -> Session | None:
    """The live session of a token: not ended, not expired, and of someone who is not disabled. Reads only."""
    joined = staff_session.join(staff)
    query = (
        select(staff, staff_session.c.expires_at, staff_session.c.created_at.label("started_at"))
        .select_from(joined)
        .where(_live(tx, token), staff.c.status == "active")
    )
    row = tx.first(query)
    if row is None:
        return None
    due = _new_end(tx, row.started_at) - row.expires_at >= _WORTH_WRITING
    return Session(row.id, row.name, row.email, row.role, row.refund_limit_minor, row.expires_at, due)


def extend(tx: Tx, token: str) -> None:
    """Move a live session's end to 12 hours from now, at most 7 days after its start. A dead one stays dead."""
    row = tx.first(select(staff_session.c.created_at).where(_live(tx, token)))
    if row is not None:
        tx.run(update(staff_session).where(_live(tx, token)).values(expires_at=_new_end(tx, row.created_at)))


def end(tx: Tx, token: str) -> None:
    """Log out. An unknown or ended session is left as it is."""
    tx.run(update(staff_session).where(_live(tx, token)).values(ended_at=tx.now))


def end_all(tx: Tx, staff_id: str, *, keep_token: str | None = None) -> int:
    """End every session of a person, save one, and return how many there were."""
    mine = and_(staff_session.c.staff_id == staff_id, staff_session.c.ended_at.is_(None))
    if keep_token is not None:
        mine = and_(mine, staff_session.c.token_hash != token_hash(keep_token))
    return tx.run(update(staff_session).where(mine).values(ended_at=tx.now))


def _live(tx: Tx, token: str) -> ColumnElement[bool]:
    mine = staff_session.c.token_hash == token_hash(token)
    return and_(mine, staff_session.c.ended_at.is_(None), staff_session.c.expires_at > tx.now)


def _new_end(tx: Tx, started_at: Instant) -> Instant:
    return min(tx.now + LENGTH, started_at + LONGEST)
