"""The provider port's contract: the same stories on the provider in memory and on Stripe's client over the sandbox.

Then what only one side can show: amounts in Stripe's units, webhooks, and a network that breaks.
"""

import concurrent.futures
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import requests

from storekeep.shop.payments.providers import (
    BadSignature,
    MemoryProvider,
    PaymentProvider,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    SessionOpened,
    StripeProvider,
)
from storekeep.shop.payments.providers.stripe_wire import from_provider, sign, to_provider
from storekeep.world.sandbox.serve import Sandbox, free_port

CARDS = {
    "succeed": "4242424242424242",
    "decline": "4000000000000002",
    "insufficient_funds": "4000000000009995",
    "challenge": "4000002760003184",
}
NUMBERS = itertools.count(1)


class Bench(Protocol):
    """A provider and someone who can pay at it and break it."""

    provider: PaymentProvider

    def pays(self, session_ref: str, outcome: str = "succeed") -> None: ...

    def answers(self, session_ref: str, confirmed: bool) -> None: ...

    def loses_the_answer_of(self, operation: str) -> None: ...


@dataclass
class MemoryBench:
    provider: MemoryProvider

    def pays(self, session_ref: str, outcome: str = "succeed") -> None:
        self.provider.shopper_pays(session_ref, outcome)  # type: ignore[arg-type]

    def answers(self, session_ref: str, confirmed: bool) -> None:
        self.provider.shopper_answers_challenge(session_ref, confirmed)

    def loses_the_answer_of(self, operation: str) -> None:
        self.provider.fail_next(operation, "timeout_after_effect")


@dataclass
class SandboxBench:
    provider: StripeProvider
    sandbox: Sandbox

    def pays(self, session_ref: str, outcome: str = "succeed") -> None:
        self._post(session_ref, {"card_number": CARDS[outcome], "exp": "12/34", "cvc": "123"})

    def answers(self, session_ref: str, confirmed: bool) -> None:
        self._post(f"{session_ref}/challenge", {"answer": "complete" if confirmed else "fail"})

    def loses_the_answer_of(self, operation: str) -> None:
        names = {"open_session": "checkout.sessions.create", "capture": "payment_intents.capture",
                 "refund": "refunds.create"}  # fmt: skip
        fault = {"kind": "timeout_after", "target": names[operation], "seconds": 2}
        requests.post(f"{self.sandbox.api_url}/_sandbox/faults", json=fault, timeout=5).raise_for_status()

    def _post(self, path: str, form: dict[str, str]) -> None:
        requests.post(f"{self.sandbox.public_url}/c/pay/{path}", data=form, allow_redirects=False, timeout=5)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path: Path = tmp_path_factory.mktemp("sandbox") / "book.db"
    with Sandbox(path, faults=True) as running:
        yield running


@pytest.fixture(params=["memory", "sandbox"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        return MemoryBench(MemoryProvider(lambda: time.time_ns() // 1000))
    sandbox = request.getfixturevalue("sandbox")
    provider = StripeProvider(sandbox.secret_key, sandbox.api_url, "whsec_x", timeout_s=0.7, max_retries=0)
    return SandboxBench(provider, sandbox)


def opened(bench: Bench, amount: int = 2590, **more: Any) -> tuple[str, SessionOpened]:
    """A new session for a new attempt; returns the attempt's id and the session."""
    n = next(NUMBERS)
    return f"attempt-{n}", bench.provider.open_session(**asked(n, amount, **more))


def asked(n: int, amount: int = 2590, **more: Any) -> dict[str, Any]:
    return {
        "key": f"open-{n}", "order_ref": f"order-{n}", "attempt_id": f"attempt-{n}", "amount_minor": amount,
        "currency": "EUR", "description": f"Order {n}", "success_url": "http://127.0.0.1:8000/back",
        "cancel_url": "http://127.0.0.1:8000/cancel", "customer_email": "tom.teapot@example.com", **more,
    }  # fmt: skip


def authorized(bench: Bench, amount: int = 2590) -> tuple[str, str]:
    """A paid, not yet captured payment: its session and payment references."""
    _, session = opened(bench, amount)
    bench.pays(session.session_ref)
    ref = bench.provider.read(session.session_ref).payment_ref
    assert ref is not None
    return session.session_ref, ref


def figures(seen: ProviderPayment) -> tuple[str, str, int, int, int, int]:
    return (
        seen.session_status, seen.status, seen.authorized_minor, seen.capturable_minor, seen.captured_minor,
        seen.refunded_minor,
    )  # fmt: skip


def test_a_new_session_has_taken_nothing(bench: Bench) -> None:
    attempt, session = opened(bench)
    seen = bench.provider.read(session.session_ref)
    assert figures(seen) == ("open", "none", 0, 0, 0, 0)
    assert (seen.attempt_id, seen.amount_minor, seen.currency) == (attempt, 2590, "EUR")
    assert seen.order_ref == attempt.replace("attempt", "order")
    assert (seen.redirect_url, seen.charges, seen.refunds) == (session.redirect_url, (), ())


def test_paying_authorizes_and_both_references_show_the_same(bench: Bench) -> None:
    session_ref, payment_ref = authorized(bench)
    seen = bench.provider.read(session_ref)
    assert figures(seen) == ("complete", "authorized", 2590, 2590, 0, 0)
    assert bench.provider.read(payment_ref=payment_ref) == seen
    assert [(c.status, c.amount_minor, c.card_last4) for c in seen.charges] == [("authorized", 2590, "4242")]
    assert seen.capture_before is not None
    assert seen.capture_before > seen.created_at


def test_a_decline_can_be_followed_by_another_card(bench: Bench) -> None:
    _, session = opened(bench)
    bench.pays(session.session_ref, "insufficient_funds")
    seen = bench.provider.read(session.session_ref)
    assert figures(seen) == ("open", "declined", 0, 0, 0, 0)
    assert seen.decline_code == "insufficient_funds"
    bench.pays(session.session_ref)
    after = bench.provider.read(session.session_ref)
    assert figures(after) == ("complete", "authorized", 2590, 2590, 0, 0)
    assert [(c.status, c.decline_code) for c in after.charges] == [
        ("declined", "insufficient_funds"), ("authorized", None),
    ]  # fmt: skip
    assert (after.payment_ref, after.decline_code) == (seen.payment_ref, None)


@pytest.mark.parametrize(("confirmed", "status"), [(True, "authorized"), (False, "declined")])
def test_a_challenge_waits_for_the_shopper(bench: Bench, confirmed: bool, status: str) -> None:
    _, session = opened(bench)
    bench.pays(session.session_ref, "challenge")
    assert bench.provider.read(session.session_ref).status == "requires_action"
    bench.answers(session.session_ref, confirmed)
    seen = bench.provider.read(session.session_ref)
    assert seen.status == status
    assert seen.decline_code == (None if confirmed else "payment_intent_authentication_failure")


def test_paying_twice_charges_once(bench: Bench) -> None:
    session_ref, _ = authorized(bench)
    bench.pays(session_ref)
    assert len(bench.provider.read(session_ref).charges) == 1


def test_a_capture_in_full_and_the_same_key_again(bench: Bench) -> None:
    session_ref, payment_ref = authorized(bench)
    done = bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref, currency="EUR")
    assert figures(done) == ("complete", "captured", 2590, 0, 2590, 0)
    assert bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref) == done
    assert bench.provider.read(session_ref) == done


def test_a_partial_capture_releases_the_rest(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    done = bench.provider.capture(payment_ref, 1000, "cap-" + payment_ref)
    assert figures(done) == ("complete", "captured", 2590, 0, 1000, 0)
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.capture(payment_ref, 500, "more-" + payment_ref)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_more_than_authorized_is_refused(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.capture(payment_ref, 2591, "cap-" + payment_ref)
    assert refusal.value.code == "amount_too_large"
    assert bench.provider.read(payment_ref=payment_ref).captured_minor == 0


def test_a_key_used_for_something_else_is_refused(bench: Bench) -> None:
    n = next(NUMBERS)
    bench.provider.open_session(**asked(n))
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.open_session(**asked(n, 999))
    assert refusal.value.code == "idempotency_error"


def test_voiding_releases_an_authorization_and_may_be_repeated(bench: Bench) -> None:
    session_ref, payment_ref = authorized(bench)
    gone = bench.provider.void(key="void-" + payment_ref, payment_ref=payment_ref, session_ref=session_ref)
    assert figures(gone) == ("complete", "canceled", 2590, 0, 0, 0)
    assert gone.charges[0].status == "canceled"
    assert bench.provider.void(key="again-" + payment_ref, payment_ref=payment_ref) == gone
    with pytest.raises(ProviderRefused):
        bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref)


def test_voiding_an_unpaid_session_closes_its_page(bench: Bench) -> None:
    _, session = opened(bench)
    gone = bench.provider.void(key="void-" + session.session_ref, session_ref=session.session_ref)
    assert figures(gone) == ("expired", "canceled", 0, 0, 0, 0)
    bench.pays(session.session_ref)
    assert figures(bench.provider.read(session.session_ref)) == ("expired", "canceled", 0, 0, 0, 0)


def test_a_captured_payment_is_not_voided(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref)
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.void(key="void-" + payment_ref, payment_ref=payment_ref)
    assert refusal.value.code == "payment_captured"


def test_a_paid_page_cannot_be_expired_and_an_expired_one_stays_so(bench: Bench) -> None:
    session_ref, _ = authorized(bench)
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.expire_session(session_ref, "exp-" + session_ref)
    assert refusal.value.code == "checkout_session_not_open"
    _, other = opened(bench)
    for key in ("one", "two"):
        assert bench.provider.expire_session(other.session_ref, key + other.session_ref).session_status == "expired"


def test_refunds_add_up_to_at_most_the_capture(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.refund(payment_ref, 1, "early-" + payment_ref, "r-0")
    assert refusal.value.code == "charge_not_refundable"
    bench.provider.capture(payment_ref, 2000, "cap-" + payment_ref)
    first = bench.provider.refund(payment_ref, 600, "ref1-" + payment_ref, "r-1", currency="EUR")
    assert (first.status, first.amount_minor, first.refund_id) == ("succeeded", 600, "r-1")
    assert bench.provider.refund(payment_ref, 600, "ref1-" + payment_ref, "r-1") == first
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.refund(payment_ref, 1401, "ref2-" + payment_ref, "r-2")
    assert refusal.value.code == "amount_too_large"
    bench.provider.refund(payment_ref, 1400, "ref3-" + payment_ref, "r-3")
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.refund(payment_ref, 1, "ref4-" + payment_ref, "r-4")
    assert refusal.value.code == "charge_already_refunded"
    seen = bench.provider.read(payment_ref=payment_ref)
    assert figures(seen) == ("complete", "captured", 2590, 0, 2000, 2000)
    assert [row.refund_id for row in seen.refunds] == ["r-1", "r-3"]
    assert seen.charges[-1].refunded_minor == 2000


def test_a_lost_answer_is_unknown_and_found_by_our_own_ids(bench: Bench) -> None:
    n = next(NUMBERS)
    since = time.time_ns() // 1000 - 2_000_000
    bench.loses_the_answer_of("open_session")
    with pytest.raises(ProviderUnknown):
        bench.provider.open_session(**asked(n))
    found = bench.provider.find(f"attempt-{n}", since)
    assert found is not None
    again = bench.provider.open_session(**asked(n))
    assert again.session_ref == found.session_ref
    assert bench.provider.find("attempt-of-nobody", since) is None


def test_a_capture_whose_answer_was_lost_happened_once(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    bench.loses_the_answer_of("capture")
    with pytest.raises(ProviderUnknown):
        bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref, currency="EUR")
    assert bench.provider.read(payment_ref=payment_ref).captured_minor == 2590
    assert bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref).captured_minor == 2590


def test_a_refund_whose_answer_was_lost_is_found_by_our_id(bench: Bench) -> None:
    _, payment_ref = authorized(bench)
    bench.provider.capture(payment_ref, 2590, "cap-" + payment_ref)
    assert bench.provider.find_refund(payment_ref, "mine") is None
    bench.loses_the_answer_of("refund")
    with pytest.raises(ProviderUnknown):
        bench.provider.refund(payment_ref, 300, "ref-" + payment_ref, "mine", currency="EUR")
    found = bench.provider.find_refund(payment_ref, "mine")
    assert found is not None
    assert bench.provider.refund(payment_ref, 300, "ref-" + payment_ref, "mine").ref == found.ref
    assert bench.provider.read(payment_ref=payment_ref).refunded_minor == 300


def test_an_unknown_reference_and_a_bad_amount_are_refused(bench: Bench) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        bench.provider.read("cs_test_of_nobody")
    assert refusal.value.code == "resource_missing"
    for amount in (0, -1, True, 1.5):
        with pytest.raises(ProviderRefused):
            opened(bench, amount)  # type: ignore[arg-type]


# Only with a network ----------------------------------------------------------------------------------------------


def test_a_refused_connection_is_unavailable_and_not_unknown() -> None:
    provider = StripeProvider("sk_test_x", f"http://127.0.0.1:{free_port()}", "whsec_x", timeout_s=1, max_retries=0)
    with pytest.raises(ProviderUnavailable):
        provider.open_session(**asked(next(NUMBERS)))


def test_a_refused_connection_after_a_lost_call_stays_unknown(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "book.db", faults=True) as sandbox:
        provider = StripeProvider(sandbox.secret_key, sandbox.api_url, "whsec_x", timeout_s=1.5, max_retries=1)
        fault = {"kind": "timeout_after", "target": "checkout.sessions.create", "seconds": 3}
        requests.post(f"{sandbox.api_url}/_sandbox/faults", json=fault, timeout=5).raise_for_status()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            lost = pool.submit(provider.open_session, **asked(next(NUMBERS)))
            while requests.get(f"{sandbox.api_url}/_sandbox/faults", timeout=5).json()["armed"]:
                time.sleep(0.01)
            sandbox.stop()
            with pytest.raises(ProviderUnknown):
                lost.result()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("unavailable", ProviderUnknown), ("rate_limit", ProviderUnavailable), ("error_after", ProviderUnknown)],
)
def test_each_trouble_gets_its_error(sandbox: Sandbox, kind: str, error: type[Exception]) -> None:
    provider = StripeProvider(sandbox.secret_key, sandbox.api_url, "whsec_x", max_retries=0)
    fault = {"kind": kind, "target": "checkout.sessions.create"}
    requests.post(f"{sandbox.api_url}/_sandbox/faults", json=fault, timeout=5).raise_for_status()
    with pytest.raises(error):
        provider.open_session(**asked(next(NUMBERS)))


def test_the_client_repeats_a_lost_call_with_the_same_key(sandbox: Sandbox) -> None:
    provider = StripeProvider(sandbox.secret_key, sandbox.api_url, "whsec_x", timeout_s=0.5, max_retries=1)
    fault = {"kind": "timeout_after", "target": "checkout.sessions.create", "seconds": 1}
    requests.post(f"{sandbox.api_url}/_sandbox/faults", json=fault, timeout=5).raise_for_status()
    n = next(NUMBERS)
    session = provider.open_session(**asked(n))
    found = provider.find(f"attempt-{n}", 0)
    assert found is not None
    assert found.session_ref == session.session_ref


def test_a_wrong_secret_key_is_a_refusal(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderRefused):
        StripeProvider("sk_test_wrong", sandbox.api_url, "whsec_x").read("cs_test_x")


# Webhooks in ------------------------------------------------------------------------------------------------------


def memory_and_its_webhook() -> tuple[MemoryProvider, Callable[[int], None], bytes, dict[str, str], int]:
    now = [1_800_000_000_000_000]
    provider = MemoryProvider(lambda: now[0])
    session = provider.open_session(**asked(next(NUMBERS)))
    provider.shopper_pays(session.session_ref)
    body, headers = provider.deliveries()[-1]

    def move_to(moment: int) -> None:
        now[0] = moment

    return provider, move_to, body, headers, now[0]


def test_a_signed_event_names_session_and_payment() -> None:
    provider, _, body, headers, now = memory_and_its_webhook()
    event = provider.verify_webhook(body, headers, now)
    seen = provider.read(event.session_ref)
    assert (event.type, event.payment_ref) == ("checkout.session.completed", seen.payment_ref)
    assert StripeProvider("sk", None, "whsec_memory").verify_webhook(body, headers, now) == event


def test_forged_old_and_unreadable_webhooks_are_refused() -> None:
    provider, _, body, headers, now = memory_and_its_webhook()
    seconds = now // 1_000_000
    cases: list[tuple[bytes, dict[str, str], int]] = [
        (body.replace(b"completed", b"completee"), headers, now),
        (body, {}, now),
        (body, {"Stripe-Signature": sign(body, ["whsec_other"], seconds)}, now),
        (body, headers, now + 301_000_000),
        (b"[]", {"Stripe-Signature": sign(b"[]", ["whsec_memory"], seconds)}, now),
        (b"{", {"stripe-signature": sign(b"{", ["whsec_memory"], seconds)}, now),
    ]
    for wrong_body, wrong_headers, at in cases:
        with pytest.raises(BadSignature):
            provider.verify_webhook(wrong_body, wrong_headers, at)
    assert provider.verify_webhook(body, headers, now + 300_000_000)


def test_a_rotated_secret_passes_on_either_side() -> None:
    _, _, body, headers, now = memory_and_its_webhook()
    both = StripeProvider("sk", None, ["whsec_new", "whsec_memory"])
    assert both.verify_webhook(body, headers, now)
    twice_signed = {"Stripe-Signature": sign(body, ["whsec_memory", "whsec_new"], now // 1_000_000)}
    assert StripeProvider("sk", None, "whsec_new").verify_webhook(body, twice_signed, now)


def test_memory_delivers_twice_or_not_at_all_when_told() -> None:
    provider, _, _, _, _ = memory_and_its_webhook()
    session = provider.open_session(**asked(next(NUMBERS)))
    provider.shopper_pays(session.session_ref)
    twice = provider.deliveries(twice=True)
    assert len(twice) == 2 * len({body for body, _ in twice})
    provider.expire_session(provider.open_session(**asked(next(NUMBERS))).session_ref, "k")
    assert provider.deliveries(drop=True) == []
    assert provider.deliveries() == []


def test_memory_is_the_same_run_for_the_same_calls() -> None:
    def run() -> list[ProviderPayment]:
        provider = MemoryProvider(lambda: 1_000_000, outcomes={"attempt-2": "decline"})
        for n in (1, 2, 3):
            session = provider.open_session(**asked(n))
            provider.shopper_pays(session.session_ref)
        return provider.payments()

    assert run() == run()
    assert [row.status for row in run()] == ["authorized", "declined", "authorized"]


def test_memory_expires_pages_and_authorizations_with_its_clock() -> None:
    provider, move_to, _, _, now = memory_and_its_webhook()
    unpaid = provider.open_session(**asked(next(NUMBERS), expires_at=now + 1_800_000_000))
    move_to(now + 1_800_000_001)
    assert provider.shopper_pays(unpaid.session_ref).session_status == "expired"
    move_to(now + 7 * 24 * 3_600_000_000)
    paid = provider.payments()[0]
    assert provider.read(paid.session_ref).status == "canceled"


# Amounts in the provider's units ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "currency", "wire"),
    [
        (1050, "EUR", 1050), (1050, "JPY", 1050), (1050, "ISK", 105_000), (1050, "KWD", 1050), (1000, "MGA", 10),
        (1050, "HUF", 1050), (1050, "TWD", 1050), (1050, "KRW", 1050), (1050, "TND", 1050), (1050, "CLP", 1050),
    ],
)  # fmt: skip
def test_an_amount_goes_there_and_back(minor: int, currency: str, wire: int) -> None:
    assert to_provider(minor, currency) == wire
    assert from_provider(wire, currency.lower()) == minor


@pytest.mark.parametrize(
    ("minor", "currency"),
    [(1051, "KWD"), (1001, "MGA"), (100, "UGX"), (100, "CLF"), (100, "eur"), (100, "EURO"), (0, "EUR"), (-1, "EUR")],
)
def test_what_the_provider_cannot_represent_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(ProviderRefused):
        to_provider(minor, currency)


def test_the_provider_books_the_amount_that_was_meant(sandbox: Sandbox) -> None:
    provider = StripeProvider(sandbox.secret_key, sandbox.api_url, "whsec_x")
    bench = SandboxBench(provider, sandbox)
    for currency, minor, wire in (("ISK", 4200, 420_000), ("JPY", 4200, 4200), ("KWD", 4200, 4200)):
        _, session = opened(bench, minor, currency=currency)
        bench.pays(session.session_ref)
        assert provider.read(session.session_ref).authorized_minor == minor
        book = requests.get(f"{sandbox.api_url}/_sandbox/book", timeout=5).json()
        assert book["totals"][currency.lower()]["authorized"] == wire
