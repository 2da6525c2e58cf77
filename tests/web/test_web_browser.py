"""In a real browser: an htmx form that redirects, the scan queue, and the style guide at 320 px."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storekeep.doors.web.styleguide import EXAMPLES, build

CHROMIUM = "/usr/bin/chromium"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "browser_app:app"]
    environment = {**os.environ, "WEB_TEST_PORT": str(port)}
    server = subprocess.Popen(command, cwd=Path(__file__).parent, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form_leads_to_the_next_page_with_and_without_script(browser: Any, origin: str, has_script: bool) -> None:
    view = browser.new_context(java_script_enabled=has_script).new_page()
    said: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.goto(origin + "/form")
    view.click("#go")
    view.wait_for_selector("#there")
    assert view.url == origin + "/there"
    assert view.locator("main").count() == 1
    assert view.locator(".note").inner_text() == "Saved."
    view.go_back()
    view.wait_for_selector("#go")
    assert view.locator("h1").all_inner_texts() == ["Form"]
    assert said == []
    view.context.close()


def test_fast_scans_arrive_complete_and_in_order_through_a_reload(browser: Any, origin: str) -> None:
    view = browser.new_context().new_page()
    said: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.goto(origin + "/scan")
    codes = [f"SKU-{number:02d}" for number in range(30)]
    for code in codes:
        view.keyboard.type(code)
        view.keyboard.press("Enter")
        if code == "SKU-14":
            view.reload()
    view.locator("#scan-result", has_text="SKU-29").wait_for()
    assert view.locator("#scan-result").inner_text().split() == codes
    view.evaluate("document.activeElement.blur()")
    view.keyboard.type("STRAY-1")
    view.keyboard.press("Enter")
    view.locator("#scan-result", has_text="STRAY-1").wait_for()
    assert said == []
    view.context.close()


def test_no_example_page_is_wider_than_a_small_phone_or_has_tiny_text(browser: Any, tmp_path: Path) -> None:
    build(tmp_path)
    view = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    faults = {}
    for name in EXAMPLES:
        view.goto(f"file://{tmp_path}/{name}.html")
        wide, tiny = view.evaluate(
            """() => [document.documentElement.scrollWidth - document.documentElement.clientWidth,
                      [...document.querySelectorAll('body *')].filter(
                        (one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
                          && parseFloat(getComputedStyle(one).fontSize) < 12).length]"""
        )
        if wide > 0 or tiny:
            faults[name] = (wide, tiny)
    assert faults == {}
    view.context.close()
