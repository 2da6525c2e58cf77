"""Money comes in: on time, twice, late, or with no answer at all."""

from pathlib import Path
from typing import Any

import pytest

import make
from make import Shop
from storekeep.flows import cancel, checkout, expire, settle
from storekeep.kernel import inbox
from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.queue import Again, Done
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments import attempts, ledger
from storekeep.shop.payments.tables import ledger_balance, payment_attempt, payment_event, refund
from storekeep.shop.payments.tables import payment as payment_table


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path)


def order_row(shop: Shop, order_id: str) -> Any:
    with shop.db.read() as tx:
        return tx.first(sales_order.select().where(sales_order.c.id == order_id))


def payment_of(shop: Shop, order_id: str) -> Any:
    with shop.db.read() as tx:
        return attempts.of_order(tx, order_id)[-1]


def attempt_statuses(shop: Shop, order_id: str) -> list[str]:
    with shop.db.read() as tx:
        rows = tx.rows(
            payment_attempt.select().where(payment_attempt.c.order_id == order_id).order_by(payment_attempt.c.n)
        )
        return [row.status for row in rows]


def left(shop: Shop, sku: str) -> int:
    with shop.db.read() as tx:
        return availability_of(tx, [shop.variants[sku]])[shop.variants[sku]].available


def books_balance(shop: Shop) -> bool:
    with shop.db.read() as tx:
        return sum(row.amount_minor for row in tx.rows(ledger_balance.select())) == 0


def mails(shop: Shop, template: str) -> int:
    with shop.db.read() as tx:
        return len(tx.rows(mail.select().where(mail.c.template == template)))


def test_looking_at_a_payment_many_times_finds_the_same_once(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 1}, paid=True)
    for _ in range(3):
        settle.observe(shop.house.services, payment_of(shop, placed.order_id).id)
    with shop.db.read() as tx:
        assert [row.kind for row in tx.rows(payment_event.select())] == ["authorized"]
    assert mails(shop, "order_confirmation") == 1


def test_several_payments_seen_together_are_each_folded_once(shop: Shop) -> None:
    first, second, unpaid = (make.order(shop, {"MUG": 1}).order_id for _ in range(3))
    payments = [payment_of(shop, order_id) for order_id in (first, second, unpaid)]
    for payment in payments[:2]:
        shop.provider.shopper_pays(payment.session_ref)
    with shop.db.begin() as tx:
        attempts.take_leases(tx, [payments[1].id])
    ids = [payment.id for payment in payments]
    answers = settle.observe_many(shop.house.services, ids)
    assert [type(answer) for answer in answers] == [Done, Again, Done]
    shop.clock.sleep(MINUTE)
    assert settle.observe_many(shop.house.services, ids) == [Done(), Done(), Done()]
    statuses = [order_row(shop, order_id).status for order_id in (first, second, unpaid)]
    assert statuses == ["open", "open", "pending_payment"]
    assert mails(shop, "order_confirmation") == 2


def test_a_webhook_told_twice_has_one_effect(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 1})
    payment = payment_of(shop, placed.order_id)
    shop.provider.shopper_pays(payment.session_ref)
    for n in range(2):
        for number, (body, headers) in enumerate(shop.provider.deliveries(twice=True)):
            event = shop.provider.verify_webhook(body, headers, shop.clock.now())
            told = {
                "provider": "memory",
                "session_ref": event.session_ref or "",
                "payment_ref": event.payment_ref or "",
            }
            arrival = inbox.Arrival(
                "memory", f"{event.event_id}{n}{number}", "payment.webhook", body.decode(), told, "money"
            )
            with shop.db.begin(actor="provider") as tx:
                inbox.store(tx, [arrival])
    shop.work()
    assert order_row(shop, placed.order_id).payment_status == "authorized"
    assert mails(shop, "order_confirmation") == 1


def test_a_call_without_an_answer_is_unknown_until_the_same_key_is_asked_again(shop: Shop, clock: VirtualClock) -> None:
    shop.provider.fail_next("open_session", "timeout_after_effect")
    placed = make.place(shop, make.cart(shop, {"MUG": 1}))
    shop.work()
    assert attempt_statuses(shop, placed.order_id) == ["unknown"]  # type: ignore[union-attr]
    clock.sleep(MINUTE)
    shop.work()
    assert attempt_statuses(shop, placed.order_id) == ["requires_action"]  # type: ignore[union-attr]
    assert len(shop.provider.payments()) <= 1


def test_a_declined_card_leaves_the_order_to_be_paid_again(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 1})
    make.pay(shop, placed.order_id, "decline")
    assert order_row(shop, placed.order_id).status == "pending_payment"
    make.pay(shop, placed.order_id, "succeed")
    assert order_row(shop, placed.order_id).status == "open"


def expire_now(shop: Shop) -> list[str]:
    shop.clock.sleep(31 * MINUTE)
    with shop.db.begin(actor="worker") as tx:
        expire.ask_overdue(tx)
    shop.work()
    with shop.db.begin(actor="worker") as tx:
        return expire.expire_unpaid(tx)


def test_an_unpaid_order_expires_and_gives_its_goods_back(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 3})
    assert left(shop, "MUG") == 17
    assert expire_now(shop) == [placed.order_id]
    assert order_row(shop, placed.order_id).status == "expired"
    assert left(shop, "MUG") == 20
    assert mails(shop, "order_expired") == 1


def late(shop: Shop, order_id: str) -> None:
    """The provider says that it was paid, after all was over: the page was not closed in time."""
    payment = payment_of(shop, order_id)
    seen = shop.provider.read(payment.session_ref)
    assert seen.attempt_id is not None
    from dataclasses import replace

    paid = replace(
        seen,
        session_status="complete",
        payment_ref="pi_late",
        status="authorized",
        authorized_minor=seen.amount_minor,
        capturable_minor=seen.amount_minor,
    )
    with shop.db.begin(actor="provider") as tx:
        settle.fold(tx, payment.id, paid)


def test_money_that_was_set_aside_and_given_back_between_two_looks_confirms_nothing(
    shop: Shop, clock: VirtualClock
) -> None:
    order_id = make.order(shop, {"MUG": 2}).order_id
    clock.sleep(HOUR * 2)
    # Paid at the last second, and nobody heard of it before the bank gave the money back.
    session = payment_of(shop, order_id).session_ref
    shop.provider.void(key="at the bank", payment_ref=shop.provider.shopper_pays(session).payment_ref)
    with shop.db.begin(actor="janitor") as tx:
        expire.ask_overdue(tx)
    shop.work()

    payment, row = payment_of(shop, order_id), order_row(shop, order_id)
    assert (payment.authorized_minor, row.authorized_minor) == (0, 0)
    assert (row.status, row.payment_status) == ("pending_payment", "unpaid")
    assert mails(shop, "order_confirmation") == 0

    with shop.db.begin(actor="janitor") as tx:
        assert expire.expire_unpaid(tx) == [order_id]
    assert left(shop, "MUG") == 20


def test_who_paid_in_the_last_second_has_bought_even_when_no_webhook_came(shop: Shop, clock: VirtualClock) -> None:
    order_id = make.order(shop, {"MUG": 2}).order_id
    clock.sleep(HOUR * 2)
    shop.provider.shopper_pays(payment_of(shop, order_id).session_ref)
    with shop.db.begin(actor="janitor") as tx:
        expire.ask_overdue(tx)
    shop.work()
    row = order_row(shop, order_id)
    assert (row.status, row.payment_status, row.authorized_minor) == ("open", "authorized", row.total_minor)


def test_an_order_paid_on_two_pages_keeps_one_and_gives_the_other_back(shop: Shop) -> None:
    order_id = make.order(shop, {"MUG": 1}).order_id
    first = payment_of(shop, order_id)
    shop.provider.shopper_pays(first.session_ref, "decline")
    settle.observe(shop.house.services, first.id)
    with shop.db.begin(actor="shopper") as tx:
        assert settle.pay_again(tx, order_id, "memory") is not None
    shop.work()
    with shop.db.read() as tx:
        pages = tx.rows(payment_table.select().where(payment_table.c.order_id == order_id).order_by(payment_table.c.id))
    assert len(pages) == 2
    for page in pages:
        shop.provider.shopper_pays(page.session_ref)
    settle.observe_many(shop.house.services, [page.id for page in pages])
    shop.work()
    row = order_row(shop, order_id)
    assert (row.status, row.authorized_minor) == ("open", row.total_minor)
    assert sorted(each.status for each in shop.provider.payments()) == ["authorized", "canceled"]


def test_the_page_of_a_paid_orders_other_try_is_closed(shop: Shop) -> None:
    order_id = make.order(shop, {"MUG": 1}).order_id
    first = payment_of(shop, order_id)
    shop.provider.shopper_pays(first.session_ref, "decline")
    settle.observe(shop.house.services, first.id)
    with shop.db.begin(actor="shopper") as tx:
        settle.pay_again(tx, order_id, "memory")
    shop.work()
    with shop.db.read() as tx:
        mine = payment_table.c.order_id == order_id
        second = tx.rows(payment_table.select().where(mine).order_by(payment_table.c.id))[1]
    shop.provider.shopper_pays(second.session_ref)
    settle.observe(shop.house.services, second.id)
    shop.work()
    assert shop.provider.read(first.session_ref).session_status == "expired"


def test_money_that_comes_after_the_order_expired_reopens_it_when_the_goods_are_there(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 3})
    expire_now(shop)
    late(shop, placed.order_id)
    assert order_row(shop, placed.order_id).status == "open"
    assert left(shop, "MUG") == 17


def test_money_that_comes_after_the_goods_are_gone_goes_back(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 3})
    expire_now(shop)
    make.order(shop, {"MUG": 18}, paid=True)
    late(shop, placed.order_id)
    assert order_row(shop, placed.order_id).status == "expired"
    assert left(shop, "MUG") == 2
    assert mails(shop, "late_payment") == 1
    with shop.db.read() as tx:
        from storekeep.kernel.tables import outbox

        keys = [row.key for row in tx.rows(outbox.select().where(outbox.c.kind == "payment.void"))]
    assert any(key.startswith("void:") for key in keys)


def test_a_card_that_settles_after_the_order_was_called_off_in_vain_is_given_back_then(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 1})
    payment = payment_of(shop, placed.order_id)
    shop.provider.shopper_pays(payment.session_ref, "settle_late")
    settle.observe(shop.house.services, payment.id)
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, placed.order_id, reason="changed my mind", command_id="c1")
    shop.work()  # the page is complete and the bank has not answered: there is nothing to give back yet
    assert [each.status for each in shop.provider.payments()] == ["processing"]
    shop.provider.settle(payment.session_ref)
    settle.observe(shop.house.services, payment.id)
    shop.work()
    assert [each.status for each in shop.provider.payments()] == ["canceled"]
    assert attempt_statuses(shop, placed.order_id) == ["voided"]


def test_canceling_before_the_pick_voids_the_money_and_frees_the_goods(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 2, "TEA": 1}, paid=True)
    with shop.db.begin(actor="shopper") as tx:
        assert cancel.cancel_order(tx, placed.order_id, reason="changed my mind", command_id="c1") == 0
    shop.work()
    order = order_row(shop, placed.order_id)
    assert (order.status, order.payment_status, order.owed_minor) == ("canceled", "voided", 0)
    assert attempt_statuses(shop, placed.order_id) == ["voided"]
    assert (left(shop, "MUG"), left(shop, "TEA")) == (20, 50)
    with shop.db.begin(actor="shopper") as tx:
        assert cancel.cancel_order(tx, placed.order_id, reason="again", command_id="c1") == 0
    assert mails(shop, "canceled") == 1
    assert books_balance(shop)


def test_canceling_part_of_a_line_takes_exactly_its_share_off_what_is_owed(shop: Shop) -> None:
    placed = make.order(shop, {"MUG": 3, "TEA": 1}, paid=True)
    with shop.db.read() as tx:
        from storekeep.shop.orders import store

        lines = {line.sku: line.id for line in store.lines_of(tx, [placed.order_id])}
    with shop.db.begin(actor="staff:x") as tx:
        cancel.cancel_units(tx, placed.order_id, {lines["MUG"]: 2}, reason="too many", command_id="c1")
    order = order_row(shop, placed.order_id)
    assert order.owed_minor == placed.total_minor - 2 * 1250
    assert (order.status, order.payment_status) == ("open", "authorized")
    assert left(shop, "MUG") == 19


def test_a_stuck_attempt_is_found_by_the_janitor(shop: Shop, clock: VirtualClock) -> None:
    placed = make.order(shop, {"MUG": 1})
    shop.provider.shopper_pays(payment_of(shop, placed.order_id).session_ref)
    clock.sleep(2 * MINUTE)
    with shop.db.begin(actor="worker") as tx:
        assert settle.janitor(tx) == 1
    shop.work()
    assert order_row(shop, placed.order_id).payment_status == "authorized"


def test_a_hold_that_ran_out_frees_its_goods(shop: Shop, clock: VirtualClock) -> None:
    make.cart(shop, {"MUG": 5})
    assert left(shop, "MUG") == 15
    clock.sleep(11 * MINUTE)
    with shop.db.begin(actor="worker") as tx:
        expire.expire_holds(tx)
    assert left(shop, "MUG") == 20


def test_the_ledger_refuses_an_entry_that_does_not_balance(shop: Shop) -> None:
    wrong = ledger.EntryDraft(
        "test", "order", "x", "k", "EUR", (ledger.PostingDraft("1000", 5), ledger.PostingDraft("2300", -4))
    )
    with pytest.raises(ledger.Unbalanced), shop.db.begin() as tx:
        ledger.post(tx, [wrong])


def test_a_shop_without_its_provider_says_what_to_set(shop: Shop) -> None:
    cart_id = make.cart(shop, {"MUG": 1})
    with shop.db.begin(actor="shopper") as tx:
        placed = checkout.place_one(tx, checkout.PlaceOrder(cart_id, provider="nobody"))
    shop.work()
    with shop.db.read() as tx:
        from storekeep.kernel.tables import outbox

        row = tx.first(outbox.select().where(outbox.c.key == placed.payment_key))
    assert row is not None
    assert row.status == "due"
    assert "STRIPE_API_KEY" in row.last_error


def test_a_refund_that_came_back_is_seen_even_when_its_webhook_was_lost(shop: Shop, clock: VirtualClock) -> None:
    order_id = make.order(shop, {"MUG": 1}, paid=True).order_id
    with shop.db.begin(actor="hand") as tx:
        attempts.request_capture(tx, order_id, order_row(shop, order_id).total_minor)
    shop.work()
    with shop.db.begin(actor="agent") as tx:
        cancel.cancel_order(tx, order_id, reason="not wanted", command_id="one")
    shop.work()
    with shop.db.read() as tx:
        given = tx.rows(refund.select().where(refund.c.order_id == order_id))[0]
    assert given.status == "succeeded"
    shop.provider.fail_refund_later(given.provider_ref)
    shop.provider.deliveries(drop=True)
    clock.sleep(DAY)
    with shop.db.begin(actor="worker") as tx:
        assert settle.look_again(tx) == 1
    shop.work()
    with shop.db.read() as tx:
        assert tx.rows(refund.select().where(refund.c.order_id == order_id))[0].status == "failed"
        assert settle.look_again(tx) == 0
