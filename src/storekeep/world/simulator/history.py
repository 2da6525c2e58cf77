"""The days before the demo opened, played in virtual time through the same verbs and by the same actors."""

import random
from dataclasses import replace

from storekeep.flows import house as houses
from storekeep.flows.chores import Housekeeper
from storekeep.flows.house import House
from storekeep.kernel.clock import DAY, MINUTE, SystemClock, VirtualClock
from storekeep.kernel.db import Database
from storekeep.world.simulator import demo_cast
from storekeep.world.simulator.programs import Program
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.till import PageTill, Till

DAYS = 9
#: People act for so long before the worker has its turn.
AT_ONCE = 10 * MINUTE


def play(house: House, days: int = DAYS, ca_file: str | None = None, bank: Till | None = None) -> int:
    """Play `days` days that end now; returns how many events there were. Payments are made on the real sandbox.

    `bank` is another place to pay at. Whatever is under way at the end is left to the living demo.
    """
    end = SystemClock().now()
    clock = VirtualClock(end - days * DAY)
    db = Database(house.db.url, clock=clock, synchronous="OFF")
    rng = random.Random(demo_cast.SEED)  # noqa: S311 - a game, no secret
    services = replace(house.services, db=db)
    then = houses.build(services, name="history", rng=rng, media_folder=house.media_folder)
    schedule = Schedule(clock, random.Random(f"{demo_cast.SEED}:schedule"))  # noqa: S311 - a game, no secret
    tempo = demo_cast.days_before(demo_cast.timezone_of(house))
    stage = demo_cast.stage(then, schedule, tempo, Program("web", clock, lambda _program: then))
    demo_cast.people(stage, tempo, bank or PageTill(ca_file=ca_file))
    keeper = Housekeeper(db)
    while (at := schedule.next_at()) is not None and at < end:
        schedule.run_until(min(at + AT_ONCE, end))
        then.worker.drain()
        keeper.step()
    schedule.close()
    db.close()
    return schedule.turn
