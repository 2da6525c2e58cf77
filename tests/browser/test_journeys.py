"""A shopper buys and the warehouse sends, in a real browser: with script and without, on a desk and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from conftest import LOGIN, Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}


@pytest.fixture(params=["desk", "phone"])
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(browser: Browser, width: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    size = {"width": WIDTHS[width][0], "height": WIDTHS[width][1]}
    made = browser.new_context(viewport=size, java_script_enabled=request.param, locale="en-GB")
    made.set_default_timeout(15_000)
    yield made
    made.close()


def watched(context: BrowserContext, problems: list[str]) -> Page:
    """A page that writes down what the browser complains of."""
    page = context.new_page()
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def snap(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"))


def buy(page: Page, shop: Running, folder: Path | None, tag: str) -> str:
    """From the first page to a paid order; returns its number."""
    page.goto(shop.url)
    snap(page, folder, f"home-{tag}")
    page.goto(f"{shop.url}/categories/mugs-and-cups" if "mugs-and-cups" in page.content() else shop.url)
    page.locator("a[href^='/products/']:visible").first.click()
    snap(page, folder, f"product-{tag}")
    page.get_by_role("button", name="Add to cart").click()
    expect(page).to_have_url(re.compile("/cart"))
    snap(page, folder, f"cart-{tag}")
    page.goto(f"{shop.url}/checkout")
    for label, text in (("E-mail", "mina@example.com"), ("Full name", "Mina Example"), ("Street and number", "Road 1"),
                        ("Postcode", "10115"), ("Town", "Berlin")):  # fmt: skip
        page.get_by_label(label).first.fill(text)
    snap(page, folder, f"checkout-{tag}")
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    expect(page).to_have_url(re.compile("/c/pay/"))
    snap(page, folder, f"payment-{tag}")
    page.locator("[name=card_number]").fill("4242424242424242")
    page.locator("[name=exp]").fill("12 / 34")
    page.locator("[name=cvc]").fill("123")
    page.get_by_role("button", name=re.compile("Pay")).first.click()
    expect(page).to_have_url(re.compile("/orders/"))
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found is not None
    return found.group(1)


def test_a_guest_buys_and_the_warehouse_sends_it(
    context: BrowserContext, shop: Running, width: str, folder_of_pictures: Path | None, request: pytest.FixtureRequest
) -> None:
    problems: list[str] = []
    tag = request.node.callspec.id.replace(" ", "-")
    page = watched(context, problems)
    number = buy(page, shop, folder_of_pictures, tag)
    page.reload()
    snap(page, folder_of_pictures, f"order-{tag}")
    expect(page.locator("main")).to_contain_text(number)
    assert "checking with your bank" not in page.locator("main").inner_text().lower()
    send(page, shop, number, folder_of_pictures, tag)
    assert problems == []


def send(page: Page, shop: Running, number: str, folder: Path | None, tag: str) -> None:
    """Log in, claim, scan, pack, hand over."""
    page.goto(f"{shop.url}/console")
    page.get_by_label("E-mail").fill(LOGIN[0])
    page.get_by_label("Password").fill(LOGIN[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main")).to_be_visible()
    snap(page, folder, f"dashboard-{tag}")
    page.goto(f"{shop.url}/console/pick")
    page.locator("tr", has_text=f"#{number}").get_by_role("button", name="Claim this").click()
    while page.get_by_text("Go to bin").count():
        card = page.locator("section[aria-label='Take now']")
        bin_code = card.locator(".huge.code").inner_text()
        sku = card.locator("code, .sku, .code:not(.huge)").first.inner_text()
        snap(page, folder, f"pick-{tag}")
        for code in (bin_code, sku):
            page.locator("#scan-code").fill(code.strip())
            page.locator("#scan-code").press("Enter")
            page.wait_for_timeout(600)
    page.get_by_role("link", name="Pack it").click()
    snap(page, folder, f"pack-{tag}")
    while page.locator("[aria-label$='to go']").count():
        code = page.locator("li", has=page.locator("[aria-label$='to go']")).first.locator("code, .sku, .code").first
        page.locator("#scan-code").fill(code.inner_text().strip())
        page.locator("#scan-code").press("Enter")
        page.wait_for_timeout(600)
    page.get_by_role("button", name="Close and print the label").click()
    while page.get_by_role("link", name="Look again").count():
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Look again").click()
    expect(page.locator("main")).to_contain_text("Tracking number")
    page.goto(f"{shop.url}/console/dispatch")
    for _ in range(20):
        if page.get_by_role("button", name="Hand over the chosen").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    snap(page, folder, f"dispatch-{tag}")
    page.get_by_role("button", name="Hand over the chosen").first.click()
    page.goto(f"{shop.url}/console/orders/{number}")
    snap(page, folder, f"console-order-{tag}")
    expect(page.locator("main")).to_contain_text("Sent")


@pytest.mark.parametrize(
    "path", ["/", "/search?q=mug", "/cart", "/contact", "/pages/terms", "/orders/find", "/withdraw"]
)
def test_pages_fit_a_narrow_phone(browser: Browser, shop: Running, path: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.goto(shop.url + path)
    assert fits(page)
    page.close()
