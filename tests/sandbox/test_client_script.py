"""The unmodified official client against the sandbox: sessions, captures, cancels, refunds, lists, keys, errors."""

import concurrent.futures
import time
import uuid
from typing import Any

import pytest
import requests
import stripe

from storekeep.world.sandbox.serve import Sandbox

from .conftest import arm, make_client, pay_page, session_params


def key() -> dict[str, Any]:
    return {"idempotency_key": str(uuid.uuid4())}


def paid(client: stripe.StripeClient, sandbox: Sandbox, amount: int = 2590, card: str = "4242424242424242") -> str:
    """A new session paid on its page; returns the payment intent's id."""
    session = client.v1.checkout.sessions.create(session_params(amount), key())
    assert pay_page(sandbox, session.id, card).status_code == 303
    return str(client.v1.checkout.sessions.retrieve(session.id).payment_intent)


def test_a_session_opens_with_its_page_and_without_an_intent(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session = client.v1.checkout.sessions.create(session_params(), key())
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 2590)
    assert session.payment_intent is None
    assert session.url == f"{sandbox.public_url}/c/pay/{session.id}"


def test_the_same_key_gives_the_same_answer_and_says_so(client: stripe.StripeClient) -> None:
    options = key()
    first = client.v1.checkout.sessions.create(session_params(), options)
    again = client.v1.checkout.sessions.create(session_params(), options)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_same_key_with_another_body_is_refused(client: stripe.StripeClient) -> None:
    options = key()
    client.v1.checkout.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(session_params(100), options)


def test_failed_validation_leaves_the_key_free(client: stripe.StripeClient) -> None:
    options = key()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create({**session_params(), "mode": "gift"}, options)
    assert client.v1.checkout.sessions.create(session_params(), options).status == "open"


def test_a_key_that_is_running_is_a_conflict(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    arm(sandbox, "slow", "checkout.sessions.create", seconds=1.5)
    options = key()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: client.v1.checkout.sessions.create(session_params(), options).id)
        while requests.get(f"{sandbox.api_url}/_sandbox/faults", timeout=5).json()["armed"]:
            time.sleep(0.01)  # until the slow call has arrived
        with pytest.raises(stripe.StripeError) as conflict:
            client.v1.checkout.sessions.create(session_params(), options)
        opened = slow.result()
    assert conflict.value.http_status == 409
    assert client.v1.checkout.sessions.create(session_params(), options).id == opened


def test_a_payment_is_captured_in_full(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    intent = client.v1.payment_intents.retrieve(intent_id)
    assert (intent.status, intent.amount_capturable, intent.metadata["attempt_id"]) == ("requires_capture", 2590, "a-1")
    done = client.v1.payment_intents.capture(intent_id, {"expand": ["latest_charge"]}, key())
    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 2590, 0)
    assert done.latest_charge.captured is True
    assert done.latest_charge.payment_method_details.card.last4 == "4242"


def test_a_partial_capture_releases_the_rest(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    done = client.v1.payment_intents.capture(intent_id, {"amount_to_capture": 1000}, key())
    assert (done.amount_received, done.amount_capturable) == (1000, 0)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.capture(intent_id, {"amount_to_capture": 1}, key())
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_more_than_authorized_cannot_be_captured(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    options = key()
    for _ in range(2):  # a refusal by the rules is the key's stored answer
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.payment_intents.capture(intent_id, {"amount_to_capture": 2591}, options)
        assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "amount_to_capture")
    assert refusal.value.headers["Idempotent-Replayed"] == "true"


def test_a_canceled_authorization_cannot_be_captured(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    assert client.v1.payment_intents.cancel(intent_id, {}, key()).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(intent_id, {}, key())


def test_refunds_never_exceed_what_was_captured(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent_id}, key())
    assert refusal.value.code == "charge_not_refundable"
    client.v1.payment_intents.capture(intent_id, {}, key())
    part = client.v1.refunds.create({"payment_intent": intent_id, "amount": 600, "metadata": {"refund_id": "r"}}, key())
    assert (part.status, part.amount, part.metadata["refund_id"]) == ("succeeded", 600, "r")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 1991}, key())
    assert refusal.value.code == "amount_too_large"
    assert client.v1.refunds.create({"payment_intent": intent_id}, key()).amount == 1990
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent_id}, key())
    assert refusal.value.code == "charge_already_refunded"


def test_forty_refunds_at_once_stop_at_the_captured_amount(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    client.v1.payment_intents.capture(intent_id, {"amount_to_capture": 1000}, key())

    def refund(_: int) -> int:
        try:
            return int(client.v1.refunds.create({"payment_intent": intent_id, "amount": 90}, key()).amount)
        except stripe.InvalidRequestError:
            return 0

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(40))) == 990
    assert len(client.v1.refunds.list({"payment_intent": intent_id, "limit": 100}).data) == 11


def test_a_list_is_walked_by_cursor_in_both_directions(client: stripe.StripeClient) -> None:
    since = int(time.time()) - 2
    made = [client.v1.checkout.sessions.create(session_params(), key()).id for _ in range(5)]
    page = client.v1.checkout.sessions.list({"limit": 2, "created": {"gte": since}})
    assert page.has_more is True
    walked = [row.id for row in page.auto_paging_iter()]
    assert walked[:5] == made[::-1]
    assert len(set(walked)) == len(walked)
    before = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[1]})
    assert [row.id for row in before.data] == [made[3], made[2]]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"line_items": [{"quantity": 1, "price": "p"}]}, "parameter_unknown", "line_items[0][price]"),
        ({"success_url": ""}, "parameter_missing", "success_url"),
        ({"metadata": {"k": "v" * 501}}, "parameter_invalid", "metadata[k]"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "parameter_invalid", "metadata"),
        ({"expires_at": 12}, "parameter_invalid", "expires_at"),
        ({"success_url": "javascript:alert(1)"}, "url_invalid", "success_url"),
    ],
)
def test_a_wrong_parameter_is_named(client: stripe.StripeClient, change: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create({**session_params(), **change}, key())
    assert (refusal.value.code, refusal.value.param, refusal.value.http_status) == (code, param, 400)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (0, "eur", "parameter_invalid_integer"),
        (-5, "eur", "parameter_invalid_integer"),
        (100_000_000, "eur", "amount_too_large"),
        (1050, "isk", "invalid_charge_amount_no_decimal_compatible"),
        (1001, "kwd", "parameter_invalid_integer"),
        (1000, "xxx", "currency_not_supported"),
        (1000, "EUR", "currency_not_supported"),
    ],
)
def test_an_amount_that_cannot_be_charged_is_refused(
    client: stripe.StripeClient, amount: int, currency: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_params(amount, currency), key())
    assert refusal.value.code == code


def test_a_wrong_key_and_a_wrong_id_are_refused(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    with pytest.raises(stripe.AuthenticationError):
        make_client(sandbox, "sk_test_wrong").v1.payment_intents.list()
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert (refusal.value.code, refusal.value.http_status) == ("resource_missing", 404)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list()


def test_an_expired_session_cancels_its_declined_intent(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    session = client.v1.checkout.sessions.create(session_params(), key())
    assert pay_page(sandbox, session.id, "4000000000000002").status_code == 402
    intent_id = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent_id, {}, key())
    assert client.v1.checkout.sessions.expire(session.id, {}, key()).status == "expired"
    assert client.v1.payment_intents.retrieve(intent_id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id, {}, key())


def test_an_answer_lost_on_the_way_is_there_for_the_same_key(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    arm(sandbox, "error_after", "payment_intents.capture")
    options = key()
    with pytest.raises(stripe.APIError):
        client.v1.payment_intents.capture(intent_id, {}, options)
    assert client.v1.payment_intents.retrieve(intent_id).status == "succeeded"
    with pytest.raises(stripe.APIError) as again:  # the first result is stored, 500s included
        client.v1.payment_intents.capture(intent_id, {}, options)
    assert again.value.headers["Idempotent-Replayed"] == "true"


def test_an_error_before_the_work_changes_nothing(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    arm(sandbox, "error_before", "payment_intents.capture")
    with pytest.raises(stripe.APIError):
        client.v1.payment_intents.capture(intent_id, {}, key())
    assert client.v1.payment_intents.retrieve(intent_id).status == "requires_capture"


def test_the_book_adds_up_for_every_charge(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    intent_id = paid(client, sandbox)
    client.v1.payment_intents.capture(intent_id, {"amount_to_capture": 2000}, key())
    client.v1.refunds.create({"payment_intent": intent_id, "amount": 500}, key())
    book = requests.get(f"{sandbox.api_url}/_sandbox/book", timeout=10).json()
    captured = sum(intent["amount_received"] for intent in book["intents"])
    refunded = sum(row["amount"] for row in book["refunds"] if row["status"] != "failed")
    assert book["totals"]["eur"]["captured"] == captured
    assert book["totals"]["eur"]["refunded"] == refunded
    for charge in book["charges"]:
        assert 0 <= charge["amount_refunded"] <= charge["amount_captured"] <= charge["amount"]
