"""Every office page answers, with a busy day behind it and in a shop where nothing has happened yet."""

import re

from desk import Desk, order_of
from sqlalchemy import select

from storekeep.kernel.tables import outbox
from storekeep.shop.notify.tables import mail
from storekeep.shop.payments.tables import ledger_entry, payment

LISTS = (
    "/console", "/console/orders", "/console/orders?status=late", "/console/orders?status=checking",
    "/console/orders?status=open&q=mina&placed=2026-11-23", "/console/orders.csv", "/console/conversations",
    "/console/conversations?tab=waiting", "/console/conversations?tab=resolved",
    "/console/conversations?tab=cases&mine=1",
    "/console/customers", "/console/customers?q=mina", "/console/payments", "/console/payments?show=unknown",
    "/console/payments?show=refund_failed", "/console/payments?show=open", "/console/payments?show=authorized",
    "/console/ledger", "/console/ledger/accounts/1200", "/console/mail", "/console/mail?status=failed&q=x",
    "/console/queues", "/console/queues?queue=in&status=due", "/console/search?q=nobody",
)  # fmt: skip


def test_every_list_answers_in_an_empty_shop(quiet: Desk) -> None:
    for url in LISTS:
        answer = quiet.get(url)
        assert answer.status == 200, (url, answer.text[-800:])


def test_every_list_answers_after_a_busy_day(desk: Desk) -> None:
    for url in LISTS:
        assert desk.get(url).status == 200, url


def test_every_page_of_one_thing_answers(desk: Desk) -> None:
    with desk.db.read() as tx:
        one_payment = tx.scalar(select(payment.c.id))
        one_mail, one_entry = tx.scalar(select(mail.c.id)), tx.scalar(select(ledger_entry.c.id))
        dead = tx.scalar(select(outbox.c.id).where(outbox.c.status == "dead"))
        person = order_of(desk, "sent").customer_id
    urls = [f"/console/payments/{one_payment}", f"/console/mail/{one_mail}", f"/console/ledger/entries/{one_entry}",
            f"/console/queues/out/{dead}", f"/console/customers/{person}", "/console/conversations/1"]  # fmt: skip
    for name in ("unpaid", "paid", "sent", "complaint", "canceled"):
        number = order_of(desk, name).number
        urls += [f"/console/orders/{number}", f"/console/orders/{number}/ledger"]
        urls += [f"/console/orders/{number}/remedies/{kind}" for kind in ("cancel", "refund", "reship", "return")]
    for url in urls:
        answer = desk.get(url)
        assert answer.status == 200, (url, answer.text[-1500:])


def test_every_link_of_the_office_pages_leads_somewhere(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    mine = ("orders", "conversations", "customers", "payments", "ledger", "mail", "queues")
    found: set[str] = set()
    for url in (
        "/console",
        f"/console/orders/{number}",
        "/console/conversations/1",
        "/console/ledger",
        "/console/payments",
    ):
        found |= set(re.findall(r'href="(/console[^"#]*)', desk.get(url).text))
    ours = {
        url.replace("&amp;", "&") for url in found if url.removeprefix("/console/").split("/")[0].split("?")[0] in mine
    }
    assert len(ours) > 40
    for url in sorted(ours):
        assert desk.get(url).status == 200, url


def test_what_is_not_there_is_a_404_and_not_a_fault(desk: Desk) -> None:
    for url in (
        "/console/orders/99999", "/console/orders/abc", "/console/payments/abc", "/console/mail/1",
        "/console/conversations/99", "/console/ledger/accounts/9999", "/console/ledger/entries/x",
        "/console/queues/out/x", "/console/customers/7", "/console/orders/1/remedies/gift",
        "/console/orders/99999999999999999999",
    ):  # fmt: skip
        assert desk.get(url).status == 404, url


def test_an_odd_filter_is_dropped(desk: Desk) -> None:
    for query in ("status=nonsense", "placed=2026-99-99", "after=x", "after=-1", "q=%00", "confirmed=7"):
        assert desk.get(f"/console/orders?{query}").status == 200, query
    for page in ("conversations", "customers", "mail", "payments", "search", "queues"):
        assert desk.get(f"/console/{page}?q=%00x&after=%00&order=%00").status == 200, page


def test_the_search_box_goes_straight_to_an_order(desk: Desk) -> None:
    order = order_of(desk, "sent")
    for typed in (str(order.number), f"%23{order.number}"):
        assert desk.get(f"/console/search?q={typed}").headers["location"] == f"/console/orders/{order.number}"
    assert order.email in desk.get(f"/console/search?q={order.email}").text


def test_the_dashboard_counts_what_the_lists_show(desk: Desk) -> None:
    text = re.sub(r"<[^>]+>", " ", desk.get("/console").text)
    text = re.sub(r"\s+", " ", text)
    assert "To pick 1" in text
    assert "Dead messages 1" in text
    assert "Unanswered 1" in text
    assert "Cases 1" in text
    assert "Waiting for payment 1" in text


def test_the_trial_balance_sums_to_zero(desk: Desk) -> None:
    text = desk.get("/console/ledger").text
    assert "Sums to zero" in text
    assert "Does not" not in text
