"""Two workers on one outbox: one is held up past its leases while the other does its work, and finishes late.

Whatever the late one still does must change nothing that the other has done.
"""

import random

import pytest
from faultbooks import waiting
from faultplay import MOST
from faultports import Breaking, Counting, Killing
from faultrun import Tally, break_at, chosen, rehearse
from faultstage import PAST_LEASES, Stage, Theatre
from faultstory import STORIES

from storekeep.flows import settle
from storekeep.world.simulator.programs import Killed

#: Where a program may be held up: nobody else can get past it while it is in a transaction.
POINTS = ("before", "after")
WITH_CALLS = sorted(
    set(STORIES) - {"a cart is filled", "goods are held at the checkout", "work is claimed", "a parcel is lost"}
)


class Stalling(Breaking):
    """At place k the program stands still for longer than its leases last; meanwhile another one works."""

    def _break(self, place: str) -> None:
        stage = self.stage
        late = stage.house
        stage.clock.sleep(PAST_LEASES)
        if self.k % 2:
            self._one_dies(stage)
        stage.ports = Counting()
        stage.boot().worker.drain()
        stage.ports, stage.house = self, late

    def _one_dies(self, stage: Stage) -> None:
        """The first that takes over is killed at its work, and its leases run out as well."""
        stage.ports = Killing(random.Random(self.k).randint(1, 60))
        try:
            stage.boot().worker.drain()
        except Killed:
            stage.clock.sleep(PAST_LEASES)


def workers(k: int) -> int:
    """How many take up the same work in turn, each of whom may have sent a mail that it could not note any more."""
    return 3 if k % 2 else 2


@pytest.mark.parametrize("name", WITH_CALLS)
def test_a_worker_that_finishes_late_overwrites_nothing(theatre: Theatre, late_tally: Tally, name: str) -> None:
    expected = rehearse(theatre, STORIES[name])
    late_tally.met(name, len(chosen(expected.places, None, name, POINTS)))
    for k in chosen(expected.places, MOST[theatre.db.dialect][2], f"late {name}", POINTS):
        assert break_at(theatre, STORIES[name], Stalling(k), expected, late_tally, copies=workers(k))
    assert not late_tally.unhandled


@pytest.mark.long
@pytest.mark.parametrize("name", WITH_CALLS)
def test_a_worker_is_held_up_at_every_point(theatre: Theatre, late_tally: Tally, name: str) -> None:
    expected = rehearse(theatre, STORIES[name])
    for k in chosen(expected.places, None, name, POINTS):
        assert break_at(theatre, STORIES[name], Stalling(k), expected, late_tally, copies=workers(k))


def test_two_workers_step_by_turns_and_every_job_is_done_once(theatre: Theatre) -> None:
    stage = theatre.stage(Counting())
    press, *_ = STORIES["a batch of orders is placed"].steps
    press(stage)
    first = stage.house
    second = stage.boot()
    with stage.house.db.begin(actor="owner") as tx:
        for payment_id in sorted(stage.facts.payments.values()):
            settle.ask_to_observe(tx, payment_id, "test")
    done = [0, 0]
    while first.worker.step(limit=1) + second.worker.step(limit=1):
        done = [done[0] + 1, done[1] + 1]
    assert min(done) > 2
    stage.work()
    assert stage.look(waiting) == 0
    assert max(stage.box.taken.values(), default=1) == 1
