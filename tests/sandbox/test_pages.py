"""The hosted page as a browser without scripts sees it, once for every kind of test card."""

import uuid
from pathlib import Path

import requests
import stripe

from storekeep.world.sandbox.serve import Sandbox

from .conftest import answer_challenge, pay_page, session_params


def open_page(client: stripe.StripeClient) -> str:
    return str(client.v1.checkout.sessions.create(session_params(), {"idempotency_key": str(uuid.uuid4())}).id)


def look(sandbox: Sandbox, session_id: str, path: str = "") -> requests.Response:
    url = f"{sandbox.public_url}/c/pay/{session_id}{path}"
    return requests.get(url, allow_redirects=False, timeout=5)


def intent(client: stripe.StripeClient, session_id: str) -> stripe.PaymentIntent:
    session = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent.latest_charge"]})
    return session.payment_intent


def test_the_page_shows_shop_amount_cards_and_the_way_back(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    page = look(sandbox, open_page(client))
    assert page.status_code == 200
    for text in ("Pot &amp; Pan", "25.90 EUR", "4000 0027 6000 3184", "http://127.0.0.1:8000/order/cancel"):
        assert text in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8000;" in policy
    assert "<script" not in page.text


def test_a_hint_fills_in_a_test_card_and_nothing_else(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    assert 'value="4000000000000002"' in look(sandbox, session_id, "?card=4000000000000002").text
    assert "5105105105105100" not in look(sandbox, session_id, "?card=5105105105105100").text


def test_a_good_card_goes_back_to_the_shop_with_the_session(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    answer = pay_page(sandbox, session_id, "4242 4242 4242 4242")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:8000/order/back?s={session_id}"
    assert intent(client, session_id).status == "requires_capture"


def test_a_session_is_paid_once_however_often_the_form_is_sent(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    assert [pay_page(sandbox, session_id).status_code for _ in range(3)] == [303, 303, 303]
    charges = client.v1.charges.list({"payment_intent": intent(client, session_id).id})
    assert len(charges.data) == 1
    assert "already paid" in look(sandbox, session_id).text


def test_a_declined_card_gets_a_reason_and_another_try(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    answer = pay_page(sandbox, session_id, "4000000000000002")
    assert (answer.status_code, "was declined" in answer.text) == (402, True)
    poor = pay_page(sandbox, session_id, "4000000000009995")
    assert (poor.status_code, "insufficient funds" in poor.text) == (402, True)
    seen = intent(client, session_id)
    assert (seen.status, seen.last_payment_error.decline_code) == ("requires_payment_method", "insufficient_funds")
    assert pay_page(sandbox, session_id).status_code == 303
    charges = client.v1.charges.list({"payment_intent": seen.id}).data
    assert [row.status for row in charges] == ["succeeded", "failed", "failed"]


def test_a_challenge_that_is_completed_authorizes(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    answer = pay_page(sandbox, session_id, "4000002760003184")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/c/pay/{session_id}/challenge")
    assert intent(client, session_id).status == "requires_action"
    assert "ending in <strong>3184" in look(sandbox, session_id, "/challenge").text
    assert answer_challenge(sandbox, session_id, "complete").status_code == 303
    assert intent(client, session_id).status == "requires_capture"


def test_a_challenge_that_fails_leaves_the_page_open(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    pay_page(sandbox, session_id, "4000002760003184")
    answer = answer_challenge(sandbox, session_id, "fail")
    assert (answer.status_code, "could not confirm" in answer.text) == (402, True)
    assert intent(client, session_id).last_payment_error.code == "payment_intent_authentication_failure"
    assert pay_page(sandbox, session_id).status_code == 303


def test_a_shopper_who_left_the_challenge_can_use_another_card(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    pay_page(sandbox, session_id, "4000002760003184")
    assert pay_page(sandbox, session_id, "4242424242424242").status_code == 303
    assert answer_challenge(sandbox, session_id, "complete").headers["Location"].endswith(session_id)
    assert len(client.v1.charges.list({"payment_intent": intent(client, session_id).id}).data) == 1


def test_a_challenge_can_be_completed_and_still_declined(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    pay_page(sandbox, session_id, "4000008400001629")
    assert answer_challenge(sandbox, session_id, "complete").status_code == 402
    assert intent(client, session_id).latest_charge.status == "failed"


def test_a_late_bank_shows_an_error_though_the_money_is_held(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    answer = pay_page(sandbox, session_id, "4000000000007003")
    assert (answer.status_code, "did not answer in time" in answer.text) == (504, True)
    assert intent(client, session_id).status == "requires_capture"


def test_an_expired_page_says_so_and_charges_nothing(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    client.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": str(uuid.uuid4())})
    assert (look(sandbox, session_id).status_code, pay_page(sandbox, session_id).status_code) == (410, 410)
    assert intent(client, session_id) is None
    assert look(sandbox, "cs_test_unknown").status_code == 404


def test_typing_mistakes_are_named_at_their_field(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session_id = open_page(client)
    cases = {
        "check digit is wrong": {"card": "4242424242424241"},
        "never a real card": {"card": "5105105105105100"},
        "12 to 19 digits": {"card": "hello"},
        "lies in the past": {"exp": "01/20"},
        "as MM / YY": {"exp": "13/34"},
        "security code": {"cvc": "12"},
    }
    for said, form in cases.items():
        answer = pay_page(sandbox, session_id, **form)
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert form.get("card", "none typed") not in answer.text
    assert intent(client, session_id) is None


def test_a_form_of_another_site_and_a_foreign_host_are_turned_away(
    client: stripe.StripeClient, sandbox: Sandbox
) -> None:
    session_id = open_page(client)
    url = f"{sandbox.public_url}/c/pay/{session_id}"
    form = {"card_number": "4242424242424242", "exp": "12/34", "cvc": "123"}
    foreign = requests.post(url, data=form, headers={"Origin": "http://evil.example"}, timeout=5)
    assert foreign.status_code == 403
    assert requests.get(url, headers={"Host": "evil.example"}, timeout=5).status_code == 421
    moved = requests.get(f"{sandbox.api_url}/c/pay/{session_id}", allow_redirects=False, timeout=5)
    assert (moved.status_code, moved.headers["Location"]) == (307, url)
    assert intent(client, session_id) is None


def test_no_card_number_is_kept_in_the_book(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    for card in ("4000000000000002", "4000002760003184", "4242424242424242"):
        session_id = open_page(client)
        pay_page(sandbox, session_id, card)
    files = Path(sandbox.book.path).parent.glob("book.db*")
    kept = b"".join(path.read_bytes() for path in files)
    assert b"4242" in kept
    for card in (b"4000000000000002", b"4000002760003184", b"4242424242424242"):
        assert card not in kept
