"""The demo's world at the pace of the clock on the wall: a thread in which the simulation's actors live."""

import logging
import random
import threading

from storekeep.flows.house import House
from storekeep.kernel.clock import MILLISECOND, SECOND, Instant
from storekeep.shop.site import profile
from storekeep.world.simulator import demo_cast
from storekeep.world.simulator.play import Play
from storekeep.world.simulator.programs import Program
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.till import PageTill

log = logging.getLogger("storekeep.world")

#: How often the owner's switch is looked at, in seconds; nothing is done more often than every `SHORTEST_S`.
LONGEST_S, SHORTEST_S = 1.0, 0.05
GRAIN: Instant = 10 * MILLISECOND


class Closing(BaseException):
    """The shop closes: everybody leaves."""


class OpenShop(Program):
    """The running shop as the demo's people see it. It is never killed; when it closes they are sent home."""

    def __init__(self, house: House, stop: threading.Event) -> None:
        super().__init__("web", house.db.clock, lambda _program: house)
        self._stop = stop

    def enter(self) -> House:
        """The house. Raises `Closing` once the server is being stopped."""
        if self._stop.is_set():
            raise Closing
        return super().enter()


def start(house: House, pace: float, stop: threading.Event, ca_file: str | None = None) -> threading.Thread:
    """Bring the world to life; at pace 1 a shopper comes every ten seconds or so. It rests while the owner wants.

    The thread ends soon after `stop` is set. `ca_file` vouches for the payment pages, where they need it.
    """
    thread = threading.Thread(target=_live, args=(house, pace, stop, ca_file), name="demo-world", daemon=True)
    thread.start()
    return thread


def _live(house: House, pace: float, stop: threading.Event, ca_file: str | None) -> None:
    clock = house.db.clock
    # The schedule belongs to this thread: its lives are greenlets, and they cannot move.
    schedule = Schedule(clock, random.Random(clock.now()), GRAIN)  # noqa: S311 - a game, no secret
    schedule.on_end = _ended
    tempo = demo_cast.living(pace, demo_cast.timezone_of(house))
    play = demo_cast.stage(house, schedule, tempo, OpenShop(house, stop))
    demo_cast.people(play, tempo, PageTill(ca_file=ca_file))
    try:
        while not stop.wait(_pause(play)):
            if _is_awake(house):
                if play.moving_since is None:
                    play.moving_since = clock.now()
                schedule.run_due()
                play.acknowledged.clear()
            else:
                play.moving_since = None
    finally:
        schedule.close()


def _pause(play: Play) -> float:
    """Seconds until somebody wants to act, within bounds. A world at rest is looked at now and then."""
    due = play.schedule.next_at()
    if due is None or play.moving_since is None:
        return LONGEST_S
    return min(LONGEST_S, max(SHORTEST_S, (due - play.now) / SECOND))


def _is_awake(house: House) -> bool:
    try:
        with house.db.read() as tx:
            shop = profile.load(tx)
    except Exception:
        log.exception("the demo world could not see whether it may go on")
        return False
    return shop.is_demo and shop.demo_world_on


def _ended(error: BaseException) -> None:
    """A life ended in a way that no rule foresees; the others go on."""
    if not isinstance(error, Closing):
        log.error("somebody in the demo world stumbled", exc_info=error)
