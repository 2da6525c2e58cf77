"""One running sandbox with faults for the tests of this folder, and a receiver that collects its webhooks."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from storekeep.world.sandbox.serve import Sandbox

SECRET = "whsec_of_the_tests"


@dataclass
class Receiver:
    """What a shop's webhook door would get. `answers` are the status codes to give, then 200."""

    url: str
    got: "queue.Queue[tuple[bytes, dict[str, str]]]" = field(default_factory=queue.Queue)
    answers: list[int] = field(default_factory=list)

    def wait_for(self, kind: str, object_id: str | None = None) -> tuple[bytes, dict[str, str]]:
        while True:
            body, headers = self.got.get(timeout=15)
            event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
            if event.type == kind and object_id in (None, event.data.object["id"]):
                return body, headers


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    box: list[Receiver] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box[0].got.put((body, dict(self.headers.items())))
            self.send_response(box[0].answers.pop(0) if box[0].answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    box.append(Receiver(f"http://127.0.0.1:{server.server_port}/hooks"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield box[0]
    server.shutdown()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Sandbox]:
    path: Path = tmp_path_factory.mktemp("sandbox") / "book.db"
    with Sandbox(path, webhook_url=receiver.url, webhook_secret=SECRET, shop_name="Pot & Pan", faults=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    requests.post(f"{running.api_url}/_sandbox/faults/clear", timeout=5)


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return make_client(sandbox, sandbox.secret_key)


def make_client(sandbox: Sandbox, key: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        max_network_retries=0,
        base_addresses={"api": sandbox.api_url, "files": sandbox.api_url},
        http_client=stripe.RequestsClient(timeout=5),
    )


def session_params(amount: int = 2590, currency: str = "eur", **more: Any) -> dict[str, Any]:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Order 1042"}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "http://127.0.0.1:8000/order/back?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:8000/order/cancel",
        "customer_email": "mira.mug@example.com",
        "payment_intent_data": {"capture_method": "manual", "metadata": {"attempt_id": "a-1"}},
        "metadata": {"attempt_id": "a-1"},
        **more,
    }


def pay_page(sandbox: Sandbox, session_id: str, card: str = "4242424242424242", **more: str) -> requests.Response:
    """What a browser sends from the hosted page, redirects not followed."""
    form = {"card_number": card, "exp": "12/34", "cvc": "123", **more}
    url = f"{sandbox.public_url}/c/pay/{session_id}"
    return requests.post(url, data=form, allow_redirects=False, timeout=10)


def answer_challenge(sandbox: Sandbox, session_id: str, answer: str) -> requests.Response:
    url = f"{sandbox.public_url}/c/pay/{session_id}/challenge"
    return requests.post(url, data={"answer": answer}, allow_redirects=False, timeout=10)


def arm(sandbox: Sandbox, kind: str, target: str = "*", **more: Any) -> None:
    answer = requests.post(
        f"{sandbox.api_url}/_sandbox/faults", json={"kind": kind, "target": target, **more}, timeout=5
    )
    assert answer.status_code == 200, answer.text
