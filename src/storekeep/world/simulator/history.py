"""The days before the demo opened, played in virtual time through the same verbs."""

import random
from dataclasses import replace

from storekeep.flows import house as houses
from storekeep.flows.chores import Housekeeper
from storekeep.flows.house import House
from storekeep.kernel.clock import DAY, HOUR, MINUTE, SystemClock, VirtualClock
from storekeep.kernel.db import Database
from storekeep.world.simulator import agents, carriers, hands, shoppers
from storekeep.world.simulator.actors import Actor, Stage, World
from storekeep.world.simulator.till import PageTill

DAYS = 9


def play(house: House, days: int = DAYS, seed: int = 1, ca_file: str | None = None) -> int:
    """Play `days` days that end now; returns how many turns were taken. Payments are made on the real sandbox."""
    end = SystemClock().now()
    clock = VirtualClock(end - days * DAY)
    db = Database(house.db.url, clock=clock, synchronous="OFF")
    rng = random.Random(seed)  # noqa: S311 - a game, no secret
    services = replace(house.services, db=db)
    then = houses.build(services, name="history", rng=rng, media_folder=house.media_folder)
    stage = Stage(then, PageTill(ca_file=ca_file), rng)
    world = World(stage, _cast())
    keeper = Housekeeper(db)
    turns = 0
    while clock.now() < end:
        turns += world.step()
        then.worker.drain()
        keeper.step()
        clock.move_to(min(world.next_turn(), end))
    db.close()
    return turns


def _cast() -> list[Actor]:
    return [
        Actor("shoppers", 2 * HOUR, shoppers.shop),
        Actor("pickers", 80 * MINUTE, hands.pick),
        Actor("packers", 80 * MINUTE, hands.pack),
        Actor("vans", 12 * HOUR, hands.hand_over),
        Actor("carriers", 7 * HOUR, carriers.scanner(6 * HOUR)),
        Actor("suppliers", 30 * HOUR, hands.restock),
        Actor("waverers", DAY, shoppers.change_mind),
        Actor("complainers", 14 * HOUR, shoppers.complain),
        Actor("agents", 22 * HOUR, agents.answer),
    ]
