"""What staff do in the office, each by the form that a browser would send: answers, remedies, retries, refusals."""

import csv
import io
import re

import pytest
from desk import Desk, a_busy_day, order_of
from sqlalchemy import event, func, select

from storekeep.doors.console.orders.listing import plain_sum, safe_cell
from storekeep.doors.console.orders.view import money_box
from storekeep.kernel.tables import audit_entry, outbox
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_adjustment, sales_order
from storekeep.shop.payments.tables import payment, refund
from storekeep.shop.reports.console_office import order_page
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.support.tables import conversation, message, note, remedy

ROLES = ("owner", "warehouse", "agent", "accountant")
#: page -> the roles that may open it
MATRIX = {
    "/console": ROLES,
    "/console/orders": ROLES,
    "/console/orders.csv": ("owner", "accountant"),
    "/console/orders/1001": ROLES,
    "/console/orders/1001/ledger": ROLES,
    "/console/orders/1001/remedies/cancel": ("owner", "agent"),
    "/console/orders/1001/remedies/refund": ("owner", "agent"),
    "/console/orders/1001/remedies/return": ("owner", "agent"),
    "/console/conversations": ("owner", "agent"),
    "/console/conversations/1": ("owner", "agent"),
    "/console/customers": ("owner", "agent", "accountant"),
    "/console/payments": ("owner", "agent", "accountant"),
    "/console/ledger": ("owner", "accountant"),
    "/console/ledger/accounts/1200": ("owner", "accountant"),
    "/console/mail": ("owner", "agent", "accountant"),
    "/console/queues": ("owner",),
    "/console/search?q=x": ROLES,
}


def count(desk: Desk, table: object, *where: object) -> int:
    with desk.db.read() as tx:
        return int(tx.scalar(select(func.count()).select_from(table).where(*where)))  # type: ignore[arg-type]


def remedy_form(desk: Desk, url: str, role: str = "owner", **more: str) -> tuple[dict[str, str], str]:
    """The hidden fields of a previewed remedy, as the browser would send them, and the form's token."""
    seen = desk.get(url, role)
    assert seen.status == 200, seen.text[-1500:]
    form = seen.text[seen.text.rindex("<form") :]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    token = fields.pop("_token")
    return {**fields, "reason": "Broken", **more}, token


# --- who may what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_exactly_its_pages(desk: Desk, role: str) -> None:
    for url, allowed in MATRIX.items():
        status = desk.get(url, role).status
        assert status == (200 if role in allowed else 403), (role, url, status)


def test_a_refused_page_says_what_the_role_lacks(desk: Desk) -> None:
    answer = desk.get("/console/ledger", "agent")
    assert "Your role does not include this: see the money ledger." in answer.text


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_and_back(quiet: Desk) -> None:
    answer = quiet.get("/console/orders?status=open", None)
    assert answer.status == 303
    assert answer.headers["location"] == "/console/login?next=%2Fconsole%2Forders%3Fstatus%3Dopen"
    fields = {"email": "olga@example.com", "password": "correct horse battery", "next": "/console/orders?status=open"}
    entered = quiet.post("/console/login", fields, None, token=None)
    assert entered.headers["location"] == "/console/orders?status=open"
    assert "__Host-staff=" in entered.headers["set-cookie"]


def test_the_log_in_never_leads_out_of_the_console(quiet: Desk) -> None:
    for wanted in ("//evil.example", "https://evil.example/console", "/cart", "/console/login", "/console\\evil"):
        fields = {"email": "olga@example.com", "password": "correct horse battery", "next": wanted}
        assert quiet.post("/console/login", fields, None, token=None).headers["location"] == "/console"


def test_a_wrong_log_in_does_not_say_what_was_wrong_and_slows_down(quiet: Desk) -> None:
    texts = set()
    for email in ("olga@example.com", "nobody@example.com"):
        answer = quiet.post("/console/login", {"email": email, "password": "wrong"}, None, token=None)
        assert answer.status == 422
        texts.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(texts) == 1
    for _ in range(4):
        quiet.post("/console/login", {"email": "olga@example.com", "password": "wrong"}, None, token=None)
    stopped = quiet.post("/console/login", {"email": "olga@example.com", "password": "wrong"}, None, token=None)
    assert stopped.status == 429
    assert "Too many attempts" in stopped.text


def test_logging_out_ends_the_session_for_good(quiet: Desk) -> None:
    assert quiet.post("/console/logout", {}).status == 303
    assert quiet.get("/console/orders").headers["location"].startswith("/console/login")


def test_a_form_without_token_or_from_another_origin_changes_nothing(desk: Desk) -> None:
    before = count(desk, note)
    number = order_of(desk, "paid").number
    fields = {"note": "hello", "command_id": "0192f000-0000-7000-8000-00000000aaaa"}
    url = f"/console/orders/{number}/notes"
    assert desk.post(url, fields, token=None).status == 403
    assert desk.post(url, fields, token="x" * 88).status == 403
    assert desk.post(url, fields, sec_fetch_site="cross-site").status == 403
    stolen = desk.get("/console/orders", "agent").token
    assert desk.post(url, fields, "owner", token=stolen).status == 403
    assert count(desk, note) == before
    assert desk.post(url, fields).status == 303
    assert desk.post(url, fields).status == 303
    assert count(desk, note) == before + 1


# --- conversations ----------------------------------------------------------------------------------------------------


def test_an_answer_is_mailed_once_and_takes_the_conversation(desk: Desk) -> None:
    seen = desk.get("/console/conversations/1", "agent")
    fields = {"body": "We send a new one.", "seen_version": seen.hidden("seen_version"), "do": "send"}
    fields["command_id"] = seen.hidden("command_id")
    for _ in range(2):
        assert desk.post("/console/conversations/1", fields, "agent").status == 303
    assert count(desk, message, message.c.direction == "out") == 1
    assert count(desk, mail, mail.c.template == "agent_reply") == 1
    with desk.db.read() as tx:
        row = tx.first(select(conversation).where(conversation.c.number == 1))
    assert (row.status, row.assignee_id) == ("waiting_customer", desk.ids["agent"])


def test_a_stale_answer_is_refused_keeps_its_text_and_can_be_sent_anyway(desk: Desk) -> None:
    from storekeep.flows import reply

    seen = desk.get("/console/conversations/1", "agent")
    with desk.db.begin(actor="shopper") as tx:
        reply.customer_writes(tx, desk.placed["talk"].conversation_id, "Found it.", "wrote-more")
    fields = {"body": "My long answer.", "seen_version": seen.hidden("seen_version"), "do": "send"}
    fields["command_id"] = seen.hidden("command_id")
    stale = desk.post("/console/conversations/1", fields, "agent")
    assert stale.status == 409
    assert "The customer wrote" in stale.text
    assert "My long answer." in stale.text
    assert count(desk, message, message.c.direction == "out") == 0
    anyway = {**fields, "do": "anyway", "seen_version": stale.hidden("seen_version")}
    assert desk.post("/console/conversations/1", anyway, "agent").status == 303
    assert count(desk, message, message.c.direction == "out") == 1


def test_a_note_stays_inside_and_stands_in_another_colour(desk: Desk) -> None:
    seen = desk.get("/console/conversations/1", "agent")
    mails = count(desk, mail)
    fields = {"body": "Ask Wim.", "seen_version": seen.hidden("seen_version"), "do": "note"}
    fields["command_id"] = seen.hidden("command_id")
    assert desk.post("/console/conversations/1", fields, "agent").status == 303
    assert count(desk, mail) == mails
    assert re.search(r'message-note">.{0,400}Ask Wim\.', desk.get("/console/conversations/1").text, re.S)


def test_a_card_number_in_an_answer_is_refused(desk: Desk) -> None:
    seen = desk.get("/console/conversations/1", "agent")
    fields = {"body": "Your card 4242 4242 4242 4242", "seen_version": seen.hidden("seen_version"), "do": "send"}
    answer = desk.post("/console/conversations/1", {**fields, "command_id": seen.hidden("command_id")}, "agent")
    assert answer.status == 422
    assert "4242" not in answer.text


def test_conversations_are_taken_handed_over_resolved_and_taken_up_again(desk: Desk) -> None:
    url = "/console/conversations/1/do"
    for fields, status in (({"do": "take"}, "open"), ({"do": "assign", "assignee": desk.ids["owner"]}, "open"),
                           ({"do": "resolve"}, "resolved"), ({"do": "reopen"}, "open")):  # fmt: skip
        assert desk.post(url, fields, "agent").status == 303
        with desk.db.read() as tx:
            assert tx.scalar(select(conversation.c.status).where(conversation.c.number == 1)) == status
    assert desk.post(url, {"do": "reopen"}, "agent").status == 409
    assert desk.post(url, {"do": "explode"}, "agent").status == 400
    assert desk.post(url, {"do": "take"}, "accountant").status == 403


# --- remedies ---------------------------------------------------------------------------------------------------------


def test_a_refund_of_a_line_shows_its_effect_and_then_does_exactly_that(desk: Desk) -> None:
    order = order_of(desk, "complaint")
    url = f"/console/orders/{order.number}/remedies/refund"
    fields, token = remedy_form(desk, f"{url}?show=1&units_1=1&conversation=1")
    assert count(desk, refund) == 0
    for _ in range(2):
        assert desk.post(url, fields, token=token).headers["location"] == "/console/conversations/1"
    desk.made.work()
    with desk.db.read() as tx:
        rows = tx.rows(select(refund))
    assert [(row.amount_minor, row.status) for row in rows] == [(1990, "succeeded")]
    assert order_of(desk, "complaint").given_back_minor == 1990
    assert count(desk, remedy) == 1


def test_a_refund_over_the_own_limit_is_refused_in_preview_and_at_the_button(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    url = f"/console/orders/{number}/remedies/refund"
    shown = desk.get(f"{url}?show=1&whole=1", "agent")
    assert "You may give back up to 20.00 EUR at once" in shown.text
    assert 'name="seen"' not in shown.text
    fields, _ = remedy_form(desk, f"{url}?show=1&whole=1", "owner")
    refused = desk.post(url, fields, "agent")
    assert refused.status == 422
    assert count(desk, refund) == 0
    within, token = remedy_form(desk, f"{url}?show=1&units_1=1", "agent")
    assert desk.post(url, within, "agent", token=token).status == 303


def test_an_effect_that_changed_since_it_was_seen_is_shown_again(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    url = f"/console/orders/{number}/remedies/refund"
    late, token = remedy_form(desk, f"{url}?show=1&whole=1")
    first, other = remedy_form(desk, f"{url}?show=1&units_1=1")
    assert desk.post(url, first, token=other).status == 303
    again = desk.post(url, late, token=token)
    assert again.status == 409
    assert "Look at it again" in again.text
    assert count(desk, refund) == 1


def test_more_units_than_are_left_are_named_with_their_line(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    text = desk.get(f"/console/orders/{number}/remedies/refund?show=1&units_1=5").text
    assert "Bowl: 1 can still be refunded, not 5." in text
    bad = desk.get(f"/console/orders/{number}/remedies/refund?show=1&units_1=-1&goodwill=abc")
    assert bad.status == 422


def test_goodwill_sending_again_and_a_return_each_do_their_own_thing(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    base = f"/console/orders/{number}/remedies"
    for url in (
        f"{base}/refund?show=1&goodwill=5.00",
        f"{base}/reship?show=1&units_1=1",
        f"{base}/return?show=1&units_2=1",
    ):
        fields, token = remedy_form(desk, url)
        done = desk.post(url.partition("?")[0], fields, token=token)
        assert done.status == 303, done.text[-1500:]
    desk.made.work()
    with desk.db.read() as tx:
        kinds = sorted(row.kind for row in tx.rows(select(remedy)))
    assert kinds == ["refund", "reship", "return"]
    assert order_of(desk, "complaint").given_back_minor == 500
    assert count(desk, goods_return) == 1
    assert desk.get(f"/console/orders/{number}").status == 200


def test_canceling_units_and_then_the_rest_takes_off_exactly_the_total(desk: Desk) -> None:
    order = order_of(desk, "paid")
    url = f"/console/orders/{order.number}/remedies/cancel"
    for chosen in ("units_2=1", "units_1=2&units_2=2"):
        fields, token = remedy_form(desk, f"{url}?show=1&{chosen}")
        assert desk.post(url, fields, token=token).status == 303
        assert desk.post(url, fields, token=token).status == 303
    after = order_of(desk, "paid")
    assert (after.status, after.owed_minor) == ("canceled", 0)
    with desk.db.read() as tx:
        sums = tx.rows(select(order_adjustment.c.gross_minor).where(order_adjustment.c.order_id == order.id))
    assert sum(row.gross_minor for row in sums) == order.total_minor
    assert "The order is canceled already." in desk.get(f"/console/orders/{order.number}").text


def test_a_greyed_button_says_why(desk: Desk) -> None:
    sent = desk.get(f"/console/orders/{order_of(desk, 'sent').number}").text
    assert "Everything was sent; it can only come back as a return." in sent
    paid = desk.get(f"/console/orders/{order_of(desk, 'paid').number}").text
    assert "the money is only set aside. Cancel instead." in paid
    unpaid = desk.get(f"/console/orders/{order_of(desk, 'unpaid').number}").text
    assert "Nothing was paid." in unpaid
    assert "Link for the customer to pay" in unpaid


def test_the_money_box_adds_up_to_what_is_open(desk: Desk) -> None:
    for name in ("unpaid", "paid", "sent", "canceled"):
        with desk.db.read() as tx:
            found = order_page.load(tx, order_of(desk, name).number)
        assert found is not None
        order, box = found.order, money_box(found)
        plain = [row.minor for row in box if not row.is_total]
        assert sum(plain) == order.owed_minor - order.received_minor + order.given_back_minor
        assert abs(sum(plain)) == box[-1].minor


# --- mail, queues, payments, the file ---------------------------------------------------------------------------------


def test_a_mail_is_sent_again_once_also_to_another_address(desk: Desk) -> None:
    with desk.db.read() as tx:
        one = tx.first(select(mail))
    assert one is not None
    before = count(desk, mail)
    fields = {"to_address": "new@example.com", "command_id": desk.get(f"/console/mail/{one.id}").hidden("command_id")}
    urls = {desk.post(f"/console/mail/{one.id}/resend", fields, "agent").headers["location"] for _ in range(2)}
    assert len(urls) == 1
    assert count(desk, mail) == before + 1
    wrong = desk.post(f"/console/mail/{one.id}/resend", {**fields, "to_address": "no address"}, "agent")
    assert wrong.status == 422
    assert "no address" in wrong.text
    assert desk.post(f"/console/mail/{one.id}/resend", fields, "accountant").status == 403


def test_a_dead_message_is_tried_again_and_that_is_audited(desk: Desk) -> None:
    with desk.db.read() as tx:
        dead = tx.scalar(select(outbox.c.id).where(outbox.c.status == "dead"))
    assert "the provider did not answer" in desk.get("/console/queues").text
    assert desk.post("/console/queues/out/retry", {"row": dead}, "agent").status == 403
    assert desk.post("/console/queues/out/retry", {"row": dead}).status == 303
    assert count(desk, outbox, outbox.c.status == "dead") == 0
    assert count(desk, audit_entry, audit_entry.c.action == "outbox.revived") == 1
    desk.post("/console/queues/out/retry", {"row": dead})
    assert count(desk, audit_entry, audit_entry.c.action == "outbox.revived") == 1
    assert desk.post("/console/queues/out/retry", {}).status == 400


def test_looking_again_asks_the_provider_once_a_minute(desk: Desk) -> None:
    with desk.db.read() as tx:
        one = tx.scalar(select(payment.c.id))
    for _ in range(2):
        assert desk.post(f"/console/payments/{one}/look", {}, "accountant").status == 303
    assert count(desk, outbox, outbox.c.kind == "payment.observe", outbox.c.key.startswith(f"observe:{one}")) == 1


def test_a_failed_refund_is_tried_again_by_whoever_may_give_that_much(desk: Desk) -> None:
    number = order_of(desk, "complaint").number
    url = f"/console/orders/{number}/remedies/refund"
    fields, token = remedy_form(desk, f"{url}?show=1&whole=1")
    desk.post(url, fields, token=token)
    desk.made.provider.fail_next("refund", "refuse")
    desk.made.work()
    with desk.db.read() as tx:
        row = tx.first(select(refund))
    assert row is not None
    assert row.status == "failed"
    assert "Refund failed" in desk.get("/console/payments?show=refund_failed").text
    again = f"/console/payments/refunds/{row.id}/again"
    assert desk.post(again, {}, "agent").status == 403
    assert desk.post(again, {}, "owner").status == 303
    assert desk.post(again, {}, "owner").status == 409
    desk.made.work()
    with desk.db.read() as tx:
        assert tx.scalar(select(refund.c.status)) == "succeeded"


def test_the_orders_file_adds_up_and_holds_no_formula(desk: Desk) -> None:
    with desk.db.begin() as tx:
        tx.run(sales_order.update().where(sales_order.c.number == 1001).values(name='=HYPERLINK("http://x")'))
        total = tx.scalar(select(func.sum(sales_order.c.total_minor)))
    answer = desk.get("/console/orders.csv", "accountant")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert sum(round(float(row["total"]) * 100) for row in rows) == total
    for row in rows:
        goods, off, delivery = (round(float(row[name]) * 100) for name in ("goods", "discount", "delivery"))
        assert goods - off + delivery == round(float(row["total"]) * 100)
    assert rows[0]["name"].startswith("'=")
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert len(list(csv.DictReader(io.StringIO(desk.get("/console/orders.csv?status=canceled").text)))) == 1


def test_cells_and_sums_of_the_file() -> None:
    assert [safe_cell(text) for text in ("-1", "+1", "@x", "\tx", "Mina", "")] == [
        "'-1",
        "'+1",
        "'@x",
        "'\tx",
        "Mina",
        "",
    ]
    assert [plain_sum(minor, "EUR") for minor in (4790, 5, -120)] == ["47.90", "0.05", "-1.20"]
    assert plain_sum(500, "JPY") == "500"


# --- how many statements ----------------------------------------------------------------------------------------------


def statements(desk: Desk, url: str) -> int:
    seen: list[str] = []

    def note_it(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = desk.db._reader
    event.listen(engine, "before_cursor_execute", note_it)
    try:
        assert desk.get(url).status == 200
    finally:
        event.remove(engine, "before_cursor_execute", note_it)
    return len(seen)


def test_lists_ask_the_same_number_of_questions_however_long_they_are(desk: Desk) -> None:
    urls = ("/console", "/console/orders", "/console/orders?q=mina", "/console/conversations", "/console/customers",
            "/console/payments", "/console/ledger", "/console/ledger/accounts/1200",
            "/console/mail", "/console/queues")  # fmt: skip
    before = {url: statements(desk, url) for url in urls}
    a_busy_day(desk, "again")
    assert {url: statements(desk, url) for url in urls} == before
    assert max(before.values()) <= 12


def test_lists_page_by_key_and_show_each_row_once(desk: Desk) -> None:
    from storekeep.shop.reports.console_office import order_list, people

    with desk.db.read() as tx:
        seen, after = [], ""
        while True:
            listed = order_list.orders(tx, order_list.Wanted(), after, 2)
            seen += [row.number for row in listed.rows]
            after = listed.next_after
            if not after:
                break
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == len(set(seen)) == tx.scalar(select(func.count()).select_from(sales_order))
        first = people.conversations(tx, tab="open", size=1)
        assert first.next_after == ""
        everyone = people.people(tx, "", "", 2)
        assert everyone.next_after
        assert {row.id for row, _, _ in people.people(tx, "", everyone.next_after, 2).rows}.isdisjoint(
            {row.id for row, _, _ in everyone.rows}
        )
