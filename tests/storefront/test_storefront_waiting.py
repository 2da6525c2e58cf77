"""What a shopper reads of goods that are not here: when they are sent, how many are left, and that we can write."""

import re

from sqlalchemy import select, update
from storefront_shop import Shop

from storekeep.shop.inventory import ahead
from storekeep.shop.inventory.promises import PolicyDraft
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import availability
from storekeep.shop.notify.tables import mail

MUG = "/products/pine-mug"


def sold_out(shop: Shop) -> None:
    with shop.db.begin() as tx:
        tx.run(update(availability).where(availability.c.variant_id == shop.variants["MUG-PINE"]).values(buffer=10_000))


def early(shop: Shop, kind: str, limit: int, days: int, ships_on: str | None = None) -> None:
    with shop.db.begin(actor="owner") as tx:
        ahead.set_policy(
            tx, PolicyDraft(shop.variants["MUG-PINE"], warehouses(tx)[0].id, kind, limit, days, ships_on)
        )


def test_a_back_order_says_how_long_it_takes_and_can_be_put_into_the_cart(shop: Shop) -> None:
    sold_out(shop)
    browser = shop.browser()
    tag = browser.get(MUG).headers["etag"]
    assert "Sold out" in browser.get(MUG).words
    early(shop, "backorder", 12, 9)
    page = browser.get(MUG, if_none_match=tag)
    assert page.status == 200
    assert "Ships in about 9 days" in page.words
    assert "BackOrder" in page.text
    assert "can still be ordered" not in page.words
    early(shop, "backorder", 3, 9)
    assert "only 3 can still be ordered" in browser.get(MUG).words
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "2"})
    cart = browser.get("/cart")
    assert "Still to come, ready to send on" in cart.words
    assert "We send it together when it is" in cart.words
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "2"})
    assert "Only 3 of the 4 are left" in browser.get("/cart").words


def test_a_pre_order_names_its_day(shop: Shop) -> None:
    early(shop, "preorder", 40, 0, "2027-03-01")
    page = shop.browser().get(MUG)
    assert "Pre-order, ships from Monday 1 March 2027" in page.words
    assert "PreOrder" in page.text


def test_somebody_who_misses_it_signs_up_says_yes_and_ends_it(shop: Shop) -> None:
    sold_out(shop)
    browser = shop.browser()
    assert "Tell me when it is back" in browser.get(MUG).words
    assert browser.post("/tell-me", {"variant": "MUG-PINE", "email": "nonsense"}).status == 422
    sent = browser.post("/tell-me", {"variant": "MUG-PINE", "email": "Ann@Example.com"})
    assert "look into your mailbox" in sent.words
    with shop.db.read() as tx:
        body = str(tx.scalar(select(mail.c.body_text).where(mail.c.template == "stock_signup")))
    found = re.search(r"https?://[^/]+(/tell-me/\S+)", body)
    assert found is not None
    here = found.group(1)
    assert "Shall we write one mail to ann@example.com" in browser.get(here).words
    browser.post(here, {"answer": "yes"})
    assert "We write one mail to ann@example.com" in browser.get(here).words
    browser.post(here, {"answer": "no"})
    assert "We do not write to ann@example.com" in browser.get(here).words
    assert browser.get(here[:-3] + "abc").status == 404


def test_what_can_be_bought_needs_no_sign_up(shop: Shop) -> None:
    answer = shop.browser().post("/tell-me", {"variant": "MUG-PINE", "email": "ann@example.com"})
    assert answer.status == 303
    assert shop.browser().post("/tell-me", {"variant": "NO-SUCH", "email": "ann@example.com"}).status == 404
