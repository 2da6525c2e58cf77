"""The demo's world at the pace of the clock on the wall: a thread that gives every actor its turn."""

import logging
import random
import threading

from storekeep.flows.house import House
from storekeep.kernel.clock import MINUTE, SECOND
from storekeep.shop.site import profile
from storekeep.world.simulator import carriers, hands, shoppers
from storekeep.world.simulator.actors import Actor, Stage, World
from storekeep.world.simulator.till import PageTill

log = logging.getLogger("storekeep.world")


def start(house: House, pace: float, stop: threading.Event, ca_file: str | None = None) -> threading.Thread:
    """Bring the world to life; at pace 1 a shopper comes every ten seconds or so. It rests while the owner wants."""
    thread = threading.Thread(target=_live, args=(house, pace, stop, ca_file), name="demo-world", daemon=True)
    thread.start()
    return thread


def _live(house: House, pace: float, stop: threading.Event, ca_file: str | None) -> None:
    rng = random.Random(house.db.clock.now())  # noqa: S311 - a game, no secret
    world = World(Stage(house, PageTill(ca_file=ca_file), rng), cast(pace))
    while not stop.wait(0.2):
        with house.db.read() as tx:
            shop = profile.load(tx)
        if shop.is_demo and shop.demo_world_on:
            world.step()


def cast(pace: float) -> list[Actor]:
    """The demo's actors; `pace` 2 makes everybody twice as quick."""

    def every(seconds: int) -> int:
        return int(seconds * SECOND / pace)

    return [
        Actor("shoppers", every(10), shoppers.shop),
        Actor("pickers", every(9), hands.pick),
        Actor("packers", every(9), hands.pack),
        Actor("vans", every(40), hands.hand_over),
        Actor("carriers", every(15), carriers.scanner(int(45 * SECOND / pace))),
        Actor("suppliers", every(120), hands.restock),
        Actor("waverers", int(4 * MINUTE / pace), shoppers.change_mind),
        Actor("complainers", int(3 * MINUTE / pace), shoppers.complain),
    ]
