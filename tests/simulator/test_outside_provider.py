"""The bank outside: what it does wrong on purpose, what becomes of it here, and how its book is held against ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outside_stage import Stage
from sqlalchemy import update

from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.tables import inbox
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.payments.tables import payment, refund
from storekeep.world.simulator import machinery, till
from storekeep.world.simulator.play import Broken

Open = Callable[..., Stage]

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


@pytest.fixture
def opened(db: Database, clock: VirtualClock, tmp_path: Path) -> Open:
    """Opens the stage with the troubles that are asked for."""
    return lambda **troubles: Stage(db, clock, tmp_path, **troubles)


def test_a_payment_is_heard_of_by_webhook_though_nobody_comes_back(opened: Open) -> None:
    stage = opened()
    stage.open_doors()
    order = stage.order()
    assert stage.pay(order)
    stage.pass_time(2 * machinery.NOTICE)
    assert stage.status(order) != "pending_payment"
    assert stage.play.tally["webhooks sent"] == 1


def test_a_lost_webhook_is_made_up_for_by_looking(opened: Open) -> None:
    stage = opened(webhook_lost=1.0)
    stage.open_doors()
    order = stage.order()
    stage.pay(order)
    stage.pass_time(3 * machinery.CHORES_EVERY)
    assert stage.play.tally["fault: webhook lost"] == 1
    assert stage.play.tally["webhooks sent"] == 0
    assert stage.status(order) != "pending_payment"


def test_a_doubled_and_late_webhook_has_one_effect(opened: Open) -> None:
    stage = opened(webhook_doubled=1.0, webhook_late=1.0)
    stage.open_doors()
    order = stage.order()
    stage.pay(order)
    stage.pass_time(75 * HOUR)
    assert stage.play.tally["webhooks sent"] == 2 * stage.play.tally["fault: webhook doubled"] > 0
    stage.come_to_rest()
    assert stage.payment(order).captured_minor == stage.payment(order).amount_minor
    assert stage.differences() == []


def test_a_forged_webhook_is_refused(opened: Open) -> None:
    stage = opened(webhook_forged=1.0)
    stage.open_doors()
    for _ in range(6):
        stage.pay(stage.order())
    stage.pass_time(HOUR)
    assert stage.play.tally["forged webhooks refused"] == stage.play.tally["fault: webhook forged"] >= 6
    with stage.db.read() as tx:
        assert not [row for row in tx.rows(inbox.select()) if "forged" in row.external_id]


def test_a_shop_that_believes_a_forged_webhook_is_found_out(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = opened(webhook_forged=1.0)

    def believe(self: Any, body: bytes, headers: Any, now: int) -> Any:
        genuine = self.signature(body)
        return read(self, body, genuine, now)

    read = MemoryProvider.verify_webhook
    monkeypatch.setattr(MemoryProvider, "verify_webhook", believe)
    stage.open_doors()
    order = stage.order()
    with pytest.raises(Broken, match="forged"):
        stage.pay(order)
        stage.pass_time(HOUR)


def test_a_webhook_is_told_again_until_the_program_is_back(opened: Open) -> None:
    stage = opened()
    stage.play.spawn("provider", stage.provider.deliver)
    stage.play.spawn("worker-1", lambda life: None)
    order = stage.order()
    stage.shop.work()
    stage.pay(order)
    stage.play.programs["web"].kill(3 * HOUR)
    stage.pass_time(2 * HOUR)
    assert stage.play.tally["answers lost"] > 2
    stage.pass_time(7 * HOUR)
    with stage.db.read() as tx:
        assert [row.kind for row in tx.rows(inbox.select())] == ["payment.webhook"]


def test_a_program_with_a_wrong_clock_hears_of_it_later(opened: Open) -> None:
    stage = opened()
    stage.open_doors()
    order = stage.order()
    web = stage.play.programs["web"]
    web.clock.skew = 30 * MINUTE
    stage.pay(order)
    stage.pass_time(5 * MINUTE)
    assert stage.play.tally["webhooks refused because of a wrong clock"] > 0
    web.clock.skew = 0
    stage.come_to_rest()
    assert stage.differences() == []


@pytest.mark.parametrize("trouble", ["timeout_before", "timeout_after", "unavailable"])
def test_calls_that_are_not_answered_happen_once_in_the_end(opened: Open, trouble: str) -> None:
    stage = opened(**{trouble: 0.5})
    stage.open_doors()
    placed = [stage.order() for _ in range(6)]
    stage.pass_time(5 * MINUTE)
    paid = [order for order in placed if stage.pay_if_open(order)]
    assert len(paid) >= 4
    stage.pass_time(5 * MINUTE)
    stage.cancel(paid[0])
    stage.pass_time(DAY)
    stage.come_to_rest()
    assert sum(n for what, n in stage.play.tally.items() if what.startswith("fault: provider")) >= 5
    assert stage.differences() == []
    assert stage.violations() == []
    assert len([each for each in stage.provider.book() if each.captured_minor]) == len(paid) - 1


def test_a_refund_that_comes_back_is_owed_again(opened: Open) -> None:
    stage = opened(refund_fails_late=1.0)
    stage.open_doors()
    order = stage.order()
    stage.pay(order)
    stage.pass_time(3 * HOUR)
    captured_then_canceled(stage, order)
    assert stage.refund(order).status == "succeeded"
    stage.pass_time(75 * HOUR)
    assert stage.refund(order).status == "failed"
    assert stage.payment(order).refunded_minor == 0
    assert stage.differences() == []


def captured_then_canceled(stage: Stage, order: str) -> None:
    """Give the whole order back after its money was taken."""
    from storekeep.flows import resolve

    stage.pass_time(DAY)
    assert stage.payment(order).captured_minor > 0
    with stage.db.begin(actor="agent") as tx:
        wish = resolve.RefundWish(goodwill_minor=500)
        resolve.refund(tx, order, wish, reason="goodwill", command_id=f"refund {order}")
    stage.pass_time(HOUR)


def test_a_bank_that_thinks_for_hours_is_waited_for_or_given_back(opened: Open) -> None:
    stage = opened()
    stage.open_doors()
    placed = [stage.order() for _ in range(8)]
    for order in placed:
        assert stage.pay(order, till.LATE)
    assert {seen.status for seen in stage.provider.book()} == {"processing"}
    stage.pass_time(DAY)
    assert {seen.status for seen in stage.provider.book()} <= {"authorized", "captured", "declined", "canceled"}
    stage.come_to_rest()
    assert stage.differences() == []
    assert stage.violations() == []


def test_cards_do_what_their_numbers_say(opened: Open) -> None:
    stage = opened()
    stage.open_doors()
    declined, poor, fine = stage.order(), stage.order(), stage.order()
    assert not stage.pay(declined, till.DECLINED)
    assert not stage.pay(poor, till.NO_FUNDS)
    assert stage.pay(poor, till.GOOD)
    while not stage.pay(fine, till.CHALLENGE):
        pass
    stage.pass_time(HOUR)
    assert [stage.status(each) == "pending_payment" for each in (poor, fine)] == [False, False]
    assert stage.payment(declined).authorized_minor == 0


def test_an_authorization_that_nobody_captures_runs_out_and_we_hear_of_it(opened: Open) -> None:
    stage = opened()
    stage.play.spawn("provider", stage.provider.deliver)
    order = stage.order()
    stage.shop.work()
    stage.pay(order)
    stage.pass_time(8 * DAY)
    stage.shop.work()
    assert [seen.status for seen in stage.provider.book()] == ["canceled"]
    assert stage.payment(order).authorized_minor == 0


# The oracle ---------------------------------------------------------------------------------------------------------


def busy(stage: Stage) -> tuple[str, str]:
    """A captured order with a refund, and one that was canceled before its money was taken."""
    stage.open_doors()
    kept, canceled = stage.order(), stage.order({"TEA": 1})
    stage.pay(kept)
    stage.pay(canceled)
    stage.pass_time(10 * MINUTE)
    stage.cancel(canceled)
    captured_then_canceled(stage, kept)
    stage.pass_time(DAY)
    assert stage.differences() == []
    return kept, canceled


def tamper(stage: Stage, table: Any, order: str, **values: Any) -> None:
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(table).where(table.c.order_id == order).values(**values))


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        (payment, {"captured_minor": 999}, "captured is 999 here"),
        (payment, {"refunded_minor": 0}, "refunded is 0 here and 500"),
        (payment, {"provider_ref": "pi_of_nobody"}, "reference is pi_of_nobody"),
        (refund, {"status": "unknown"}, "unknown here and succeeded"),
        (refund, {"amount_minor": 499}, "is none of ours"),
    ],
)
def test_a_difference_in_our_book_is_named(opened: Open, table: Any, values: dict[str, Any], said: str) -> None:
    stage = opened()
    kept, _ = busy(stage)
    tamper(stage, table, kept, **values)
    assert any(said in each for each in stage.differences())


def test_money_that_only_the_provider_knows_of_is_named(opened: Open) -> None:
    stage = opened()
    busy(stage)
    memory = stage.provider.memory
    shown = stage.provider.book()[0]
    strange = memory.open_session(
        key="k", order_ref=str(shown.order_ref), attempt_id="of-nobody", amount_minor=100, currency="EUR",
        description="", success_url="", cancel_url="", customer_email="",
    )  # fmt: skip
    memory.shopper_pays(strange.session_ref)
    assert any("belongs to no payment of ours" in each for each in stage.differences())


def test_money_that_only_we_know_of_is_named(opened: Open) -> None:
    stage = opened()
    _, canceled = busy(stage)
    tamper(stage, payment, canceled, authorized_minor=100)
    assert any("set aside is 100 here and 0" in each for each in stage.differences())
    stage.provider.memory._by_session.clear()
    assert sum("the provider knows nothing of" in each for each in stage.differences()) == 2


def test_money_kept_for_a_canceled_order_is_named(opened: Open) -> None:
    stage = opened()
    kept, _ = busy(stage)
    with stage.db.begin(actor="tamperer") as tx:
        from storekeep.shop.orders.tables import sales_order

        tx.run(update(sales_order).where(sales_order.c.id == kept).values(status="canceled"))
    assert any("are kept" in each for each in stage.differences())


def test_an_order_that_is_charged_twice_is_named(opened: Open) -> None:
    stage = opened()
    kept, _ = busy(stage)
    second = stage.order({"TEA": 2})
    stage.pay(second)
    stage.pass_time(HOUR)
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(payment).where(payment.c.order_id == second).values(order_id=kept))
    assert any("is charged 2 times" in each for each in stage.differences())
