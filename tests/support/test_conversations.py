"""Conversations, notes and the inbox, without an order in sight."""

import pytest

from storekeep.kernel.clock import DAY, MINUTE, SECOND, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from storekeep.kernel.tables import status_change
from storekeep.shop.access import NewStaff, hash_password, staff
from storekeep.shop.support import conversations, notes, queries
from storekeep.shop.support.card_numbers import holds_card_number
from storekeep.shop.support.model import NewConversation, ago

SECRET = "a secret of the shop"


def opened(db: Database, name: str = "Mina Example", email: str = "mina@example.com", body: str = "Hello") -> str:
    with db.begin(actor="shopper") as tx:
        made = conversations.open_many(tx, [NewConversation(email, name, "A question")])[0]
        conversations.receive(tx, made.id, body, f"first {made.id}")
        return made.id


def agent(db: Database, name: str = "Ben") -> str:
    with db.begin(actor="owner") as tx:
        made = NewStaff(f"{name.lower()}@example.com", name, "agent", hash_password("a long password 9"), 5000)
        return staff.create(tx, [made])[0]


def look(db: Database, conversation_id: str) -> queries.Thread:
    with db.read() as tx:
        return queries.thread(tx, conversation_id)


def test_a_message_sent_twice_is_kept_once(db: Database) -> None:
    one = opened(db)
    with db.begin(actor="shopper") as tx:
        first = conversations.receive(tx, one, "And another thing", "c1")
        second = conversations.receive(tx, one, "And another thing", "c1")
    assert (first.id, first.is_new, second.is_new) == (second.id, True, False)
    assert [each.body for each in look(db, one).messages] == ["Hello", "And another thing"]
    other = opened(db)
    with pytest.raises(Conflict), db.begin(actor="shopper") as tx:
        conversations.receive(tx, other, "And another thing", "c1")


def test_an_answer_waits_for_the_customer_whose_reply_opens_it_again(db: Database) -> None:
    one, ben = opened(db), agent(db)
    with db.begin(actor=f"staff:{ben}") as tx:
        conversations.reply(tx, one, "Good morning", "r1", look(db, one).conversation.version)
    thread = look(db, one)
    assert (thread.conversation.status, thread.conversation.waiting_since) == ("waiting_customer", None)
    assert [each.author_name for each in thread.messages] == [None, "Ben"]
    with db.begin(actor=f"staff:{ben}") as tx:
        conversations.resolve(tx, one)
        conversations.resolve(tx, one)
    with db.begin(actor="shopper") as tx:
        conversations.receive(tx, one, "One more thing", "c2")
        moves = tx.rows(status_change.select().where(status_change.c.subject_id == one).order_by(status_change.c.id))
    assert [each.to_status for each in moves] == ["open", "waiting_customer", "resolved", "open"]
    with pytest.raises(IllegalMove), db.begin() as tx:
        conversations.reopen(tx, one)


def test_a_stale_answer_is_told_who_was_faster(db: Database, clock: VirtualClock) -> None:
    one, ben = opened(db), agent(db)
    seen = look(db, one).conversation.version
    with db.begin(actor=f"staff:{ben}") as tx:
        conversations.reply(tx, one, "Good morning", "r1", seen)
    clock.sleep(40 * SECOND)
    with pytest.raises(Conflict, match="Ben replied 40 s ago"), db.begin(actor="staff:x") as tx:
        conversations.reply(tx, one, "Good day", "r2", seen)
    with db.begin(actor="shopper") as tx:
        conversations.receive(tx, one, "Thanks", "c2")
    clock.sleep(2 * MINUTE)
    with pytest.raises(Conflict, match="The customer wrote 2 min ago"), db.begin(actor="staff:x") as tx:
        conversations.reply(tx, one, "Good day", "r2", seen)
    with db.begin(actor="staff:x") as tx:
        assert conversations.reply(tx, one, "Good day", "r2", seen, override=True).is_new
    assert len(look(db, one).messages) == 4


def test_only_an_active_colleague_is_given_a_conversation(db: Database) -> None:
    one, ben = opened(db), agent(db)
    with db.begin() as tx:
        conversations.assign(tx, one, ben)
        assert queries.thread(tx, one).conversation.assignee_name == "Ben"
        conversations.assign(tx, one, None)
        staff.disable(tx, ben)
    with pytest.raises(Invalid), db.begin() as tx:
        conversations.assign(tx, one, ben)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("4242 4242 4242 4242", True),
        ("5555-5555-5555-4444", True),
        ("my card is 378282246310005.", True),
        ("4242 4242 4242 4243", False),
        ("order 1042 of 2026-11-23", False),
        ("00000000000000", False),
    ],
)
def test_card_numbers_are_recognised(text: str, holds: bool) -> None:
    assert holds_card_number(text) is holds


def test_a_card_number_an_empty_text_and_an_endless_one_are_refused(db: Database) -> None:
    one = opened(db)
    for body, kind in (("4242424242424242", Refused), ("  \n", Invalid), ("x" * 10_001, Invalid)):
        with pytest.raises(kind), db.begin(actor="shopper") as tx:
            conversations.receive(tx, one, body, "c9")
    with pytest.raises(Refused), db.begin(actor="staff:x") as tx:
        notes.write(tx, "card 4242424242424242", "n9", conversation_id=one)
    assert len(look(db, one).messages) == 1


def test_notes_are_kept_apart_and_once(db: Database) -> None:
    one = opened(db)
    with db.begin(actor="staff:x") as tx:
        first = notes.write(tx, "Be kind", "n1", conversation_id=one)
        assert notes.write(tx, "Be kind", "n1", conversation_id=one) == first
        assert [each.body for each in notes.of(tx, conversation_id=one)] == ["Be kind"]
        with pytest.raises(Invalid):
            notes.write(tx, "About nothing", "n2")
    assert [each.body for each in look(db, one).messages] == ["Hello"]
    version = look(db, one).conversation.version
    assert version == 2, "a note is no reason to tell an author that the conversation moved on"


def test_the_signed_link_opens_its_own_conversation_until_it_expires(db: Database, clock: VirtualClock) -> None:
    one, other = look(db, opened(db)).conversation, look(db, opened(db)).conversation
    token = conversations.link("https://shop.example", SECRET, one.id, one.number, clock.now()).rpartition("/")[2]
    with db.read() as tx:
        assert conversations.by_link(tx, SECRET, one.number, token).id == one.id
        for number, wrong in ((other.number, token), (one.number, token + "a"), (999, token)):
            with pytest.raises(NotFound):
                conversations.by_link(tx, SECRET, number, wrong)
    clock.sleep(181 * DAY)
    with db.read() as tx, pytest.raises(Forbidden):
        conversations.by_link(tx, SECRET, one.number, token)


def test_the_inbox_begins_with_who_has_waited_longest_and_pages_by_key(db: Database, clock: VirtualClock) -> None:
    ids = []
    for n in range(5):
        ids.append(opened(db, f"Person {n}", f"p{n}@example.com"))
        clock.sleep(MINUTE)
    with db.begin(actor="shopper") as tx:
        conversations.receive(tx, ids[0], "I am still waiting", "again")
    found, after = [], None
    with db.read() as tx:
        for _ in range(3):
            page = queries.inbox(tx, status="open", after=after, limit=2)
            found += [each.id for each in page.rows]
            after = page.next_after
        assert (found, after) == (ids, None)
        newest = queries.inbox(tx, limit=2)
        assert [each.id for each in newest.rows] == [ids[0], ids[4]]
        assert queries.inbox(tx, limit=9, after=newest.next_after).rows[0].id == ids[3]
        assert queries.counts(tx) == {"open": 5, "resolved": 0, "waiting_customer": 0}


def test_a_conversation_is_found_by_name_address_and_number(db: Database) -> None:
    one = opened(db, "Zoë Ångström", "zoe@example.com")
    opened(db)
    number = look(db, one).conversation.number
    with db.read() as tx:
        for text in ("zoë", "ÅNGSTRÖM", "Ångs", "ZOE@EX", str(number), f"#{number}"):
            assert [each.id for each in queries.inbox(tx, text=text).rows] == [one], text
        for text in ("%", "nobody", "9" * 40):
            assert queries.inbox(tx, text=text).rows == ()
        with pytest.raises(NotFound):
            queries.thread(tx, "no id at all")


def test_an_age_is_told_in_its_largest_unit() -> None:
    assert [ago(0, t) for t in (SECOND, 59 * SECOND, 61 * SECOND, 2 * DAY)] == [
        "1 s ago",
        "59 s ago",
        "1 min ago",
        "2 d ago",
    ]
