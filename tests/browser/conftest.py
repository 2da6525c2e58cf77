"""A whole shop in its own process, the sandbox beside it, and one Chromium for all journeys."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from storekeep import migrations
from storekeep.doors.cli import running
from storekeep.flows import groundwork, telling
from storekeep.kernel import settings
from storekeep.kernel.db import Database
from storekeep.shop.access import passwords, staff
from storekeep.shop.access.staff import NewStaff
from storekeep.world.sandbox.serve import Sandbox
from storekeep.world.simulator import stocking

LOGIN = ("hand@example.com", "a-long-test-password")


@dataclass
class Running:
    """Where the shop answers, and its database."""

    url: str
    db_url: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chromium() -> str:
    found = os.environ.get("STOREKEEP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per module: while Playwright lives, its event loop is in the way of tests that run their own."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        made = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield made
        made.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("shop")
    url, db_url = f"http://127.0.0.1:{free_port()}", f"sqlite:///{folder / 'shop.db'}"
    db = Database(db_url)
    migrations.upgrade(db)
    pictures = stocking.draw_pictures(folder / "media")
    hashed = passwords.hash_password(LOGIN[1])
    sandbox = Sandbox(folder / "sandbox.db", webhook_url=f"{url}/webhooks/stripe", webhook_secret="whsec_test")
    sandbox.start()
    with db.begin(actor="init") as tx:
        groundwork.lay(tx)
        telling.link_secret(tx)
        stocking.open_demo(tx, pictures, url)
        staff.create(tx, [NewStaff(LOGIN[0], "Hanna Hand", "owner", hashed)])
        keys = {"secret_key": sandbox.secret_key, "base_url": sandbox.api_url, "webhook_secret": "whsec_test"}
        settings.write(tx, running.SANDBOX, {**keys, "pages": sandbox.public_url})
    db.close()
    server = _serve(url, db_url)
    yield Running(url, db_url)
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(timeout=20)
    sandbox.stop()


def _serve(url: str, db_url: str) -> "subprocess.Popen[bytes]":
    port = url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "storekeep.doors.cli", "serve", "--db", db_url, "--port", port]
    server = subprocess.Popen(command, start_new_session=True)
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("the shop did not start")


@pytest.fixture
def folder_of_pictures() -> Path | None:
    """Where screenshots go, when somebody wants to look at them (STOREKEEP_SCREENSHOTS)."""
    named = os.environ.get("STOREKEEP_SCREENSHOTS")
    return Path(named) if named else None
