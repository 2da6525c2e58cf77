"""The store's pages one by one: caching, search, links of strangers, texts, and addresses for machines."""

import pytest
from sqlalchemy import select, update
from storefront_shop import ADDRESS, Shop

from storekeep.kernel.clock import DAY, SECOND
from storekeep.shop.catalog import VariantChange, products, variants
from storekeep.shop.inventory.tables import availability
from storekeep.shop.notify.tables import mail
from storekeep.shop.support.tables import conversation


@pytest.mark.parametrize("path", ["/", "/categories/table", "/search?q=mug", "/products/pine-mug", "/pages/terms"])
def test_an_anonymous_page_is_revalidated_and_names_nobody(shop: Shop, path: str) -> None:
    browser = shop.browser()
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "1"})
    first = browser.get(path)
    assert first.status == 200
    assert "set-cookie" not in first.headers
    assert browser.cookies["__Host-shop"] not in first.text
    assert browser.get(path, if_none_match=first.headers["etag"]).status == 304
    with shop.db.begin() as tx:
        variants.update(tx, [VariantChange(shop.variants["MUG-PINE"], price_minor=1999)])
    assert browser.get(path, if_none_match=first.headers["etag"]).status == 200


@pytest.mark.parametrize("path", ["/cart", "/checkout", "/contact", "/withdraw", "/orders/find"])
def test_a_personal_page_is_never_stored(shop: Shop, path: str) -> None:
    browser = shop.browser()
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "1"})
    assert browser.get(path).headers["cache-control"] == "no-store"


def test_a_product_page_moves_with_the_stock_band_and_not_with_every_sale(shop: Shop) -> None:
    browser = shop.browser()
    tag = browser.get("/products/pine-mug").headers["etag"]
    mug = availability.c.variant_id == shop.variants["MUG-PINE"]
    with shop.db.begin() as tx:
        tx.run(update(availability).where(mug).values(buffer=5))
    assert browser.get("/products/pine-mug", if_none_match=tag).status == 304
    with shop.db.begin() as tx:
        tx.run(update(availability).where(mug).values(buffer=17))
    assert "Only 3 left" in browser.get("/products/pine-mug", if_none_match=tag).words
    with shop.db.begin() as tx:
        tx.run(update(availability).where(mug).values(buffer=20))
    sold_out = browser.get("/products/pine-mug")
    assert "It is sold out at the moment" in sold_out.words
    assert "Add to cart" not in sold_out.words


def test_the_variant_in_the_address_is_shown_and_one_that_is_gone_is_said(shop: Shop) -> None:
    browser = shop.browser()
    clay = browser.get("/products/pine-mug?variant=MUG-CLAY")
    assert "€19.90" in clay.words
    assert "It is sold out at the moment" in clay.words
    gone = browser.get("/products/pine-mug?variant=MUG-BLUE")
    assert gone.status == 200
    assert "is no longer sold" in gone.words


def test_a_list_is_sorted_filtered_and_forgets_what_it_does_not_know(shop: Shop) -> None:
    browser = shop.browser()
    dear_first = browser.get("/categories/table?sort=price_down").text
    assert dear_first.index("Oak board") < dear_first.index("Pine mug") < dear_first.index("Linen towel")
    in_stock = browser.get("/categories/table?stock=1").words
    assert "2 products" in in_stock
    assert "Linen towel" not in in_stock
    assert "1 product " in browser.get("/categories/table?from=20").words
    assert "Nothing on this shelf fits" in browser.get("/categories/table?from=900").words
    plain = browser.get("/categories/table")
    assert browser.get("/categories/table?utm=x&sort=nonsense&from=abc").words == plain.words
    assert browser.get("/categories/table?after=rubbish").status == 404
    assert browser.get("/categories/cellar").status == 404


def test_a_sold_out_thing_is_marked_in_lists_within_seconds(shop: Shop) -> None:
    browser = shop.browser()
    assert "Only" not in browser.get("/search?q=mug").words
    with shop.db.begin() as tx:
        mug = availability.c.variant_id == shop.variants["MUG-PINE"]
        tx.run(update(availability).where(mug).values(buffer=20))
    shop.db.clock.sleep(4 * SECOND)
    assert "Sold out" in browser.get("/search?q=mug").words


def test_search_corrects_widens_and_leads_on(shop: Shop) -> None:
    browser = shop.browser()
    assert "Oak board" in browser.get("/search?q=oak").words
    assert "this is what we found for “board”" in browser.get("/search?q=baord").words
    nothing = browser.get("/search?q=zzzz+board").words
    assert "Nothing found for “zzzz board”" in nothing
    assert "Look on a shelf instead" in nothing
    assert browser.get("/search?q=" + "x" * 5000).status == 200
    assert "<script>" not in browser.get("/search?q=<script>alert(1)</script>").text


def test_an_archived_product_is_gone_and_an_unknown_one_was_never_there(shop: Shop) -> None:
    browser = shop.browser()
    with shop.db.begin() as tx:
        products.archive(tx, [page_id(shop, "oak-board")])
    assert browser.get("/products/oak-board").status == 410
    assert browser.get("/products/nothing").status == 404


def page_id(shop: Shop, slug: str) -> str:
    from storekeep.shop.catalog.queries import product_page

    with shop.db.read() as tx:
        page = product_page(tx, slug)
    assert page is not None
    return str(page.product.id)


def order_link(shop: Shop, ago: int = 0) -> str:
    browser = shop.browser()
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "1"})
    seen = browser.get("/checkout").field("seen_total")
    browser.post("/checkout/place", {**ADDRESS, "seen_total": seen})
    return shop.link(shop.orders()[-1], ago)


def test_a_forged_link_and_an_order_that_does_not_exist_get_one_answer(shop: Shop) -> None:
    link = order_link(shop)
    stranger = shop.browser()
    forged = stranger.get(link[:-3] + "aaa")
    missing = stranger.get(f"/orders/999999/{link.rsplit('/', 1)[1]}")
    assert (forged.status, missing.status) == (404, 404)
    assert forged.words.split("Number of this request")[0] == missing.words.split("Number of this request")[0]
    assert "Juniper" not in forged.text
    assert stranger.get("/orders/x/y").status == 404


def test_an_expired_link_says_so_and_offers_a_new_one(shop: Shop) -> None:
    old = order_link(shop, 181 * DAY)
    stranger = shop.browser()
    for path in (old, f"{old}/paid", f"{old}/pay"):
        page = stranger.get(path)
        assert page.status == 410
        assert "Mail me a link" in page.words
        assert "Juniper" not in page.text


@pytest.mark.parametrize("path", ["/cart/add", "/cart/lines", "/checkout/place", "/checkout/details", "/contact"])
def test_a_post_from_a_foreign_page_changes_nothing(shop: Shop, path: str) -> None:
    browser = shop.browser()
    browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": "1"})
    form = {**ADDRESS, "variant": "MUG-PINE", "quantity": "5", "seen_total": "2380"}
    assert browser.post(path, form, sec_fetch_site="cross-site").status == 403
    browser.cookies["cart_count"] = ""
    assert "€18.90" in browser.get("/cart").words
    assert shop.orders() == []


def test_a_form_without_its_token_is_refused_and_keeps_what_was_typed(shop: Shop) -> None:
    answer = shop.browser().post("/contact", {"text": "A long letter", "name": "Pip"})
    assert answer.status == 403
    assert "A long letter" in answer.text


def test_a_withdrawal_takes_two_steps_and_gives_a_receipt_even_without_such_an_order(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get("/withdraw")
    form = {
        "_token": page.field("_token"),
        "command_id": page.field("command_id"),
        "name": "Pip Saltwhistle",
        "email": "pip@example.com",
        "order_number": "4711",
        "text": "",
    }
    confirm = browser.post("/withdraw", form)
    assert "Confirm withdrawal" in confirm.words
    receipt = browser.post("/withdraw", {**form, "confirmed": "1"})
    assert "Your withdrawal is with us" in receipt.words
    again = browser.post("/withdraw", {**form, "confirmed": "1"})
    assert again.status == 200
    with shop.db.read() as tx:
        talks = tx.rows(select(conversation))
        mails = tx.rows(select(mail).where(mail.c.template == "withdrawal"))
    assert [(one.email, one.subject) for one in talks] == [("pip@example.com", "Withdrawal, order 4711")]
    assert [one.to_address for one in mails] == ["pip@example.com"]
    assert "Pip Saltwhistle" not in mails[0].body_text


def test_the_contact_form_names_every_field_in_the_way(shop: Shop) -> None:
    browser = shop.browser()
    token = browser.get("/contact").field("_token")
    answer = browser.post(
        "/contact", {"_token": token, "command_id": "c1", "email": "x", "text": "4242 4242 4242 4242"}
    )
    assert answer.status == 422
    assert "Your name is missing." in answer.words
    assert "looks like a payment card number" in answer.words
    assert "4242 4242" not in answer.text


def test_texts_of_the_owner_are_shown_as_safe_html(shop: Shop) -> None:
    browser = shop.browser()
    assert "Fair <strong>terms</strong>." in browser.get("/pages/terms").text
    assert browser.get("/pages/nothing").status == 404


def test_machines_find_their_addresses(shop: Shop) -> None:
    browser = shop.browser()
    assert "Disallow: /checkout" in browser.get("/robots.txt").text
    assert "<loc>http://127.0.0.1:8000/products/pine-mug</loc>" in browser.get("/sitemap.xml").text
    assert browser.get("/healthz").status == 200
    assert browser.get("/readyz").text == "ready\n"
    assert browser.get("/favicon.ico").status == 302
