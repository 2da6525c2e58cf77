"""Accounts that are disabled at work: the next request is refused, and others take over what was begun."""

from pathlib import Path

import pytest
from outside_stage import Stage
from sqlalchemy import select, text

from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access.tables import staff, staff_session
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.support import conversations
from storekeep.shop.support.conversations import NewConversation
from storekeep.shop.support.tables import conversation
from storekeep.world.simulator.cast import leavers
from storekeep.world.simulator.play import Broken

#: What is tested here is the played cast; the shop itself is tested on both.
ENGINES = ("sqlite",)

#: Owners whose dice say so: one disables a hand, the other an agent.
OWNERS = {"warehouse": "owner 4", "agent": "owner 3"}


@pytest.fixture
def stage(db: Database, clock: VirtualClock, tmp_path: Path) -> Stage:
    """A shop with a paid order that nobody has begun to pick, and a letter that nobody has answered."""
    stage = Stage(db, clock, tmp_path, staff_disabled_days=1.0)
    stage.open_doors()
    stage.pay(stage.order())
    stage.pass_time(5 * MINUTE)
    with db.begin() as tx:
        conversations.open_many(tx, [NewConversation("mina@example.com", "Mina", "A question")])
    return stage


def works(stage: Stage, role: str) -> None:
    stage.play.spawn(OWNERS[role], leavers.keep_out)
    stage.pass_time(MINUTE)


def test_a_hand_is_kept_out_between_two_scans_and_another_finishes_the_work(stage: Stage) -> None:
    works(stage, "warehouse")
    assert stage.play.tally["fault: warehouse account disabled at work"] == 1
    assert stage.play.tally["requests of disabled accounts refused"] == 2
    work = stage.row(select(fulfillment))
    assert (work.status, work.claimed_by) == ("picking", stage.row(select(staff.c.id)).id)
    stage.pass_time(10 * MINUTE)
    assert stage.play.tally["work of disabled accounts given back"] == 1
    stage.pass_time(DAY)
    assert stage.row(select(fulfillment)).status == "handed_over"
    assert stage.violations() == []


def test_the_letters_of_an_agent_go_back_to_everybody_and_to_no_one_who_was_kept_out(stage: Stage) -> None:
    works(stage, "agent")
    assert stage.play.tally["fault: agent account disabled at work"] == 1
    assert stage.row(select(conversation)).assignee_id is not None
    stage.pass_time(10 * MINUTE)
    assert stage.play.tally["conversations of disabled accounts handed on"] == 1
    letter = stage.row(select(conversation))
    assert (letter.status, letter.assignee_id) == ("open", None)
    assert stage.row(select(staff_session)).ended_at is not None


def test_an_account_is_let_in_again_and_kept_out_again(stage: Stage) -> None:
    for _ in range(2):
        works(stage, "warehouse")
        stage.pass_time(HOUR)
    assert stage.play.tally["requests of disabled accounts refused"] == 4
    with stage.db.read() as tx:
        assert [row.status for row in tx.rows(select(staff))] == ["disabled"]


def test_a_door_that_lets_a_disabled_account_in_is_noticed(stage: Stage) -> None:
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(
            text(
                "CREATE TRIGGER never_out AFTER UPDATE OF status ON staff WHEN new.status = 'disabled' "
                "BEGIN UPDATE staff SET status = 'active' WHERE id = new.id; END"
            )
        )
        tx.run(
            text(
                "CREATE TRIGGER never_ends AFTER UPDATE OF ended_at ON staff_session WHEN new.ended_at IS NOT NULL "
                "BEGIN UPDATE staff_session SET ended_at = NULL WHERE token_hash = new.token_hash; END"
            )
        )
    with pytest.raises(Broken, match=r"kept out: warehouse .* went on working with a disabled account"):
        works(stage, "warehouse")
