"""The post outside: it delays, bounces and loses its answers, and its book is held against our mails."""

from collections.abc import Callable
from pathlib import Path

import pytest
from outside_stage import Stage
from sqlalchemy import delete, select, update

from storekeep.kernel.clock import HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.notify.tables import mail

Open = Callable[..., Stage]

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


@pytest.fixture
def opened(db: Database, clock: VirtualClock, tmp_path: Path) -> Open:
    return lambda **troubles: Stage(db, clock, tmp_path, **troubles)


def busy(stage: Stage, count: int = 4, **troubles: float) -> None:
    """Some orders are paid, so that some mails are written; `troubles` begin when the money is there."""
    stage.open_doors(reports=False)
    for order in [stage.order({"TEA": 1}) for _ in range(count)]:
        stage.pay(order)
    if troubles:
        stage.troubled(**troubles)
    stage.pass_time(HOUR)


def statuses(stage: Stage) -> list[str]:
    with stage.db.read() as tx:
        return [row.status for row in tx.rows(select(mail.c.status).order_by(mail.c.id))]


def test_every_mail_is_taken_once(opened: Open) -> None:
    stage = opened()
    busy(stage)
    assert set(statuses(stage)) == {"sent"}
    assert set(stage.mailer.accepted.values()) == {1}
    assert stage.differences() == []


def test_a_busy_server_has_the_mail_in_the_end(opened: Open) -> None:
    stage = opened(mail_delayed=1.0)
    busy(stage, 6)
    assert "queued" in statuses(stage)
    stage.come_to_rest(12 * HOUR)
    assert set(statuses(stage)) == {"sent"}
    assert stage.differences() == []


def test_an_address_that_nobody_has_is_not_tried_again(opened: Open) -> None:
    stage = opened(mail_bounced=1.0)
    busy(stage, 1)
    assert set(statuses(stage)) == {"failed"}
    assert stage.play.tally["fault: mail bounced"] == len(statuses(stage))
    assert stage.mailer.accepted.total() == 0
    assert stage.differences() == []


def test_only_a_share_of_the_addresses_is_bad_and_stays_so(opened: Open) -> None:
    stage = opened(mail_bounced=0.3)
    bad = [stage.mailer.bounces(f"mina{n}@example.com") for n in range(500)]
    assert 100 < sum(bad) < 200
    assert bad == [stage.mailer.bounces(f"mina{n}@example.com") for n in range(500)]


def test_a_mail_whose_answer_was_lost_goes_out_again_and_that_is_no_difference(opened: Open) -> None:
    stage = opened(mail_answer_lost=0.5)
    busy(stage, 8)
    stage.come_to_rest(3 * HOUR)
    assert max(stage.mailer.accepted.values()) > 1
    assert set(statuses(stage)) == {"sent"}
    assert stage.differences() == []


def test_a_worker_that_dies_after_sending_may_send_again(opened: Open) -> None:
    stage = opened()
    busy(stage, 16, killed=0.05)
    stage.pass_time(5 * HOUR)
    stage.come_to_rest(3 * HOUR)
    assert stage.play.tally["fault: killed after mail.send"] > 0
    assert max(stage.mailer.accepted.values()) > 1
    assert stage.differences() == []


def test_a_mail_that_is_sent_again_for_no_reason_is_named(opened: Open) -> None:
    stage = opened()
    busy(stage, 1)
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(mail).values(status="queued", sent_at=None))
        ids = [row.id for row in tx.rows(select(mail.c.id))]
    from storekeep.shop.notify import sender

    for worker in ("worker-1", "worker-2"):
        services = stage.play.programs[worker].enter().services
        for _ in range(2):
            sender.deliver_many(stage.db, services.mailer, ids)
            with stage.db.begin(actor="tamperer") as tx:
                tx.run(update(mail).values(status="queued", sent_at=None))
    assert any("sent again for no reason" in each for each in stage.differences())


def test_a_mail_that_is_marked_as_sent_but_never_was_is_named(opened: Open) -> None:
    stage = opened()
    busy(stage, 1)
    stage.mailer.accepted.clear()
    assert any("the post never had it" in each for each in stage.differences())


def test_a_mail_that_we_know_nothing_of_is_named(opened: Open) -> None:
    stage = opened()
    busy(stage, 1)
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(delete(mail))
    assert any("is no mail of ours" in each for each in stage.differences())
