"""The sandbox as its own process: killed without warning it forgets no payment, no key and no webhook."""

import json
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import requests
import stripe

from storekeep.shop.payments.providers import StripeProvider
from storekeep.world.sandbox.serve import free_port, run

from .conftest import SECRET, Receiver

SCRIPT = """
import sys
from storekeep.world.sandbox.serve import run
run("127.0.0.1", int(sys.argv[1]), sys.argv[2], sys.argv[3], webhook_secret=sys.argv[4],
    announce=lambda line: print(line, flush=True))
"""


def start(port: int, book: Path, hook: str) -> tuple["subprocess.Popen[str]", dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(port), str(book), hook, SECRET], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())
    while True:
        assert process.poll() is None
        try:
            requests.get(facts["api_url"], timeout=1)
            return process, facts
        except requests.ConnectionError:
            time.sleep(0.02)


def test_a_killed_sandbox_keeps_payments_keys_and_undelivered_events(tmp_path: Path, receiver: Receiver) -> None:
    port, book = free_port(), tmp_path / "book.db"
    dead_hook = f"http://127.0.0.1:{free_port()}/none"
    first, facts = start(port, book, dead_hook)
    provider = StripeProvider("sk_test_storekeep_sandbox", facts["api_url"], SECRET)
    asked = {
        "key": str(uuid.uuid4()), "order_ref": "o", "attempt_id": "a", "amount_minor": 500, "currency": "EUR",
        "description": "Order", "success_url": "http://127.0.0.1:8000/", "cancel_url": "http://127.0.0.1:8000/",
        "customer_email": "",
    }  # fmt: skip
    opened = provider.open_session(**asked)
    form = {"card_number": "4242424242424242", "exp": "12/34", "cvc": "123"}
    assert requests.post(opened.redirect_url, data=form, allow_redirects=False, timeout=5).status_code == 303
    first.kill()
    first.wait(10)
    second, _ = start(port, book, dead_hook)
    try:
        assert provider.open_session(**asked) == opened
        assert provider.read(opened.session_ref).status == "authorized"
        summary = requests.get(f"{facts['api_url']}/_sandbox/book", timeout=5).json()
        assert sum(summary["deliveries"].values()) == summary["events"] == 4
        assert requests.post(f"{facts['api_url']}/_sandbox/faults", json={}, timeout=5).status_code == 404
        with pytest.raises(OSError):
            run("127.0.0.1", port, tmp_path / "other.db")
    finally:
        second.terminate()
    assert second.wait(10) == 0


def test_a_restart_delivers_what_was_waiting(tmp_path: Path, receiver: Receiver) -> None:
    port, book = free_port(), tmp_path / "book.db"
    receiver.answers.append(503)
    process, facts = start(port, book, receiver.url)
    client = stripe.StripeClient("sk_test_storekeep_sandbox", base_addresses={"api": facts["api_url"]})
    price = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Order"}}
    session = client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"quantity": 1, "price_data": price}], "success_url": "http://x.example/"}
    )
    client.v1.checkout.sessions.expire(session.id)
    receiver.wait_for("checkout.session.expired", session.id)
    process.kill()
    process.wait(10)
    again, _ = start(port, book, receiver.url)
    try:
        receiver.wait_for("checkout.session.expired", session.id)
    finally:
        again.terminate()
        again.wait(10)
