"""A leaver: a hand or an agent whom the owner keeps out in the middle of work, and the colleagues who take it over.

A leaver works as at the console: each request brings the token of a session, which is looked up before anything is
done. From the moment the account is disabled no request may get through, and what was begun belongs to others.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select

from storekeep.flows import floor
from storekeep.flows.house import House
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, StorekeepError
from storekeep.shop.access import sessions, staff
from storekeep.shop.access.staff import NewStaff
from storekeep.shop.access.tables import staff as staff_table
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.support import conversations
from storekeep.shop.support.tables import conversation
from storekeep.world.simulator.cast import hands
from storekeep.world.simulator.play import Broken, Life

T = TypeVar("T")
Act = Callable[[Tx], object]

#: The form of a hash, of no password: leavers are let in by their sessions alone.
_NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43
_OWNER = "staff:owner"
LIMIT = 50


class KeptOut(StorekeepError):
    """The session is not one any more; the console shows the log-in page."""


def keep_out(life: Life) -> None:
    """Hand on what leavers left behind; then, if the dice say so, disable somebody's account while they work."""
    _hand_on(life)
    if not life.chance(life.play.trouble.staff_disabled_days):
        return
    role = life.rng.choice(("warehouse", "agent"))
    staff_id = life.write(_OWNER, lambda tx: _hired(tx, role))
    token = life.write(f"staff:{staff_id}", lambda tx: sessions.start(tx, staff_id))
    going_on = (_pick if role == "warehouse" else _answer)(life, staff_id, token)
    life.write(_OWNER, lambda tx: staff.disable(tx, staff_id))
    life.note(f"fault: {role} account disabled" + (" at work" if going_on else ""))
    for act in (going_on or _nothing, lambda tx: sessions.extend(tx, token)):
        try:
            _request(life, token, act)
        except KeptOut:
            life.note("requests of disabled accounts refused")
        else:
            raise Broken("kept out", f"{role} {staff_id} went on working with a disabled account")
    life.dawdle(life.play.rhythm.think)
    _hand_on(life)


def _hired(tx: Tx, role: str) -> str:
    """The account of the leaver with this role, let in again if it was there before."""
    email = f"{role}@leavers.example"
    known = tx.scalar(select(staff_table.c.id).where(staff_table.c.email == email))
    if known is None:
        return staff.create(tx, [NewStaff(email, f"Leaving {role}", role, _NO_PASSWORD)])[0]
    staff.enable(tx, known)
    return str(known)


def _request(life: Life, token: str, do: Callable[[Tx], T]) -> T:
    """One request to the console: the session first, then the act in that person's name."""

    def act(house: House) -> T:
        with house.db.read() as tx:
            session = sessions.find(tx, token)
        if session is None:
            raise KeptOut("log in first")
        with house.db.begin(actor=session.actor) as tx:
            return do(tx)

    return life.ask(act)


def _nothing(tx: Tx) -> object:
    return None


def _pick(life: Life, staff_id: str, token: str) -> Act | None:
    """Claim work and make the first half of its scans; the next one is what the leaver would do now."""
    f = fulfillment.c
    query = select(f.id).where(f.status == "picking", f.claimed_by == staff_id).order_by(f.number).limit(1)

    def claim(tx: Tx) -> Any:
        # Work taken before whose answer was lost is still theirs.
        return floor.claim(tx, staff_id, [row.id for row in tx.rows(query)] or None)

    work = next(iter(_request(life, token, claim)), None)
    if work is None:
        return None
    scans = hands.walk(life, work, hands.skus_of(life, [work]))
    if not scans:
        return None
    done = scans[: len(scans) // 2]
    _request(life, token, lambda tx: floor.scan_all(tx, work.fulfillment_id, done))
    return lambda tx: floor.scan_all(tx, work.fulfillment_id, scans[len(done) :])


def _answer(life: Life, staff_id: str, token: str) -> Act | None:
    """Take on the oldest open conversation; to end it is what the leaver would do now. It cannot be theirs again."""
    c = conversation.c
    query = select(c.id).where(c.status == "open", c.assignee_id.is_(None)).order_by(c.id).limit(1)
    found = life.read(lambda tx: tx.scalar(query))
    if found is None:
        return None
    _request(life, token, lambda tx: conversations.assign(tx, found, staff_id))
    return lambda tx: conversations.resolve(tx, found)


def _hand_on(life: Life) -> None:
    """Work and conversations of disabled accounts are free for others, and cannot be given back to them."""
    disabled = select(staff_table.c.id).where(staff_table.c.status == "disabled")
    f, c = fulfillment.c, conversation.c
    work = select(f.id).where(f.status == "picking", f.claimed_by.in_(disabled)).order_by(f.id).limit(LIMIT)
    for row in life.read(lambda tx: tx.rows(work)):
        life.write("hand", lambda tx, row=row: floor.release_claim(tx, row.id))  # type: ignore[misc]
        life.note("work of disabled accounts given back")
    letters = select(c.id, c.assignee_id).where(c.status == "open", c.assignee_id.in_(disabled)).order_by(c.id)
    for row in life.read(lambda tx: tx.rows(letters.limit(LIMIT))):
        life.write("agent", lambda tx, row=row: conversations.assign(tx, row.id, None))  # type: ignore[misc]
        life.note("conversations of disabled accounts handed on")
        try:
            life.write("agent", lambda tx, row=row: conversations.assign(tx, row.id, row.assignee_id))  # type: ignore[misc]
        except Invalid:
            continue
        raise Broken("kept out", f"conversation {row.id} was given to a disabled account")
