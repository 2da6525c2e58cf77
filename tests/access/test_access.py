"""Staff, passwords, sessions and the brake on guessing."""

import threading

import pytest

from storekeep.kernel.clock import HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Forbidden, Invalid
from storekeep.shop import access
from storekeep.shop.access import NewStaff, passwords, roles, sessions, staff, tables

SECRET = "four mild grey owls"


@pytest.fixture(scope="module")
def hashed() -> str:
    return access.hash_password(SECRET)


def hire(db: Database, hashed: str, role: str = "owner", email: str = "Ona@example.com") -> str:
    with db.begin(actor="system") as tx:
        return staff.create(tx, [NewStaff(email, "Ona", role, hashed)])[0]


def whoever(db: Database, token: str) -> sessions.Session | None:
    with db.read() as tx:
        return sessions.find(tx, token)


def test_roles_may_do_their_own_work_and_no_more() -> None:
    assert all(roles.allows("owner", permission) for permission in roles.PERMISSIONS)
    assert roles.allows("warehouse", "floor.pick")
    assert not roles.allows("warehouse", "orders.refund")
    assert not roles.allows("accountant", "stock.change")
    assert roles.allows("accountant", "ledger.read")
    assert not roles.allows("nobody", "orders.read")
    with pytest.raises(KeyError):
        roles.allows("owner", "orders.refnd")
    with pytest.raises(Forbidden, match="give money back"):
        roles.require("warehouse", "orders.refund")


def test_refunds_stay_within_the_own_limit() -> None:
    assert access.may_refund("agent", 5_000, 5_000)
    assert not access.may_refund("agent", 5_000, 5_001)
    assert not access.may_refund("agent", 0, 1)
    assert access.may_refund("owner", 0, 10**9)
    assert not access.may_refund("accountant", 5_000, 1)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "password1234",
        "Password-1234",
        "aaaaaaaaaaaaaa",
        "x" * 1_000_000,
        "Pottery-2026",
        "qwerty123456",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        passwords.check_password(password, about=("Pottery",))
    assert caught.value.problems[0].path == "password"


def test_a_password_is_kept_as_an_argon2id_hash_only(hashed: str) -> None:
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert access.verify_password(hashed, SECRET)
    assert not access.verify_password(hashed, SECRET + " ")
    assert not access.verify_password("broken", SECRET)
    assert not access.verify_password(hashed, "x" * 1_000_000)


def test_the_right_password_opens_a_session_of_which_only_a_hash_is_kept(db: Database, hashed: str) -> None:
    person = hire(db, hashed)
    inside = access.log_in(db, " ona@EXAMPLE.com", SECRET, "10.0.0.1")
    assert inside.staff_id == person
    assert len(inside.token) == 48
    session = whoever(db, inside.token)
    assert session is not None
    assert session.actor == f"staff:{person}"
    with db.read() as tx:
        assert inside.token not in str(tx.rows(tables.staff_session.select()))
        assert tx.rows(tables.login_failure.select()) == []
    assert whoever(db, "") is whoever(db, "x" * 48) is whoever(db, "\ud800") is None


def test_a_session_ends_after_twelve_hours_slides_with_use_and_ends_with_log_out(
    db: Database, clock: VirtualClock, hashed: str
) -> None:
    hire(db, hashed)
    token = access.log_in(db, "ona@example.com", SECRET, "a").token
    clock.sleep(11 * HOUR)
    found = whoever(db, token)
    assert found is not None
    assert found.should_extend
    with db.begin() as tx:
        sessions.extend(tx, token)
    clock.sleep(11 * HOUR)
    assert whoever(db, token) is not None
    clock.sleep(HOUR)
    assert whoever(db, token) is None
    with db.begin() as tx:
        sessions.extend(tx, token)
    assert whoever(db, token) is None
    token = access.log_in(db, "ona@example.com", SECRET, "a").token
    for _ in range(7 * 3):
        clock.sleep(8 * HOUR)
        with db.begin() as tx:
            sessions.extend(tx, token)
    assert whoever(db, token) is None
    token = access.log_in(db, "ona@example.com", SECRET, "a").token
    with db.begin() as tx:
        sessions.end(tx, token)
    assert whoever(db, token) is None


def test_after_five_failures_even_the_right_password_waits(db: Database, clock: VirtualClock, hashed: str) -> None:
    hire(db, hashed)
    for n in range(5):
        with pytest.raises(access.WrongLogin):
            access.log_in(db, "ona@example.com", "wrong", f"10.0.0.{n}")
        clock.sleep(MINUTE)
    with pytest.raises(access.TooManyAttempts, match="10 minutes") as caught:
        access.log_in(db, "ona@example.com", SECRET, "10.0.0.9")
    clock.move_to(caught.value.retry_at)
    assert access.log_in(db, "ona@example.com", SECRET, "10.0.0.9").token


def test_an_unknown_name_gets_the_same_answers_as_a_wrong_password(db: Database, hashed: str) -> None:
    hire(db, hashed)
    answers = {}
    for email in ("ona@example.com", "nobody@example.com"):
        said = []
        for _ in range(6):
            with pytest.raises(Forbidden) as caught:
                access.log_in(db, email, "wrong", email)
            said.append((type(caught.value), str(caught.value)))
        answers[email] = said
    assert answers["ona@example.com"] == answers["nobody@example.com"]


def test_one_network_address_cannot_try_many_names(db: Database) -> None:
    for n in range(20):
        with pytest.raises(access.WrongLogin):
            access.log_in(db, f"n{n}@example.com", "wrong", "10.0.0.1")
    with pytest.raises(access.TooManyAttempts):
        access.log_in(db, "other@example.com", "wrong", "10.0.0.1")


def test_guesses_at_the_same_moment_are_all_counted(db: Database, hashed: str) -> None:
    hire(db, hashed)
    said: list[type] = []

    def guess() -> None:
        try:
            access.log_in(db, "ona@example.com", "wrong", "a")
        except Forbidden as refusal:
            said.append(type(refusal))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count(access.WrongLogin) == 5
    assert said.count(access.TooManyAttempts) == 3


def test_disabling_and_new_passwords_end_the_sessions(db: Database, hashed: str) -> None:
    hire(db, hashed)
    person = hire(db, hashed, "agent", "ben@example.com")
    here, there = (access.log_in(db, "ben@example.com", SECRET, "a").token for _ in range(2))
    with db.begin() as tx:
        staff.set_password(tx, person, hashed, keep_token=here)
    assert whoever(db, here) is not None
    assert whoever(db, there) is None
    with db.begin() as tx:
        staff.disable(tx, person)
        staff.disable(tx, person)
    assert whoever(db, here) is None
    with pytest.raises(access.WrongLogin):
        access.log_in(db, "ben@example.com", SECRET, "a")
    with db.begin() as tx:
        staff.enable(tx, person)
    assert whoever(db, here) is None


def test_the_last_owner_stays(db: Database, hashed: str) -> None:
    owner = hire(db, hashed)
    for act in (lambda tx: staff.disable(tx, owner), lambda tx: staff.change(tx, owner, role="agent")):
        with pytest.raises(Conflict, match="only owner"), db.begin() as tx:
            act(tx)
    hire(db, hashed, "owner", "two@example.com")
    with db.begin() as tx:
        staff.change(tx, owner, role="agent", refund_limit_minor=500)
        row = staff.get(tx, owner)
        assert row is not None
        assert (row.role, row.refund_limit_minor) == ("agent", 500)


@pytest.mark.parametrize(
    ("person", "path"),
    [
        (NewStaff("nope", "A", "agent", "$argon2id$"), "0.email"),
        (NewStaff("a@b.c", "", "agent", "$argon2id$"), "0.name"),
        (NewStaff("a@b.c", "A", "king", "$argon2id$"), "0.role"),
        (NewStaff("a@b.c", "A", "agent", "$argon2id$", -1), "0.refund_limit_minor"),
    ],
)
def test_bad_staff_rows_are_named(db: Database, person: NewStaff, path: str) -> None:
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        staff.create(tx, [person])
    assert caught.value.problems[0].path == path


def test_a_plain_password_never_reaches_the_table(db: Database) -> None:
    with pytest.raises(ValueError, match="hash"), db.begin() as tx:
        staff.create(tx, [NewStaff("a@example.com", "A", "agent", SECRET)])
