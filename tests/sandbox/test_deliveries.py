"""Webhooks out: signed, repeated until taken, duplicated, dropped and delayed on request; and what time does."""

import json
import uuid
from typing import Any

import pytest
import requests
import stripe

from storekeep.shop.payments.providers import BadSignature
from storekeep.shop.payments.providers.stripe_wire import check_signature
from storekeep.world.sandbox.book import Book
from storekeep.world.sandbox.deliveries import BACKOFF_S, GIVE_UP_S, next_try, signature
from storekeep.world.sandbox.paying import expire_due, pay
from storekeep.world.sandbox.rules import CARDS
from storekeep.world.sandbox.serve import Sandbox
from storekeep.world.sandbox.verbs import capture_intent, create_refund, create_session

from .conftest import SECRET, Receiver, arm, pay_page, session_params


def new_session(client: stripe.StripeClient) -> str:
    return str(client.v1.checkout.sessions.create(session_params(), {"idempotency_key": str(uuid.uuid4())}).id)


def test_paying_tells_the_shop_with_a_signature_that_the_client_accepts(
    client: stripe.StripeClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    session_id = new_session(client)
    pay_page(sandbox, session_id)
    body, _ = receiver.wait_for("checkout.session.completed", session_id)
    event_id = json.loads(body)["id"]
    assert client.v1.events.retrieve(event_id).type == "checkout.session.completed"


def test_an_event_that_was_refused_comes_again(
    client: stripe.StripeClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    session_id = new_session(client)
    receiver.answers.append(500)
    client.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": str(uuid.uuid4())})
    first, _ = receiver.wait_for("checkout.session.expired", session_id)
    again, _ = receiver.wait_for("checkout.session.expired", session_id)
    assert json.loads(first)["id"] == json.loads(again)["id"]


def test_an_armed_duplicate_arrives_twice(client: stripe.StripeClient, sandbox: Sandbox, receiver: Receiver) -> None:
    session_id = new_session(client)
    arm(sandbox, "duplicate", "checkout.session.expired")
    client.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": str(uuid.uuid4())})
    ids = {json.loads(receiver.wait_for("checkout.session.expired", session_id)[0])["id"] for _ in range(2)}
    assert len(ids) == 1


def test_a_dropped_event_never_leaves_but_is_in_the_book(
    client: stripe.StripeClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    dropped, sent = new_session(client), new_session(client)
    arm(sandbox, "drop", "checkout.session.expired")
    for session_id in (dropped, sent):
        client.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": str(uuid.uuid4())})
    body, _ = receiver.wait_for("checkout.session.expired")
    assert json.loads(body)["data"]["object"]["id"] == sent
    listed = client.v1.events.list({"type": "checkout.session.expired", "limit": 2})
    assert {event.data.object["id"] for event in listed.data} == {dropped, sent}


def test_a_rotated_secret_signs_beside_the_old_one(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    made = client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/none", "enabled_events": ["refund.failed"]}, {"idempotency_key": str(uuid.uuid4())}
    )
    answer = requests.post(
        f"{sandbox.api_url}/_sandbox/rotate_secret", json={"endpoint": made.id}, timeout=5
    ).json()
    assert answer["secret"] != made.secret
    listed = client.v1.webhook_endpoints.list().data
    assert "secret" not in listed[0]
    header = signature(b"{}", [answer["secret"], made.secret], 1_000)
    for secret in (answer["secret"], made.secret):
        check_signature(b"{}", header, [secret], 1_000_000_000)


@pytest.mark.parametrize(
    ("body", "secrets", "now_s"),
    [(b'{"a":2}', [SECRET], 1_000), (b'{"a":1}', ["whsec_other"], 1_000), (b'{"a":1}', [SECRET], 1_301)],
)
def test_a_forged_foreign_or_old_signature_is_refused(body: bytes, secrets: list[str], now_s: int) -> None:
    header = signature(b'{"a":1}', [SECRET], 1_000)
    check_signature(b'{"a":1}', header, [SECRET], 1_300 * 1_000_000)
    with pytest.raises(BadSignature):
        check_signature(body, header, secrets, now_s * 1_000_000)


@pytest.mark.parametrize("header", [None, "", "t=1000", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "garbage"])
def test_a_malformed_signature_header_is_refused(header: str | None) -> None:
    with pytest.raises(BadSignature):
        check_signature(b"{}", header, [SECRET], 1_000_000)


def test_tries_back_off_and_end_after_three_days() -> None:
    now, attempts, waits = 0.0, 0, []
    while True:
        attempts += 1
        again = next_try(attempts, 0.0, now)
        if again is None:
            break
        waits.append(again - now)
        now = again
    assert waits[: len(BACKOFF_S)] == list(BACKOFF_S)
    assert GIVE_UP_S - 12 * 3600 <= now <= GIVE_UP_S


@pytest.fixture
def book(tmp_path: Any) -> Any:
    book = Book(tmp_path / "book.db")
    yield book
    book.close()


def authorized(book: Book, card: str) -> tuple[str, str]:
    with book.transaction() as tx:
        session = create_session(tx, session_params())
        pay(tx, session["id"], CARDS[card])
        return session["id"], tx.get(session["id"])["intent_id"]


def status_of(book: Book, object_id: str) -> str:
    with book.reading() as tx:
        return str(tx.get(object_id)["status"])


def later(book: Book, seconds: int) -> None:
    book.skew_s += seconds
    with book.transaction() as tx:
        expire_due(tx)


def test_an_open_session_expires_after_a_day_and_an_authorization_after_a_week(book: Book) -> None:
    with book.transaction() as tx:
        unpaid = create_session(tx, session_params())["id"]
    session_id, intent_id = authorized(book, "4242424242424242")
    later(book, 24 * 3600 + 1)
    assert (status_of(book, unpaid), status_of(book, session_id)) == ("expired", "complete")
    assert status_of(book, intent_id) == "requires_capture"
    later(book, 6 * 24 * 3600)
    assert status_of(book, intent_id) == "canceled"


@pytest.mark.parametrize(
    ("card", "first", "then", "kept_refunded"),
    [("4000000000005126", "succeeded", "failed", 0), ("4000000000007726", "pending", "succeeded", 700)],
)
def test_a_refund_may_change_its_mind_later(book: Book, card: str, first: str, then: str, kept_refunded: int) -> None:
    _, intent_id = authorized(book, card)
    with book.transaction() as tx:
        capture_intent(tx, intent_id, {})
        refund = create_refund(tx, {"payment_intent": intent_id, "amount": 700})
    assert refund["status"] == first
    later(book, book.refund_settles_s + 1)
    assert status_of(book, refund["id"]) == then
    with book.reading() as tx:
        assert tx.get(refund["charge"])["amount_refunded"] == kept_refunded


def test_a_transaction_that_fails_leaves_neither_change_nor_event(book: Book) -> None:
    with pytest.raises(RuntimeError), book.transaction() as tx:
        session = create_session(tx, session_params())
        pay(tx, session["id"], CARDS["4242424242424242"])
        raise RuntimeError
    with book.reading() as tx:
        assert tx.all("SELECT id FROM session") == []
        assert tx.all("SELECT id FROM event") == []


def test_a_second_payment_of_a_session_finds_it_complete_and_charges_nothing(book: Book) -> None:
    session_id, intent_id = authorized(book, "4242424242424242")
    with book.transaction() as tx:
        assert pay(tx, session_id, CARDS["5555555555554444"]) == "complete"
        assert pay(tx, session_id, CARDS["4000002760003184"]) == "complete"
        assert len(tx.all("SELECT id FROM charge WHERE intent_id = ?", intent_id)) == 1
    assert status_of(book, intent_id) == "requires_capture"
