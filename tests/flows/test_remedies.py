"""Refunds, replacements and answers: what they show before, what they do once, and what they refuse."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warehouse import STAFF, Work, accounts, available, entries, mails, open_shop, units_at

from make import Shop, order
from storekeep.flows import dispatch, replacements, reply, resolve, send_again
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.clock import SECOND, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid, NotFound, Refused
from storekeep.shop.fulfillment import queries as work_queries
from storekeep.shop.inventory import locations, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_adjustment, order_line, sales_order
from storekeep.shop.payments.tables import payment, refund
from storekeep.shop.pricing import coupons as codes
from storekeep.shop.support import conversations, notes, queries, remedies
from storekeep.shop.support.model import Applied, Preview

AGENT = f"staff:{STAFF}"
WHOLE = RefundWish(is_whole=True)


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return open_shop(db, clock, tmp_path)


class Ordered(Work):
    """Work on an order that was placed with options."""

    def __init__(self, shop: Shop, wanted: dict[str, int], **options: Any) -> None:
        self.shop, self.db, self._scans = shop, shop.db, 0
        self.order_id = order(shop, wanted, paid=True, **options).order_id
        with self.db.read() as tx:
            self.id = work_queries.of_order(tx, self.order_id)[0].id


def sent(shop: Shop, wanted: dict[str, int]) -> Work:
    """A paid order that has left the house."""
    work = Work(shop, wanted)
    work.to_the_door()
    assert work.ship(f"ship {work.id}").is_done
    return work


def line_of(shop: Shop, order_id: str, sku: str) -> Any:
    with shop.db.read() as tx:
        return tx.first(select(order_line).where(order_line.c.order_id == order_id, order_line.c.sku == sku))


def head(shop: Shop, order_id: str) -> Any:
    with shop.db.read() as tx:
        return tx.first(select(sales_order).where(sales_order.c.id == order_id))


def shown(shop: Shop, order_id: str, wish: RefundWish, limit: int | None = None) -> Preview:
    with shop.db.read() as tx:
        return resolve.preview_refund(tx, order_id, wish, limit_minor=limit)


def give(shop: Shop, order_id: str, wish: RefundWish, command: str = "c1", **options: Any) -> Applied:
    with shop.db.begin(actor=AGENT) as tx:
        return resolve.refund(tx, order_id, wish, reason="it broke", command_id=command, **options)


def refusal(shop: Shop, order_id: str, wish: RefundWish, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        give(shop, order_id, wish, "refused", **options)
    return caught.value.problems[0].code


def check_books(shop: Shop, order_id: str) -> None:
    """What must hold after everything: caches equal their rows, caps hold, every entry balances."""
    row = head(shop, order_id)
    with shop.db.read() as tx:
        paid = tx.rows(select(payment).where(payment.c.order_id == order_id))
        made = tx.rows(select(order_adjustment).where(order_adjustment.c.order_id == order_id))
        for line in tx.rows(select(order_line).where(order_line.c.order_id == order_id)):
            assert line.refunded + line.replaced <= line.fulfilled
            assert line.returned <= line.fulfilled + line.replaced
    assert row.owed_minor == row.total_minor - sum(each.gross_minor for each in made)
    assert all(each.refunded_minor + each.refund_pending_minor <= each.captured_minor for each in paid)
    assert row.given_back_minor == sum(each.refunded_minor for each in paid)
    assert sum(accounts(shop).values()) == 0


# --- refunds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_partial_refunds_in_any_order_add_up_to_the_payment_to_the_cent(shop: Shop, seed: int) -> None:
    work = sent(shop, {"TEA": 4, "MUG": 2})
    tea, mug = line_of(shop, work.order_id, "TEA").id, line_of(shop, work.order_id, "MUG").id
    steps = [RefundWish({tea: 2}), RefundWish({tea: 1}), RefundWish({tea: 1, mug: 1}), RefundWish({mug: 1}),
             RefundWish(with_delivery=True)]  # fmt: skip
    random.Random(seed).shuffle(steps)
    given = 0
    for n, step in enumerate(steps):
        seen = shown(shop, work.order_id, step)
        applied = give(shop, work.order_id, step, f"step {n}")
        assert applied.amount_minor == seen.amount_minor == sum(part.gross_minor for part in seen.parts)
        given += applied.amount_minor
        check_books(shop, work.order_id)
    shop.work()
    row = head(shop, work.order_id)
    assert given == row.total_minor == row.given_back_minor
    assert (row.owed_minor, row.payment_status) == (0, "refunded")
    books = accounts(shop, work.order_id)
    assert {"2100", "2300", "2400", "1100", "4100"}.isdisjoint(books)
    assert books["4000"] + books["4010"] == 0
    check_books(shop, work.order_id)


@pytest.mark.parametrize("country", ["DE", "CH"])
def test_discounted_units_and_untaxed_ones_add_up_too(shop: Shop, country: str) -> None:
    with shop.db.begin(actor="owner") as tx:
        codes.create_codes(tx, [codes.NewCode("ODD", 1234, starts_at=tx.now)])
    work = Ordered(shop, {"TEA": 3, "MUG": 2}, code="ODD", country=country)
    work.to_the_door()
    assert work.ship().is_done
    tea, mug = line_of(shop, work.order_id, "TEA").id, line_of(shop, work.order_id, "MUG").id
    for n, step in enumerate([{tea: 1}, {mug: 1}, {tea: 1}, {mug: 1}, {tea: 1}]):
        give(shop, work.order_id, RefundWish(step), f"step {n}")
    give(shop, work.order_id, RefundWish(with_delivery=True), "delivery")
    shop.work()
    row = head(shop, work.order_id)
    assert (row.given_back_minor, row.owed_minor) == (row.total_minor, 0)
    books = accounts(shop, work.order_id)
    assert {"2100", "2300", "2400", "1100", "4100", "4200"}.isdisjoint(books)
    check_books(shop, work.order_id)


def test_a_whole_refund_takes_back_what_was_sent_and_cancels_the_rest(shop: Shop) -> None:
    with shop.db.begin(actor="owner") as tx:
        second = locations.open_warehouse(tx, WarehouseDraft("NORTH", "North", "Europe/Berlin", "DE", "22415"))
        shelf = locations.add_bins(tx, second, [BinDraft("N-1", 1)])[0]
        receiving.receive(tx, [ReceiveLine(shop.variants["BOWL"], 9, 800, shelf)], second, "north", "opening stock")
    work = Work(shop, {"BOWL": 9, "TEA": 2})
    with shop.db.read() as tx:
        tasks = work_queries.of_order(tx, work.order_id)
    assert len(tasks) == 2
    work.to_the_door()
    assert work.ship().is_done
    seen = shown(shop, work.order_id, WHOLE)
    assert seen.amount_minor == head(shop, work.order_id).total_minor
    give(shop, work.order_id, WHOLE)
    shop.work()
    row = head(shop, work.order_id)
    assert (row.owed_minor, row.given_back_minor, row.payment_status) == (0, row.total_minor, "refunded")
    with shop.db.read() as tx:
        assert sorted(each.status for each in work_queries.of_order(tx, work.order_id)) == ["canceled", "handed_over"]
        lines = tx.rows(select(order_line).where(order_line.c.order_id == work.order_id))
    assert all(line.canceled + line.refunded == line.ordered for line in lines)
    assert {"2300", "2400", "1100"}.isdisjoint(accounts(shop, work.order_id))
    check_books(shop, work.order_id)


def test_one_command_pressed_twice_at_once_gives_back_once(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: give(shop, work.order_id, WHOLE), range(2))
    assert one.remedy_id == two.remedy_id
    assert {one.is_new, two.is_new} == {True, False}
    with shop.db.read() as tx:
        assert [each.amount_minor for each in tx.rows(select(refund))] == [one.amount_minor]
    check_books(shop, work.order_id)


def test_two_agents_at_once_give_back_only_what_there_is(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})

    def press(command: str) -> str:
        try:
            return give(shop, work.order_id, WHOLE, command).kind
        except Refused as refusal:
            return refusal.problems[0].code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ["left", "right"])) == ["nothing_to_refund", "refund"]
        assert list(pool.map(press, ["left", "left"])).count("refund") in {0, 2}
    shop.work()
    assert head(shop, work.order_id).given_back_minor == head(shop, work.order_id).total_minor
    check_books(shop, work.order_id)


def test_a_full_refund_after_shipping_gives_back_exactly_what_was_paid(shop: Shop) -> None:
    work = sent(shop, {"TEA": 3, "BOWL": 1})
    before = available(shop, "TEA"), units_at(shop, "TEA", "customer")
    seen = shown(shop, work.order_id, WHOLE)
    assert seen.is_possible
    assert seen.amount_minor == seen.money_back_minor == head(shop, work.order_id).total_minor
    assert sum(part.tax_minor for part in seen.parts) == head(shop, work.order_id).tax_minor
    applied = give(shop, work.order_id, WHOLE)
    assert applied.preview["amount_minor"] == seen.amount_minor
    shop.work()
    assert head(shop, work.order_id).payment_status == "refunded"
    assert (available(shop, "TEA"), units_at(shop, "TEA", "customer")) == before
    assert mails(shop, "refund") == 1
    assert refusal(shop, work.order_id, WHOLE) == "nothing_to_refund"
    check_books(shop, work.order_id)


def test_a_refund_writes_no_stock_move(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    with shop.db.read() as tx:
        before = len(tx.rows(select(stock_move.c.id)))
    give(shop, work.order_id, WHOLE)
    shop.work()
    with shop.db.read() as tx:
        assert len(tx.rows(select(stock_move.c.id))) == before


def test_a_refund_above_what_is_left_is_refused_with_what_is_left(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    total = head(shop, work.order_id).total_minor
    give(shop, work.order_id, RefundWish(goodwill_minor=1000))
    with pytest.raises(Refused) as caught:
        give(shop, work.order_id, WHOLE, "c2")
    problem = caught.value.problems[0]
    assert (problem.code, problem.data["at_most"]) == ("refund_above_paid", total - 1000)
    assert refusal(shop, work.order_id, RefundWish(goodwill_minor=total - 999)) == "amount_out_of_range"
    give(shop, work.order_id, RefundWish(goodwill_minor=total - 1000), "c3")
    shop.work()
    assert head(shop, work.order_id).payment_status == "refunded"
    check_books(shop, work.order_id)


def test_two_agents_with_the_same_command_give_back_once(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    first, second = give(shop, work.order_id, WHOLE), give(shop, work.order_id, WHOLE)
    assert (first.is_new, second.is_new) == (True, False)
    assert (first.remedy_id, first.amount_minor) == (second.remedy_id, second.amount_minor)
    with shop.db.read() as tx:
        assert len(tx.rows(select(refund))) == 1
    other = sent(shop, {"TEA": 1})
    with pytest.raises(Conflict):
        give(shop, other.order_id, WHOLE)


def test_nobody_gives_back_more_than_their_limit(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    mug = line_of(shop, work.order_id, "MUG").id
    assert refusal(shop, work.order_id, RefundWish({mug: 2}), limit_minor=2499) == "above_limit"
    assert give(shop, work.order_id, RefundWish({mug: 2}), limit_minor=2500).amount_minor == 2500


def test_more_units_than_were_sent_and_lines_of_others_are_refused(shop: Shop) -> None:
    work, other = sent(shop, {"MUG": 2}), sent(shop, {"TEA": 1})
    mug, tea = line_of(shop, work.order_id, "MUG").id, line_of(shop, other.order_id, "TEA").id
    assert refusal(shop, work.order_id, RefundWish({mug: 3})) == "too_many_units"
    assert refusal(shop, work.order_id, RefundWish({mug: -1})) == "too_many_units"
    assert refusal(shop, work.order_id, RefundWish({tea: 1})) == "line_unknown"
    assert refusal(shop, work.order_id, RefundWish()) == "nothing_to_refund"
    with pytest.raises(Invalid):
        give(shop, work.order_id, RefundWish({mug: 1}, goodwill_minor=5))
    with pytest.raises(NotFound):
        shown(shop, "0192f000-0000-7000-8000-00000000ffff", WHOLE)


def test_refunding_what_was_not_sent_cancels_it(shop: Shop) -> None:
    placed = order(shop, {"TEA": 4}, paid=True)
    tea = line_of(shop, placed.order_id, "TEA").id
    before = available(shop, "TEA")
    give(shop, placed.order_id, RefundWish({tea: 1}))
    line = line_of(shop, placed.order_id, "TEA")
    assert (line.canceled, line.refunded) == (1, 0)
    assert available(shop, "TEA") == before + 1
    assert refusal(shop, placed.order_id, RefundWish(with_delivery=True)) == "delivery_not_refundable"
    check_books(shop, placed.order_id)


def test_a_remedy_is_done_when_its_refund_has_arrived(shop: Shop) -> None:
    work = sent(shop, {"MUG": 1})
    applied = give(shop, work.order_id, WHOLE)

    def status() -> str:
        with shop.db.begin() as tx:
            resolve.settle_remedies(tx, work.order_id)
            return str(remedies.of(tx, order_id=work.order_id)[0].status)

    assert (status(), applied.kind) == ("executing", "refund")
    shop.work()
    assert status() == "done"


# --- sending again ----------------------------------------------------------------------------------------------------


def again(shop: Shop, order_id: str, units: dict[str, int], command: str = "again", **options: Any) -> Applied:
    with shop.db.begin(actor=AGENT) as tx:
        return send_again.reship(tx, order_id, units, reason="damaged", command_id=command, **options)


def test_goods_are_sent_again_without_any_money(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    mug, books = line_of(shop, work.order_id, "MUG").id, accounts(shop)
    left = available(shop, "MUG")
    with shop.db.read() as tx:
        seen = send_again.preview_reship(tx, work.order_id, {mug: 1})
    assert seen.is_possible
    assert seen.cost_minor == 500 + work.parcel.cost_minor
    applied = again(shop, work.order_id, {mug: 1})
    assert again(shop, work.order_id, {mug: 1}).remedy_id == applied.remedy_id
    assert available(shop, "MUG") == left - 1
    assert accounts(shop) == books
    assert line_of(shop, work.order_id, "MUG").replaced == 1
    with shop.db.read() as tx:
        kinds = [(each.kind, each.status) for each in work_queries.of_order(tx, work.order_id)]
    assert sorted(kinds) == [("reship", "open"), ("sale", "handed_over")]
    assert mails(shop, "sent_again") == 1
    assert refusal(shop, work.order_id, RefundWish({mug: 2})) == "too_many_units"
    check_books(shop, work.order_id)


def test_sending_again_without_stock_is_refused_with_what_is_left(shop: Shop) -> None:
    work = sent(shop, {"BOWL": 2})
    bowl = line_of(shop, work.order_id, "BOWL").id
    with shop.db.read() as tx:
        seen = send_again.preview_reship(tx, work.order_id, {bowl: 1})
    assert [problem.code for problem in seen.problems] == ["short"]
    with pytest.raises(Refused, match="0 left in stock"):
        again(shop, work.order_id, {bowl: 1})
    assert line_of(shop, work.order_id, "BOWL").replaced == 0


def test_a_replacement_that_was_called_off_makes_room_for_a_refund(shop: Shop) -> None:
    work = sent(shop, {"MUG": 1})
    mug, free = line_of(shop, work.order_id, "MUG").id, available(shop, "MUG")
    again(shop, work.order_id, {mug: 1})
    with shop.db.begin(actor=AGENT) as tx:
        assert replacements.recount(tx, work.order_id) == {}
        extra = next(each for each in work_queries.of_order(tx, work.order_id) if each.kind == "reship")
        dispatch.cancel_fulfillment(tx, extra.id, "the customer wants the money")
        replacements.recount(tx, work.order_id)
        assert replacements.recount(tx, work.order_id) == {}
    assert available(shop, "MUG") == free
    assert give(shop, work.order_id, RefundWish({mug: 1})).amount_minor == 1250
    check_books(shop, work.order_id)


def test_what_was_refunded_is_not_sent_again(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    mug = line_of(shop, work.order_id, "MUG").id
    give(shop, work.order_id, RefundWish({mug: 1}))
    with pytest.raises(Refused, match="1 can be sent again, not 2"):
        again(shop, work.order_id, {mug: 2})


# --- people write -----------------------------------------------------------------------------------------------------


def report(shop: Shop, work: Work, lines: dict[str, int], reason: str = "damaged", text: str = "It is broken") -> Any:
    with shop.db.begin(actor="shopper") as tx:
        return reply.report_problem(tx, work.order_id, lines, reason, text, "report")


def test_a_problem_opens_one_conversation_with_the_order_beside_it(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    mug = line_of(shop, work.order_id, "MUG").id
    heard, second = report(shop, work, {mug: 1}), report(shop, work, {mug: 1})
    assert (heard.is_new, second.is_new, heard.number) == (True, False, second.number)
    with shop.db.read() as tx:
        thread = queries.thread_by_number(tx, heard.number)
        assert thread.conversation.order_number == work.order.number
        assert "1 x Mug (MUG)" in thread.messages[0].body
    assert mails(shop, "acknowledgement") == 1
    give(shop, work.order_id, RefundWish({mug: 1}), conversation_id=heard.conversation_id)
    with shop.db.read() as tx:
        assert queries.thread(tx, heard.conversation_id).conversation.status == "resolved"


def test_a_report_names_goods_that_were_sent(shop: Shop) -> None:
    work = sent(shop, {"MUG": 2})
    mug = line_of(shop, work.order_id, "MUG").id
    with pytest.raises(Refused, match="Choose which goods"):
        report(shop, work, {})
    with pytest.raises(Refused, match="2 were sent"):
        report(shop, work, {mug: 3})
    with pytest.raises(Invalid, match="Choose what is wrong"):
        report(shop, work, {mug: 1}, reason="boredom")
    with pytest.raises(Refused, match="card number"):
        report(shop, work, {mug: 1}, text="my card 4242 4242 4242 4242")


def test_the_contact_form_shows_an_order_only_to_its_own_address(shop: Shop) -> None:
    work = sent(shop, {"MUG": 1})
    with shop.db.begin(actor="shopper") as tx:
        mine = reply.contact(tx, work.order.email.upper(), "Mina", "Where is it?", work.order.number, "a")
        theirs = reply.contact(tx, "somebody@example.com", "Sam", "Where is it?", work.order.number, "b")
        assert queries.thread(tx, mine.conversation_id).conversation.order_id == work.order_id
        assert queries.thread(tx, theirs.conversation_id).conversation.order_id is None
        assert str(work.order.number) in queries.thread(tx, theirs.conversation_id).messages[0].body


def test_an_answer_is_mailed_once_and_never_on_top_of_another(shop: Shop, clock: VirtualClock) -> None:
    work = sent(shop, {"MUG": 1})
    heard = report(shop, work, {}, reason="not_arrived")
    with shop.db.read() as tx:
        seen = queries.thread(tx, heard.conversation_id).conversation.version
    with shop.db.begin(actor=AGENT) as tx:
        reply.agent_replies(tx, heard.conversation_id, "It is on its way.", "r1", seen)
    with shop.db.begin(actor=AGENT) as tx:
        assert not reply.agent_replies(tx, heard.conversation_id, "It is on its way.", "r1", seen).is_new
    clock.sleep(40 * SECOND)
    with pytest.raises(Conflict, match="Hand 0 replied 40 s ago"), shop.db.begin(actor="staff:other") as tx:
        reply.agent_replies(tx, heard.conversation_id, "We look into it.", "r2", seen)
    assert mails(shop, "agent_reply") == 1
    with shop.db.begin(actor="staff:other") as tx:
        reply.agent_replies(tx, heard.conversation_id, "We look into it.", "r2", seen, override=True)
    assert mails(shop, "agent_reply") == 2
    with shop.db.read() as tx:
        newest = tx.rows(select(mail).where(mail.c.template == "agent_reply").order_by(mail.c.id))[-1]
        assert heard.link.rpartition("/")[0] in newest.body_text
    with shop.db.begin(actor="shopper") as tx:
        assert reply.customer_writes(tx, heard.conversation_id, "Thank you", "w1").is_new
        assert conversations.lock(tx, heard.conversation_id).status == "open"


def test_a_note_never_goes_out(shop: Shop) -> None:
    work, secret = sent(shop, {"MUG": 2}), "swordfish"
    mug = line_of(shop, work.order_id, "MUG").id
    heard = report(shop, work, {mug: 1})
    with shop.db.begin(actor=AGENT) as tx:
        notes.write(tx, f"Careful: {secret}", "n1", conversation_id=heard.conversation_id, order_id=work.order_id)
    with shop.db.begin(actor=AGENT) as tx:
        row = conversations.lock(tx, heard.conversation_id)
        reply.agent_replies(tx, heard.conversation_id, "Sorry for that.", "r1", row.version)
    again(shop, work.order_id, {mug: 1}, conversation_id=heard.conversation_id)
    give(shop, work.order_id, RefundWish({mug: 1}), conversation_id=heard.conversation_id)
    shop.work()
    with shop.db.read() as tx:
        written = [f"{each.subject} {each.body_text}" for each in tx.rows(select(mail))]
        thread = queries.thread(tx, heard.conversation_id)
        assert [each.body for each in notes.of(tx, conversation_id=heard.conversation_id)] == [f"Careful: {secret}"]
    assert len(written) >= 5
    assert not any(secret in text for text in written)
    assert not any(secret in each.body for each in thread.messages)
    assert entries(shop, "order.taken_back") == 1
