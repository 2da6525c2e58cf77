"""A bank that is down, slow or silent, parcels that nobody scans; what may be wrong for hours, but not for a day."""

from collections.abc import Callable
from pathlib import Path

import pytest
from outside_stage import Stage
from sqlalchemy import update

from storekeep.flows import resolve
from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.tables import outbox
from storekeep.shop.payments.tables import payment
from storekeep.shop.shipping.tables import label_purchase
from storekeep.world.simulator.outside import bank_book, labels
from storekeep.world.simulator.outside.ways import way_of
from storekeep.world.simulator.play import Broken
from storekeep.world.simulator.trouble import Trouble

Open = Callable[..., Stage]

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


@pytest.fixture
def opened(db: Database, clock: VirtualClock, tmp_path: Path) -> Open:
    """Opens the stage with the troubles that are asked for."""
    return lambda **troubles: Stage(db, clock, tmp_path, **troubles)


def paid(opened: Open) -> tuple[Stage, str]:
    """A stage without trouble, and an order on it that was paid for ten minutes ago."""
    stage = opened()
    stage.open_doors()
    order = stage.order()
    stage.pay(order)
    stage.pass_time(10 * MINUTE)
    return stage, order


@pytest.mark.parametrize("trouble", ["provider_down_days", "capture_slow", "money_timeout"])
def test_what_a_bank_does_late_or_in_silence_happens_once_in_the_end(opened: Open, trouble: str) -> None:
    stage = opened(**{trouble: 1.0 if trouble != "money_timeout" else 0.4})
    stage.open_doors()
    stage.play.spawn("trouble", stage.provider.break_down)
    settled = []
    for _ in range(24):
        order = stage.order({"TEA": 1})
        if stage.pay_if_open(order):
            settled.append(order)
        stage.pass_time(2 * HOUR)
    last = stage.order({"TEA": 1})
    stage.pay_if_open(last)
    stage.pass_time(5 * MINUTE)
    stage.cancel(last)
    with stage.db.begin(actor="agent") as tx:
        wish = resolve.RefundWish(goodwill_minor=100)
        resolve.refund(tx, settled[0], wish, reason="goodwill", command_id="sorry")
    stage.pass_time(DAY)
    stage.come_to_rest()
    assert any(what.startswith(("fault: provider", "fault: card not")) for what in stage.play.tally)
    assert stage.differences() == []
    assert stage.violations() == []
    assert stage.told(lambda tx: bank_book.money_too_much(tx, stage.provider)) == []


def test_one_refund_of_ours_is_never_paid_out_twice(opened: Open) -> None:
    stage = opened(refund_fails_late=1.0)
    stage.open_doors()
    order = stage.order()
    stage.pay(order)
    stage.pass_time(DAY)
    ref = stage.payment(order).provider_ref
    bank = stage.play.programs["web"].enter().services.providers["memory"]
    first = bank.refund(ref, 10, "refund one, try 1", "refund one")
    assert bank.refund(ref, 10, "refund one, try 1", "refund one") == first
    with pytest.raises(Broken, match="refund one was paid out twice"):
        bank.refund(ref, 10, "refund one, try 2", "refund one")
    other = bank.refund(ref, 10, "refund two, try 1", "refund two")
    stage.pass_time(4 * DAY)  # the buyer's bank sends both of them back
    assert bank.refund(ref, 10, "refund two, try 2", "refund two").ref != other.ref


def test_money_that_stays_at_the_bank_for_a_canceled_order_is_named(opened: Open) -> None:
    stage, order = paid(opened)

    def too_much() -> list[str]:
        return stage.told(lambda tx: bank_book.money_too_much(tx, stage.provider))

    assert too_much() == []
    stage.cancel(order)
    assert too_much() == [], "somebody is about to give it back"
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(outbox).where(outbox.c.kind == "payment.void").values(status="done", done_at=tx.now))
    stage.pass_time(DAY)
    assert [each.split(", but ")[1] for each in too_much()] == ["the provider holds 2990"]
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(outbox).where(outbox.c.kind == "payment.void").values(status="due", done_at=None))
    stage.pass_time(DAY)
    assert too_much() == []


def test_a_payment_that_we_believe_to_be_taken_is_named(opened: Open) -> None:
    stage, _ = paid(opened)
    assert stage.told(lambda tx: bank_book.money_misjudged(tx, stage.provider)) == []
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(payment).values(captured_minor=payment.c.amount_minor))
    misjudged = stage.told(lambda tx: bank_book.money_misjudged(tx, stage.provider))
    assert [each.partition(": ")[2] for each in misjudged] == ["captured is 2990 here and 0 there"]


def test_a_label_that_was_sold_and_is_not_known_as_bought_is_named(opened: Open) -> None:
    stage = opened()
    stage.open_doors(reports=False)
    stage.pay(stage.order())
    stage.pass_time(DAY)

    def unknown() -> list[str]:
        return stage.told(lambda tx: labels.labels_unknown(tx, stage.carriers))

    assert unknown() == []
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(label_purchase).values(status="refused"))
    assert [each.rpartition(" which is ")[2] for each in unknown()] == ["refused here"]


def test_half_of_the_parcels_that_nobody_scans_turn_up_after_days() -> None:
    trouble = Trouble(parcel_unseen=1.0, scan_doubled=1.0)
    ways = [way_of(1, trouble, "swallow", f"SW{n}", 0, 8 * HOUR) for n in range(200)]
    seen = [way for way in ways if way]
    assert 60 < len(seen) < 140
    assert min(way[0].at for way in seen) > 4 * DAY
