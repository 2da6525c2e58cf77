"""Mails: their words, their queue, and their way out."""

import socket

import pytest

from storekeep.kernel import tables as kernel_tables
from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND
from storekeep.kernel.db import Database, OutsideCallInTransaction
from storekeep.kernel.errors import Invalid
from storekeep.kernel.queue import Again, Dead, Done
from storekeep.shop import notify
from storekeep.shop.notify import MailDraft, OutgoingMail, queries, sender

LINES = [
    {"qty": 2, "title": "Mug, blue", "total": "29.80 EUR", "sku": "MUG", "level": 5, "price": "14.90 EUR",
     "on": "2026-12-03"},
]


def facts(template: str) -> dict[str, object]:
    known = {name: f"<{name}>" for name in notify.TEMPLATES[template]}
    return {**known, **({"lines": LINES} if "lines" in known else {})}


@pytest.mark.parametrize("template", sorted(notify.TEMPLATES))
def test_every_template_says_all_its_facts_and_needs_each(template: str) -> None:
    given = facts(template)
    subject, body = notify.compose(template, given)
    for name, value in given.items():
        said = ["Mug, blue", "2 "] if name == "lines" else [str(value)]
        assert all(one in subject + body for one in said), name
    assert "order_link" not in given or "<order_link>" in body
    assert "{" not in body
    for name in given:
        with pytest.raises(notify.MissingFact):
            notify.compose(template, {one: value for one, value in given.items() if one != name})


def test_no_fact_can_add_a_header_or_a_template() -> None:
    given = facts("agent_reply") | {"subject": "Hi\r\nBcc: all@example.com\u2028x", "body": "{{ 7 * 7 }}\r\n\x00ok"}
    subject, body = notify.compose("agent_reply", given)
    assert subject == "Re: Hi Bcc: all@example.com x"
    assert "{{ 7 * 7 }}\nok" in body
    given["subject"] = "Hi\n---\nforged body"
    assert notify.compose("agent_reply", given)[0] == "Re: Hi --- forged body"


def test_a_name_is_greeted_and_a_missing_name_leaves_no_gap() -> None:
    assert notify.compose("delivered", facts("delivered") | {"name": ""})[1].startswith("Hello,\n")
    assert notify.compose("delivered", facts("delivered") | {"name": "Ada"})[1].startswith("Hello Ada,\n")


def draft(key: str = "k", to: str = "Ada@example.com", **more: str) -> MailDraft:
    return MailDraft(key, "delivered", to, "Sub\nject", "Body", **more)


def test_a_mail_is_queued_once_per_cause(db: Database) -> None:
    with db.begin() as tx:
        first = notify.queue(tx, [draft("a"), draft("b"), draft("a")])
    with db.begin() as tx:
        assert notify.queue(tx, [draft("b")]) == [first[1]]
        assert first[0] == first[2]
        rows = tx.rows(kernel_tables.outbox.select())
        assert {(row.kind, row.lane, row.key) for row in rows} == {
            ("mail.send", "mail", f"mail:{one}") for one in first
        }
        one = queries.one(tx, first[0])
        assert one is not None
        assert (one.to_address, one.subject, one.status) == ("ada@example.com", "Sub ject", "queued")
        assert one.message_id == f"<{first[0]}@example.com>"
        with pytest.raises(Invalid):
            notify.queue(tx, [draft("c", "a@b\r\nBcc: x@example.com")])


class Flaky:
    """A mail server with a memory that first does what it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.sent = list(failures), list[OutgoingMail]()

    def send(self, outgoing: OutgoingMail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(outgoing)


def test_a_mail_is_tried_again_and_sent_once(db: Database) -> None:
    with db.begin() as tx:
        mail_id = notify.queue(tx, [draft()])[0]
    server = Flaky(sender.MailNotSent("busy"))
    assert notify.deliver(db, server, mail_id) == Again("busy", db.clock.now() + 10 * SECOND, counts=False)
    assert notify.deliver(db, server, mail_id) == Done()
    assert notify.deliver(db, server, mail_id) == Done()
    assert len(server.sent) == 1
    with db.read() as tx:
        one = queries.one(tx, mail_id)
        assert one is not None
        assert (one.status, one.last_error) == ("sent", None)


def test_a_server_may_be_busy_for_days_before_that_counts_against_a_mail(db: Database) -> None:
    with db.begin() as tx:
        mail_id = notify.queue(tx, [draft()])[0]
    found = []
    for age in (MINUTE, 2 * DAY, 5 * DAY):
        db.clock.sleep(age)
        answer = notify.deliver(db, Flaky(sender.MailNotSent("busy")), mail_id)
        assert isinstance(answer, Again)
        assert answer.due_at is not None
        found.append((answer.due_at - db.clock.now(), answer.counts))
    assert found == [(MINUTE, False), (HOUR, False), (HOUR, True)]


def test_of_several_mails_each_has_its_own_end(db: Database) -> None:
    with db.begin() as tx:
        ids = notify.queue(tx, [draft(key=key) for key in ("one", "two", "three")])
    server = Flaky(sender.MailRefused("no such mailbox"), sender.MailNotSent("busy"))
    later = Again("busy", db.clock.now() + 10 * SECOND, counts=False)
    assert sender.deliver_many(db, server, ids) == [Dead("no such mailbox"), later, Done()]
    assert sender.deliver_many(db, notify.DemoMailer(), ids[1:]) == [Done(), Done()]
    with db.read() as tx:
        found = [(one.status, one.last_error) for one in (queries.one(tx, mail_id) for mail_id in ids) if one]
    assert found == [("failed", "no such mailbox"), ("sent", None), ("sent", None)]


def test_a_refused_mail_is_dead_and_says_why_and_can_be_sent_to_another_address(db: Database) -> None:
    with db.begin() as tx:
        mail_id = notify.queue(tx, [draft()])[0]
    assert notify.deliver(db, Flaky(sender.MailRefused("no such mailbox")), mail_id) == Dead("no such mailbox")
    assert isinstance(notify.deliver(db, notify.DemoMailer(), "0" * 8 + "-0000" * 3 + "-" + "0" * 12), Dead)
    with db.begin() as tx:
        again = notify.resend(tx, mail_id, "cmd", "new@example.com")
        assert notify.resend(tx, mail_id, "cmd", "new@example.com") == again
    assert notify.deliver(db, notify.DemoMailer(), again) == Done()
    with db.read() as tx:
        found = [(row.status, row.to_address, row.last_error) for row in queries.listed(tx).rows]
        assert found == [("sent", "new@example.com", None), ("failed", "ada@example.com", "no such mailbox")]
        assert [row.id for row in queries.listed(tx, text="NEW@").rows] == [again]
        page = queries.listed(tx, limit=1)
        assert [row.id for row in queries.listed(tx, after=page.next_after).rows] == [mail_id]


def test_mail_is_never_sent_inside_a_transaction(db: Database) -> None:
    outgoing = OutgoingMail("<1@x>", "Shop", "s@example.com", "a@example.com", "Hi", "Body", 0, True)
    for mailer in (notify.DemoMailer(), notify.SmtpMailer("127.0.0.1")):
        with pytest.raises(OutsideCallInTransaction), db.begin():
            mailer.send(outgoing)


def test_a_server_that_does_not_answer_is_tried_later() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    outgoing = OutgoingMail("<1@x>", "Sho\r\np", "s@example.com", "a@example.com", "H\ni", "Bödy", 0, True)
    with pytest.raises(sender.MailNotSent):
        notify.SmtpMailer("127.0.0.1", port, security="none").send(outgoing)
    text = sender.build(outgoing).as_string()
    assert "Subject: H i" in text
    assert "From: Sho p <s@example.com>" in text
