"""A shopper's way from the shelf to the order's page, and what happens when it does not go straight."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, update
from storefront_shop import ADDRESS, PROVIDER, Answer, Browser, Shop

from storekeep.kernel.clock import MINUTE
from storekeep.shop.catalog import VariantChange, variants
from storekeep.shop.inventory.tables import availability
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import cart, cart_line


def fill(browser: Browser, sku: str = "MUG-PINE", count: int = 2) -> Answer:
    return browser.follow(browser.post("/cart/add", {"variant": sku, "quantity": str(count)}))


def place(browser: Browser, **changes: str) -> Answer:
    seen = browser.get("/checkout").field("seen_total")
    return browser.post("/checkout/place", {**ADDRESS, "seen_total": seen, **changes})


def test_a_shopper_browses_buys_pays_and_sees_the_order(shop: Shop) -> None:
    browser = shop.browser()
    assert "Pine mug" in browser.get("/").words
    assert "3 products" in browser.get("/categories/table").words
    product = browser.get("/products/pine-mug")
    assert "€18.90" in product.words
    assert "30 days to send it back" in product.words
    filled = fill(browser)
    assert "€37.80" in filled.words
    assert browser.cookies["cart_count"] == "2"
    checkout = browser.get("/checkout")
    assert "Order and pay €42.70" in checkout.words
    answer = place(browser)
    order = shop.orders()[0]
    assert (answer.status, order.total_minor, browser.cookies["cart_count"]) == (303, 4270, "0")
    paying = browser.follow(answer)
    assert paying.location.startswith(PROVIDER)
    shop.provider.shopper_pays(paying.location.removeprefix(PROVIDER))
    back = browser.get(f"{shop.link(order)}/paid")
    assert back.status == 303
    page = browser.follow(back).words
    assert "Confirmed; we are getting it ready" in page
    assert "Set aside on your card until we pack €42.70" in page
    assert shop.orders()[0].payment_status == "authorized"


def test_pressing_the_button_twice_gives_one_order(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    seen = browser.get("/checkout").field("seen_total")
    form = {**ADDRESS, "seen_total": seen}
    twins = [Browser(shop.app, dict(browser.cookies)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda twin: twin.post("/checkout/place", form), twins))
    assert {answer.location.split("/")[2] for answer in answers} == {str(shop.orders()[0].number)}
    assert len(shop.orders()) == 1


def test_a_saved_checkout_is_placed_by_the_bare_button(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    token = browser.get("/checkout").field("_token")
    assert browser.post("/checkout/details", {**ADDRESS, "_token": token}).status == 303
    assert "set aside for you until 10:10" in browser.get("/checkout").words
    answer = browser.post("/checkout/place", {"seen_total": "4270"})
    assert answer.location.endswith("/pay")
    assert len(shop.orders()) == 1


def test_the_end_of_a_hold_is_said_and_the_order_still_goes_through(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    token = browser.get("/checkout").field("_token")
    browser.post("/checkout/details", {**ADDRESS, "_token": token})
    shop.db.clock.sleep(11 * MINUTE)
    assert "The time for which these things were set aside is over" in browser.get("/checkout").words
    assert place(browser).location.endswith("/pay")


def test_a_total_that_is_stale_is_shown_anew_and_orders_nothing(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    answer = place(browser, seen_total="4000")
    assert answer.status == 409
    assert "The total changed since you saw it" in answer.words
    assert "Juniper Applewhite" in answer.text
    assert answer.field("seen_total") == "4270"
    assert shop.orders() == []


def test_a_price_that_rose_after_its_lock_must_be_accepted(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    with shop.db.begin() as tx:
        variants.update(tx, [VariantChange(shop.variants["MUG-PINE"], price_minor=2100)])
    shop.db.clock.sleep(61 * MINUTE)
    page = browser.get("/cart")
    assert "Pine mug: €21.00 instead of €18.90" in page.words
    assert place(browser).status == 422
    browser.post("/cart/prices", {"_token": page.field("_token")})
    assert place(browser).location.endswith("/pay")
    assert shop.orders()[0].goods_minor == 4200


def test_goods_that_sold_out_meanwhile_are_named_and_nothing_is_typed_in_vain(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser, "BOARD", 2)
    with shop.db.begin() as tx:
        board = shop.variants["BOARD"]
        tx.run(update(availability).where(availability.c.variant_id == board).values(buffer=2))
    assert "Only 1 of the 2 are left." in browser.get("/cart").words
    answer = place(browser)
    assert answer.status == 422
    assert "Only 1 of Oak board left." in answer.words
    assert "Lindengasse 4" in answer.text
    assert shop.orders() == []


def test_missing_fields_are_listed_with_links_to_them(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    answer = place(browser, email="juniper at example", city="")
    assert answer.status == 422
    assert '<a href="#email">' in answer.text
    assert '<a href="#city">Town is missing.</a>' in answer.text
    assert "juniper at example" in answer.text


def test_another_country_changes_delivery_and_tax(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    token = browser.get("/checkout").field("_token")
    answer = browser.post("/checkout/details", {**ADDRESS, "country": "CH", "_token": token})
    page = browser.follow(answer)
    assert "To Switzerland without our tax" in page.words
    assert "Order and pay €57.70" in page.words


def test_a_code_says_how_much_is_missing_and_then_counts(shop: Shop) -> None:
    browser = shop.browser()
    page = fill(browser, "BOARD", 1)
    token = page.field("_token")
    page = browser.follow(browser.post("/cart/code", {"code": "welcome", "_token": token}))
    assert "4.10 short of 30.00" in page.words
    page = fill(browser, "MUG-PINE", 1)
    assert "Code WELCOME −€4.48" in page.words
    page = browser.follow(browser.post("/cart/code", {"code": "NOPE", "_token": token}))
    assert "NOPE is not known here" in page.words


def test_a_declined_card_can_be_tried_again_from_the_order_page(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    paying = browser.follow(place(browser))
    session = paying.location.removeprefix(PROVIDER)
    shop.provider.shopper_pays(session, "decline")
    link = shop.link(shop.orders()[0])
    page = browser.get(f"{link}/back")
    assert "The bank declined the card" in page.words
    again = browser.follow(browser.post(f"{link}/pay", {"_token": page.field("_token")}))
    shop.provider.shopper_pays(again.location.removeprefix(PROVIDER))
    assert browser.get(f"{link}/paid").status == 303
    assert shop.orders()[0].status == "open"


def test_an_answer_that_is_late_is_awaited_by_the_page_itself(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    browser.follow(place(browser))
    link = shop.link(shop.orders()[0])
    page = browser.get(f"{link}/paid")
    assert "Checking with your bank" in page.words
    assert f'content="4; url={link}/paid"' in page.text


def test_an_order_can_be_canceled_until_it_is_picked_and_only_once(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    place(browser)
    link = shop.link(shop.orders()[0])
    page = browser.get(link)
    assert "Cancel order 1001" in page.words or "Cancel order" in page.words
    token = page.field("_token")
    assert browser.post(f"{link}/cancel", {"_token": token}).status == 303
    assert browser.post(f"{link}/cancel", {"_token": token}).status == 303
    page = browser.get(link)
    assert "Canceled" in page.words
    assert "Cancel this order" not in page.words
    assert shop.orders()[0].status == "canceled"


def test_something_wrong_becomes_a_conversation_that_the_shopper_can_read(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    place(browser)
    link = shop.link(shop.orders()[0])
    page = browser.get(link)
    form = {"_token": page.field("_token"), "command_id": page.field("command_id"), "text": "Where is it?"}
    assert browser.post(f"{link}/problem", form).status == 422
    damaged = browser.post(f"{link}/problem", {**form, "reason": "damaged"})
    assert "Choose which goods this is about." in damaged.words
    answer = browser.post(f"{link}/problem", {**form, "reason": "not_arrived"})
    talk = browser.follow(answer)
    assert "Where is it?" in talk.words
    written = {"_token": talk.field("_token"), "command_id": talk.field("command_id"), "body": "Found it, thanks."}
    assert "Found it, thanks." in browser.follow(browser.post(answer.location, written)).words
    assert "It has not arrived" in browser.get(link).words


def test_a_cart_that_became_an_order_leads_to_it_and_a_new_one_begins(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    place(browser)
    number = shop.orders()[0].number
    assert f"/orders/{number}/" in browser.get("/checkout").location
    assert f"became order {number}" in browser.get("/cart").words
    fill(browser, "BOARD", 1)
    assert "€25.90" in browser.get("/cart").words
    place(browser)
    assert len(shop.orders()) == 2


def test_quantities_are_read_strictly_and_capped_with_a_word(shop: Shop) -> None:
    browser = shop.browser()
    for wrong in ("-1", "two", "0", "1.5"):
        answer = browser.post("/cart/add", {"variant": "MUG-PINE", "quantity": wrong})
        assert (answer.status, "Quantity must be" in answer.words) == (422, True)
    assert browser.post("/cart/add", {"variant": "NOTHING", "quantity": "1"}).status == 404
    page = fill(browser, "MUG-PINE", 5000)
    assert "At most 999 of Pine mug" in page.words
    with shop.db.read() as tx:
        line = tx.first(select(cart_line))
    assert line is not None
    form = {"_token": page.field("_token"), "line": line.id, f"quantity-{line.id}": "-3"}
    assert browser.post("/cart/lines", form).status == 422
    form[f"quantity-{line.id}"] = "0"
    assert "Your cart is empty" in browser.follow(browser.post("/cart/lines", form)).words


def test_only_a_hash_of_the_cookie_reaches_the_database(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    with shop.db.read() as tx:
        known = tx.scalar(select(cart.c.token_hash))
    assert len(known) == 64
    assert browser.cookies["__Host-shop"] not in known


def test_the_mailed_link_is_fresh_and_the_form_tells_a_stranger_nothing(shop: Shop) -> None:
    browser = shop.browser()
    fill(browser)
    place(browser)
    order = shop.orders()[0]
    right = browser.post("/orders/find", {"number": str(order.number), "email": "JUNIPER@example.com"})
    wrong = browser.post("/orders/find", {"number": str(order.number), "email": "somebody@example.com"})
    assert (right.status, right.words) == (wrong.status, wrong.words)
    with shop.db.read() as tx:
        mails = tx.rows(select(mail).where(mail.c.template == "order_link"))
    assert [one.to_address for one in mails] == ["juniper@example.com"]
    assert shop.link(order) in mails[0].body_text
